"""A console that can be killed at any moment and started again from its disk."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from okpay_console.domain import ops
from okpay_console.domain.author import Author
from okpay_console.domain.wire import Page
from okpay_console.local.database import OkDB
from okpay_console.local.drafts import Drafts
from okpay_console.local.record import Changes
from okpay_console.local.store import PRECIOUS, open_store
from okpay_console.remote.api import Api
from okpay_console.sync.disk import Disk
from okpay_console.sync.engine import Engine, Round

from .backends import Direct
from .clocks import MachineClock
from .disks import MemoryDisk
from .mutants import SimMirror, SimOutbox
from .network import DirectApi, Wire

if TYPE_CHECKING:
    from .world import World

STORE = Path("store")


class Console:
    """One user's console. Its store is a file in ``folder``, or a disk in memory where there is none."""

    def __init__(self, world: World, user: str, name: str, *, folder: Path | None = None, disk: Any = None) -> None:
        self.world, self.user, self.name = world, user, name
        self.folder = folder
        self.disk = disk or MemoryDisk(world.doom, world.rng)
        self.clock = MachineClock(world.clock)
        self.complete_at: float | None = None
        self.misled = self.wrong = False
        self._deceived = False
        self.history = 0
        self.standing: tuple[int, dict[str, int]] = (0, {})
        self.drafted: dict[str, str] = {}
        self.open()

    def open(self) -> None:
        """A process with nothing in its memory but what the disk holds."""
        world = self.world
        if self.folder is None:
            self.db = OkDB(STORE, fs=self.disk, salvage=PRECIOUS)
        else:
            self.db = open_store(self.folder / "store")
        self.opened_at = world.clock.seconds
        self.mirror = SimMirror(self.db, mutant=world.mutant, seen=self._seen)
        self.outbox = SimOutbox(self.db, mint=world.new_id, mutant=world.mutant)
        self.author = Author(self.user, world.new_id, self.clock.now)
        self.drafts = Drafts(self.mirror.store)
        disk = Disk(self.mirror.store, writer=self._write)
        self.commit = disk.commit
        self.engine = Engine(
            api=self.door(),
            mirror=self.mirror,
            outbox=self.outbox,
            author=self.author,
            rules=ops.NO_RULES,
            clock=self.clock,
            rng=world.rng,
            disk=disk,
            drafts=self.drafts,
        )
        self.author = self.engine.author
        self.engine.rows()

    def door(self) -> Api:
        """A way to the server with the token that this console's person has now."""
        world = self.world
        token = world.server.tokens[self.user]
        if isinstance(world.server, Direct):
            return DirectApi(world, world.server, token, deceive=self.deceive)
        return Api("http://localhost", token, transport=Wire(world, world.server), timeout=60)

    async def _write(self, changes: Changes) -> None:
        world = self.world
        world.doom()
        if world.mutant == "two-records":
            for name in sorted(changes):
                self.mirror.store.commit({name: changes[name]})
                world.doom()
            return
        self.mirror.store.commit(changes)
        world.doom()

    def kill(self) -> None:
        self.db.close()

    def restart(self, *, power: bool = False) -> None:
        """The process ends without a word, with the machine's power or not, and is started again."""
        self.kill()
        if self.folder is None:
            self.disk.fail(power=power)
        self.open()

    # Its disk as a thing that can be copied

    def image(self) -> Any:
        """What a backup program finds while the console is closed."""
        if self.folder is None:
            return self.disk.copy()
        self.kill()
        kept = self.world.folder / f"copy-{self.world.count()}"
        shutil.copytree(self.folder, kept)
        self.open()
        return kept

    def put_back(self, image: Any) -> None:
        """The disk is again what it was."""
        self.kill()
        if self.folder is None:
            self.disk = image.copy()
        else:
            shutil.rmtree(self.folder)
            shutil.copytree(image, self.folder)
        self.open()

    def clone(self, name: str) -> Console:
        """Another machine with a copy of this one's disk, at work for the same person."""
        image = self.image()
        other = Console(self.world, self.user, name, disk=image) if self.folder is None else None
        other = other or Console(self.world, self.user, name, folder=image)
        other.drafted = other.unfinished()
        return other

    # What it knows

    def held(self) -> set[str]:
        """Every operation and line that this disk still knows."""
        tables = ("outbox", "acked", "reviews", "told")
        return {uuid for name in tables for uuid in self.db.table(name).raw()}

    def unfinished(self) -> dict[str, str]:
        """The drafts on this disk, by ticket."""
        return {ticket: text for (ticket, _), text in self.drafts.of(self.user).items()}

    def now(self) -> datetime:
        return self.engine.now()

    async def round(self) -> Round:
        return await self.engine.round()

    def deceive(self) -> None:
        """The next answer is an old one, and the server's time in it too."""
        self._deceived = True

    def _seen(self, page: Page) -> None:
        """A page was taken, and with it the server's time."""
        if self._deceived:
            self._deceived, self.misled = False, True
        elif not page.more:
            self.complete_at, self.misled, self.history = self.world.clock.seconds, False, self.world.histories
