"""Which drafts belong to a ticket: its own, and those of the tickets that were merged into it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from ..domain.ticket import Ticket


class Unsent(NamedTuple):
    """Unfinished words; ``ticket`` and ``number`` are those of the ticket they were written at (number 0: not known)."""

    kind: str
    text: str
    ticket: str
    number: int


def unsent(
    ticket_id: str, drafts: Mapping[tuple[str, str], str], look: Callable[[str], Ticket | None]
) -> tuple[Unsent, ...]:
    """Every draft that belongs to the ticket, its own first, then the merged ones by number.

    ``drafts`` are an agent's, by ticket and kind; ``look`` gives a ticket as it stands. They are found by the merge itself,
    never moved: what is on disk stays under the key it was typed at, so nothing can get lost between two writes.
    """
    found: list[Unsent] = []
    merged: dict[str, int | None] = {}
    for (at, kind), text in drafts.items():
        if at not in merged:
            merged[at] = _number(at, ticket_id, look)
        number = merged[at]
        if text and number is not None:
            found.append(Unsent(kind, text, at, number))
    return tuple(sorted(found, key=lambda one: (one.ticket != ticket_id, one.number, one.kind)))


def _number(at: str, ticket_id: str, look: Callable[[str], Ticket | None]) -> int | None:
    """The number of the ticket ``at``, None where neither it nor what it was merged into is this ticket."""
    here = look(at) if at else None
    number = here.number if here else 0
    passed: set[str] = set()
    while at and at not in passed:
        if at == ticket_id:
            return number
        passed.add(at)
        before, at = at, here.merged_into if here else ""
        here = look(at) if at else None
        if not at:
            # The merged one may have left this agent's queues; the one it went into still tells of it.
            target = look(ticket_id)
            if target is not None and target.link_kinds.get(before) == "merged":
                return number
    return None
