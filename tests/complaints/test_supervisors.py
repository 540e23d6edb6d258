"""What supervisors told the peers about numbers that lead nowhere and words that were lost, played here: it cannot happen."""

from __future__ import annotations

from typing import Any

import pytest

from okpay_console.tui.panes.wallboard import Board
from okpay_console.tui.screens.drill import DrillScreen
from okpay_console.tui.screens.wall import WallScreen


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_chatwoot_6887_every_number_lists_the_cases_behind_it_and_gives_them_to_somebody(
    office: Any, size: Any
) -> None:
    """From the number to the cases, all of them reassigned at once; the agent has them, and what he had begun stays his."""
    lead, li = await office.seat("lead", "supervisor"), await office.seat("li")
    tickets = [await li.new(f"第{number}件") for number in range(4)]
    await li.engine.keep_draft(tickets[0], "reply", "half a sen")
    await lead.sync()
    async with lead.screen(size=size):
        lead.desk.action_key("board")
        await lead.until(lambda: isinstance(lead.app.screen, WallScreen) and lead.app.screen.numbers is not None)
        board = lead.app.screen.query_one(Board)
        board.at = next(place for place, one in enumerate(board.figures) if one.measure == "open")
        assert board.figures[board.at].value == "4"
        await lead.press("enter")
        await lead.until(lambda: isinstance(lead.app.screen, DrillScreen) and len(lead.app.screen.listing.lines) == 4)
        await lead.press("plus", "f5")
        await lead.until(lambda: any(code == "+" for code, _ in getattr(lead.app.screen, "options", ())))
        lead.app.screen.dismiss("=li")
        await lead.shows("会改 4 张")
        await lead.press("enter")
        await lead.until(lambda: len(lead.engine.pending_ids()) == 4)
        await lead.sync()
        await lead.shows("服务器已确认 4")
    await li.sync()
    assert {li.see(ticket).assignee for ticket in tickets} == {"li"}
    # zammad#5953: somebody else's change of owner took the half-written note with it.
    assert li.engine.draft(tickets[0], "reply") == "half a sen"
