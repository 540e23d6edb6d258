"""One timeline of a ticket and of those that were merged into it."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from .ticket import Entry, Ticket


def timeline(ticket: Ticket, others: Iterable[Ticket]) -> tuple[Entry, ...]:
    """The entries of all, by time; those of another ticket bear its id as ``data["ticket"]``.

    Entries of the same moment keep their ticket's order, the ticket's own first. An entry that stands on both, because the
    server passed the customer's words on, is shown once, as the ticket's own.
    """
    entries = list(ticket.timeline)
    own = {entry.id for entry in entries}
    for other in others:
        entries += [
            replace(entry, data={**entry.data, "ticket": other.id}) for entry in other.timeline if entry.id not in own
        ]
    return tuple(sorted(entries, key=lambda entry: entry.at))
