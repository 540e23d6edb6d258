"""What stands behind each number of the wall: the tickets, calls, promises and contacts that were counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final

import msgspec

from . import callclock, intervals, stats
from .calllog import SECOND, Micros, micros
from .calls import Rule
from .heard import Heard
from .queue import Row
from .series import Point
from .ticket import Call
from .walltally import closed_windows
from .watch import Watch

CALLS: Final[Mapping[str, Callable[[Heard, Rule], bool]]] = {
    "offered": lambda call, rule: True,
    "answered": lambda call, rule: call.outcome == "answered",
    "abandoned": lambda call, rule: call.outcome == "abandoned",
    "lost": lambda call, rule: call.outcome == "abandoned" and not _within(call, rule.short_abandon_s, short=True),
    "short": lambda call, rule: call.outcome == "abandoned" and _within(call, rule.short_abandon_s, short=True),
    "callbacks": lambda call, rule: call.outcome == "callback",
    "still_waiting": lambda call, rule: call.outcome == "waiting",
    "in_target": lambda call, rule: call.outcome == "answered" and _within(call, rule.target_s),
    "out_in_target": lambda call, rule: _within(call, rule.target_s),
    "answered_late": lambda call, rule: call.outcome == "answered" and not _within(call, rule.target_s),
    "finished": lambda call, rule: call.finished,
}
"""Which of today's calls a number counts, by the target and the length of a short abandon that the house has."""

_CLOCKS: Final = tuple(f"{clock}_{end}" for clock in ("response", "resolve") for end in ("met", "missed", "late"))
MEASURES: Final = (
    *CALLS, *stats.COUNTS, "ringing", "written_down", "first", "solved", "unsolved", "promises_due", "promises_kept",
    "promises_broken", *_CLOCKS,
)  # fmt: skip
"""Every name that ``things`` takes."""
_CALL_PARTS: Final = ("offered", "answered", "abandoned", "callbacks", "still_waiting")
_FAMILIES: Final = (
    _CALL_PARTS,
    ("in_target", "answered_late", "abandoned", "callbacks", "still_waiting"),
    ("out_in_target", "answered_late", "abandoned", "callbacks", "still_waiting"),
    ("lost", "short"),
    ("response_met", "response_missed", "response_late"),
    ("resolve_met", "resolve_missed", "resolve_late"),
    ("promises_kept", "promises_broken"),
    ("solved", "unsolved"),
    ("open", "waiting", "overdue", "pending"),
)


class Thing(msgspec.Struct, frozen=True, gc=False):
    """One thing that was counted, as it was then: a ticket's ``row``, and of it one call or one moment where that was counted.

    ``at``: when the call came, the promise or the limit was due, or the customer got in touch; None for the ticket as a whole.
    ``wait_s``: seconds from the offer of the call to its answer or its end in the queue, None while it waits or where no offer
    is known.
    """

    row: Row
    at: Micros | None = None
    call: Call | None = None
    wait_s: float | None = None

    @property
    def ticket(self) -> str:
        return self.row.id


def things(watch: Watch, measure: str, now: datetime, *, group: str = "", key: str = "") -> Iterator[Thing]:
    """What a number counts, one by one, in no order: so many are ``len(list(things(…)))``, and that is the number.

    ``measure`` is one of ``MEASURES``: a count of ``stats``, a name of ``CALLS``, or another number of the wall. ``group`` with its
    ``key`` narrows calls and counts of tickets. All is read from the watch before this returns, so that what it learns
    meanwhile changes nothing.
    """
    rows = dict(watch.rows)
    day = _micros(intervals.day_of(now, watch.tz))
    if measure in CALLS:
        wanted = CALLS[measure]
        calls = list(watch.bins.between(*day))
        rule = watch.house.rule
        return (
            _of_call(rows[call.ticket], call)
            for call in calls
            if wanted(call, rule) and (not group or getattr(call, group) == key)
        )
    for count in stats.COUNTS:
        if count == measure:
            chosen = stats.select(count, now=now, tz=watch.tz)
            return (
                Thing(row) for row in rows.values() if chosen(row) and (not group or (getattr(row, group) or "") == key)
            )
    points = _points(watch, measure, micros(now), day)
    if measure in ("ringing", "written_down"):
        return _rung(rows, points)
    return (Thing(rows[ticket], at) for at, ticket in points)


