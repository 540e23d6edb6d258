"""The few file operations that the store needs, in one object that a test can replace by a failing disk."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

from okpay_console.errors import StoreError, StoreFull
from okpay_console.local.lock import Lock

FULL = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})
"""No room: the disk is full, the quota is used up, or the file system takes no larger file."""

_CHUNK = 1 << 26


class Disk:
    """The real operating system. Every method raises ``OSError`` and nothing else; descriptors are plain integers."""

    def make_dir(self, path: Path) -> None:
        """Create ``path`` and its missing parents for this user alone, and make their names durable."""
        missing = [folder for folder in (path, *path.parents) if not folder.exists()]
        for folder in reversed(missing):
            folder.mkdir(mode=0o700, exist_ok=True)
            self.sync_dir(folder.parent)

    def lock(self, path: Path, *, program: str) -> Lock:
        """Take the store's lock; raises ``StoreBusy`` when another process has it."""
        return Lock(path, program=program)

    def open(self, path: Path, *, write: bool = False, fresh: bool = False) -> int:
        """Open for reading, for reading and writing, or as a new empty file of mode 0600."""
        flags = os.O_RDWR if write or fresh else os.O_RDONLY
        if fresh:
            flags |= os.O_CREAT | os.O_TRUNC
        return os.open(path, flags | getattr(os, "O_BINARY", 0), 0o600)

    def read(self, fd: int, offset: int = 0) -> bytes:
        """Every byte from ``offset`` to the end, as it is now."""
        os.lseek(fd, offset, os.SEEK_SET)
        parts: list[bytes] = []
        wanted = max(self.size(fd) - offset, 0) + 1
        while part := os.read(fd, min(wanted, _CHUNK)):
            parts.append(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def write(self, fd: int, data: memoryview, offset: int) -> int:
        """Write at ``offset``; returns how many bytes were taken, which may be fewer than given."""
        if hasattr(os, "pwrite"):
            return os.pwrite(fd, data, offset)
        os.lseek(fd, offset, os.SEEK_SET)
        return os.write(fd, data)

    def sync(self, fd: int) -> None:
        """Return when the file's bytes and length would survive a power cut."""
        if sys.platform == "darwin":
            import fcntl

            # fsync on macOS stops at the drive's own cache; this one does not.
            fcntl.fcntl(fd, fcntl.F_FULLFSYNC)
        elif hasattr(os, "fdatasync"):
            os.fdatasync(fd)
        else:
            os.fsync(fd)

    def sync_dir(self, path: Path) -> None:
        """Return when the names in this folder would survive a power cut. Windows has no such call."""
        if os.name == "nt":
            return
        fd = os.open(path, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)

    def size(self, fd: int) -> int:
        """Length in bytes."""
        return os.fstat(fd).st_size

    def truncate(self, fd: int, size: int) -> None:
        """Cut the file to ``size`` bytes."""
        os.ftruncate(fd, size)

    def rename(self, source: Path, target: Path) -> None:
        """Put ``source`` in the place of ``target``, whole or not at all."""
        source.replace(target)

    def remove(self, path: Path) -> None:
        """Delete the name; a missing one is no error."""
        path.unlink(missing_ok=True)

    def exists(self, path: Path) -> bool:
        """Whether the name is taken."""
        return path.exists()

    def identity(self, file: int | Path) -> tuple[int, int]:
        """Which file this is, whatever it is called: device and inode."""
        found = os.fstat(file) if isinstance(file, int) else file.stat()
        return found.st_dev, found.st_ino

    def close(self, fd: int) -> None:
        """Give the descriptor back."""
        os.close(fd)


def write_all(disk: Disk, fd: int, data: bytes | bytearray, offset: int) -> int:
    """Write all of ``data`` at ``offset``, going on after short writes; returns the offset behind it."""
    rest = memoryview(data)
    while rest:
        taken = disk.write(fd, rest, offset)
        if taken <= 0:
            raise OSError(errno.EIO, "the disk took no byte")
        rest = rest[taken:]
        offset += taken
    return offset


def store_error(what: str, cause: OSError) -> StoreError:
    """The one translation of the operating system's refusals into ours; raise it ``from cause``."""
    if cause.errno in FULL:
        return StoreFull(f"{what}: the disk is full", "Free some space; nothing was half written, so just try again.")
    reason = os.strerror(cause.errno) if cause.errno else "unknown reason"
    return StoreError(f"{what}: {reason}", "Run `okpay-console doctor`; the folder must exist and be writable.")
