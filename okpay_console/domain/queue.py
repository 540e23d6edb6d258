"""The queue: what a row of it shows, in which order tickets are worked, and which of them a view holds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

import msgspec

from .ticket import Call, Caller, Channel, Instant, Priority, Sla, Status, Ticket

ViewName = Literal["all", "open", "mine", "unclaimed", "overdue", "pending", "closed"]
VIEWS: tuple[ViewName, ...] = ("open", "mine", "unclaimed", "overdue", "pending", "closed", "all")
_RANK: dict[str, int] = {"urgent": 0, "high": 1, "normal": 2, "low": 3}


class Due(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What a row knows of a promise: enough to see what is due next, and of whom."""

    id: str
    due_at: Instant
    made_by: str = ""
    text: str = ""
    state: str = "open"
    settled_at: Instant | None = None


class Noted(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What a row knows of a handover note: that it stands, and of whom."""

    by: str
    to: str = ""


class Row(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """The part of a ticket that the queue shows; decodes straight from a ticket's document, the rest is passed over.

    ``handover`` is None where no note stands. ``callclock`` reads a row's calls as it does a ticket's.
    """

    id: str
    number: int = 0
    subject: str
    channel: Channel
    category: str = ""
    status: Status = "new"
    priority: Priority = "normal"
    queue: str = "general"
    assignee: str | None = None
    caller: Caller = Caller()
    sla: Sla = Sla()
    tags: tuple[str, ...] = ()
    promises: tuple[Due, ...] = ()
    chases: int = 0
    calls: tuple[Call, ...] = ()
    level: str = ""
    merged_into: str = ""
    handover: Noted | None = None
    disposition: str = ""
    created_at: Instant
    updated_at: Instant
    closed_at: Instant | None = None


def row(doc: dict[str, Any]) -> Row:
    """The row of a decoded ticket document."""
    return msgspec.convert(doc, Row)


def row_of(ticket: Ticket) -> Row:
    return msgspec.convert(ticket, Row, from_attributes=True)


def due(item: Row) -> datetime | None:
    """The next thing that is late if nothing happens: the first response while there was none, then the solution.

    Taking a call answers it; a chat, an e-mail or a post that somebody took is still without an answer.
    """
    if item.status == "closed":
        return None
    answered = item.sla.responded_at is not None or (item.channel == "hotline" and item.assignee is not None)
    if not answered and item.sla.response_due is not None:
        return item.sla.response_due
    return item.sla.resolve_due


def waits_for(item: Row) -> str:
    """Whom a pending ticket waits for: the reason of its pause, ``customer`` where nothing says otherwise; "" for any other."""
    if item.status != "pending":
        return ""
    return item.sla.pauses[-1].reason if item.sla.pauses else "customer"


def overdue(item: Row, now: datetime) -> bool:
    """True once the next due time has passed; a ticket that waits for the customer or a partner is paused and not late.

    So it stays out of the red even if nobody has answered yet, though that clock runs on: what is to be done next is not ours.
    """
    moment = due(item)
    return moment is not None and item.status != "pending" and moment < now


def order_key(item: Row) -> tuple[int, float, float, str]:
    """Open before pending before closed; then priority; then what is due first; closed ones newest first."""
    if item.status == "closed":
        return (9, -item.updated_at.timestamp(), 0.0, item.id)
    group = 5 if item.status == "pending" else 0
    moment = due(item)
    return (
        group + _RANK[item.priority],
        moment.timestamp() if moment else float("inf"),
        item.created_at.timestamp(),
        item.id,
    )


def unclaimed(item: Row) -> bool:
    """Whether nobody has taken the ticket, and it is not closed."""
    return item.assignee is None and item.status != "closed"


def in_view(item: Row, view: ViewName, *, me: str, now: datetime) -> bool:
    """Whether the view of agent ``me`` holds the row."""
    match view:
        case "all":
            return True
        case "open":
            return item.status != "closed"
        case "mine":
            return item.assignee == me and item.status != "closed"
        case "unclaimed":
            return unclaimed(item)
        case "overdue":
            return overdue(item, now)
        case "pending":
            return item.status == "pending"
        case "closed":
            return item.status == "closed"


def ordered(rows: Iterable[Row], view: ViewName, *, me: str, now: datetime) -> list[Row]:
    """The rows of a view, in working order."""
    return sorted((item for item in rows if in_view(item, view, me=me, now=now)), key=order_key)
