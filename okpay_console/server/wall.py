"""The numbers of the house as any process of the server can read them, wherever they are reckoned."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from .. import errors
from ..domain.wallnumbers import Wall
from .clock import millis, moment
from .db import Database
from .floorlog import DUTY
from .schema import duties, floor

LATE_S: Final = 2.0
"""The numbers are at most so old while somebody wants them."""
WANTED_S: Final = 30.0
"""For so long after somebody asked, the numbers are kept up for the next one who asks."""
IDLE_S: Final = 10.0
"""How old they may be while nobody asks and nothing happens; whoever scrapes the metrics sees them then."""
_AGAIN_MS: Final = 5_000
_TRIES: Final = 30
_PAUSE_S: Final = 0.1


def keep(conn: Connection, wall: str, now: datetime) -> None:
    """Puts the newest numbers in the place of the last ones."""
    make: Any = (sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert)(floor)
    values = {"as_of": millis(now), "wall": wall}
    conn.execute(make.values(id=1, **values).on_conflict_do_update(index_elements=["id"], set_=values))


def latest(conn: Connection) -> tuple[str, datetime] | None:
    """The newest numbers as JSON of ``wallnumbers.Wall``, and of when they are; None where there never were any."""
    row = conn.execute(select(floor.c.wall, floor.c.as_of).where(floor.c.id == 1)).one_or_none()
    return None if row is None else (row.wall, moment(row.as_of))


async def read(db: Database) -> Wall | None:
    """The newest numbers as they are."""
    found = await db.read(latest, quick=True)
    return None if found is None else decoded(found[0])


def decoded(text: str) -> Wall | None:
    """None for numbers that another version of this program wrote, and that will be new in a moment."""
    try:
        return msgspec.json.decode(text, type=Wall)
    except msgspec.DecodeError:
        return None


async def wanted(db: Database, *, clock: Callable[[], datetime]) -> str:
    """The newest numbers as JSON, at most ``LATE_S`` old; says that they are wanted, and waits a little where they are older.

    What comes may be older still where no process keeps them, and says of when it is. Unavailable where there never were any.
    """
    found = None
    for attempt in range(_TRIES):
        found, now = await db.read(latest, quick=True), clock()
        if attempt == 0:
            await _ask(db, millis(now))
        if found is not None and abs((now - found[1]).total_seconds()) <= LATE_S:
            return found[0]
        await asyncio.sleep(_PAUSE_S)
    if found is None:
        raise errors.Unavailable("The numbers of the floor are not there yet.", "Try again.", retry_after=2.0)
    return found[0]


async def _ask(db: Database, now: int) -> None:
    mine = duties.c.name == DUTY
    before = await db.read(lambda conn: conn.execute(select(duties.c.asked).where(mine)).scalar(), quick=True)
    if before is None or abs(now - before) > _AGAIN_MS:
        await db.write(lambda conn: conn.execute(update(duties).where(mine).values(asked=now)))
