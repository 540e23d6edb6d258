"""Operations on their way to this disk: predicted one on top of the other, then written as one record or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Final

from ..domain import ops
from ..domain.audited import check
from ..domain.ticket import Ticket
from ..local.store import Commit
from ..local.watch import plan_watch
from .picture import Picture

SLICE: Final = 50
"""Operations predicted at one go: about four milliseconds, which no key press notices."""


def plan_doing(wanted: Sequence[ops.AnyOp], picture: Picture) -> Commit | None:
    """The record that takes them over, None where all of them are in the outbox already.

    Each is tried on what the one before it left, also where the first of them makes the ticket. Raises as ``ops.apply`` does
    for the first that would not go through; nothing is planned then.
    """
    fresh = _fresh(wanted, picture)
    for _ in _predicted(fresh, picture):
        pass
    return _record(fresh, picture)


async def plan_many(wanted: Sequence[ops.AnyOp], picture: Picture) -> Commit | None:
    """As ``plan_doing``, leaving the event loop free between slices; whoever commits it keeps all other commits waiting."""
    fresh = _fresh(wanted, picture)
    for done in _predicted(fresh, picture):
        if done % SLICE == 0:
            await asyncio.sleep(0)
    return _record(fresh, picture)


def _fresh(wanted: Sequence[ops.AnyOp], picture: Picture) -> list[ops.AnyOp]:
    return [op for op in wanted if op.uuid not in picture.outbox]


def _predicted(fresh: Sequence[ops.AnyOp], picture: Picture) -> Iterator[int]:
    """Tries each; how many have been."""
    after: dict[str, Ticket | None] = {}
    for done, op in enumerate(fresh, 1):
        if isinstance(op, ops.Witness):
            check(op)
        else:
            before = after[op.ticket] if op.ticket in after else picture.view(op.ticket).ticket
            after[op.ticket] = ops.apply(before, op, op.at, picture.rules)
        yield done


def _record(fresh: Sequence[ops.AnyOp], picture: Picture) -> Commit | None:
    commit = picture.outbox.plan_add(*fresh)
    return None if commit is None else commit.joined(plan_watch(fresh))
