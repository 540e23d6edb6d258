"""The engine as the screens know it."""

from __future__ import annotations

from okpay_console.domain.ops import AnyOp
from okpay_console.local.recovery import Recovery
from okpay_console.sync.engine import Engine


class Desk(Engine):
    """An engine that also tells which operations are still under way, and what opening the store had to mend."""

    recovery = Recovery()

    def ops(self, ticket_id: str) -> tuple[AnyOp, ...]:
        """A ticket's unconfirmed operations, oldest first."""
        return self._picture.outbox.ops_for(ticket_id)
