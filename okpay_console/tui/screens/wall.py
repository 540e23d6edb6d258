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
from ...domain.calls import Formula
from ...domain.crew import Crew, CrewNumbers
from ...domain.levers import WhatIf
from ...domain.wallnumbers import FORMULAS, House, Wall
from ...domain.watch import Watch
from ..desk_model import Desk
from ..desk_model import Settings as ScreenSettings
from ..figures import figures
from ..panes.status import KeyBar, link_words
from ..panes.wallalarms import WallAlarms
from ..panes.wallbig import BigNumbers, crew_tiles, tiles
from ..panes.wallboard import Board
from ..panes.wallcharts import Charts
from ..panes.wallcrew import CrewList, CrewPane
from ..when import local

SECONDS: Final = 1.0
"""The numbers are reckoned at most this often, and rarer where that takes long."""
_SHARE: Final = 20
"""Reckoning may take one part in so many of the time."""
_SLICE: Final = 40
"""Tickets read at once; about two milliseconds, which no key press notices."""
_AGENTS_S: Final = 0.01
"""So long agents are read at one go; one who had 400 calls takes several milliseconds the first time."""
_ROOMY: Final = 160
_NARROW: Final = 100
"""Columns from which on numbers and agents stand side by side, and below which agents stand alone."""
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
        self.agents = False
        self._watch: Watch | None = None
        self._crew: Crew | None = None

    def compose(self) -> ComposeResult:
        yield Static("", id="wall-top", markup=False)
        yield WallAlarms()
        with Horizontal(id="wall-body"):
            yield Board()
            yield CrewPane()
            yield Charts()
            yield BigNumbers()
        bar = KeyBar(id="wall-keys")
        bar.scopes = ("wall",)
        yield bar

    def on_mount(self) -> None:
        start = getattr(self.app, "start", None)
        settings = start.settings if start is not None else ScreenSettings()
        house = House(**settings.wall, solving=solving())
        zone = ZoneInfo(settings.zone)
        self._watch, self._crew = Watch(house, tz=zone), Crew(tz=zone)
        self.desk.follow_floor(True)
        self.formula, self.big = house.formula, settings.wallboard
        self.query_one(KeyBar).show(("wall",), getattr(self.app, "keys", {}))
        self._arrange()
        self.run_worker(self._keep_up(), exclusive=True)

    def on_unmount(self) -> None:
        self.desk.follow_floor(False)

    def on_resize(self) -> None:
        self.call_after_refresh(self._arrange)

    def _arrange(self) -> None:
        """Numbers or agents before the drawings, both where there is room; where there is little, agents need all of it."""
        board, crew = self.query_one(Board), self.query_one(CrewPane)
        roomy, narrow = self.size.width >= _ROOMY, self.size.width < _NARROW
        board.display = self.big or roomy or not self.agents
        crew.display = not self.big and (roomy or self.agents)
        self.query_one(Charts).display = not self.big and not (self.agents and narrow)
        self.query_one(BigNumbers).display = self.big
        # It keeps the focus, and with it the keys, while the large digits stand over it.
        board.styles.width = 0 if self.big else None
        board.styles.padding = 0 if self.big else None
        (self.query_one(CrewList) if self.agents and not self.big else board).focus()

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
            await self._keep_crew(watch)
            began = loop.time()
            self._reckon()
            await asyncio.sleep(max(SECONDS, (loop.time() - began) * _SHARE))

    async def _keep_crew(self, watch: Watch) -> None:
        """Reads the agents of whom something is new, one by one, leaving the others as long for whatever else there is."""
        crew = self._crew
        if crew is None or self.desk.role == "agent":
            return
        crew.learn(self.desk.daybook())
        loop = asyncio.get_running_loop()
        began = loop.time()
        for name in crew.stale(watch, self._as_of()[0]):
            crew.reckon(watch, (name,), self._as_of()[0])
            if loop.time() - began > _AGENTS_S:
                await asyncio.sleep(loop.time() - began)
                began = loop.time()

    def _reckon(self, *, anyhow: bool = False) -> None:
        if self._watch is None or (self._watch.stale(self.desk.rows()) and not anyhow):
            return  # rows came in meanwhile: what is shown stays what was reckoned
        as_of = self._as_of()[0]
        self.numbers = walltally.numbers(self._watch, as_of, self.what_if, crew=self._agents(self._watch, as_of))
        self._show()

    def _agents(self, watch: Watch, as_of: datetime) -> CrewNumbers | None:
        """None for an agent, whom the server tells of nobody but himself: that is not what the floor is like."""
        if self._crew is None or self.desk.role == "agent":
            return None
        # Before the server has said who was heard of, nobody's silence is known.
        return self._crew.numbers(watch, self.desk.seen() or None, as_of)

    def _as_of(self) -> tuple[datetime, bool]:
        """The moment of the numbers, and whether that is now: without the server, it is when it was last heard."""
        status = self.desk.status()
        if status.state == "online" or status.last_sync_at is None:
            return self.now(), True
        return status.last_sync_at, False

    def _show(self) -> None:
        numbers = self.numbers
        if numbers is None or not self._stands:
            return
        clock = local(numbers.as_of).strftime("%H:%M:%S")
        self._say(clock if self._as_of()[1] else t("wall.as_of", at=clock))
        self.query_one(WallAlarms).show(self.desk.daybook(), numbers.as_of)
        if self.big:
            self.query_one(BigNumbers).show(tiles(numbers, self.formula), crew_tiles(numbers))
        else:
            self.query_one(Board).show(figures(numbers, self.formula))
            self.query_one(CrewPane).show(numbers.crew, numbers.as_of, self.desk.rows())
            self.query_one(Charts).show(numbers, self.formula, self.what_if)

    @property
    def _stands(self) -> bool:
        """Whether there is anything to write on: a screen that is left loses its parts before its work is cancelled."""
        return bool(self.query(WallAlarms)) and bool(self.query("#wall-top"))

    def _say(self, words: str) -> None:
        if not self._stands:
            return
        link, _ = link_words(self.desk.status(), self.now())
        top = self.query_one("#wall-top", Static)
        content = Content(f" {t('wall.title')}   {words}   {link}")
        if top.content != content:
            top.update(content)

    def action_key(self, action: str) -> None:
        if action == "desk":
            self.dismiss(None)
        elif action == "drill":
            if not self._look_on():
                self._drill()
        elif action == "formula":
            self.formula = FORMULAS[(FORMULAS.index(self.formula) + 1) % len(FORMULAS)]
            self._show()
        elif action == "wallboard":
            self.big = not self.big
            self._arrange()
            self._show()
        elif action == "agents":
            self.agents = not self.agents
            self._arrange()
        elif action in _STEPS or action == "measured":
            self._try(action)
        elif action == "wall_voice":
            from .voice import VoiceScreen

            self.app.push_screen(VoiceScreen(self.desk, now=self.now))
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
        """Lists what the number under the cursor counts, over the wall; that very number, reckoned as the list is made."""
        from ..listing import listing_of
        from .drill import DrillScreen

        if self._watch is None or self.numbers is None or self.big:
            return
        self._reckon(anyhow=True)
        chosen = self.query_one(CrewList).figure if self.agents else self.query_one(Board).chosen
        if chosen is None:
            return
        listing = listing_of(self._watch, self.numbers, chosen)
        if listing is None:
            return
        screen, gate = DrillScreen(self.desk, listing, now=self.now), getattr(self.app, "gate", None)
        self.app.push_screen(screen, self._drilled)
        if gate is not None:
            gate.open_with(screen)

    def _look_on(self) -> bool:
        """Follows the ticket that the agent under the cursor has in hand; False where none is, or none that is here."""
        one = self.query_one(CrewList).chosen if self.agents and not self.big else None
        if one is None or one.ticket not in self.desk.rows():
            return False
        from .follow import FollowScreen

        screen, gate = FollowScreen(self.desk, one.ticket, now=self.now), getattr(self.app, "gate", None)
        self.app.push_screen(screen, lambda ticket: self._drilled([ticket] if ticket else None))
        if gate is not None:
            gate.open_with(screen)
        return True

    def _drilled(self, tickets: list[str] | None) -> None:
        if tickets:
            self.dismiss(tickets)
