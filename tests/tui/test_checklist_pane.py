"""A field says what is known of it and from where, is answered with the fewest keys, and never jumps under the agent."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from okpay_console.domain import ops
from okpay_console.tui import house

from .steps import ready

SIZES = [(120, 36), (80, 24)]
EVERYWHERE = pytest.mark.parametrize(("size", "lang"), [(size, lang) for size in SIZES for lang in ("zh", "en")])


@EVERYWHERE
async def test_every_state_is_said_in_words_with_its_source(make: Any, wait: Any, size: Any, lang: str) -> None:
    answers = {
        "mobile": make.answer("+8613912345678", "known", "#20419"),
        "email": make.answer("", "unknown"),
        "id_check": make.answer("", "na"),
        "txn_no": make.answer("A1B2C3D4E5", "verified"),
        "txn_time": make.answer("2026-11-21 14:30+08:00", "filled"),
    }
    desk = make.desk([make.ticket(1, answers=answers)])
    console = make.console(desk, lang=lang)
    async with console.app.run_test(size=size) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter")
        await pilot.pause()
        shown = console.text()
        zh = ["已知(#20419)", "问过，不清楚", "不适用", "已核对", "已填", "==="]
        en = ["known (#20419)", "asked, unknown", "n/a", "verified", "filled", "==="]
        assert [words for words in (zh if lang == "zh" else en) if words not in shown] == []


@EVERYWHERE
async def test_the_recording_notice_is_answered_by_one_digit_and_enter_only_shows_the_answers(
    make: Any, desk: Any, wait: Any, size: Any, lang: str
) -> None:
    console = make.console(desk, lang=lang)
    async with console.app.run_test(size=size) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter")
        console.app.screen.query_one("#checklist").cursor = "consent_rec"
        await pilot.press("enter", "enter")
        await pilot.pause(0.1)
        assert desk.outbox == []
        await pilot.press("enter")
        await wait(pilot, lambda: ("1 是" if lang == "zh" else "1 Yes") in console.text())
        await pilot.press("escape", "1")
        await wait(pilot, lambda: desk.outbox)
        assert (desk.outbox[0].field, desk.outbox[0].value) == ("consent_rec", "yes")


@EVERYWHERE
async def test_a_choice_is_made_by_one_digit(make: Any, desk: Any, wait: Any, size: Any, lang: str) -> None:
    console = make.console(desk, lang=lang)
    async with console.app.run_test(size=size) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("down", "enter")
        console.app.screen.query_one("#checklist").cursor = "txn_status"
        await pilot.press("enter")
        await pilot.pause()
        assert ("4 已扣款未到账" if lang == "zh" else "4 Debited, not credited") in console.text()
        await pilot.press("4")
        await wait(pilot, lambda: desk.outbox)
        assert (desk.outbox[0].field, desk.outbox[0].value) == ("txn_status", "debited_not_credited")


async def test_the_full_width_digit_of_an_input_method_chooses_too(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("down", "enter")
        console.app.screen.query_one("#checklist").cursor = "txn_status"
        await pilot.press("enter", "４")
        await wait(pilot, lambda: desk.outbox)
        assert desk.outbox[0].value == "debited_not_credited"


@pytest.mark.parametrize("size", SIZES)
async def test_fields_that_come_and_go_leave_the_cursor_and_the_box_on_their_field(
    make: Any, wait: Any, size: Any
) -> None:
    desk = make.desk([make.ticket(1, category="XBORDER")])
    console = make.console(desk)
    async with console.app.run_test(size=size) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter")
        checklist = console.app.screen.query_one("#checklist")
        ticket = console.app.desk_screen.opened.ticket
        last = checklist.cursor = checklist.fields[-1]
        checklist.edit()
        await pilot.press(*"abc")
        before = len(checklist.fields)
        base = desk.base[ticket]
        desk.put(replace(base, answers={"sent_already": make.answer("yes", "filled")}))
        await wait(pilot, lambda: len(checklist.fields) > before)
        await pilot.pause()
        box = console.app.screen.query_one("#field-input")
        assert (checklist.cursor, checklist.editing, box.value) == (last, last, "abc")
        assert box.has_focus
        row = checklist.fields.index(last) - checklist._top
        assert box.region.y == checklist.region.y + row


async def test_a_field_that_stops_applying_while_it_is_written_keeps_its_words_as_a_draft(make: Any, wait: Any) -> None:
    asked = {"sent_already": make.answer("yes", "filled")}
    desk = make.desk([make.ticket(1, category="XBORDER", answers=asked)])
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter")
        checklist = console.app.screen.query_one("#checklist")
        ticket = console.app.desk_screen.opened.ticket
        checklist.cursor = "benef_name"
        await pilot.press("enter", *"LI LEI")
        desk.put(replace(desk.base[ticket], answers={"sent_already": make.answer("no", "filled")}))
        await wait(pilot, lambda: not checklist.editing)
        assert checklist.cursor in checklist.fields
        await wait(pilot, lambda: desk.drafts.get((ticket, "field:benef_name")) == "LI LEI")
    assert not any(isinstance(op, ops.SetField) for op in desk.outbox)


@pytest.mark.parametrize(("channel", "spoken"), [("hotline", True), ("chat", False)])
async def test_the_sentence_is_to_be_said_on_the_phone_and_written_elsewhere(
    make: Any, wait: Any, channel: str, spoken: bool
) -> None:
    desk = make.desk([make.ticket(1, channel=channel, answers={"consent_rec": make.answer("yes", "filled")})])
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter")
        await pilot.pause()
        words = house.field_ask("mobile", channel)
        assert words[:10] in console.text()
        assert (words == house.field_ask("mobile")) is spoken
