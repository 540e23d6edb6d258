"""F5: a caller is on the line, and the case is made with the keyboard, with or without a server."""

from __future__ import annotations

from typing import Any

import pytest
from textual.widgets import Input

from okpay_console import errors
from okpay_console.domain import ops
from okpay_console.tui.screens.opening import OpenCaseDialog

EVERYWHERE = pytest.mark.parametrize(
    ("size", "lang"), [((120, 36), "zh"), ((120, 36), "en"), ((80, 24), "zh"), ((80, 24), "en")]
)


async def opened(console: Any, pilot: Any, wait: Any) -> None:
    await wait(pilot, lambda: bool(console.app.desk_screen.query("#case")) and console.app.desk_screen.model.order)
    await pilot.press("f5")
    await wait(pilot, lambda: isinstance(console.app.screen, OpenCaseDialog) and console.app.focused is not None)


def box(console: Any, name: str) -> Input:
    return console.app.screen.query_one(f"#new-{name}", Input)


@EVERYWHERE
async def test_a_case_is_made_without_a_server_and_opened_under_the_word_new(
    make: Any, desk: Any, wait: Any, size: Any, lang: str
) -> None:
    desk.state = "offline"
    console = make.console(desk, lang=lang)
    async with console.app.run_test(size=size) as pilot:
        await opened(console, pilot, wait)
        await pilot.press(*"13912345678", "enter", *"李四", "enter", "2", "enter", *"locked", "enter")
        await wait(pilot, lambda: console.app.screen is console.app.desk_screen and len(desk.outbox) == 2)
        await pilot.pause(0.1)
        made, taken = desk.outbox
        assert isinstance(made, ops.NewTicket)
        assert (made.channel, made.caller.mobile, made.caller.name, made.category, made.subject) == (
            "hotline", "+8613912345678", "李四", "LOGIN", "locked",
        )  # fmt: skip
        assert isinstance(taken, ops.Assign)
        assert taken.assignee == desk.me
        shown = console.text()
        assert ("#新" if lang == "zh" else "#new") in shown
        assert "139****5678" in shown
        assert console.app.desk_screen.opened.ticket == made.ticket
        assert made.ticket in console.app.desk_screen.model.order


@EVERYWHERE
async def test_every_line_of_the_form_is_in_sight_and_off_the_last_two_rows(
    make: Any, desk: Any, wait: Any, size: Any, lang: str
) -> None:
    console = make.console(desk, lang=lang)
    async with console.app.run_test(size=size) as pilot:
        await opened(console, pilot, wait)
        for name in ("channel", "mobile", "name", "category", "subject"):
            region = console.app.screen.query_one(f"#new-{name}").region
            assert region.height >= 1
            assert region.bottom <= size[1] - 2
        assert ("盗刷" if lang == "zh" else "Fraud") in console.text()


async def test_a_wrong_number_says_why_while_it_is_typed_and_stays_in_its_line(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await opened(console, pilot, wait)
        await pilot.press(*"1280")
        await pilot.pause()
        assert "11 位" in console.text()
        await pilot.press("enter")
        await pilot.pause()
        assert box(console, "mobile").value == "1280"
        assert box(console, "mobile").has_focus
        assert desk.outbox == []


@pytest.mark.parametrize("name", ["name", "subject"])
async def test_a_secret_vanishes_with_the_sentence_to_say_and_is_in_no_draft(
    make: Any, desk: Any, wait: Any, name: str
) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await opened(console, pilot, wait)
        box(console, name).focus()
        box(console, name).value = "4111111111111111"
        await wait(pilot, lambda: box(console, name).value == "")
        await pilot.pause()
        assert "不能保存" in console.text()
        await pilot.press("escape")
        await pilot.pause(0.4)
    assert "4111" not in str(desk.drafts)


async def test_the_words_of_a_refused_case_stay_and_are_made_once_the_disk_is_well(
    make: Any, desk: Any, wait: Any
) -> None:
    desk.refuses_disk = errors.StoreFull("The disk is full.", "Make room.")
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await opened(console, pilot, wait)
        box(console, "subject").focus()
        await pilot.press(*"paid", "enter")
        await wait(pilot, lambda: "磁盘满了" in console.text())
        assert box(console, "subject").value == "paid"
        desk.refuses_disk = None
        await pilot.press("enter")
        await wait(pilot, lambda: desk.outbox)
        assert desk.outbox[0].subject == "paid"


async def test_what_was_typed_before_escape_is_there_again_and_gone_once_the_case_is_made(
    make: Any, desk: Any, wait: Any
) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await opened(console, pilot, wait)
        await pilot.press(*"13912345678", "enter", *"李四", "escape")
        await wait(pilot, lambda: "李四" in desk.drafts.get(("", "new"), ""))
        await opened(console, pilot, wait)
        assert (box(console, "mobile").value, box(console, "name").value) == ("13912345678", "李四")
        box(console, "subject").focus()
        await pilot.press(*"x", "enter")
        await wait(pilot, lambda: desk.outbox)
        await wait(pilot, lambda: not desk.drafts.get(("", "new")))
        await opened(console, pilot, wait)
        assert box(console, "mobile").value == ""


async def test_the_open_cases_of_a_known_number_are_named(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await opened(console, pilot, wait)
        await pilot.press(*"13800138000")
        await pilot.pause()
        assert "这个号码有 5 张未结工单" in console.text()


async def test_without_words_a_category_is_subject_enough_and_without_either_nothing_is_made(
    make: Any, desk: Any, wait: Any
) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await opened(console, pilot, wait)
        box(console, "subject").focus()
        await pilot.press("enter")
        await pilot.pause()
        assert "请先写主题" in console.text()
        assert desk.outbox == []
        console.app.screen.query_one("#new-category").focus()
        await pilot.press("9", "enter", "enter")
        await wait(pilot, lambda: desk.outbox)
        assert (desk.outbox[0].category, bool(desk.outbox[0].subject)) == ("FRAUD", True)
