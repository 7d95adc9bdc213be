"""The plan of a replay: each call with what it does to the host, or why it is not sent. Nothing is sent here."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, ClassVar

from textual.message import Message

from xraytap.errors import XraytapError
from xraytap.protocol.phrases import many
from xraytap.replay.effects import Effect, allowed
from xraytap.replay.engine import Options
from xraytap.replay.logins import gather
from xraytap.replay.plan import Role
from xraytap.replay.planner import make_plan, with_allowed
from xraytap.replay.replay import Replay
from xraytap.store import CaptureSource, open_store
from xraytap.tui.dialogs import Ask, Confirm
from xraytap.tui.guard import words
from xraytap.tui.keys import bindings
from xraytap.tui.views.grid import Column, Entry
from xraytap.tui.views.screen import GridScreen

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.binding import BindingType

    from xraytap.protocol.call import CallRow
    from xraytap.protocol.datamodel.model import Model
    from xraytap.replay.plan import Plan, Step
    from xraytap.replay.target import Target
    from xraytap.store import Store
    from xraytap.tui.capture import Capture
    from xraytap.tui.views.doors import Doors

_SIGNS = {Effect.READ: "", Effect.CHANGE: "!", Effect.DESTROY: "!!"}


class PlanScreen(GridScreen):
    """`chosen` tells the seqs to replay from a store of its own thread, None for all."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("plan")]
    COLUMNS = (
        Column(title="seq", right=True),
        Column(title="", least=2),
        Column(title="call", least=20),
        Column(title="is sent", least=24),
    )
    app: Doors

    class Made(Message):
        """The plan stands, or could not be made."""

        def __init__(self, plan: Plan | None, error: str = "") -> None:
            super().__init__()
            self.plan, self.error = plan, error

    def __init__(
        self, capture: Capture, target: Target, chosen: Callable[[Store], set[int]] | None, model: Model
    ) -> None:
        super().__init__()
        self.capture, self.target = capture, target
        self.plan: Plan | None = None
        self.allow: set[str] = set()
        self._chosen, self._model = chosen, model
        self._passwords: dict[str, str] = {}

    def on_mount(self) -> None:
        """Make the plan, in a thread: every call is read for it."""
        title = self.title_line
        title.what = f"plan: replay of {self.capture.name} onto {self.target.url}"
        title.word = "reading the calls"
        self.grid.focus()
        self.run_worker(self._make, thread=True, group="plan", exit_on_error=False)

    def _make(self) -> None:
        try:
            with open_store(self.capture.path) as store:
                seqs = None if self._chosen is None else self._chosen(store)
                recording = CaptureSource(store, self.capture.name)
                selected: Callable[[CallRow], bool] | None = None
                if seqs is not None:
                    selected = lambda row: row.seq in seqs  # noqa: E731
                plan = make_plan(recording, self._model, selected=selected)
            self.post_message(self.Made(plan))
        except Exception as error:  # noqa: BLE001  shown where the list would be
            self.post_message(self.Made(None, words(error)))

    def on_plan_screen_made(self, message: Made) -> None:
        """Show it."""
        self.plan = message.plan
        self.title_line.trouble = message.error
        self._show()

    # -- actions ------------------------------------------------------------------------------------

    def action_allow_change(self) -> None:
        """Send calls that change the host, or do not."""
        self._toggle("change")

    def action_allow_destroy(self) -> None:
        """Send calls that destroy something, or do not."""
        self._toggle("destroy")

    def action_close(self) -> None:
        """Back; nothing was sent."""
        self.dismiss()

    def action_send(self) -> None:
        """Go: once it is confirmed, and every password is there."""
        plan = self.plan
        if plan is None:
            return
        if not plan.to_send:
            self.notify("nothing would be sent", markup=False)
            return
        changing = sum(each.effect is not Effect.READ for each in plan.to_send)
        if not changing:
            self._with_passwords()
            return
        text = f"{many(changing, 'call')} of this replay change or destroy something on {self.target.url}."
        name = "" if self.target.is_loopback else self.target.host
        confirmed = Confirm(f"replay onto {self.target.host or 'this machine'}?", text, name=name)
        self.app.push_screen(confirmed, lambda wanted: self._with_passwords() if wanted else None)

    # -- inside -------------------------------------------------------------------------------------

    def _toggle(self, effect: str) -> None:
        self.allow ^= {effect}
        if self.plan is not None:
            self.plan = with_allowed(self.plan, allowed(self.allow))
            self._show()

    def _show(self) -> None:
        plan = self.plan
        if plan is None:
            return
        self.grid.fill([_entry(each) for each in plan.steps])
        self.head.refresh()
        unsent = Counter(each.not_sent.why.value for each in plan.steps if each.not_sent is not None)
        words = [f"{many(len(plan.to_send), 'call')} to send"]
        words += [f"{count} {why}" for why, count in unsent.items()]
        if self.allow:
            words.append(f"allowed: {', '.join(sorted(self.allow))}")
        self.title_line.word = "  ".join(words)

    def _with_passwords(self) -> None:
        """Ask for each password that is neither in the environment nor in the keyring, then go."""
        plan = self.plan
        if plan is None:
            return
        wanted: list[str] = []

        def ask(user: str) -> str:
            if user not in self._passwords:
                wanted.append(user)
            return self._passwords.get(user, "")

        host = self.target.host or "localhost"
        sitting = self.app.sitting
        if sitting.target is not None and sitting.target.url == self.target.url and sitting.password:
            self._passwords.setdefault(sitting.user, sitting.password)
        try:
            logins = gather(plan.users, host, named={}, ask=ask)
        except XraytapError as error:
            self.app.tell(str(error))
            return
        if wanted:
            user = wanted[0]

            def taken(password: str | None) -> None:
                if password is not None:
                    self._passwords[user] = password
                    self._with_passwords()

            name = user or "the user without a name"
            self.app.push_screen(Ask(f"password of {name} on {host}", hidden=True), taken)
            return
        from xraytap.tui.replay.run_screen import RunScreen

        def replay(store: Store) -> Replay:
            return Replay(
                recording=CaptureSource(store, self.capture.name),
                plan=plan,
                options=Options(),
                target=self.target,
                logins=logins,
                store=self.capture.path,
            )

        self.app.switch_screen(RunScreen(self.capture, plan, self.target.url, replay))


def _entry(step: Step) -> Entry:
    word = "dim"
    if step.not_sent is not None:
        sign, what = "-", f"not sent: {step.not_sent.text}"
    elif step.role is Role.FOLLOWED:
        sign, what = ".", "followed: a later poll waits for the end"
    else:
        sign = _SIGNS[step.effect]
        what = step.effect.value if step.role is Role.CALL else f"{step.effect.value}, {step.role.value}"
        word = "" if step.effect is Effect.READ else "failure"
    return Entry(cells=(step.seq, sign, step.method, what), of=step, word=word)
