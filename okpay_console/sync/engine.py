"""The engine: one object that the screens and the command line read from, act through, and are told by."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from random import Random
from typing import Literal

from msgspec.structs import replace

from .. import errors
from ..domain import ops as operations
from ..domain import wire
from ..domain.answers import Answer
from ..domain.author import Author
from ..domain.finding import Match
from ..domain.overlay import View
from ..domain.presence import Beside, Company, Here
from ..domain.queue import Row
from ..domain.shelf import Ratings
from ..domain.ticket import Caller, Ticket
from ..domain.views import Saved
from ..domain.visits import Visits
from ..local.answers import AnswerCache
from ..local.chain import Review
from ..local.drafts import Drafts
from ..local.mirror import Mirror
from ..local.outbox import Outbox
from ..local.store import DRAFTS, VIEWS, Commit
from ..local.views import Views
from . import link as links
from .again import again
from .clock import NOTED_S, Clock, HouseClock
from .disk import Disk
from .doing import plan_doing
from .exchange import Exchange, Remote, Tally
from .lookup import Lookup
from .pace import Pace, Pokes
from .picture import Picture
from .presence import Presence
from .shelf import Shelf
from .status import Changed, LinkStatus, Round
from .unsent import Unsent, unsent

__all__ = ["Changed", "Decision", "Engine", "LinkStatus", "Round", "Unsent"]

RELIST_SPREAD_S = 5.0

Decision = Literal["keep-theirs", "re-apply", "edited"]


class Engine:
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
        house = HouseClock(clock)
        # What this agent does is dated by the house's time, so a reply made here does not expire by a wrong clock.
        self.author = replace(author, now=house.now)
        self.listener = listener
        self._picture = Picture(mirror, outbox, rules=rules)
        self._lookup = Lookup(self._picture)
        self._mirror = mirror
        self._outbox = outbox
        self._drafts = drafts
        self._clock = house
        self._uniform = rng.uniform
        self._disk = disk or Disk(mirror.store)
        self._disk.shown = self._show
        self._shelf = Shelf(AnswerCache(mirror.store), disk=self._disk, clock=house)
        self._pace = Pace(clock=house, uniform=rng.uniform, pokes=pokes)
        self._views = Views(mirror.store)
        self._presence = Presence(
            clock=house,
            ask=self._here,
            online=lambda: self._link.state == "online",
            told=lambda ticket: self.listener(Changed(frozenset({ticket}))),
        )
        self._exchange: Exchange | None = None
        self._turn = asyncio.Lock()
        self._link = links.start(house.now())
        self._synced_at = mirror.synced_at
        self._disk_trouble = ""
        if api is not None:
            self.sign_in(api)

    # Reading

    @property
    def me(self) -> str:
        """The agent's user name."""
        return self.author.name

    def now(self) -> datetime:
        """The house's time: this machine's, or the server's where this machine's is known to be minutes off."""
        return self._clock.now()

    @property
    def role(self) -> str:
        """agent, supervisor, admin or integration; "" until the server has said so."""
        known = self._exchange.me if self._exchange else None
        return known.role if known else ""

    def rows(self) -> Mapping[str, Row]:
        """Queue rows by ticket id, predicted where operations are pending; read-only and live."""
        return self._picture.rows()

    def view(self, ticket_id: str) -> View:
        """One ticket as this console sees it, with what is pending on it."""
        return self._picture.view(ticket_id)

    def pending_ids(self) -> frozenset[str]:
        """The tickets with unconfirmed operations."""
        return self._picture.pending_ids()

    def ops(self, ticket_id: str) -> tuple[operations.AnyOp, ...]:
        """A ticket's unconfirmed operations, oldest first."""
        return self._outbox.ops_for(ticket_id)

    def reviews(self) -> tuple[Review, ...]:
        """The review tray, oldest first."""
        return self._picture.reviews()

    def state_of(self, uuid: str) -> str:
        """What became of an operation: ``queued``, ``confirmed``, ``rejected``, ``review``, or "" where unknown."""
        return self._outbox.state(uuid)

    def answers(self) -> Sequence[Answer]:
        """The canned answers in every language, the house's own over the shipped ones; may be called in a thread (``Shelf``)."""
        return self._shelf.answers()

    def ratings(self) -> Ratings:
        """For how many tickets each answer helped and did not, this agent's unconfirmed words with it."""
        waiting = (self._picture.view(ticket_id) for ticket_id in self._outbox.tickets())
        return self._shelf.ratings((view.base, view.ticket) for view in waiting)

    def find(self, words: str, limit: int = 50) -> list[Match]:
        """The tickets that are what every word asks for, and why, best first; nothing until ``indexed`` is 1.0."""
        return self._lookup.find(words, now=self._clock.now(), limit=limit)

    def same(self, caller: Caller, txn_no: str = "") -> list[str]:
        """The ids of the tickets of this caller or this transaction, open ones first, newest first."""
        return self._lookup.same(caller, txn_no)

    def visits(self, ticket_id: str) -> Visits:
        """How often the caller of a ticket had been in touch before the latest contact about it, and when last."""
        return self._lookup.visits(ticket_id)

    def indexed(self) -> float:
        """How much of the cache ``find`` knows, from 0.0 to 1.0."""
        return self._lookup.ready

    def draft(self, ticket_id: str, kind: str) -> str:
        """The agent's unfinished words in a box of a ticket."""
        return self._drafts.get(self.me, ticket_id, kind) if self._drafts else ""

    def drafts_of(self, ticket_id: str) -> tuple[Unsent, ...]:
        """The agent's unfinished words in every box of a ticket, also of tickets that were merged into it: its own first.

        A draft of a merged ticket stays where it was typed; ``do_all`` takes it off the disk with its ``draft_of``.
        """
        drafts = self._drafts.of(self.me) if self._drafts else {}
        return unsent(ticket_id, drafts, lambda one: self.view(one).ticket)

    def views(self) -> tuple[Saved, ...]:
        """The agent's own views, in his order."""
        return self._views.of(self.me)

    def others(self, ticket_id: str) -> tuple[Beside, ...]:
        """Who else has the ticket open that ``look`` named last; nobody where that cannot be known."""
        return self._presence.others(ticket_id)

    def status(self) -> LinkStatus:
        offset = self._exchange.clock_offset if self._exchange else None
        link = self._link
        return LinkStatus(
            state=link.state,
            since=link.since,
            last_sync_at=self._synced_at,
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

    # Doing

    async def do(self, op: operations.AnyOp, *, draft: str = "") -> View:
        """Puts the operation on this disk and returns how the ticket looks with it; sending follows at once.

        Predicts first: ``Refused`` (``SecretRefused`` too) and ``NeedsReview`` are raised, and nothing is kept. The
        ``StoreError`` family where the disk did not take it. ``draft`` names the box whose words this operation is: its
        draft leaves the disk in the same record.
        """
        await self.do_all((op,), draft=draft, draft_of=op.ticket)
        return self.view(op.ticket)

    async def do_all(self, ops: Sequence[operations.AnyOp], *, draft: str = "", draft_of: str = "") -> None:
        """Puts several operations on this disk as one record: all of them or none. Errors as ``do``.

        They are predicted in order, each on what the one before it left, over as many tickets as they touch; a ticket that the
        first one makes can be worked on by the next. The server judges each by itself, in the same order. ``draft`` names
        the box whose words they are and ``draft_of`` the ticket of that box, "" for a box that belongs to no ticket.
        """

        def plan() -> Commit | None:
            commit = plan_doing(ops, self._picture)
            if commit is not None and draft and self._drafts:
                commit = commit.joined(self._drafts.plan_put(self.me, draft_of, draft, "", now=self._clock.now()))
            return commit

        await self._commit(plan)
        self._pace.wake()

    async def witness(self, what: str, *, kind: str = "", place: str = "", ticket: str = "") -> None:
        """Has it known, here and on the server, that something happened; no ticket changes and none is needed.

        ``what`` is a code such as ``secret-refused``, ``kind`` and ``place`` are codes too: the value itself is never told. It
        goes through the outbox, so it reaches the server's audit log once, also when the network is down now.
        """
        await self.do_all((self.author.witness(what, kind=kind, place=place, ticket=ticket),))

    async def keep_draft(self, ticket_id: str, kind: str, text: str) -> None:
        """Keeps unfinished words; returns when they are on disk."""
        drafts = self._drafts
        if drafts is not None:
            await self._commit(lambda: drafts.plan_put(self.me, ticket_id, kind, text, now=self._clock.now()))

    async def keep_views(self, views: Sequence[Saved]) -> None:
        """Puts these in the place of the agent's own views; returns when they are on disk."""
        await self._commit(lambda: self._views.plan_put(self.me, views))

    def look(self, ticket_id: str, *, writing: bool = False) -> None:
        """This ticket is open in front of the agent, "" for none; the server is told while ``run`` runs. Returns at once."""
        self._presence.look(ticket_id, writing=writing)

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

    async def settle(self, uuid: str, decision: Decision) -> View | None:
        """Takes a review out of the tray. ``keep-theirs`` and ``edited`` let the operation go (for ``edited`` the caller
        has done another in its place); ``re-apply`` does it once more over what stands now, in the same record.

        Raises as ``do`` where it would be refused again, and the review stays. None where it was settled already.
        """
        review = self._outbox.review(uuid)
        if review is None:
            return None
        op: operations.AnyOp | None = None
        if decision == "re-apply":
            old = wire.to_op(review.item, by=review.by)
            op = again(old, self.view(review.ticket).ticket, self.author)

        def plan() -> Commit | None:
            settled = self._outbox.plan_settle(uuid)
            if settled is None or op is None:
                return settled
            return settled.joined(plan_doing((op,), self._picture))

        await self._commit(plan)
        self._pace.wake()
        return self.view(review.ticket)

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

        present = asyncio.create_task(self._presence.run())
        try:
            await self._pace.run(
                self._beat, lambda: self._link, reauth=self._forget_me, soon=soon, alive=self._still_true
            )
        finally:
            present.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await present

    async def index(self) -> None:
        """Makes the search index and keeps it in step until cancelled; a console that only runs a command needs none."""
        await self._lookup.keep(self._clock)

    async def close(self) -> None:
        """Returns when the disk has everything. The store itself is closed by who opened it."""
        await self._disk.close()

    # Inside

    def _still_true(self) -> None:
        """The stream is up and has told no news since the last whole round: what is shown is as fresh as its sign of life."""
        if self._link.state == "online" and not self._turn.locked():
            self._synced_at = self._clock.now()

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

    async def _here(self, here: Here) -> Company:
        return await self._exchanged().api.here(here)

    async def _commit(self, plan: Callable[[], Commit | None]) -> None:
        try:
            await self._disk.commit(plan)
        except errors.StoreError as error:
            self._disk_trouble = f"{error.what} {error.advice}".strip()
            self.listener(Changed(link=True))
            raise
        self._disk_trouble = ""

    def _show(self, commit: Commit) -> None:
        if commit.changes.keys() and commit.changes.keys() <= {DRAFTS, VIEWS}:
            return
        self._picture.redraw(commit.touched, everything=commit.everything)
        self._lookup.changed(commit.touched, everything=commit.everything)
        self.listener(Changed(commit.touched, commit.everything, link=True))

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

    def _succeed(self) -> None:
        known = self._exchange.me if self._exchange else None
        if known is not None and not self.author.name:
            self.author = replace(self.author, name=known.user)
        self._synced_at = self._clock.now()
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
