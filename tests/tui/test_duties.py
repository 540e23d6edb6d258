"""Promises are kept in sight until they are settled, and supervisors hand tickets over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from okpay_console.domain import ops
from okpay_console.domain.ticket import Promise
from okpay_console.tui.screens.ask import Choices

from .steps import ready


def promised(make: Any, *minutes: int, by: str = "小王") -> Any:
    """A desk whose first ticket has a promise due in so many minutes each."""
    one = make.ticket(1)
    promises = tuple(
        Promise(f"p{number}", f"第{number}次回电", make.now + timedelta(minutes=due), by, make.now)
        for number, due in enumerate(minutes, 1)
    )
    return make.desk([replace(one, promises=promises, assignee=by, status="open"), make.ticket(2)])


@pytest.mark.parametrize(
    ("minutes", "lang", "words"),
    [
        ((14, 90), "zh", "承诺 2，最近 15:00"),
        ((14, 90), "en", "promises 2, next 15:00"),
        ((-5, 90), "zh", "承诺 2，已超时 5m"),
        ((-5, 90), "en", "promises 2, late by 5m"),
        ((60 * 24,), "zh", "承诺 1，最近 11-23 14:46"),
    ],
)
async def test_the_status_line_tells_what_is_promised_and_which_is_due_first(
    make: Any, wait: Any, minutes: Any, lang: str, words: str
) -> None:
    console = make.console(promised(make, *minutes), lang=lang)
    async with console.app.run_test(size=(80, 24)) as pilot:
        await ready(console, pilot, wait)
        await wait(pilot, lambda: words in console.text())


async def test_what_a_colleague_promised_and_holds_is_not_mine(make: Any, wait: Any) -> None:
    console = make.console(promised(make, 14, by="小李"))
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        assert "承诺" not in console.text().splitlines()[0]


@pytest.mark.parametrize(("digit", "promise", "kept"), [("1", "p1", True), ("2", "p1", False), ("3", "p2", True)])
async def test_a_promise_is_settled_by_a_digit_and_leaves_the_status_line(
    make: Any, wait: Any, digit: str, promise: str, kept: bool
) -> None:
    desk = promised(make, 14, 90)
    console = make.console(desk)
    async with console.app.run_test(size=(80, 24)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("2", "enter", "ctrl+d")
        await wait(pilot, lambda: bool(console.app.screen.query(Choices)))
        assert "第1次回电" in console.text()
        await pilot.press(digit)
        await wait(pilot, lambda: desk.outbox)
        op = desk.outbox[0]
        assert isinstance(op, ops.SettlePromise)
        assert (op.promise, op.kept) == (promise, kept)
        await wait(pilot, lambda: "承诺 1，" in console.text())


async def test_a_case_without_promises_says_so(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "ctrl+d")
        await wait(pilot, lambda: "没有未了结的承诺" in console.text())


async def test_my_promises_are_listed_and_enter_opens_the_case(make: Any, wait: Any) -> None:
    console = make.console(promised(make, -5))
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("down", "ctrl+k")
        await wait(pilot, lambda: bool(console.app.screen.query(Choices)))
        assert "第1次回电 (已过期)" in console.text()
        await pilot.press("enter")
        await wait(pilot, lambda: console.app.desk_screen.opened.ticket.endswith("1"))


@pytest.mark.parametrize("role", ["supervisor", "admin"])
async def test_a_supervisor_hands_a_ticket_to_somebody(make: Any, desk: Any, wait: Any, role: str) -> None:
    desk.role = role
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter")
        console.app.desk_screen.action_key("assign")
        await wait(pilot, lambda: bool(console.app.screen.query(Choices)) and "小李" in console.text())
        listed = [words for _, words in console.app.screen.query_one(Choices).options]
        await pilot.press(str(listed.index("小李") + 1))
        await wait(pilot, lambda: desk.outbox)
        assert (type(desk.outbox[0]), desk.outbox[0].assignee) == (ops.Assign, "小李")


async def test_a_supervisor_may_name_somebody_who_holds_nothing_yet(make: Any, desk: Any, wait: Any) -> None:
    desk.role = "supervisor"
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter")
        console.app.desk_screen.action_key("assign")
        await wait(pilot, lambda: bool(console.app.screen.query(Choices)))
        await pilot.press("end", "enter")
        await wait(pilot, lambda: bool(console.app.screen.query("Input")))
        await pilot.press(*"小张", "enter")
        await wait(pilot, lambda: desk.outbox)
        assert desk.outbox[0].assignee == "小张"


async def test_an_agent_is_told_that_only_a_supervisor_hands_over(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter")
        console.app.desk_screen.action_key("assign")
        await wait(pilot, lambda: "只有班长" in console.text())
        assert len(console.app.screen_stack) == 1
