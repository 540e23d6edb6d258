"""How the matter goes: status, whose it is, its close and its reopening."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from .. import errors
from .ending import complete, joined, prerequisite, terms_of
from .merging import Rules, base, closed, differs, fence, kept, logged, moved, reopened, said, unmerged
from .operations import Assign, Close, Release, Reopen, SetStatus
from .ticket import Status, Ticket

# A closed ticket goes on by reopening it and is closed by a disposition: both have operations of their own.
_TRANSITIONS: dict[Status, frozenset[Status]] = {
    "new": frozenset({"open", "pending"}),
    "open": frozenset({"new", "pending"}),
    "pending": frozenset({"new", "open"}),
    "closed": frozenset(),
}


def status(ticket: Ticket, op: SetStatus, now: datetime, rules: Rules) -> Ticket:
    if op.status == "closed":
        raise errors.Refused("Closing needs a disposition.", "Use the close operation.", code="close-needs-disposition")
    mine = joined(op.status, op.reason)
    if not differs(op, "status", ticket.status, op.status, mine=mine):
        return kept(ticket, op, now, op.reason)
    fence(ticket, op, mine=mine)
    if op.status not in _TRANSITIONS[ticket.status] or (op.status == "new" and ticket.assignee):
        advice = "Reopen it first." if ticket.status == "closed" else "Release it instead."
        raise errors.Refused(f"A {ticket.status} ticket cannot become {op.status}.", advice, code="bad-transition")
    log = logged(ticket, op, now, "status", op.reason, was=ticket.status, to=op.status)
    return replace(moved(ticket, op.status, now, rules, reason=op.reason), timeline=log)


def assign(ticket: Ticket, op: Assign, now: datetime, rules: Rules) -> Ticket:
    if not differs(op, "assignee", ticket.assignee, said(op.assignee)):
        return ticket
    if ticket.status == "closed":
        raise errors.Refused("The ticket is closed.", "Reopen it first.", code="closed")
    log = logged(ticket, op, now, "assign", was=ticket.assignee or "", to=op.assignee)
    taken = replace(ticket, assignee=op.assignee, claim_no=ticket.claim_no + 1, lease_until=None, timeline=log)
    return moved(taken, "open", now, rules) if ticket.status == "new" else taken


def release(ticket: Ticket, op: Release, now: datetime, rules: Rules) -> Ticket:
    if not differs(op, "assignee", ticket.assignee, None, mine="released"):
        return ticket
    fence(ticket, op, mine="released")
    log = logged(ticket, op, now, "release", was=ticket.assignee or "")
    free = replace(ticket, assignee=None, lease_until=None, timeline=log)
    return moved(free, "new", now, rules) if ticket.status == "open" else free


def close(ticket: Ticket, op: Close, now: datetime, rules: Rules) -> Ticket:
    """The end, if the checklist is complete or the author says why not, and the disposition's own terms are met.

    Closing a closed ticket again corrects its disposition or summary and leaves the moment of the close alone.
    """
    if ticket.status == "closed" and (ticket.disposition, ticket.summary) == (op.disposition, op.summary):
        return kept(ticket, op, now, op.override)
    mine = joined("closed", op.disposition, op.summary, op.override)
    seen = base(op, "status")
    if seen != ticket.status:
        raise errors.NeedsReview("status", base=seen, mine=mine, theirs=ticket.status)
    unmerged(ticket)
    fence(ticket, op, mine=mine)
    terms = terms_of(op.disposition, rules)
    if not terms.closes_ungated and not op.override.strip():
        complete(ticket, rules)
    prerequisite(ticket, terms)
    log = logged(ticket, op, now, "close", op.summary, disposition=op.disposition, override=op.override)
    return replace(closed(ticket, op.disposition, op.summary, now, rules), timeline=log)


def reopen(ticket: Ticket, op: Reopen, now: datetime, rules: Rules) -> Ticket:
    """In work again; a ticket that was merged into another is thereby split off from it."""
    if ticket.status != "closed":
        return kept(ticket, op, now, op.reason)
    seen = base(op, "status")
    if seen != "closed":
        raise errors.NeedsReview("status", base=seen, mine=joined("open", op.reason), theirs="closed")
    log = logged(ticket, op, now, "reopen", op.reason, split=ticket.merged_into)
    return replace(reopened(ticket, now, rules), timeline=log)
