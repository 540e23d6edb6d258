"""A long list of entries of which only a stretch is laid out in lines; it moves on as somebody scrolls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

Line = TypeVar("Line")

STEP: Final = 100
"""Entries that are laid out more when an end of the stretch comes into sight."""
MOST: Final = 300
"""Entries that are laid out at a time: so much is laid out anew whenever something changes."""


class Roll(Generic[Line]):
    """The entries from ``first`` up to ``last`` as ``lines``, of ``count`` in all; ``show`` is told how one is laid out."""

    def __init__(self) -> None:
        self.count = self.first = self.last = 0
        self.lines: list[Line] = []
        self._lay: Callable[[int], Sequence[Line]] = lambda _: ()
        self._sizes: list[int] = []

    @property
    def at_end(self) -> bool:
        return self.last == self.count

    def show(self, count: int, lay: Callable[[int], Sequence[Line]], *, end: bool) -> None:
        """Other entries, or the same in other words: the newest of them with ``end``, else the stretch that was laid out."""
        self._lay = lay
        if end:
            first, last = max(count - STEP, 0), count
        else:
            last = count if self.at_end else min(self.last, count)
            first = max(min(self.first, last - STEP), 0)
        self.count = count
        self._whole(first, last)

    def jump(self, *, end: bool) -> None:
        """The stretch at the end, or at the beginning."""
        self._whole(*((max(self.count - STEP, 0), self.count) if end else (0, min(STEP, self.count))))

    def up(self) -> int:
        """Lays out earlier entries as well and lets late ones go; returns how many lines more stand above."""
        start = max(self.first - STEP, 0)
        laid = [list(self._lay(at)) for at in range(start, self.first)]
        self.first = start
        self._sizes[:0] = [len(one) for one in laid]
        above = [line for one in laid for line in one]
        self.lines[:0] = above
        for _ in range(max(self.last - self.first - MOST, 0)):
            size = self._sizes.pop()
            del self.lines[len(self.lines) - size :]
            self.last -= 1
        return len(above)

    def down(self) -> int:
        """Lays out later entries as well and lets early ones go; returns how many lines fewer stand above."""
        stop = min(self.last + STEP, self.count)
        for at in range(self.last, stop):
            laid = self._lay(at)
            self._sizes.append(len(laid))
            self.lines.extend(laid)
        self.last = stop
        out = max(self.last - self.first - MOST, 0)
        gone = sum(self._sizes[:out])
        del self._sizes[:out]
        del self.lines[:gone]
        self.first += out
        return gone

    def _whole(self, first: int, last: int) -> None:
        laid = [list(self._lay(at)) for at in range(first, last)]
        self.first, self.last = first, last
        self._sizes = [len(one) for one in laid]
        self.lines = [line for one in laid for line in one]
