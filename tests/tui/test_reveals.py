"""A masked value is shown for a reason, after the reason is on the disk, for half a minute, and to nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from textual import events
from textual.widgets import Input

from okpay_console import errors
from okpay_console.domain import ops
from okpay_console.domain.ticket import Entry
from okpay_console.tui.screens.ask import Choices

from .steps import ready

SIZES = [(120, 36), (80, 24)]
EVERYWHERE = pytest.mark.parametrize(("size", "lang"), [(size, lang) for size in SIZES for lang in ("zh", "en")])
WHOLE = "13912345678"


@pytest.fixture
def answered(make: Any, desk: Any) -> Any:
    """A desk whose first ticket has a mobile number and one in what the caller wrote."""
    for one in list(desk.base.values()):
        told = Entry("e1", "message", make.now, "chat", f"请打 {WHOLE}")
        desk.base[one.id] = replace(
            one,
            answers={"mobile": make.answer("+86" + WHOLE, "filled")},
            timeline=(told,),
            subject="打 13700137000 找我",
        )
    return desk


async def look(console: Any, pilot: Any, wait: Any, key: str) -> Any:
    if not console.app.desk_screen.opened.ticket:
        await pilot.press("enter")
    console.app.screen.query_one("#checklist").cursor = "mobile"
    pane = console.app.desk_screen.opened.pane
    pane.reveals.clock = lambda: 100.0
    await pilot.press(key)
    await wait(pilot, lambda: len(console.app.screen_stack) > 1)
    await pilot.press("1")
    await wait(pilot, lambda: len(console.app.screen_stack) == 1)
    return pane


@EVERYWHERE
async def test_a_field_is_masked_until_a_reason_is_on_the_disk_and_again_after_half_a_minute(
    make: Any, answered: Any, wait: Any, size: Any, lang: str
) -> None:
    console = make.console(answered, lang=lang)
    async with console.app.run_test(size=size) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter")
        assert WHOLE not in console.text()
        pane = await look(console, pilot, wait, "5")
        await wait(pilot, lambda: "+86" + WHOLE in console.text())
        op = answered.outbox[0]
        assert isinstance(op, ops.Reveal)
        assert op.field == "mobile"
        assert op.reason
        assert ("还显示 30 秒" if lang == "zh" else "shown 30s more") in console.text()
        pane.reveals.clock = lambda: 129.0
        pane.count_down()
        await pilot.pause()
        assert ("还显示 1 秒" if lang == "zh" else "shown 1s more") in console.text()
        pane.reveals.clock = lambda: 130.0
        pane.count_down()
        await pilot.pause()
        assert WHOLE not in console.text()


async def test_the_callers_contact_and_what_was_said_are_shown_by_one_key(make: Any, answered: Any, wait: Any) -> None:
    console = make.console(answered)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter")
        shown = console.text()
        assert "13800138000" not in shown
        assert "13700137000" not in shown
        assert WHOLE not in shown
        await look(console, pilot, wait, "6")
        await wait(pilot, lambda: "13800138000" in console.text())
        assert f"请打 {WHOLE}" in console.text()
        assert answered.outbox[0].field == "caller.contact"


async def test_nothing_is_shown_where_the_disk_does_not_take_the_look(make: Any, answered: Any, wait: Any) -> None:
    answered.refuses_disk = errors.StoreFull("The disk is full.", "Make room.")
    console = make.console(answered)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await look(console, pilot, wait, "5")
        await wait(pilot, lambda: "磁盘满了" in console.text())
        assert WHOLE not in console.text()


@pytest.mark.parametrize("way", ["case", "screen"])
async def test_the_mask_is_back_when_the_case_changes_or_the_screen_is_left(
    make: Any, answered: Any, wait: Any, way: str
) -> None:
    console = make.console(answered)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        pane = await look(console, pilot, wait, "5")
        await wait(pilot, lambda: WHOLE in console.text())
        first = pane.ticket
        if way == "case":
            await pilot.press("ctrl+w", "down", "enter")
        else:
            await pilot.press("ctrl+b")
            await wait(pilot, lambda: len(console.app.screen_stack) > 1)
            await pilot.press("escape")
            await wait(pilot, lambda: len(console.app.screen_stack) == 1)
        assert not pane.reveals.left(first, "mobile")
        console.app.desk_screen.show_ticket(first)
        await pilot.pause()
        assert WHOLE not in console.text()


async def test_a_masked_value_is_not_put_into_the_box_that_edits_it(make: Any, answered: Any, wait: Any) -> None:
    console = make.console(answered)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter")
        console.app.screen.query_one("#checklist").cursor = "mobile"
        await pilot.press("enter")
        await pilot.pause()
        assert console.app.screen.query_one("#checklist").editing == "mobile"
        assert WHOLE not in console.text()
        await pilot.press("enter")
        await pilot.pause()
        assert answered.outbox == []


async def test_own_words_are_a_reason_too_and_none_is_no_reason(make: Any, answered: Any, wait: Any) -> None:
    console = make.console(answered)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter")
        console.app.screen.query_one("#checklist").cursor = "mobile"
        await pilot.press("5")
        await wait(pilot, lambda: len(console.app.screen_stack) > 1)
        await pilot.press("escape")
        await wait(pilot, lambda: len(console.app.screen_stack) == 1)
        assert answered.outbox == []
        await pilot.press("5")
        await wait(pilot, lambda: len(console.app.screen_stack) > 1)
        await pilot.press("5")
        await wait(pilot, lambda: bool(console.app.screen.query("Input")))
        await pilot.press(*"查单", "enter")
        await wait(pilot, lambda: answered.outbox)
        assert answered.outbox[0].reason == "查单"


async def test_numbers_in_subjects_are_masked_in_the_list(make: Any, answered: Any, wait: Any) -> None:
    console = make.console(answered)
    for one in answered.base.values():
        answered.poke(one.id)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        assert "13700137000" not in console.text()
        assert "137****7000" in console.text()


async def asked(console: Any, pilot: Any, wait: Any) -> None:
    """The question for the reason stands over the first ticket's mobile number."""
    await ready(console, pilot, wait)
    await pilot.press("enter")
    console.app.screen.query_one("#checklist").cursor = "mobile"
    await pilot.press("5")
    await wait(pilot, lambda: bool(console.app.screen.query(Choices)) and console.app.focused is not None)


