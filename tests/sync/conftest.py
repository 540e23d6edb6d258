"""A real server on loopback for the folder, and consoles with real stores on it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from okpay_console.domain.author import Author
from okpay_console.domain.ids import uuid7
from okpay_console.domain.ops import NO_RULES
from okpay_console.local.drafts import Drafts
from okpay_console.local.mirror import Mirror
from okpay_console.local.outbox import Outbox
from okpay_console.local.store import open_store
from okpay_console.remote.api import Api
from okpay_console.remote.events import hints
from okpay_console.server.run import RunningServer, start_in_thread
from okpay_console.server.settings import ServerConfig
from okpay_console.server.users import add_user
from okpay_console.sync.clock import SystemClock
from okpay_console.sync.engine import Changed, Engine

from ..readymade import new_database


class Console:
    """One console's parts on one folder; ``restart`` is a kill and a new start."""

    def __init__(self, folder: Path, url: str, name: str, token: str, *, streaming: bool = False) -> None:
        self.folder, self.url, self.name, self.token, self.streaming = folder, url, name, token, streaming
        self.changes: list[Changed] = []
        self._count = 0
        self.open()

    def open(self) -> None:
        clock = SystemClock()
        rng = random.Random(7)
        self.db = open_store(self.folder / "store")
        self.mirror, self.outbox = Mirror(self.db), Outbox(self.db)
        self.api = Api(self.url, self.token, timeout=10)
        self.author = Author(self.name, self._id, clock.now)
        self.engine = Engine(
            api=self.api,
            mirror=self.mirror,
            outbox=self.outbox,
            author=self.author,
            rules=NO_RULES,
            clock=clock,
            rng=rng,
            listener=self.changes.append,
            drafts=Drafts(self.db),
            pokes=(
                (lambda: hints(self.api, sleep=clock.sleep, uniform=rng.uniform, monotonic=clock.monotonic))
                if self.streaming
                else None
            ),
        )

    def _id(self) -> str:
        return uuid7(1_700_000_000_000 + random.SystemRandom().randrange(10**9), random.SystemRandom().randbytes(10))

    async def close(self) -> None:
        await self.api.aclose()
        await self.engine.close()
        self.db.close()

    async def restart(self) -> None:
        await self.close()
        self.open()

    async def new(self, subject: str = "已扣款未到账", **more: object) -> str:
        op = self.author.new(subject=subject, channel="hotline", **more)  # type: ignore[arg-type]
        await self.engine.do(op)
        return op.ticket

    async def note(self, ticket: str, text: str) -> str:
        shown = self.engine.view(ticket).ticket
        assert shown is not None
        op = self.author.note(shown, text)
        await self.engine.do(op)
        return op.uuid

    def texts(self, ticket: str) -> list[str]:
        shown = self.engine.view(ticket).ticket
        return [entry.text for entry in shown.timeline] if shown else []

    def docs(self) -> dict[str, dict[str, object]]:
        return {key: dict(doc) for key, doc in self.db.table("tickets").raw().items()}


class Desk:
    """A server with its database, and the consoles that a test opens on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = str(folder / "server.db")
        self.tokens: dict[str, str] = {}
        self.consoles: list[Console] = []
        self.port = 0
        self.server: RunningServer

    async def start(self) -> None:
        config = ServerConfig(database=self.database, port=self.port)
        self.server = await asyncio.to_thread(start_in_thread, config)
        self.port = int(self.server.url.rsplit(":", 1)[1])

    async def stop(self) -> None:
        await asyncio.to_thread(self.server.stop)

    async def console(self, name: str, *, at: str = "", streaming: bool = False, role: str = "supervisor") -> Console:
        if name not in self.tokens:
            self.tokens[name] = (await add_user(self.database, name, role)).token  # type: ignore[arg-type]
        folder = self.folder / (at or name)
        console = Console(folder, self.server.url, name, self.tokens[name], streaming=streaming)
        self.consoles.append(console)
        return console


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    made = Desk(tmp_path)
    new_database(made.database)
    await made.start()
    yield made
    for console in made.consoles:
        await console.close()
    await made.stop()


async def until(condition: Callable[[], bool], *, seconds: float = 20.0) -> None:
    """Waits for something that another task will bring about; the limit only ends a test that has failed."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)


@pytest.fixture
def eventually() -> Callable[..., Awaitable[None]]:
    return until
