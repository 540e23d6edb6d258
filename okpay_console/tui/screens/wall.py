"""The supervisor's wall: numbers with the tickets behind them, the day drawn, and how many agents it needs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import ClassVar, Final
from zoneinfo import ZoneInfo

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from ...content.interface import t
from ...content.solving import solving
from ...domain import walltally
from ...domain.behind import behind
from ...domain.calls import Formula
from ...domain.levers import WhatIf
from ...domain.wallnumbers import FORMULAS, House, Wall
from ...domain.watch import Watch
from ..desk_model import Desk
from ..desk_model import Settings as ScreenSettings
from ..figures import figures
from ..panes.status import KeyBar, link_words
from ..panes.wallbig import BigNumbers, tiles
from ..panes.wallboard import Board
from ..panes.wallcharts import Charts
from ..when import local

SECONDS: Final = 1.0
"""The numbers are reckoned at most this often, and rarer where that takes long."""
_SHARE: Final = 20
"""Reckoning may take one part in so many of the time."""
_SLICE: Final = 40
"""Tickets read at once; about two milliseconds, which no key press notices."""
_STEPS: Final = {
    "aht_less": ("aht", -10), "aht_more": ("aht", 10), "calls_less": ("calls", -10), "calls_more": ("calls", 10),
    "target_less": ("target_s", -5), "target_more": ("target_s", 5),
}  # fmt: skip


class WallScreen(Screen[list[str] | None]):
    """Returns the ids of the tickets behind the chosen number, None to go back to the desk."""

    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, desk: Desk, *, now: Callable[[], datetime]) -> None:
        super().__init__()
        self.desk = desk
        self.now = now
        self.numbers: Wall | None = None
        self.formula: Formula = "strict"
        self.what_if = WhatIf()
        self.big = False
        self._watch: Watch | None = None

    def compose(self) -> ComposeResult:
        yield Static("", id="wall-top", markup=False)
        with Horizontal(id="wall-body"):
            yield Board()
            yield Charts()
            yield BigNumbers()
        bar = KeyBar(id="wall-keys")
        bar.scopes = ("wall",)
        yield bar

    def on_mount(self) -> None:
        start = getattr(self.app, "start", None)
        settings = start.settings if start is not None else ScreenSettings()
        house = House(**settings.wall, solving=solving())
        self._watch = Watch(house, tz=ZoneInfo(settings.zone))
        self.formula, self.big = house.formula, settings.wallboard
        self.query_one(KeyBar).show(("wall",), getattr(self.app, "keys", {}))
        self._arrange()
        self.run_worker(self._keep_up(), exclusive=True)

    def _arrange(self) -> None:
        board = self.query_one(Board)
        self.query_one(Charts).display = not self.big
        self.query_one(BigNumbers).display = self.big
        # It keeps the focus, and with it the keys, while the large digits stand over it.
        board.styles.width = 0 if self.big else None
        board.styles.padding = 0 if self.big else None
        board.focus()

    async def _keep_up(self) -> None:
        loop = asyncio.get_running_loop()
        watch = self._watch
        assert watch is not None
        while True:
            rows = self.desk.rows()
            stale = watch.stale(rows)
            for first in range(0, len(stale), _SLICE):
                began = loop.time()
                watch.learn(rows, stale[first : first + _SLICE])
                if self.numbers is None:
                    self._say(t("wall.reading", percent=first * 100 // len(stale)))
                # As long for whatever else there is to do.
                await asyncio.sleep(loop.time() - began)
            began = loop.time()
            self._reckon()
            await asyncio.sleep(max(SECONDS, (loop.time() - began) * _SHARE))

    def _reckon(self) -> None:
        if self._watch is None or self._watch.stale(self.desk.rows()):
            return  # rows came in meanwhile: what is shown stays what was reckoned
        self.numbers = walltally.numbers(self._watch, self._as_of()[0], self.what_if)
        self._show()

    def _as_of(self) -> tuple[datetime, bool]:
        """The moment of the numbers, and whether that is now: without the server, it is when it was last heard."""
        status = self.desk.status()
        if status.state == "online" or status.last_sync_at is None:
            return self.now(), True
        return status.last_sync_at, False

    def _show(self) -> None:
        numbers = self.numbers
        if numbers is None:
            return
        clock = local(numbers.as_of).strftime("%H:%M:%S")
        self._say(clock if self._as_of()[1] else t("wall.as_of", at=clock))
        if self.big:
            self.query_one(BigNumbers).show(tiles(numbers, self.formula))
        else:
            self.query_one(Board).show(figures(numbers, self.formula))
            self.query_one(Charts).show(numbers, self.formula, self.what_if)

    def _say(self, words: str) -> None:
        link, _ = link_words(self.desk.status(), self.now())
        top = self.query_one("#wall-top", Static)
        content = Content(f" {t('wall.title')}   {words}   {link}")
        if top.content != content:
            top.update(content)

    def action_key(self, action: str) -> None:
        if action == "desk":
            self.dismiss(None)
        elif action == "drill":
            self._drill()
        elif action == "formula":
            self.formula = FORMULAS[(FORMULAS.index(self.formula) + 1) % len(FORMULAS)]
            self._show()
        elif action == "wallboard":
            self.big = not self.big
            self._arrange()
            self._show()
        elif action in _STEPS or action == "measured":
            self._try(action)
        elif action == "wall_help":
            from .help import HelpScreen

            self.app.push_screen(HelpScreen(["wall"]))
        elif action == "wall_quit":
            self.app.exit()

    def _try(self, action: str) -> None:
        """Changes what the staffing is reckoned with; nothing that was measured."""
        if action == "measured":
            self.what_if = WhatIf()
        else:
            name, step = _STEPS[action]
            least = -600 if name == "target_s" else 10
            self.what_if = replace(self.what_if, **{name: min(max(getattr(self.what_if, name) + step, least), 900)})
        self._reckon()

    def _drill(self) -> None:
        chosen = self.query_one(Board).chosen
        if self._watch is None or self.numbers is None or chosen is None or self.big:
            return
        found = behind(self._watch, chosen.measure, self.numbers.as_of, group=chosen.group, key=chosen.key)
        if found:
            self.dismiss(list(dict.fromkeys(found)))
