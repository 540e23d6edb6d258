"""What only the server can say: whose a ticket is, what is next, and whatever the floor wants to know of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from .. import errors
from ..domain import wire
from ..domain.presence import Company, Here
from ..domain.ticket import Ticket
from ..local.store import Commit
from ..remote.daybook import Door
from .exchange import Exchange, Remote
from .floor import Floor
from .sending import Tally


class Asking(Floor):
    """The part of an engine that waits for an answer; its turns with the server are one after the other."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self._exchange: Exchange | None = None
        self._turn = asyncio.Lock()

    @property
    def role(self) -> str:
        """agent, supervisor, admin or integration; "" until the server has said so."""
        known = self._exchange.me if self._exchange else None
        return known.role if known else ""

    @property
    def queues(self) -> Sequence[str]:
        """The queues that this person works in; none means all of them, or that the server has not said so yet."""
        known = self._exchange.me if self._exchange else None
        return known.queues if known else ()

    async def claim(self, ticket_id: str) -> Ticket:
        """Asks the server for the ticket, after what was said before has been pushed; what it does not take stays behind.

        ``Held`` (with the holder) where somebody else has it, ``Offline`` and the other remote errors where nobody could
        be asked: it is yours only when this returns. Where what stays behind gives this very ticket away, its error: it would
        do so later, whatever the server says now.
        """
        won = await self._ask(lambda api: api.claim(ticket_id), about=ticket_id)
        assert won is not None
        return won

    async def next(self) -> Ticket | None:
        """Asks the server for the most urgent unclaimed ticket; None where the queue is empty. Errors as ``claim``."""
        return await self._ask(lambda api: api.next())

    async def renew(self, ticket_id: str) -> Ticket:
        """Prolongs the lease of a claimed ticket. Errors as ``claim``."""
        won = await self._ask(lambda api: api.renew(ticket_id))
        assert won is not None
        return won

    # Inside

    def _exchanged(self) -> Exchange:
        if self._exchange is None:
            raise errors.SignedOut("Nobody is signed in.", "Run `okpay-console login`.")
        return self._exchange

    async def _ask(
        self, question: Callable[[Remote], Awaitable[wire.Claimed | None]], *, about: str = ""
    ) -> Ticket | None:
        """Something that only the server can answer: pushes first, so that it answers about what it has been told (but for
        what is held), and pulls after, so that the mirror knows what was won."""
        async with self._turn:
            exchange = self._exchanged()
            try:
                await exchange.verify()
                await exchange.push(Tally())
                stays = exchange.sending.held if self._given_away(about) else None
                won = None if stays is not None else await question(exchange.api)
            except (errors.Held, errors.NotFound, errors.Forbidden):
                self._pace.wake()
                raise
            except errors.OkpayError as error:
                self._standing.fail(error)
                self._pace.wake()
                raise
            if stays is not None:
                # The same error each time, and it must not collect the way of every asking.
                raise stays.with_traceback(None)
            if won is None:
                return None
            exchange.leases.length = won.lease_s
            ticket_id = self._mirror.show_claimed(won.ticket)
            self._show(Commit({}, touched=frozenset({ticket_id})))
            shown = self.view(ticket_id).ticket
            try:
                await exchange.pull(Tally())
            except errors.OkpayError as error:
                # It is won all the same; the link says the rest.
                self._standing.fail(error)
            self._pace.wake()
        shown = self.view(ticket_id).ticket or shown
        if shown is None:
            raise errors.BadReply("The server's ticket cannot be read by this console.", "Update this console.")
        return shown

    def _given_away(self, ticket_id: str) -> bool:
        """Whether unconfirmed operations here make the ticket somebody else's, or nobody's."""
        seen, told = self.view(ticket_id).ticket, self._mirror.ticket(ticket_id)
        return seen is not None and told is not None and seen.assignee not in (told.assignee, self.me)

    # What the floor asks of the link

    def _online(self) -> bool:
        return self._standing.online

    def _door(self) -> Door | None:
        exchange = self._exchange
        return exchange.api if exchange is not None and exchange.me is not None and self._online() else None

    async def _asked(self) -> Door:
        exchange = self._exchanged()
        await exchange.verify()
        return exchange.api

    def _daybook_rev(self) -> int:
        return self._exchange.daybook_rev if self._exchange else 0

    async def _here(self, here: Here) -> Company:
        return await self._exchanged().api.here(here)
