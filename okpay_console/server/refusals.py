"""Refused sign-ins in the audit log: each with who, from where, when and why, and however many they are, few lines.

=============  =====================================================================================================
line           when
=============  =====================================================================================================
its own        the first of this person (or unknown token), address and reason in ten minutes, up to 25 of an address
               and 100 in all in ten minutes
``more=N``     one line in ten minutes for all the others, of however many addresses
=============  =====================================================================================================

Nothing that was sent stands in a line. An unknown token is named by a hash with the database's key: the same one sent again is
known again, and nobody finds out by trying what somebody typed there by mistake.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Final, Literal

import msgspec
from sqlalchemy import Connection

from .. import errors
from . import audit, opaque
from .clock import millis
from .db import Database

_log: Final = logging.getLogger("okpay.server")
REFUSED: Final = "sign-in.refused"
NOBODY: Final = "-"
WINDOW_S: Final = 600
OF_SOURCE: Final = 25
IN_ALL: Final = 100
ADDRESSES: Final = 1000
"""So many are told apart in memory; a flood from more of them is ``OTHERS``."""
OTHERS: Final = "others"

Why = Literal["unknown", "revoked", "expired", "disabled", "locked"]


class Refusal(msgspec.Struct, frozen=True):
    """Somebody was not let in: from which address, why, the user where he is known, and the digest of the token that was sent."""

    source: str
    why: Why
    user: str = ""
    digest: str = ""


class Refusals:
    """One per process."""

    def __init__(self, db: Database, *, clock: Callable[[], datetime], window_s: float = WINDOW_S) -> None:
        self._db = db
        self._clock = clock
        self._window_s = window_s
        self._begun = 0
        self._told: set[Refusal] = set()
        self._lines: Counter[str] = Counter()
        self._more: Counter[str] = Counter()
        self._closing: asyncio.Task[None] | None = None

    async def note(self, one: Refusal) -> None:
        """Writes it down, or counts it. A log that cannot be written keeps nobody out and lets nobody in."""
        if one.why == "locked":
            # Who comes with which token is not looked at any more: a flood is one line.
            one = Refusal(one.source, one.why)
        now = millis(self._clock())
        if now - self._begun >= self._window_s * 1000:
            await self.settle()
            self._begun = now
        if one in self._told or self._lines[one.source] >= OF_SOURCE or self._lines.total() >= IN_ALL:
            self._more[one.source if one.source in self._more or len(self._more) < ADDRESSES else OTHERS] += 1
            self._settle_later()
            return
        self._told.add(one)
        self._lines[one.source] += 1
        await self._write(lambda conn: _line(conn, one, self._clock()))

    async def settle(self) -> None:
        """Ends the window: what was only counted gets its line."""
        more, self._more = self._more, Counter()
        self._told.clear()
        self._lines.clear()
        if more:
            first, _ = max(more.items(), key=lambda pair: (pair[1], pair[0]))
            about = f"more={more.total()} addresses={len(more)} most={first}"
            await self._write(
                lambda conn: audit.append(conn, now=self._clock(), who=NOBODY, what=REFUSED, about=about[:200])
            )

    async def close(self) -> None:
        """The server stops: what was counted is written."""
        if self._closing is not None:
            self._closing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._closing
        await self.settle()

    def _settle_later(self) -> None:
        """A flood that is over is written down too, although nobody is refused any more."""
        if self._closing is None or self._closing.done():
            self._closing = asyncio.create_task(self._wait(), name="okpay-refusals")

    async def _wait(self) -> None:
        await asyncio.sleep(self._window_s)
        await self.settle()

    async def _write(self, work: Callable[[Connection], None]) -> None:
        try:
            await self._db.write(work)
        except errors.Unavailable as error:
            _log.warning("a refused sign-in cannot be written down: %s", type(error).__name__)


def _line(conn: Connection, one: Refusal, now: datetime) -> None:
    parts = [one.why, f"from={one.source}"]
    if one.why == "unknown":
        parts.append(f"token={opaque.mark(opaque.key_of(conn), 'refused token', one.digest, length=12)}")
    audit.append(conn, now=now, who=one.user or NOBODY, what=REFUSED, about=" ".join(parts)[:200])
