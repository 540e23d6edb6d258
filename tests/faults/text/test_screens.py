"""Every screen and pane with hostile words in all of it: no cell acts, no row changes its width, no markup does anything."""

from __future__ import annotations

from typing import Any

from okpay_console.content.interface import t
from okpay_console.tui.panes.wallboard import Board
from okpay_console.tui.render import line
from okpay_console.tui.screens.drill import DrillScreen
from okpay_console.tui.screens.wall import WallScreen

from ...tui.conftest import until as wait
from ...tui.steps import ready
from .corpus import CORPUS, said
from .hostile import SEEN, hostile, watched, wrong

DESK = (
    "home", "exclamation_mark", "escape", "enter", "f1", "escape", "ctrl+g", "escape", "ctrl+k", "escape", "ctrl+t", "escape",
    "ctrl+d", "escape", "ctrl+u", "2", "escape", "f9", "down", "escape", "f10", "escape", "ctrl+p", "x", "escape", "ctrl+f", "甲",
    "escape", "escape", "ctrl+n", "escape", "ctrl+r", "escape", "ctrl+e", "甲", "escape", "escape", "f12", "escape", "ctrl+a",
    "e", "v", "enter", "escape", "escape", "f8", "escape", "f7", "escape", "act:handover", "escape", "act:move", "escape",
    "act:merge", "escape", "act:link", "escape", "act:split", "escape", "act:views", "enter", "enter", "escape", "escape",
    "act:new", "escape",
)  # fmt: skip
"""A key each, or an act of the desk that has none."""
WALL = (
    "f6", "enter", "escape", "f6", "f3", "f3", "f9", "escape", "list:open", "f5", "escape", "f7", "escape", "f8", "escape",
    "f3", "1", "escape", "enter", "f8", "escape", "escape", "escape",
)  # fmt: skip


async def walk(console: Any, pilot: Any, taken: list[str], keys: Any, seen: dict[str, str]) -> list[str]:
    """Presses the keys and looks after each; what is wrong, and into ``seen`` what each kind of screen showed."""
    told = []
    for key in keys:
        kind, _, what = key.partition(":")
        if kind == "act":
            console.app.desk_screen.action_key(what)
        elif kind == "list":
            board = console.app.screen.query_one(Board)
            board.at = next(at for at, one in enumerate(board.figures) if one.measure == what)
            await pilot.press("enter")
            await wait(pilot, lambda: isinstance(console.app.screen, DrillScreen) and console.app.screen.is_mounted)
        elif key:
            await pilot.press(key)
        await pilot.pause()
        name = type(console.app.screen).__name__
        seen[name] = seen.get(name, "") + console.text() + "\n"
        told += [f"{name} after {key}: {one}" for one in wrong(console.app, taken)]
        taken.clear()
    return told


async def test_nothing_that_others_write_does_anything_on_any_screen_of_the_desk(make: Any) -> None:
    console = make.console(hostile(make))
    seen: dict[str, str] = {}
    with watched() as taken:
        async with console.app.run_test(size=(120, 150)) as pilot:
            await ready(console, pilot, wait)
            told = await walk(console, pilot, taken, [""], seen)
            unseen = [name for name in CORPUS if line(said(name), emoji=t("queue.emoji"))[:6] not in seen["DeskScreen"]]
            assert unseen == [], "the harness shows the corpus"
            await pilot.resize_terminal(80, 24)
            told += await walk(console, pilot, taken, DESK, seen)
    assert not told, "\n".join(told)
    print({name: text.count(SEEN[:12]) for name, text in seen.items()})
    for name in ("DeskScreen", "WhyScreen", "Choose", "NoticesDialog", "ReviewsScreen", "Palette"):
        assert SEEN[:12] in seen[name], f"{name} shows what is hostile"
    assert {*seen} >= {"OwedDialog", "MakePromise", "OnDuty", "WrapUpDialog", "CloseCase", "HelpScreen"}, {*seen}


async def test_nothing_that_others_write_does_anything_on_the_wall(make: Any) -> None:
    desk = hostile(make, me="主管")
    desk.role = "supervisor"
    console = make.console(desk, screen="wall")
    seen: dict[str, str] = {}
    with watched() as taken:
        async with console.app.run_test(size=(120, 40)) as pilot:
            await wait(
                pilot, lambda: isinstance(console.app.screen, WallScreen) and console.app.screen.numbers is not None
            )
            told = await walk(console, pilot, taken, WALL, seen)
    assert not told, "\n".join(told)
    for name in ("WallScreen", "DrillScreen", "FollowScreen", "VoiceScreen", "Choose", "Write"):
        assert SEEN[:12] in seen[name], f"{name} shows what is hostile"
