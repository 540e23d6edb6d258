"""Where a console meets its colleagues: who else is at a case, the daybook of the floor, and its own person's shift."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from .. import errors
from ..domain.daybook import Line, check, may_tell, screened, united
from ..domain.presence import Beside, Company, Here
from ..local.daybook import Book, Own
from ..remote.daybook import Door, read_since
from .acting import Acting
from .daybook import Daybook
from .presence import Presence
from .shift import Shift
from .status import Changed


class Floor(Acting):
    """The part of an engine that knows of other people. What it needs of the link is asked by the ``_`` methods at its end."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        book = Book(self._mirror.store)
        self._presence = Presence(
            clock=self._clock,
            ask=self._here,
            online=self._online,
            told=lambda ticket: self.listener(Changed(frozenset({ticket}))),
        )
        self._shift = Shift(
            book,
            disk=self._disk,
            clock=self._clock,
            me=lambda: self.me,
            role=lambda: self.role,
            tell=self._tell_state,
            ask=self._pace.wake,
        )
        self._daybook = Daybook(
            book,
            disk=self._disk,
            clock=self._clock,
            me=lambda: self.me,
            api=self._door,
            revision=self._daybook_rev,
            alive=lambda: self._shift.at_work,
            told=lambda: self.listener(Changed(daybook=True)),
        )

    @property
    def role(self) -> str:
        """agent, supervisor, admin or integration; "" until the server has said so."""
        raise NotImplementedError

    @property
    def queues(self) -> Sequence[str]:
        """The queues that this person works in; none means all of them, or that the server has not said so yet."""
        raise NotImplementedError

    def others(self, ticket_id: str) -> tuple[Beside, ...]:
        """Who else has the ticket open that ``look`` named last; nobody where that cannot be known."""
        return self._presence.others(ticket_id)

    def look(self, ticket_id: str, *, writing: bool = False) -> None:
        """This ticket is open in front of the agent, "" for none; the server is told while ``run`` runs. Returns at once."""
        self._presence.look(ticket_id, writing=writing)

    # The daybook

    def daybook(self) -> Sequence[Line]:
        """What this console knows of the floor, its own unsent lines included, oldest first; the same object until it changes."""
        return self._daybook.book.lines()

    async def daybook_since(self, since: datetime) -> Sequence[Line]:
        """The daybook from a moment on, also where that is longer ago than this console keeps it; the server is asked.

        Oldest first, own unsent lines included. The ``RemoteError`` family where it could not be asked.
        """
        return united(await read_since(await self._asked(), since), self.daybook(), since)

    def seen(self) -> Mapping[str, datetime]:
        """When each person was last heard of, as the server last said to somebody who watches the floor."""
        return self._daybook.seen

    def untold(self) -> tuple[Own, ...]:
        """The lines that the server will never take, oldest first."""
        return self._daybook.book.refused()

    def telling(self) -> int:
        """How many lines wait to be sent."""
        return len(self._daybook.book.unsent(self.me))

    async def tell(self, kind: str, **fields: Any) -> Line:
        """Puts a line on this disk and has it sent as soon as it can be; ``fields`` are about, queue, ticket, what, reason,
        until and words of ``Line``.

        ``Refused`` (``SecretRefused`` too) where it may not be told; nothing is kept then. The ``StoreError`` family where the
        disk did not take it.
        """
        if kind == "state":
            self._shift.doubt()
        return await self._tell(kind, **fields)

    def follow_floor(self, on: bool) -> None:
        """Whether an open wall wants to know within seconds what is told; off again when it is left."""
        self._daybook.follow(on)

    async def begin_shift(self) -> None:
        """A desk is open here from now on (``Shift.begin``); a console that only watches, or runs a command, does not say so."""
        await self._shift.begin()
        self._daybook.wake()

    async def _tell(self, kind: str, *, at: datetime | None = None, **fields: Any) -> Line:
        now = self._clock.now()
        line = Line(uuid=self.author.new_id(), kind=kind, at=at or now, by=self.me, **fields)
        check(line, now=now)
        line = screened(line)
        # Where nobody has said yet what this person is, the server will.
        if not may_tell(self._shift.role or "admin", line, queues=self.queues):
            raise errors.Refused("Your role does not tell this.", "Ask a supervisor.", code="forbidden")
        await self._commit(lambda: self._daybook.book.plan_tell(line))
        self._daybook.wake()
        return line

    async def _tell_state(self, *, what: str, reason: str = "", at: datetime | None = None) -> None:
        await self._tell("state", what=what, reason=reason, at=at)

    # Asked of the link

    def _online(self) -> bool:
        raise NotImplementedError

    def _door(self) -> Door | None:
        """The way to the server, None while it is not known to be there and to be ours."""
        raise NotImplementedError

    async def _asked(self) -> Door:
        """The way to the server, also where nobody knows yet whether it is there; the ``RemoteError`` family."""
        raise NotImplementedError

    def _daybook_rev(self) -> int:
        raise NotImplementedError

    async def _here(self, here: Here) -> Company:
        raise NotImplementedError
