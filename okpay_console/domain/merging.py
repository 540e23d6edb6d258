"""What every effect shares: the house's rules, the line in the timeline, the fence of a claim, and the three-way merge."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import msgspec
from msgspec.structs import replace

from .. import errors
from . import checklist, disposition, escalation, sla
from .operations import Op
from .ticket import Entry, EntryKind, LinkKind, Status, Ticket

_WAITED: Final = timedelta(minutes=1)


class Rules(msgspec.Struct, frozen=True):
    """The house's own rules that an operation is judged by; data, the same on both ends.

    Empty ``checklists``, ``dispositions`` or ``ladders`` judge nothing: they were not loaded. ``ladders`` are by category; ""
    is the ladder of a category that has none of its own.
    """

    checklists: Mapping[str, checklist.Checklist] = {}
    sla: sla.Policy = sla.Policy()
    dispositions: Mapping[str, disposition.Terms] = {}
    ladders: Mapping[str, tuple[escalation.Level, ...]] = {}

    def ladder(self, category: str) -> tuple[escalation.Level, ...]:
        """The escalation ladder of a category, lowest level first; empty where none was loaded."""
        return self.ladders.get(category) or self.ladders.get("", ())


def logged(ticket: Ticket, op: Op, now: datetime, kind: EntryKind, text: str = "", /, **data: str) -> tuple[Entry, ...]:
    """The timeline with one more line, which bears the operation's uuid and so happens once."""
    entry = Entry(
        op.uuid, kind, now, op.by, text, {key: value for key, value in data.items() if value}, earlier(op, now)
    )
    return (*ticket.timeline, entry)


def earlier(op: Op, now: datetime) -> datetime | None:
    """The author's time where the operation waited for the network; None where it came at once."""
    return op.at if now - op.at > _WAITED else None


def kept(ticket: Ticket, op: Op, now: datetime, text: str) -> Ticket:
    """The ticket as it is, with the author's words as a note where there are any: what stands already still had a reason."""
    return replace(ticket, timeline=logged(ticket, op, now, "note", text)) if text.strip() else ticket


def said(text: str) -> str:
    """The text itself; ``Refused`` (empty-text) where there is nothing in it."""
    if not text.strip():
        raise errors.Refused("The text is empty.", "Write something first.", code="empty-text")
    return text


def fence(ticket: Ticket, op: Op, *, mine: str) -> None:
    """Sends the edit of an author whose claim was overtaken to review; ``mine`` are the words that must not be lost."""
    if op.guard and op.guard.claim_no is not None and op.guard.claim_no != ticket.claim_no:
        raise errors.NeedsReview("claim_no", base=op.guard.claim_no, mine=mine, theirs=ticket.claim_no)


def differs(op: Op, field: str, current: object, new: object, *, mine: object = None) -> bool:
    """Three-way merge of a guarded field: True where it must be set, False where it stands already.

    Raises ``NeedsReview`` where it moved since the author saw it; ``mine`` says more than the new value where there is more.
    """
    if current == new:
        return False
    if base(op, field) != current:
        raise errors.NeedsReview(field, base=op.was[field], mine=mine or new, theirs=current)
    return True


def unmerged(ticket: Ticket) -> None:
    """``Refused`` (merged) where the matter goes on in another ticket."""
    if ticket.merged_into:
        raise errors.Refused(
            "The ticket was merged into another one.", "Go on there, or reopen this one to split it off.", code="merged"
        )


def base(op: Op, field: str) -> object:
    """The value that the author saw; ``Refused`` (base-missing) where the operation does not say."""
    if field not in op.was:
        raise errors.Refused(
            f"The operation does not say which {field} it saw.", "Update this console.", code="base-missing"
        )
    return op.was[field]


def moved(ticket: Ticket, after: Status, now: datetime, rules: Rules, *, reason: str = "") -> Ticket:
    """The ticket in another status that is not closed; the one door for it, closing and reopening have their own.

    ``reason`` is why a pending one waits: the clock to its solution stands until it is in work again.
    """
    if after == ticket.status:
        return ticket
    if after == "pending":
        return replace(ticket, status=after, sla=sla.paused(ticket.sla, now, reason))
    return replace(ticket, status=after, sla=sla.resumed(ticket.sla, now, rules.sla, ticket=ticket))


def working(ticket: Ticket) -> Status:
    """The status of a ticket in work: open in somebody's hands, new in nobody's."""
    return "open" if ticket.assignee else "new"


def reopened(ticket: Ticket, now: datetime, rules: Rules) -> Ticket:
    """The ticket in work again; the summary stays in the timeline.

    The caller's clock goes on from the first contact; the time in which the ticket was closed does not count.

    One that went into another is thereby split off again; the tie between the two stays on record.
    """
    clock = sla.reopened(ticket.sla, now, rules.sla, ticket=ticket)
    back = replace(
        ticket, status=working(ticket), closed_at=None, disposition="", summary="", merged_into="", sla=clock
    )
    return tied(back, ticket.merged_into, "split") if ticket.merged_into else back


def closed(ticket: Ticket, disposition: str, summary: str, now: datetime, rules: Rules) -> Ticket:
    """The ticket at its end. One that is closed already keeps the moment of its close."""
    closed_at = ticket.closed_at or now
    clock = sla.ended(ticket.sla, closed_at, rules.sla, ticket=ticket)
    return replace(
        ticket,
        status="closed",
        disposition=disposition,
        summary=summary,
        closed_at=closed_at,
        sla=clock,
        lease_until=None,
    )


def tied(ticket: Ticket, other: str, kind: LinkKind) -> Ticket:
    """The ticket with a link of that kind to the other one, which keeps its place where it was linked already."""
    kinds = {name: value for name, value in ticket.link_kinds.items() if name != other}
    if kind != "related":
        kinds[other] = kind
    links = ticket.links if other in ticket.links else (*ticket.links, other)
    return replace(ticket, links=links, link_kinds=kinds)
