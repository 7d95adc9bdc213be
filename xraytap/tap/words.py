"""What mitmproxy says when a flow ends badly, in words for a person."""

from __future__ import annotations

import re
from enum import Enum

NOT_RECORDED = (
    "xraytap: the host has answered, but the answer could not be recorded, and --fail-closed asks for no "
    "unrecorded answer. Check the store (free space, access), or run without --fail-closed.\n"
)


_ERRNO = {
    "-3": "name could not be looked up",
    "-2": "name not known",
    "2": "no such socket",
    "13": "permission denied",
    "61": "connection refused",
    "101": "network unreachable",
    "110": "timed out",
    "111": "connection refused",
    "113": "no route to host",
}


class Ending(Enum):
    """Whose doing it was."""

    CLIENT = "client"
    HOST = "host"
    UNREACHABLE = "unreachable"
    OTHER = "other"


def ending_of(message: str, *, request_complete: bool, never_connected: bool) -> tuple[Ending, str]:
    """Who ended the flow, and what to say about it. `message` is mitmproxy's."""
    if message.startswith("Client disconnected"):
        return Ending.CLIENT, "the client hung up before the answer was complete"
    if not request_complete:
        counts = re.search(r"received (\d+) bytes, expected (\d+)", message)
        if counts:
            return Ending.CLIENT, (
                f"the client hung up mid-request ({counts[1]} of {counts[2]} bytes of body came)"
            )
        if message.startswith("HTTP/1 protocol error"):
            return Ending.CLIENT, f"the client's request broke off or was malformed: {message}"
        if message.lower().startswith("invalid "):
            return Ending.CLIENT, f"the tap could not read the client's request: {message}"
    if never_connected:
        return Ending.UNREACHABLE, f"the host could not be reached: {connect_reason(message)}"
    if message == "server closed connection":
        return Ending.HOST, "the host closed the connection without answering"
    counts = re.search(r"received (\d+) bytes, expected (\d+)", message)
    if counts:
        return Ending.HOST, f"the host hung up mid-answer ({counts[1]} of {counts[2]} bytes of body came)"
    if message.startswith("unexpected server response"):
        return Ending.HOST, f"the host hung up inside the answer's head: {message.partition(': ')[2][:200]}"
    if message.startswith("Cannot parse HTTP response"):
        return Ending.HOST, f"the host's answer is no HTTP: {message.partition(': ')[2][:200]}"
    if message.startswith("HTTP/1 protocol error"):
        return (
            Ending.HOST,
            f"the host's answer broke off or was malformed: {message.partition(': ')[2][:200]}",
        )
    return Ending.OTHER, message


def connect_reason(message: str) -> str:
    """`connection refused` of `[Errno 111] Connect call failed ('127.0.0.1', 9363)`."""
    match = re.match(r"\[Errno (-?\d+)\]", message)
    if match and match[1] in _ERRNO:
        return _ERRNO[match[1]]
    if "cannot agree on a TLS version" in message:
        return "it speaks no TLS version that is safe today (accept an old one with --insecure)"
    if "certificate verify failed" in message.lower():
        return f"{message} (accept any certificate with --insecure)"
    return message
