"""An office: the real server over a database, and seats with a real store, engine and screen each, on a network that fails."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from textual.pilot import Pilot

from okpay_console import wiring
from okpay_console.config import Settings as ConsoleSettings
from okpay_console.content.rules import load_rules
from okpay_console.domain import ops
from okpay_console.domain.author import Author
from okpay_console.domain.ticket import Caller, Ticket
from okpay_console.local.drafts import Drafts
from okpay_console.local.mirror import Mirror
from okpay_console.local.outbox import Outbox
from okpay_console.local.store import open_store
from okpay_console.remote.api import Api
from okpay_console.server import clock as server_clock
from okpay_console.server.app import ServerConfig
from okpay_console.server.context import context_of
from okpay_console.server.run import start_in_thread
from okpay_console.server.users import add_user, adding, revoke_tokens
from okpay_console.sync.engine import Changed, Engine
from okpay_console.tui.app import ConsoleApp
from okpay_console.tui.desk_model import Settings, Start

from ..consoles import share, until
from ..readymade import application, give_back, new_database

# A Wednesday without a holiday near it, 14:00 in Shanghai.
NOW = datetime(2026, 11, 18, 6, 0, tzinfo=UTC)


class Net(httpx.ASGITransport):
    """The network of one seat: it counts what it carries, and is cut, hangs or loses answers when told to."""

    def __init__(self, app: Any) -> None:
        super().__init__(app=app)
        self.down = False
        self.loses_answers = False
        self.broken = ""
        """The beginning of the paths that are answered by nobody while all others are."""
        self.hangs: asyncio.Event | None = None
        self.carried: list[tuple[str, int]] = []
        """Path and size of each answer, oldest first."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.hangs is not None:
            await self.hangs.wait()
        if self.down or (self.broken and request.url.path.startswith(self.broken)):
            raise httpx.ConnectError("no route to host")
        reply = await super().handle_async_request(request)
        # As it crossed the network: packed bytes stay packed, for the console to unpack.
        body = b"".join([piece async for piece in reply.aiter_raw()])
        self.carried.append((request.url.path, len(body)))
        if self.loses_answers:
            raise httpx.ReadError("the line went dead")
        return httpx.Response(reply.status_code, headers=reply.headers, stream=httpx.ByteStream(body))


class OfficeClock:
    """The server's time, moved by the test alone; a seat's own may be wrong by ``ahead``."""

    def __init__(self, office: Office, ahead: timedelta = timedelta()) -> None:
        self.office, self.ahead = office, ahead

    def now(self) -> datetime:
        return self.office.moment + self.ahead

    def monotonic(self) -> float:
        return (self.office.moment - NOW).total_seconds()

    async def sleep(self, _: float) -> None:
        await asyncio.sleep(0)


class Seat:
    """One person's console: store, outbox, engine, and the screen when it is open. ``restart`` is a new process."""

    def __init__(self, office: Office, name: str, token: str, ahead: timedelta, settings: dict[str, Any]) -> None:
        self.office, self.name, self.token, self.settings = office, name, token, settings
        self.clock = OfficeClock(office, ahead)
        self.net = Net(office.app)
        self.app: ConsoleApp = None  # type: ignore[assignment]
        self.pilot: Pilot[Any] = None  # type: ignore[assignment]
        self._tell: Callable[[Changed], None] = lambda _: None
        self.open()

    def open(self) -> None:
        self.db = open_store(self.office.folder / f"{self.name}.okdb")
        self.mirror, self.outbox = Mirror(self.db), Outbox(self.db)
        self.api = Api("http://localhost", self.token, transport=self.net, timeout=30)
        self.engine = Engine(
            api=self.api,
            mirror=self.mirror,
            outbox=self.outbox,
            author=Author(self.name, server_clock.new_id, self.clock.now),
            rules=self.office.rules,
            clock=self.clock,
            rng=random.Random(1),
            listener=self._heard,
            drafts=Drafts(self.db),
        )
        self.author = self.engine.author

    def _heard(self, change: Changed) -> None:
        self._tell(change)

    async def close(self) -> None:
        await self.api.aclose()
        await self.engine.close()
        self.db.close()

    async def restart(self, *, token: str = "") -> None:
        await self.close()
        self.token = token or self.token
        self.open()

    # By the engine

    async def sync(self) -> Any:
        """One round with the server; then what came stands on the screen."""
        done = await self.engine.round()
        if self.app is not None and self.app.is_running:
            await self.pilot.pause()
        return done

    def see(self, ticket: str) -> Ticket:
        shown = self.engine.view(ticket).ticket
        assert shown is not None
        return shown

    async def do(self, *wanted: ops.AnyOp) -> None:
        """Done here, and known to the server where that can be reached."""
        await self.engine.do_all(wanted)
        await self.sync()

    async def new(self, subject: str = "已扣款未到账", **more: Any) -> str:
        more = {"channel": "chat", "category": "TXN", "caller": Caller(name="张三", mobile="+8613800138000")} | more
        op = self.author.new(subject=subject, **more)
        await self.do(op)
        return op.ticket

    def texts(self, ticket: str, *kinds: str) -> list[str]:
        return [entry.text for entry in self.see(ticket).timeline if entry.kind in kinds]

    # By the screen

    @asynccontextmanager
    async def screen(self, *, size: tuple[int, int] = (120, 36), lang: str = "zh") -> AsyncIterator[Pilot[Any]]:
        """The console's screen on this engine for as long as the block runs; left as by the quit key."""

        async def open_desk(tell: Callable[[Changed], None]) -> Engine:
            self._tell = tell
            return self.engine

        self.app = ConsoleApp(
            Start(
                settings=Settings(lang=lang, **self.settings),
                me=self.name,
                open_desk=open_desk,
                now=self.engine.now,
                policy=lambda: self.office.rules.sla,
            )
        )
        async with self.app.run_test(size=size) as self.pilot:
            await self.until(lambda: bool(self.desk.query("#case")))
            await self.pilot.pause()
            yield self.pilot
        self._tell = lambda _: None

    @property
    def desk(self) -> Any:
        return self.app.desk_screen

    @property
    def words(self) -> str:
        """What stands in the box that has the focus."""
        focused: Any = self.app.focused
        return str(focused.text if hasattr(focused, "text") else focused.value)

    def text(self) -> str:
        """What the terminal shows, a line per row, from the compositor's own strips."""
        return "\n".join(strip.text.rstrip() for strip in self.app.screen._compositor.render_strips())

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def type(self, words: str) -> None:
        await self.pilot.press(*words)

    async def until(self, wanted: Callable[[], Any], *, tries: int = 1000) -> None:
        """Waits until something is so; fails the test where it never is, and shows the screen."""
        try:
            await until(self.pilot, wanted, tries=tries)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.text()}") from None

    async def shows(self, *texts: str) -> None:
        await self.until(lambda: all(text in self.text() for text in texts))

    async def on(self, ticket: str, *keys: str) -> None:
        """Opens a ticket's case and presses keys there."""
        self.desk.show_ticket(ticket)
        await self.until(lambda: self.desk.query_one("#case").ticket == ticket)
        await self.pilot.pause()
        await self.press(*keys)


