"""The backlog: how many tickets are open, how old they are, and how many times their limit the late ones have taken."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import msgspec

from .calllog import SECOND, Micros
from .series import Point

EDGES_S: Final = (3600, 4 * 3600, 8 * 3600, 86400, 3 * 86400, 7 * 86400)
"""Where one bar of the histogram of ages ends and the next begins, in seconds."""


class Backlog(msgspec.Struct, frozen=True, kw_only=True):
    """Open tickets at one moment. Ages are seconds since the first contact, None where nothing is open.

    ``p50_s`` and ``p90_s`` by the nearest rank: the smallest age that at least so many percent do not exceed. ``ages``: how many
    are younger than each of ``EDGES_S`` and not than the one before, and last the older ones. ``cycles_late``: over all open
    tickets, the mean of max(0, age − limit) / limit (our reading of COPC's "average cycles late"), of the limit to the
    solution and by the clock on the wall; what waits for somebody else is not late.
    """

    count: int
    overdue: int
    p50_s: float | None
    p90_s: float | None
    max_s: float | None
    ages: tuple[int, ...]
    cycles_late: float | None


def backlog(created: Sequence[Point], *, overdue: int, cycles: float, now: Micros) -> Backlog:
    """Of the open tickets' first contacts in order, and of how many of them are late by how many cycles in all."""
    return Backlog(
        count=len(created),
        overdue=overdue,
        p50_s=_rank(created, 0.5, now),
        p90_s=_rank(created, 0.9, now),
        max_s=_rank(created, 1.0, now),
        ages=_ages(created, now),
        cycles_late=cycles / len(created) if created else None,
    )


def _rank(created: Sequence[Point], share: float, now: Micros) -> float | None:
    if not created:
        return None
    rank = max(1, math.ceil(len(created) * share))
    # The oldest stand first, so ages are read from the end.
    return max(0, now - created[len(created) - rank][0]) / SECOND


def _ages(created: Sequence[Point], now: Micros) -> tuple[int, ...]:
    # A ticket of exactly an hour is not younger than an hour.
    at_least = [bisect_left(created, (now - edge * SECOND + 1, "")) for edge in EDGES_S]
    bounds = [len(created), *at_least, 0]
    return tuple(younger - older for younger, older in pairwise(bounds))
