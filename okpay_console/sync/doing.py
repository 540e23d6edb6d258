"""Operations on their way to this disk: predicted one on top of the other, then written as one record or not at all."""

from __future__ import annotations

from collections.abc import Sequence

from ..domain import ops
from ..domain.audited import check
from ..domain.ticket import Ticket
from ..local.store import Commit
from ..local.watch import plan_watch
from .picture import Picture


def plan_doing(wanted: Sequence[ops.AnyOp], picture: Picture) -> Commit | None:
    """The record that takes them over, None where all of them are in the outbox already.

    Each is tried on what the one before it left, also where the first of them makes the ticket. Raises as ``ops.apply`` does
    for the first that would not go through; nothing is planned then.
    """
    fresh = [op for op in wanted if op.uuid not in picture.outbox]
    after: dict[str, Ticket | None] = {}
    for op in fresh:
        if isinstance(op, ops.Witness):
            check(op)
            continue
        before = after[op.ticket] if op.ticket in after else picture.view(op.ticket).ticket
        after[op.ticket] = ops.apply(before, op, op.at, picture.rules)
    commit = picture.outbox.plan_add(*fresh)
    return None if commit is None else commit.joined(plan_watch(fresh))
