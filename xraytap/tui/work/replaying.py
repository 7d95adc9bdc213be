"""The main screen's part that sends a call again, as it was or edited, and shows the new answer beside the old."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import work

from xraytap.errors import UsageError
from xraytap.protocol.printable import printable
from xraytap.tui.guard import words
from xraytap.tui.work.screen import WorkScreen

if TYPE_CHECKING:
    from collections.abc import Callable

    from xraytap.protocol.call import CallRow
    from xraytap.protocol.messages import Request
    from xraytap.tui.dialogs import Choice
    from xraytap.tui.work.edits import Form
    from xraytap.tui.work.sitting import Sent, Sitting


class ReplayingScreen(WorkScreen):
    """`r` and `e`. Where calls go is asked once; what changes or destroys something is confirmed by name."""

    @property
    def sitting(self) -> Sitting:
        """Where calls are sent, for as long as the application runs."""
        return self.app.sitting

    def action_replay(self) -> None:
        """Send the call again."""
        row, request = self._call()
        self._send_again(row, request)

    def action_choose_host(self) -> None:
        """Choose the host and the user anew."""
        row, _ = self._call()
        self._ask_host(row, lambda: self.notify(f"calls go to {self._url()} now", markup=False))

    def action_edit(self) -> None:
        """Edit the call, then send it."""
        from xraytap.tui.dialogs import Choice, Menu
        from xraytap.tui.work import editor, edits

        row, request = self._call()
        command = editor.editor()
        forms = edits.forms(request, self._what(row))
        where = f"in {command[0]}" if command else "in place"
        menu = [Choice(key, form.label, where, (form, bool(command))) for key, form in forms.items()]
        if command:
            menu += [
                Choice(key.upper(), form.label, "in place", (form, False)) for key, form in forms.items()
            ]

        def chosen(choice: Choice | None) -> None:
            if choice is not None:
                form, outside = choice.of
                self._edit(row, request, form, form.text, outside=outside)

        self.app.push_screen(Menu(f"edit {self._what(row)}", menu), chosen)

    # -- editing ------------------------------------------------------------------------------------

    def _edit(
        self, row: CallRow, request: Request, form: Form, text: str, *, outside: bool, wrong: str = ""
    ) -> None:
        from xraytap.tui.work import editor

        if outside:
            try:
                text = editor.edited(self.app, text, form.suffix)
                self._edited(row, form.read(text, request))
            except UsageError as error:
                # What was written is not lost: it is mended in place.
                self._edit(row, request, form, text, outside=False, wrong=str(error))
            return

        def left(made: str | None) -> None:
            self._edited(row, None if made is None else form.read(made, request))

        title = f"edit {self._what(row)}"
        screen = editor.EditScreen(title, text, lambda each: form.read(each, request), wrong=wrong)
        self.app.push_screen(screen, left)

    def _edited(self, row: CallRow, made: Request | None) -> None:
        if made is None:
            self.notify("nothing was sent", markup=False)
        else:
            self._guarded(lambda: self._send_again(row, made))

    # -- sending ------------------------------------------------------------------------------------

    def _send_again(self, row: CallRow, request: Request) -> None:
        if self.sitting.target is None:
            self._ask_host(row, lambda: self._confirm(row, request))
        else:
            self._confirm(row, request)

    def _ask_host(self, row: CallRow, then: Callable[[], None]) -> None:
        from xraytap.tui.work.copies import login_of
        from xraytap.tui.work.host import HostScreen

        login = login_of(self.capture, row.session, row.seq)
        user = str(login.params[0]) if login is not None and login.params else "root"
        host = self.capture.host if "://" in self.capture.host else ""

        def asked(chosen: bool | None) -> None:
            if chosen:
                then()

        self.app.push_screen(HostScreen(self.sitting, host, user), asked)

    def _confirm(self, row: CallRow, request: Request) -> None:
        from xraytap.protocol.datamodel import load
        from xraytap.protocol.describe import params_line
        from xraytap.protocol.summary import DecodedCall
        from xraytap.replay.effects import Effect, effect_of
        from xraytap.tui.dialogs import Confirm

        model = self.capture.learner.about(row.session).model or load("xend")
        effect = effect_of(request.name, model)
        if effect is Effect.READ:
            self._sent_off(row, request)
            return
        about = self.capture.learner.about(row.session)
        shown = params_line(DecodedCall(request=request, answer=None), 200, about)
        verb = "destroys something on" if effect is Effect.DESTROY else "changes something on"
        text = f"{request.method} {shown}\n{verb} {self._url()}."
        name = request.name if effect is Effect.DESTROY else ""

        def confirmed(wanted: bool | None) -> None:
            if wanted:
                self._sent_off(row, request)

        self.app.push_screen(Confirm(f"send {request.method}?", text, name=name), confirmed)

    @work(thread=True, group="replay")
    def _sent_off(self, row: CallRow, request: Request) -> None:
        from xraytap.tui.work.copies import login_of

        try:
            login = self.app.call_from_thread(login_of, self.capture, row.session, row.seq)
            path = row.path if row.path.startswith("/") else None
            sent = self.sitting.send(
                request, origin=self.capture.name, path=path, recorded=row.session, login=login
            )
        except Exception as error:  # noqa: BLE001  told; the application goes on
            self.app.call_from_thread(self.app.tell, words(error))
        else:
            self.app.call_from_thread(self._answered, row, sent)

    def _answered(self, row: CallRow, sent: Sent) -> None:
        """Show the new answer beside the old one."""
        from xraytap.protocol.summary import decode_exchange, full_row
        from xraytap.tui.work.pairs import Side

        new = full_row(sent.exchange, capture=sent.capture, seq=sent.seq)
        right = Side(title=f"#{sent.seq} of {sent.capture}", row=new, call=decode_exchange(sent.exchange))
        left = self.side(row.seq)
        other = self._url().rstrip("/") != self.capture.host.rstrip("/") or self.sitting.own_session
        self.compare(left, right, other_host=other, what=f"{self._what(row)}, and now from {self._url()}")

    # -- inside -------------------------------------------------------------------------------------

    def _call(self) -> tuple[CallRow, Request]:
        from xraytap.protocol.summary import decode_exchange

        seq = self._seq()
        row = self.capture.row(seq)
        call = decode_exchange(self.capture.store.exchange(self.capture.name, seq))
        if call.request is None:
            why = call.request_error or "it is no call"
            raise UsageError(f"#{seq} cannot be sent again: {why}. Copied as curl (y c), its bytes can.")
        return row, call.request

    def _what(self, row: CallRow) -> str:
        return printable(
            f"{'Async.' if row.is_async else ''}{row.method}, call {row.seq} of {self.capture.name}"
        )

    def _url(self) -> str:
        target: Any = self.sitting.target
        return "" if target is None else str(target.url)
