"""The wall says which alarms are up and since when, in one line that is there only then."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from rich.cells import cell_len

from okpay_console.content.interface import use
from okpay_console.domain.daybook import Line
from okpay_console.tui.panes.wallalarms import WallAlarms
from okpay_console.tui.screens.wall import WallScreen


def told(make: Any, name: str, reason: str, minutes: float, **words: Any) -> Line:
    at = make.now - timedelta(minutes=minutes)
    text = msgspec.json.encode({"metric": "ringing", "value": 7, "words": name, **words}).decode()
    return Line(
        uuid=f"{name}{reason}{minutes}",
        kind="alarm",
        at=at,
        by="server",
        what=name,
        reason=reason,
        queue="*",
        words=text,
    )


@pytest.mark.parametrize(("size", "lang"), [((80, 24), "zh"), ((120, 36), "en")])
async def test_alarms_that_are_up_stand_under_the_head_and_leave_it_when_they_are_cleared(
    make: Any, wait: Any, size: Any, lang: str
) -> None:
    desk = make.desk([make.ticket(1)])
    desk.role = "supervisor"
    console = make.console(desk, screen="wall", lang=lang)
    async with console.app.run_test(size=size) as pilot:
        await wait(pilot, lambda: isinstance(console.app.screen, WallScreen) and console.app.screen.numbers is not None)
        use(lang)
        screen: Any = console.app.screen
        band = screen.query_one(WallAlarms)
        assert not band.display
        # The first was told again later, which does not make it younger; the second is not for agents, and here all the same.
        since = (make.now - timedelta(hours=14)).isoformat()
        desk.lines = (
            told(make, "VIP排队", "raised", 60, since=since),
            told(make, "放弃率", "raised", 5),
            told(make, "旧的", "raised", 90),
            told(make, "旧的", "cleared", 80),
        )
        screen._reckon(anyhow=True)
        await pilot.pause()
        line = next(line for line in console.text().splitlines() if "VIP" in line)
        assert line.index("放弃率") < line.index("VIP排队") and "旧的" not in line
        assert ("告警 2" if lang == "zh" else "2 up") in line and "14" in line
        assert all(cell_len(one) <= size[0] for one in console.text().splitlines())
        desk.lines = (*desk.lines, told(make, "VIP排队", "cleared", 0), told(make, "放弃率", "cleared", 0))
        screen._reckon(anyhow=True)
        await pilot.pause()
        assert not band.display and "VIP" not in console.text()
