"""A seeded world of one server and three consoles, all of it the product's own code, in which everything goes wrong.

``python tests/sync/sim/world.py --seeds 200 [--start 1] [--steps 60]`` runs more worlds than the tests do and prints the
seeds that failed. Time is virtual and chance comes from the seed; requests run through the real client, the real HTTP
application and a real SQLite file, without a socket.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import shutil
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from okpay_console import errors
from okpay_console.domain import callclock, ops, queue, wire
from okpay_console.domain.author import Author
from okpay_console.domain.ids import uuid7
from okpay_console.domain.ticket import Ticket
from okpay_console.local.database import OkDB
from okpay_console.local.mirror import Mirror
from okpay_console.local.outbox import Outbox
from okpay_console.local.record import Changes
from okpay_console.local.store import Commit, open_store
from okpay_console.remote.api import Api
from okpay_console.server import db as server_db
from okpay_console.server import feed
from okpay_console.server.app import ServerConfig, create_app
from okpay_console.server.context import context_of
from okpay_console.server.users import add_user
from okpay_console.sync.disk import Disk
from okpay_console.sync.engine import Engine

FAULT = 0.12
"""The share of requests that meet each fault; a kill is a third as likely, and a sixth at each record."""
STEPS = 60
LASTING = {"ticket.new", "ticket.note", "ticket.message", "ticket.reply", "ticket.chase", "promise.make"}


class Killed(BaseException):
    """kill -9 at this very moment."""


class Wrong(AssertionError):
    """The world broke a promise."""


class VirtualClock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return datetime(2026, 11, 22, 9, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds


class Wire(httpx.AsyncBaseTransport):
    """The network of one console: loses requests and answers, doubles requests, and kills the console while it waits."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        world, chance = self.world, self.world.chance
        body = await request.aread()
        if world.faults and chance(world.fault / 3):
            raise Killed
        if world.faults and chance(world.fault):
            raise httpx.ConnectError("the request was lost")
        answer = await self._send(request, body)
        if world.faults and chance(world.fault):
            second = await self._send(request, body)
            answer = second if chance(0.5) else answer
        if world.faults and chance(world.fault):
            raise httpx.ReadTimeout("the answer was lost")
        if world.faults and chance(world.fault / 3):
            raise Killed
        return answer

    async def _send(self, request: httpx.Request, body: bytes) -> httpx.Response:
        copy = httpx.Request(request.method, request.url, headers=request.headers, content=body)
        answer = await httpx.ASGITransport(self.world.app).handle_async_request(copy)  # type: ignore[arg-type]
        # ``raw`` bytes: the console's own client shall unpack them.
        data = b"".join([part async for part in answer.aiter_raw()])
        return httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(data))


class MutantOutbox(Outbox):
    """The outbox, with one of its rules taken out where a world asks whether it would notice."""

    def __init__(self, db: OkDB, *, mint: Callable[[], str], mutants: frozenset[str]) -> None:
        self.mutants = mutants
        super().__init__(db, mint=mint)

    def forked(self, last: wire.Last) -> bool:
        return "mid-only" not in self.mutants and super().forked(last)

    def note_outcomes(self, outcomes: Iterable[wire.Outcome], last: wire.Last) -> None:
        super().note_outcomes(() if "no-outcomes" in self.mutants else outcomes, last)

    def plan_cover(
        self, last: wire.Last, outcomes: Sequence[wire.Outcome], *, final: bool, now: datetime
    ) -> Commit | None:
        if "no-tray" in self.mutants:
            outcomes = [wire.Outcome(outcome.uuid, "confirmed") for outcome in outcomes]
            self.note_outcomes(outcomes, last)
        if "mid-only" in self.mutants:
            self._confirmed |= self._pending.keys()
        if "no-reoffer" in self.mutants:
            known = max((entry.item.mid for entry in self._acked.values()), default=0)
            last = wire.Last(max(last.mid, known), last.uuid)
        return super().plan_cover(last, outcomes, final=final, now=now)


# "mid-only" believes the server's number alone. It is rare: the server's own check of the chain stands behind it.
MUTANTS = ("no-tray", "no-reoffer", "two-records", "no-outcomes", "mid-only")


