"""`Async.` calls joined with the polls of their tasks and with what came of them: one entry each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from xraytap.errors import DecodeError
from xraytap.protocol.call import Outcome
from xraytap.protocol.messages import Response
from xraytap.protocol.values import members

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from xraytap.protocol.call import CallRow
    from xraytap.protocol.messages import Request
    from xraytap.protocol.summary import DecodedCall
    from xraytap.protocol.values import Value

ENDED = frozenset({"success", "failure", "cancelled"})
"""The statuses in which a task stays."""
POLLS_KEPT = 10_000
"""Polls of one task whose numbers are kept; beyond that they are only counted."""

_EVENTS = frozenset({"event.next", "event.from"})


@dataclass(slots=True, kw_only=True)
class Task:
    """One asynchronous call. Times are microseconds; `ended_at_us` is when the client was first told of the
    end. `result` is task.result, decoded where it is the XML of a value, as XAPI sends it over JSON too; `error` is
    the error_info.

    `polls` counts every call that asked about it, those after its end too.
    """

    number: int
    session: str
    ref: str
    method: str
    seq: int
    started_at_us: int
    status: str = "pending"
    polls: int = 0
    poll_seqs: list[int] = field(default_factory=list)
    ended_seq: int | None = None
    ended_at_us: int | None = None
    result: Value = None
    error: tuple[Value, ...] | None = None
    destroyed_seq: int | None = None
    told: bool = False
    """Whether any answer told of it."""

    @property
    def state(self) -> str:
        """`success`, `failure` or `cancelled` as the host said; `unfinished` where the last answer still said
        pending; `abandoned` where no answer ever told of it."""
        if self.status in ENDED:
            return self.status
        return "unfinished" if self.told else "abandoned"

    @property
    def elapsed_ms(self) -> float | None:
        """From the call to the answer that told of its end."""
        return None if self.ended_at_us is None else (self.ended_at_us - self.started_at_us) / 1000


class Tasks:
    """A `Tracker`. Tasks are known by session and reference."""

    def __init__(self) -> None:
        self._all: dict[tuple[str, str], Task] = {}
        self._by_seq: dict[int, Task] = {}

    def __iter__(self) -> Iterator[Task]:
        return iter(self._all.values())

    def __len__(self) -> int:
        return len(self._all)

    def of(self, seq: int) -> Task | None:
        """The task that call `seq` began, or asked about."""
        return self._by_seq.get(seq)

    def wants(self, row: CallRow) -> bool:
        """What begins a task, and what tells of one."""
        if row.outcome is not Outcome.SUCCESS or row.method is None:
            return False
        return row.is_async or row.class_name == "task" or row.method in _EVENTS

    def add(self, row: CallRow, call: DecodedCall | None) -> None:
        """Take one call in."""
        if call is None or call.request is None or call.answer is None or not self.wants(row):
            return
        session, value = row.session or "", call.answer.value
        if row.is_async:
            self._begin(row, session, value)
        elif row.method in _EVENTS:
            self._events(row, session, value)
        elif row.message in ("get_all_records", "get_all_records_where"):
            for ref, record in members(value) or ():
                self._tell(row, session, ref, dict(members(record) or ()))
        else:
            self._poll(row, session, call.request, value)

    # -- inside -------------------------------------------------------------------------------------

    def _begin(self, row: CallRow, session: str, value: Value) -> None:
        if not isinstance(value, str) or not value:
            return
        made = Task(
            number=len(self._all) + 1,
            session=session,
            ref=str(value),
            method=row.method or "",
            seq=row.seq,
            started_at_us=row.started_at_us,
        )
        self._all[session, made.ref] = self._by_seq[row.seq] = made

    def _poll(self, row: CallRow, session: str, request: Request, value: Value) -> None:
        subject = request.params[1] if len(request.params) > 1 else None
        if not isinstance(subject, str):
            return
        message = request.message
        if message == "destroy":
            task = self._all.get((session, str(subject)))
            if task is not None:
                task.destroyed_seq = row.seq
                self._by_seq[row.seq] = task
        elif message == "get_record":
            self._tell(row, session, str(subject), dict(members(value) or ()))
        elif message.startswith("get_"):
            self._tell(row, session, str(subject), {message.removeprefix("get_"): value})

    def _events(self, row: CallRow, session: str, value: Value) -> None:
        batch = dict(members(value) or ()).get("events") if not isinstance(value, list) else value
        for event in batch if isinstance(batch, list) else ():
            told = dict(members(event) or ())
            if str(told.get("class", "")).lower() == "task" and isinstance(told.get("ref"), str):
                snapshot = dict(members(told.get("snapshot")) or ())
                self._tell(row, session, str(told["ref"]), snapshot, asked=False)

    def _tell(
        self, row: CallRow, session: str, ref: str, fields: Mapping[str, Value], *, asked: bool = True
    ) -> None:
        task = self._all.get((session, ref))
        if task is None:
            return
        if asked:
            task.polls += 1
            if len(task.poll_seqs) < POLLS_KEPT:
                task.poll_seqs.append(row.seq)
                self._by_seq[row.seq] = task
        task.told = True
        result, error = fields.get("result"), fields.get("error_info")
        if isinstance(result, str) and result:
            task.result = plain_result(str(result))
        if isinstance(error, list) and error:
            task.error = tuple(error)
        status = fields.get("status")
        if isinstance(status, str) and task.status not in ENDED:
            task.status = str(status)
            if task.status in ENDED:
                task.ended_seq = row.seq
                task.ended_at_us = row.started_at_us + (row.elapsed_us or 0)


def plain_result(text: str) -> Value:
    """The value that a task.result means: XAPI sends the XML of it, xend the value itself."""
    if not text.startswith("<value"):
        return text
    from xraytap.protocol.xmlrpc_decode import decode

    document = f"<methodResponse><params><param>{text}</param></params></methodResponse>"
    try:
        message = decode(document.encode("utf-8", "surrogatepass"))
    except DecodeError:
        return text
    return message.value if isinstance(message, Response) else text
