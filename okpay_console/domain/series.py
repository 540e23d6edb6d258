"""Moments of tickets in order, so that how many lie in a stretch, and whose they are, is found without looking at all of them."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from typing import Final

from .calllog import Micros

Point = tuple[Micros, str]
_FEW: Final = 200
"""So many new points are put in one by one; with more, sorting anew is cheaper."""


class Series:
    """Points (moment, ticket), the same as often as it was added. Moments are microseconds of UTC."""

    def __init__(self) -> None:
        self._points: list[Point] = []
        self._fresh: list[Point] = []

    def __len__(self) -> int:
        return len(self._points) + len(self._fresh)

    def add(self, point: Point) -> None:
        self._fresh.append(point)

    def remove(self, point: Point) -> None:
        """Takes one such point out; ``KeyError`` where there is none."""
        points = self.points()
        place = bisect_left(points, point)
        if place == len(points) or points[place] != point:
            raise KeyError(point)
        del points[place]

    def points(self) -> list[Point]:
        """All points in order; not to be changed."""
        if len(self._fresh) > _FEW:
            self._points += self._fresh
            self._points.sort()
        else:
            for point in self._fresh:
                insort(self._points, point)
        self._fresh.clear()
        return self._points

    def between(self, begins: Micros | None, ends: Micros | None) -> list[Point]:
        """The points from ``begins`` up to but not including ``ends``; None is open on that side."""
        points = self.points()
        return points[self._place(begins, 0) : self._place(ends, len(points))]

    def count(self, begins: Micros | None = None, ends: Micros | None = None) -> int:
        """``len(between(begins, ends))``, without making the list."""
        points = self.points()
        return max(0, self._place(ends, len(points)) - self._place(begins, 0))

    def _place(self, at: Micros | None, otherwise: int) -> int:
        return otherwise if at is None else bisect_left(self._points, (at, ""))


def tickets(points: Iterable[Point]) -> list[str]:
    """Whose points these are, one name a point."""
    return [ticket for _, ticket in points]
