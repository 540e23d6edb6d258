"""A ticket's row as it was at a moment that has passed, read from its timeline and its marks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

import msgspec
from msgspec.structs import replace

from . import sla
from .disposition import BUILT_IN, WRAPUP_TIMEOUT, Terms
from .effects_ties import HIGHER
from .merging import Rules
from .queue import Row, row_of
from .ticket import Call, Entry, Pause, Priority, Promise, Sla, Status, Ticket

_STATUS: Final[frozenset[str]] = frozenset({"new", "open", "pending"})


class Rewound(msgspec.Struct, frozen=True):
    """A row as it was; not ``sure`` where the timeline does not lead to what the ticket is today, so that a part is guessed."""

    row: Row
    sure: bool


def row_at(ticket: Ticket, at: datetime, rules: Rules) -> Rewound | None:
    """The row right after everything of ``at``; None where the ticket came later.

    Status, holder, category, priority, queue and the end are read from the timeline; calls, promises, answers and pauses from
    their own times. Limits are counted by the present rules where category, priority or pauses were others then.
    """
    if ticket.created_at > at:
        return None
    if ticket.updated_at <= at:
        return Rewound(row_of(ticket), sure=True)
    then, now = _Then(ticket, rules), _Then(ticket, rules)
    for entry in ticket.timeline:
        now.hear(entry)
        if entry.at <= at:
            then.hear(entry)
    closed = then.status == "closed"
    was = replace(
        ticket,
        status=then.status,
        assignee=then.assignee,
        category=then.category,
        priority=then.priority,
        queue=then.queue,
        chases=then.chases,
        merged_into=then.merged if closed else "",
        disposition=then.disposition if closed else "",
        closed_at=then.closed_at,
        calls=tuple(call for one in ticket.calls if (call := _call(ticket, one, at)) is not None),
        promises=tuple(_owed(ticket.promises, at)),
        sla=_clock(ticket.sla, at, then.closed_at),
        level=next((hop.level for hop in reversed(ticket.hops) if hop.at <= at), ""),
        handover=None,
        updated_at=max((entry.at for entry in ticket.timeline if entry.at <= at), default=ticket.created_at),
    )
    kind = (ticket.category, ticket.priority, ticket.sla.pauses)
    if (was.category, was.priority, was.sla.pauses) != kind and (was.sla.response_due or was.sla.resolve_due):
        was = replace(was, sla=sla.retarget(was, rules.sla))
    return Rewound(row_of(was), sure=now.matches(ticket))


class _Then:
    """What the entries of a timeline made of a ticket, one after the other."""

    def __init__(self, ticket: Ticket, rules: Rules) -> None:
        self._terms = rules.dispositions
        self.status: Status = "new"
        self.assignee: str | None = None
        self.closed_at: datetime | None = None
        self.disposition = self.merged = ""
        self.chases = 0
        self.category = _first(ticket, "category", ticket.category)
        self.priority: Priority = _priority(ticket)
        self.queue = _queue(ticket)

    def hear(self, entry: Entry) -> None:
        data, kind = entry.data, entry.kind
        if kind in ("category", "queue") and "to" in data:
            setattr(self, kind, data["to"])
        elif kind == "priority" and data.get("to") in HIGHER:
            self.priority = data["to"]  # type: ignore[assignment]
        elif kind == "status" and data.get("to") in _STATUS:
            self.status = data["to"]  # type: ignore[assignment]
        elif kind in ("assign", "claim"):
            self._take(data.get("to") or entry.by)
        elif kind == "release":
            self.assignee = None
            self.status = "new" if self.status == "open" else self.status
        elif kind == "handover":
            self.assignee, self.queue = data.get("to") or None, data.get("queue") or self.queue
            if self.status != "pending":
                self.status = "open" if self.assignee else "new"
        elif kind == "escalate" and not data.get("outside"):
            self.assignee, self.queue, self.status = None, data.get("queue") or self.queue, "new"
        elif kind in ("close", "merge"):
            self._end(entry, "DUPLICATE_LINKED" if kind == "merge" else data.get("disposition", ""))
            self.merged = data.get("into", "")
        elif kind == "wrapup":
            self._wrap(entry, data.get("disposition", ""))
        elif kind == "call" and data.get("event") == "answered" and self.assignee is None and self.status != "closed":
            self._take(entry.by)
        elif kind == "reopen" or (
            kind in ("message", "chase") and self.status in ("closed", "pending") and not self.merged
        ):
            self._work()
        if kind == "chase":
            self.chases += 1
            self.priority = HIGHER[self.priority]

    def matches(self, ticket: Ticket) -> bool:
        """Whether this is what the ticket is."""
        names = ("status", "assignee", "category", "priority", "queue", "closed_at")
        return all(getattr(self, name) == getattr(ticket, name) for name in names)

    def _take(self, who: str) -> None:
        self.assignee = who or None
        self.status = "open" if self.status == "new" else self.status

    def _work(self) -> None:
        self.status, self.closed_at, self.disposition, self.merged = "open" if self.assignee else "new", None, "", ""

    def _end(self, entry: Entry, disposition: str) -> None:
        self.status, self.disposition, self.closed_at = "closed", disposition, self.closed_at or entry.at

    def _wrap(self, entry: Entry, disposition: str) -> None:
        if disposition == WRAPUP_TIMEOUT or self.merged:
            return
        terms = self._terms.get(disposition) or BUILT_IN.get(disposition) or Terms()
        if terms.after == "closed":
            self._end(entry, disposition)
            return
        if self.status == "closed":
            self._work()
        self.status = "pending" if terms.after == "pending" else "open" if self.assignee else "new"


def _first(ticket: Ticket, kind: str, otherwise: str) -> str:
    """What the first change of this kind found; what there is now where there was none."""
    return next((entry.data.get("was", "") for entry in ticket.timeline if entry.kind == kind), otherwise)


def _priority(ticket: Ticket) -> Priority:
    """The priority of the first contact: what the first change by hand found, less the chases before it."""
    found: str = ticket.priority
    entries = [entry for entry in ticket.timeline if entry.kind in ("priority", "chase")]
    by_hand = next((place for place, entry in enumerate(entries) if entry.kind == "priority"), len(entries))
    if by_hand < len(entries):
        found = entries[by_hand].data.get("was", found)
    for _ in entries[:by_hand]:
        # Urgent stays urgent when chased, so how urgent it was before is not told; the least that it may have been is taken.
        found = next((lower for lower, higher in HIGHER.items() if higher == found and lower != found), found)
    return found  # type: ignore[return-value]


def _queue(ticket: Ticket) -> str:
    """The queue of the first contact; a handover and an escalation name only the queue that they lead to."""
    for entry in ticket.timeline:
        if entry.kind == "queue":
            return entry.data.get("was", ticket.queue)
        if entry.kind in ("handover", "escalate") and entry.data.get("queue"):
            return "general"
    return ticket.queue


def _call(ticket: Ticket, call: Call, at: datetime) -> Call | None:
    marks = tuple(mark for mark in call.marks if mark.at <= at)
    if not marks:
        return None
    answered = any(mark.event == "answered" for mark in marks)
    wrapups = [entry for entry in ticket.timeline if entry.kind == "wrapup" and entry.data.get("call") == call.id]
    code = next((entry.data.get("disposition", "") for entry in reversed(wrapups) if entry.at <= at), "")
    return replace(call, marks=marks, agent=call.agent if answered else "", code=code if wrapups else call.code)


def _owed(promises: tuple[Promise, ...], at: datetime) -> Iterator[Promise]:
    for one in promises:
        if one.made_at <= at:
            later = one.settled_at is not None and one.settled_at > at
            yield replace(one, state="open", settled_at=None) if later else one


def _clock(clock: Sla, at: datetime, closed_at: datetime | None) -> Sla:
    pauses = tuple(
        Pause(one.since, one.reason, one.until if one.until is not None and one.until <= at else None)
        for one in clock.pauses
        # A close stops the clock and is no pause until somebody reopens the ticket.
        if one.since <= at and not (one.reason == sla.CLOSED and closed_at is not None and one.since >= closed_at)
    )
    responded = clock.responded_at if clock.responded_at is not None and clock.responded_at <= at else None
    resolved = clock.resolved_at if clock.resolved_at is not None and clock.resolved_at <= at else None
    return replace(
        clock, pauses=pauses, responded_at=responded, resolved_at=(resolved or closed_at) if closed_at else None
    )
