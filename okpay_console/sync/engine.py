"""The engine: one object that the screens and the command line read from, act through, and are told by."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from random import Random

from msgspec.structs import replace

from .. import errors
from ..domain import ops as operations
from ..domain import wire
from ..domain.author import Author
from ..domain.presence import Company, Here
from ..domain.ticket import Ticket
from ..local.drafts import Drafts
from ..local.mirror import Mirror
from ..local.outbox import Outbox
from ..local.store import Commit
from ..remote.daybook import Door
from . import link as links
from .acting import Decision
from .clock import NOTED_S, Clock
from .disk import Disk
from .exchange import Exchange, Remote, Tally
from .floor import Floor
from .pace import Pokes
from .status import Changed, LinkStatus, Round
from .unsent import Unsent

__all__ = ["Changed", "Decision", "Engine", "LinkStatus", "Round", "Unsent"]

RELIST_SPREAD_S = 5.0
LEAVING_S = 1.0
"""A desk that is closed waits so long for its last line to be heard; it is on the disk in any case."""


class Engine(Floor):
    """Reads are instant and synchronous; doing returns when the disk has it; the network is somebody else's wait.

    Belongs to one asyncio loop. ``api`` is None for a console that has never signed in; ``pokes`` opens the event stream,
    without it the engine polls. Time, chance and disk are arguments so that a simulator can own them.
    """

    def __init__(
        self,
        *,
        api: Remote | None,
        mirror: Mirror,
        outbox: Outbox,
        author: Author,
        rules: operations.Rules,
        clock: Clock,
        rng: Random,
        listener: Callable[[Changed], None] = lambda _: None,
        disk: Disk | None = None,
        drafts: Drafts | None = None,
        pokes: Pokes | None = None,
    ) -> None:
        super().__init__(
            mirror=mirror, outbox=outbox, author=author, rules=rules, clock=clock, listener=listener, disk=disk,
            drafts=drafts, rng=rng, pokes=pokes,
        )  # fmt: skip
        self._exchange: Exchange | None = None
        self._turn = asyncio.Lock()
        self._link = links.start(self._clock.now())
        self._synced_at, self._synced_s = mirror.synced_at, self._clock.monotonic()
        if api is not None:
            self.sign_in(api)

    @property
    def role(self) -> str:
        """agent, supervisor, admin or integration; "" until the server has said so."""
        known = self._exchange.me if self._exchange else None
        return known.role if known else ""

    def status(self) -> LinkStatus:
        offset = self._exchange.clock_offset if self._exchange else None
        link = self._link
        return LinkStatus(
            state=link.state,
            since=link.since,
            last_sync_at=self._last_sync(),
            pending=len(self._outbox),
            reviews=len(self._outbox.reviews()),
            code=link.code,
            message=link.message,
            advice=link.advice,
            retry_in=None if link.retry_at is None else max(0.0, link.retry_at - self._clock.monotonic()),
            clock_offset=offset if offset is not None and abs(offset) > NOTED_S else None,
            disk=self._disk_trouble,
            unreadable=len(self._mirror.unreadable),
        )

    # Only the server can say

    async def claim(self, ticket_id: str) -> Ticket:
        """Asks the server for the ticket, after everything said before has been pushed.

        ``Held`` (with the holder) where somebody else has it, ``Offline`` and the other remote errors where nobody could
        be asked: it is yours only when this returns.
        """
        won = await self._ask(lambda api: api.claim(ticket_id))
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

    # The link

    def sign_in(self, api: Remote) -> None:
        """Uses this door from now on, and asks the server again who its token is."""
        self._exchange = Exchange(
            api=api,
            mirror=self._mirror,
            outbox=self._outbox,
            disk=self._disk,
            clock=self._clock,
            user=self.author.name,
        )
        self._exchange.reread = self._daybook.book.reload
        self.retry()

    def retry(self) -> None:
        """Tries at once, however long the engine meant to wait."""
        self._set_link(links.again(self._link, self._clock.now()))
        self._pace.wake()

    async def round(self) -> Round:
        """One whole round: push, pull, until both are done. Never raises for the link: the answer says how it stands."""
        async with self._turn:
            tally = Tally()
            try:
                tally = await self._exchanged().turn()
            except errors.OkpayError as error:
                self._fail(error)
            else:
                self._succeed()
                await self._refresh_answers(rated=tally.rated)
                await self._refresh_floor()
        link = self._link
        return Round(
            link=link.state,
            pulled=tally.pulled,
            pushed=tally.pushed,
            refused=tuple(tally.refused.values()),
            pending=len(self._outbox),
            reviews=len(self._outbox.reviews()),
            code=link.code,
            message=link.message,
            advice=link.advice,
            telling=self.telling(),
            untold=len(self.untold()),
        )

    async def keep(self) -> None:
        """Prolongs the leases of which half or less is left, of the tickets that this agent has claimed.

        ``run`` does so by itself, a headless round does not: a lease lives as long as a console is open. Nothing happens
        offline, and as with ``round`` the link says what went wrong.
        """
        async with self._turn:
            if self._exchange is None or self._link.state != "online":
                return
            try:
                await self._exchange.keep()
            except errors.OkpayError as error:
                self._fail(error)

    async def run(self) -> None:
        """Keeps mirror and outbox up to date until cancelled: a poke pulls, a doing pushes, and polls catch the rest."""
        if self._exchange is not None:
            self._exchange.relist_spread = lambda: self._uniform(0.0, RELIST_SPREAD_S)

        def soon() -> float | None:
            return self._exchange.keep_soon() if self._exchange else None

        beside = [asyncio.create_task(part()) for part in (self._presence.run, self._daybook.run, self._shift.keep)]
        try:
            await self._pace.run(
                self._beat, lambda: self._link, reauth=self._forget_me, soon=soon, alive=self._still_true
            )
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)

    async def index(self) -> None:
        """Makes the search index and keeps it in step until cancelled; a console that only runs a command needs none."""
        await self._lookup.keep(self._clock)

    async def leave(self) -> None:
        """The desk is closed: its person's shift ends on this disk, and at the server too where that takes no time."""
        await self._shift.end()
        with contextlib.suppress(TimeoutError, errors.OkpayError):
            async with asyncio.timeout(LEAVING_S):
                await self._daybook.refresh()

    async def read_floor(self) -> None:
        """Sends what is untold and reads the daybook now, for a command that shows it; the remote errors, and the store's."""
        await self._daybook.refresh(anyway=True)

    async def close(self) -> None:
        """Returns when the disk has everything. The store itself is closed by who opened it."""
        await self._disk.close()

    # Inside

    def _last_sync(self) -> datetime | None:
        """When the data was last known to be fresh, by the house's time as it is now: never later than it was.

        A clock that was set back would make old data new; the seconds that this process has seen since tell otherwise. They
        stand still while the machine sleeps, so they are only the least that has passed.
        """
        if self._synced_at is None:
            return None
        passed = self._clock.monotonic() - self._synced_s
        return min(self._synced_at, self._clock.now() - timedelta(seconds=passed))

    def _still_true(self) -> None:
        """The stream is up and has told no news since the last whole round: what is shown is as fresh as its sign of life."""
        if self._link.state == "online" and not self._turn.locked():
            self._synced_at, self._synced_s = self._clock.now(), self._clock.monotonic()

    async def _beat(self) -> None:
        await self.round()
        await self.keep()

    def _exchanged(self) -> Exchange:
        if self._exchange is None:
            raise errors.SignedOut("Nobody is signed in.", "Run `okpay-console login`.")
        return self._exchange

    async def _ask(self, question: Callable[[Remote], Awaitable[wire.Claimed | None]]) -> Ticket | None:
        """Something that only the server can answer: pushes first, so that it answers about what it has been told, and
        pulls after, so that the mirror knows what was won."""
        async with self._turn:
            exchange = self._exchanged()
            try:
                await exchange.verify()
                await exchange.push(Tally())
                won = await question(exchange.api)
            except (errors.Held, errors.NotFound, errors.Forbidden):
                self._pace.wake()
                raise
            except errors.OkpayError as error:
                self._fail(error)
                self._pace.wake()
                raise
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
                self._fail(error)
            self._pace.wake()
        shown = self.view(ticket_id).ticket or shown
        if shown is None:
            raise errors.BadReply("The server's ticket cannot be read by this console.", "Update this console.")
        return shown

    # What the floor asks of the link

    def _online(self) -> bool:
        return self._link.state == "online"

    def _door(self) -> Door | None:
        exchange = self._exchange
        return exchange.api if exchange is not None and exchange.me is not None and self._online() else None

    async def _asked(self) -> Door:
        exchange = self._exchanged()
        await exchange.verify()
        return exchange.api

    def _daybook_rev(self) -> int:
        return self._exchange.daybook_rev if self._exchange else 0

    def _queues(self) -> Sequence[str]:
        known = self._exchange.me if self._exchange else None
        return known.queues if known else ()

    async def _here(self, here: Here) -> Company:
        return await self._exchanged().api.here(here)

    async def _refresh_answers(self, *, rated: bool) -> None:
        """After a turn: an answer that is a minute old harms nobody, so no trouble with it is the link's."""
        exchange = self._exchanged()
        self._shelf.due = self._shelf.due or rated
        try:
            if await self._shelf.refresh(exchange.api, rev=exchange.shelf_rev):
                self.listener(Changed(answers=True))
        except errors.RemoteError:
            return
        except errors.StoreError as error:
            self._disk_trouble = f"{error.what} {error.advice}".strip()
            self.listener(Changed(link=True))

    async def _refresh_floor(self) -> None:
        """After a turn: what the daybook lacks is fetched later, so no trouble with it is the link's."""
        try:
            await self._shift.learn()
            await self._daybook.refresh()
        except errors.StoreError as error:
            self._disk_trouble = f"{error.what} {error.advice}".strip()
            self.listener(Changed(link=True))
        except errors.OkpayError:
            return

    def _succeed(self) -> None:
        known = self._exchange.me if self._exchange else None
        if known is not None and not self.author.name:
            self.author = replace(self.author, name=known.user)
        self._synced_at, self._synced_s = self._clock.now(), self._clock.monotonic()
        self._disk_trouble = ""
        self._set_link(links.succeeded(self._link, self._clock.now()))

    def _fail(self, error: errors.OkpayError) -> None:
        if isinstance(error, errors.StoreError) and not isinstance(error, errors.StoreForeign):
            self._disk_trouble = f"{error.what} {error.advice}".strip()
        self._set_link(
            links.failed(
                self._link,
                error,
                now=self._clock.now(),
                monotonic=self._clock.monotonic(),
                uniform=self._uniform,
            )
        )

    def _forget_me(self) -> None:
        """The token is about to expire: ask again who it is, and whether it still is anybody."""
        if self._exchange is not None:
            self._exchange.me = None

    def _set_link(self, link: links.Link) -> None:
        self._link = link
        self.listener(Changed(link=True))
