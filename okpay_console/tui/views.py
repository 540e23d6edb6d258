"""Which tickets meet an agent's own conditions, kept up row by row; and his views by their keys."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from ..domain.queue import Row
from ..domain.views import Where, holds
from .rowbook import SLICE, Key

OWN = "own:"
"""What the keys of own views begin with, apart from the names of the built-in ones."""


class Members:
    """The tickets that meet every condition but the one about time, which ``late`` tells (``domain.views.Where``)."""

    def __init__(self, where: Where, *, me: str) -> None:
        self.where = where
        self.late = where.late
        self.ids: set[str] = set()
        self._holds = holds(where, me=me)

    def change(self, ticket: str, row: Row | None) -> None:
        """One row is another one now, or gone."""
        if row is not None and self._holds(row):
            self.ids.add(ticket)
        else:
            self.ids.discard(ticket)

    def replace(self, rows: Iterable[Row]) -> None:
        """These are all rows, looked through in one go."""
        self.ids = {row.id for row in rows if self._holds(row)}

    async def find(self, rows: Mapping[str, Row], into: set[str]) -> set[str]:
        """Puts those of ``rows`` that meet the conditions into a set, in slices that leave the event loop free, and returns it.

        Each row counts as it stands when its turn comes; what changes later is the affair of whoever changes it.
        """
        for index, ticket in enumerate(list(rows), 1):
            row = rows.get(ticket)
            if row is not None and self._holds(row):
                into.add(ticket)
            if index % SLICE == 0:
                await asyncio.sleep(0)
        return into

    def listed(self, ordered: Sequence[Key], keys: Mapping[str, Key], moment: float) -> list[str]:
        """The members in working order at a moment (seconds since 1970); a few are sorted, for many all rows are walked."""
        ids, late = self.ids, self.late
        if len(ids) * 16 < len(ordered):
            found = sorted(keys[ticket] for ticket in ids)
        else:
            found = [key for key in ordered if key[3] in ids]
        if late is None:
            return [key[3] for key in found]
        return [key[3] for key in found if (key[0] < 5 and key[1] < moment) == late]

    def number(self, overdue: set[str]) -> int:
        """How many they are, by the overdue tickets of this moment."""
        if self.late is None:
            return len(self.ids)
        late = len(self.ids & overdue)
        return late if self.late else len(self.ids) - late
