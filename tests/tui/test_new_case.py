"""F5: a caller is on the line, and the case is made with the keyboard, with or without a server."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from textual.widgets import Input

from okpay_console import errors
from okpay_console.domain import ops
from okpay_console.tui.screens.opening import OpenCaseDialog

EVERYWHERE = pytest.mark.parametrize(
    ("size", "lang"), [((120, 36), "zh"), ((120, 36), "en"), ((80, 24), "zh"), ((80, 24), "en")]
)


async def opened(console: Any, pilot: Any, wait: Any, *, rows: bool = True) -> None:
    desk_screen = console.app.desk_screen
    await wait(pilot, lambda: bool(desk_screen.query("#case")) and (desk_screen.model.order or not rows))
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
        await pilot.press(*"13912345678李四", "enter", "2", *"locked", "enter")
        await wait(pilot, lambda: console.app.screen is console.app.desk_screen and len(desk.outbox) >= 3)
        await pilot.pause(0.1)
        made, offered, answered = desk.outbox[:3]
        assert isinstance(made, ops.NewTicket)
        assert (made.channel, made.caller.mobile, made.caller.name, made.category, made.subject) == (
            "hotline", "+8613912345678", "李四", "LOGIN", "locked",
        )  # fmt: skip
        assert [(mark.event, mark.moment) for mark in (offered, answered)] == [
            ("offered", make.now), ("answered", make.now),
        ]  # fmt: skip
        assert desk.view(made.ticket).ticket.assignee == desk.me
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
        for name in ("who", "same", "category", "subject", "channel"):
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
        assert box(console, "who").value == "1280"
        assert box(console, "who").has_focus
        assert desk.outbox == []


@pytest.mark.parametrize("name", ["who", "subject"])
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
        await pilot.press(*"13912345678 李四", "enter", "escape")
        await wait(pilot, lambda: "李四" in desk.drafts.get(("", "new"), ""))
        await opened(console, pilot, wait)
        assert box(console, "who").value == "13912345678 李四"
        box(console, "subject").focus()
        await pilot.press(*"x", "enter")
        await wait(pilot, lambda: desk.outbox)
        await wait(pilot, lambda: not desk.drafts.get(("", "new")))
        await wait(pilot, lambda: console.app.screen is console.app.desk_screen)
        console.app.desk_screen.action_key("new")
        await wait(pilot, lambda: isinstance(console.app.screen, OpenCaseDialog) and console.app.focused is not None)
        assert box(console, "who").value == ""


@EVERYWHERE
async def test_the_callers_open_cases_are_in_sight_before_a_new_one_is_made(
    make: Any, desk: Any, wait: Any, size: Any, lang: str
) -> None:
    console = make.console(desk, lang=lang)
    async with console.app.run_test(size=size) as pilot:
        await opened(console, pilot, wait)
        before = box(console, "who").region
        await pilot.press(*"13800138000")
        await pilot.pause()
        shown = console.text()
        assert ("未结工单 5" if lang == "zh" else "5 open") in shown
        assert [f"#2000{number}" in shown for number in (5, 6)] == [False, True]
        assert box(console, "who").region == before


async def test_a_digit_behind_the_down_key_chases_the_standing_case_and_its_clocks_go_on(
    make: Any, desk: Any, wait: Any
) -> None:
    console = make.console(desk)
    first = desk.base["00000000-0000-7000-8000-000000000001"]
    async with console.app.run_test(size=(120, 36)) as pilot:
        await opened(console, pilot, wait)
        await pilot.press(*"13800138000", "down", "1")
        await wait(pilot, lambda: desk.outbox)
        await pilot.pause(0.1)
        chased = console.app.desk_screen.opened.ticket
        assert [type(op) for op in desk.outbox[:3]] == [ops.Chase, ops.MarkCall, ops.MarkCall]
        assert {op.ticket for op in desk.outbox} == {chased}
        found = desk.view(chased).ticket
        assert (found.chases, found.priority) == (1, "high")
        if chased == first.id:
            assert found.sla.resolve_due == first.sla.resolve_due
        assert not [op for op in desk.outbox if isinstance(op, ops.NewTicket)]
        assert desk.drafts.get(("", "new"), "") == ""
        assert f"催办已记在 #{found.number}" in console.text()


async def test_the_moment_of_the_key_is_the_moment_of_the_answer_however_long_the_form_stands_open(
    make: Any, desk: Any, wait: Any
) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await opened(console, pilot, wait)
        desk.clock += timedelta(minutes=3)
        await pilot.press("enter", "2", "enter")
        await wait(pilot, lambda: desk.outbox)
        assert desk.outbox[2].moment == make.now


async def test_a_crash_in_the_form_costs_neither_words_nor_clock(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await opened(console, pilot, wait)
        await pilot.press(*"139")
        await wait(pilot, lambda: "139" in desk.drafts.get(("", "new"), ""))
        kept = dict(desk.drafts)
    desk.drafts = kept
    desk.clock += timedelta(seconds=134)
    again = make.console(desk)
    async with again.app.run_test(size=(120, 36)) as pilot:
        await wait(pilot, lambda: "通话中 02:14 F5 建单" in again.text())
        await opened(again, pilot, wait)
        assert box(again, "who").value == "139"
        assert "14:46:00 接起" in again.text()


async def test_a_form_that_nothing_was_written_in_leaves_nothing_behind(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await opened(console, pilot, wait)
        await pilot.press("escape")
        await wait(pilot, lambda: console.app.screen is console.app.desk_screen)
        await wait(pilot, lambda: not desk.drafts.get(("", "new")))
        assert "建单" not in console.text().splitlines()[0]


async def test_a_form_is_thrown_away_by_its_own_key(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await opened(console, pilot, wait)
        await pilot.press(*"wrong", "f4")
        await wait(pilot, lambda: console.app.screen is console.app.desk_screen)
        await wait(pilot, lambda: not desk.drafts.get(("", "new")))
        assert "这通来电没有记下" in console.text()
        assert desk.outbox == []


async def test_what_earlier_tickets_tell_is_filled_in_with_its_source(make: Any, wait: Any) -> None:
    told = {
        "device": make.answer("iPhone 15", "filled", at=make.now),
        "amount": make.answer("300", "filled", at=make.now),
    }
    desk = make.desk([make.ticket(1, category="TECH", status="closed", answers=told)])
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await wait(pilot, lambda: bool(console.app.desk_screen.query("#case")))
        await opened(console, pilot, wait, rows=False)
        await pilot.press(*"13800138000", "enter", "2", "enter")
        await wait(pilot, lambda: any(isinstance(op, ops.SetField) for op in desk.outbox))
        made = desk.view(desk.outbox[0].ticket).ticket
        assert (made.answers["device"].value, made.answers["device"].state, made.answers["device"].source) == (
            "iPhone 15", "known", "#20001",
        )  # fmt: skip
        assert made.answers["mobile"].state == "known"
        assert "amount" not in made.answers


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
        await pilot.press("9", "enter")
        await wait(pilot, lambda: desk.outbox)
        assert (desk.outbox[0].category, bool(desk.outbox[0].subject)) == ("FRAUD", True)


async def test_enter_pressed_once_too_often_does_not_say_that_the_caller_was_told_of_the_recording(
    make: Any, desk: Any, wait: Any
) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await opened(console, pilot, wait)
        await pilot.press(*"13912345678", "enter", "2", "enter", "enter")
        await wait(pilot, lambda: console.app.screen is console.app.desk_screen and len(desk.outbox) >= 3)
        await pilot.pause(0.2)
        made = desk.outbox[0].ticket
        assert desk.view(made).ticket.answers.get("consent_rec") is None
        await wait(pilot, lambda: "1 是" in console.text())
        await pilot.press("1")
        await wait(pilot, lambda: "consent_rec" in desk.view(made).ticket.answers)
        assert desk.view(made).ticket.answers["consent_rec"].value == "yes"
