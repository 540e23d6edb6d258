"""What one ticket adds to the numbers: its points in the series of moments, and what it is counted under."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from . import attainment, queue, stats
from .callbins import DIMENSIONS
from .calllog import Micros, micros
from .queue import Row
from .targets import Matter

_CLOCKS: Final[tuple[Matter, ...]] = ("response", "resolve")


def points(row: Row) -> Iterator[tuple[str, Micros, str]]:
    """Where the row stands in which series.

    The third part tells two points of one moment apart; of the limits it is the first contact.

    Not here are ``first`` and ``solved``, which belong to callers and their matters (``firstcall``).
    """
    if row.status == "closed":
        if row.closed_at is not None:
            yield "closed", micros(row.closed_at), ""
    else:
        created = micros(row.created_at)
        yield "open", created, ""
        if row.assignee is None and row.status != "pending":
            yield "idle", created, ""
        due = queue.due(row)
        if due is not None and row.status != "pending":
            late = micros(due)
            yield "overdue", late, ""
            for dimension in DIMENSIONS:
                yield overdue_of(dimension, getattr(row, dimension)), late, ""
    for clock in _CLOCKS:
        verdict, at = attainment.judged(row, clock)
        if at is not None:
            yield f"{clock}-{verdict}", micros(at), str(micros(row.created_at))
    if row.promises:
        owed = [one.due_at for one in row.promises if one.state == "open"]
        if owed:
            yield "owed", micros(min(owed)), ""
        for place, (kept, due_at) in enumerate(attainment.promises(row)):
            yield "due", micros(due_at), str(place)
            if kept:
                yield "kept", micros(due_at), str(place)
    for call in row.calls:
        if not call.marks:
            continue
        offered = [mark.at for mark in call.marks if mark.event == "offered"]
        if not offered:
            yield "written", micros(call.marks[0].at), call.id
        elif not any(mark.event in ("answered", "abandoned", "callback") for mark in call.marks):
            yield "ringing", micros(offered[0]), call.id


def overdue_of(dimension: str, key: str) -> str:
    """The series of the due times of one channel, category or queue."""
    return f"overdue {dimension} {key}"


def keys(row: Row) -> Iterator[tuple[str, str]]:
    """What the row is counted under."""
    for group, of in stats.KEYS.items():
        if group == "by_status" or row.status != "closed":
            yield group, of(row)
    if queue.unclaimed(row):
        yield "waiting", ""
    if row.status == "pending":
        yield "pending", ""
    if any(one.state == "open" for one in row.promises):
        yield "promises_open", ""
