"""Wrong tokens: counted by where they come from and how they begin, and locked out when there are too many.

========  =========================================================  ====================================================
counted   by                                                         locked when
========  =========================================================  ====================================================
source    the peer's address, of IPv6 its first 64 bits              ``limit`` different wrong tokens within 5 minutes
prefix    a hash over a token's first 12 characters                  5 different wrong tokens within 5 minutes
========  =========================================================  ====================================================

A lock lasts 5 minutes, and twice as long each further time of a day, up to 80. It refuses right tokens too, without saying
that they are right; but whoever used his token in the last hour works on, because one console with a wrong token must not shut
out a whole call centre behind the same address. Behind a proxy everybody has its address: put the limit there, and 0 here.
The counts are in the database, so every process of the server knows them. Whoever is locked out is counted no further, so that
a flood writes nothing. The same wrong token sent again is one guess.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import Connection, delete, insert, select, update

from .. import errors
from . import audit
from .clock import millis
from .db import Database
from .schema import guesses

K = TypeVar("K")
WINDOW_S: Final = 300
LOCK_S: Final = 300
DOUBLINGS: Final = 4
DAY_S: Final = 86_400
ESTABLISHED_S: Final = 3600
ALIKE: Final = 5
_PREFIX: Final = 12
_REMEMBERED: Final = 20_000


class Guesses:
    """One per process. ``limit`` is the number of wrong tokens from one source; 0 counts nothing."""

    def __init__(self, db: Database, *, clock: Callable[[], datetime], limit: int) -> None:
        self._db = db
        self._clock = clock
        self.limit = limit
        self._locked: _Recent[str] = _Recent()
        self._known: _Recent[tuple[str, str]] = _Recent()
        self._wrong: _Recent[tuple[str, str]] = _Recent()

    def keys(self, source: str, token: str) -> tuple[str, ...]:
        """Under which names this sign-in is counted."""
        return (f"source {source}", f"prefix {hashlib.sha256(token[:_PREFIX].encode()).hexdigest()[:16]}")

    def works(self, source: str, digest: str) -> bool:
        """Whether this token came from there in the last hour and was right."""
        return self._known.get((source, digest)) > millis(self._clock())

    def admitted(self, source: str, digest: str) -> None:
        """The token was right."""
        self._known.put((source, digest), millis(self._clock()) + ESTABLISHED_S * 1000)

    def _check_here(self, keys: tuple[str, ...]) -> None:
        """Declined (429) where the last look found a lock."""
        if self.limit:
            self._refuse(max(self._locked.get(key) for key in keys))

    def check(self, conn: Connection, keys: tuple[str, ...]) -> None:
        """Declined (429) where any process has locked one of the keys."""
        if self.limit:
            found = conn.execute(select(guesses.c.key, guesses.c.until).where(guesses.c.key.in_(keys)))
            for row in found:
                self._locked.put(row.key, row.until)
            self._check_here(keys)

    async def wrong(self, source: str, token: str, digest: str) -> None:
        """Counts one; Declined (429) where that was one too many."""
        now = millis(self._clock())
        if not self.limit or self._wrong.get((source, digest)) > now:
            return
        self._wrong.put((source, digest), now + WINDOW_S * 1000)
        keys = self.keys(source, token)

        def work(conn: Connection) -> dict[str, int]:
            conn.execute(
                delete(guesses).where(guesses.c.since < now - DAY_S * 1000, guesses.c.until < now - DAY_S * 1000)
            )
            limits = (self.limit, min(ALIKE, self.limit))
            return {key: self._count(conn, key, limit, now) for key, limit in zip(keys, limits, strict=True)}

        for key, until in (await self._db.write(work)).items():
            self._locked.put(key, until)
        self._check_here(keys)

    def _count(self, conn: Connection, key: str, limit: int, now: int) -> int:
        """One more; until when the key is locked (0: it is not)."""
        row: Any = conn.execute(select(guesses).where(guesses.c.key == key).with_for_update()).one_or_none()
        fresh = row is None or row.since < now - WINDOW_S * 1000
        count = 1 if fresh else row.count + 1
        locks = row.locks if row is not None and row.until > now - DAY_S * 1000 else 0
        until = row.until if row is not None else 0
        since = now if fresh else row.since
        if count >= limit:
            until = now + LOCK_S * 1000 * 2 ** min(locks, DOUBLINGS)
            count, since, locks = 0, now, locks + 1
            audit.append(conn, now=self._clock(), who="-", what="sign-in.lock", about=key)
        values = {"count": count, "since": since, "locks": locks, "until": until}
        if row is None:
            conn.execute(insert(guesses).values(key=key, **values))
        else:
            conn.execute(update(guesses).where(guesses.c.key == key).values(**values))
        return until

    def _refuse(self, until: int) -> None:
        left = (until - millis(self._clock())) / 1000
        if left > 0:
            raise errors.Declined(
                429,
                "too-many",
                "Too many wrong tokens came from here.",
                "Check the token, and try again in some minutes.",
                retry_after=left,
            )


def source_of(client: tuple[str, int] | None) -> str:
    """Where a request comes from: an address, of IPv6 the network that one customer usually has; "local" for a socket file."""
    if client is None:
        return "local"
    try:
        address = ipaddress.ip_address(client[0])
    except ValueError:
        return client[0][:64] or "local"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.IPv6Network((int(address) >> 64 << 64, 64)))
    return str(address)


def established(seen_at: int | None, now: datetime) -> bool:
    """Whether a token was used in the last hour, at whichever process."""
    return seen_at is not None and seen_at > millis(now - timedelta(seconds=ESTABLISHED_S))


class _Recent(Generic[K]):
    """Moments by key, the longest untouched of them forgotten: a flood of keys must not fill the memory."""

    def __init__(self) -> None:
        self._until: OrderedDict[K, int] = OrderedDict()

    def get(self, key: K) -> int:
        return self._until.get(key, 0)

    def put(self, key: K, until: int) -> None:
        self._until[key] = until
        self._until.move_to_end(key)
        if len(self._until) > _REMEMBERED:
            self._until.popitem(last=False)
