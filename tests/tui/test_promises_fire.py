"""A promise of mine fires whatever is open, stays until it is read, steals nothing, and comes once, through restarts too."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from okpay_console.domain import ops
from okpay_console.domain.ticket import Promise
from okpay_console.tui.owing import OwedDialog
from okpay_console.tui.screens.help import HelpScreen
from okpay_console.tui.screens.opening import OpenCaseDialog
from okpay_console.tui.screens.wall import WallScreen

from .steps import ready

EVERYWHERE = pytest.mark.parametrize(
    ("size", "lang"), [((120, 36), "zh"), ((120, 36), "en"), ((80, 24), "zh"), ((80, 24), "en")]
)


def promised(make: Any, *minutes: int, by: str = "小王") -> Any:
    """A desk whose first ticket has a promise due in so many minutes each."""
    promises = tuple(
        Promise(f"p{number}", f"第{number}次回电", make.now + timedelta(minutes=due), by, make.now)
        for number, due in enumerate(minutes, 1)
    )
    mine = replace(make.ticket(1), promises=promises, assignee=by, status="open")
    return make.desk([mine, make.ticket(2), make.ticket(3, promises=())])


async def tick(console: Any, pilot: Any) -> None:
    # The numbers are counted once a second at most; an alarm is looked for each time they are.
    console.app.desk_screen.live.count(at_once=True)
    await pilot.pause(0.05)


def band(console: Any) -> str:
    rows = console.text().splitlines()[:2]
    return next((row for row in rows if row.startswith(" ! ")), "")


@EVERYWHERE
@pytest.mark.parametrize("minutes", [9, 0, -30])
async def test_a_due_promise_is_told_while_somebody_types_and_nothing_of_his_moves(
    make: Any, wait: Any, size: Any, lang: str, minutes: int
) -> None:
    desk = promised(make, minutes + 60)
    console = make.console(desk, lang=lang)
    async with console.app.run_test(size=size) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "ctrl+n", *"half a wo")
        box = console.app.focused
        await pilot.pause(0.3)
        region, anchor = box.region, console.app.cursor_position
        assert band(console) == ""
        desk.clock += timedelta(hours=1)
        await tick(console, pilot)
        words = {True: ("承诺已到时", "Promise due"), False: ("承诺快到时", "Promise nearly due")}[minutes <= 0]
        assert words[lang == "en"] in band(console)
        assert "#20001" in band(console)
        assert (console.app.focused, box.region, console.app.cursor_position) == (box, region, anchor)
        await pilot.press("r", "d")
        assert box.text == "half a word"


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
@pytest.mark.parametrize(
    ("key", "screen"), [("f1", HelpScreen), ("ctrl+b", WallScreen), ("f5", OpenCaseDialog), ("ctrl+k", OwedDialog)]
)
async def test_it_is_told_over_every_screen_without_a_character_lost(
    make: Any, wait: Any, size: Any, key: str, screen: Any
) -> None:
    desk = promised(make, 60)
    console = make.console(desk)
    async with console.app.run_test(size=size) as pilot:
        await ready(console, pilot, wait)
        await pilot.press(key)
        await wait(pilot, lambda: isinstance(console.app.screen, screen))
        await pilot.pause(0.2)
        where = [(widget, widget.region) for widget in console.app.screen.query("Input, Choices")]
        focused = console.app.focused
        desk.clock += timedelta(hours=1)
        await tick(console, pilot)
        await pilot.pause()
        assert band(console).startswith(" ! 承诺已到时: 15:46 #20001 第1次回电  (回工作台处理)")
        assert [(widget, widget.region) for widget in console.app.screen.query("Input, Choices")] == where
        assert console.app.focused is focused


async def test_it_stays_until_escape_and_then_neither_time_nor_a_restart_brings_it_back(make: Any, wait: Any) -> None:
    desk = promised(make, -1)
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await tick(console, pilot)
        assert "承诺已到时" in band(console)
        console.app.desk_screen.say("别的话", "error")
        await tick(console, pilot)
        assert "承诺已到时" in band(console)
        await pilot.press("escape")
        await wait(pilot, lambda: band(console) == "")
        desk.clock += timedelta(minutes=5)
        await tick(console, pilot)
        assert band(console) == ""
        await wait(pilot, lambda: "p1:due" in desk.drafts.get(("", "alarms"), ""))
    again = make.console(desk)
    async with again.app.run_test(size=(120, 36)) as pilot:
        await ready(again, pilot, wait)
        await tick(again, pilot)
        assert band(again) == ""


async def test_one_that_nobody_read_is_told_again_after_a_restart(make: Any, wait: Any) -> None:
    desk = promised(make, -1)
    for _ in range(2):
        console = make.console(desk)
        async with console.app.run_test(size=(120, 36)) as pilot:
            await ready(console, pilot, wait)
            await tick(console, pilot)
            assert "承诺已到时" in band(console)


async def test_what_was_read_early_is_told_once_more_when_it_is_due(make: Any, wait: Any) -> None:
    desk = promised(make, 9)
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await tick(console, pilot)
        assert "承诺快到时" in band(console)
        await pilot.press("escape")
        await wait(pilot, lambda: band(console) == "")
        desk.clock += timedelta(minutes=9)
        await tick(console, pilot)
        assert "承诺已到时" in band(console)


@pytest.mark.parametrize(("early", "told"), [(10, False), (20, True)])
async def test_how_early_is_the_houses_choice(make: Any, wait: Any, early: int, told: bool) -> None:
    console = make.console(promised(make, 15), alarm_minutes=early)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await tick(console, pilot)
        assert bool(band(console)) is told


async def test_a_colleagues_promise_is_his_to_hear_of(make: Any, wait: Any) -> None:
    console = make.console(promised(make, -1, by="小李"))
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await tick(console, pilot)
        assert band(console) == ""


async def test_several_are_counted_and_a_settled_one_goes(make: Any, wait: Any) -> None:
    desk = promised(make, -9, -5)
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await tick(console, pilot)
        assert "第1次回电" in band(console) and "还有 1 条" in band(console)
        await desk.do(desk.author.settle(desk.view(desk.base[next(iter(desk.base))].id).ticket, "p1", kept=True))
        await tick(console, pilot)
        await wait(pilot, lambda: "第2次回电" in band(console) and "还有" not in band(console))


@pytest.mark.parametrize(("key", "kept"), [("plus", True), ("＋", True), ("minus", False), ("－", False)])
async def test_one_key_on_the_list_says_what_became_of_it(make: Any, wait: Any, key: str, kept: bool) -> None:
    desk = promised(make, 30, 60)
    console = make.console(desk)
    async with console.app.run_test(size=(80, 24)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("ctrl+k")
        await wait(pilot, lambda: isinstance(console.app.screen, OwedDialog) and console.app.focused is not None)
        await pilot.press("down", key)
        await wait(pilot, lambda: desk.outbox)
        await pilot.pause()
        op = desk.outbox[0]
        assert (type(op), op.promise, op.kept) == (ops.SettlePromise, "p2", kept)
        assert "第1次回电" in console.text()
        assert "第2次回电" not in "\n".join(console.text().splitlines()[5:])
        await pilot.press(key)
        await wait(pilot, lambda: console.app.screen is console.app.desk_screen)


@pytest.mark.parametrize(
    ("minutes", "lang", "words"),
    [
        (-30, "zh", "承诺已到时: 14:16 #20001"),
        (-1440, "zh", "承诺已到时: 昨天 14:46 #20001"),
        (-1440, "en", "Promise due: yesterday 14:46 #20001"),
        (-5 * 1440 - 656, "zh", "承诺已到时: 11-17 03:50 #20001"),
        (-365 * 1440, "en", "Promise due: 2025-11-22 14:46 #20001"),
    ],
)
async def test_the_alarm_of_a_promise_of_another_day_names_that_day(
    make: Any, wait: Any, minutes: int, lang: str, words: str
) -> None:
    console = make.console(promised(make, minutes), lang=lang)
    async with console.app.run_test(size=(80, 24)) as pilot:
        await ready(console, pilot, wait)
        await tick(console, pilot)
        assert words in band(console)
