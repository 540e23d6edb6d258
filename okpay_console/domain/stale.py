"""What others did to a ticket since a reply was begun: whoever sends it should have read that first."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from .ticket import Entry, Ticket

TELLING: Final = frozenset(
    {
        "message", "chase", "reply", "status", "close", "reopen", "wrapup", "assign", "claim", "release", "handover",
        "escalate", "merge", "decision",
    }
)  # fmt: skip
"""Kinds of entries after which a reply may be wrong or said twice. Notes, details and steps change no word to the customer."""


def since(ticket: Ticket, seen: Collection[str], me: str) -> tuple[Entry, ...]:
    """The entries by anybody but ``me`` that are not in ``seen`` (ids), in their order; only those that bear on a reply."""
    return tuple(
        entry for entry in ticket.timeline if entry.id not in seen and entry.by != me and entry.kind in TELLING
    )


def answered(ticket: Ticket, me: str) -> Entry | None:
    """The last reply to the customer by anybody but ``me``; None where there is none."""
    replies = (entry for entry in reversed(ticket.timeline) if entry.kind == "reply" and entry.by != me)
    return next(replies, None)


def ids(ticket: Ticket) -> frozenset[str]:
    """The ids of everything that is in the ticket now: what has been seen."""
    return frozenset(entry.id for entry in ticket.timeline)
