"""A server under test: a fresh database of either kind, a clock that stands still, and people to sign in as."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import msgspec
import pytest

from okpay_console.domain import ops, wire
from okpay_console.domain.author import Author
from okpay_console.domain.ticket import Ticket, from_doc
from okpay_console.server import clock, users
from okpay_console.server.app import ServerConfig
from okpay_console.server.context import Context, context_of
from okpay_console.server.db import upgrade

from ..readymade import application, give_back, new_database

BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
UP_TO_DATE: set[str] = set()
"""Addresses of databases that have the newest schema and that no house has opened yet."""
_SHAPE = """
SELECT string_agg(said, ';' ORDER BY said) FROM (
    SELECT c.relname || '.' || coalesce(a.attname || ':' || a.atttypid || ':' || a.attnotnull, c.relkind::text) AS said
      FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
     WHERE c.relnamespace = 'public'::regnamespace
    UNION ALL SELECT pg_get_triggerdef(oid) || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
) AS everything
"""
"""What a schema consists of, to the last trigger."""


class Postgres:
    """A throw-away PostgreSQL on a free port, run as an unprivileged user because it refuses root."""

    def __init__(self, tools: Path) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="okpay-pg-"))
        self.tools = tools
        self.data = self.root / "data"
        self.made = 0
        self.idle: list[str] = []
        self.as_user: list[str] = []
        if os.geteuid() == 0:
            shutil.chown(self.root, "postgres")
            # In a folder of the system's that a bare PATH may leave out.
            self.as_user = [shutil.which("runuser") or "/usr/sbin/runuser", "-u", "postgres", "--"]
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._run("initdb", "-D", str(self.data), "-U", "okpay", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = (
            f"-p {self.port} -k {self.root} -c listen_addresses=127.0.0.1 -c fsync=off -c shared_buffers=32MB "
            "-c max_connections=200"
        )
        self._run("pg_ctl", "-D", str(self.data), "-w", "-o", options, "-l", str(self.root / "log"), "start")
        upgrade(self.url("postgres"))
        self.shape, self.rows = asyncio.run(self._looked("postgres"))

    def _run(self, tool: str, *arguments: str) -> None:
        subprocess.run(
            [*self.as_user, str(self.tools / tool), *arguments], check=True, stdout=subprocess.DEVNULL, cwd="/"
        )

    def url(self, name: str) -> str:
        return f"postgresql+asyncpg://okpay@127.0.0.1:{self.port}/{name}"

    def fresh(self, like: str = "postgres") -> str:
        """A database as new, with the newest schema; or a copy of another one that is not in use."""
        if like == "postgres" and self.idle:
            name = self.idle.pop()
        else:
            self.made += 1
            name = f"t{self.made}"
            asyncio.run(self._create(name, like))
        if like == "postgres":
            UP_TO_DATE.add(self.url(name))
        return self.url(name)

    def take_back(self, url: str) -> None:
        """Empties a database for the next who wants a fresh one; a copy of the template costs five times as much.

        One whose schema is no longer the newest is left alone.
        """
        UP_TO_DATE.discard(url)
        name = url.rpartition("/")[2]
        if asyncio.run(self._emptied(name)):
            self.idle.append(name)

    async def _open(self, name: str) -> asyncpg.Connection:
        return await asyncpg.connect(host="127.0.0.1", port=self.port, user="okpay", database=name)

    async def _create(self, name: str, like: str) -> None:
        conn = await self._open("template1")
        try:
            await conn.execute(f"CREATE DATABASE {name} TEMPLATE {like}")
        finally:
            await conn.close()

    async def _looked(self, name: str) -> tuple[str, dict[str, str | None]]:
        """The schema, and the rows of each table as one JSON array."""
        conn = await self._open(name)
        try:
            tables = await conn.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            names = [row["tablename"] for row in tables]
            rows = {table: await conn.fetchval(f'SELECT json_agg(one)::text FROM "{table}" AS one') for table in names}
            # They would have to be set back as well.
            assert not await conn.fetchval("SELECT count(*) FROM pg_sequences")
            return await conn.fetchval(_SHAPE), rows
        finally:
            await conn.close()

    async def _emptied(self, name: str) -> bool:
        conn = await self._open(name)
        try:
            if await conn.fetchval(_SHAPE) != self.shape:
                return False
            # Who is still connected may hold locks; and the audit log's triggers forbid what is done here.
            others = "datname = current_database() AND pid <> pg_backend_pid()"
            await conn.execute(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {others}")
            work = ["SET session_replication_role = replica", *(f'DELETE FROM "{table}"' for table in self.rows)]
            await conn.execute(";".join(work))
            for table, rows in self.rows.items():
                if rows is not None:
                    made = f'INSERT INTO "{table}" SELECT * FROM json_populate_recordset(NULL::"{table}", $1)'
                    await conn.execute(made, rows)
            # Whoever compares two servers must see two.
            await conn.execute("UPDATE sync_head SET server_id = md5(random()::text)")
            return True
        finally:
            await conn.close()

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self.data), "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.root, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or [
        Path(path) for path in [shutil.which("initdb")] if path
    ]
    if not found:
        missing = "PostgreSQL is not installed: no initdb under /usr/lib/postgresql or in the PATH"
        # A developer may do without it; CI installs it, and half the server's cases must not vanish there in silence.
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    running = Postgres(found[-1].parent)
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh database; every test that asks for it runs on both kinds."""
    if request.param == "sqlite":
        yield str(tmp_path / "server.db")
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    fresh = postgres.fresh()
    yield fresh
    postgres.take_back(fresh)


