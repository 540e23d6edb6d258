"""A new journal file written beside the old one, and the estimate of when it is worth it."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

from okpay_console.local.codec import Codec
from okpay_console.local.disk import Disk, write_all
from okpay_console.local.record import Change, Changes, Document, Tables, encode, line, new_header, snapshot_records

_BUFFER = 1 << 20


class Tally:
    """How large the live documents are, from the average size that each table's documents had when written."""

    def __init__(self) -> None:
        self._written: dict[str, list[int]] = {}

    @classmethod
    def of(cls, tables: Tables, size: int) -> Tally:
        """A first guess for a file just read: one average for all tables, from the documents as they are now."""
        tally = cls()
        total = sum(map(len, tables.values()))
        if total:
            sample = [doc for rows in tables.values() for doc in list(rows.values())[:: max(len(rows) // 32, 1)]]
            average = sum(len(encode({"": Change(put={"": doc})})) for doc in sample) // len(sample) + 1
            for name, rows in tables.items():
                tally._written[name] = [len(rows), min(len(rows) * average, size)]
        return tally

    def add(self, changes: Changes, size: int) -> None:
        """A record of ``size`` bytes was written; its bytes are shared out evenly over its documents."""
        puts = sum(len(change.put) for change in changes.values())
        for name, change in changes.items():
            if change.take:
                self._written[name] = self._written.pop(change.take, [0, 0])
            if change.put:
                count = self._written.setdefault(name, [0, 0])
                count[0] += len(change.put)
                count[1] += size * len(change.put) // puts

    def live(self, tables: Tables) -> int:
        """Estimated bytes of a file that held only ``tables``."""
        total = 0
        for name, rows in tables.items():
            count, size = self._written.get(name, (0, 0))
            total += len(rows) * size // count if count else 0
        return total


class Fresh:
    """A journal under construction: its descriptor belongs to this object until ``take``."""

    def __init__(self, fs: Disk, path: Path, codec: Codec) -> None:
        self._fs = fs
        self._path = path
        self.codec = codec
        header, self.chain = new_header(codec.name)
        self._buffer = bytearray(header)
        self.tally = Tally()
        self.end = 0
        self._fd = fs.open(path, fresh=True)

    def append(self, payload: bytes, changes: Changes) -> None:
        """One more record, given as bytes and as what they mean; bytes reach the file in large pieces."""
        sealed = self.codec.seal(payload, number=self.chain.number + 1, salt=self.chain.salt)
        crc = self.chain.sum(sealed)
        self._buffer += line(crc, sealed)
        self.chain.advance(crc)
        self.tally.add(changes, len(payload))
        if len(self._buffer) >= _BUFFER:
            self._flush()

    def _flush(self) -> None:
        self.end = write_all(self._fs, self._fd, self._buffer, self.end)
        self._buffer = bytearray()

    def sync(self) -> None:
        """Every byte is on the disk when this returns."""
        self._flush()
        self._fs.sync(self._fd)

    def take(self) -> int:
        """The descriptor, which is the caller's from now on."""
        fd, self._fd = self._fd, -1
        return fd

    def discard(self) -> None:
        """Remove what nobody took; after ``take``, nothing."""
        fd = self.take()
        if fd >= 0:
            with contextlib.suppress(OSError):
                self._fs.close(fd)
            with contextlib.suppress(OSError):
                self._fs.remove(self._path)


def write_fresh(fs: Disk, path: Path, tables: Sequence[tuple[str, list[tuple[str, Document]]]], codec: Codec) -> Fresh:
    """A file with exactly these rows, not yet synced; raises ``OSError`` and leaves nothing behind."""
    fresh = Fresh(fs, path, codec)
    try:
        for changes in snapshot_records(tables):
            fresh.append(encode(changes), changes)
    except BaseException:
        fresh.discard()
        raise
    return fresh
