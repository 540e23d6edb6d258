"""How many times their limit the late tickets have taken beyond it, kept as sums while the time goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from .calllog import Micros
from .series import Series

_UNIT: Final = 10**24
"""Parts of a cycle for a microsecond: whole numbers, so that what is taken away again leaves nothing behind."""


class Lateness:
    """The late ones of a series of due times; ``since`` gives a ticket's first contact, from which its limit counts."""

    def __init__(self, due: Series, since: Callable[[str], Micros]) -> None:
        self._due = due
        self._since = since
        self._until: Micros = 0
        self._rates = 0
        self._moments = 0

    def changed(self, due: Micros, since: Micros, step: int) -> None:
        """A point was added to the series (``step`` 1) or taken out of it (-1)."""
        if due < self._until:
            self._count(due, since, step)

    def cycles(self, now: Micros) -> float:
        """The sum over the tickets due before ``now`` of (now − due) / limit; a limit of nothing is left out."""
        step = 1 if now >= self._until else -1
        for due, ticket in self._due.between(min(now, self._until), max(now, self._until)):
            self._count(due, self._since(ticket), step)
        self._until = now
        return (now * self._rates - self._moments) / _UNIT

    def _count(self, due: Micros, since: Micros, step: int) -> None:
        limit = due - since
        if limit > 0:
            rate = step * (_UNIT // limit)
            self._rates += rate
            self._moments += rate * due
