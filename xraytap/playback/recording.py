"""The recorded calls in the shape that finding one needs: by meaning, with the session set apart."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xraytap.playback.matching import is_loose, meaning, unify
from xraytap.protocol.golden import Join, Reply, Symbol, leaves
from xraytap.protocol.messages import SESSIONLESS, strip_async, takes_session
from xraytap.protocol.restyle import restyle_params

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping

    from xraytap.playback.matching import Key
    from xraytap.protocol.datamodel import Model
    from xraytap.protocol.golden import Golden, GoldenCall, Symbolic
    from xraytap.protocol.values import Value

    type Series = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as matching sees it: `params` without the session and as XML-RPC writes them; `session` is
    the symbol that the client's token stands for, or the token if it stands for none; None for a call that
    carries none. `count` is of all parameters."""

    method: str
    params: tuple[Value, ...]
    session: Symbol | str | None
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A recorded call as matching sees it; see Asked. `session` may be a text that was no session.
    `refused`: the host refused it for its session. `keys` are the meanings of `params`, `free` tells which of
    them have symbols in them, so that other texts may mean the same."""

    call: GoldenCall
    params: tuple[Symbolic, ...]
    session: Symbolic
    is_login: bool
    refused: bool
    keys: tuple[Key, ...]
    free: tuple[bool, ...]


class Recording:
    """The calls of `golden`, found by meaning. Numbers are indices from 0.

    `strangers` are sessions whose login the recording does not have; `invalid` those of them that the host
    refused. `has_login`: whether anybody logs in at all.
    """

    def __init__(self, golden: Golden, model: Model) -> None:
        self.model = model
        self.calls = tuple(self._recorded(each) for each in golden.calls)
        self.by_method: dict[str, list[int]] = defaultdict(list)
        self._loose: dict[str, list[int]] = defaultdict(list)
        equal: dict[Key, list[int]] = defaultdict(list)
        lanes: dict[Symbolic, list[int]] = defaultdict(list)
        sessions = {each.session for each in self.calls if isinstance(each.session, Symbol)}
        self.strangers = sessions - {
            each.call.value for each in self.calls if each.is_login and isinstance(each.call.value, Symbol)
        }
        self.invalid = {
            each.session
            for each in self.calls
            if each.refused and isinstance(each.session, Symbol) and each.session in self.strangers
        }
        self.has_login = any(each.is_login for each in self.calls)
        for index, each in enumerate(self.calls):
            self.by_method[each.call.method].append(index)
            session = each.session if isinstance(each.session, Symbol | str) else None
            key = (each.call.method, len(each.call.params), *each.keys)
            if each.refused:
                equal["refused", key, session].append(index)
                continue
            lanes[session].append(index)
            if any(map(is_loose, each.params)):
                self._loose[each.call.method].append(index)
                continue
            equal[key, session].append(index)
            if not isinstance(session, str):
                equal[key].append(index)
        self._equal: dict[Key, Series] = {key: tuple(found) for key, found in equal.items()}
        self.lanes: dict[Symbolic, Series] = {key: tuple(found) for key, found in lanes.items()}

    def equal(self, asked: Asked, symbols: Mapping[str, Symbol]) -> Series:
        """The recorded calls that mean the same: those of the same session, else those of any."""
        key = _key(asked, symbols)
        return self._equal.get((key, asked.session)) or self._equal.get(key, ())

    def refusals(self, asked: Asked, symbols: Mapping[str, Symbol]) -> Series:
        """The recorded calls that mean the same and were refused for their session."""
        return self._equal.get(("refused", _key(asked, symbols), asked.session), ())

    def loose(self, asked: Asked, symbols: Mapping[str, Symbol], given: Container[Symbol]) -> Series:
        """The recorded calls that mean the same whatever stands for their secrets, times and inner references:
        those of the same session, else those of any."""
        loose = self._loose.get(asked.method, ())
        found = tuple(index for index, _ in self.fitting(loose, asked, symbols, given))
        return tuple(index for index in found if self.calls[index].session == asked.session) or found

    def logins(self, asked: Asked) -> Series:
        """The recorded logins for credentials that the recording does not have: those that succeeded, of the
        same number of parameters if there are any such."""
        found = [index for index in self.by_method.get(asked.method, ()) if self.calls[index].is_login]
        alike = [index for index in found if len(self.calls[index].params) == asked.count] or found
        good = [index for index in alike if self.calls[index].call.reply is Reply.ANSWER]
        return tuple(good or (alike if alike is not found else ()))

    def fitting(
        self,
        candidates: Iterable[int],
        asked: Asked,
        symbols: Mapping[str, Symbol],
        given: Container[Symbol],
    ) -> Iterator[tuple[int, dict[str, Symbol]]]:
        """Those of `candidates`, calls of the same method, that `asked` may be, and what must be bound for that."""
        here = [meaning(each, symbols) for each in asked.params]
        for index in candidates:
            recorded = self.calls[index]
            if len(recorded.call.params) != asked.count:
                continue
            # Cheap, and leaves over few: a golden may have ten thousand calls of one method.
            parts = zip(recorded.free, recorded.keys, here, strict=True)
            if any(not free and key != sent for free, key, sent in parts):
                continue
            bound = unify(recorded.params, asked.params, symbols, given)
            if bound is not None:
                yield index, bound

    def _recorded(self, call: GoldenCall) -> Recorded:
        params = call.params
        if call.protocol == "jsonrpc":
            params = restyle_params(call.method, params, self.model, to="xmlrpc")
        name = strip_async(call.method)[0]
        session = takes_session(name) and bool(params)
        behind = params[1:] if session else params
        return Recorded(
            call=call,
            params=behind,
            session=params[0] if session else None,
            is_login=name in SESSIONLESS,
            refused=session and _is_refusal(call),
            keys=tuple(meaning(each, {}) for each in behind),
            free=tuple(any(isinstance(leaf, Symbol | Join) for leaf in leaves(each)) for each in behind),
        )


def _key(asked: Asked, symbols: Mapping[str, Symbol]) -> Key:
    return (asked.method, asked.count, *[meaning(each, symbols) for each in asked.params])


def _is_refusal(call: GoldenCall) -> bool:
    return (
        call.reply is Reply.FAILS and isinstance(call.value, list) and call.value[:1] == ["SESSION_INVALID"]
    )
