"""A console's disk in memory, that remembers what was synced and can lose the rest."""

from __future__ import annotations

import errno
import random
from collections.abc import Callable
from pathlib import Path

from okpay_console.local.disk import Disk


class _File:
    def __init__(self, number: int, data: bytes = b"") -> None:
        self.number = number
        self.data = bytearray(data)
        self.synced = data


class _Free:
    def release(self) -> None:
        """Nobody else can come to this disk."""


class MemoryDisk(Disk):
    """Files by name. ``crash`` is asked at each write and sync, whether the machine goes down at that very moment."""

    def __init__(self, crash: Callable[[], None], rng: random.Random) -> None:
        self.crash, self.rng = crash, rng
        self.names: dict[str, _File] = {}
        self.durable: dict[str, _File] = {}
        self._open: dict[int, _File] = {}
        self._next = 3

    def copy(self) -> MemoryDisk:
        """Another disk with the same bytes, all of them synced, as a backup program would leave it."""
        other = MemoryDisk(self.crash, self.rng)
        other.names = {name: _File(file.number, bytes(file.data)) for name, file in self.names.items()}
        other.durable = dict(other.names)
        return other

    def fail(self, *, power: bool) -> None:
        """The process is gone; with the power too, of what was not synced only a beginning is left, or nothing."""
        self._open.clear()
        if not power:
            return
        self.names = dict(self.durable)
        for file in self.names.values():
            common = 0
            if file.data != file.synced:
                common = _common(file.data, file.synced)
                tail = bytes(file.data[common:])
                kept = self.rng.randint(0, len(tail)) if tail else 0
                # Either the end that was written got there in part, or the old one is still there.
                file.data = bytearray(file.synced if self.rng.random() < 0.5 else file.data[:common] + tail[:kept])
                file.synced = bytes(file.data)

    # What the journal asks

    def make_dir(self, path: Path) -> None:
        """There is only one folder."""

    def lock(self, path: Path, *, program: str) -> _Free:  # type: ignore[override]
        return _Free()

    def open(self, path: Path, *, write: bool = False, fresh: bool = False) -> int:
        if fresh:
            self._next += 1
            self.names[path.name] = _File(self._next)
        elif path.name not in self.names:
            raise FileNotFoundError(errno.ENOENT, "no such file")
        self._next += 1
        self._open[self._next] = self.names[path.name]
        return self._next

    def read(self, fd: int, offset: int = 0) -> bytes:
        return bytes(self._open[fd].data[offset:])

    def write(self, fd: int, data: memoryview, offset: int) -> int:
        file = self._open[fd]
        try:
            self.crash()
        except BaseException:
            some = data[: self.rng.randint(0, len(data))]
            file.data[offset : offset + len(some)] = some
            raise
        file.data[offset : offset + len(data)] = data
        return len(data)

    def sync(self, fd: int) -> None:
        self.crash()
        file = self._open[fd]
        file.synced = bytes(file.data)
        self.crash()

    def sync_dir(self, path: Path) -> None:
        self.crash()
        self.durable = dict(self.names)

    def size(self, fd: int) -> int:
        return len(self._open[fd].data)

    def truncate(self, fd: int, size: int) -> None:
        del self._open[fd].data[size:]

    def rename(self, source: Path, target: Path) -> None:
        self.names[target.name] = self.names.pop(source.name)

    def remove(self, path: Path) -> None:
        self.names.pop(path.name, None)

    def exists(self, path: Path) -> bool:
        return path.name in self.names

    def identity(self, file: int | Path) -> tuple[int, int]:
        found = self._open[file] if isinstance(file, int) else self.names[file.name]
        return 0, found.number

    def close(self, fd: int) -> None:
        self._open.pop(fd, None)


def _common(one: bytes | bytearray, other: bytes) -> int:
    """How many bytes both begin with."""
    if one[: len(other)] == other:
        return len(other)
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
