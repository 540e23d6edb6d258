"""The voice of the customer on the wall: masked, honest about what is not known, and one command away from a new answer."""

from __future__ import annotations

from typing import Any

import pytest

from okpay_console.content.interface import use
from okpay_console.domain.daybook import Line
from okpay_console.domain.ticket import FieldAnswer
from okpay_console.tui.screens.voice import VoiceScreen
from okpay_console.tui.screens.wall import WallScreen


@pytest.fixture
def desk(make: Any) -> Any:
    told = {
        "feedback_type": FieldAnswer("complaint", "filled"),
        "feedback_text": FieldAnswer("[bold]太慢了[/] 打我电话 13800138000", "filled"),
        "nps": FieldAnswer("2", "filled"),
    }
    found = make.desk([make.ticket(1, category="FEEDBACK", answers=told), make.ticket(2)])
    found.lines = tuple(
        Line(uuid=f"m{number}", kind="missed", at=make.now, by="小李", words=words, what="TXN")
        for number, words in enumerate(["怎么导出账单", "账单导出怎么弄", "dark mode"])
    )
    found.counts = {"feedback": (1, 2)}
    return found


@pytest.mark.parametrize(("size", "lang"), [((80, 24), "zh"), ((120, 36), "en")])
async def test_a_key_on_the_wall_opens_it_and_a_key_goes_back(
    make: Any, desk: Any, wait: Any, size: Any, lang: str
) -> None:
    console = make.console(desk, screen="wall", lang=lang)
    async with console.app.run_test(size=size) as pilot:
        await wait(pilot, lambda: isinstance(console.app.screen, WallScreen))
        await pilot.press("f9")
        await wait(pilot, lambda: isinstance(console.app.screen, VoiceScreen) and console.app.screen.heard is not None)
        await pilot.pause()
        screen = console.app.screen
        text = str(screen.query_one("#voice-text").content)
        assert "138****8000" in text and "13800138000" not in text
        assert "[bold]太慢了[/]" in text  # words, not markup
        assert "  2  怎么导出账单 / 账单导出怎么弄" in text
        assert "okpay-console answers draft zmdczd FILE.md" in text
        assert "67%" in text and ("票少" if lang == "zh" else "few votes") in text
        await pilot.press("escape")
        await wait(pilot, lambda: isinstance(console.app.screen, WallScreen))
    use("zh")


async def test_without_a_daybook_it_says_that_searches_are_not_known(make: Any, desk: Any, wait: Any) -> None:
    desk.lines, desk.counts, desk.state = (), {}, "offline"
    console = make.console(desk, screen="wall")
    async with console.app.run_test(size=(80, 24)) as pilot:
        await wait(pilot, lambda: isinstance(console.app.screen, WallScreen))
        await pilot.press("f9")
        await wait(pilot, lambda: isinstance(console.app.screen, VoiceScreen) and console.app.screen.heard is not None)
        text = str(console.app.screen.query_one("#voice-text").content)
        assert "没有值班日志" in text
