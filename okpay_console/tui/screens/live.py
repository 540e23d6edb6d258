"""What keeps a desk screen true while it is open: changes are gathered, taken in and counted, and time goes by."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ...content.interface import t
from ...domain import promises
from ..desk_model import Changed, Desk
from ..panes.queue import TicketTable
from ..rows import span
from ..telling import Telling
from ..when import local

if TYPE_CHECKING:
    from .desk import DeskScreen

GATHER_SECONDS = 1 / 12
"""Changes from the engine are put into the model together, this often at most."""
COUNT_SECONDS = 1.0


class Live:
    """The flow from the engine to one screen. It may be told of changes before the desk itself is there."""

    def __init__(self, screen: DeskScreen) -> None:
        self.screen = screen
        self._gathered: set[str] = set()
        self._everything = False
        self._floor = False
        self._gathering = False
        self._loading = False
        self._loaded = False
        self._counted_at = 0.0
        self._trouble = ""
        self._telling = Telling()

    async def begin(self) -> None:
        """The desk is here: takes all its rows in, the cursor staying on its ticket, and lets time go by from now on."""
        await self.screen.own.begin()
        await self._load(adopt=True)
        self.screen.set_interval(1.0, self.tick)

    def changed(self, change: Changed) -> None:
        """The engine's listener: cheap, gathers what is to be looked at."""
        self._gathered.update(change.tickets)
        self._everything = self._everything or change.everything
        if change.answers:
            self.screen.answers.renew()
        self._floor = self._floor or change.daybook
        if not self._gathering:
            self._gathering = True
            self.screen.set_timer(GATHER_SECONDS, self._gather)

    async def _gather(self) -> None:
        self._gathering = False
        desk = self.screen.desk
        if desk is None or self._loading:
            return
        if self._everything:
            await self._load(adopt=False)
        self._take(desk, self._gathered)
        if self._floor:
            self._floor = False
            self._look_around()
        self.screen.show_status()

    def _take(self, desk: Desk, tickets: set[str]) -> None:
        """Puts the changed rows into the model and repaints those in sight."""
        screen, model = self.screen, self.screen.model
        moved = set(tickets)
        # While all rows are being read anew, what changes is taken in once more behind them: they may be older.
        self._gathered = self._gathered | moved if self._loading else self._gathered - moved
        rows, now = desk.rows(), screen.now()
        before = len(model.order)
        for ticket in moved:
            model.change(ticket, rows.get(ticket), now=now)
            screen.phone.notice(ticket, rows.get(ticket))
        table = screen.query_one(TicketTable)
        if model.fresh and (not model.order or desk.status().last_sync_at is None):
            # Nothing to disturb: an empty list, or the very first load, fills as it comes.
            model.take_in(now=now)
            table.show_list()
        elif len(model.order) != before:
            table.show_list()
        else:
            table.changed(moved)
        if screen.opened.ticket in moved:
            screen.opened.refresh()
        self.count()

    async def _load(self, *, adopt: bool) -> None:
        screen, desk = self.screen, self.screen.desk
        if desk is None:
            return
        self._loading, self._everything = True, False
        try:
            await screen.model.load(desk.rows())
            self._loaded = True
        finally:
            self._loading = False
        for ticket, row in desk.rows().items():
            screen.phone.notice(ticket, row)
        now = screen.now()
        if adopt or desk.status().last_sync_at is None or not screen.model.order:
            screen.model.take_in(now=now)
        else:
            screen.model.reconcile(now=now)
        table = screen.query_one(TicketTable)
        table.show_list()
        table.changed(())
        screen.opened.refresh()
        self.count(at_once=True)
        self._take(desk, self._gathered)

    def settled(self, ticket: str) -> None:
        """The agent did something: shown at once, not at the next gathering."""
        screen = self.screen
        if screen.desk is not None:
            self._take(screen.desk, {ticket})
        if ticket in screen.model.fresh:
            # What he made himself he need not ask for.
            screen.model.take_in(now=screen.now())
            screen.query_one(TicketTable).show_list()
        self._promises()
        screen.show_status()
        row = screen.model.rows.get(ticket)
        if row is not None and row.status == "closed" and screen.model.view not in ("closed", "all"):
            screen.model.leave(ticket)
            screen.query_one(TicketTable).show_list()

    def count(self, *, at_once: bool = False) -> None:
        """Brings the numbers of the views up to date, unless that was done a moment ago.

        Until all rows are here those of the snapshot stand: a count of the first screen's rows alone would be untrue.
        """
        if not self._loaded:
            return
        now = asyncio.get_running_loop().time()
        if at_once or now - self._counted_at >= COUNT_SECONDS:
            self._counted_at = now
            self.screen.show_views(self.screen.model.counts(now=self.screen.now()))
            self._promises()

    def _promises(self) -> None:
        """What the agent still owes, in the status line's words: how many, and which is due first."""
        model, now = self.screen.model, self.screen.now()
        owed = promises.open_promises(model.promising(), keeper=model.me)
        self.screen.alarms.look(owed, now)
        words, late = "", False
        if owed:
            due = owed[0].promise.due_at
            late = owed[0].late(now)
            if late:
                words = t("promise.owed_late", count=len(owed), span=span(int((now - due).total_seconds())))
            else:
                form = "%H:%M" if local(due).date() == local(now).date() else "%m-%d %H:%M"
                words = t("promise.owed", count=len(owed), at=local(due).strftime(form))
        self.screen.status_line.promise = (words, late)

    def tick(self) -> None:
        """A second went by."""
        screen = self.screen
        now = screen.now()
        typing = screen.typing
        screen.clock.tick(now, typing=typing)
        if not typing:
            screen.query_one(TicketTable).tick()
            screen.opened.tick()
        if screen.desk is not None:
            screen.phone.tick(now, typing=typing)
            self._look_around()
            screen.opened.look()
            self._watch_disk(screen.desk)
            for words in self._telling.news(screen.desk):
                screen.alarm(words)
            self.count()
        screen.show_status()

    def _look_around(self) -> None:
        """What the agent himself is at, and what others tell him."""
        self.screen.shift.tick(self.screen.now(), typing=self.screen.typing)
        self.screen.notices.look()

    def _watch_disk(self, desk: Desk) -> None:
        """A disk that does not take words is said until it is read, also where no word of the agent's was refused."""
        trouble = desk.status().disk
        if trouble and trouble != self._trouble and not self.screen.message_bar.alarms:
            self.screen.alarm(t("status.disk"))
        self._trouble = trouble
