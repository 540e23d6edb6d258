"""A call can be marked as abusive by one act, and a search that found no answer is told once, without a number in it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from okpay_console.domain.ticket import Call, Mark
from okpay_console.tui.abuse import marked
from okpay_console.tui.missed import Search, screened


def talking(make: Any, *events: str) -> Any:
    at = make.now - timedelta(seconds=60)
    marks = tuple(Mark(event, at + timedelta(seconds=10 * place)) for place, event in enumerate(events))
    return make.ticket(9, "来电", calls=(Call("call", "小王", marks),), assignee="小王", status="open", category="TXN")


async def ready(console: Any, pilot: Any, wait: Any) -> None:
    await wait(pilot, lambda: bool(console.app.desk_screen.query("#case")) and console.app.desk_screen.model.order)
    await pilot.pause()


async def test_a_call_is_marked_by_one_act_and_the_mark_taken_back_within_the_call(make: Any, wait: Any) -> None:
    desk = make.desk([talking(make, "offered", "answered"), make.ticket(1)])
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        console.app.desk_screen.action_key("abuse")
        await wait(pilot, lambda: "不是你的错；想缓一缓按 F11" in console.text())
        told = desk.told("abuse")[0]
        assert (told.what, told.reason, told.ticket[-1]) == ("call", "", "9")
        desk.clock += timedelta(seconds=1)
        console.app.desk_screen.action_key("abuse")
        await wait(pilot, lambda: "标记已取消" in console.text())
        assert [line.reason for line in desk.told("abuse")] == ["", "none"]
        assert not marked(desk.lines, "小王", "call")
        desk.clock += timedelta(seconds=1)
        await pilot.press("f8")
        await wait(
            pilot, lambda: type(console.app.screen).__name__ == "WrapUpDialog" and console.app.focused is not None
        )
        await pilot.press("0")
        await wait(pilot, lambda: marked(desk.lines, "小王", "call") and "已标记为辱骂" in console.text())


async def test_the_mark_on_a_call_that_is_over_can_be_made_and_stays(make: Any, wait: Any) -> None:
    desk = make.desk([talking(make, "offered", "answered", "ended", "wrapped"), make.ticket(1)])
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        console.app.desk_screen.action_key("abuse")
        await wait(pilot, lambda: len(desk.told("abuse")) == 1)
        console.app.desk_screen.action_key("abuse")
        await wait(pilot, lambda: "标记留着" in console.text())
        assert len(desk.told("abuse")) == 1


# Missed searches


def follow(*steps: str) -> list[str]:
    """What is told where a box is typed in letter by letter; ``!`` opens an answer, ``?`` is Enter on none, ``<`` leaves."""
    search, told = Search(), []
    for step in steps:
        if step == "!":
            search.opened()
            continue
        sought = {"?": search.in_vain, "<": search.left}.get(step, lambda word=step: search.typed(word, "TXN"))()
        told += [sought.words] if sought else []
    return told


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        (["z", "zh", "zhm", "zhmm", "<"], ["zhmm"]),
        (["zhmm", "zhm", "zh", "<"], ["zhmm"]),
        (["zhmm", "!", "<"], []),
        (["zhmm", "?", "zhmmx", "<"], ["zhmm"]),
        (["zhmm", "", "tkjd", "<"], ["zhmm", "tkjd"]),
        (["zhmm", "tkjd", "!", "<"], ["zhmm"]),
        (["zhmm", "<", "<"], ["zhmm"]),
        (["zhmm", "<", "z", "zj", "<"], ["zhmm", "zj"]),
        (["z", "<"], []),
        (["退", "<"], []),
        (["  ", "<"], []),
        ([], []),
    ],
)
def test_one_search_is_one_line_however_it_was_typed(steps: list[str], told: list[str]) -> None:
    assert follow(*steps) == told


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("订单 20419 没到", "订单 ***** 没到"),
        ("１２３ 错误", "*** 错误"),
        ("138 0013 8000 查询", "***"),
        ("验证码 123456", ""),
        ("4111 1111 1111 1111", ""),
        ("12345", ""),
        ("a", ""),
    ],
)
def test_no_number_and_no_secret_is_told(words: str, kept: str) -> None:
    told = screened(words)
    assert not any(letter.isdigit() for letter in told)
    assert kept in told if kept else told == ""


async def test_answers_left_without_opening_one_are_told_with_the_cases_category(
    make: Any, desk: Any, wait: Any
) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "ctrl+a")
        await wait(pilot, lambda: bool(console.app.screen.query("#answers-words")))
        await pilot.press(*"qqzz", "escape")
        await wait(pilot, lambda: bool(desk.told("missed")))
        await pilot.press("ctrl+a", "escape", "ctrl+w")
        await pilot.pause()
        assert [(line.words, line.what) for line in desk.told("missed")] == [("qqzz", "REFUND")]
        await pilot.press("ctrl+a")
        await pilot.press(*"zhmm", "enter", "escape", "escape")
        await pilot.pause()
        assert len(desk.told("missed")) == 1
