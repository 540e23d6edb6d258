"""What every effect shares: the house's rules, the line in the timeline, the fence of a claim, and the three-way merge."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec
from msgspec.structs import replace

from .. import errors
from . import checklist, disposition, sla
from .operations import Op
from .ticket import Entry, EntryKind, Status, Ticket


class Rules(msgspec.Struct, frozen=True):
    """The house's own rules that an operation is judged by; data, the same on both ends.

    Empty ``checklists`` or ``dispositions`` judge nothing: they were not loaded.
    """

    checklists: Mapping[str, checklist.Checklist] = {}
    sla: sla.Policy = sla.Policy()
    dispositions: Mapping[str, disposition.Terms] = {}


def logged(ticket: Ticket, op: Op, now: datetime, kind: EntryKind, text: str = "", **data: str) -> tuple[Entry, ...]:
    """The timeline with one more line, which bears the operation's uuid and so happens once."""
    entry = Entry(op.uuid, kind, now, op.by, text, {key: value for key, value in data.items() if value})
    return (*ticket.timeline, entry)


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


def base(op: Op, field: str) -> object:
    """The value that the author saw; ``Refused`` (base-missing) where the operation does not say."""
    if field not in op.was:
        raise errors.Refused(
            f"The operation does not say which {field} it saw.", "Update this console.", code="base-missing"
        )
    return op.was[field]


def reopened(ticket: Ticket) -> Ticket:
    """The ticket in work again. The caller's clock goes on from the first contact; the summary stays in the timeline."""
    status: Status = "open" if ticket.assignee else "new"
    clock = replace(ticket.sla, resolved_at=None)
    return replace(ticket, status=status, closed_at=None, disposition="", summary="", sla=clock)
