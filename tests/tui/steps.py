"""What many tests of the screens begin with: a desk that has come up, and its list."""

from __future__ import annotations

from typing import Any

from okpay_console.tui.panes.queue import TicketTable
from okpay_console.tui.screens.desk import DeskScreen


async def ready(console: Any, pilot: Any, wait: Any) -> DeskScreen:
    """Waits until the desk is there with its case pane and its first rows."""
    desk: DeskScreen = console.app.desk_screen
    await wait(pilot, lambda: bool(desk.query("#case")) and desk.model.order)
    await pilot.pause()
    return desk


def table(app: Any) -> TicketTable:
    """The queue on the screen that is shown."""
    found: TicketTable = app.screen.query_one(TicketTable)
    return found


def listed(app: Any) -> list[int]:
    """The numbers of the tickets that are listed, from the top."""
    model = table(app).model
    return [model.rows[ticket].number for ticket in model.order]
