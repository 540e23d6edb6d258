"""What is known of the caller already goes into the checklist by itself, so that nobody asks for it again."""

from __future__ import annotations

from ..content.interface import t
from ..domain.known import known
from ..domain.ops import AnyOp
from . import house
from .acts import Acts

_LOOKED_AT = 20
"""So many of the caller's latest tickets are read; what an older one says has most likely changed."""


async def prefill(acts: Acts, ticket: str) -> int:
    """Fills the details that the caller's earlier tickets and the contact itself tell, in one record; how many there were.

    Each is "known" with its source. Nothing that anybody has touched is written over. Who calls this says so (``words``).
    """
    desk = acts.floor.desk
    found = desk.view(ticket).ticket if desk is not None else None
    listed = house.checklist(found.category) if found is not None else None
    if desk is None or found is None or listed is None:
        return 0
    same = [other for other in desk.same(found.caller) if other != ticket][:_LOOKED_AT]
    earlier = [one for one in (desk.view(other).ticket for other in same) if one is not None]
    details = known(earlier, listed, found.answers, caller=found.caller, channel=found.channel)
    ops: list[AnyOp] = [
        desk.author.field(found, one.field, one.value, state="known", source=one.source) for one in details
    ]
    return len(ops) if ops and await acts.do_all(ops) else 0


def words(said: str, count: int) -> str:
    """``said`` with how many details were known already."""
    return f"{said} {t('call.prefilled', count=count)}" if count else said
