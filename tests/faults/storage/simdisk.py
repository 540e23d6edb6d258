"""A disk in memory that can refuse any call, outlive a killed program, and lose power at any moment."""

from __future__ import annotations

import errno
import itertools
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from okpay_console.local.disk import Disk

Piece = tuple[int, bytes]
"""Bytes at an offset that one sector holds; offset -1: the file is cut to ``int(bytes)``."""


class Killed(BaseException):
    """kill -9 at this very call; no handler of the program runs to its end."""


class Inode:
    """A file's bytes as programs see them, as the platter has them, and the writes in between."""

    def __init__(self, data: bytes = b"") -> None:
        self.data = bytearray(data)
        self.durable = bytes(data)
        self.unsynced: list[Piece] = []


class NoLock:
    def release(self) -> None:
        pass


class SimDisk(Disk):
    """Files in memory. ``fault`` is asked before each call and may raise, or return where a write's bytes end (a slice's end).

    ``sector``: what reaches the platter whole; a real one has 512 bytes, and a small one makes small records tear too.
    ``extents``: what stood on the platter before; it shows where a sector that made a file longer was not written.
    """

    def __init__(self, files: dict[Path, bytes] | None = None, *, sector: int = 64, extents: bytes = b"") -> None:
        self.names: dict[Path, Inode] = {path: Inode(data) for path, data in (files or {}).items()}
        self.durable_names = dict(self.names)
        self.renamed: list[Callable[[dict[Path, Inode]], None]] = []
        self.fds: dict[int, Inode] = {}
        self.sector = sector
        self.extents = extents
        self.calls = 0
        self.dead = False
        self.fault: Callable[[str, int], int | None] = lambda call, number: None
        self.watch: Callable[[], None] = lambda: None

    def _call(self, name: str) -> int | None:
        if self.dead:
            raise Killed
        self.calls += 1
        self.watch()
        try:
            return self.fault(name, self.calls)
        except Killed:
            self.dead = True
            raise

    def revive(self) -> None:
        """The next program on the same machine: what the last one wrote is in the page cache, synced or not."""
        self.dead = False
        self.fds.clear()
        self.fault = lambda call, number: None

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
        inode.durable = replayed(inode.durable, inode.unsynced)
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
        inode = self.names[source]

        def change(names: dict[Path, Inode]) -> None:
            # What reaches the platter is the entry that names this inode, whatever the source was called before.
            names[target] = inode
            if names.get(source) is inode:
                del names[source]

        self._name(change)

    def remove(self, path: Path) -> None:
        self._call("remove")
        if path in self.names:
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

    def power_cuts(self, chance: random.Random, *, more: int = 2, most: int = 0) -> Iterator[dict[Path, bytes]]:
        """Disks as they may look when the power fails now: any unsynced sector and any unsynced name may be missing.

        Every one of them where there are at most ``most``; else, for all names, none and some: all sectors, none, ``more``
        samples, and one in which sectors were written in part.
        """
        some = [chance.random() < 0.5 for _ in self.renamed]
        few = 2 ** len(self.renamed) <= min(most, 16)
        every = list(itertools.product((True, False), repeat=len(self.renamed))) if few else None
        for kept in every or ([True] * len(self.renamed), [False] * len(self.renamed), some):
            names = dict(self.durable_names)
            for change, there in zip(self.renamed, kept, strict=True):
                if there:
                    change(names)
            inodes = dict.fromkeys(names.values())
            number = sum(len(list(sectors(inode.unsynced, self.sector))) for inode in inodes)
            if every is not None and 2**number * len(every) <= most:
                for fates in itertools.product((True, False), repeat=number):
                    yield self._image(names, iter(fates).__next__)
                continue
            for keep in (lambda: True, lambda: False, *[lambda: chance.random() < 0.5] * more):
                yield self._image(names, keep)
            if more and number:
                yield self._image(names, lambda: chance.random() < 0.5, tear=chance)

    def _image(
        self, names: dict[Path, Inode], keep: Callable[[], bool], *, tear: random.Random | None = None
    ) -> dict[Path, bytes]:
        made = {inode: self._written(inode, keep, tear) for inode in dict.fromkeys(names.values())}
        return {path: made[inode] for path, inode in names.items()}

    def _written(self, inode: Inode, keep: Callable[[], bool], tear: random.Random | None) -> bytes:
        kept, lost = [], []
        for offset, piece in sectors(inode.unsynced, self.sector):
            if keep():
                kept.append((offset, piece))
            elif offset >= 0:
                lost.append((offset, len(piece)))
                if tear is not None:
                    kept.append((offset, piece[: tear.randrange(len(piece) + 1)]))
        image = bytearray(replayed(inode.durable, kept))
        for offset, size in lost if self.extents and tear is None else ():
            for place in range(max(offset, len(inode.durable)), min(offset + size, len(image))):
                image[place] = self.extents[place % len(self.extents)]
        return bytes(image)


def put(data: bytearray, offset: int, piece: bytes) -> None:
    if piece and offset > len(data):
        data.extend(bytes(offset - len(data)))
    data[offset : offset + len(piece)] = piece


def cut(data: bytearray, size: int) -> None:
    del data[size:]
    data.extend(bytes(size - len(data)))


def replayed(durable: bytes, writes: list[Piece]) -> bytes:
    data = bytearray(durable)
    for offset, piece in writes:
        if offset < 0:
            cut(data, int(piece))
        else:
            put(data, offset, piece)
    return bytes(data)


def sectors(writes: list[Piece], size: int) -> Iterator[Piece]:
    for offset, piece in writes:
        if offset < 0:
            yield offset, piece
            continue
        start = 0
        while start < len(piece):
            stop = start + size - (offset + start) % size
            yield offset + start, piece[start:stop]
            start = stop
