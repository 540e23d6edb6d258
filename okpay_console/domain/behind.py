"""The tickets behind each number of the wall."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from . import intervals, stats
from .calllog import SECOND, Micros, micros
from .calls import Rule
from .heard import Heard
from .walltally import closed_windows
from .watch import Watch

CALLS: Final[Mapping[str, Callable[[Heard, Rule], bool]]] = {
    "offered": lambda call, rule: True,
    "answered": lambda call, rule: call.outcome == "answered",
    "abandoned": lambda call, rule: call.outcome == "abandoned",
    "lost": lambda call, rule: call.outcome == "abandoned" and _waited(call) >= rule.short_abandon_s,
    "short": lambda call, rule: call.outcome == "abandoned" and _waited(call) < rule.short_abandon_s,
    "callbacks": lambda call, rule: call.outcome == "callback",
    "still_waiting": lambda call, rule: call.outcome == "waiting",
    "in_target": lambda call, rule: call.outcome == "answered" and _waited(call) <= rule.target_s,
    "out_in_target": lambda call, rule: _waited(call) <= rule.target_s,
    "answered_late": lambda call, rule: call.outcome == "answered" and _waited(call) > rule.target_s,
    "finished": lambda call, rule: call.finished,
}
"""Which of today's calls a number counts, by the target and the length of a short abandon that the house has."""


def behind(watch: Watch, measure: str, now: datetime, *, group: str = "", key: str = "") -> list[str]:
    """The tickets behind a number, one entry for each thing counted: ``len(behind(…))`` is that number.

    ``measure`` is a count of ``stats``, a name of ``CALLS``, or ringing, written_down, first, solved, promises_due,
    promises_kept, response_met (missed, late), resolve_met (missed, late), answered_late; ``group`` with its ``key`` narrows
    calls, open and overdue.
    """
    day = _micros(intervals.day_of(now, watch.tz))
    if measure in CALLS:
        wanted = CALLS[measure]
        return [
            call.ticket
            for call in watch.bins.between(*day)
            if wanted(call, watch.house.rule) and (not group or getattr(call, group) == key)
        ]
    for count in stats.COUNTS:
        if count == measure:
            chosen = stats.select(count, now=now, tz=watch.tz)
            rows = watch.rows.values()
            return [row.id for row in rows if chosen(row) and (not group or (getattr(row, group) or "") == key)]
    at = micros(now)
    closed = closed_windows(watch, at)
    bounds = {
        "ringing": ("ringing", None, at + 1),
        "written_down": ("written", *day),
        "promises_due": ("due", *day),
        "promises_kept": ("kept", *day),
        "first": ("first", *closed),
        "solved": ("solved", *closed),
    }
    clock, _, end = measure.partition("_")
    name, begins, ends = bounds.get(measure) or (
        (f"{clock}-running", None, at) if end == "late" else (f"{clock}-{end}", *day)
    )
    return [ticket for _, ticket in watch.series[name].between(begins, ends)]


def _waited(call: Heard) -> float:
    return math.inf if call.wait is None else call.wait / SECOND


def _micros(stretch: intervals.Stretch) -> tuple[Micros, Micros]:
    return micros(stretch.begins), micros(stretch.ends)
