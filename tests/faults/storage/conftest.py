"""A disk in memory that can fail at any call and lose power at any moment, and a workload to run on it."""

from __future__ import annotations

import copy
import errno
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from okpay_console.errors import OkpayError, StoreBroken
from okpay_console.local.database import OkDB
from okpay_console.local.disk import Disk
from okpay_console.local.record import Change

STORE = Path("/sim/cache.okdb")
SECTOR = 64  # smaller than a real one (512), so that small records tear too

Tables = dict[str, dict[str, Any]]


class Inode:
    """A file's bytes as programs see them, as the platter has them, and the writes in between."""

    def __init__(self, data: bytes = b"") -> None:
        self.data = bytearray(data)
        self.durable = bytes(data)
        self.unsynced: list[tuple[int, bytes]] = []  # (offset, bytes); offset -1: cut to int(bytes)


class NoLock:
    def release(self) -> None:
        pass


class SimDisk(Disk):
    """Files in memory. ``fault`` is asked before each call and may raise, or return where a write's bytes end (a slice's end)."""

    def __init__(self, files: dict[Path, bytes] | None = None) -> None:
        self.names: dict[Path, Inode] = {path: Inode(data) for path, data in (files or {}).items()}
        self.durable_names = dict(self.names)
        self.renamed: list[Callable[[dict[Path, Inode]], None]] = []
        self.fds: dict[int, Inode] = {}
        self.calls = 0
        self.fault: Callable[[str, int], int | None] = lambda call, number: None
        self.watch: Callable[[], None] = lambda: None

    def _call(self, name: str) -> int | None:
        self.calls += 1
        self.watch()
        return self.fault(name, self.calls)

    def _name(self, change: Callable[[dict[Path, Inode]], None]) -> None:
        change(self.names)
        self.renamed.append(change)

    def make_dir(self, path: Path) -> None:
        self._call("make_dir")

    def lock(self, path: Path, *, program: str) -> Any:
        return NoLock()

    def open(self, path: Path, *, write: bool = False, fresh: bool = False) -> int:
        self._call("open")
        if fresh:
            inode = Inode()
            self._name(lambda names: names.__setitem__(path, inode))
        elif path not in self.names:
            raise FileNotFoundError(errno.ENOENT, "no such file")
        fd = max(self.fds, default=2) + 1
        self.fds[fd] = self.names[path]
        return fd

    def read(self, fd: int, offset: int = 0) -> bytes:
        self._call("read")
        return bytes(self.fds[fd].data[offset:])

    def write(self, fd: int, data: memoryview, offset: int) -> int:
        most = self._call("write")
        piece = bytes(data if most is None else data[:most])
        inode = self.fds[fd]
        put(inode.data, offset, piece)
        inode.unsynced.append((offset, piece))
        return len(piece)

    def sync(self, fd: int) -> None:
        inode = self.fds[fd]
        try:
            self._call("sync")
        except OSError:
            # What Linux does: the pages count as clean from now on, and nobody will ever write them.
            inode.unsynced.clear()
            raise
        for offset, piece in inode.unsynced:
            inode.durable = replayed(inode.durable, [(offset, piece)])
        inode.unsynced.clear()

    def sync_dir(self, path: Path) -> None:
        self._call("sync_dir")
        self.durable_names = dict(self.names)
        self.renamed.clear()

    def size(self, fd: int) -> int:
        return len(self.fds[fd].data)

    def truncate(self, fd: int, size: int) -> None:
        self._call("truncate")
        inode = self.fds[fd]
        cut(inode.data, size)
        inode.unsynced.append((-1, str(size).encode()))

    def rename(self, source: Path, target: Path) -> None:
        self._call("rename")
        self._name(lambda names: names.__setitem__(target, names.pop(source)) if source in names else None)

    def remove(self, path: Path) -> None:
        self._call("remove")
        self._name(lambda names: names.pop(path, None) and None)

    def exists(self, path: Path) -> bool:
        return path in self.names

    def identity(self, file: int | Path) -> tuple[int, int]:
        return 0, id(self.fds[file] if isinstance(file, int) else self.names[file])

    def close(self, fd: int) -> None:
        self._call("close")
        self.fds.pop(fd, None)

    def files(self) -> dict[Path, bytes]:
        """What a program started now would see: a crash of the program, not of the machine."""
        return {path: bytes(inode.data) for path, inode in self.names.items()}

    def power_cuts(self, chance: random.Random, *, more: int = 2) -> Iterator[dict[Path, bytes]]:
        """Disks as they may look when the power fails now: any unsynced sector and any unsynced name may be missing."""
        for keep_names in (self.renamed, [], [one for one in self.renamed if chance.random() < 0.5]):
            names = dict(self.durable_names)
            for change in keep_names:
                change(names)
            for keep in (lambda: True, lambda: False, *[lambda: chance.random() < 0.5] * more):
                image = {}
                for path, inode in names.items():
                    kept = [piece for piece in sectors(inode.unsynced) if keep()]
                    image[path] = replayed(inode.durable, kept)
                yield image