class Console:
    """A console that can be killed at any moment and started again from its folder."""

    def __init__(self, world: World, name: str, folder: Path) -> None:
        self.world, self.name, self.folder = world, name, folder
        self.open()

    def open(self) -> None:
        world = self.world
        self.db = open_store(self.folder / "store")
        self.mirror, self.outbox = Mirror(self.db), MutantOutbox(self.db, mint=world.new_id, mutants=world.mutants)
        self.author = Author(self.name, world.new_id, world.clock.now)
        self.api = Api("http://localhost", world.tokens[self.name], transport=Wire(world), timeout=60)
        self.engine = Engine(
            api=self.api,
            mirror=self.mirror,
            outbox=self.outbox,
            author=self.author,
            rules=ops.NO_RULES,
            clock=world.clock,
            rng=world.rng,
            disk=Disk(self.mirror.store, writer=self._write),
        )
        self.engine.rows()

    async def _write(self, changes: Changes) -> None:
        if self.world.faults and self.world.chance(self.world.fault / 6):
            raise Killed
        if "two-records" in self.world.mutants:
            for name in sorted(changes):
                self.mirror.store.commit({name: changes[name]})
                if self.world.faults and self.world.chance(self.world.fault / 6):
                    raise Killed
            return
        self.mirror.store.commit(changes)
        if self.world.faults and self.world.chance(self.world.fault / 6):
            raise Killed

    def kill(self) -> None:
        self.db.close()

    def restart(self) -> None:
        self.kill()
        self.open()

    def held(self) -> set[str]:
        """Every operation that this cache still knows."""
        return {*self.db.table("outbox").raw(), *self.db.table("acked").raw(), *self.db.table("reviews").raw()}


