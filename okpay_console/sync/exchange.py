"""One turn with the server: who am I, push the outbox, pull the changes, until neither has anything left."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Protocol

from .. import errors
from ..domain import wire
from ..domain.presence import Company, Here
from ..domain.shelf import ShelfPage
from ..local import erasing
from ..local.mirror import Mirror
from ..local.outbox import Outbox
from ..local.owner import Owner
from ..local.store import TICKETS, Commit
from ..remote.daybook import Door
from .clock import HouseClock
from .disk import Disk
from .leases import Lease, Leases, held
from .sending import Door as Sent
from .sending import Sending, Tally

RELIST_S = 60.0
PASSES = 6
RENEWED_AT_ONCE = 10
STILL = 20
"""Pages in a row that bring nothing and still are not the last: so many, and the server leads nowhere."""


class Remote(Door, Sent, Protocol):
    """The server's door as the engine needs it (``remote.api.Api``); raises the ``RemoteError`` family only.

    ``server_url`` is the address that it asks, by which a cache knows its server again.
    """

    server_url: str

    async def me(self) -> wire.Me: ...
    async def sync(self, client: str, cursor: str, limit: int = wire.PAGE_ROWS) -> wire.Page: ...
    async def claim(self, ticket_id: str) -> wire.Claimed: ...
    async def renew(self, ticket_id: str) -> wire.Claimed: ...
    async def next(self) -> wire.Claimed | None: ...
    async def shelf(self, have: str, after: str = "") -> ShelfPage | None: ...
    async def here(self, told: Here) -> Company: ...


class Exchange:
    """Talks with one server for one user; never two turns at once (the engine sees to that)."""

    def __init__(
        self,
        *,
        api: Remote,
        mirror: Mirror,
        outbox: Outbox,
        disk: Disk,
        clock: HouseClock,
        user: str,
        uniform: Callable[[float, float], float],
        complete: Callable[[], None],
        relist_spread: Callable[[], float],
    ) -> None:
        self.api = api
        self.me: wire.Me | None = None
        self.clock_offset: float | None = None
        self.leases = Leases()
        self._mirror = mirror
        self._outbox = outbox
        self._disk = disk
        self._clock = clock
        self._user = user
        self._relisted_at: float | None = None
        self.shelf_rev = 0
        """The number of the server's canned answers as the last page told it; 0 where it has none."""
        self.daybook_rev = 0
        """The number of the server's notices and alarms as the last page told it; 0 where it has no daybook."""
        self.reread: Callable[[], None] = lambda: None
        """Called when tables that others hold in memory were changed on the disk."""
        self.sending = Sending(
            door=lambda: self.api, outbox=outbox, disk=disk, clock=clock, uniform=uniform, heard=self._compare
        )
        self._complete = complete
        self._relist_spread = relist_spread
        self._read_first = False

    async def verify(self) -> None:
        """Once per process and after each new sign-in, before anything is sent; errors as ``meet``."""
        if self.me is None:
            await self.meet()

    async def meet(self) -> None:
        """Asks who answers: the token's user must be ours, and the cache his and this server's, else ``StoreForeign``."""
        asked = self._clock.monotonic()
        me = await self.api.me()
        self._compare(me.now, asked)
        if me.protocol != wire.PROTOCOL:
            raise errors.BadReply(
                f"The server speaks protocol {me.protocol}, this console {wire.PROTOCOL}.",
                wire.which(me.protocol, they="server"),
                code="protocol",
            )
        # A console that was started without a network may not know yet whose it is.
        if self._user and me.user != self._user:
            raise errors.StoreForeign(
                f"The token belongs to {me.user}, and this console works for {self._user}.",
                f"Sign in again as {self._user}, or start the console anew.",
            )
        found = Owner(me.server, me.user, me.server_id, self.api.server_url)
        await self._disk.commit(lambda: self._mirror.plan_bind(found))
        await self._disk.commit(self._outbox.plan_client)
        if self._outbox.broken:
            await self._disk.commit(self._outbox.plan_renumber)
        self.me = me

    async def turn(self, tally: Tally) -> None:
        """Pushes and pulls until the mirror is complete and every operation has met its answer, or is held.

        ``Unavailable`` where the server wants a relist again within a minute of the last one.
        """
        await self.verify()
        if self._read_first:
            # What was sent last was never answered: a way that swallows long requests may let short ones through.
            await self.pull(tally)
        for _ in range(PASSES):
            await self.push(tally)
            await self.pull(tally)
            if self._outbox.broken:
                await self._disk.commit(self._outbox.plan_renumber)
            if self.sending.held is not None or not self._outbox.batch():
                break

    async def push(self, tally: Tally) -> None:
        """Sends what has no answer yet (``Sending.push``); where the link fails under it, the next turn reads first."""
        self._read_first = True
        await self.sending.push(tally)
        self._read_first = False

    async def keep(self) -> None:
        """Renews the leases that are due, a few at a time so that nobody waits long behind them, and pulls what that changed.

        A ticket that is no longer ours to renew is passed over: the pull says whose it is now.
        """
        await self.verify()
        due = self.leases.due(self._held(), at=self._server_now(), monotonic=self._clock.monotonic())[:RENEWED_AT_ONCE]
        for ticket_id in due:
            self.leases.asked(ticket_id, self._clock.monotonic())
            with contextlib.suppress(errors.Held, errors.NotFound, errors.Forbidden, errors.Refused):
                self.leases.length = (await self.api.renew(ticket_id)).lease_s
        if due:
            await self.pull(Tally())

    def soon(self) -> float | None:
        """Seconds until there is something to do here, None where nothing is: a lease to renew, or what is held to be sent."""
        leased = self.leases.soon(self._held(), at=self._server_now(), monotonic=self._clock.monotonic())
        return min((wait for wait in (leased, self.sending.soon()) if wait is not None), default=None)

    async def pull(self, tally: Tally) -> None:
        """Takes page after page until the mirror is complete. ``BadReply`` where the server's answers lead nowhere."""
        renumbered = False
        passed: set[str] = set()
        still = 0
        while True:
            cursor, asked = self._mirror.cursor, self._clock.monotonic()
            try:
                page = await self.api.sync(self._outbox.client, cursor)
            except errors.Gone:
                # Another history: perhaps another database, and what is acknowledged here will be offered to it.
                await self.meet()
                self._may_relist()
                # When a server was restored, all its consoles learn it in the same second.
                await self._clock.sleep(self._relist_spread())
                self._mirror.begin_relist()
                passed.clear()
                continue
            except errors.Forked:
                await self._disk.commit(self._outbox.plan_renumber)
                return
            self._compare(page.now, asked)
            self.shelf_rev, self.daybook_rev = page.shelf, page.daybook
            # The way to the newest page is as long as the server's history, but nowhere does it pass twice or stand still.
            passed.add(cursor)
            still = 0 if page.changes else still + 1
            if page.more and (page.cursor in passed or still > STILL):
                raise errors.BadReply("The server sends the same page again and again.", "Ask its administrator.")
            if self._outbox.forked(page.last):
                if renumbered:
                    raise errors.BadReply(
                        "The server knows every name of this console otherwise.", "Ask its administrator."
                    )
                renumbered = True
                # Rolled back or copied: the rows are good all the same, but this log needs a name of its own.
                await self._disk.commit(self._outbox.plan_renumber)
                continue
            now = self._clock.now()
            await self._forget(page)
            taken = await self._disk.commit(_page(self._mirror, self._outbox, page, cursor, now))
            if taken is None:
                return
            tally.pulled += len(page.changes)
            for outcome in page.outcomes:
                if outcome.state != "confirmed" and self._outbox.review(outcome.uuid) is not None:
                    tally.refused.setdefault(outcome.uuid, outcome)
            if not page.more:
                self._complete()
                await self._purge()
                return

    async def _forget(self, page: wire.Page) -> None:
        """What the page takes out of tickets is taken out of everything else here first: afterwards nobody knows what it was."""
        docs = [change.doc for change in page.changes if change.doc is not None and "erased_at" in change.doc]
        erased = erasing.newly_erased(docs, self._mirror.store, TICKETS) if docs else {}
        if erased:
            await self._disk.commit(lambda: erasing.plan(self._mirror.store, erased, done=self._reread))

    async def _purge(self) -> None:
        """The journal's history goes too; where that fails now it is tried after the next page."""
        if erasing.purge_due(self._mirror.store) and await self._disk.purge():
            await self._disk.commit(erasing.plan_purged)

    def _reread(self) -> None:
        self._outbox.reload()
        self.reread()

    def _held(self) -> Iterator[Lease]:
        """This agent's claims, as the server last told them: what he has done since has yet to be believed there."""
        me = self.me.user if self.me else self._user
        return held(self._mirror.assigned(me), by=me)

    def _server_now(self) -> datetime:
        return self._clock.server()

    def _may_relist(self) -> None:
        """At most one in a minute: a cursor that never proves itself must not make this console load without end."""
        now = self._clock.monotonic()
        if self._relisted_at is not None and now - self._relisted_at < RELIST_S:
            raise errors.Unavailable(
                "The server no longer serves this console's place in its history.",
                "The queue is fetched anew within a minute; what you see is older.",
                retry_after=RELIST_S - (now - self._relisted_at),
            )
        self._relisted_at = now

    def _compare(self, server_now: datetime, asked: float) -> None:
        self.clock_offset = self._clock.heard(server_now, asked)


def _page(mirror: Mirror, outbox: Outbox, page: wire.Page, cursor: str, now: datetime) -> Callable[[], Commit | None]:
    return lambda: mirror.plan_page(page, cursor, outbox=outbox, now=now)
