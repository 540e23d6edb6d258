"""One owner per store: an advisory lock on a file beside it, which names its holder."""

from __future__ import annotations

import contextlib
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from okpay_console.errors import StoreBusy


class Holder(msgspec.Struct, frozen=True):
    """What a lock file says: process number, program name, and when it started (RFC 3339, UTC)."""

    pid: int = 0
    program: str = ""
    started: str = ""


class Lock:
    """Held from creation until ``release``, or until the process ends, however it ends.

    The lock sits on a sibling of the data file because the data file is replaced when it is compacted. The lock file
    is never deleted: a second process could otherwise lock a name that no longer exists.
    Raises ``StoreBusy`` when taken, ``OSError`` when the file cannot be made.
    """

    def __init__(self, path: Path, *, program: str) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if not _take(self._fd):
                holder = read_holder(path)
                who = f" ({holder.program}, process {holder.pid})" if holder.pid else ""
                raise StoreBusy(
                    f"another console uses this cache{who}",
                    "Close it, open this one read-only, or choose another profile.",
                    pid=holder.pid,
                )
            started = datetime.now(UTC).isoformat(timespec="seconds")
            note = msgspec.json.encode(Holder(pid=os.getpid(), program=program, started=started))
            # The note is advice to people; the lock holds even where it cannot be written.
            with contextlib.suppress(OSError):
                os.ftruncate(self._fd, 0)
                os.lseek(self._fd, 0, os.SEEK_SET)
                os.write(self._fd, note)
        except BaseException:
            os.close(self._fd)
            raise

    def release(self) -> None:
        """Let the next one in; twice is harmless."""
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            os.close(fd)


def read_holder(path: Path) -> Holder:
    """Who holds (or last held) the lock; all empty when the file cannot be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Holder)
    except (OSError, ValueError, RecursionError):
        return Holder()


if sys.platform == "win32":
    import msvcrt

    def _take(fd: int) -> bool:
        # One byte far behind the note, so that others can still read who holds it.
        os.lseek(fd, 1 << 20, os.SEEK_SET)
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _take(fd: int) -> bool:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
