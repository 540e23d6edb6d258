"""Which claimed tickets need a longer lease, and when to look next: pure, with the time as an argument."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from ..domain.ticket import Instant, Status

AGAIN_S = 30.0
SOONEST_S = 1.0


class Lease(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What a ticket's document says of its claim; ``until`` is the server's time."""

    id: str
    status: Status = "new"
    assignee: str | None = None
    until: Instant | None = msgspec.field(default=None, name="lease_until")


def held(docs: Iterable[Mapping[str, Any]], *, by: str) -> Iterator[Lease]:
    """The claims of ``by`` among the documents. A ticket that was only assigned has no lease: it is held without end."""
    for doc in docs:
        try:
            lease = msgspec.convert(doc, Lease)
        except msgspec.ValidationError:
            # A newer server's ticket, which this console cannot show either.
            continue
        if lease.assignee == by and lease.status != "closed" and lease.until is not None:
            yield lease


class Leases:
    """When each lease is renewed: as soon as half of it or less is left.

    ``length`` is how long the server's leases last, in seconds, as its last answer said; None in a process that has not
    claimed or renewed yet, which therefore asks at once. A ticket is asked about once in ``AGAIN_S``, or in a quarter of
    a shorter lease, whatever the answer was: a server that never prolongs anything is not asked without end.
    """

    def __init__(self) -> None:
        self.length: float | None = None
        self._asked: dict[str, float] = {}

    def asked(self, ticket_id: str, monotonic: float) -> None:
        """The server is asked about this ticket now."""
        self._asked[ticket_id] = monotonic

    def due(self, leases: Iterable[Lease], *, at: datetime, monotonic: float) -> list[str]:
        """The tickets to renew now, first the lease that ends first; ``at`` is the server's time."""
        found = sorted((one.until or at, one.id) for one in leases if self._wait(one, at, monotonic) <= 0)
        return [ticket_id for _, ticket_id in found]

    def soon(self, leases: Iterable[Lease], *, at: datetime, monotonic: float) -> float | None:
        """Seconds until the next of them is due, at least ``SOONEST_S``; None where there is nothing to renew."""
        wait = min((self._wait(one, at, monotonic) for one in leases), default=None)
        return None if wait is None else max(wait, SOONEST_S)

    def _wait(self, lease: Lease, at: datetime, monotonic: float) -> float:
        """Seconds until this lease is to be renewed, 0 or less for now."""
        wait = 0.0
        if self.length is not None and lease.until is not None:
            wait = (lease.until - timedelta(seconds=self.length / 2) - at).total_seconds()
        asked = self._asked.get(lease.id)
        if asked is None:
            return wait
        pause = AGAIN_S if self.length is None else min(AGAIN_S, max(SOONEST_S, self.length / 4))
        return max(wait, asked + pause - monotonic)
