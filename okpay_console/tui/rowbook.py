"""Every ticket's row in working order, kept so while rows change, and what is counted of them."""

from __future__ import annotations

import asyncio
from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping

from ..domain.queue import Row, order_key

Key = tuple[int, float, float, str]
SLICE = 1500
"""Rows taken in at one go while loading: about 4 ms, so that a key pressed meanwhile is not felt to wait."""


class RowBook:
    """``rows`` and their ``keys`` by ticket, ``ordered`` the keys in working order. ``me``: whose tickets are counted as mine."""

    def __init__(self, rows: Iterable[Row] = (), *, me: str = "") -> None:
        self.me = me
        self.rows: dict[str, Row] = {}
        self.keys: dict[str, Key] = {}
        self.promising: set[str] = set()
        self._mine = 0
        self._unclaimed = 0
        for row in rows:
            self._enter(row)
        self.ordered: list[Key] = sorted(self.keys.values())

    @classmethod
    async def loaded(cls, rows: Mapping[str, Row], *, me: str) -> RowBook:
        """The book of these rows, made in slices that leave the event loop free."""
        book = cls(me=me)
        for index, row in enumerate(list(rows.values()), 1):
            book._enter(row)
            if index % SLICE == 0:
                await asyncio.sleep(0)
        keys = list(book.keys.values())
        for start in range(0, len(keys), SLICE):
            book.ordered.extend(sorted(keys[start : start + SLICE]))
            await asyncio.sleep(0)
        # Runs that are in order already are merged by timsort, which is most of the work saved.
        book.ordered.sort()
        return book

    def change(self, ticket: str, row: Row | None) -> None:
        """Puts one row in the place of what was known of the ticket; None: the ticket is gone."""
        old = self.keys.pop(ticket, None)
        if old is not None:
            at = bisect_left(self.ordered, old)
            if at < len(self.ordered) and self.ordered[at] == old:
                del self.ordered[at]
        self.promising.discard(ticket)
        if (former := self.rows.pop(ticket, None)) is not None:
            self._count(former, -1)
        if row is not None:
            self._enter(row)
            insort(self.ordered, self.keys[ticket])

    def overdue(self, moment: float) -> list[slice]:
        """Where in ``ordered`` the tickets stand that are overdue at a moment (seconds since 1970): a run for each rank."""
        ends = (bisect_left(self.ordered, (rank, moment, float("-inf"), "")) for rank in range(5))
        return [slice(self._at(rank), end) for rank, end in enumerate(ends)]

    def counts(self, *, overdue: int) -> tuple[int, int, int, int, int, int, int]:
        """How many tickets each of ``domain.queue.VIEWS`` holds."""
        everything = len(self.ordered)
        still = self._at(9)
        return still, self._mine, self._unclaimed, overdue, still - self._at(5), everything - still, everything

    def _at(self, rank: int) -> int:
        return bisect_left(self.ordered, (rank, float("-inf"), 0.0, ""))

    def _enter(self, row: Row) -> None:
        self.rows[row.id] = row
        self.keys[row.id] = order_key(row)
        if row.promises:
            self.promising.add(row.id)
        self._count(row, 1)

    def _count(self, row: Row, step: int) -> None:
        if row.status == "closed":
            return
        if row.assignee is None:
            self._unclaimed += step
        elif row.assignee == self.me:
            self._mine += step
