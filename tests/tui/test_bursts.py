"""Keys that come faster than their effects: not a letter is lost, none lands in another field, no command comes too early."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from textual import events
from textual.widgets import Input, TextArea

from okpay_console import errors
from okpay_console.domain import ops
from okpay_console.tui.panes.composer import Composer

from .steps import ready


def burst(console: Any, *keys: str) -> None:
    """All keys at once, as a terminal hands them over that was busy; a word longer than a key's name is typed letter by letter."""
    for key in keys:
        if key.startswith("="):
            for character in key[1:]:
                name = "space" if character == " " else character
                console.app.post_message(events.Key(name, character))
        else:
            console.app.post_message(events.Key(key, "\r" if key == "enter" else None))


async def test_words_and_the_key_that_stores_them_in_one_burst_store_all_words(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "ctrl+n")
        burst(console, "=客户要求今天回电 please", "ctrl+s")
        await wait(pilot, lambda: desk.outbox)
        assert desk.outbox[0].text == "客户要求今天回电 please"


async def test_the_key_that_opens_the_note_the_words_and_the_key_that_stores_them_in_one_burst(
    make: Any, desk: Any, wait: Any
) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter")
        burst(console, "ctrl+n", "=123 words", "ctrl+s")
        await wait(pilot, lambda: desk.outbox)
        assert [op.text for op in desk.outbox] == ["123 words"]
        assert console.app.desk_screen.model.view == "open"


async def test_the_storing_key_pressed_twice_stores_once(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "ctrl+n")
        burst(console, "=once", "ctrl+s", "ctrl+s")
        await wait(pilot, lambda: desk.outbox and not console.app.screen.query_one(Composer).display)
        await pilot.pause(0.3)
        assert [op.text for op in desk.outbox] == ["once"]


async def test_a_note_begun_right_behind_the_storing_key_is_empty(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "ctrl+n")
        burst(console, "=first", "ctrl+s", "ctrl+n", "=second", "ctrl+s")
        await wait(pilot, lambda: len(desk.outbox) == 2)
        assert [op.text for op in desk.outbox] == ["first", "second"]


async def test_a_disk_that_fails_brings_the_words_back_before_those_typed_since(
    make: Any, desk: Any, wait: Any
) -> None:
    desk.refuses_disk = errors.StoreFull("The disk is full.", "Make room.")
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "ctrl+n")
        burst(console, "=first", "ctrl+s", "ctrl+n", "=second")
        area = console.app.screen.query_one(TextArea)
        await wait(pilot, lambda: "second" in area.text and "磁盘满了" in console.text())
        await pilot.pause(0.3)
        assert "first" in area.text
        assert area.text.index("first") < area.text.index("second")
        assert desk.outbox == []


async def test_a_promise_in_one_burst_has_its_time_in_the_line_for_the_time(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter")
        burst(console, "ctrl+t", "=call", "enter", "=2h", "enter")
        await wait(pilot, lambda: desk.outbox)
        op = desk.outbox[0]
        assert isinstance(op, ops.MakePromise)
        assert op.text == "call"
        assert (op.due_at - make.now).total_seconds() == 7200


async def test_a_close_in_one_burst_has_every_word_in_its_place(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter")
        burst(console, "f7", "2", "=told all", "enter", "=hung up", "enter")
        await wait(pilot, lambda: desk.outbox)
        op = desk.outbox[0]
        assert (op.disposition, op.summary, op.override) == ("INFO_GIVEN", "told all", "hung up")


async def test_a_new_case_in_one_burst_has_every_word_in_its_place(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        burst(console, "f5", "=13912345678 李四", "enter", "3", "=paid twice", "enter")
        await wait(pilot, lambda: desk.outbox)
        op = desk.outbox[0]
        assert (op.caller.mobile, op.caller.name, op.category, op.subject) == (
            "+8613912345678", "李四", "TXN", "paid twice",
        )  # fmt: skip


async def test_the_words_of_a_reopening_are_whole(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        burst(console, "6", "enter", "ctrl+o", "=wrong person", "enter")
        await wait(pilot, lambda: desk.outbox)
        assert desk.outbox[0].reason == "wrong person"


async def test_words_written_over_in_the_review_tray_are_whole(make: Any, desk: Any, wait: Any) -> None:
    first = next(iter(desk.base))
    desk.tray = [make.review(uuid="u", ticket=first, name="ticket.note", words="我的", state="rejected", code="closed")]
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        burst(console, "f9", "3", "=备注 more", "enter")
        await wait(pilot, lambda: desk.outbox)
        assert desk.outbox[0].text == "我的备注 more"


async def test_words_typed_right_before_the_quitting_key_are_kept(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "ctrl+n")
        burst(console, "=last words", "ctrl+q")
        await wait(pilot, lambda: not console.app.is_running)
    assert "last words" in desk.drafts.values()


@pytest.mark.parametrize("how", ["ctrl+q", "escape"])
async def test_a_summary_typed_right_before_leaving_its_dialog_is_kept(
    make: Any, desk: Any, wait: Any, how: str
) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        first = console.app.desk_screen.model.order[0]
        burst(console, "enter", "f7", "2", "=customer waits", how)
        await wait(pilot, lambda: desk.drafts.get((first, "summary")) == "customer waits" or not console.app.is_running)
    assert desk.drafts[first, "summary"] == "customer waits"


async def test_the_board_opened_and_left_in_one_burst_takes_no_letter_from_the_note(
    make: Any, desk: Any, wait: Any
) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "ctrl+n")
        burst(console, "=one", "ctrl+b", "escape", "= two")
        await wait(
            pilot, lambda: console.app.screen.query(TextArea) and "two" in console.app.screen.query_one(TextArea).text
        )
        assert console.app.screen.query_one(TextArea).text == "one two"


async def test_the_filter_gets_what_is_typed_behind_its_key(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        burst(console, "slash", "=20002")
        await wait(pilot, lambda: bool(console.app.screen.query("#filter")))
        await wait(pilot, lambda: console.app.screen.query_one("#filter", Input).value == "20002")
        assert console.app.desk_screen.model.view == "open"


async def test_keys_behind_the_answer_to_a_question_wait_for_what_comes_of_it(make: Any, wait: Any) -> None:
    """The disk is slow: the list that the category brings is not there yet when its keys come."""
    desk = make.desk([make.ticket(1, category="")])
    console = make.console(desk)
    do_all = desk.do_all

    async def slowly(*args: Any, **kwargs: Any) -> None:
        await asyncio.sleep(0.3)
        await do_all(*args, **kwargs)

    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter")
        desk.do_all = slowly
        burst(console, "ctrl+g", "2", "1")
        await wait(pilot, lambda: len(desk.outbox) == 3)
        told = {op.field: (op.value, op.state) for op in desk.outbox[1:]}
        assert told == {"mobile": ("+8613800138000", "known"), "consent_rec": ("yes", "filled")}
