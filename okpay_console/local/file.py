"""The journal as a file: opened and mended, appended to, replaced by a shorter one, followed by a reader."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterable
from pathlib import Path

from okpay_console.errors import StoreBroken, StoreError
from okpay_console.local import recovery
from okpay_console.local.codec import Codec
from okpay_console.local.compaction import Fresh, write_fresh
from okpay_console.local.disk import Disk, store_error, write_all
from okpay_console.local.record import Chain, Tables, line
from okpay_console.local.recovery import Found, Recovery

_LARGE = 1 << 20
"""Files of more bytes than this are worth a ``gc.freeze``."""


class JournalFile:
    """One descriptor, the length of what is good (``end``), and the checksum chain there.

    ``broken`` says in words why nothing may be written any more; empty while all is well. Not safe for several threads:
    the storage holds its write lock around each call. Raises ``OSError`` untranslated where not said otherwise.
    """

    def __init__(self, path: Path, *, fs: Disk, codec: Codec) -> None:
        self.path = path
        self.aside = path.with_name(path.name + ".new")
        self.end = 0
        self.broken = ""
        self._fs = fs
        self._codec = codec
        self._fd = -1
        self._chain: Chain
        self._ragged = False
        self._looked_at = -1

    @property
    def closed(self) -> bool:
        """Whether there is no descriptor."""
        return self._fd < 0

    def open(self, *, precious: Iterable[str]) -> tuple[Tables, Recovery]:
        """The owner's opening: make what is missing, cut what is torn, put aside what has rotted."""
        self._fs.remove(self.aside)
        if not self._fs.exists(self.path):
            return self._start_afresh({}), Recovery()
        self._fd = self._fs.open(self.path, write=True)
        data = self._fs.read(self._fd)
        found = load(data, self._codec)
        # A file gets its name when its first records are on the disk, so one without them has lost them.
        if found.damage == "rot" or found.chain is None:
            return self._quarantine(data, precious)
        self._chain, self.end = found.chain, found.end
        if found.damage != "none":
            self._fs.truncate(self._fd, self.end)
        self._settle(data)
        return found.tables, Recovery() if found.damage == "none" else recovery.torn(len(data) - self.end)

    def _settle(self, data: bytes) -> None:
        """Make what was read durable before anybody sees it; where that fails, it can be read, and nothing be written.

        Whoever wrote the last record, or gave the file its name, may have been killed before the sync. And where its sync
        had failed, the record is in the page cache alone, counts as clean there, and must be written again to reach the disk.
        """
        start = data.rfind(b"\n", 0, self.end - 1) + 1
        try:
            write_all(self._fs, self._fd, data[start : self.end], start)
            self._fs.sync(self._fd)
            self._fs.sync_dir(self.path.parent)
        except OSError:
            self.broken = "the disk failed to store the last change"

    def look(self) -> tuple[Tables, Recovery]:
        """A reader's opening, also for starting over: damage is reported and nothing is touched."""
        fd = self._fs.open(self.path)
        try:
            found = load(self._fs.read(fd), self._codec)
            if found.chain is None:
                raise StoreError("the cache cannot be read", "Start the console that owns it, so that it can mend it.")
        except BaseException:
            self._fs.close(fd)
            raise
        self.close()
        # What was looked at in another file says nothing about this one, which may come to the same length.
        self._fd, self._chain, self.end, self._looked_at = fd, found.chain, found.end, -1
        if found.damage == "rot":
            return found.tables, recovery.rotten(quarantine="", salvaged={}, lost_records=1)
        return found.tables, Recovery()

    def append(self, payload: bytes) -> None:
        """Write and sync one record behind the last good byte.

        Raises ``StoreFull`` or ``StoreError`` with the file as before, ``StoreBroken`` when the sync failed.
        """
        sealed = self._codec.seal(payload, number=self._chain.number + 1, salt=self._chain.salt)
        crc = self._chain.sum(sealed)
        try:
            if self._ragged:
                self._fs.truncate(self._fd, self.end)
            self._ragged = True
            end = write_all(self._fs, self._fd, line(crc, sealed), self.end)
        except OSError as cause:
            self._trim()
            raise store_error("this change could not be saved", cause) from cause
        try:
            self._fs.sync(self._fd)
        except OSError as cause:
            self.broken = "the disk failed to store a change"
            self._trim()
            raise self.refusal() from cause
        self._chain.advance(crc)
        self.end = end
        self._ragged = False

    def _trim(self) -> None:
        """Take half a record off again; where even that fails, the next append has to do it first."""
        with contextlib.suppress(OSError):
            self._fs.truncate(self._fd, self.end)
            self._ragged = False

    def refusal(self) -> StoreBroken:
        """The error for a commit to a broken file."""
        return StoreBroken(
            f"{self.broken}; the cache is read-only now",
            "Copy what you are typing, have the disk checked, and start the console again.",
        )

    def replace(self, fresh: Fresh) -> None:
        """Put a new file in the place of this one; raises ``StoreBroken`` when that could not be made certain."""
        fresh.sync()
        # From the rename until the new file is ours, a commit to the old one would be lost.
        self.broken = "the cache's file could not be replaced for certain"
        try:
            self._fs.rename(self.aside, self.path)
        except OSError:
            self.broken = ""
            raise
        self.close()
        self._fd, self._chain, self.end, self._ragged = fresh.take(), fresh.chain, fresh.end, False
        self._codec = fresh.codec
        try:
            self._fs.sync_dir(self.path.parent)
        except OSError as cause:
            raise self.refusal() from cause
        self.broken = ""

    def _start_afresh(self, tables: Tables) -> Tables:
        """A new file in the place of none, or of one that has been kept elsewhere."""
        rows = [(name, list(table.items())) for name, table in tables.items()]
        fresh = write_fresh(self._fs, self.aside, rows, self._codec)
        try:
            self.replace(fresh)
        finally:
            fresh.discard()
        return tables

    def _quarantine(self, data: bytes, precious: Iterable[str]) -> tuple[Tables, Recovery]:
        """Keep the damaged file under another name, and start again with the rows that exist nowhere else."""
        saved, lost = recovery.salvage(data, self._codec, precious=precious)
        number = 1
        while self._fs.exists(kept := self.path.with_name(f"{self.path.name}.rot-{number}")):
            number += 1
        # Copied, not moved: until the rename, the damaged file stays in its place for a next attempt.
        fd = self._fs.open(kept, fresh=True)
        try:
            write_all(self._fs, fd, data, 0)
            self._fs.sync(fd)
            # Its name must be there for good before the damaged file loses its own.
            self._fs.sync_dir(self.path.parent)
        except OSError:
            with contextlib.suppress(OSError):
                self._fs.remove(kept)
            raise
        finally:
            self._fs.close(fd)
        self._start_afresh(saved)
        return saved, recovery.rotten(quarantine=kept.name, salvaged=saved, lost_records=lost)

    def replaced(self) -> bool:
        """Whether a reader must ``look`` again: another file has this name, or this one has lost bytes it had."""
        other = self._fs.identity(self.path) != self._fs.identity(self._fd)
        return other or self._fs.size(self._fd) < self.end

    def news(self) -> bytes:
        """What is behind ``end`` and was not looked at before."""
        size = self._fs.size(self._fd)
        if size in (self.end, self._looked_at):
            return b""
        self._looked_at = size
        return self._fs.read(self._fd, self.end)

    def follow(self, data: bytes, tables: Tables) -> tuple[int, bool]:
        """Apply the whole records in ``data`` (see ``news``); returns their number, and whether to ``look`` again.

        A wrong line means that the owner took back a record which had been read before it was confirmed.
        """
        found = Found(tables=tables, chain=self._chain, end=self.end)
        count = recovery.follow(found, data, self._codec, base=self.end)
        self.end = found.end
        return count, found.damage in ("torn", "rot")

    def close(self) -> None:
        """Give the descriptor back; twice is harmless."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            with contextlib.suppress(OSError):
                self._fs.close(fd)


def load(data: bytes, codec: Codec) -> Found:
    """Read with the garbage collector at rest: its passes over a growing heap would double the time.

    What a large file gave is then set aside for good (``gc.freeze``): documents hold no cycles, and walking over all of
    them again in every full pass would stop the screen.
    """
    running = gc.isenabled()
    gc.disable()
    try:
        return recovery.read(data, codec)
    finally:
        if len(data) > _LARGE:
            gc.freeze()
        if running:
            gc.enable()