class Office:
    """The server in this process, its clock, and the seats that a test opens."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.moment, self.seats = folder, NOW, list[Seat]()
        self.database = str(folder / "server.db")
        new_database(self.database)
        self.opened(load_rules())

    def opened(self, rules: ops.Rules) -> None:
        """The server with these rules of the house; seats that are opened from now on have them too."""
        self.rules = rules
        self.app = application(ServerConfig(database=self.database, rules=rules), clock=lambda: self.moment)

    def later(self, **span: float) -> None:
        self.moment += timedelta(**span)

    async def token(self, name: str, role: Any = "agent") -> str:
        added = await context_of(self.app).db.write(adding(name, role, (), token_days=None))
        return added.token

    async def expire(self, name: str) -> None:
        """Every token of this person is worth nothing from now on."""
        await revoke_tokens(self.database, name)

    async def seat(self, name: str, role: str = "agent", *, ahead: timedelta = timedelta(), **settings: Any) -> Seat:
        made = Seat(self, name, await self.token(name, role), ahead, settings)
        self.seats.append(made)
        await made.sync()
        return made


@pytest.fixture(autouse=True, scope="session")
def sharing() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        share(patch)
        yield


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    made = Office(tmp_path)
    yield made
    for seat in made.seats:
        await seat.close()
    await context_of(made.app).db.close()
    give_back(made.app)


async def eventually(condition: Callable[[], bool], *, seconds: float = 60.0) -> None:
    """Waits for what another task will bring about; the limit only ends a test that has failed."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.03)


@pytest.fixture
def in_the_end() -> Callable[..., Awaitable[None]]:
    return eventually


class Running:
    """A console as it is started on a desk: engine, event stream and screen over a real network."""

    def __init__(self, engine: Engine, app: ConsoleApp, pilot: Pilot[Any]) -> None:
        self.engine, self.app, self.pilot = engine, app, pilot

    def text(self) -> str:
        return "\n".join(strip.text.rstrip() for strip in self.app.screen._compositor.render_strips())


class RealHouse:
    """A server on loopback, and consoles that run on it without anybody asking them to."""

    def __init__(self, folder: Path, url: str, database: str) -> None:
        self.folder, self.url, self.database = folder, url, database

    @asynccontextmanager
    async def console(self, name: str) -> AsyncIterator[Running]:
        token = (await add_user(self.database, name, "agent")).token
        told: list[Callable[[Changed], None]] = []
        tasks: list[asyncio.Task[None]] = []
        settings = ConsoleSettings(server=self.url, token=token, data_dir=str(self.folder / name))
        async with wiring.working(settings, listener=lambda change: [tell(change) for tell in told]) as engine:

            async def open_desk(tell: Callable[[Changed], None]) -> Engine:
                told.append(tell)
                tasks.extend((asyncio.create_task(engine.run()), asyncio.create_task(engine.index())))
                return engine

            app = ConsoleApp(Start(settings=Settings(), me=name, open_desk=open_desk, now=engine.now))
            try:
                async with app.run_test(size=(120, 36)) as pilot:
                    yield Running(engine, app, pilot)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[RealHouse]:
    database = str(tmp_path / "server.db")
    server = await asyncio.to_thread(start_in_thread, ServerConfig(database=database, port=0, rules=load_rules()))
    yield RealHouse(tmp_path, server.url, database)
    await asyncio.to_thread(server.stop)
