"""How often a caller has been in touch, and when last: what is said to him before he has to say it himself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

import msgspec

from .ticket import Instant, Ticket

_TOGETHER: Final = timedelta(minutes=30)
"""Messages of one conversation: what comes within so long of the one before is the same contact."""
_INBOUND: Final = frozenset({"created", "message", "chase"})


class Visits(msgspec.Struct, frozen=True):
    """``before``: contacts of this caller before the latest one of the ticket; ``last``: when the one before that was.

    ``Visits(1, …)`` reads "the second time".
    """

    before: int = 0
    last: Instant | None = None


def contacts(ticket: Ticket) -> list[datetime]:
    """When the caller got in touch about the ticket: by opening it, by a message, by asking again, by a call."""
    found = [entry.at for entry in ticket.timeline if entry.kind in _INBOUND] or [ticket.created_at]
    found += [mark.at for call in ticket.calls for mark in call.marks if mark.event == "offered"]
    return sorted(found)


def visits(ticket: Ticket, others: Iterable[Ticket]) -> Visits:
    """How often the caller had been in touch before the latest contact about this ticket; ``others`` are his other tickets.

    What comes within half an hour of the contact before it belongs to that contact: a chat is one, and so are a call and the
    ticket that it makes.
    """
    own = contacts(ticket)
    moments = sorted({*own, *(at for other in others if other.id != ticket.id for at in contacts(other))})
    begun: list[datetime] = []
    last: datetime | None = None
    for at in moments:
        if at > own[-1]:
            break
        if last is None or at - last > _TOGETHER:
            begun.append(at)
        last = at
    return Visits(len(begun) - 1, begun[-2] if len(begun) > 1 else None)
