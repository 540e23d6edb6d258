"""A conversation of 10,000 entries opens and scrolls by wrapping some of them, and every one of them can be reached."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okpay_console.domain.ticket import Entry
from okpay_console.tui.panes import timeline
from okpay_console.tui.panes.timeline import TimelinePane
from okpay_console.tui.roll import MOST, STEP, Roll

MANY = 10_000


def said(make: Any, count: int) -> tuple[Entry, ...]:
    return tuple(
        Entry(f"e{at}", "message", make.now, "chat", f"第{at}句，已扣款未到账，请问什么时候退回来？我等了三天")
        for at in range(count)
    )


@pytest.fixture
def wrapped(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that were wrapped."""
    texts: list[str] = []
    wrap = timeline.wrap
    monkeypatch.setattr(timeline, "wrap", lambda text, width: (texts.append(text), wrap(text, width))[1])
    return texts


async def opened(make: Any, pilot: Any, wait: Any, console: Any, ticket: str) -> TimelinePane:
    await wait(pilot, lambda: console.app.screen.desk is not None and bool(console.app.desk_screen.model.order))
    assert console.app.desk_screen.show_ticket(ticket)
    pane: TimelinePane = console.app.desk_screen.opened.pane.query_one(TimelinePane)
    pane.focus()
    await wait(pilot, lambda: pane.max_scroll_y > 0 and pane.scroll_offset.y == pane.max_scroll_y)
    return pane


def numbers(console: Any) -> list[int]:
    return [int(found) for found in re.findall(r"第(\d+)句", console.text())]


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_opening_changing_and_jumping_wrap_a_stretch_of_it_and_not_all(
    make: Any, wait: Any, wrapped: list[str], size: tuple[int, int]
) -> None:
    one = make.ticket(1, timeline=said(make, MANY))
    desk = make.desk([one])
    console = make.console(desk)
    async with console.app.run_test(size=size) as pilot:
        pane = await opened(make, pilot, wait, console, one.id)
        assert MANY - 1 in numbers(console)
        # Head and words of each, once for the width without a scroll bar and once beside it.
        assert len(wrapped) <= 4 * STEP + 10
        for happen in (
            lambda: desk.put(
                make.ticket(1, timeline=(*said(make, MANY), Entry("new", "note", make.now, "小李", "新的一句")))
            ),
            pane.action_scroll_home,
            pane.action_scroll_end,
        ):
            wrapped.clear()
            happen()
            await wait(pilot, lambda: bool(wrapped))
            assert len(wrapped) <= 2 * STEP + 10
        await wait(pilot, lambda: "新的一句" in console.text())
        await pilot.press("home")
        await wait(pilot, lambda: 0 in numbers(console))
        assert pane.lines[-1].text == f"↓ 之后还有 {MANY + 1 - STEP} 条"


async def test_page_by_page_every_entry_comes_into_sight_and_back_again(
    make: Any, wait: Any, wrapped: list[str]
) -> None:
    count = MOST + 2 * STEP
    one = make.ticket(1, timeline=said(make, count))
    console = make.console(make.desk([one]))
    # A high terminal: fewer pages, and still several of them to each stretch.
    async with console.app.run_test(size=(120, 72)) as pilot:
        pane = await opened(make, pilot, wait, console, one.id)
        now = numbers(console)
        for key, goal in (("pageup", 0), ("pagedown", count - 1)):
            seen: set[int] = set(now)
            for _ in range(count):
                if goal in seen:
                    break
                most, least = max(now), min(now)
                wrapped.clear()
                await pilot.press(key)
                await pilot.pause()
                now = numbers(console)
                seen.update(now)
                # No entry is jumped over, and none comes the wrong way: the page lies where the last one ended, or overlaps it.
                if key == "pageup":
                    assert least - 1 <= max(now) <= most and min(now) < least
                else:
                    assert least <= min(now) <= most + 1 and max(now) > most
                assert len(now) < STEP and len(wrapped) <= 2 * STEP
            assert seen == set(range(count))
        assert pane.roll.at_end


