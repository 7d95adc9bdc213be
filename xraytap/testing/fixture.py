"""The fixture's life: which golden, played or recorded, and what the test's end has to say."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, cast

import pytest

from xraytap.errors import UsageError, XraytapError
from xraytap.testing.guard import loopback_only
from xraytap.testing.paths import SHIPPED, golden_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from xraytap.testing.host import XenHost
    from xraytap.testing.playback import PlaybackHost
    from xraytap.testing.recording import RecordingHost

_MODES = ("match", "loop", "strict")
_UNUSED = ("ignore", "fail")


@dataclass(slots=True)
class _Run:
    """What is known of a test's host while it runs."""

    played: PlaybackHost | None = None
    recorded: RecordingHost | None = None
    tried: list[str] = field(default_factory=list)
    passed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """What a test's marker says."""

    path: str | None = None
    mode: str = "match"
    unused: str = "ignore"
    network: bool = False


_RUN = pytest.StashKey[_Run]()


def serve(request: pytest.FixtureRequest, folders: pytest.TempPathFactory) -> Iterator[XenHost]:
    """The host of the fixture, for as long as the test runs."""
    item = request.node
    run = item.stash[_RUN] = _Run()
    reason = ""
    try:
        yield from _serve(request, folders, run)
    except XraytapError as error:
        reason = str(error)
    if reason:
        pytest.fail(reason, pytrace=False)


def _serve(request: pytest.FixtureRequest, folders: pytest.TempPathFactory, run: _Run) -> Iterator[XenHost]:
    item = request.node
    wish = _wish(item)
    path = golden_path(
        wish.path,
        module=request.path,
        test=_test_name(item),
        folder=str(request.config.getini("xraytap_goldens")),
    )
    record = _records(request.config, wish, path, item.nodeid)
    with ExitStack() as stack:
        if record:
            run.recorded = stack.enter_context(_recording(request, folders, path))
        else:
            run.played = stack.enter_context(_playback(path, wish, item.nodeid))
        if not wish.network:
            run.tried = stack.enter_context(loopback_only())
        yield run.played or cast("RecordingHost", run.recorded)
    if run.recorded is not None:
        item.user_properties.append(("xraytap", _save(run.recorded, item.nodeid, passed=run.passed)))
    elif run.played is not None:
        _finish(run.played, item.nodeid, unused=wish.unused == "fail" and run.passed)


def verify(item: pytest.Item) -> None:
    """Fail the test that has gone through, if its client asked for what is not recorded or for other hosts."""
    run = item.stash.get(_RUN, None)
    if run is None:
        return
    text = None if run.played is None else run.played.unmatched()
    if text is not None:
        pytest.fail(f"{text}{_how_to_record(item.nodeid)}", pytrace=False)
    if run.tried:
        where = ", ".join(dict.fromkeys(run.tried))
        pytest.fail(f"the test tried to reach {where}, and went on when that was refused.", pytrace=False)
    run.passed = True


def add_reasons(item: pytest.Item, when: str) -> None:
    """Show with a test that has failed which calls had no answer, recorded or from the real host: they may be why."""
    run = item.stash.get(_RUN, None)
    text = None
    if run is not None and run.played is not None:
        text = run.played.unmatched()
    elif run is not None and run.recorded is not None:
        text = run.recorded.unanswered()
    if text is not None:
        item.add_report_section(when, "xraytap", text)


def _save(host: RecordingHost, test: str, *, passed: bool) -> str:
    """Write the golden of a test that passed; what is to be said of it."""
    if not passed:
        return f"not recorded, as {test} did not pass: {host.golden}"
    missing = host.save()
    return f"{host.golden}: {len(host.calls)} calls" + ("" if missing is None else f"; {missing}")


def _finish(host: PlaybackHost, test: str, *, unused: bool) -> None:
    """After the test and its clients' teardown: late calls, and with `unused` those that never came."""
    late = host.unmatched()
    if late is not None:
        pytest.fail(f"at the test's end: {late}{_how_to_record(test)}", pytrace=False)
    text = host.unused() if unused else None
    if text is not None:
        pytest.fail(text, pytrace=False)


def _wish(item: pytest.Item) -> _Wish:
    marker = item.get_closest_marker("xen_golden")
    if marker is None:
        return _Wish()
    known = ("mode", "unused", "network")
    odd = [name for name in marker.kwargs if name not in known]
    if odd or len(marker.args) > 1:
        found = ", ".join(odd) or f"{len(marker.args)} paths"
        raise UsageError(f"{item.nodeid}: xen_golden has {found}; expected one path, {', '.join(known)}.")
    wish = _Wish(path=str(marker.args[0]) if marker.args else None, **marker.kwargs)
    for name, word, words in (("mode", wish.mode, _MODES), ("unused", wish.unused, _UNUSED)):
        if word not in words:
            raise UsageError(f"{item.nodeid}: xen_golden has {name}={word!r}; expected {' or '.join(words)}.")
    return wish


def _test_name(item: pytest.Item) -> str:
    owner = getattr(item, "cls", None)
    return item.name if owner is None else f"{owner.__qualname__}.{item.name}"


def _records(config: pytest.Config, wish: _Wish, path: Path, test: str) -> bool:
    """Whether this golden is recorded now."""
    url = config.getoption("xraytap_record")
    mode: Literal["none", "once", "all"] = config.getoption("xraytap_mode") or ("once" if url else "none")
    if mode == "none" or (mode == "once" and path.exists()):
        return False
    if (wish.path or "").startswith(SHIPPED):
        return False  # they come with xraytap and stay as they are
    if not url:
        raise UsageError(f"--xraytap-mode={mode} needs --xraytap-record=URL, the host to record {test} from.")
    return True


def _playback(path: Path, wish: _Wish, test: str) -> PlaybackHost:
    from xraytap.store.golden import load_golden
    from xraytap.testing.playback import PlaybackHost

    if not path.exists():
        pytest.fail(f"the golden {path} is not there.{_how_to_record(test, 'once')}", pytrace=False)
    return PlaybackHost(load_golden(path), path, mode=wish.mode)


def _recording(request: pytest.FixtureRequest, folders: pytest.TempPathFactory, path: Path) -> RecordingHost:
    from xraytap.testing.recording import RecordingHost

    return RecordingHost(
        str(request.config.getoption("xraytap_record")),
        path,
        folders.mktemp("xraytap") / "calls.db",
        about=f"Recorded by {request.node.nodeid}",
        insecure=bool(request.config.getoption("xraytap_insecure")),
    )


def _how_to_record(test: str, mode: str = "all") -> str:
    return f"\n\nTo record it: pytest '{test}' --xraytap-record=http://XENHOST --xraytap-mode={mode}"
