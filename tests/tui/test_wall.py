"""The wall: every number opens what is behind it, the drawings fit every size, and nothing old looks live."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from okpay_console.content.interface import use
from okpay_console.content.solving import solving
from okpay_console.domain import walltally
from okpay_console.domain.ticket import Call, Mark
from okpay_console.domain.wallnumbers import House
from okpay_console.domain.watch import Watch
from okpay_console.tui.panes.wallbig import BigNumbers
from okpay_console.tui.panes.wallboard import Board
from okpay_console.tui.panes.wallcharts import Charts
from okpay_console.tui.screens.drill import DrillScreen
from okpay_console.tui.screens.wall import WallScreen

SIZES = [(80, 24), (120, 36), (200, 60)]


def call(make: Any, name: str, before: float, *steps: tuple[str, float]) -> Call:
    began = make.now - timedelta(seconds=before)
    marks = [Mark("offered", began), *(Mark(event, began + timedelta(seconds=after)) for event, after in steps)]
    return Call(name, "小李" if len(steps) > 1 else "", tuple(marks))


@pytest.fixture
def busy(make: Any) -> Any:
    """A desk whose hotline has a past: four calls today, one that rings, and the same weekday a week ago."""
    done = (("answered", 9.0), ("ended", 189.0), ("wrapped", 219.0))
    late = (("answered", 25.0), ("ended", 205.0), ("wrapped", 235.0))
    day = 86400.0
    calls = [
        (call(make, "a", 600, *done), call(make, "b", 900, *late)),
        (call(make, "c", 1200, ("abandoned", 3)), call(make, "d", 1500, *done)),
        (call(make, "e", 23),),
        tuple(call(make, f"w{number}", 7 * day - number, *done) for number in range(12)),
    ]
    tickets = [make.ticket(number + 1, calls=some) for number, some in enumerate(calls)]
    return make.desk(
        [*tickets, make.ticket(9, status="closed", closed_at=make.now), make.ticket(10, channel="chat", minutes=-5)]
    )


async def on_the_wall(console: Any, pilot: Any, wait: Any) -> WallScreen:
    await wait(pilot, lambda: isinstance(console.app.screen, WallScreen) and console.app.screen.numbers is not None)
    await pilot.pause()
    screen: WallScreen = console.app.screen
    return screen


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", SIZES)
async def test_the_wall_fills_every_size_in_both_languages(
    make: Any, busy: Any, wait: Any, size: Any, lang: str
) -> None:
    console = make.console(busy, lang=lang, screen="wall")
    async with console.app.run_test(size=size) as pilot:
        await on_the_wall(console, pilot, wait)
        for key in ("f4", "right_square_bracket", "f3", "f3"):
            await pilot.press(key)
            await pilot.pause()
            strips = list(console.app.screen._compositor.render_strips())
            assert {cell_len(strip.text) for strip in strips} == {size[0]}
        assert "50.0%" in console.text()
    use("zh")


async def test_what_stands_behind_a_number_can_be_listed_at_the_desk(make: Any, busy: Any, wait: Any) -> None:
    """The cursor goes down the whole list; what Enter lists is what was counted, and one key takes it to the desk."""
    console = make.console(busy, screen="wall")
    async with console.app.run_test(size=(120, 36)) as pilot:
        screen = await on_the_wall(console, pilot, wait)
        board = screen.query_one(Board)
        measures = [figure.measure for figure in board.figures if figure.measure]
        assert {"ringing", "offered", "in_target", "overdue", "open", "response_met", "solved"} <= set(measures)
        while board.chosen is None or board.chosen.measure != "offered":
            await pilot.press("down")
        assert board.chosen.value == "5"
        await pilot.press("enter")
        await wait(pilot, lambda: isinstance(console.app.screen, DrillScreen))
        await wait(pilot, lambda: len(console.app.screen.listing.lines) == 5)
        await pilot.press("f4")
        await wait(pilot, lambda: console.app.screen is console.app.desk_screen)
        model = console.app.desk_screen.model
        assert sorted(busy.rows()[one].number for one in model.order) == [20001, 20002, 20003]


async def test_a_number_of_nothing_stays_on_the_wall(make: Any, wait: Any) -> None:
    console = make.console(make.desk([make.ticket(1)]), screen="wall")
    async with console.app.run_test(size=(120, 36)) as pilot:
        screen = await on_the_wall(console, pilot, wait)
        assert screen.query_one(Board).chosen.measure == "ringing"  # type: ignore[union-attr]
        await pilot.press("enter")
        await pilot.pause()
        assert console.app.screen is screen


async def test_the_first_and_the_last_number_are_one_key_away(make: Any, busy: Any, wait: Any) -> None:
    console = make.console(busy, screen="wall")
    async with console.app.run_test(size=(80, 24)) as pilot:
        board = (await on_the_wall(console, pilot, wait)).query_one(Board)
        first = board.at
        await pilot.press("end")
        assert board.at > first and not any(figure.measure for figure in board.figures[board.at + 1 :])
        await pilot.press("home")
        assert board.at == first and not any(figure.measure for figure in board.figures[:first])


async def test_one_key_changes_the_formula_and_its_words_beside_the_number(make: Any, busy: Any, wait: Any) -> None:
    console = make.console(busy, screen="wall")
    async with console.app.run_test(size=(200, 60)) as pilot:
        await on_the_wall(console, pilot, wait)
        seen = []
        for _ in range(5):
            line = next(line for line in console.text().splitlines() if "服务水平" in line)
            seen.append(line)
            await pilot.press("f4")
            await pilot.pause()
        shares = ["40.0%", "50.0%", "66.7%", "66.7%", "60.0%"]
        words = ["20s内接起/进线", "(进线-5s内放弃)", "(接起+5s后放弃)", "20s内接起/接起", "20s内离队/进线"]
        assert [share in line and word in line for line, share, word in zip(seen, shares, words, strict=True)] == [
            True
        ] * 5


async def test_what_is_shown_is_what_the_pure_functions_give(make: Any, busy: Any, wait: Any) -> None:
    console = make.console(busy, screen="wall")
    async with console.app.run_test(size=(120, 36)) as pilot:
        screen = await on_the_wall(console, pilot, wait)
        watch = Watch(House(solving=solving()))
        watch.read(busy.rows())
        assert screen.numbers == walltally.numbers(watch, make.now)


async def test_offline_the_numbers_say_as_of_when_they_are_and_stand_still(make: Any, busy: Any, wait: Any) -> None:
    busy.state, busy.synced = "offline", make.now - timedelta(minutes=2)
    console = make.console(busy, screen="wall")
    async with console.app.run_test(size=(120, 36)) as pilot:
        screen = await on_the_wall(console, pilot, wait)
        assert "截至 14:44:00" in console.text() and "离线" in console.text()
        busy.clock = make.now + timedelta(minutes=5)
        screen._reckon()
        assert screen.numbers is not None and screen.numbers.as_of == busy.synced
        busy.state = "online"
        screen._reckon()
        await pilot.pause()
        assert "截至" not in console.text() and "14:51:00" in console.text()


async def test_what_changes_comes_onto_the_wall_and_what_does_not_is_not_drawn_again(
    make: Any, busy: Any, wait: Any
) -> None:
    console = make.console(busy, screen="wall")
    async with console.app.run_test(size=(120, 36)) as pilot:
        screen = await on_the_wall(console, pilot, wait)
        board = screen.query_one(Board)
        assert board.show(list(board.figures)) is False
        ringing = next(one for one in busy.base.values() if one.calls and one.calls[0].id == "e")
        busy.put(replace(ringing, calls=(call(make, "e", 23, ("answered", 20), ("held", 22)),)))
        await wait(pilot, lambda: screen.numbers is not None and screen.numbers.ringing == 0)
        assert screen.numbers is not None and screen.numbers.calls.answered == 4


async def test_a_what_if_changes_the_staffing_says_so_and_goes_back(make: Any, busy: Any, wait: Any) -> None:
    console = make.console(busy, screen="wall")
    async with console.app.run_test(size=(120, 36)) as pilot:
        screen = await on_the_wall(console, pilot, wait)
        assert screen.numbers is not None
        measured = screen.numbers.levers
        for key in ("plus", "】", "full_stop"):
            await pilot.press(key)
        await pilot.pause()
        assert "假设 时长110% 来电110% 目标+5s" in console.text()
        assert screen.numbers.levers != measured
        assert screen.numbers.calls.offered == 5
        await pilot.press("0")
        await pilot.pause()
        assert screen.numbers.levers == measured and "假设" not in console.text()


async def test_agents_are_asked_for_in_words_from_the_same_weekday_a_week_ago(make: Any, busy: Any, wait: Any) -> None:
    console = make.console(busy, screen="wall")
    async with console.app.run_test(size=(120, 36)) as pilot:
        screen = await on_the_wall(console, pilot, wait)
        assert screen.numbers is not None
        now = screen.numbers.levers[0]
        assert (now.label, now.calls) == ("14:30", 12.0)
        shown = next(line for line in console.text().splitlines() if "14:30" in line)
        assert f"+{now.more}" in shown and f" {now.rostered} " in shown


async def test_the_large_digits_need_no_key_and_every_tile_has_its_words(make: Any, busy: Any, wait: Any) -> None:
    console = make.console(busy, screen="wall", wallboard=True)
    async with console.app.run_test(size=(120, 36)) as pilot:
        screen = await on_the_wall(console, pilot, wait)
        assert not screen.query_one(Charts).display
        shown = {tile.words.split()[0]: tile.value for tile in screen.query_one(BigNumbers).tiles}
        assert shown == {
            "正在等": "1",
            "最久等待": "23s",
            "服务水平": "40%",
            "超时": "1",
            "放弃率": "20%",
            "再上人数": "+2",
        }
        text = console.text()
        assert all(word in text for word in shown)
        drawn = [
            segment
            for strip in screen._compositor.render_strips()
            for segment in strip
            if segment.style and segment.style.bgcolor and not segment.text.strip()
        ]
        assert len({str(segment.style.bgcolor) for segment in drawn if segment.style}) > 1
        await pilot.press("f3")
        await pilot.pause()
        assert screen.query_one(Charts).display
