"""Finding on the new host what a recorded reference stood for, before a call that needs it is sent.

What is known for sure is used as it is. Where the recording shows a uuid or a name, the host is asked for it:
by the recorded call itself where that asks for the name anyway, else by get_by_uuid and get_by_name_label,
else one by one among the references of the same set. These are reading calls beside the recorded ones.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from xraytap.protocol.about import About
from xraytap.protocol.call import Outcome
from xraytap.protocol.correlate.objects import refs_in as typed_refs
from xraytap.protocol.messages import Request, strip_async
from xraytap.replay.compare import told
from xraytap.replay.effects import Effect
from xraytap.replay.mapping import Strength, refs_in
from xraytap.replay.plan import NotSent, Why
from xraytap.replay.sending import Send
from xraytap.replay.verdict import Lacking

if TYPE_CHECKING:
    from collections.abc import Generator

    from xraytap.protocol.call import Exchange
    from xraytap.protocol.correlate.objects import Object
    from xraytap.protocol.values import Value
    from xraytap.replay.compare import Told
    from xraytap.replay.mapping import Mapping
    from xraytap.replay.pairing import Pairing, Pool
    from xraytap.replay.plan import Plan, Step

MOST_CANDIDATES = 200
"""References of one set that are asked for their names, one by one."""
_ASKS_WHO = frozenset({"get_name_label", "get_uuid", "get_record"})
_TELLS_APART = frozenset({"get_record", "get_device", "get_userdevice", "get_MAC", "get_number"})
"""What tells objects without a name from one another."""


class Finder:
    """Finds, and remembers what the host lacks."""

    def __init__(self, plan: Plan, mapping: Mapping, pairing: Pairing) -> None:
        self._plan = plan
        self._mapping = mapping
        self._pairing = pairing
        self.lacking: dict[str, Lacking] = {}
        self._answers: dict[tuple[str, str], Told] = {}
        self._fresh: dict[tuple[str, tuple[Value, ...]], Exchange] = {}
        self._steps = {each.seq for each in plan.steps}

    def find(
        self, ref: str, step: Step, old: Told, token: str | None
    ) -> Generator[Send, Exchange, NotSent | None]:
        """See to it that `ref` has its counterpart; why the call cannot be sent without. What changes the host
        is not sent on a guess."""
        reason = yield from self._find(ref, step, old, token)
        if reason is None and step.effect is not Effect.READ and self._guessed(ref):
            text = f"only its position tells which {self.label(ref)} is; name its counterpart with --map {ref}=REF"
            return NotSent(why=Why.NEEDS, text=text)
        return reason

    def _guessed(self, ref: str) -> bool:
        return self._mapping.strength(ref) is Strength.POSITION

    def _find(
        self, ref: str, step: Step, old: Told, token: str | None
    ) -> Generator[Send, Exchange, NotSent | None]:
        strength = self._mapping.strength(ref)
        if strength is not None and strength > Strength.POSITION:
            return None
        if ref in self.lacking:
            return self._lacks(ref)
        known = self._known(ref)
        pool = self._pairing.pools.get(ref)
        if known is None and (strength is not None or pool is not None):
            if pool is not None and token is not None:
                yield from self._alike(ref, pool, step, old, token)
                self._leftovers(pool, loose=step.effect is Effect.READ)
            # Nothing tells who it is: its position is all there is.
            return None if self._mapping.get(ref) is not None else self._lack(ref, "", old, "by its position")
        if known is None:
            return (yield from self._foreign(ref, step, old, token))
        if token is None:
            return None
        return (yield from self._search(ref, known, pool, step, old, token))

    def probed(self, request: Request) -> Exchange | None:
        """The answer to exactly this call, if the search has just asked it."""
        if len(request.params) != 2 or not all(isinstance(each, str) for each in request.params):
            return None
        return self._fresh.pop((request.method, request.params), None)

    def label(self, ref: str) -> str:
        """`VM guest002` for people; the reference itself where no name is known."""
        known = self._plan.objects.get(ref)
        if known is None or not known.name:
            return f"{known.class_name} {ref}" if known is not None else ref
        return f"{known.class_name} {known.name}"

    def named(self, text: str) -> str:
        """A sentence with names beside the recorded references in it."""
        for ref in dict.fromkeys(refs_in(text)):
            known = self._plan.objects.get(ref)
            if known is not None and known.name:
                text = re.sub(rf"'?{re.escape(ref)}'?", f"{known.class_name} {known.name}", text)
        return text

    def blame(self, step: Step) -> None:
        """Count a call that is not sent for what the host lacks."""
        for ref in step.uses:
            if ref in self.lacking and step.seq not in self.lacking[ref].calls:
                self.lacking[ref].calls.append(step.seq)

    def settle(self) -> None:
        """What lacks has no counterpart, whatever stood at its position."""
        for ref in self.lacking:
            self._mapping.forget(ref)

    # -- inside -------------------------------------------------------------------------------------

    def _search(
        self, ref: str, known: Object, pool: Pool | None, step: Step, old: Told, token: str
    ) -> Generator[Send, Exchange, NotSent | None]:
        name = self._mapping.text(known.first_name) if known.first_name else None
        uuid = known.uuid
        asks = strip_async(step.method)[0]
        itself = pool is not None and asks in {f"{known.class_name}.{each}" for each in _ASKS_WHO}
        if not itself and (yield from self._by_lookup(ref, known.class_name, uuid, name, token)):
            return None
        if pool is not None:
            asks = asks if itself else f"{known.class_name}.get_{'name_label' if name else 'uuid'}"
            yield from self._among(ref, pool, asks, token)
            if not name and not self._sure(ref):
                yield from self._alike(ref, pool, step, old, token)
            self._leftovers(pool)
            if self._mapping.get(ref) is not None:
                return None
        elif self._mapping.get(ref) is not None:
            return None
        looked = " and ".join([f"uuid {uuid}"] * (uuid is not None) + [f"name {name!r}"] * (name is not None))
        return self._lack(ref, known.class_name, old, f"by {looked}" if looked else "by its position")

    def _by_lookup(
        self, ref: str, class_name: str, uuid: str | None, name: str | None, token: str
    ) -> Generator[Send, Exchange, bool]:
        for message, text in (("get_by_uuid", uuid), ("get_by_name_label", name)):
            method = f"{class_name}.{message}"
            if text is None or self._plan.model.message(method) is None:
                continue
            answer = yield from self._ask(method, token, text)
            value = _value(answer)
            found = value[0] if isinstance(value, list) and len(value) == 1 else value
            if isinstance(found, str) and found:
                self._mapping.learn(ref, str(found), Strength.IDENTITY)
                return True
        return False

    def _among(self, ref: str, pool: Pool, method: str, token: str) -> Generator[Send, Exchange, None]:
        """Ask the host's references of a set who they are until one is the counterpart of `ref`; all those
        that tell are paired. The one at its position is asked first."""
        olds = [each for each in pool.olds if not self._sure(each)]
        likely = self._mapping.get(ref)
        candidates = sorted(pool.news[:MOST_CANDIDATES], key=lambda new: new != likely)
        for new in candidates:
            if self._sure(ref):
                return
            if self._mapping.claimed(new):
                continue
            answer = yield from self._ask(method, token, new)
            mark = _mark(method, _value(answer))
            if mark is None:
                continue
            fits = [each for each in olds if self._mark_of(each, method) == mark]
            if len(fits) == 1:
                self._mapping.learn(fits[0], new, Strength.IDENTITY)
                olds.remove(fits[0])

    def _alike(
        self, ref: str, pool: Pool, step: Step, old: Told, token: str
    ) -> Generator[Send, Exchange, None]:
        """Where the recorded call asks what tells such objects apart, the host's most alike is the counterpart."""
        request = old.call.request
        if request is None or request.params[1:] != (ref,) or request.message not in _TELLS_APART:
            return
        recorded = _value(old)
        scores: dict[str, float] = {}
        for new in pool.news[:MOST_CANDIDATES]:
            if not self._mapping.claimed(new):
                value = _value((yield from self._ask(step.method, token, new)))
                scores[new] = self._pairing.likeness(recorded, value)
        best = max(scores.values(), default=0.0)
        fits = [new for new, score in scores.items() if score == best]
        if best > 0 and len(fits) == 1:
            self._mapping.learn(ref, fits[0], Strength.ALIKE)

    def _leftovers(self, pool: Pool, *, loose: bool = False) -> None:
        """Pair by position what nothing else pairs, where both sides have as many; `loose`: as far as it goes."""
        olds = [each for each in pool.olds if not self._sure(each)]
        free = [each for each in pool.news if not self._mapping.claimed(each)]
        for old in olds:
            self._mapping.forget(old)
        if loose or len(olds) == len(free):
            for old, new in zip(olds, free, strict=False):
                self._mapping.learn(old, new, Strength.POSITION)

    def _ask(self, method: str, token: str, text: str) -> Generator[Send, Exchange, Told]:
        known = self._answers.get((method, text))
        if known is None:
            request = Request(method=method, params=(token, text))
            exchange = yield Send(request=request, safe=True)
            known = self._answers[method, text] = told(exchange)
            self._fresh[method, request.params] = exchange
        return known

    def _mark_of(self, old: str, method: str) -> str | None:
        """What the host would answer to `method` for the counterpart of `old`."""
        known = self._plan.objects.get(old)
        if known is None:
            return None
        if method.endswith(".get_uuid"):
            return known.uuid
        if known.first_name:
            return self._mapping.text(known.first_name)
        return known.uuid if method.endswith(".get_record") else None

    def _foreign(
        self, ref: str, step: Step, old: Told, token: str | None
    ) -> Generator[Send, Exchange, NotSent | None]:
        """A reference of which nothing is known. A reading call may carry it as it is; before another one the
        host is asked whether it knows it, as it does if it is the recorded host itself."""
        issuer = self._plan.issued.get(ref)
        if old.row.outcome is not Outcome.SUCCESS and issuer is None:
            return None  # it was meant to be wrong
        is_ref = ref.startswith("OpaqueRef:") or self._plan.model.name == "xend"
        if not is_ref or (step.effect is Effect.READ and issuer is None) or issuer == step.seq:
            return None
        if issuer in self._steps and issuer < step.seq:
            return self._lack(ref, "", old, f"in the answer to call {issuer}")
        method = f"{self._class_of(ref, old)}.get_uuid"
        if token is not None and self._plan.model.message(method) is not None:
            answer = yield from self._ask(method, token, ref)
            if answer.row.outcome is Outcome.SUCCESS:
                self._mapping.learn(ref, ref, Strength.IDENTITY)
                return None
        where = "comes from before the recording" if issuer is None else f"is told by call {issuer} only"
        return NotSent(why=Why.NEEDS, text=f"{ref} {where}; name its counterpart with --map {ref}=REF")

    def _known(self, ref: str) -> Object | None:
        """The object, if anything is known by which it can be found."""
        found = self._plan.objects.get(ref)
        return found if found is not None and (found.uuid or found.first_name) else None

    def _lack(self, ref: str, class_name: str, old: Told, looked: str) -> NotSent:
        known = self._plan.objects.get(ref)
        self.lacking[ref] = Lacking(
            ref=ref,
            class_name=class_name or self._class_of(ref, old),
            uuid=None if known is None else known.uuid,
            name=None if known is None else known.first_name or known.name,
            looked=looked,
            calls=[],
        )
        self._mapping.forget(ref)
        return self._lacks(ref)

    def _lacks(self, ref: str) -> NotSent:
        return NotSent(why=Why.LACKING, text=f"the host has no {self.lacking[ref]}")

    def _class_of(self, ref: str, old: Told) -> str:
        request = old.call.request
        for each in () if request is None else About(model=self._plan.model).params(request) or ():
            for class_name, found in typed_refs(each.typed):
                if found == ref:
                    return class_name
        return ""

    def _sure(self, old: str) -> bool:
        strength = self._mapping.strength(old)
        return strength is not None and strength > Strength.POSITION


def _value(answer: Told) -> Value:
    found = answer.call.answer
    return found.value if found is not None and answer.row.outcome is Outcome.SUCCESS else None


def _mark(method: str, value: Value) -> str | None:
    """What an answer says of who the object is."""
    if method.endswith(".get_record"):
        record = value if isinstance(value, dict) else {}
        value = record.get("name_label") or record.get("uuid")
    return str(value) if isinstance(value, str) and value else None
