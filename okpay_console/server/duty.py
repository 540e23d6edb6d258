"""A duty: what one process of the server at a time does for all of them, and another takes over when it dies."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from .. import errors
from .clock import new_id
from .db import Database
from .schema import duties

PATIENCE_S: Final = 4.0
"""A holder whose beat stands still for so long is dead."""


class Duty:
    """A lease without a clock: its row has a beat that moves, and whoever sees it stand still takes the row.

    Only one's own running clock measures how long it stood, so machines whose clocks differ agree, and a clock that is put
    forward ends nobody's lease. ``held`` is what this process believes; ``beat``, in the transaction of an effect, is what is true.
    """

    def __init__(
        self, db: Database, name: str, *, running: Callable[[], float], patience_s: float = PATIENCE_S
    ) -> None:
        self._db = db
        self._name = name
        self._running = running
        self._patience_s = patience_s
        # With the process, so that whoever looks at the row knows whose it is.
        self._me = f"{os.getpid()}.{new_id()}"
        self._seen: tuple[str, int] | None = None
        self._since = 0.0
        self.held = False

    async def hold(self) -> bool:
        """Whether this process has the duty; takes it where nobody has it or its holder has gone quiet."""
        if self.held:
            return True
        row = await self._db.read(self._row, quick=True)
        seen = None if row is None else (row.holder, row.beat)
        if seen is None or not seen[0]:
            self.held = await self._db.write(lambda conn: self._take(conn, seen))
        elif seen != self._seen:
            self._seen, self._since = seen, self._running()
        elif self._running() - self._since >= self._patience_s:
            self.held = await self._db.write(lambda conn: self._take(conn, seen))
        return self.held

    def beat(self, conn: Connection) -> bool:
        """Says in this transaction that the holder lives; False where another has taken over, and nothing more may be done."""
        mine = update(duties).where(duties.c.name == self._name, duties.c.holder == self._me)
        return bool(conn.execute(mine.values(beat=duties.c.beat + 1)).rowcount)

    def lost(self) -> None:
        """Another process has the duty now."""
        self.held, self._seen = False, None

    async def leave(self) -> None:
        """Gives the duty back, so that the next need not wait for it; harmless where it is not held."""
        if not self.held:
            return
        self.lost()
        mine = update(duties).where(duties.c.name == self._name, duties.c.holder == self._me)
        try:
            await self._db.write(lambda conn: conn.execute(mine.values(holder="")))
        except errors.Unavailable:
            # It will be missed soon enough.
            return

    def _row(self, conn: Connection) -> Any:
        return conn.execute(select(duties).where(duties.c.name == self._name)).one_or_none()

    def _take(self, conn: Connection, seen: tuple[str, int] | None) -> bool:
        if seen is None:
            make: Any = (sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert)(duties)
            fresh = make.values(name=self._name, holder=self._me, beat=1, asked=0)
            return bool(conn.execute(fresh.on_conflict_do_nothing()).rowcount)
        same = update(duties).where(duties.c.name == self._name, duties.c.holder == seen[0], duties.c.beat == seen[1])
        return bool(conn.execute(same.values(holder=self._me, beat=duties.c.beat + 1)).rowcount)
