"""What a console reads from: rows, tickets, drafts and answers, from its own disk and memory, at any time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from ..domain import ops as operations
from ..domain.answers import Answer
from ..domain.author import Author
from ..domain.finding import Match
from ..domain.overlay import View
from ..domain.queue import Row
from ..domain.shelf import Ratings
from ..domain.ticket import Caller
from ..domain.views import Saved
from ..domain.visits import Visits
from ..local.answers import AnswerCache
from ..local.chain import Review
from ..local.drafts import Drafts
from ..local.mirror import Mirror
from ..local.outbox import Outbox
from ..local.views import Views
from .clock import Clock, HouseClock
from .disk import Disk
from .lookup import Lookup
from .picture import Picture
from .shelf import Shelf
from .status import Changed
from .unsent import Unsent, unsent


class Reading:
    """The reading side of an engine: instant and synchronous. Nothing here needs the network or changes anything."""

    def __init__(
        self,
        *,
        mirror: Mirror,
        outbox: Outbox,
        author: Author,
        rules: operations.Rules,
        clock: Clock,
        listener: Callable[[Changed], None],
        disk: Disk | None,
        drafts: Drafts | None,
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
        self._disk = disk or Disk(mirror.store)
        self._shelf = Shelf(AnswerCache(mirror.store), disk=self._disk, clock=house)
        self._views = Views(mirror.store)

    @property
    def me(self) -> str:
        """The agent's user name."""
        return self.author.name

    def now(self) -> datetime:
        """The house's time: this machine's, or the server's where this machine's is known to be minutes off."""
        return self._clock.now()

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