@pytest.mark.parametrize("keys", [("enter",), ("space",), ("enter", "space", "enter")])
async def test_no_reason_is_recorded_that_nobody_chose(make: Any, answered: Any, wait: Any, keys: Any) -> None:
    console = make.console(answered)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await asked(console, pilot, wait)
        await pilot.press(*keys)
        await pilot.pause(0.1)
        assert bool(console.app.screen.query(Choices))
        assert answered.outbox == []
        await pilot.press("down", "down", "enter")
        await wait(pilot, lambda: answered.outbox)
        assert answered.outbox[0].reason == "与客户核对身份"


@pytest.mark.parametrize("words", ["查账", "read it out"])
async def test_words_typed_over_the_list_of_reasons_are_the_reason_from_their_first_letter(
    make: Any, answered: Any, wait: Any, words: str
) -> None:
    first = next(iter(answered.base))
    answered.drafts[first, "reveal"] = "of another day"
    console = make.console(answered)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await asked(console, pilot, wait)
        for character in words:
            console.app.post_message(events.Key("space" if character == " " else character, character))
        console.app.post_message(events.Key("enter", "\r"))
        await wait(pilot, lambda: answered.outbox)
        assert answered.outbox[0].reason == words


async def test_words_pasted_over_the_list_of_reasons_wait_for_their_own_enter(
    make: Any, answered: Any, wait: Any
) -> None:
    console = make.console(answered)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await asked(console, pilot, wait)
        console.app.post_message(events.Paste("1 查账"))
        await wait(pilot, lambda: bool(console.app.screen.query(Input)))
        assert console.app.screen.query_one(Input).value == "1 查账"
        assert answered.outbox == []


async def test_a_digit_of_a_chinese_input_method_chooses_a_reason(make: Any, answered: Any, wait: Any) -> None:
    console = make.console(answered)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await asked(console, pilot, wait)
        await pilot.press("２")
        await wait(pilot, lambda: answered.outbox)
        assert answered.outbox[0].reason == "与客户核对身份"
