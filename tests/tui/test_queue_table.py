"""The list on the screen: its cursor is a ticket, it repaints only what must be, and it never moves under the agent."""

from __future__ import annotations

from typing import Any

import pytest

from okpay_console.tui.panes.queue import TicketTable


async def opened(console: Any, pilot: Any, wait: Any) -> TicketTable:
    await wait(pilot, lambda: bool(console.app.desk_screen.query("#case")))
    await wait(pilot, lambda: console.app.desk_screen.model.order)
    await pilot.pause(0.15)
    return console.app.screen.query_one(TicketTable)


def many(make: Any, count: int) -> Any:
    return make.desk([make.ticket(number, minutes=number) for number in range(1, count + 1)])


async def test_the_cursor_stays_on_its_ticket_when_others_come_in_above(make: Any, wait: Any) -> None:
    desk = many(make, 60)
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        table = await opened(console, pilot, wait)
        await pilot.press("down", "down", "down")
        cursor = table.cursor
        for number in range(500, 512):
            desk.put(make.ticket(number, minutes=-number))
        await wait(pilot, lambda: "12 新工单" in console.text())
        assert table.cursor == cursor
        assert len(table.model.order) == 60
        line = next(row for row in console.text().splitlines() if row.startswith(">"))
        await pilot.press("ctrl+l")
        await pilot.pause()
        assert table.cursor == cursor
        assert len(table.model.order) == 72
        assert next(row for row in console.text().splitlines() if row.startswith(">"))[:40] == line[:40]
        await pilot.press("enter")
        await pilot.pause()
        assert "#20004" in console.text()


async def test_a_change_out_of_sight_paints_nothing_and_one_in_sight_paints_its_line(make: Any, wait: Any) -> None:
    desk = many(make, 500)
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        table = await opened(console, pilot, wait)
        before = table.lines_painted
        desk.put(make.ticket(450, "看不见的变化", minutes=450))
        await pilot.pause(0.3)
        assert table.lines_painted == before
        desk.put(make.ticket(3, "看得见的变化", minutes=3))
        await wait(pilot, lambda: "看得见的变化" in console.text())
        assert desk.rows()[make.ticket(450).id].subject == "看不见的变化"


async def test_a_key_paints_two_lines_not_the_list(make: Any, wait: Any) -> None:
    console = make.console(many(make, 500))
    async with console.app.run_test(size=(120, 36)) as pilot:
        table = await opened(console, pilot, wait)
        before = table.lines_painted
        await pilot.press("down")
        await pilot.pause()
        assert table.lines_painted - before <= 2


@pytest.mark.parametrize(
    ("presses", "at"),
    [(["end"], 299), (["end", "home"], 0), (["pagedown"], 30), (["pagedown", "pageup"], 0), (["up"], 0)],
)
async def test_the_list_is_walked_by_page_and_edge(make: Any, wait: Any, presses: list[str], at: int) -> None:
    console = make.console(many(make, 300))
    async with console.app.run_test(size=(120, 36)) as pilot:
        table = await opened(console, pilot, wait)
        page = table.size.height - 1
        await pilot.press(*presses)
        await pilot.pause()
        assert table.model.position(table.cursor) == (page if at == 30 else at)
        assert any(row.startswith(">") for row in console.text().splitlines())


async def test_a_click_selects_and_a_second_one_opens(make: Any, wait: Any) -> None:
    console = make.console(many(make, 30))
    async with console.app.run_test(size=(120, 36)) as pilot:
        table = await opened(console, pilot, wait)
        await pilot.click(TicketTable, offset=(10, 4))
        await pilot.pause()
        assert table.model.position(table.cursor) == 4
        assert "#20005" not in console.text()
        await pilot.click(TicketTable, offset=(10, 4))
        await wait(pilot, lambda: "#20005" in console.text())


async def test_a_pending_operation_marks_its_row_until_the_server_has_confirmed_it(make: Any, wait: Any) -> None:
    desk = many(make, 5)
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await opened(console, pilot, wait)
        await pilot.press("enter", "ctrl+n", *"hi", "ctrl+s")
        await wait(pilot, lambda: any(" 待" in row[:60] and "20001" in row for row in console.text().splitlines()))
        desk.confirm()
        await wait(pilot, lambda: not any(" 待" in r[:60] and "20001" in r for r in console.text().splitlines()))


async def test_views_are_chosen_by_digits_and_their_numbers_are_shown(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        table = await opened(console, pilot, wait)
        for digit, view, count in (("4", "overdue", 1), ("5", "pending", 1), ("6", "closed", 1), ("7", "all", 6)):
            await pilot.press(digit)
            await pilot.pause()
            assert (table.model.view, len(table.model.order)) == (view, count)
        assert "[7 全部 6]" in console.text()


async def test_the_filter_narrows_while_typing_and_escape_lets_go(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(80, 24)) as pilot:
        table = await opened(console, pilot, wait)
        await pilot.press("ctrl+f")
        await wait(pilot, lambda: console.app.focused is not None and console.app.focused.id == "filter")
        await pilot.press(*"20003")
        await wait(pilot, lambda: len(table.model.order) == 1)
        await pilot.press("escape")
        await wait(pilot, lambda: len(table.model.order) == 5)


async def test_the_first_load_fills_the_list_as_it_comes(make: Any, wait: Any) -> None:
    desk = make.desk([])
    desk.synced = None
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await wait(pilot, lambda: bool(console.app.desk_screen.query("#case")))
        await pilot.pause()
        assert "这里没有工单" in console.text()
        for number in range(1, 4):
            desk.put(make.ticket(number))
        await wait(pilot, lambda: len(console.app.desk_screen.model.order) == 3)
        assert "新工单" not in console.text()