def put(data: bytearray, offset: int, piece: bytes) -> None:
    if piece and offset > len(data):
        data.extend(bytes(offset - len(data)))
    data[offset : offset + len(piece)] = piece


def cut(data: bytearray, size: int) -> None:
    del data[size:]
    data.extend(bytes(size - len(data)))


def replayed(durable: bytes, writes: list[tuple[int, bytes]]) -> bytes:
    data = bytearray(durable)
    for offset, piece in writes:
        if offset < 0:
            cut(data, int(piece))
        else:
            put(data, offset, piece)
    return bytes(data)


def sectors(writes: list[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    for offset, piece in writes:
        if offset < 0:
            yield offset, piece
            continue
        start = 0
        while start < len(piece):
            stop = start + SECTOR - (offset + start) % SECTOR
            yield offset + start, piece[start:stop]
            start = stop


class Bench:
    """Runs the same transactions on any disk, keeping beside it what the store has confirmed."""

    def __init__(self, disk: SimDisk, *, seed: int = 1, floor: int = 1500) -> None:
        self.disk = disk
        self.floor = floor
        self.chance = random.Random(seed)
        self.acked: Tables = {}
        self.next: Tables = {}  # as it would be with the transaction under way
        self.history: list[Tables] = [{}]
        self.db: OkDB | None = None

    def open(self) -> OkDB:
        self.db = OkDB(STORE, fs=self.disk)
        self.db.journal.floor = self.floor
        return self.db

    def step(self) -> None:
        """One transaction: an update, a page with its cursor, or a row's way from draft to outbox."""
        assert self.db is not None
        chance, kind = self.chance, self.chance.randrange(4)
        text = "客户说“已扣款”" * chance.randrange(1, 8)
        if kind == 0:
            changes = {"outbox": Change(put={str(chance.randrange(9)): {"text": text}})}
        elif kind == 1:
            page = {str(chance.randrange(30)): {"n": chance.random(), "text": text} for _ in range(5)}
            changes = {"tickets": Change(put=page), "meta": Change(put={"cursor": {"c": chance.randrange(10**6)}})}
        elif kind == 2:
            doc_id = str(chance.randrange(9))
            changes = {"drafts": Change(delete=[doc_id]), "outbox": Change(put={doc_id: {"text": text}})}
        else:
            changes = {"outbox": Change(delete=[str(chance.randrange(9))]), "drafts": Change(put={"0": {"t": text}})}
        self.next = copy.deepcopy(self.acked)
        for name, change in changes.items():
            rows = self.next.setdefault(name, {})
            for doc_id in change.delete:
                rows.pop(doc_id, None)
            rows.update(copy.deepcopy(change.put))
        self.db.write(changes)
        self.acked = self.next
        self.history.append(self.acked)

    def try_step(self) -> OkpayError | None:
        """A step whose failure is caught; the store must then show exactly what it had confirmed."""
        assert self.db is not None
        try:
            self.step()
        except OkpayError as cause:
            assert (self.db.journal.read() or {}) == self.acked, "a failed commit is visible"
            return cause
        return None


def reopened(files: dict[Path, bytes]) -> tuple[Tables, str]:
    """The state and the kind of recovery after opening these files on a healthy disk."""
    db = OkDB(STORE, fs=SimDisk(files))
    try:
        return db.journal.read() or {}, db.recovery.kind
    finally:
        db.close()


def explore(disk: SimDisk, *, seed: int, steps: int = 25, more: int = 2) -> tuple[int, int]:
    """Cut the power at every call of a run; returns the number of disks looked at, and of those with a wrong state."""
    bench = Bench(disk, seed=seed)
    looked = wrong = 0
    images = random.Random(seed)

    def watch() -> None:
        nonlocal looked, wrong
        for image in disk.power_cuts(images, more=more):
            looked += 1
            try:
                state, kind = reopened(image)
            except OkpayError:
                wrong += 1
                continue
            if kind == "rot" or (state != bench.acked and state != bench.next):
                wrong += 1

    bench.open()
    disk.watch = watch
    for _ in range(steps):
        cause = bench.try_step()
        if isinstance(cause, StoreBroken):
            watch()
            break
        watch()
    return looked, wrong


class Kit:
    """What the tests of this folder share."""

    Disk = SimDisk
    Bench = Bench
    store = STORE
    reopened = staticmethod(reopened)
    explore = staticmethod(explore)


@pytest.fixture(scope="session")
def kit() -> type[Kit]:
    return Kit
