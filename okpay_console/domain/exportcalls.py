"""The calls on the tickets as records, and as the log of events from which ``stats --log`` reckons the same numbers.

The log of a span holds the calls that were offered in it, each with all its events. What reaches into the span from before is
told from the span's beginning on and without its offer, so that it counts in its agent's time and nowhere else; agents' states
likewise. Whoever is there when the span (or the data) ends is told ``offline`` at that moment: there the log ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush, merge
from typing import Final, Protocol

import msgspec

from .callclock import clocks
from .calllog import AGENT_KINDS, CALL_KINDS, SECOND, Micros, micros
from .exporting import Record, Span
from .heard import heard
from .queue import Row
from .ticket import Call

CALLS: Final = (
    "ticket", "number", "call", "channel", "category", "queue", "agent", "outcome", "code", "offered_at", "answered_at",
    "ended_at", "wrapped_at", "wait_s", "talk_s", "hold_s", "acw_s", "marks",
)  # fmt: skip
EVENTS: Final = ("at", "call", "event", "agent")

_KINDS: Final = frozenset(CALL_KINDS)
_STATES: Final = frozenset(AGENT_KINDS)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Step = tuple[Micros, Record]


class StateLine(Protocol):
    """A line of the daybook, as far as it tells an agent's state."""

    @property
    def kind(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def by(self) -> str: ...
    @property
    def what(self) -> str: ...


def call_records(row: Row, span: Span) -> Iterator[Record]:
    """The calls of a ticket that began within the span; seconds as the numbers of the wall have them.

    A call that was written down without its offer has no wait (None) and its outcome is ``written``: it is in no number.
    """
    told = {one.id: one for one in heard(row)}
    for call in row.calls:
        if not call.marks or not span.holds(_begin(call)):
            continue
        first = {mark.event: mark.at for mark in reversed(call.marks)}
        one = told.get(call.id)
        if one is not None:
            spent = (
                None if one.wait is None else one.wait / SECOND,
                *(x / SECOND for x in (one.talk, one.hold, one.acw)),
            )
        else:
            found = clocks(call, call.marks[-1].at)
            spent = (None, found.talk_s, found.hold_s, found.acw_s)
        yield {
            "ticket": row.id,
            "number": row.number,
            "call": call.id,
            "channel": row.channel,
            "category": row.category,
            "queue": row.queue,
            "agent": call.agent,
            "outcome": one.outcome if one is not None else "written",
            "code": call.code,
            **{f"{event}_at": _rfc(first.get(event)) for event in ("offered", "answered", "ended", "wrapped")},
            **dict(zip(("wait_s", "talk_s", "hold_s", "acw_s"), spent, strict=True)),
            "marks": [msgspec.to_builtins(mark) for mark in call.marks],
        }


def repeated(rows: Iterable[Row]) -> frozenset[str]:
    """The ids of calls that stand on more than one ticket: as one call in a log they would be counted once."""
    seen: set[str] = set()
    twice: set[str] = set()
    for row in rows:
        mine = {call.id for call in row.calls}
        twice |= seen & mine
        seen |= mine
    return frozenset(twice)


def call_events(rows: Sequence[Row], span: Span, *, twice: frozenset[str]) -> Iterator[Step]:
    """The events of the tickets' calls in order of time. ``rows`` must be in the order of ``first_moment``.

    No more than the calls of the same time are held at once.
    """
    waiting: list[tuple[Micros, int, Record]] = []
    number = 0
    for row in rows:
        begin = first_moment(row)
        while waiting and begin is not None and waiting[0][0] < begin:
            at, _, record = heappop(waiting)
            yield at, record
        for at, record in _of_row(row, span, twice):
            number += 1
            heappush(waiting, (at, number, record))
    while waiting:
        at, _, record = heappop(waiting)
        yield at, record


def first_moment(row: Row) -> Micros | None:
    """The earliest mark of the ticket's calls; None where it has none."""
    return min((micros(mark.at) for call in row.calls for mark in call.marks), default=None)


def state_events(lines: Iterable[StateLine], span: Span, *, until: datetime) -> Iterator[Step]:
    """The agents' states in order of time, cut to the span; ``until``: as far as the data reaches."""
    begin = None if span.begins is None else micros(span.begins)
    end = micros(until if span.ends is None else min(until, span.ends))
    there: dict[str, str] = {}
    opened = begin is None
    steps = sorted(
        (micros(line.at), line.by, line.what) for line in lines if line.kind == "state" and line.what in _STATES
    )
    for at, agent, what in steps:
        if at >= end:
            break
        if begin is not None and not opened and at >= begin:
            opened = True
            yield from _standing(there, begin)
        there[agent] = what
        if opened:
            yield at, _state(at, agent, what)
    if begin is not None and not opened:
        yield from _standing(there, begin)
    for agent in sorted(name for name, what in there.items() if what != "offline"):
        yield end, _state(end, agent, "offline")


def event_records(calls: Iterator[Step], states: Iterator[Step]) -> Iterator[Record]:
    """Both in one log, in order of time."""
    return (record for _, record in merge(calls, states, key=_at))


def _at(step: Step) -> Micros:
    return step[0]


def _of_row(row: Row, span: Span, twice: frozenset[str]) -> Iterator[Step]:
    edge = 0 if span.begins is None else micros(span.begins)
    for call in row.calls:
        marks = [mark for mark in call.marks if mark.event in _KINDS]
        if not marks:
            continue
        name = f"{call.id}@{row.number or row.id}" if call.id in twice else call.id
        began = _begin(call)
        if span.ends is not None and began >= span.ends:
            continue
        if span.begins is not None and began < span.begins:
            answered = any(mark.event == "answered" for mark in marks)
            if not answered or max(mark.at for mark in marks) < span.begins:
                continue
            marks = [mark for mark in marks if mark.event != "offered"]
        for mark in marks:
            at = max(edge, micros(mark.at))
            yield at, {"at": _text(at), "call": name, "event": mark.event, "agent": call.agent}


def _begin(call: Call) -> datetime:
    """The moment by which a call belongs to a day: that of its offer, or of its first mark where the offer is not told."""
    offers = [mark.at for mark in call.marks if mark.event == "offered"]
    return min(offers or [mark.at for mark in call.marks])


def _standing(there: dict[str, str], at: Micros) -> Iterator[Step]:
    for agent in sorted(there):
        if there[agent] != "offline":
            yield at, _state(at, agent, there[agent])


def _state(at: Micros, agent: str, what: str) -> Record:
    return {"at": _text(at), "agent": agent, "event": what}


def _text(at: Micros) -> str:
    return str(msgspec.to_builtins(_EPOCH + timedelta(microseconds=at)))


def _rfc(at: datetime | None) -> str | None:
    return None if at is None else _text(micros(at))
