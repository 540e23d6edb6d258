"""The server of a world, in two makes: its service functions called in place, or the whole HTTP application over a file."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote

import httpx
import msgspec
from sqlalchemy import Connection

from okpay_console import errors
from okpay_console.domain import ops
from okpay_console.domain.wire import PROTOCOL, Me
from okpay_console.server import auth, claims, daybook, history, knowledge, problems, service
from okpay_console.server.app import ServerConfig, create_app
from okpay_console.server.context import context_of
from okpay_console.server.db import Database
from okpay_console.server.feed import Feed
from okpay_console.server.marks import Marks
from okpay_console.server.policy import Who

from .clocks import MachineClock
from .database import MemoryDatabase, raw, rows, template

T = TypeVar("T")
LEASE_S = 600.0


class Request(msgspec.Struct, frozen=True):
    """One request as it travels."""

    method: str
    path: str
    token: str
    params: dict[str, str] = {}
    headers: dict[str, str] = {}
    body: bytes = b""


class Reply(msgspec.Struct, frozen=True):
    status: int
    headers: dict[str, str]
    body: bytes


class Direct:
    """Everything of the server but HTTP: tokens, judging, history, feed, claims, daybook and problems, over a database in memory.

    ``page`` gives the rows of the next page; ``crash`` may kill the process at a commit.
    """

    def __init__(self, clock: MachineClock, *, page: Callable[[], int], crash: Callable[[], None]) -> None:
        self.clock, self._page, self._crash = clock, page, crash
        image, tokens = template()
        self.tokens = dict(tokens)
        raw().deserialize(image)
        self.start()

    def start(self) -> None:
        """A process with nothing in its memory."""
        self.db: Database = MemoryDatabase(self._crash)
        self.feed = Feed(self.db, marks=Marks())
        self._known: dict[str, Who] = {}

    async def stop(self) -> None:
        """Nothing is left behind but the database."""

    def save(self) -> bytes:
        return raw().serialize()

    async def restore(self, backup: bytes, *, running: bool = False) -> None:
        raw().deserialize(backup)
        self._known.clear()
        if not running:
            self.start()

    async def write(self, work: Callable[[Connection], T]) -> T:
        """An administrator's work, which goes through."""
        self._known.clear()
        return await MemoryDatabase(lambda: None).write(work)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return rows(None, sql)

    async def handle(self, request: Request) -> Reply:
        """The answer, a problem too; ``ServerKilled`` where there is none."""
        try:
            answer = await self._answer(request, await self._who(request.token))
        except errors.OkpayError as error:
            problem = problems.from_ours(None, error)  # type: ignore[arg-type]
            headers = {key.lower(): value for key, value in dict(problem.headers).items()}
            return Reply(problem.status_code or 500, headers, problem.content)
        if answer is None:
            return Reply(304 if request.path == "/v1/answers" else 204, {}, b"")
        return Reply(200, {}, msgspec.json.encode(answer))

    async def _who(self, token: str) -> Who:
        """Whoever was let in is known until anything changes about anybody: asking each time costs a tenth of a world."""
        now, known = self.clock.now(), self._known.get(token)
        if known is None or (known.expires_at is not None and known.expires_at <= now):
            known = await self.db.read(lambda conn: auth.who_is(conn, token, now))
            self._known[token] = known
        return known

    async def _answer(self, request: Request, who: Who) -> Any:
        now, params = self.clock.now(), request.params
        match request.method, request.path.split("/")[2:]:
            case "GET", ["me"]:
                known = await self.db.read(history.server_id)
                return Me(who.user, who.role, sorted(who.queues), "OKPay", PROTOCOL, now, known)
            case "GET", ["sync"]:
                cursor = params.get("cursor") or None
                return await self.feed.page(who, client=params["client"], cursor=cursor, limit=self._page(), now=now)
            case "POST", ["mutations"]:
                sent = msgspec.json.decode(request.body, type=service.RawPush)
                return await service.push(self.db, who, sent, clock=self.clock.now, rules=ops.NO_RULES)
            case "POST", ["tickets", ticket, "claim" | "renew" as what]:
                take = claims.claim if what == "claim" else claims.renew
                return await take(self.db, who, unquote(ticket), now=now, lease_s=LEASE_S)
            case "POST", ["queue", "next"]:
                return await claims.next_ticket(self.db, who, now=now, lease_s=LEASE_S)
            case "GET", ["answers"]:
                return await knowledge.shelf(self.db, have=params.get("have", ""), after=params.get("after", ""))
            case "POST", ["daybook"]:
                told = msgspec.json.decode(request.body, type=daybook.RawTold)
                return await daybook.tell(self.db, who, told, now=now)
            case "GET", ["daybook"]:
                return await daybook.page(self.db, who, after=params.get("after", ""), limit=self._page(), now=now)
        raise errors.Declined(404, "not-found", "There is no such thing here.")


class Http:
    """The server as it is started in earnest, without its socket: the whole application over a database file in ``folder``."""

    def __init__(self, clock: MachineClock, folder: Path) -> None:
        self.clock = clock
        self.database = folder / "server.db"
        image, tokens = template()
        self.tokens = dict(tokens)
        self._put(image)
        self.start()

    def start(self) -> None:
        self.app = create_app(ServerConfig(database=str(self.database)), clock=self.clock.now)

    async def stop(self) -> None:
        await context_of(self.app).db.close()

    def save(self) -> bytes:
        with contextlib.closing(sqlite3.connect(self.database)) as source:
            aside = self.database.with_name("backup.db")
            aside.unlink(missing_ok=True)
            source.execute("vacuum into ?", (str(aside),))
        return aside.read_bytes()

    async def restore(self, backup: bytes, *, running: bool = False) -> None:
        await self.stop()
        self._put(backup)
        self.start()

    def _put(self, image: bytes) -> None:
        for name in ("server.db-wal", "server.db-shm"):
            self.database.with_name(name).unlink(missing_ok=True)
        self.database.write_bytes(image)

    async def write(self, work: Callable[[Connection], T]) -> T:
        return await context_of(self.app).db.write(work)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return rows(str(self.database), sql)

    async def handle(self, request: httpx.Request, body: bytes) -> httpx.Response:
        """The answer to a request that may come again, with its body read."""
        copy = httpx.Request(request.method, request.url, headers=request.headers, content=body)
        answer = await httpx.ASGITransport(self.app).handle_async_request(copy)  # type: ignore[arg-type]
        # ``raw`` bytes: the console's own client shall unpack them.
        data = b"".join([part async for part in answer.aiter_raw()])
        return httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(data))


def drop(folder: Path) -> None:
    """Takes a world's files away."""
    shutil.rmtree(folder, ignore_errors=True)
