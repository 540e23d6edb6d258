"""One world: a seed, a server, consoles, and what happens to them until all is quiet."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import update

from okpay_console import errors
from okpay_console.domain.ids import uuid7
from okpay_console.domain.wire import Problem
from okpay_console.server.schema import users

from . import checks, trouble, work
from .backends import Direct, Http, drop
from .clocks import MachineClock, VirtualClock
from .console import Console
from .database import PEOPLE
from .faults import LIGHT, SHUT, Killed, Mix, ServerKilled, Wrong
from .mutants import installed
from .network import Network

Event = Callable[["World", Console], Awaitable[None]]
Plan = Sequence[tuple[Event, int]]
WEIGHTS: dict[Event, float] = {
    work.do: 38, work.make: 2, work.do_all: 10, work.witness: 4, work.poison: 2, work.tell: 10, work.draft: 3,
    work.round: 30, work.claim: 8, work.keep: 12, work.settle: 6,
    trouble.restart: 4, trouble.arrive: 8, trouble.late: 4,
    trouble.save: 4, trouble.restore: 3, trouble.rebuild: 0.7, trouble.trim: 3,
    trouble.bring: 3, trouble.bury: 2, trouble.copy: 4, trouble.rollback: 3, trouble.clone: 1, trouble.jump: 2,
    trouble.shut: 2, trouble.night: 0.7,
    trouble.scope: 2, trouble.role: 1.5, trouble.disable: 1.5, trouble.expire: 1.5, trouble.sign_in: 5,
}  # fmt: skip
FAULTS = frozenset(WEIGHTS) - {
    *(event for event in WEIGHTS if event.__module__ == work.__name__),
    trouble.arrive, trouble.save, trouble.copy, trouble.bring, trouble.sign_in,
}  # fmt: skip
ROUNDS = 14
"""So many times everybody is asked in the quiet until nothing moves any more; a relist is waited for a minute."""


class World:
    """``folder``: the server is the whole application over a file in it, and so are the consoles' stores; None: all in memory."""

    def __init__(self, seed: int, *, mix: Mix = LIGHT, mutant: str = "", folder: Path | None = None) -> None:
        self.rng = random.Random(seed)
        self.mix, self.mutant = mix, mutant
        self.folder = folder or Path()
        self.clock = VirtualClock()
        self.network = Network(self)
        self.stale = () if folder else ("/v1/sync", "/v1/daybook")
        self.faults = False
        self.log: list[str] = []
        self.server: Any = (
            Http(MachineClock(self.clock), folder)
            if folder
            else Direct(MachineClock(self.clock), page=self.page, crash=self.crash)
        )
        self.consoles: list[Console] = []
        self.intents: dict[str, str] = {}
        self.witnessed: dict[str, str] = {}
        self.poison: dict[str, str] = {}
        self.shut = 0
        self.told: dict[str, str] = {}
        self.moved: set[str] = set()
        self.excused: set[str] = set()
        self.trimmed: set[str] = set()
        self.backups: list[bytes] = []
        self.images: dict[str, Any] = {}
        self.met: Counter[str] = Counter()
        self.histories = 1
        self._counted = 0
        self._page = self.rng.choice(mix.page)

    # Chance

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def new_id(self) -> str:
        return uuid7(int(self.clock.now().timestamp() * 1000), self.rng.randbytes(10))

    def words(self, kind: str) -> str:
        # Letters only: a long number might be taken for a card's and be refused.
        return f"{kind} {''.join(self.rng.choices('abcdefgh', k=12))}"

    def count(self) -> int:
        self._counted += 1
        return self._counted

    def page(self) -> int:
        """Rows of the next page."""
        return self.rng.choice(self.mix.page) if self.faults else self._page

    def doom(self) -> None:
        """A console may die here."""
        if self.faults and self.chance(self.mix.kill):
            raise Killed

    def crash(self) -> None:
        """The server may die here."""
        if self.faults and self.chance(self.mix.crash):
            raise ServerKilled

    def turned_away(self, body: bytes) -> Problem | None:
        """How a server answers a push that it refuses as a whole, or fails on: one that takes none, or cannot read an item."""
        if self.shut and self.faults:
            self.met["push refused"] += 1
            return Problem("/problems/shut", SHUT, self.shut)
        if "whole" in self.poison.values():
            sent = {item["uuid"] for item in msgspec.json.decode(body)["items"]}
            if any(self.poison.get(uuid) == "whole" for uuid in sent):
                return Problem("/problems/bad-request", "A mutation cannot be read.", 422)
        return None

    def poisoned(self, body: bytes) -> bytes:
        """A push in which some items can never be taken: of a newer console's kind, with spoilt arguments, on no ticket's id."""
        if not self.poison:
            return body
        push = msgspec.json.decode(body)
        for item in push["items"]:
            match self.poison.get(item["uuid"]):
                case "name":
                    item["name"] = "ticket.of-tomorrow"
                case "args":
                    item["args"] = {"text": [1, {"deep": None}]}
                case "id":
                    item["id"] = "no such id"
        return msgspec.json.encode(push)

    def people(self) -> list[tuple[str, str, str]]:
        """Name, role and queues of everybody, as the server has them."""
        return list(self.server.rows("select name, role, queues from users order by name"))

    # What happens

    async def run(self, plan: Plan = ()) -> None:
        """``plan``: what happens to which console, in place of chance."""
        for name in PEOPLE[: self.mix.people]:
            self.consoles.append(Console(self, name, name, folder=self.folder / name if self.folder.name else None))
        if not self.mix.only:
            await trouble.settle_in(self)
        try:
            self.faults = True
            for event, who in plan or self._by_chance():
                await self._step(event, self.consoles[who])
            self.faults = False
            await self._quiet()
            checks.ended_well(self)
        finally:
            for console in self.consoles:
                console.kill()
            await self.server.stop()

    def _by_chance(self) -> Iterator[tuple[Event, int]]:
        standard = 0 if self.mix.only else 1
        weights = [self.mix.events.get(event.__name__, weight * standard) for event, weight in WEIGHTS.items()]
        for _ in range(self.mix.steps):
            yield self.rng.choices(list(WEIGHTS), weights)[0], self.rng.randrange(len(self.consoles))

    async def _step(self, event: Event, console: Console) -> None:
        self.clock.seconds += self.rng.uniform(0, 90)
        self.log.append(f"{self.clock.seconds:.0f} {console.name} {event.__name__}")
        if event in FAULTS:
            self.met[event.__name__] += 1
        try:
            await event(self, console)
        except Killed:
            self.revive(console)
        checks.told_the_truth(self, console)

    def revive(self, console: Console) -> None:
        """The console was killed, perhaps with its machine, and is started again."""
        self.met["console killed"] += 1
        self.log.append("  killed")
        # Whether the page that it was about to write got to its disk is known to nobody.
        console.history = 0
        standing, self.faults = self.faults, False
        console.restart(power=self.chance(self.mix.power))
        self.faults = standing

    async def _quiet(self) -> None:
        """No more faults: the delayed arrives, everybody is let in, and all come to rest."""
        await self.network.arrive()
        await self.server.write(lambda conn: conn.execute(update(users).values(disabled=False)))
        for console in self.consoles:
            await trouble.anew(self, console)
        for _ in range(ROUNDS):
            began = self._standing()
            awake = [console.name for console in self.consoles if not await self._rest(console)]
            if not awake and self._standing() == began:
                break
        else:
            raise Wrong("the consoles never come to rest")
        # Whoever is at rest stays so.
        console = self.rng.choice(self.consoles)
        done = await console.round()
        if done.pulled or done.pushed or self._standing() != began:
            raise Wrong(f"{console.name} does not stay at rest")

    async def _rest(self, console: Console) -> bool:
        """Whether a round leaves this console with nothing to send and nothing to wait for."""
        self.clock.seconds += 61
        done = await console.round()
        self.log.append(f"quiet {console.name} {done.link} {done.code} {done.message} p{done.pending}")
        try:
            await console.engine.read_floor()
        except errors.RemoteError as error:
            self.log.append(f"  {error.code}")
            return False
        checks.told_the_truth(self, console)
        return done.link == "online" and not done.pending and not console.engine.telling()

    def _standing(self) -> object:
        """Where the server's history stands: while that does not change, whoever has read it all has nothing to fetch."""
        return self.server.rows("select seq, (select max(seq) from daybook), (select count(*) from log) from sync_head")


def simulate(seed: int, *, mix: Mix = LIGHT, mutant: str = "", plan: Plan = (), folder: Path | None = None) -> World:
    """Runs one world to its end; ``Wrong`` where it broke a promise, with the world's log as its notes."""
    home = folder / f"seed-{seed}" if folder else None
    if home:
        home.mkdir()
    with installed(mutant):
        world = World(seed, mix=mix, mutant=mutant, folder=home)
        try:
            asyncio.run(world.run(plan))
        except Exception as error:
            error.add_note("\n".join(world.log))
            raise
        finally:
            if home:
                drop(home)
    return world
