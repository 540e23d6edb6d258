"""Brings messages to webhooks: each at least once, under one id, again and again for a day."""

from __future__ import annotations

import asyncio
import logging
import random
import ssl
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

import httpx
from sqlalchemy import Connection, func, select, update

from .. import errors
from . import webhooks
from .clock import millis, moment
from .db import Database
from .schema import deliveries
from .schema import webhooks as hooks
from .signing import sign

_log: Final = logging.getLogger("okpay.server")
TIMEOUT_S: Final = 10.0
FIRST_S: Final = 5.0
LONGEST_S: Final = 3600.0
GIVEN_UP_S: Final = 86400.0
GONE: Final = "410"
_EACH: Final = 4
"""Messages on the way to one receiver at a time, so that one that hangs holds up nobody else's."""


def pause(tries: int, chance: float) -> float:
    """Seconds until the next try after ``tries`` of them: full jitter over a span that doubles, up to an hour.

    Drawn evenly from nothing to the span, so that receivers that came back are not met by everything at once (AWS
    Architecture Blog, "Exponential Backoff And Jitter"). ``chance`` is from [0, 1).
    """
    return chance * min(LONGEST_S, FIRST_S * 2.0 ** min(tries - 1, 20))


class Postman:
    """Sends what is due while ``on_duty``; ``close`` it. What was sent and not yet taken down is sent again after a crash."""

    def __init__(
        self,
        db: Database,
        *,
        clock: Callable[[], datetime],
        on_duty: Callable[[], bool],
        every_s: float = 1.0,
        timeout_s: float = TIMEOUT_S,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._db = db
        self._clock = clock
        self._on_duty = on_duty
        self._every_s = every_s
        self._timeout_s = timeout_s
        self._chance = chance
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._busy: Counter[str] = Counter()
        self._trimmed: datetime | None = None

    async def run(self) -> None:
        while True:
            try:
                if self._on_duty():
                    await self.round()
            except errors.Unavailable as error:
                _log.warning("messages cannot be sent: %s", type(error).__name__)
            await asyncio.sleep(self._every_s)

    async def round(self) -> None:
        """Sets out with everything that is due and not under way; does not wait until it has arrived."""
        now = self._clock()
        if self._trimmed is None or now - self._trimmed > timedelta(hours=1) or now < self._trimmed:
            await self._db.write(lambda conn: webhooks.trim(conn, now=now))
            self._trimmed = now
        for row in await self._db.read(lambda conn: self._due(conn, now), quick=True):
            if row.id not in self._under_way and self._busy[row.webhook] < _EACH:
                self._busy[row.webhook] += 1
                self._under_way[row.id] = asyncio.create_task(self._bring(row), name="okpay-webhook")

    async def settled(self) -> None:
        """Waits for everything that is under way."""
        while self._under_way:
            await asyncio.gather(*self._under_way.values())

    async def close(self) -> None:
        """Breaks off what is under way; it is sent again by whoever has the duty next."""
        for task in list(self._under_way.values()):
            task.cancel()
        await asyncio.gather(*self._under_way.values(), return_exceptions=True)

    def _due(self, conn: Connection, now: datetime) -> list[Any]:
        # A few of each receiver: thousands that wait for one that is down must not hide another's.
        place = func.row_number().over(partition_by=deliveries.c.webhook, order_by=(deliveries.c.due, deliveries.c.id))
        waiting = (
            select(deliveries.c.id, place.label("place"))
            .where(deliveries.c.state == "waiting", deliveries.c.due <= millis(now))
            .subquery()
        )
        columns = (deliveries.c.id, deliveries.c.webhook, deliveries.c.body, deliveries.c.made, deliveries.c.tries)
        query = (
            select(*columns, hooks.c.url, hooks.c.secret)
            .join(waiting, waiting.c.id == deliveries.c.id)
            .join(hooks, hooks.c.id == deliveries.c.webhook)
            .where(waiting.c.place <= 2 * _EACH, hooks.c.stopped == "")
            .order_by(deliveries.c.due, deliveries.c.id)
        )
        return list(conn.execute(query))

    async def _bring(self, row: Any) -> None:
        try:
            status = await send(
                row.url,
                row.secret,
                message=row.id,
                body=row.body.encode(),
                now=self._clock(),
                timeout_s=self._timeout_s,
            )
            now = self._clock()
            await self._db.write(lambda conn: self._note(conn, row, status, now))
        except errors.Unavailable as error:
            # It went out and nobody knows: it will go out again under the same id.
            _log.warning("what became of a message cannot be kept: %s", type(error).__name__)
        finally:
            del self._under_way[row.id]
            self._busy[row.webhook] -= 1

    def _note(self, conn: Connection, row: Any, status: str, now: datetime) -> None:
        tries = row.tries + 1
        next_at = now + timedelta(seconds=pause(tries, self._chance()))
        values: dict[str, object] = {"tries": tries, "status": status}
        if status[:1] == "2":
            values |= {"state": "sent", "done": millis(now)}
        elif status == GONE or next_at - moment(row.made) > timedelta(seconds=GIVEN_UP_S):
            values |= {"state": "failed", "done": millis(now)}
        else:
            values |= {"due": millis(next_at)}
        waiting = update(deliveries).where(deliveries.c.id == row.id, deliveries.c.state == "waiting")
        conn.execute(waiting.values(**values))
        if status == GONE:
            # Unless it has been set anew meanwhile, with another key.
            same = update(hooks).where(hooks.c.id == row.webhook, hooks.c.secret == row.secret)
            if conn.execute(same.values(stopped="gone")).rowcount:
                webhooks.drop(conn, row.webhook, status="gone", now=now)


async def send(url: str, secret: str, *, message: str, body: bytes, now: datetime, timeout_s: float = TIMEOUT_S) -> str:
    """One try; the status of the answer, of which nothing else is read, or a word: refused, timeout, broken.

    Redirects are not followed: the message is for the address that somebody set, and for no other.
    """
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "okpay-console",
        **sign(secret, message=message, at=int(now.timestamp()), body=body),
    }
    secure = url.startswith("https:")
    verify = await asyncio.to_thread(_trust) if secure else False
    try:
        async with (
            asyncio.timeout(timeout_s),
            httpx.AsyncClient(timeout=timeout_s, follow_redirects=False, verify=verify, trust_env=secure) as http,
            http.stream("POST", url, content=body, headers=headers) as answer,
        ):
            return str(answer.status_code)
    except (TimeoutError, httpx.TimeoutException):
        return "timeout"
    except httpx.ConnectError:
        return "refused"
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
        return "broken"


@cache
def _trust() -> ssl.SSLContext:
    # Reading the certificates takes 70 ms, during which nobody would be served.
    return httpx.create_ssl_context()