class World:
    def __init__(
        self,
        seed: int,
        folder: Path,
        *,
        steps: int = STEPS,
        fault: float = FAULT,
        mutants: frozenset[str] = frozenset(),
    ) -> None:
        self.mutants = mutants
        self.fault = fault
        self.rng = random.Random(seed)
        self.folder = folder
        self.steps = steps
        self.clock = VirtualClock()
        self.faults = False
        self.tokens: dict[str, str] = {}
        self.consoles: list[Console] = []
        self.intents: dict[str, str] = {}
        self.witnessed: dict[str, str] = {}
        self.excused: set[str] = set()
        self.trimmed: set[str] = set()
        self.caches: dict[str, Path] = {}
        self.log: list[str] = []
        self.backup: Path | None = None

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def new_id(self) -> str:
        return uuid7(int(self.clock.now().timestamp() * 1000), self.rng.randbytes(10))

    # The server

    @property
    def database(self) -> Path:
        return self.folder / "server.db"

    def start_server(self) -> None:
        self.app = create_app(ServerConfig(database=str(self.database)), clock=self.clock.now)

    async def stop_server(self) -> None:
        await context_of(self.app).db.close()

    def server_docs(self) -> dict[str, dict[str, object]]:
        with contextlib.closing(sqlite3.connect(self.database)) as connection:
            rows = connection.execute("select id, doc from tickets where not gone").fetchall()
        return {key: json.loads(doc) for key, doc in rows}

    def save_server(self) -> None:
        self.backup = self.folder / "backup.db"
        self.backup.unlink(missing_ok=True)
        with contextlib.closing(sqlite3.connect(self.database)) as source:
            source.execute("vacuum into ?", (str(self.backup),))

    async def restore_server(self) -> None:
        assert self.backup is not None
        await self._replace_server(self.backup)

    async def rebuild_server(self) -> None:
        """Everything is lost but the people and the address: the empty history is another one, and so is the id."""
        fresh = self.folder / "fresh.db"
        shutil.copy(_template().database, fresh)
        with contextlib.closing(sqlite3.connect(fresh)) as connection:
            connection.execute("update sync_head set server_id = ?", (self.rng.randbytes(16).hex(),))
            connection.execute("update commits set fork = ?", (self.rng.getrandbits(32),))
            connection.commit()
            connection.execute("pragma wal_checkpoint(truncate)")
        await self._replace_server(fresh)

    async def _replace_server(self, database: Path) -> None:
        await self.stop_server()
        for name in ("server.db-wal", "server.db-shm"):
            (self.folder / name).unlink(missing_ok=True)
        shutil.copy(database, self.database)
        self.start_server()

    # What happens

    async def run(self) -> None:
        template = _template()
        shutil.copy(template.database, self.database)
        self.tokens = template.tokens
        self.start_server()
        try:
            for name in self.tokens:
                self.consoles.append(Console(self, name, self.folder / name))
            self.faults = True
            for _ in range(self.steps):
                await self._step()
            self.faults = False
            await self._quiet()
            self._check()
        finally:
            for console in self.consoles:
                console.kill()
            await self.stop_server()

    async def _step(self) -> None:
        self.clock.seconds += self.rng.uniform(0, 90)
        console = self.rng.choice(self.consoles)
        kind = self.rng.choices(
            (
                "do", "do_all", "witness", "round", "claim", "keep", "settle", "restart",
                "save", "restore", "rebuild", "trim", "copy", "rollback", "clone",
            ),
            (40, 10, 4, 30, 9, 15, 6, 4, 3, 2, 1, 2, 3, 2, 1),
        )[0]  # fmt: skip
        self.log.append(f"{self.clock.seconds:.0f} {console.folder.name} {kind}")
        try:
            await getattr(self, f"_{kind}")(console)
        except Killed:
            self.log.append("  killed")
            console.restart()

    async def _do(self, console: Console) -> None:
        op = self._operation(console)
        try:
            await console.engine.do(op)
        except (errors.Refused, errors.NeedsReview) as error:
            self.log.append(f"  {op.__struct_config__.tag} declined: {error.code}")
            return
        # Only what ``do`` returned from was promised; a kill before that may have kept it or not.
        self.intents[op.uuid] = str(op.__struct_config__.tag)
        self.log.append(f"  {op.uuid[-6:]} {op.__struct_config__.tag} on {op.ticket[-6:]}")

    def _operation(self, console: Console) -> ops.AnyOp:
        rng, author = self.rng, console.author
        rows = sorted(console.engine.rows())
        shown = console.engine.view(rng.choice(rows)).ticket if rows and rng.random() < 0.85 else None
        if shown is None:
            return author.new(subject="测试", channel="chat", text="你好")
        match rng.randrange(16):
            case 0 | 1 | 2:
                return author.note(shown, self._words("note"))
            case 3:
                return author.priority(shown, rng.choice(("urgent", "high", "normal", "low")))
            case 4:
                return author.tags(shown, add=(rng.choice("abc"),), remove=(rng.choice("abc"),))
            case 5:
                return author.field(shown, "error_code", str(rng.randrange(100)))
            case 6:
                return author.reply(shown, self._words("reply"))
            case 7:
                return author.close(shown, "SOLVED") if shown.status != "closed" else author.reopen(shown)
            case 8:
                return author.promise(shown, "回电", self.clock.now() + timedelta(hours=1))
            case 9:
                return author.chase(shown, text=self._words("chase"))
            case 10:
                return author.message(shown, self._words("message"))
            case 11:
                return author.handover(
                    shown, note=self._words("handover"), to=rng.choice(("wang", "li", "")), queue="l2"
                )
            case 12:
                return author.escalate(shown, rng.choice(("lead", "risk")), note=self._words("escalate"))
            case 13:
                return author.queue(shown, rng.choice(("general", "l2")))
            case 14:
                return author.reveal(shown, "mobile", reason=self._words("reveal"))
            case _:
                return self._call(author, shown)

    def _call(self, author: Author, shown: Ticket) -> ops.AnyOp:
        live = callclock.live(shown, author.name)
        if live is None:
            ringing = callclock.ringing(shown)
            if ringing is None:
                return author.mark(shown, self.new_id(), self.rng.choice(("offered", "answered")))
            return author.mark(shown, ringing.id, self.rng.choice(("answered", "abandoned")))
        if self.rng.random() < 0.4:
            return author.wrapup(shown, "SOLVED", call=live.id, summary=self._words("summary"))
        return author.mark(shown, live.id, self.rng.choice(("held", "resumed", "ended")))

    async def _do_all(self, console: Console) -> None:
        """Several operations at once, over one ticket that they make, or over two that are there."""
        author, rng = console.author, self.rng
        rows = sorted(console.engine.rows())
        chosen = [console.engine.view(one).ticket for one in rng.sample(rows, min(2, len(rows)))]
        two = [one for one in chosen if one is not None]
        wanted: list[ops.AnyOp]
        if len(two) < 2 or rng.random() < 0.5:
            new = author.new(subject="测试", channel="hotline", text="你好")
            made = ops.apply(None, new, new.at)
            call = self.new_id()
            wanted = [new, author.mark(made, call, "offered"), author.mark(made, call, "answered")]
        elif rng.random() < 0.4:
            wanted = [author.merge(two[0], two[1].id), author.link(two[1], two[0].id, kind="merged")]
        else:
            wanted = [author.note(two[0], self._words("note")), author.chase(two[1], text=self._words("chase"))]
        try:
            await console.engine.do_all(wanted)
        except (errors.Refused, errors.NeedsReview) as error:
            self.log.append(f"  {len(wanted)} operations declined: {error.code}")
            if console.held() & {op.uuid for op in wanted}:
                raise Wrong("a part of what was declined as a whole was kept") from error
            return
        except Killed:
            console.restart()
            if 0 < len(console.held() & {op.uuid for op in wanted}) < len(wanted):
                raise Wrong("a kill has torn operations apart") from None
            raise
        for op in wanted:
            self.intents[op.uuid] = str(op.__struct_config__.tag)
            self.log.append(f"  {op.uuid[-6:]} {op.__struct_config__.tag} on {op.ticket[-6:]}")

    async def _witness(self, console: Console) -> None:
        op = console.author.witness("secret-refused", kind="card", place=self.new_id())
        self.witnessed[op.uuid] = op.place
        await console.engine.do_all([op])
        self.intents[op.uuid] = "audit.witness"
        self.log.append(f"  {op.uuid[-6:]} witness")

    def _words(self, kind: str) -> str:
        # Letters only: a long number might be taken for a card's and be refused.
        return f"{kind} {''.join(self.rng.choices('abcdefgh', k=12))}"

    async def _round(self, console: Console) -> None:
        done = await console.engine.round()
        self.log.append(f"  {done.link} {done.code} pulled {done.pulled} pushed {done.pushed} pending {done.pending}")

    async def _claim(self, console: Console) -> None:
        rows = sorted(console.engine.rows())
        if not rows:
            return
        with contextlib.suppress(errors.RemoteError, errors.Refused):
            await console.engine.claim(self.rng.choice(rows))

    async def _keep(self, console: Console) -> None:
        """What an open console does by itself when it wakes up."""
        await console.engine.round()
        await console.engine.keep()
        self.log.append(f"  {console.engine.status().state} {console.engine.status().code}")

    async def _settle(self, console: Console) -> None:
        tray = console.engine.reviews()
        if not tray:
            return
        review = self.rng.choice(tray)
        self.excused.add(review.uuid)
        with contextlib.suppress(errors.Refused, errors.NeedsReview):
            before = {entry.item.uuid for entry in console.outbox.pending()}
            await console.engine.settle(review.uuid, self.rng.choice(("keep-theirs", "re-apply")))
            for entry in console.outbox.pending():
                if entry.item.uuid not in before:
                    self.intents[entry.item.uuid] = entry.item.name

    async def _restart(self, console: Console) -> None:
        console.restart()

    async def _save(self, _: Console) -> None:
        self.save_server()

    async def _restore(self, _: Console) -> None:
        if self.backup is not None:
            await self.restore_server()

    async def _rebuild(self, _: Console) -> None:
        await self.rebuild_server()

    async def _trim(self, _: Console) -> None:
        context = context_of(self.app)
        self.trimmed |= {uuid for uuid, state in self._outcomes().items() if state == "confirmed"}
        await feed.trim(context.db, 1 << 40)

    async def _copy(self, console: Console) -> None:
        """A backup of a console's folder, taken while it is closed."""
        console.kill()
        kept = self.folder / f"copy-of-{console.folder.name}"
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(console.folder, kept)
        self.caches[console.folder.name] = kept
        console.open()

    async def _rollback(self, console: Console) -> None:
        kept = self.caches.get(console.folder.name)
        if kept is None:
            return
        before = console.held()
        console.kill()
        shutil.rmtree(console.folder)
        shutil.copytree(kept, console.folder)
        console.open()
        # What only the lost cache knew is lost with it; it may or may not have reached the server.
        self.excused |= before - console.held()

    async def _clone(self, console: Console) -> None:
        if len(self.consoles) > 4:
            return
        console.kill()
        folder = self.folder / f"{console.folder.name}-clone{len(self.consoles)}"
        shutil.copytree(console.folder, folder)
        console.open()
        self.consoles.append(Console(self, console.name, folder))

    # How it must end

    async def _quiet(self) -> None:
        for _ in range(12):
            moved = 0
            for console in self.consoles:
                self.clock.seconds += 61
                done = await console.engine.round()
                moved += done.pulled + done.pushed + done.pending + (done.link != "online")
                self.log.append(f"quiet {console.folder.name} {done.link} {done.code} {done.message} p{done.pending}")
            if not moved:
                return
        raise Wrong("the consoles never come to rest")

    def _check(self) -> None:
        truth = self.server_docs()
        for console in self.consoles:
            held = {key: dict(doc) for key, doc in console.db.table("tickets").raw().items()}
            if held != truth:
                which = sorted(_differs(held, truth))
                here, there = held.get(which[0]), truth.get(which[0])
                raise Wrong(f"{console.folder.name} differs from the server in {which}: {here} but {there}")
            if dict(console.engine.rows()) != {key: queue.row(doc) for key, doc in truth.items()}:
                raise Wrong(f"{console.folder.name} shows other rows than it holds")
        for doc in truth.values():
            ids = [entry["id"] for entry in doc["timeline"]]  # type: ignore[index,attr-defined]
            if len(ids) != len(set(ids)):
                raise Wrong(f"something happened twice on {doc['id']}")
        done = {entry["id"] for doc in truth.values() for entry in doc["timeline"]}  # type: ignore[index,attr-defined]
        tray = {review.uuid for console in self.consoles for review in console.engine.reviews()}
        outcomes = self._outcomes()
        for uuid in self.intents.keys() - self.excused - done - tray:
            # What changed nothing leaves no mark on a ticket, but the server has written it down; words always leave one.
            recorded = outcomes.get(uuid) == "confirmed" or uuid in self.trimmed
            if self.intents[uuid] in LASTING or not recorded:
                raise Wrong(f"{self.intents[uuid]} {uuid} is neither on its ticket nor in front of anybody")

        self._check_audit()

    def _check_audit(self) -> None:
        """Every witness stands in the audit log of the history that is left, once."""
        with contextlib.closing(sqlite3.connect(self.database)) as connection:
            rows = connection.execute("select about from audit where what = 'secret-refused'").fetchall()
        told = Counter(about.split()[-1] for (about,) in rows)
        for uuid, place in self.witnessed.items():
            if told[place] > 1:
                raise Wrong(f"witness {uuid} is told {told[place]} times")
            if not told[place] and uuid in self.intents and uuid not in self.excused:
                raise Wrong(f"witness {uuid} is lost")

    def _outcomes(self) -> dict[str, str]:
        """Operations that changed nothing leave no mark on the ticket, but the server has written them down."""
        with contextlib.closing(sqlite3.connect(self.database)) as connection:
            return dict(connection.execute("select uuid, state from mutations").fetchall())


