"""How the matter goes: status, whose it is, its close and its reopening."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from .. import errors
from . import checklist
from .disposition import BUILT_IN, Terms
from .merging import Rules, base, differs, fence, kept, logged, reopened, said
from .operations import Assign, Close, Release, Reopen, SetStatus
from .ticket import Status, Ticket

# A closed ticket goes on by reopening it and is closed by a disposition: both have operations of their own.
_TRANSITIONS: dict[Status, frozenset[Status]] = {
    "new": frozenset({"open", "pending"}),
    "open": frozenset({"new", "pending"}),
    "pending": frozenset({"new", "open"}),
    "closed": frozenset(),
}


def _joined(*parts: str) -> str:
    """One line of everything that the author said, for the review tray."""
    return ": ".join(part for part in parts if part.strip())


def status(ticket: Ticket, op: SetStatus, now: datetime, _: Rules) -> Ticket:
    if op.status == "closed":
        raise errors.Refused("Closing needs a disposition.", "Use the close operation.", code="close-needs-disposition")
    mine = _joined(op.status, op.reason)
    if not differs(op, "status", ticket.status, op.status, mine=mine):
        return kept(ticket, op, now, op.reason)
    fence(ticket, op, mine=mine)
    if op.status not in _TRANSITIONS[ticket.status] or (op.status == "new" and ticket.assignee):
        advice = "Reopen it first." if ticket.status == "closed" else "Release it instead."
        raise errors.Refused(f"A {ticket.status} ticket cannot become {op.status}.", advice, code="bad-transition")
    log = logged(ticket, op, now, "status", op.reason, was=ticket.status, to=op.status)
    return replace(ticket, status=op.status, timeline=log)


def assign(ticket: Ticket, op: Assign, now: datetime, _: Rules) -> Ticket:
    if not differs(op, "assignee", ticket.assignee, said(op.assignee)):
        return ticket
    if ticket.status == "closed":
        raise errors.Refused("The ticket is closed.", "Reopen it first.", code="closed")
    after: Status = "open" if ticket.status == "new" else ticket.status
    log = logged(ticket, op, now, "assign", was=ticket.assignee or "", to=op.assignee)
    return replace(
        ticket, assignee=op.assignee, status=after, claim_no=ticket.claim_no + 1, lease_until=None, timeline=log
    )


def release(ticket: Ticket, op: Release, now: datetime, _: Rules) -> Ticket:
    if not differs(op, "assignee", ticket.assignee, None, mine="released"):
        return ticket
    fence(ticket, op, mine="released")
    after: Status = "new" if ticket.status == "open" else ticket.status
    log = logged(ticket, op, now, "release", was=ticket.assignee or "")
    return replace(ticket, assignee=None, status=after, lease_until=None, timeline=log)


def close(ticket: Ticket, op: Close, now: datetime, rules: Rules) -> Ticket:
    """The end, if the checklist is complete or the author says why not, and the disposition's own terms are met.

    Closing a closed ticket again corrects its disposition or summary and leaves the moment of the close alone.
    """
    if ticket.status == "closed" and (ticket.disposition, ticket.summary) == (op.disposition, op.summary):
        return kept(ticket, op, now, op.override)
    mine = _joined("closed", op.disposition, op.summary, op.override)
    seen = base(op, "status")
    if seen != ticket.status:
        raise errors.NeedsReview("status", base=seen, mine=mine, theirs=ticket.status)
    fence(ticket, op, mine=mine)
    terms = _terms(op, rules)
    if not terms.ungated and not op.override.strip():
        _complete(ticket, rules)
    _prerequisite(ticket, terms)
    closed_at = ticket.closed_at or now
    clock = replace(
        ticket.sla, responded_at=ticket.sla.responded_at or now, resolved_at=ticket.sla.resolved_at or closed_at
    )
    log = logged(ticket, op, now, "close", op.summary, disposition=op.disposition, override=op.override)
    return replace(
        ticket, status="closed", disposition=op.disposition, summary=op.summary, closed_at=closed_at, sla=clock, timeline=log,
        lease_until=None,
    )  # fmt: skip


def _terms(op: Close, rules: Rules) -> Terms:
    if not op.disposition.strip():
        raise errors.Refused("The disposition is missing.", "Choose how the matter ended.", code="no-disposition")
    if rules.dispositions and op.disposition not in rules.dispositions:
        raise errors.Refused("There is no such disposition.", "Choose one of the list.", code="no-disposition")
    return rules.dispositions.get(op.disposition) or BUILT_IN.get(op.disposition) or Terms()


def _complete(ticket: Ticket, rules: Rules) -> None:
    listed = rules.checklists.get(ticket.category)
    missing = checklist.progress(listed, ticket.answers).missing if listed else ()
    if missing:
        raise errors.Refused(
            f"The checklist is not complete: {', '.join(missing)}.",
            "Ask for them, or close with a reason.",
            code="checklist-incomplete",
        )


def _prerequisite(ticket: Ticket, terms: Terms) -> None:
    if terms.needs == "promise" and not any(promise.state == "open" for promise in ticket.promises):
        raise errors.Refused(
            "A promised call back needs a promise with a time.", "Write the promise down first.", code="promise-missing"
        )
    if terms.needs == "link" and not ticket.links:
        raise errors.Refused(
            "A duplicate needs a link to the ticket that it repeats.", "Link that ticket first.", code="link-missing"
        )


def reopen(ticket: Ticket, op: Reopen, now: datetime, _: Rules) -> Ticket:
    if ticket.status != "closed":
        return kept(ticket, op, now, op.reason)
    seen = base(op, "status")
    if seen != "closed":
        raise errors.NeedsReview("status", base=seen, mine=_joined("open", op.reason), theirs="closed")
    return replace(reopened(ticket), timeline=logged(ticket, op, now, "reopen", op.reason))
