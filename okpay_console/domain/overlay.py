"""What the agent sees: the server's last word plus the operations that it has not confirmed."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from .. import errors
from .ops import NO_RULES, AnyOp, Rules, apply, is_witness
from .ticket import Ticket


class View(msgspec.Struct, frozen=True):
    """One ticket as this console shows it.

    ``base`` is the server's; ``pending`` are the uuids predicted on top; ``doubtful`` those that would not go through as
    things stand, so that they can be shown without being pretended to be done. An operation that the base has in its timeline
    already is neither, nor is a witness, which changes no ticket. ``ticket`` is None where nothing can be shown.
    """

    ticket: Ticket | None
    base: Ticket | None
    pending: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()


def overlay(base: Ticket | None, outbox: Iterable[AnyOp], rules: Rules = NO_RULES) -> View:
    """Replays the ticket's unconfirmed operations, oldest first, over its base row; the base itself is never changed."""
    return extended(View(base, base), outbox, rules)


def extended(view: View, more: Iterable[AnyOp], rules: Rules = NO_RULES) -> View:
    """The view with later operations on top: overlaying in two goes sees what overlaying in one does."""
    ticket, base = view.ticket, view.base
    known = {entry.id for entry in base.timeline} if base else frozenset()
    pending, doubtful = list(view.pending), list(view.doubtful)
    for op in more:
        if op.uuid in known or is_witness(op):
            continue
        try:
            ticket = apply(ticket, op, op.at, rules)
        except (errors.Refused, errors.NeedsReview):
            doubtful.append(op.uuid)
        else:
            pending.append(op.uuid)
    return View(ticket, base, tuple(pending), tuple(doubtful))