def _differs(one: dict[str, object], other: dict[str, object]) -> set[str]:
    return {key for key in one.keys() | other.keys() if one.get(key) != other.get(key)}


class _Template:
    def __init__(self, folder: Path) -> None:
        self.database = folder / "template.db"
        self.tokens: dict[str, str] = {}


_made: list[_Template] = []


def _template() -> _Template:
    """A database with its users, made once: the migrations would take most of a world's time."""
    return _made[0]


@contextlib.contextmanager
def worlds() -> Iterator[Path]:
    """A folder for worlds, in memory where the machine has such a place: this is about the protocol, not about the disk."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        folder = Path(name)
        template = _Template(folder)
        server_db.upgrade(str(template.database))

        async def users() -> None:
            for user in ("wang", "li", "zhao"):
                template.tokens[user] = (await add_user(str(template.database), user, "supervisor")).token

        asyncio.run(users())
        with contextlib.closing(sqlite3.connect(template.database)) as connection:
            connection.execute("pragma wal_checkpoint(truncate)")
        _made[:] = [template]
        yield folder


def simulate(seed: int, folder: Path, *, steps: int = STEPS, fault: float = FAULT, mutant: str = "") -> World:
    """Runs one world to its end; ``Wrong`` where it broke a promise, with the world's log as its notes."""
    home = folder / f"seed-{seed}"
    home.mkdir()
    world = World(seed, home, steps=steps, fault=fault, mutants=frozenset({mutant} - {""}))
    try:
        asyncio.run(world.run())
    except Exception as error:
        error.add_note("\n".join(world.log))
        raise
    finally:
        shutil.rmtree(home)
    return world


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--start", type=int, default=1)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--mutant", default="", choices=("", *MUTANTS))
    parser.add_argument("--log", action="store_true", help="print what happened in the worlds that failed")
    asked = parser.parse_args()
    failed = []
    began = time.perf_counter()
    with worlds() as folder:
        for seed in range(asked.start, asked.start + asked.seeds):
            try:
                simulate(seed, folder, steps=asked.steps, mutant=asked.mutant)
            except Exception as error:
                failed.append(seed)
                print(f"seed {seed}: {type(error).__name__}: {error}")
                if asked.log:
                    print("\n".join(getattr(error, "__notes__", ())))
    print(
        f"{asked.seeds} worlds, {len(failed)} failed {failed[:20]}, {asked.seeds / (time.perf_counter() - began):.2f}/s"
    )
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
