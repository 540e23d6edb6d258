"""The engine as the screens know it."""

from __future__ import annotations

from okpay_console.domain import wire
from okpay_console.local.recovery import Recovery
from okpay_console.sync.engine import Engine
from okpay_console.sync.picture import Picture
from okpay_console.sync.sending import Tally


class Desk(Engine):
    """An engine that also tells what opening the store had to mend, shows all that it sees, and can send without fetching."""

    recovery = Recovery()

    @property
    def picture(self) -> Picture:
        """Every ticket as this console sees it, for whoever reads all of them."""
        return self._picture

    async def send(self) -> dict[str, wire.Outcome] | None:
        """Pushes what waits and pulls nothing: what is here stays as it is. The outcomes that are no confirmation, by operation.

        None where something still waits afterwards. The ``RemoteError`` family where the server could not be asked, and
        ``Refused`` where it takes nothing from this console.
        """
        async with self._turn:
            tally = Tally()
            exchange = self._exchanged()
            await exchange.verify()
            await exchange.push(tally)
            if exchange.sending.held is not None:
                raise exchange.sending.held
            return None if self._outbox.batch() else tally.refused
