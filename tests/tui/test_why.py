"""Why is it red: one key says it in the queue and in the case, at every size, and a paused ticket is not red."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from okpay_console.content.rules import load_rules
from okpay_console.domain import sla
from okpay_console.domain.queue import row_of
from okpay_console.domain.targets import Limit, Policy, Target
from okpay_console.domain.ticket import Pause
from okpay_console.tui.desk_model import Start
from okpay_console.tui.rows import due_words
from okpay_console.tui.screens.why import WhyScreen

from .steps import ready

CREATED = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)  # a Friday, 15:30 in Shanghai


def late(make: Any) -> Any:
    """A desk with one ticket that came on Friday afternoon and waited for a partner meanwhile."""
    clock = sla.start("TECH", "normal", "chat", CREATED, load_rules().sla)
    pause = Pause(CREATED + timedelta(hours=1), "partner", CREATED + timedelta(hours=2))
    one = make.ticket(1, "[b]闪退", category="TECH", channel="chat", assignee="小王", status="open")
    return make.desk([replace(one, created_at=CREATED, sla=replace(clock, responded_at=CREATED, pauses=(pause,)))])


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    ("key", "place"), [("exclamation_mark", "queue"), ("！", "queue"), ("!", "case"), ("！", "case")]
)
async def test_the_key_says_why_and_leads_back(
    make: Any, wait: Any, size: tuple[int, int], lang: str, key: str, place: str
) -> None:
    console = make.console(late(make), lang=lang)
    async with console.app.run_test(size=size) as pilot:
        await ready(console, pilot, wait)
        if place == "case":
            await pilot.press("enter")
            await wait(pilot, lambda: console.app.focused is not None and console.app.focused.id == "checklist")
        await pilot.press(key)
        await wait(pilot, lambda: isinstance(console.app.screen, WhyScreen))
        await pilot.pause()
        text = console.text()
        words = ("[b]闪退", "18h 工作时间", "扣除 非工作时间", "扣除 待合作方 1h", "周五")
        assert all(
            word in text for word in (words if lang == "zh" else ("[b]闪退", "18h working time", "a partner 1h", "Fri"))
        )
        await pilot.press(key)
        await wait(pilot, lambda: console.app.screen is console.app.desk_screen)


async def test_the_house_is_asked_for_its_own_limits(make: Any, wait: Any) -> None:
    console = make.console(late(make))
    own = Policy((Target(category="TECH", resolve=Limit(7 * 3600)),))
    start: Start = console.app.start
    console.app.desk_screen.start = Start(
        settings=start.settings, open_desk=start.open_desk, now=start.now, policy=lambda: own
    )
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        console.app.desk_screen.action_key("why")
        await wait(pilot, lambda: isinstance(console.app.screen, WhyScreen))
        await pilot.pause()
        assert "目标（技术支持）：7h" in console.text()


async def test_without_a_ticket_it_says_what_to_do(make: Any, wait: Any) -> None:
    console = make.console(make.desk([]))
    async with console.app.run_test(size=(80, 24)) as pilot:
        await wait(pilot, lambda: bool(console.app.desk_screen.query("#case")))
        await pilot.press("!")
        await wait(pilot, lambda: "先" in console.text())
        assert console.app.screen is console.app.desk_screen


@pytest.mark.parametrize(
    ("reason", "words"), [(None, "等客户"), ("customer", "等客户"), ("partner", "暂停"), ("等回函", "暂停")]
)
def test_a_paused_ticket_says_that_it_waits_and_is_not_red(make: Any, reason: str | None, words: str) -> None:
    pauses = () if reason is None else (Pause(make.now - timedelta(days=9), reason),)
    one = make.ticket(1, status="pending", minutes=-99)
    row = row_of(replace(one, sla=replace(one.sla, pauses=pauses)))
    assert due_words(row, make.now) == (words, "dim")
