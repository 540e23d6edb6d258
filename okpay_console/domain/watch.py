"""Keeps what the wall is reckoned from: only what has changed is read again, and gives what reading everything would give."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import tzinfo
from itertools import compress
from operator import is_not
from typing import Final

from .callbins import Bins
from .callbook import Callbook
from .calllog import SECOND, Micros, micros
from .firstcall import Contact, Matter, contacts, firsts, matter
from .heard import heard
from .history import History
from .lateness import Lateness
from .moments import SHANGHAI
from .queue import Row
from .rowpoints import keys, points
from .series import Series
from .wallnumbers import House

_LATE: Final = "resolve-running"
_DAY_US: Final[Micros] = 86400 * SECOND


class Watch:
    """The rows of a console as series of moments, counters, and calls by quarter and by agent.

    ``stale`` says what to read, ``learn`` reads it, a slice at a time if there is much; ``walltally`` makes the numbers of it,
    quickly. ``tz`` says when a day begins.
    """

    def __init__(self, house: House, *, tz: tzinfo = SHANGHAI) -> None:
        self.house = house
        self.tz = tz
        self.rows: dict[str, Row] = {}
        self.bins = Bins(house.rule)
        self.callbook = Callbook()
        self.series: defaultdict[str, Series] = defaultdict(Series)
        self.lateness = Lateness(self.series[_LATE], lambda ticket: micros(self.rows[ticket].created_at))
        self.counts: Counter[tuple[str, str]] = Counter()
        self._matters: dict[Matter, dict[str, tuple[Contact, ...]]] = {}
        self._firsts: dict[Matter, list[Contact]] = {}
        # The rows as ``stale`` saw them last, in their order.
        self._seen: list[Row] = []
        self._todo: dict[str, None] = {}
        self.history = History(self.bins, tz=tz, weeks=house.weeks)

    def stale(self, rows: Mapping[str, Row]) -> list[str]:
        """The tickets that ``learn`` has to read: new, changed and gone ones. Quick where few have changed."""
        values = list(rows.values())
        moved = list(compress(values, map(is_not, values, self._seen))) + values[len(self._seen) :]
        fresh = 0
        for row in moved:
            known = self.rows.get(row.id)
            if known is not row:
                self._todo[row.id] = None
                fresh += known is None
        if len(values) != len(self.rows) + fresh:
            self._todo.update(dict.fromkeys(self.rows.keys() - rows.keys()))
        self._seen = values
        return list(self._todo)

    def learn(self, rows: Mapping[str, Row], tickets: Iterable[str]) -> None:
        """Reads these tickets as they are now."""
        touched: set[Matter] = set()
        for ticket in tickets:
            self._todo.pop(ticket, None)
            old, new = self.rows.get(ticket), rows.get(ticket)
            if old is new:
                continue
            if new is None:
                self.rows.pop(ticket, None)
            else:
                self.rows[ticket] = new
            if old == new:
                continue
            self._exchange(ticket, old, new)
            self._rings(ticket, old, new)
            touched |= self._contacts(ticket, old, new)
        for one in touched:
            self._judge(one)

    def read(self, rows: Mapping[str, Row]) -> None:
        """Reads everything that is stale, however long that takes."""
        self.learn(rows, self.stale(rows))

    def _exchange(self, ticket: str, old: Row | None, new: Row | None) -> None:
        before = set(points(old)) if old is not None else set()
        after = set(points(new)) if new is not None else set()
        for name, at, more in before - after:
            self.series[name].remove((at, ticket))
            if name == _LATE:
                self.lateness.changed(at, int(more), -1)
        for name, at, more in after - before:
            self.series[name].add((at, ticket))
            if name == _LATE:
                self.lateness.changed(at, int(more), 1)
        for row, step in ((old, -1), (new, 1)):
            for key in keys(row) if row is not None else ():
                self.counts[key] += step

    def _rings(self, ticket: str, old: Row | None, new: Row | None) -> None:
        if old is not None and new is not None and _phone(old) == _phone(new):
            return
        was = heard(old) if old is not None and old.calls else ()
        now = heard(new) if new is not None and new.calls else ()
        self.bins.drop(ticket, was)
        self.bins.put(ticket, now)
        self.callbook.exchange(ticket, old, new)

    def _contacts(self, ticket: str, old: Row | None, new: Row | None) -> set[Matter]:
        touched: set[Matter] = set()
        for row, there in ((old, False), (new, True)):
            key = matter(row) if row is not None else None
            if row is None or key is None:
                continue
            touched.add(key)
            of = self._matters.setdefault(key, {})
            if there:
                of[ticket] = contacts(row, self.house.solving)
            else:
                of.pop(ticket, None)
        return touched

    def _judge(self, one: Matter) -> None:
        told = [contact for some in self._matters[one].values() for contact in some]
        now = firsts(told, window=self.house.fcr_days * _DAY_US)
        was = self._firsts.get(one, [])
        if now == was:
            return
        for step in (was, now):
            for contact in step:
                for name in ("first", "solved") if contact.solved else ("first",):
                    series = self.series[name]
                    (series.remove if step is was else series.add)((contact.at, contact.ticket))
        self._firsts[one] = now


def _phone(row: Row) -> tuple[object, ...]:
    return row.calls, row.channel, row.category, row.queue
