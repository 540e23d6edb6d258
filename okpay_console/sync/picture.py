"""What the agent sees: the mirror's rows with this console's unconfirmed operations laid over them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from ..domain.ops import NO_RULES, AnyOp, Rules
from ..domain.overlay import View, extended, overlay
from ..domain.queue import Row, row_of
from ..domain.ticket import to_doc
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
        # Views of tickets with pending operations, with what they were made from: replaying a long outbox for every
        # word that is added to it would cost the square of its length.
        self._views: dict[str, tuple[Mapping[str, Any] | None, tuple[AnyOp, ...], View]] = {}

    def rows(self) -> Mapping[str, Row]:
        """Every row by ticket id, read-only and live: base rows, and predicted ones where operations are pending."""
        if self._rows is None:
            self._rows = dict(self.mirror.rows())
            self.redraw(self.outbox.tickets())
        return MappingProxyType(self._rows)

    def view(self, ticket_id: str) -> View:
        """One ticket, whole; ``view.ticket`` is None where there is nothing to show."""
        doc, waiting = self.mirror.doc(ticket_id), self.outbox.ops_for(ticket_id)
        if not waiting:
            self._views.pop(ticket_id, None)
            return overlay(self.mirror.ticket(ticket_id), (), self.rules)
        made = self._views.get(ticket_id)
        # A document is replaced whole and an operation never changes, so being the same object is being the same.
        if made and made[0] is doc and all(old is new for old, new in zip(made[1], waiting, strict=False)):
            already = len(made[1])
            if already == len(waiting):
                return made[2]
            view = extended(made[2], waiting[already:], self.rules) if already < len(waiting) else None
        else:
            view = None
        if view is None:
            view = overlay(self.mirror.ticket(ticket_id), waiting, self.rules)
        self._views[ticket_id] = (doc, waiting, view)
        return view

    def doc(self, ticket_id: str) -> Mapping[str, Any] | None:
        """One ticket's document, not copied: the mirror's, or the predicted one where operations are pending."""
        if ticket_id not in self.outbox.tickets():
            return self.mirror.doc(ticket_id)
        predicted = self.view(ticket_id).ticket
        return to_doc(predicted) if predicted is not None else self.mirror.doc(ticket_id)

    def docs(self) -> Iterator[Mapping[str, Any]]:
        """Every ticket's document that can be shown, as ``doc`` has it."""
        return (doc for ticket_id in self.rows() if (doc := self.doc(ticket_id)) is not None)

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
