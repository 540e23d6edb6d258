"""The agent's own state: chosen by one key, said in the status line, kept through calls, and never in the way of words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from okpay_console import errors
from okpay_console.domain.daybook import Line
from okpay_console.domain.ticket import Call, Mark
from okpay_console.tui.duty import Allowance, Duty, duty, minutes_taken
from okpay_console.tui.screens.onduty import OnDuty

EVERYWHERE = pytest.mark.parametrize(("size", "lang"), [((120, 36), "zh"), ((80, 24), "en")])


def state(make: Any, what: str, *, ago: float, reason: str = "", by: str = "小王", planned: float = 0) -> Line:
    """A state that began ``ago`` minutes before now."""
    at = make.now - timedelta(minutes=ago)
    until = at + timedelta(minutes=planned) if planned else None
    return Line(uuid=f"{what}{ago}{by}", kind="state", at=at, by=by, what=what, reason=reason, until=until)


def ringing(make: Any) -> Any:
    marks = (Mark("offered", make.now - timedelta(seconds=12)),)
    return make.ticket(9, "来电", calls=(Call("call", "", marks),))


def talking(make: Any) -> Any:
    marks = tuple(Mark(event, make.now - timedelta(seconds=ago)) for event, ago in (("offered", 60), ("answered", 50)))
    return make.ticket(9, "来电", calls=(Call("call", "小王", marks),), assignee="小王", status="open", category="TXN")


async def ready(console: Any, pilot: Any, wait: Any) -> None:
    await wait(pilot, lambda: bool(console.app.desk_screen.query("#case")) and console.app.desk_screen.model.order)
    console.app.desk_screen.live.tick()
    await pilot.pause()


def tick(console: Any) -> None:
    console.app.desk_screen.live.tick()


def top(console: Any) -> str:
    return console.text().splitlines()[0]


# What the lines say


def test_the_later_of_two_consoles_counts_and_other_peoples_lines_do_not(make: Any) -> None:
    lines = [
        state(make, "break", ago=1, reason="meal", planned=30),
        state(make, "available", ago=5),
        state(make, "offline", ago=0, by="小李"),
    ]
    found = duty(lines, "小王")
    assert (found.what, found.reason, found.away, found.over(make.now)) == ("break", "meal", True, False)
    assert duty(lines, "小赵") == Duty()


def test_minutes_are_counted_by_the_shift_and_not_by_the_day_or_the_restart(make: Any) -> None:
    minute = {"reason": "minute"}
    lines = [
        state(make, "available", ago=900),
        state(make, "break", ago=890, **minute),
        state(make, "offline", ago=800),
    ]
    assert minutes_taken(lines, "小王") == 1
    lines += [state(make, "available", ago=799), state(make, "break", ago=700, **minute)]
    assert minutes_taken(reversed(lines), "小王") == 2
    lines += [state(make, "offline", ago=600), state(make, "offline", ago=400), state(make, "available", ago=300)]
    assert minutes_taken(lines, "小王") == 0


def test_a_break_is_planned_as_the_house_says() -> None:
    house = Allowance(minute_seconds=90, rest_minutes=0)
    assert house.planned("break", "minute") == timedelta(seconds=90)
    assert house.planned("break", "rest") is None
    assert house.planned("training", "") == timedelta(minutes=60)
    assert house.planned("available", "") is None


# On the desk


@EVERYWHERE
async def test_one_key_and_a_digit_begin_a_break_and_the_words_being_written_stay(
    make: Any, desk: Any, wait: Any, size: Any, lang: str
) -> None:
    console = make.console(desk, lang=lang)
    async with console.app.run_test(size=size) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "ctrl+n", *"half a wo")
        box = console.app.focused
        await pilot.press("f10")
        await wait(pilot, lambda: isinstance(console.app.screen, OnDuty))
        await pilot.press("2", "r", "d")
        await wait(pilot, lambda: bool(desk.told("state")))
        told = desk.told("state")[0]
        assert (told.what, told.reason, told.until) == ("break", "rest", desk.clock + timedelta(minutes=15))
        await wait(pilot, lambda: box.text == "half a word")
        assert console.app.focused is box
        desk.clock += timedelta(minutes=6, seconds=10)
        region, anchor = box.region, console.app.cursor_position
        tick(console)
        await pilot.pause()
        assert ("小休 06:10/15" if lang == "zh" else "Break 06:10/15") in top(console)
        assert (box.region, console.app.cursor_position) == (region, anchor)
        desk.clock += timedelta(minutes=10)
        tick(console)
        await pilot.pause()
        assert ("小休 16:10/15 已超" if lang == "zh" else "Break 16:10/15 over") in top(console)


async def test_a_minute_keeps_the_next_caller_away_and_ends_by_itself(make: Any, wait: Any) -> None:
    desk = make.desk([ringing(make), make.ticket(1)])
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        assert "138****8000" in top(console)
        await pilot.press("f10", "f10")
        await wait(pilot, lambda: bool(desk.told("state")))
        await wait(pilot, lambda: "138****8000" not in top(console) and "缓一缓 00:00/2" in top(console))
        desk.clock += timedelta(seconds=119)
        tick(console)
        await pilot.pause()
        assert len(desk.told("state")) == 1
        desk.clock += timedelta(seconds=1)
        tick(console)
        await wait(pilot, lambda: len(desk.told("state")) == 2)
        assert desk.told("state")[1].what == "available"
        await wait(pilot, lambda: "138****8000" in top(console) and "到点了" in console.text())


@pytest.mark.parametrize(
    ("care", "said"), [({"minutes_per_shift": 1}, "用完了"), ({"minute_waiting": 1}, "有 1 位客户在等")]
)
async def test_a_minute_that_the_house_does_not_give_is_refused_and_said(
    make: Any, wait: Any, care: dict[str, int], said: str
) -> None:
    desk = make.desk([ringing(make), make.ticket(1)])
    desk.lines = (state(make, "break", ago=9, reason="minute", planned=2), state(make, "available", ago=7))
    console = make.console(desk, care=care)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("f11")
        await wait(pilot, lambda: said in console.text())
        assert desk.told("state") == list(desk.lines)


async def test_taking_a_caller_on_a_break_ends_the_break_and_says_so(make: Any, wait: Any) -> None:
    desk = make.desk([ringing(make), make.ticket(1)])
    desk.lines = (state(make, "break", ago=5, reason="meal", planned=30),)
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        assert "138****8000" not in top(console)
        assert "用餐 05:00/30" in top(console)
        await pilot.press("f5")
        await wait(pilot, lambda: desk.told("state")[-1].what == "available")
        await wait(pilot, lambda: "用餐已结束" in console.text())
        assert "已接听" in console.text()
        assert "通话中" in top(console)


async def test_a_caller_who_has_gone_does_not_end_the_break(make: Any, wait: Any) -> None:
    desk = make.desk([ringing(make), make.ticket(1)])
    desk.held[f"00000000-0000-7000-8000-{9:012d}"] = "小李"
    desk.lines = (state(make, "break", ago=5, reason="meal", planned=30),)
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("f5")
        await wait(pilot, lambda: "已经由 小李 接了" in console.text())
        tick(console)
        await pilot.pause()
        assert len(desk.lines) == 1


async def test_a_break_asked_for_during_a_call_begins_after_its_wrap_up(make: Any, wait: Any) -> None:
    desk = make.desk([talking(make), make.ticket(1)])
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("f10", "2")
        await wait(pilot, lambda: "做完话后就开始小休" in console.text())
        assert "话后小休" in top(console)
        await pilot.press("f8")
        await wait(pilot, lambda: type(console.app.screen).__name__ == "WrapUpDialog")
        tick(console)
        await pilot.pause()
        assert desk.told("state") == []
        await pilot.press("escape")
        await wait(pilot, lambda: console.app.screen is console.app.desk_screen)
        call = desk.base[f"00000000-0000-7000-8000-{9:012d}"]
        found = desk.view(call.id).ticket
        await desk.do(desk.author.mark(found, "call", "wrapped"))
        await wait(pilot, lambda: console.app.desk_screen.phone.mine is None)
        tick(console)
        await wait(pilot, lambda: [line.reason for line in desk.told("state")] == ["rest"])
        assert "小休 00:00/15" in top(console)


async def test_leaving_for_the_day_names_what_is_left_and_can_be_thought_over(make: Any, desk: Any, wait: Any) -> None:
    mine = make.ticket(9, assignee="小王", status="open")
    desk.put(mine)
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("f10", "7")
        await wait(pilot, lambda: "下班前还有：名下未结 1" in console.text())
        await pilot.press("1")
        await wait(pilot, lambda: console.app.screen is console.app.desk_screen)
        assert desk.told("state") == []
        await pilot.press("f10", "7")
        await wait(pilot, lambda: "下班前还有" in console.text())
        await pilot.press("2")
        await wait(pilot, lambda: [line.what for line in desk.told("state")] == ["offline"])
        await wait(pilot, lambda: "下班" in top(console))


async def test_a_state_that_the_disk_does_not_take_is_said_and_not_shown(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        desk.refuses_disk = errors.StoreFull("The disk is full.", "Make room.")
        await pilot.press("f10", "2")
        await wait(pilot, lambda: "磁盘满了" in console.text())
        assert "小休" not in top(console)
