"""The search index over everything that is cached, kept in step with mirror and outbox without ever holding up a key."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from typing import Any, Final

from ..domain.finding import Finder, Match, same_in
from ..domain.matter import identities
from ..domain.pinyin import pinyin
from ..domain.ticket import Caller
from ..domain.visits import Visits, visits
from .clock import Clock
from .picture import Picture

SLICE_S: Final = 0.001
"""How long the index is worked on at a time; a key that comes meanwhile waits no longer than this."""
PAUSE_S: Final = 0.001
"""What is left to others after each slice."""
AT_ONCE: Final = 16
"""Tickets that are taken in where they change; more of them, such as a page, wait for the slices."""
_TAIL: Final = 4


class Lookup:
    """Belongs to the engine's loop. ``keep`` does the work; without it nothing is found, and ``same`` looks everywhere."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._finder: Finder | None = None
        self._building: Finder | None = None
        self._later: dict[str, None] = {}
        self._total = 0
        self._anew = True
        self._wanted = asyncio.Event()
        self._wanted.set()

    # Asking

    @property
    def ready(self) -> float:
        """How much of the cache can be found, from 0.0 to 1.0."""
        if self._finder is None:
            done = len(self._building) if self._building is not None else 0
            return min(0.99, done / self._total) if self._total else 0.0
        waiting = len(self._later)
        return 1.0 if waiting <= AT_ONCE else len(self._finder) / (len(self._finder) + waiting)

    def find(self, words: str, *, now: datetime, limit: int = 50) -> list[Match]:
        """As ``Finder.find``; nothing until the index is made."""
        if self._finder is None:
            return []
        if len(self._later) <= AT_ONCE:
            self._take(self._finder, list(self._later))
        return self._finder.find(words, now=now, limit=limit)

    def same(self, caller: Caller, txn_no: str = "") -> list[str]:
        """As ``Finder.same``, at any time: where there is no index yet, every ticket is looked at."""
        if self._finder is None:
            ends = tuple(one[1:][-_TAIL:] for one in identities(caller, txn_no))
            return same_in((doc for doc in self._picture.docs() if ends and _ends(doc, ends)), caller, txn_no)
        self._take(self._finder, list(self._later)[: 4 * AT_ONCE])
        return self._finder.same(caller, txn_no)

    def visits(self, ticket_id: str) -> Visits:
        """As ``domain.visits.visits``; nothing for a ticket that is not here."""
        ticket = self._picture.view(ticket_id).ticket
        if ticket is None:
            return Visits()
        others = (self._picture.view(other).ticket for other in self.same(ticket.caller))
        return visits(ticket, [other for other in others if other is not None])

    # Keeping up

    def changed(self, tickets: Iterable[str], *, everything: bool = False) -> None:
        """Mirror or outbox say something new about these tickets."""
        if everything:
            self._finder, self._anew = None, True
            self._later.clear()
        else:
            self._later.update(dict.fromkeys(tickets))
            if self._finder is not None and len(self._later) <= AT_ONCE:
                self._take(self._finder, list(self._later))
                return
        self._wanted.set()

    async def keep(self, clock: Clock) -> None:
        """Makes the index and keeps it in step until cancelled, in slices."""
        # Opening the table of readings cannot be sliced; in a thread a key comes between.
        await asyncio.to_thread(pinyin)
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            if self._anew:
                await self._make(clock)
            while self._later and not self._anew and self._finder is not None:
                await self._slices(self._finder, iter(list(self._later)), clock)

    async def _make(self, clock: Clock) -> None:
        self._anew = False
        rows = self._picture.rows()
        self._total = len(rows)
        days: dict[date, list[tuple[datetime, str]]] = defaultdict(list)
        ends = clock.monotonic() + SLICE_S
        for ticket_id, row in list(rows.items()):
            days[row.created_at.date()].append((row.created_at, ticket_id))
            if clock.monotonic() >= ends:
                await clock.sleep(PAUSE_S)
                ends = clock.monotonic() + SLICE_S
        # Oldest first; a day is sorted when its turn comes, because all at once would be felt.
        oldest = (ticket_id for day in sorted(days) for _, ticket_id in sorted(days[day]))
        finder = self._building = Finder()
        await self._slices(finder, oldest, clock)
        self._building = None
        if not self._anew:
            self._finder = finder

    async def _slices(self, finder: Finder, tickets: Iterator[str], clock: Clock) -> None:
        """Takes the tickets in, a slice at a time; ends early where everything is to be made anew."""
        ends = clock.monotonic() + SLICE_S
        for ticket_id in tickets:
            self._take(finder, (ticket_id,))
            if clock.monotonic() >= ends:
                await clock.sleep(PAUSE_S)
                if self._anew:
                    return
                ends = clock.monotonic() + SLICE_S

    def _take(self, finder: Finder, tickets: Iterable[str]) -> None:
        for ticket_id in tickets:
            self._later.pop(ticket_id, None)
            doc = self._picture.doc(ticket_id)
            if doc is None:
                finder.drop(ticket_id)
            else:
                finder.put(doc)


def _ends(doc: Mapping[str, Any], ends: tuple[str, ...]) -> bool:
    """Whether anything that could tell the caller or the transaction ends so: a quick look, before a careful one."""
    with suppress(AttributeError, TypeError):
        values = list(doc.get("caller", {}).values())
        answers = doc.get("answers", {})
        values += [answers[field].get("value", "") for field in ("mobile", "email", "txn_no") if field in answers]
        return any(value.strip().casefold().endswith(ends) for value in values)
    return True
