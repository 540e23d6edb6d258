"""A call on a ticket as the hotline's numbers count it: the marks of the ticket read as a log of calls is read."""

from __future__ import annotations

from typing import Final

from .calllog import CALL_KINDS, Micros, Outcome, alone, micros
from .calls import Spell, spell
from .queue import Row
from .ticket import Call

_KINDS: Final = frozenset(CALL_KINDS)


class Heard(Spell, frozen=True, gc=False):
    """A call that entered the queue at ``offered``; ``busy_until`` is how far it kept its agent, None while it does.

    The ticket tells the channel, the category and the queue. ``agent`` is "" where nobody answered.
    """

    id: str
    ticket: str
    agent: str
    channel: str
    category: str
    queue: str
    offered: Micros
    busy_until: Micros | None


def heard(row: Row) -> tuple[Heard, ...]:
    """The calls of a ticket. One whose offer is not told has no wait and is left out, as ``calllog.Log.headless`` says."""
    found = []
    for call in row.calls:
        simple = _simple(row, call)
        if simple is not None:
            found.append(simple)
            continue
        steps = [(micros(mark.at), mark.event, call.agent) for mark in call.marks if mark.event in _KINDS]
        read = alone(call.id, steps)
        if read is None:
            continue
        told = spell(read)
        busy = read.offered if read.left is None else read.left
        if read.contacts:
            last = read.contacts[-1]
            # Until the wrap-up is written down its agent is not free; one that was never told to end still goes on.
            busy = -1 if last.wrapped is None else last.wrapped
        found.append(
            Heard(
                told.outcome, told.wait, told.finished, told.talk, told.hold, told.acw, call.id, row.id,
                call.agent if read.outcome == "answered" else "", row.channel, row.category, row.queue, read.offered,
                None if busy < 0 else busy,
            )
        )  # fmt: skip
    return tuple(found)


def _simple(row: Row, call: Call) -> Heard | None:
    """The same for a call whose marks follow each other as they should, which is nearly each; None for any other."""
    before, offered, answered, ended, wrapped, held, hold = -1, -1, -1, -1, -1, -1, 0
    outcome: Outcome = "waiting"
    for mark in call.marks:
        at, event = micros(mark.at), mark.event
        if event not in _KINDS:
            continue
        if at <= before or (offered < 0) != (event == "offered") or outcome in ("abandoned", "callback"):
            return None
        before = at
        if event == "offered":
            offered = at
        elif event == "answered" and answered < 0:
            answered, outcome = at, "answered"
        elif event in ("abandoned", "callback") and answered < 0:
            answered, outcome = at, "abandoned" if event == "abandoned" else "callback"
        elif outcome != "answered" or wrapped >= 0 or (ended >= 0 and event != "wrapped"):
            return None
        elif event == "held" and held < 0:
            held = at
        elif event == "resumed" and held >= 0:
            hold, held = hold + at - held, -1
        elif event == "ended" and held < 0:
            ended = at
        elif event == "wrapped" and ended >= 0:
            wrapped = at
        else:
            return None
    if offered < 0:
        return None
    talked = outcome == "answered"
    finished = talked and ended >= 0
    busy = offered if answered < 0 else answered
    return Heard(
        outcome, None if outcome == "waiting" else answered - offered, finished,
        ended - answered - hold if finished else 0, hold if finished else 0,
        wrapped - ended if finished and wrapped >= 0 else 0, call.id, row.id, call.agent if talked else "", row.channel,
        row.category, row.queue, offered, (wrapped if wrapped >= 0 else None) if talked else busy,
    )  # fmt: skip