async def test_whoever_reads_an_old_place_stays_there_while_others_write(make: Any, wait: Any) -> None:
    one = make.ticket(1, timeline=said(make, 1000))
    desk = make.desk([one])
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        pane = await opened(make, pilot, wait, console, one.id)
        await pilot.press("home", "pagedown", "pagedown")
        await pilot.pause()
        here = numbers(console)
        desk.put(make.ticket(1, timeline=said(make, 1001)))
        await wait(pilot, lambda: pane.roll.count == 1001)
        await pilot.pause()
        assert numbers(console) == here


async def test_a_short_conversation_is_laid_out_whole(make: Any, wait: Any) -> None:
    one = make.ticket(1, timeline=said(make, 12))
    console = make.console(make.desk([one]))
    async with console.app.run_test(size=(120, 36)) as pilot:
        pane = await opened(make, pilot, wait, console, one.id)
        assert (pane.roll.first, pane.roll.last) == (0, 12)
        assert "更早" not in console.text()


@settings(deadline=None)  # how long it takes is no matter of this test
@given(
    count=st.integers(0, 900),
    moves=st.lists(st.sampled_from(["up", "down", "home", "end", "more", "fewer", "same"]), max_size=25),
)
def test_the_lines_are_always_those_of_the_stretch_and_the_shift_is_what_stands_above(
    count: int, moves: list[str]
) -> None:
    def lay(at: int) -> list[str]:
        return [f"{at}.{line}" for line in range(at % 3 + 1)]

    roll: Roll[str] = Roll()
    roll.show(count, lay, end=True)
    for move in moves:
        before = list(roll.lines)
        if move in ("home", "end"):
            roll.jump(end=move == "end")
        elif move in ("up", "down"):
            shift = roll.up() if move == "up" else -roll.down()
            kept = [line for line in before if line in set(roll.lines)]
            assert not kept or roll.lines.index(kept[0]) == before.index(kept[0]) + shift
        else:
            count = max(count + {"more": 130, "fewer": -130, "same": 0}[move], 0)
            roll.show(count, lay, end=False)
        assert 0 <= roll.first <= roll.last <= roll.count == count
        assert roll.lines == [line for at in range(roll.first, roll.last) for line in lay(at)]
        assert roll.last - roll.first >= min(count, STEP) or move in ("more", "same", "up", "down")
        assert move in ("more", "fewer", "same") or roll.last - roll.first <= max(MOST, STEP)


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_the_newest_line_stays_in_sight_while_a_composer_opens_and_folds(
    make: Any, wait: Any, size: tuple[int, int]
) -> None:
    one = make.ticket(1, timeline=said(make, 40))
    console = make.console(make.desk([one]))
    async with console.app.run_test(size=size) as pilot:
        pane = await opened(make, pilot, wait, console, one.id)
        high = pane.size.height
        await pilot.press("ctrl+n")
        await wait(pilot, lambda: pane.size.height < high and pane.scroll_offset.y == pane.max_scroll_y)
        await pilot.press("escape")
        await wait(pilot, lambda: pane.size.height == high and pane.scroll_offset.y == pane.max_scroll_y)
        await pilot.press("ctrl+n")
        await pilot.press("x", "ctrl+s")
        await wait(pilot, lambda: pane.size.height == high and pane.scroll_offset.y == pane.max_scroll_y)


async def test_who_has_scrolled_up_stays_there_when_a_composer_opens(make: Any, wait: Any) -> None:
    one = make.ticket(1, timeline=said(make, 40))
    console = make.console(make.desk([one]))
    async with console.app.run_test(size=(120, 36)) as pilot:
        pane = await opened(make, pilot, wait, console, one.id)
        high = pane.size.height
        await pilot.press("pageup", "pageup")
        await wait(pilot, lambda: pane.scroll_offset.y < pane.max_scroll_y - high)
        await pilot.pause(0.3)
        there = pane.scroll_offset.y
        await pilot.press("ctrl+n")
        await wait(pilot, lambda: pane.size.height < high)
        await pilot.press("escape")
        await wait(pilot, lambda: pane.size.height == high)
        await pilot.pause()
        assert pane.scroll_offset.y == there
