"""The recorded traffic under `tests/wire`, as exchanges."""

from __future__ import annotations

from pathlib import Path

from xraytap.protocol.call import Exchange, Message

ROOT = Path(__file__).parent / "wire"
FOLDERS = sorted(path.name for path in ROOT.iterdir() if path.is_dir())


def message_of(data: bytes) -> Message | None:
    """A whole HTTP message as recorded; None for the empty file that stands for no answer."""
    if not data:
        return None
    head, blank, body = data.partition(b"\r\n\r\n")
    return Message(head=head + blank, body=body, size=len(body))


def exchanges(folder: str) -> list[Exchange]:
    """The calls of one recording in order."""
    found = []
    for number, path in enumerate(sorted((ROOT / folder).glob("*.request")), 1):
        request = message_of(path.read_bytes())
        answer = path.with_suffix(".response")
        response = message_of(answer.read_bytes()) if answer.exists() else None
        if request is None:
            raise ValueError(f"{path} is empty")
        found.append(
            Exchange(
                started_at_us=1_700_000_000_000_000 + number,
                elapsed_us=1000,
                client="127.0.0.1:40000",
                connection=1,
                request=request,
                response=response,
                error=None if response else "the host closed the connection without an answer",
            )
        )
    return found


EVERY = [(folder, number, each) for folder in FOLDERS for number, each in enumerate(exchanges(folder), 1)]
IDS = [f"{folder}/{number:03d}" for folder, number, _ in EVERY]
