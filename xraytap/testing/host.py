"""What the fixture `xen_host` gives: an address for clients, the calls that came, and assertions on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from xraytap.testing.call import HostCall, differences, is_method

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_LISTED = 30


class XenHost:
    """A host for one test, played back or recorded. `url` is where clients reach it, `golden` the file that it
    is played from or will be recorded to."""

    recording = False

    def __init__(self, url: str, golden: Path) -> None:
        self.url = url
        self.golden = golden

    @property
    def host(self) -> str:
        """The address alone."""
        return str(urlsplit(self.url).hostname)

    @property
    def port(self) -> int:
        """The port alone."""
        return int(urlsplit(self.url).port or 0)

    @property
    def calls(self) -> list[HostCall]:
        """The calls that came, in order; those whose answer is under way are not yet among them."""
        raise NotImplementedError

    def ref(self, name: str) -> str:
        """The reference that stands for a symbol of the golden in this run, such as `VM.2`."""
        raise NotImplementedError

    def uuid(self, name: str) -> str:
        """The uuid that does."""
        raise NotImplementedError

    def assert_called(self, method: str, /, *args: Any, times: int | None = None, **params: Any) -> HostCall:
        """That `method` was called with these parameters (others are free), `times` times or at least once.

        `args` are the parameters behind the session from the first on, `params` some of them by name. `*` in the
        method stands for any letters. The last such call.
        """
        __tracebackhide__ = True
        found = self._called(method, args, params)
        if times is None and not found:
            raise AssertionError(
                f"{_wanted(method, args, params)} was not called.{self._instead(method, args, params)}"
            )
        if times is not None and len(found) != times:
            how_often = f"was called {len(found)} times, expected {times}"
            raise AssertionError(
                f"{_wanted(method, args, params)} {how_often}.{self._instead(method, args, params)}"
            )
        return found[-1] if found else self._none(method)

    def assert_called_once(self, method: str, /, *args: Any, **params: Any) -> HostCall:
        """That `method` was called once with these parameters. The call."""
        __tracebackhide__ = True
        return self.assert_called(method, *args, times=1, **params)

    def assert_not_called(self, method: str, /, *args: Any, **params: Any) -> None:
        """That no call has this method (`VM.*`, `*.destroy`) and these parameters."""
        __tracebackhide__ = True
        found = self._called(method, args, params)
        if found:
            listed = "".join(f"\n  call {call.seq}: {call}" for call in found[:_LISTED])
            raise AssertionError(f"{_wanted(method, args, params)} was called:{listed}")

    def assert_order(self, *methods: str) -> None:
        """That these methods were called in this order; others may come between them."""
        __tracebackhide__ = True
        rest = iter(self.calls)
        for position, method in enumerate(methods):
            if not any(is_method(call, method) for call in rest):
                after = f" after {methods[position - 1]}" if position else ""
                listed = "".join(f"\n  call {call.seq}: {call.method}" for call in self.calls[:_LISTED])
                raise AssertionError(f"{method} was not called{after}. The calls:{listed or ' none'}")

    def _called(self, method: str, args: Sequence[Any], params: dict[str, Any]) -> list[HostCall]:
        return [
            call
            for call in self.calls
            if is_method(call, method) and next(differences(call, args, params), None) is None
        ]

    def _instead(self, method: str, args: Sequence[Any], params: dict[str, Any]) -> str:
        """The calls of that method and in what they differ; all calls where there are none."""
        like = [call for call in self.calls if is_method(call, method)]
        if not like:
            listed = "".join(f"\n  call {call.seq}: {call.method}" for call in self.calls[:_LISTED])
            return f" The calls that came:{listed}" if listed else " No call came at all."
        lines = ["", f"Its calls were ({len(like)}):"]
        for call in like[:_LISTED]:
            lines.append(f"  call {call.seq}: {call}")
            lines += [f"      {text}" for text in differences(call, args, params)]
        return "\n".join(lines)

    @staticmethod
    def _none(method: str) -> HostCall:
        return HostCall(seq=0, method=method, args=(), params={}, session=None, outcome="")


def _wanted(method: str, args: Sequence[Any], params: dict[str, Any]) -> str:
    inside = [*map(repr, args), *(f"{name}={value!r}" for name, value in params.items())]
    return f"{method}({', '.join(inside)})" if inside else method
