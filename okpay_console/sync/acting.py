"""What a console does: operations, drafts and decisions, on its own disk before they are anywhere else."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any, Literal

from .. import errors
from ..domain import ops as operations
from ..domain import wire
from ..domain.overlay import View
from ..domain.views import Saved
from ..local.store import DRAFTS, FLOOR, SHIFT, TOLD, VIEWS, Commit
from .again import again
from .disk import Plan
from .doing import plan_doing, plan_many
from .pace import Pace, Pokes
from .reading import Reading
from .standing import Standing
from .status import Changed

Decision = Literal["keep-theirs", "re-apply", "edited"]

_QUIET = frozenset({DRAFTS, VIEWS, SHIFT})
_DAYBOOK = frozenset({TOLD, FLOOR, SHIFT})


class Acting(Reading):
    """The doing side of an engine: it returns when the disk has it, and the network is somebody else's wait."""

    def __init__(self, *, rng: Random, pokes: Pokes | None, **parts: Any) -> None:
        super().__init__(**parts)
        self._uniform = rng.uniform
        self._pace = Pace(clock=self._clock, uniform=rng.uniform, pokes=pokes)
        self._disk.shown = self._show
        self._standing = Standing(
            mirror=self._mirror,
            outbox=self._outbox,
            clock=self._clock,
            uniform=rng.uniform,
            told=lambda: self.listener(Changed(link=True)),
        )

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

        async def plan() -> Commit | None:
            commit = await plan_many(ops, self._picture)
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

    # Inside

    async def _commit(self, plan: Plan) -> None:
        try:
            await self._disk.commit(plan)
        except errors.StoreError as error:
            self._standing.sick(error)
            raise
        self._standing.disk = ""

    def _show(self, commit: Commit) -> None:
        changed = commit.changes.keys()
        if changed and changed <= _QUIET:
            return
        if changed and changed <= _DAYBOOK:
            self.listener(Changed(daybook=True))
            return
        self._picture.redraw(commit.touched, everything=commit.everything)
        self._lookup.changed(commit.touched, everything=commit.everything)
        self.listener(Changed(commit.touched, commit.everything, link=True))
