"""The engine: one object that the screens and the command line read from, act through, and are told by."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from random import Random

from msgspec.structs import replace

from .. import errors
from ..domain import ops as operations
from ..domain.author import Author
from ..local.drafts import Drafts
from ..local.mirror import Mirror
from ..local.outbox import Outbox
from .acting import Decision
from .asking import Asking
from .clock import Clock
from .disk import Disk
from .exchange import Exchange, Remote
from .pace import Pokes
from .sending import Tally
from .status import Changed, LinkStatus, Round
from .unsent import Unsent

__all__ = ["Changed", "Decision", "Engine", "LinkStatus", "Round", "Unsent"]

RELIST_SPREAD_S = 5.0
LEAVING_S = 1.0
"""A desk that is closed waits so long for its last line to be heard; it is on the disk in any case."""


class Engine(Asking):
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
        self._spread_s = 0.0
        self._person: tuple[str, tuple[str, ...]] | None = None
        if api is not None:
            self.sign_in(api)

    def status(self) -> LinkStatus:
        """The truth about the link. Online with a ``code``: the server answers, and does not take what is sent."""
        exchange = self._exchange
        return self._standing.status(
            held=exchange.sending.held if exchange else None, clock_offset=exchange.clock_offset if exchange else None
        )

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
            uniform=self._uniform,
            complete=self._standing.fresh,
            relist_spread=lambda: self._uniform(0.0, self._spread_s),
        )
        self._exchange.reread = self._daybook.book.reload
        self._standing.anew()
        self._pace.wake()

    def retry(self) -> None:
        """Tries at once, however long the engine meant to wait."""
        if self._exchange is not None:
            self._exchange.sending.again()
        self._standing.again()
        self._pace.wake()

    async def round(self) -> Round:
        """One whole round: push, pull, until both are done. Never raises for the link: the answer says how it stands."""
        async with self._turn:
            tally = Tally()
            try:
                await self._exchanged().turn(tally)
            except errors.OkpayError as error:
                self._standing.fail(error)
            else:
                self._succeed()
                await self._refresh_answers(rated=tally.rated)
                await self._refresh_floor()
        status = self.status()
        return Round(
            link=status.state,
            pulled=tally.pulled,
            pushed=tally.pushed,
            refused=tuple(tally.refused.values()),
            pending=len(self._outbox),
            reviews=len(self._outbox.reviews()),
            code=status.code,
            message=status.message,
            advice=status.advice,
            telling=self.telling(),
            untold=len(self.untold()),
        )

    async def keep(self) -> None:
        """Prolongs the leases of which half or less is left, of the tickets that this agent has claimed.

        ``run`` does so by itself, a headless round does not: a lease lives as long as a console is open. Nothing happens
        offline, and as with ``round`` the link says what went wrong.
        """
        async with self._turn:
            if self._exchange is None or not self._standing.online:
                return
            try:
                await self._exchange.keep()
            except errors.OkpayError as error:
                self._standing.fail(error)

    async def run(self) -> None:
        """Keeps mirror and outbox up to date until cancelled: a poke pulls, a doing pushes, and polls catch the rest."""
        self._spread_s = RELIST_SPREAD_S

        def soon() -> float | None:
            return self._exchange.soon() if self._exchange else None

        beside = [asyncio.create_task(part()) for part in (self._presence.run, self._daybook.run, self._shift.keep)]
        try:
            await self._pace.run(
                self._beat, lambda: self._standing.link, reauth=self._forget_me, soon=soon, alive=self._still_true
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

    def _still_true(self) -> None:
        """The stream is up and has told no news since the last whole round: what is shown is as fresh as its sign of life."""
        if self._standing.online and not self._turn.locked() and not self._standing.heard():
            self._pace.wake()

    async def _beat(self) -> None:
        await self.round()
        await self.keep()

    async def _refresh_answers(self, *, rated: bool) -> None:
        """After a turn: an answer that is a minute old harms nobody, so no trouble with it is the link's."""
        exchange = self._exchanged()
        self._shelf.due = self._shelf.due or rated
        try:
            if await self._shelf.refresh(exchange.api, rev=exchange.shelf_rev):
                self.listener(Changed(answers=True))
        except (errors.RemoteError, errors.Refused):
            return
        except errors.StoreError as error:
            self._standing.sick(error)

    async def _refresh_floor(self) -> None:
        """After a turn: what the daybook lacks is fetched later, so no trouble with it is the link's."""
        known = self._exchanged().me
        person = (known.role, tuple(known.queues)) if known is not None else None
        if person != self._person:
            self._person = person
            self._daybook.doubt()
        try:
            await self._shift.learn()
            if self._shift.woken:
                self._daybook.doubt()
            await self._daybook.refresh()
            if self._shift.woken:
                await self._shift.learn(heard=True)
                await self._daybook.refresh()
        except errors.StoreError as error:
            self._standing.sick(error)
        except errors.OkpayError:
            return

    def _succeed(self) -> None:
        known = self._exchange.me if self._exchange else None
        if known is not None and not self.author.name:
            self.author = replace(self.author, name=known.user)
        self._standing.succeed()

    def _forget_me(self) -> None:
        """The token is about to expire: ask again who it is, and whether it still is anybody."""
        if self._exchange is not None:
            self._exchange.me = None
