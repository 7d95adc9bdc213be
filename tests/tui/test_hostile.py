"""What a peer sends never reaches the terminal as anything but text."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.store.samples import exchange
from tests.tui.conftest import record
from tests.tui.driving import driven, driving
from xraytap.protocol.call import Message
from xraytap.protocol.xmlrpc_encode import encode_response

if TYPE_CHECKING:
    from pathlib import Path

NASTY = "\x1b]0;owned\x07[red]boo[/red][@click=app.quit]x[/]\u202egnp\u200b\x9b2J\r\nEND"
UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069]")


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """Calls that have it everywhere: method, parameters, answer, heads, client, notes, no XML at all."""
    head = b"POST /\x1b[2J HTTP/1.1\r\nX-Evil: \x1b]0;owned\x07[bold]\r\nContent-Type: text/xml\r\n\r\n"
    answer = encode_response(
        {"Status": "Failure", "ErrorDescription": [NASTY.replace("\x1b", "").replace("\x07", ""), "[b]"]}
    )
    plain = exchange("VM.[red]x[/red]", "s-[bold]", "[link=http://x]y[/link]\u202e", body=answer)
    raw = replace(
        plain,
        request=Message(head=head, body=NASTY.encode(), size=len(NASTY)),
        response=Message(head=b"HTTP/1.1 200 \x1b[31m\r\n\r\n", body=NASTY.encode(), size=1),
        client="\x1b[5m:1",
        error=NASTY,
    )
    return record(tmp_path / "s.db", "[red]cap[b]", [plain, raw, plain])


def shown_safely(lines: list[str]) -> bool:
    return not any(UNSAFE.search(line) for line in lines)


@driven
async def test_no_view_lets_anything_through(hostile: Path) -> None:
    async with driving(hostile, "[red]cap[b]", size=(200, 50)) as driver:
        driver.browse.table.chosen = ("seq", "sign", "method", "params", "outcome", "session", "client")
        for move in ("g", "j"):
            for key in (move, "1", "w", "2", "3", "w", "4", "5", "6"):
                await driver.press(key)
                assert shown_safely(driver.screen()), key
        assert "[red]cap[b]" in driver.screen()[0]
        assert "VM.[red]x[/red]" in driver.line_with("VM.")


@driven
async def test_filters_searches_and_messages_show_it_as_text(hostile: Path) -> None:
    async with driving(hostile, "[red]cap[b]", size=(160, 40)) as driver:
        await driver.press("slash")
        await driver.write('method:"VM.[red]x[/red]" [bold]')
        assert shown_safely(driver.screen())
        await driver.press("enter")
        assert "[bold]" in driver.screen()[1]
        await driver.press("escape", "right_square_bracket")
        await driver.press("ctrl+f")
        await driver.write("nosuch[/red]\u202e")
        await driver.press("enter")
        await driver.until(lambda: any("no other call" in line for line in driver.screen()))
        assert shown_safely(driver.screen())
        await driver.press("question_mark", "escape", "ctrl+p")
        assert shown_safely(driver.screen())


@driven
async def test_a_body_of_five_megabytes_is_looked_at_and_left_while_keys_go_on(tmp_path: Path) -> None:
    big = encode_response(
        {"Status": "Success", "Value": [{"name": f"vm {i}", "x": "y" * 400} for i in range(10_000)]}
    )
    line = encode_response({"Status": "Success", "Value": "z" * 5_000_000})
    path = record(tmp_path / "s.db", "big", [exchange(body=big), exchange(body=line), exchange()])
    async with driving(path, "big", size=(100, 40)) as driver:
        assert len(big) > 5_000_000
        assert driver.line_with("10000 values")
        await driver.press("enter", "G", "enter", "G", "enter", "G")
        assert driver.line_with("9,000 more")
        for tab in "23":
            await driver.press(tab, "G")
            assert driver.line_with("</methodResponse>")
        await driver.hurry("w", "G", "escape", "1", "j")
        assert driver.seq == 2
        view = driver.browse.detail.view
        assert "(5,000,038 characters" in view.content.plain(view.count() - 1)
        assert len(view.content.plain(view.count() - 1)) < 20_000
        await driver.press("2")
        assert driver.browse.detail.shown is not None
