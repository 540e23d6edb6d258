"""The supervisor's wall, first form: the numbers of the queue, each with the tickets behind it one key away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import Static

from ...content.interface import t
from ...domain import stats
from .. import house, keys
from ..desk_model import Desk
from ..panes.status import KeyBar, link_words
from ..render import fit, line
from ..rows import span
from ..when import local

SECONDS = 1.0
"""The numbers are counted at most this often, and rarer where counting takes long."""
_SHARE = 10
"""Counting may take one part in so many of the time."""
_COUNTS: tuple[tuple[stats.Count, str], ...] = (
    ("open", "open"),
    ("waiting", "waiting"),
    ("overdue", "overdue"),
    ("pending", "pending"),
    ("closed_today", "closed_today"),
)
_GROUPS: tuple[tuple[stats.Group, str], ...] = (
    ("by_channel", "channel"),
    ("by_category", "category"),
    ("by_agent", "agent"),
)


class Figure(NamedTuple):
    """One number with its words, and which rows stand behind it; a heading has no predicate."""

    words: str
    number: int
    select: stats.Predicate | None
    late: bool = False


def figures(numbers: stats.Numbers) -> list[Figure]:
    """Everything on the wall in reading order."""
    listed = [
        Figure(
            t(f"wall.{word}"), getattr(numbers, count), stats.select(count, now=numbers.as_of), late=count == "overdue"
        )
        for count, word in _COUNTS
    ]
    for group, word in _GROUPS:
        listed.append(Figure(t(f"wall.{word}"), -1, None))
        found: Mapping[str, int] = getattr(numbers, group)
        for key, count in sorted(found.items(), key=lambda item: -item[1]):
            listed.append(Figure(_key_words(group, key), count, stats.select_group(group, key)))
    return listed


def _key_words(group: stats.Group, key: str) -> str:
    if not key:
        return t("case.nobody") if group == "by_agent" else t("wall.none")
    if group == "by_channel":
        return t(f"channel.{key}")
    return house.category_title(key) if group == "by_category" else line(key)


class Board(ScrollView, can_focus=True):
    """The figures as lines with bars; the cursor is on a number."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"board--cursor", "board--head", "board--late", "board--dim"}
    BINDINGS = [  # noqa: RUF012 - Textual reads it from the class
        *keys.bindings("wall"),
        ("up,left", "move(-1)"),
        ("down,right", "move(1)"),
        ("pageup", "move(-8)"),
        ("pagedown", "move(8)"),
        ("home", "move(-999)"),
        ("end", "move(999)"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.figures: list[Figure] = []
        self.at = 0

    def show(self, listed: list[Figure]) -> None:
        here = self.figures[self.at].words if self.figures else ""
        self.figures = listed
        # The cursor stays on its number when others come and go around it.
        self.at = next((at for at, figure in enumerate(listed) if figure.words == here and figure.select), 0)
        self.virtual_size = self.virtual_size.with_height(len(listed))
        self.refresh()

    def action_move(self, by: int) -> None:
        at = min(max(self.at + by, 0), len(self.figures) - 1)
        step = 1 if by > 0 else -1
        while 0 <= at < len(self.figures) and self.figures[at].select is None:
            at += step
        if 0 <= at < len(self.figures):
            self.at = at
            top, height = self.scroll_offset.y, max(self.size.height, 1)
            if at < top or at >= top + height:
                self.scroll_to(y=max(at - height // 2, 0), animate=False, force=True, immediate=True)
            self.refresh()

    def on_click(self, event: events.Click) -> None:
        at = event.y - self.styles.padding.top + self.scroll_offset.y
        if 0 <= at < len(self.figures) and self.figures[at].select is not None:
            again = at == self.at
            self.at = at
            self.refresh()
            if again:
                self.action_key("drill")

    def action_key(self, action: str) -> None:
        screen = self.screen
        assert isinstance(screen, WallScreen)
        screen.action_key(action)

    def render_line(self, y: int) -> Strip:
        at = y + self.scroll_offset.y
        width, base = self.size.width, self.rich_style
        if at >= len(self.figures):
            return Strip.blank(width, base)
        figure = self.figures[at]
        if figure.select is None:
            head = base + self.get_component_rich_style("board--head", partial=True)
            return Strip([Segment(fit(figure.words, width), head)], width)
        most = max((one.number for one in self.figures if one.select is not None), default=1) or 1
        cells = max(min(width - 42, 60), 0)
        drawn = "=" * max(round(cells * figure.number / most), 1 if figure.number else 0)
        here = at == self.at
        style = base
        if here:
            style = self.get_component_rich_style("board--cursor")
        elif figure.late and figure.number:
            style = base + self.get_component_rich_style("board--late", partial=True)
        sign = ">" if here else "!" if figure.late and figure.number else " "
        text = f"{sign} {fit(figure.words, 26)}{fit(str(figure.number), 8, right=True)}  "
        bar_style = style if here else base + self.get_component_rich_style("board--dim", partial=True)
        return Strip([Segment(text, style), Segment(drawn, bar_style)]).adjust_cell_length(
            width, style if here else base
        )


class WallScreen(Screen[list[str] | None]):
    """Returns the ids of the tickets behind the chosen number, None to go back to the desk."""

    def __init__(self, desk: Desk, *, now: Callable[[], datetime]) -> None:
        super().__init__()
        self.desk = desk
        self.now = now
        self.numbers: stats.Numbers | None = None

    def compose(self) -> ComposeResult:
        yield Static("", id="wall-top", markup=False)
        yield Board()
        bar = KeyBar(id="wall-keys")
        bar.scopes = ("wall",)
        yield bar

    def on_mount(self) -> None:
        self.query_one(KeyBar).show(("wall",), getattr(self.app, "keys", {}))
        self.query_one(Board).focus()
        self.run_worker(self._count(), exclusive=True)

    async def _count(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            rows = list(self.desk.rows().values())
            self.numbers = await asyncio.to_thread(stats.numbers, rows, now=self.now())
            self._show()
            await asyncio.sleep(max(SECONDS, (loop.time() - began) * _SHARE))

    def _show(self) -> None:
        numbers = self.numbers
        if numbers is None:
            return
        link, _ = link_words(self.desk.status(), self.now())
        wait = numbers.oldest_wait_s
        oldest = t("wall.nobody_waits") if wait is None else t("wall.oldest", span=span(int(wait)))
        clock = local(numbers.as_of).strftime("%H:%M:%S")
        top = f" {t('wall.title')}   {oldest}   {link}   {clock}"
        self.query_one("#wall-top", Static).update(Content(top))
        self.query_one(Board).show(figures(numbers))

    def action_key(self, action: str) -> None:
        board = self.query_one(Board)
        if action == "desk":
            self.dismiss(None)
        elif action == "drill" and self.numbers is not None and board.figures:
            chosen = board.figures[board.at].select
            if chosen is not None:
                self.dismiss([row.id for row in self.desk.rows().values() if chosen(row)])
        elif action == "wall_help":
            from .help import HelpScreen

            self.app.push_screen(HelpScreen(["wall"]))
        elif action == "wall_quit":
            self.app.exit()
