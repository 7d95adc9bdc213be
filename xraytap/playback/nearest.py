"""Why a call has no answer: the recorded call that comes nearest, and in what they differ."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from xraytap.playback.matching import ANYTHING, meaning, symbolic
from xraytap.protocol.about import About
from xraytap.protocol.diff import Change, ChangeKind, Missing, diff_values, path_text, value_words
from xraytap.protocol.diff.values import family
from xraytap.protocol.golden import Symbol
from xraytap.protocol.messages import strip_async, takes_session
from xraytap.protocol.redact_values import clean_params

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xraytap.playback.recording import Asked, Recorded, Recording
    from xraytap.protocol.golden import GoldenCall, Symbolic
    from xraytap.protocol.values import Value

_CLOSELY = 20
"""Recorded calls of one method that are compared value by value; which, a cheap count of parameters tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A place where a call differs from the recorded one: `param` is its position from 1, session included,
    `name` its name if the data model has one; `change` has the recorded value left, the sent one right."""

    param: int
    name: str
    change: Change

    def __str__(self) -> str:
        return self.text(left="there", right="here")

    def text(self, *, left: str, right: str) -> str:
        """One line, with words for the recording and for the call."""
        place = path_text(self.change.path, self.name or f"parameter {self.param}")
        if self.name:
            place = f"parameter {self.param} ({place})"
        return f"{place} is {_words(self.change, 'left')} {left}, {_words(self.change, 'right')} {right}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """A call that the golden does not have. `params` are as sent, secrets out, symbols named. `nearest` is the
    number (from 1) of the recorded call that comes nearest, which is `recorded`; None if there is none."""

    method: str
    reason: str
    params: tuple[Symbolic, ...] = ()
    nearest: int | None = None
    recorded: GoldenCall | None = None
    differences: tuple[Difference, ...] = ()


def explain(
    recording: Recording, asked: Asked, sent: tuple[Value, ...], symbols: Mapping[str, Symbol]
) -> Miss:
    """Why nothing matches. `sent` are all parameters, as they came."""
    candidates = recording.by_method.get(asked.method, [])
    params = cleaned(asked.method, sent, symbols)
    if not candidates:
        return Miss(method=asked.method, params=params, reason=_unknown(recording, asked.method))
    here = [meaning(each, symbols) for each in asked.params]
    ranked = sorted(candidates, key=lambda index: _rough(recording.calls[index], here))[:_CLOSELY]
    found = [(_differences(recording, index, asked, symbols), index) for index in ranked]
    differences, index = min(
        found, key=lambda each: len(each[0]) + 2 * abs(len(recording.calls[each[1]].params) - len(here))
    )
    return against(recording, index, asked, params, differences)


def against(
    recording: Recording,
    index: int,
    asked: Asked,
    params: tuple[Symbolic, ...],
    differences: tuple[Difference, ...],
) -> Miss:
    """The Miss whose nearest call is known."""
    call = recording.calls[index].call
    if len(call.params) != asked.count:
        what = f"it has {_many(len(call.params))}, this call {asked.count}"
    else:
        what = "; ".join(map(str, differences)) or "the same parameters, but it is no answer to this login"
    return Miss(
        method=asked.method,
        params=params,
        reason=f"nearest is recorded call {index + 1}: {what}",
        nearest=index + 1,
        recorded=call,
        differences=differences,
    )


def out_of_order(
    recording: Recording,
    asked: Asked,
    sent: tuple[Value, ...],
    symbols: Mapping[str, Symbol],
    due: int | None,
    elsewhere: int | None,
) -> Miss:
    """STRICT: why a call may not come now. `elsewhere` is where in the recording it stands, if it does."""
    params = cleaned(asked.method, sent, symbols)
    if due is None:
        last = "this session has no more calls in the recording"
        return Miss(method=asked.method, params=params, reason=f"strict order: {last}")
    call = recording.calls[due].call
    start = f"strict order: due is recorded call {due + 1}, {call.method}"
    if elsewhere is not None:
        return Miss(
            method=asked.method,
            params=params,
            reason=f"{start}; this one is recorded call {elsewhere + 1}",
            nearest=due + 1,
            recorded=call,
        )
    if call.method != asked.method:
        return Miss(method=asked.method, params=params, reason=start, nearest=due + 1, recorded=call)
    miss = against(recording, due, asked, params, _differences(recording, due, asked, symbols))
    return Miss(
        method=asked.method,
        params=params,
        reason=f"strict order: {miss.reason.removeprefix('nearest is ')}",
        nearest=due + 1,
        recorded=call,
        differences=miss.differences,
    )


def cleaned(method: str, sent: tuple[Value, ...], symbols: Mapping[str, Symbol]) -> tuple[Symbolic, ...]:
    """Parameters for people: secrets out, symbols named."""
    return tuple(symbolic(each, symbols) for each in clean_params(method, list(sent))[0])


def _differences(
    recording: Recording, index: int, asked: Asked, symbols: Mapping[str, Symbol]
) -> tuple[Difference, ...]:
    recorded = recording.calls[index]
    labels = About(model=recording.model).labels(strip_async(asked.method)[0])
    first = 1 if takes_session(strip_async(asked.method)[0]) and recorded.call.params else 0
    sent = clean_params(asked.method, [""] * first + list(asked.params))[0][first:]
    found = []
    for position, (want, have) in enumerate(zip(recorded.params, sent, strict=False), first):
        name = labels[position] if position < len(labels) else ""
        found += [
            Difference(param=position + 1, name=name, change=change)
            for change in diff_values(want, symbolic(have, symbols), same=_same)
        ]
    return tuple(found)


def _same(left: str | Symbol, right: str | Symbol) -> bool | None:
    """A secret is anything, as is a time."""
    return True if any(getattr(each, "kind", "") in ANYTHING for each in (left, right)) else None


def _rough(recorded: Recorded, here: list[object]) -> int:
    wrong = sum(want != have for want, have in zip(recorded.keys, here, strict=False))
    return wrong + 2 * abs(len(recorded.params) - len(here))


def _unknown(recording: Recording, method: str) -> str:
    names = list(recording.by_method)
    if not names:
        return "the golden has no calls at all"
    like = max(names, key=lambda name: SequenceMatcher(None, name, method).ratio())
    return f"the golden has no {method}; nearest by name is {like}"


def _words(change: Change, side: str) -> str:
    value = change.left if side == "left" else change.right
    if isinstance(value, Missing):
        return "not"
    text = str(value) if isinstance(value, Symbol) else value_words(value)
    return f"{family(value)} {text}" if change.kind is ChangeKind.TYPE else text


def _many(count: int) -> str:
    return "1 parameter" if count == 1 else f"{count} parameters"
