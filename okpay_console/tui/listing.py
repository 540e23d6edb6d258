"""What was counted behind a number, part by part: it stays what it was, and knows what has changed since and what is marked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, Final, NamedTuple

from ..content.interface import t
from ..domain.behind import changes, family, things
from ..domain.queue import Row
from ..domain.wallnumbers import Wall
from ..domain.watch import Watch
from .drilled import (
    Listed,
    Piece,
    Present,
    agent_line,
    call_line,
    changed_words,
    doing_words,
    sort_key,
    ticket_line,
)
from .figures import Figure
from .rows import number_word

CREW: Final = "crew"
"""The measure of a figure that counts agents; its key is their state."""
BUSY: Final = "busy"
"""The measure of a share of agents' time; its key is what the time is divided by: ``occupancy`` or ``utilisation``."""
_SLICE: Final = 1500
"""Lines listed at one go: about four milliseconds."""


class Part(NamedTuple):
    """One measure behind a number: its name on the screen, and what it counts, read when the number was."""

    words: str
    things: Iterable[Listed]


class Counted(NamedTuple):
    """The number itself: its words and value as the wall has them, the formula's words, and the moment it is of.

    ``queue``: whom a broadcast from here is most likely for, "" for nobody in particular.
    """

    words: str
    value: str
    note: str
    as_of: datetime
    queue: str = ""


class Listing:
    """The lines of all parts, one of which is in front; ``marked`` are tickets."""

    def __init__(self, counted: Counted, parts: Sequence[Part]) -> None:
        self.counted = counted
        self.parts = tuple(parts)
        self.part = 0
        self.marked: set[str] = set()
        self.changed: dict[str, tuple[str, ...]] = {}
        self._read: list[list[Listed] | None] = [None] * len(parts)

    async def read(self) -> AsyncIterator[tuple[int, int]]:
        """Reads what every part counts, the one in front first, leaving the event loop free: (part, lines so far)."""
        for place in sorted(range(len(self.parts)), key=lambda place: place != self.part):
            part = self.parts[place]
            keyed: list[tuple[tuple[Any, ...], int, Listed]] = []
            fresh: list[tuple[tuple[Any, ...], int, Listed]] = []
            for number, one in enumerate(part.things, 1):
                fresh.append((sort_key(one), number, one))
                if number % _SLICE == 0:
                    keyed += sorted(fresh, key=_order)
                    fresh.clear()
                    yield place, number
                    await asyncio.sleep(0)
            keyed += sorted(fresh, key=_order)
            # Runs that are in order already are merged by timsort, which is most of the work saved.
            keyed.sort(key=_order)
            self._read[place] = [one for _, _, one in keyed]
            yield place, len(keyed)
            await asyncio.sleep(0)

    @property
    def lines(self) -> list[Listed]:
        """The lines of the part in front; none while they are being read."""
        return self._read[self.part] or []

    def count(self, part: int) -> int | None:
        """How many lines a part has; None while it is being read."""
        found = self._read[part]
        return None if found is None else len(found)

    def turn(self, by: int) -> None:
        self.part = (self.part + by) % len(self.parts)
        self.changed = {}

    def mark(self, at: int) -> bool:
        """Marks the ticket of a line, or takes the mark away; False where the line has no ticket."""
        ticket = self.lines[at].ticket if at < len(self.lines) else ""
        self.marked ^= {ticket} if ticket else set()
        return bool(ticket)

    def mark_all(self) -> None:
        self.marked = {one.ticket for one in self.lines if one.ticket}

    def is_marked(self, at: int) -> bool:
        return at < len(self.lines) and self.lines[at].ticket in self.marked

    def targets(self, at: int) -> list[str]:
        """The tickets that a lever is for: those marked, in their order, else that of the line ``at``."""
        if self.marked:
            here = dict.fromkeys(one.ticket for one in self.lines if one.ticket in self.marked)
            return [*here, *sorted(self.marked - here.keys())]
        ticket = self.lines[at].ticket if at < len(self.lines) else ""
        return [ticket] if ticket else []

    def tickets(self) -> list[str]:
        """Every ticket of the part in front, once."""
        return list(dict.fromkeys(one.ticket for one in self.lines if one.ticket))

    def look(self, rows: Mapping[str, Row]) -> bool:
        """Looks which tickets are not any more what they were when they were counted; whether that is news."""
        found: dict[str, tuple[str, ...]] = {}
        for one in self.lines:
            if not isinstance(one, Present) and (row := rows.get(one.ticket)) is not one.row:
                names = changes(one.row, row)
                if names:
                    found[one.ticket] = names
        news = found != self.changed
        self.changed = found
        return news

    def draw(self, at: int, width: int, rows: Mapping[str, Row]) -> list[Piece]:
        """The cells of a line."""
        one, as_of = self.lines[at], self.counted.as_of
        row = rows.get(one.ticket)
        if isinstance(one, Present):
            return agent_line(one, width, as_of=as_of, number=f"#{number_word(row.number)}" if row is not None else "")
        note = changed_words(changes(one.row, row), row)
        shape = call_line if one.call is not None else ticket_line
        return shape(one, width, as_of=as_of, note=note)


def listing_of(watch: Watch, wall: Wall, figure: Figure) -> Listing | None:
    """What stands behind a figure of the wall, of all that it is made of; None where that is nothing at all."""
    counted = Counted(
        figure.words, figure.value, figure.note, wall.as_of, queue=figure.key if figure.group == "queue" else ""
    )
    if figure.measure == CREW:
        present = present_in(wall, figure.key)
        return Listing(counted, [Part(doing_words(figure.key), present)]) if present else None
    if figure.measure == BUSY:
        worked = worked_by(wall, figure.key)
        return Listing(counted, [Part(t("drill.m_busy"), worked)]) if worked else None
    names = family(figure.measure, group=figure.group)
    found = {name: things(watch, name, wall.as_of, group=figure.group, key=figure.key) for name in names}
    firsts = {name: next(one, None) for name, one in found.items()}
    if all(first is None for first in firsts.values()):
        return None
    parts = []
    for name, rest in found.items():
        first = firsts[name]
        parts.append(Part(t(f"drill.m_{name}"), rest if first is None else chain((first,), rest)))
    made = Listing(counted, parts)
    made.part = names.index(figure.measure)
    return made


def present_in(wall: Wall, doing: str) -> list[Present]:
    """The agents who are in a state, "" for all."""
    crew = wall.crew
    return [
        Present(one.name, one.doing, one.since, one.reason, one.ticket)
        for one in (crew.members if crew is not None else ())
        if doing in ("", one.doing)
    ]


def worked_by(wall: Wall, share: str) -> list[Present]:
    """The agents whose seconds are in a share of the crew's time: parts and wholes add up to those of the share."""
    found = []
    for one in wall.crew.members if wall.crew is not None else ():
        whole = one.contact_s + one.idle_s
        if share == "utilisation":
            whole += one.break_s + one.training_s
        # Of whom the daybook does not say when he was there, only calls are known: those are in no share.
        if one.occupancy is not None or (whole and not one.contact_s):
            found.append(Present(one.name, one.doing, one.since, one.reason, one.ticket, (one.contact_s, whole)))
    return found


def _order(entry: tuple[tuple[Any, ...], int, Listed]) -> tuple[tuple[Any, ...], int]:
    return entry[:2]
