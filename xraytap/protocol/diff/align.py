"""Two recordings compared call by call: what is the same call, and what of it differs.

Calls are aligned by what they ask and what was answered, the finest likeness first; symbols are paired as calls
are, and calls aligned again with that knowledge. What has no partner was inserted or removed, or stands elsewhere.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from xraytap.protocol.diff.bijection import Bijection, Votes
from xraytap.protocol.diff.keys import MAPPED, shape, value_key
from xraytap.protocol.diff.polls import is_idle_poll
from xraytap.protocol.diff.sequence import align_levels
from xraytap.protocol.diff.values import Change, diff_values
from xraytap.protocol.golden import Symbol
from xraytap.protocol.restyle import restyle_params, restyle_result

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from xraytap.protocol.diff.sequence import Pairs
    from xraytap.protocol.diff.volatile import Places, Rules
    from xraytap.protocol.golden import GoldenCall, Symbolic

    type Levels = tuple[list[list[Hashable]], list[list[Hashable]]]


class Verdict(StrEnum):
    """What became of a call. MOVED: the same, but it stands elsewhere. LEFT, RIGHT: only that side has it. POLL:
    one side asked more often for a task that goes on or for events that had not come: no difference."""

    SAME = "same"
    ANSWER = "answer"
    PARAMS = "params"
    MOVED = "moved"
    LEFT = "left"
    RIGHT = "right"
    POLL = "poll"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A call of the left with its partner. `left`, `right`: indices from 0, None where that side lacks it.

    `params` and `answer` are what differs in each; paths begin with the parameter's index, and in the value of
    the answer. `outcome`: the answers are of different kinds (a value here, a failure there), so their values
    were not compared. `moved` is set for a call that stands elsewhere even if it differs as well.
    """

    verdict: Verdict
    left: int | None
    right: int | None
    params: tuple[Change, ...] = ()
    answer: tuple[Change, ...] = ()
    outcome: bool = False
    moved: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The pairs in reading order; `symbols` tells which symbol of the left is which of the right."""

    pairs: tuple[Pair, ...]
    symbols: Bijection

    def count(self) -> Counter[Verdict]:
        """How many calls of each verdict."""
        return Counter(pair.verdict for pair in self.pairs)

    @property
    def differs(self) -> bool:
        """Whether anything but sameness was found."""
        return any(pair.verdict not in (Verdict.SAME, Verdict.POLL) for pair in self.pairs)


def compare_calls(left: Sequence[GoldenCall], right: Sequence[GoldenCall], rules: Rules) -> Comparison:
    """Compare two recordings. Where one was made over JSON-RPC and the other not, its values count as the left's
    protocol writes them (an int of the Xen-API is a number there and a text here), if the model is known."""
    return _Comparer(left, right, rules).comparison()


class _Comparer:
    """One comparison."""

    def __init__(self, left: Sequence[GoldenCall], right: Sequence[GoldenCall], rules: Rules) -> None:
        self._left = left
        self._right = right
        self._rules = rules
        self._places = {
            call.method: (rules.params(call.method), rules.answer(call.method)) for call in (*left, *right)
        }
        self._symbols = Bijection()
        self._both: list[Symbol] = []

    def comparison(self) -> Comparison:
        seen: dict[Symbol, None] = {}
        seen_right: dict[Symbol, None] = {}
        shaped = self._keys(self._left, _noting(seen)), self._keys(self._right, _noting(seen_right))
        self._both = [symbol for symbol in seen if symbol in seen_right and symbol.kind in MAPPED]
        pairs = align_levels(*shaped)
        self._symbols = self._learn(shaped, pairs + self._alone(shaped, pairs))
        pairs, moved = self._aligned(shaped)
        learnt = self._learn(shaped, pairs + moved)
        if not learnt.agrees(self._symbols):
            self._symbols = learnt
            pairs, moved = self._aligned(shaped)
        for likeness in (lambda call: (call.method, call.reply), lambda call: call.method):
            pairs = sorted(pairs + self._alike(pairs, moved, likeness))
        return Comparison(pairs=tuple(self._ordered(pairs, moved)), symbols=self._symbols)

    def _aligned(self, shaped: Levels) -> tuple[Pairs, Pairs]:
        """The calls that are in order and those that moved, by the symbols known so far."""
        named = (
            self._keys(self._left, self._symbols.left_name),
            self._keys(self._right, self._symbols.right_name),
        )
        pairs = align_levels([*named[0], *shaped[0]], [*named[1], *shaped[1]])
        pairs = [(i, j) for i, j in pairs if self._one_object(self._left[i], self._right[j])]
        return pairs, self._moved(named, pairs)

    def _keys(self, calls: Sequence[GoldenCall], name: Callable[[Symbol], str]) -> list[list[Hashable]]:
        """Keys of all calls: with their answers, then without."""
        asked: list[Hashable] = []
        answered: list[Hashable] = []
        for call in calls:
            params, answer = self._places[call.method]
            what = (call.method, value_key(list(call.params), params, name))
            asked.append(hash(what))
            answered.append(hash((what, call.reply, value_key(call.value, answer, name))))
        return [answered, asked]

    def _learn(self, shaped: Levels, pairs: Pairs) -> Bijection:
        """Which symbols are one, by the pairs so far. What is alike with many others says little."""
        (mine_shaped, _), (theirs_shaped, _) = shaped
        often = Counter(mine_shaped), Counter(theirs_shaped)
        votes = Votes()
        for i, j in pairs:
            left, right = self._left[i], self._right[j]
            alike = mine_shaped[i] == theirs_shaped[j]
            weight = (1.0 if alike else 0.25) / max(often[0][mine_shaped[i]], often[1][theirs_shaped[j]])
            params, answer = self._places[left.method]
            votes.add(list(left.params), list(right.params), params, weight)
            if left.reply == right.reply:
                votes.add(left.value, right.value, answer, weight)
        return votes.bijection(self._both)

    def _alone(self, shaped: Levels, pairs: Pairs) -> Pairs:
        """Calls without a partner that are alike, and alike with no others, wherever they stand."""
        often = Counter(shaped[0][0]), Counter(shaped[1][0])
        return [
            (i, j)
            for i, j in self._moved(shaped, pairs)
            if often[0][shaped[0][0][i]] == often[1][shaped[1][0][j]] == 1
        ]

    def _moved(self, named: Levels, pairs: Pairs) -> Pairs:
        """Calls without a partner that are the same to the last symbol, wherever they stand."""
        taken, taken_right = {i for i, _ in pairs}, {j for _, j in pairs}
        free: dict[Hashable, deque[int]] = defaultdict(deque)
        for j, key in enumerate(named[1][0]):
            if j not in taken_right:
                free[key].append(j)
        return [
            (i, free[key].popleft()) for i, key in enumerate(named[0][0]) if i not in taken and free.get(key)
        ]

    def _alike(self, pairs: Pairs, moved: Pairs, likeness: Callable[[GoldenCall], Hashable]) -> Pairs:
        """Calls of one method between the same neighbours: the call with other parameters, unless it is another
        object's."""
        taken, taken_right = {i for i, _ in moved}, {j for _, j in moved}
        found: Pairs = []
        at_left = at_right = 0
        for i, j in (*pairs, (len(self._left), len(self._right))):
            free: dict[Hashable, deque[int]] = defaultdict(deque)
            for right in range(at_right, j):
                if right not in taken_right:
                    free[likeness(self._right[right])].append(right)
            last = at_right - 1
            for left in range(at_left, i):
                candidates = free.get(likeness(self._left[left]))
                while candidates and candidates[0] <= last:
                    candidates.popleft()
                if (
                    left not in taken
                    and candidates
                    and self._one_object(self._left[left], self._right[candidates[0]])
                ):
                    last = candidates.popleft()
                    found.append((left, last))
            at_left, at_right = i + 1, j + 1
        return found

    def _one_object(self, left: GoldenCall, right: GoldenCall) -> bool:
        """Whether no reference among the parameters is known to be another object's."""
        return all(
            self._symbols.same(mine, theirs) is not False
            for mine, theirs in zip(left.params, right.params, strict=False)
            if isinstance(mine, Symbol) and isinstance(theirs, Symbol)
        )

    def _ordered(self, pairs: Pairs, moved: Pairs) -> list[Pair]:
        """Every call of both sides once: as the left has them, what only the right has where it stands there."""
        elsewhere, arrived = dict(moved), {j for _, j in moved}
        found: list[Pair] = []
        at_left = at_right = 0
        for i, j in (*pairs, (len(self._left), len(self._right))):
            for left in range(at_left, i):
                if left in elsewhere:
                    found.append(self._pair(left, elsewhere[left], moved=True))
                else:
                    verdict = Verdict.POLL if is_idle_poll(self._left[left]) else Verdict.LEFT
                    found.append(Pair(verdict=verdict, left=left, right=None))
            found += [
                Pair(
                    verdict=Verdict.POLL if is_idle_poll(self._right[right]) else Verdict.RIGHT,
                    left=None,
                    right=right,
                )
                for right in range(at_right, j)
                if right not in arrived
            ]
            if i < len(self._left):
                found.append(self._pair(i, j, moved=False))
            at_left, at_right = i + 1, j + 1
        return found

    def _pair(self, i: int, j: int, *, moved: bool) -> Pair:
        left, right = self._left[i], self._right[j]
        params, answer = self._places[left.method]
        asked, answered = self._restyled(left, right)
        changed = self._diff(list(left.params), list(asked), params)
        outcome = (left.reply, left.status, left.http_status) != (
            right.reply,
            right.status,
            right.http_status,
        )
        differs: tuple[Change, ...] = ()
        if not outcome:
            differs = self._diff(left.value, answered, answer)
        verdict = Verdict.PARAMS if changed else Verdict.ANSWER if outcome or differs else Verdict.SAME
        if moved and verdict is Verdict.SAME:
            verdict = Verdict.MOVED
        return Pair(
            verdict=verdict, left=i, right=j, params=changed, answer=differs, outcome=outcome, moved=moved
        )

    def _diff(self, left: Symbolic, right: Symbolic, places: Places) -> tuple[Change, ...]:
        symbols = self._symbols
        return diff_values(
            left,
            right,
            same=symbols.same,
            partner=symbols.partner,
            ignore=places.ignore,
            unordered=places.unordered,
        )

    def _restyled(self, left: GoldenCall, right: GoldenCall) -> tuple[tuple[Symbolic, ...], Symbolic]:
        """The right's parameters and answer as the left's protocol has them."""
        model = self._rules.model
        if left.protocol == right.protocol or model is None:
            return right.params, right.value
        method = "" if right.reply == "fails" else right.method
        return (
            restyle_params(right.method, right.params, model, to=left.protocol),
            restyle_result(method, right.value, model, to=left.protocol),
        )


def _noting(seen: dict[Symbol, None]) -> Callable[[Symbol], str]:
    """Symbols by their shape, each noted in order of appearance."""

    def name(symbol: Symbol) -> str:
        seen[symbol] = None
        return shape(symbol)

    return name
