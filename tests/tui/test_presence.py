"""The case says who else has it open, the desk says what is open here, and waiting for the server can be cut short."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from okpay_console.domain.presence import Beside
from okpay_console.tui.panes.header import company
from okpay_console.tui.panes.status import link_words

SIZES = [(80, 24), (120, 36)]


def ready(app: Any) -> bool:
    return app.screen.desk is not None and "all" in app.desk_screen.view_bar.counts


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("lang", "looks", "writes"),
    [("zh", "小李 正在看", "小李 正在写回复"), ("en", "小李 is looking", "小李 is writing a reply")],
)
async def test_the_header_says_who_else_has_the_case_open_and_who_writes(
    make: Any, desk: Any, wait: Any, size: tuple[int, int], lang: str, looks: str, writes: str
) -> None:
    first = make.ticket(1).id
    console = make.console(desk, lang=lang)
    async with console.app.run_test(size=size) as pilot:
        await wait(pilot, lambda: ready(console.app))
        await pilot.press("enter")
        await wait(pilot, lambda: console.app.desk_screen.opened.ticket == first)
        for others, said in (((Beside("小李"),), looks), ((Beside("小李", writing=True),), writes), ((), "")):
            desk.company = {first: others}
            desk.poke(first)
            await wait(
                pilot,
                lambda said=said: (
                    [words for words in (looks, writes) if words in console.text()] == [said][: len(said)]
                ),
            )


async def test_the_desk_is_told_which_case_is_open_and_when_a_reply_is_written(make: Any, desk: Any, wait: Any) -> None:
    first, second = make.ticket(1).id, make.ticket(2).id
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await wait(pilot, lambda: ready(console.app))
        await pilot.press("space")
        await wait(pilot, lambda: desk.looks[-1:] == [(first, False)])
        await pilot.press("ctrl+r")
        await wait(pilot, lambda: desk.looks[-1] == (first, True))
        await pilot.press("escape")
        await wait(pilot, lambda: desk.looks[-1] == (first, False))
        await pilot.press("ctrl+n")
        await pilot.press("escape", "escape", "down", "space")
        await wait(pilot, lambda: desk.looks[-1] == (second, False))
        assert (first, True) not in desk.looks[-2:], "a note is nobody's reply"


def test_many_are_named_as_far_as_a_line_has_room_whoever_writes_first() -> None:
    many = tuple(Beside(f"agent{number}", writing=number == 4) for number in range(5))
    assert company(many) == ["agent4 正在写回复", "agent0 正在看", "等 3 人"]
    assert company(()) == []


def test_a_name_cannot_act_on_the_terminal() -> None:
    assert company((Beside("a\x1b[31m[bold]b"),)) == ["a^[[31m[bold]b 正在看"]


@pytest.mark.parametrize(
    ("state", "retry_in", "step", "said"),
    [
        ("offline", 11.2, 1, "离线  12s 后重试"),
        ("offline", 11.2, 10, "离线  20s 后重试"),
        ("offline", 0.0, 1, "离线  0s 后重试"),
        ("refused", 59.0, 1, "服务器不接受  59s 后重试"),
        ("signed-out", None, 1, "未登录"),
    ],
)
def test_a_link_that_is_down_says_when_it_is_tried_again(
    make: Any, desk: Any, state: str, retry_in: float | None, step: int, said: str
) -> None:
    desk.state, desk.retry_in = state, retry_in
    words, _ = link_words(desk.status(), make.now, step=step)
    assert words.startswith(said) and ("重试" in words) == (retry_in is not None)


@pytest.mark.parametrize("size", SIZES)
async def test_a_click_on_the_status_or_the_palette_tries_at_once(
    make: Any, desk: Any, wait: Any, size: tuple[int, int]
) -> None:
    desk.state, desk.retry_in = "offline", 25.0
    desk.synced = make.now - timedelta(minutes=2)
    console = make.console(desk)
    async with console.app.run_test(size=size) as pilot:
        await wait(pilot, lambda: ready(console.app))
        await wait(pilot, lambda: "离线  25s 后重试  数据 2m 前" in console.text())
        await pilot.click("#status", offset=(size[0] - 30, 0))
        await wait(pilot, lambda: desk.retries == 1)
        await pilot.press("ctrl+p")
        await wait(pilot, lambda: len(console.app.screen_stack) == 2)
        await pilot.press(*"立即重试")
        await wait(pilot, lambda: "立即重试" in console.text().replace("立即重试", "", 1))
        await pilot.press("enter", "enter")
        await wait(pilot, lambda: desk.retries == 2)
        desk.state = "online"
        console.app.desk_screen.show_status()
        await pilot.click("#status", offset=(size[0] - 30, 0))
        await pilot.pause()
        assert desk.retries == 2
