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
from okpay_console.server.app import ServerConfig, create_app
from okpay_console.server.context import Context, context_of
from okpay_console.server.db import upgrade

BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Postgres:
    """A throw-away PostgreSQL on a free port, run as an unprivileged user because it refuses root."""

    def __init__(self, tools: Path) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="okpay-pg-"))
        self.tools = tools
        self.data = self.root / "data"
        self.made = 0
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

    def _run(self, tool: str, *arguments: str) -> None:
        subprocess.run(
            [*self.as_user, str(self.tools / tool), *arguments], check=True, stdout=subprocess.DEVNULL, cwd="/"
        )

    def url(self, name: str) -> str:
        return f"postgresql+asyncpg://okpay@127.0.0.1:{self.port}/{name}"

    def fresh(self, like: str = "postgres") -> str:
        """A database of its own, copied from one whose schema is up to date or from another that is not in use."""
        self.made += 1
        name = f"t{self.made}"

        async def create() -> None:
            conn = await asyncpg.connect(host="127.0.0.1", port=self.port, user="okpay", database="template1")
            try:
                await conn.execute(f"CREATE DATABASE {name} TEMPLATE {like}")
            finally:
                await conn.close()

        asyncio.run(create())
        return self.url(name)

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
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a fresh database; every test that asks for it runs on both kinds."""
    if request.param == "postgresql":
        fresh: str = request.getfixturevalue("postgres").fresh()
        return fresh
    return str(tmp_path / "server.db")


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
        upgrade(database)
        self.app = create_app(ServerConfig(database=database, **settings), clock=self.clock)
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
        added = await users.add_user(self.database, name, role, queues, token_days=None)
        return Console(self, name, added.token, self.http(added.token), f"client-{name}")

    def again(self, console: Console, client: str) -> Console:
        """The same person with another store."""
        return Console(self, console.name, console.token, console.http, client)

    async def close(self) -> None:
        for http in self._open:
            await http.aclose()
        await self.context.heard.close()
        await self.context.db.close()


@pytest.fixture
async def house(database: str) -> AsyncIterator[House]:
    made = House(database)
    try:
        yield made
    finally:
        await made.close()
