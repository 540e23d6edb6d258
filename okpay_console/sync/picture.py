"""What the agent sees: the mirror's rows with this console's unconfirmed operations laid over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from ..domain.ops import NO_RULES, Rules
from ..domain.overlay import View, overlay
from ..domain.queue import Row, row_of
from ..local.chain import Review
from ..local.mirror import Mirror
from ..local.outbox import Outbox


class Picture:
    """Reading only: needs no network, and serves a read-only store beside an open console as well."""

    def __init__(self, mirror: Mirror, outbox: Outbox, *, rules: Rules = NO_RULES) -> None:
        self.mirror = mirror
        self.outbox = outbox
        self.rules = rules
        self._rows: dict[str, Row] | None = None

    def rows(self) -> Mapping[str, Row]:
        """Every row by ticket id, read-only and live: base rows, and predicted ones where operations are pending."""
        if self._rows is None:
            self._rows = dict(self.mirror.rows())
            self.redraw(self.outbox.tickets())
        return MappingProxyType(self._rows)

    def view(self, ticket_id: str) -> View:
        """One ticket, whole; ``view.ticket`` is None where there is nothing to show."""
        return overlay(self.mirror.ticket(ticket_id), self.outbox.ops_for(ticket_id), self.rules)

    def pending_ids(self) -> frozenset[str]:
        """The tickets with operations that the server has not confirmed."""
        return self.outbox.tickets()

    def reviews(self) -> tuple[Review, ...]:
        """What the server did not take, until a human has decided, oldest first."""
        return self.outbox.reviews()

    def redraw(self, ticket_ids: Iterable[str], *, everything: bool = False) -> None:
        """Brings the rows up to date with mirror and outbox."""
        if self._rows is None:
            return
        base, pending = self.mirror.rows(), self.outbox.tickets()
        if everything:
            self._rows.clear()
            self._rows.update(base)
            ticket_ids = pending
        for ticket_id in ticket_ids:
            shown = base.get(ticket_id)
            if ticket_id in pending:
                predicted = self.view(ticket_id).ticket
                shown = row_of(predicted) if predicted is not None else shown
            if shown is None:
                self._rows.pop(ticket_id, None)
            else:
                self._rows[ticket_id] = shown
