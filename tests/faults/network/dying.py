"""The console's program that compacts at every commit and is killed at the step of it that ``DIES`` names."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from okpay_console.__main__ import main
from okpay_console.local.disk import Disk
from okpay_console.local.journal import JournalStorage


def die(where: str) -> None:
    if os.environ["DIES"] == where:
        os.kill(os.getpid(), signal.SIGKILL)


class Dying(Disk):
    """The real disk, and the moment at which the machine is gone."""

    aside = -1

    def open(self, path: Path, *, write: bool = False, fresh: bool = False) -> int:
        found = super().open(path, write=write, fresh=fresh)
        self.aside = found if fresh else self.aside
        return found

    def write(self, fd: int, data: memoryview, offset: int) -> int:
        if fd == self.aside and os.environ["DIES"] == "in the write":
            super().write(fd, data[: len(data) // 2], offset)
            die("in the write")
        return super().write(fd, data, offset)

    def sync(self, fd: int) -> None:
        if fd == self.aside:
            die("before the fsync")
        super().sync(fd)

    def rename(self, source: Path, target: Path) -> None:
        die("before the rename")
        super().rename(source, target)
        die("after the rename")

    def sync_dir(self, path: Path) -> None:
        super().sync_dir(path)
        if self.aside >= 0:
            die("after the folder's fsync")


if __name__ == "__main__":
    made = JournalStorage.__init__

    def begin(storage: JournalStorage, *given: object, **named: object) -> None:
        made(storage, *given, **(named | {"fs": Dying(), "floor": 0}))  # type: ignore[arg-type]

    JournalStorage.__init__ = begin  # type: ignore[method-assign]
    JournalStorage.compaction_due = property(lambda _: True)  # type: ignore[method-assign, assignment]
    sys.exit(main())
