"""The agents on the wall: each in a state in words since when, those on top who need a look, and none of it from memory."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from rich.cells import cell_len

from okpay_console.content.interface import use
from okpay_console.domain.daybook import Line
from okpay_console.domain.ticket import Call, Mark
from okpay_console.tui.panes.wallboard import Board
from okpay_console.tui.panes.wallcrew import CrewList
from okpay_console.tui.screens.drill import DrillScreen
from okpay_console.tui.screens.follow import FollowScreen
from okpay_console.tui.screens.wall import WallScreen


@pytest.fixture
def floor(make: Any) -> Any:
    """Four agents: one with a caller, one over the end of a break, one who waits, one whose console has gone silent."""

    def ago(minutes: float) -> datetime:
        at: datetime = make.now - timedelta(minutes=minutes)
        return at

    marks = (Mark("offered", ago(4)), Mark("answered", ago(3)))
    desk = make.desk([make.ticket(1, calls=(Call("c", "小李", marks),)), make.ticket(2)])
    told: list[tuple[str, str, str, datetime | None, float]] = [
        (name, "available", "", None, 180) for name in ("小李", "小张", "陈静", "赵强")
    ]
    told += [("小张", "break", "meal", ago(8), 38)]
    desk.lines = tuple(
        Line(uuid=f"u{place}", kind="state", at=ago(at), by=name, what=what, reason=reason, until=until)
        for place, (name, what, reason, until, at) in enumerate(told)
    )
    desk.heard_of = dict.fromkeys(("小李", "小张", "陈静"), make.now) | {"赵强": ago(44)}
    desk.role = "supervisor"
    return desk


async def on_the_wall(console: Any, pilot: Any, wait: Any) -> WallScreen:
    await wait(pilot, lambda: isinstance(console.app.screen, WallScreen) and console.app.screen.numbers is not None)
    await pilot.pause()
    screen: WallScreen = console.app.screen
    return screen


def named(console: Any, name: str) -> str:
    return next(line for line in str(console.text()).splitlines() if name in line)


@pytest.mark.parametrize(("size", "lang"), [((80, 24), "zh"), ((120, 36), "en"), ((200, 60), "zh")])
async def test_a_key_shows_the_agents_those_who_need_a_look_on_top_in_every_size(
    make: Any, floor: Any, wait: Any, size: Any, lang: str
) -> None:
    console = make.console(floor, screen="wall", lang=lang)
    async with console.app.run_test(size=size) as pilot:
        screen = await on_the_wall(console, pilot, wait)
        use(lang)
        assert floor.floor_followed
        await pilot.press("f6")
        await pilot.pause()
        names = [one.name for one in screen.query_one(CrewList).members]
        assert names == ["小张", "赵强", "小李", "陈静"]
        assert "38:00" in named(console, "小张") and "8:00" in named(console, "小张").replace("38:00", "")
        assert "14:02" in named(console, "赵强") and "!" in named(console, "赵强")
        assert "3:00" in named(console, "小李") and "20001" in named(console, "小李")
        assert all(cell_len(line) <= size[0] for line in console.text().splitlines())
        await pilot.press("f6")
        await pilot.pause()
        assert isinstance(console.app.focused, Board)
        await pilot.press("escape")
        await wait(pilot, lambda: not isinstance(console.app.screen, WallScreen))
        assert not floor.floor_followed, "nobody polls for a wall that is left"


async def test_the_clocks_run_and_a_new_line_moves_an_agent_while_the_cursor_stays_on_its_own(
    make: Any, floor: Any, wait: Any
) -> None:
    console = make.console(floor, screen="wall")
    async with console.app.run_test(size=(120, 36)) as pilot:
        screen = await on_the_wall(console, pilot, wait)
        await pilot.press("f6", "end")
        agents = screen.query_one(CrewList)
        assert agents.chosen is not None and agents.chosen.name == "陈静"
        floor.clock = make.now + timedelta(seconds=5)
        for name in ("小李", "小张", "陈静"):
            floor.heard_of[name] = floor.clock
        fresh = Line(uuid="new", kind="state", at=make.now, by="陈静", what="training")
        floor.lines = (*floor.lines, fresh)
        await wait(pilot, lambda: "培训" in named(console, "陈静"))
        assert "5s" in named(console, "陈静") and "3:05" in named(console, "小李")
        assert agents.chosen is not None and agents.chosen.name == "陈静"


async def test_enter_follows_the_ticket_in_hand_or_lists_the_agents_of_that_state(
    make: Any, floor: Any, wait: Any
) -> None:
    console = make.console(floor, screen="wall")
    async with console.app.run_test(size=(120, 36)) as pilot:
        await on_the_wall(console, pilot, wait)
        await pilot.press("f6", "home", "enter")
        await wait(pilot, lambda: isinstance(console.app.screen, DrillScreen))
        await pilot.press("escape")
        await wait(pilot, lambda: isinstance(console.app.screen, WallScreen))
        await pilot.press("down", "down", "enter")
        await wait(pilot, lambda: isinstance(console.app.screen, FollowScreen))
        assert console.app.screen.ticket == make.ticket(1).id


async def test_nobody_is_named_by_the_care_and_with_few_at_work_it_says_nothing(
    make: Any, floor: Any, wait: Any
) -> None:
    console = make.console(floor, screen="wall")
    async with console.app.run_test(size=(200, 60)) as pilot:
        screen = await on_the_wall(console, pilot, wait)
        shown = {one.words: one for one in screen.query_one(Board).figures}
        assert (shown["久未休息"].value, shown["久未休息"].note) == ("-", "在岗不足 3 人，不显示")
        floor.lines = (*floor.lines, Line(uuid="back", kind="state", at=make.now, by="小张", what="available"))
        await wait(pilot, lambda: screen.numbers and screen.numbers.crew and screen.numbers.crew.care.at_work == 3)
        await pilot.pause()
        shown = {one.words: one for one in screen.query_one(Board).figures}
        assert shown["久未休息"].value == "2", "小李 and 陈静 for three hours; 小张 comes back from a break"


async def test_the_large_digits_say_who_takes_calls(make: Any, floor: Any, wait: Any) -> None:
    console = make.console(floor, screen="wall", wallboard=True)
    async with console.app.run_test(size=(80, 24)) as pilot:
        await on_the_wall(console, pilot, wait)
        assert "可接 1   通话中 1   话后 0   小休 1" in console.text()
        await pilot.resize_terminal(200, 60)
        await wait(pilot, lambda: "可接 1" not in console.text() and "话后" in console.text())


async def test_an_agent_is_not_shown_his_own_time_as_that_of_the_floor(make: Any, floor: Any, wait: Any) -> None:
    floor.role = "agent"
    console = make.console(floor, screen="wall")
    async with console.app.run_test(size=(120, 36)) as pilot:
        screen = await on_the_wall(console, pilot, wait)
        assert screen.numbers is not None and screen.numbers.crew is None
        assert "坐席 各人状态只给主管看" in console.text() and "小张" not in console.text()


async def test_offline_no_clock_runs_on(make: Any, floor: Any, wait: Any) -> None:
    floor.state, floor.synced = "offline", make.now
    console = make.console(floor, screen="wall")
    async with console.app.run_test(size=(120, 36)) as pilot:
        screen = await on_the_wall(console, pilot, wait)
        floor.clock = make.now + timedelta(minutes=30)
        screen._reckon()
        await pilot.press("f6")
        await pilot.pause()
        assert "截至 14:46:00" in console.text()
        assert "3:00" in named(console, "小李"), "as of then, and not silent since"