class Console:
    """One person's side of the wire, without a store: numbers what it pushes and remembers its cursor."""

    def __init__(self, house: House, name: str, token: str, http: httpx.AsyncClient, client: str) -> None:
        self.house = house
        self.name = name
        self.token = token
        self.http = http
        self.client = client
        self.mid = 0
        self.prev = ""
        self.cursor: str | None = None
        self.author = Author(name, clock.new_id, house.clock)

    def items(self, *wanted: ops.AnyOp) -> list[wire.Item]:
        """The operations as the next mutations of this client's log, which thereby grows."""
        made = []
        for op in wanted:
            self.mid += 1
            made.append(wire.to_item(op, mid=self.mid, prev=self.prev))
            self.prev = op.uuid
        return made

    async def send(self, items: list[wire.Item]) -> httpx.Response:
        return await self.http.post("/v1/mutations", content=msgspec.json.encode(wire.Push(self.client, items)))

    async def push(self, *wanted: ops.AnyOp) -> wire.PushReply:
        reply = await self.send(self.items(*wanted))
        assert reply.status_code == 200, reply.text
        return msgspec.json.decode(reply.content, type=wire.PushReply)

    async def ask(self, cursor: str | None = None, **query: Any) -> httpx.Response:
        asked = {"client": self.client, **query, **({"cursor": cursor} if cursor else {})}
        return await self.http.get("/v1/sync", params=asked)

    async def pull(self, **query: Any) -> wire.Page:
        """The next page, by which the console's cursor moves on."""
        reply = await self.ask(self.cursor, **query)
        assert reply.status_code == 200, reply.text
        page = msgspec.json.decode(reply.content, type=wire.Page)
        self.cursor = page.cursor
        return page

    async def new(self, subject: str = "Paid twice", *, queue: str = "general", **more: Any) -> Ticket:
        """A ticket that the server has taken, as it stands there."""
        op = self.author.new(subject=subject, channel="hotline", queue=queue, **more)
        [outcome] = (await self.push(op)).outcomes
        assert outcome.state == "confirmed", outcome
        return await self.see(op.ticket)

    async def see(self, ticket: str) -> Ticket:
        reply = await self.http.get(f"/v1/tickets/{ticket}")
        assert reply.status_code == 200, reply.text
        return from_doc(reply.json())


class House:
    """The application in this process, over a fresh database."""

    def __init__(self, database: str, **settings: Any) -> None:
        self.database = database
        self.moment = BEGIN
        if database in UP_TO_DATE:
            UP_TO_DATE.discard(database)
        elif "://" in database or Path(database).exists():
            upgrade(database)
        else:
            new_database(database)
        self.app = application(ServerConfig(database=database, **settings), clock=self.clock)
        self._open: list[httpx.AsyncClient] = []

    @property
    def context(self) -> Context:
        return context_of(self.app)

    def clock(self) -> datetime:
        return self.moment

    def later(self, **span: float) -> None:
        self.moment += timedelta(**span)

    def http(self, token: str = "") -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        made = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.app, raise_app_exceptions=False),
            base_url="http://server",
            headers=headers,
        )
        self._open.append(made)
        return made

    async def sign_in(self, name: str = "wang", role: str = "agent", queues: tuple[str, ...] = ()) -> Console:
        added = await self.context.db.write(users.adding(name, role, queues, token_days=None))
        return Console(self, name, added.token, self.http(added.token), f"client-{name}")

    def again(self, console: Console, client: str) -> Console:
        """The same person with another store."""
        return Console(self, console.name, console.token, console.http, client)

    async def close(self) -> None:
        for http in self._open:
            await http.aclose()
        await self.context.heard.close()
        await self.context.db.close()
        give_back(self.app)


@pytest.fixture
async def house(database: str) -> AsyncIterator[House]:
    made = House(database)
    try:
        yield made
    finally:
        await made.close()
