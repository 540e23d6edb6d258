"""Details are typed as the caller says them, in any order, and find their fields; no word of the line is lost."""

from __future__ import annotations

from typing import Any

import pytest
from textual.widgets import Input

from okpay_console.domain import ops

from .steps import ready

SIZES = [(120, 36), (80, 24)]
EVERYWHERE = pytest.mark.parametrize(("size", "lang"), [(size, lang) for size in SIZES for lang in ("zh", "en")])


def fields(desk: Any) -> dict[str, str]:
    return {op.field: op.value for op in desk.outbox if isinstance(op, ops.SetField)}


def line(console: Any) -> Input:
    return console.app.screen.query_one("#free-input", Input)


@EVERYWHERE
async def test_a_line_of_details_is_proposed_while_it_is_typed_and_kept_by_one_enter(
    make: Any, desk: Any, wait: Any, size: Any, lang: str
) -> None:
    console = make.console(desk, lang=lang)
    async with console.app.run_test(size=size) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("down", "enter", "ctrl+e")
        await pilot.press(*"139 1234 5678 A1B2C3D4E5")
        await pilot.pause()
        shown = console.text()
        assert "139****5678 > " in shown
        assert ("交易编号" if lang == "zh" else "Transaction number") in shown
        await pilot.press("enter")
        await wait(pilot, lambda: len(desk.outbox) == 2)
        assert fields(desk) == {"mobile": "+8613912345678", "txn_no": "A1B2C3D4E5"}
        await wait(pilot, lambda: line(console).value == "")
        assert line(console).has_focus
        region = line(console).region
        assert region.bottom <= size[1] - 2


async def test_words_that_are_no_detail_stay_in_the_line_and_the_next_enter_makes_them_a_note(
    make: Any, desk: Any, wait: Any
) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("down", "enter", "ctrl+e")
        await pilot.press(*"13912345678，孩子误点了")
        await pilot.pause()
        assert "孩子误点了" in console.text()
        await pilot.press("enter")
        await wait(pilot, lambda: line(console).value == "孩子误点了")
        ticket = console.app.desk_screen.opened.ticket
        await wait(pilot, lambda: desk.drafts.get((ticket, "free")) == "孩子误点了")
        await pilot.press("enter")
        await wait(pilot, lambda: any(isinstance(op, ops.AddNote) for op in desk.outbox))
        assert desk.outbox[-1].text == "孩子误点了"
        await wait(pilot, lambda: line(console).value == "")
        await wait(pilot, lambda: not desk.drafts.get((ticket, "free")))


async def test_a_value_that_cannot_stand_is_said_and_nothing_is_kept_of_it(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("down", "enter", "ctrl+e")
        await pilot.press(*"IBAN GB82WEST12345698765433", "enter")
        await pilot.pause()
        assert fields(desk) == {}
        assert "校验不通过" in console.text()
        assert line(console).value == "IBAN GB82WEST12345698765433"


async def test_a_piece_that_fits_two_fields_is_decided_by_a_digit(
    make: Any, desk: Any, wait: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from okpay_console.domain.gleaning import Proposal

    one = Proposal("counterparty", "美团", "美团", ok=True, start=0, end=2, others=("error_text",))
    monkeypatch.setattr("okpay_console.tui.screens.case.propose", lambda text, **_: (one,) if text else ())
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("down", "enter", "ctrl+e", *"美团", "enter")
        await pilot.pause()
        assert desk.outbox == []
        assert "按数字" in console.text()
        await pilot.press("2")
        await wait(pilot, lambda: desk.outbox)
        assert fields(desk) == {"error_text": "美团"}


async def test_enter_on_an_empty_line_opens_the_next_field_and_escape_goes_back(
    make: Any, desk: Any, wait: Any
) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("down", "enter", "ctrl+e", "escape")
        await pilot.pause()
        assert not console.app.screen.query_one("#free").display
        assert console.app.focused.id == "checklist"
        checklist = console.app.screen.query_one("#checklist")
        checklist.answers = {**checklist.answers}
        wanted = checklist.next_field()
        await pilot.press("space", "enter")
        await pilot.pause()
        assert checklist.editing == wanted or desk.outbox[0].field == wanted


async def test_the_line_belongs_to_its_case(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "ctrl+e", *"first case")
        first = console.app.desk_screen.opened.ticket
        await wait(pilot, lambda: desk.drafts.get((first, "free")) == "first case")
        await pilot.press("ctrl+w", "down", "enter", "ctrl+e")
        await pilot.pause()
        assert console.app.desk_screen.opened.ticket != first
        assert line(console).value == ""
        console.app.desk_screen.show_ticket(first)
        await pilot.press("ctrl+e")
        await pilot.pause()
        assert line(console).value == "first case"