def behind(watch: Watch, measure: str, now: datetime, *, group: str = "", key: str = "") -> list[str]:
    """The tickets of ``things``, one entry for each thing counted."""
    return [one.ticket for one in things(watch, measure, now, group=group, key=key)]


def family(measure: str, *, group: str = "") -> tuple[str, ...]:
    """The measures that a number is made of or belongs to, this one among them: what was missed beside what was met."""
    if group:
        calls = _CALL_PARTS if group != "assignee" else ()
        return ("open", "overdue", *calls)
    return next((some for some in _FAMILIES if measure in some), (measure,))


def changes(before: Row, now: Row | None) -> tuple[str, ...]:
    """What has become of a ticket since: names of what is different, () for nothing that a list shows.

    gone, closed, reopened, assignee, priority, queue, category, calls, promises, or else status or "other"; the one that says
    most stands first.
    """
    if now is before:
        return ()
    if now is None:
        return ("gone",)
    found = []
    if (before.status == "closed") != (now.status == "closed"):
        found.append("closed" if now.status == "closed" else "reopened")
    names = ("assignee", "priority", "queue", "category", "calls", "promises")
    found += [name for name in names if getattr(before, name) != getattr(now, name)]
    if not found and before.status != now.status:
        found.append("status")
    return tuple(found) or (("other",) if before != now else ())


def _points(watch: Watch, measure: str, at: Micros, day: tuple[Micros, Micros]) -> list[Point]:
    series, closed = watch.series, closed_windows(watch, at)
    match measure:
        case "ringing":
            return series["ringing"].between(None, at + 1)
        case "written_down":
            return series["written"].between(*day)
        case "first" | "solved":
            return series[measure].between(*closed)
        case "unsolved":
            return _without(series["first"].between(*closed), series["solved"].between(*closed))
        case "promises_due":
            return series["due"].between(*day)
        case "promises_kept":
            return series["kept"].between(*day)
        case "promises_broken":
            return _without(series["due"].between(*day), series["kept"].between(*day))
    clock, _, end = measure.partition("_")
    if end == "late":
        return series[f"{clock}-running"].between(None, at)
    return series[f"{clock}-{end}"].between(*day)


def _without(points: Iterable[Point], others: Iterable[Point]) -> list[Point]:
    """Those left over, as often as they are."""
    left = Counter(points)
    left.subtract(Counter(others))
    return [point for point, count in left.items() for _ in range(count)]


def _of_call(row: Row, heard: Heard) -> Thing:
    wait = None if heard.wait is None else heard.wait / SECOND
    return Thing(row, heard.offered, callclock.find(row.calls, heard.id), wait)


def _rung(rows: Mapping[str, Row], points: Iterable[Point]) -> Iterator[Thing]:
    """The calls that these points are of: on one ticket, each call once, also where two began in the same moment."""
    told: set[tuple[str, str]] = set()
    for at, ticket in points:
        row = rows[ticket]
        found = next(
            (
                call
                for call in row.calls
                if (ticket, call.id) not in told and any(micros(mark.at) == at for mark in call.marks)
            ),
            None,
        )
        if found is not None:
            told.add((ticket, found.id))
        yield Thing(row, at, found)


def _within(call: Heard, limit_s: float, *, short: bool = False) -> bool:
    """Whether the wait was within the limit; a ``short`` one is strictly below."""
    if call.wait is None:
        return False
    seconds = call.wait / SECOND
    return seconds < limit_s if short else seconds <= limit_s


def _micros(stretch: intervals.Stretch) -> tuple[Micros, Micros]:
    return micros(stretch.begins), micros(stretch.ends)
