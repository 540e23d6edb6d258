"""When each person was last heard of: kept in memory, and exchanged with a small table that all processes of the server share."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, delete, select, text
from sqlalchemy.dialects import postgresql, sqlite

from .. import errors
from ..domain.daybook import KEPT_H
from .clock import millis, moment
from .db import Database
from .schema import heard

_log: Final = logging.getLogger("okpay.server")


class Heard:
    """What is new goes to the table once in ``share_s`` seconds at most, in one transaction however many people there are.

    Losing it loses little: whoever is at work is heard of again within half a minute.
    """

    def __init__(self, db: Database, *, clock: Callable[[], datetime], share_s: float) -> None:
        self._db = db
        self._clock = clock
        self._share_s = share_s
        self._fresh: dict[str, int] = {}
        self._known: dict[str, int] = {}
        self._shared_at = float("-inf")
        self._sharing: asyncio.Task[None] | None = None
        self.shares = 0

    def note(self, user: str) -> None:
        """This person has been heard of now."""
        self._known[user] = self._fresh[user] = millis(self._clock())
        self._soon()

    async def seen(self) -> dict[str, datetime]:
        """When everybody was last heard of; what other processes heard may come ``share_s`` later."""
        self._soon()
        if self._shared_at == float("-inf") and self._sharing is not None:
            # Shielded: a console that hangs up must not take the others' news with it.
            await asyncio.shield(self._sharing)
        return {user: moment(at) for user, at in self._known.items()}

    async def close(self) -> None:
        """Tells the table what it does not know yet: who was last heard of is what ends a shift after a crash."""
        if self._sharing is not None:
            self._sharing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sharing
        if self._fresh:
            await self._share(0.0)

    def _soon(self) -> None:
        if self._sharing is None or self._sharing.done():
            wait = self._shared_at + self._share_s - asyncio.get_running_loop().time()
            if wait <= 0 or self._fresh:
                self._sharing = asyncio.create_task(self._share(max(wait, 0.0)), name="okpay-heard")

    async def _share(self, wait: float) -> None:
        if wait:
            await asyncio.sleep(wait)
        self._shared_at = asyncio.get_running_loop().time()
        fresh, self._fresh = self._fresh, {}
        try:
            if fresh:
                rows = await self._db.write(lambda conn: self._swap(conn, fresh))
            else:
                rows = await self._db.read(_all, quick=True)
        except errors.Unavailable as error:
            _log.warning("who was heard of cannot be shared: %s", type(error).__name__)
            self._fresh = {**fresh, **self._fresh}
            return
        self.shares += 1
        # Somebody may have been heard of meanwhile.
        self._known = {**rows, **self._fresh}

    def _swap(self, conn: Connection, fresh: dict[str, int]) -> dict[str, int]:
        lite = conn.dialect.name == "sqlite"
        if not lite:
            # Nobody waits for this to be on a disk.
            conn.execute(text("SET LOCAL synchronous_commit = off"))
        # In one order everywhere, so that two processes do not wait for each other's rows.
        rows = [{"user": user, "at": at} for user, at in sorted(fresh.items())]
        make: Any = (sqlite.insert if lite else postgresql.insert)(heard)
        newer = make.excluded.at > heard.c.at
        conn.execute(
            make.on_conflict_do_update(index_elements=["user"], set_={"at": make.excluded.at}, where=newer), rows
        )
        conn.execute(delete(heard).where(heard.c.at < millis(self._clock() - timedelta(hours=KEPT_H))))
        return _all(conn)


def _all(conn: Connection) -> dict[str, int]:
    return {row.user: row.at for row in conn.execute(select(heard))}
