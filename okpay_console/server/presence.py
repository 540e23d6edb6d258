"""Who has which ticket open: kept in a small table that all processes of the server share, and in no ticket."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, delete, select, text
from sqlalchemy.dialects import postgresql, sqlite

from .. import errors
from ..domain.presence import MOST_LEFT, Beside, Here
from . import history
from .clock import millis
from .db import Database
from .judging import ID
from .policy import Who
from .schema import presence, tickets

_log: Final = logging.getLogger("okpay.server")
_Key = tuple[str, str]


class _Seen(NamedTuple):
    writing: bool
    at: int


class Presence:
    """The company at every ticket, as this process knows it.

    What consoles tell is gathered in memory and exchanged with the table once in ``share_s`` seconds at most, in one
    transaction however many consoles there are; so another process's agents are known that much later. Whoever was not
    heard of for ``alive_s`` seconds is not there any more. Losing the table loses nothing.
    """

    def __init__(self, db: Database, *, clock: Callable[[], datetime], alive_s: float, share_s: float) -> None:
        self._db = db
        self._clock = clock
        self._alive_ms = int(alive_s * 1000)
        self._share_s = share_s
        self._fresh: dict[_Key, _Seen] = {}
        self._gone: set[_Key] = set()
        self._known: dict[str, dict[str, _Seen]] = {}
        self._shared_at = float("-inf")
        self._sharing: asyncio.Task[None] | None = None
        self.shares = 0

    async def here(self, who: Who, told: Here) -> tuple[Beside, ...]:
        """Takes down where this person is and returns who else is there, by name.

        Declined: 404 for a ticket outside of the person's queues, whose company is nobody's business there either.
        """
        for ticket in told.left[:MOST_LEFT]:
            self._fresh.pop((ticket, who.user), None)
            if ID.fullmatch(ticket):
                self._gone.add((ticket, who.user))
        if told.ticket:
            await self._check(who, told.ticket)
            key = (told.ticket, who.user)
            self._gone.discard(key)
            self._fresh[key] = _Seen(told.writing, millis(self._clock()))
        await self._exchange()
        return self._others(told.ticket, who.user) if told.ticket else ()

    async def close(self) -> None:
        """Ends an exchange that is still to come; what it would have told is old soon enough."""
        if self._sharing is not None:
            self._sharing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sharing

    async def _check(self, who: Who, ticket: str) -> None:
        query = select(tickets.c.id).where(
            tickets.c.id == ticket, tickets.c.gone.is_(False), history.within(who.queues)
        )
        found = None
        if ID.fullmatch(ticket):
            found = await self._db.read(lambda conn: conn.execute(query).scalar(), quick=True)
        if found is None:
            raise errors.Declined(404, "not-found", "There is no such ticket here.", "Check its id.")

    def _others(self, ticket: str, user: str) -> tuple[Beside, ...]:
        oldest = millis(self._clock()) - self._alive_ms
        found = dict(self._known.get(ticket, {}))
        found |= {name: seen for (where, name), seen in self._fresh.items() if where == ticket}
        for where, name in self._gone:
            if where == ticket:
                found.pop(name, None)
        return tuple(
            Beside(name, seen.writing) for name, seen in sorted(found.items()) if name != user and seen.at > oldest
        )

    async def _exchange(self) -> None:
        """Sees to it that what is new is shared soon; waits for it where nothing was shared lately."""
        wait = self._shared_at + self._share_s - asyncio.get_running_loop().time()
        if self._sharing is None or self._sharing.done():
            self._sharing = asyncio.create_task(self._share(max(wait, 0.0)), name="okpay-presence")
        if wait <= 0:
            # Shielded: a console that hangs up must not take the others' news with it.
            await asyncio.shield(self._sharing)

    async def _share(self, wait: float) -> None:
        if wait:
            await asyncio.sleep(wait)
        self._shared_at = asyncio.get_running_loop().time()
        fresh, self._fresh = self._fresh, {}
        gone, self._gone = self._gone, set()
        try:
            rows = await self._db.write(lambda conn: self._swap(conn, fresh, gone))
        except errors.Unavailable as error:
            # It will be told again within a beat; what is known here stays true until then.
            _log.warning("presence cannot be shared: %s", type(error).__name__)
            self._fresh = {**fresh, **self._fresh}
            return
        self.shares += 1
        known: dict[str, dict[str, _Seen]] = {}
        for row in rows:
            known.setdefault(row.ticket, {})[row.user] = _Seen(row.writing, row.at)
        self._known = known

    def _swap(self, conn: Connection, fresh: dict[_Key, _Seen], gone: set[_Key]) -> Sequence[Any]:
        lite = conn.dialect.name == "sqlite"
        if not lite:
            # Nobody waits for this to be on a disk.
            conn.execute(text("SET LOCAL synchronous_commit = off"))
        for ticket, user in sorted(gone):
            conn.execute(delete(presence).where(presence.c.ticket == ticket, presence.c.user == user))
        if fresh:
            # In one order everywhere, so that two processes do not wait for each other's rows.
            rows = [
                {"ticket": ticket, "user": user, "writing": seen.writing, "at": seen.at}
                for (ticket, user), seen in sorted(fresh.items())
            ]
            make: Any = (sqlite.insert if lite else postgresql.insert)(presence)
            newer = {"writing": make.excluded.writing, "at": make.excluded.at}
            conn.execute(make.on_conflict_do_update(index_elements=["ticket", "user"], set_=newer), rows)
        conn.execute(delete(presence).where(presence.c.at <= millis(self._clock()) - self._alive_ms))
        return conn.execute(select(presence)).all()
