"""TinyDB's storage over an append-only file: a transaction is one line, on disk before it is in memory."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from okpay_console.errors import OkpayError, StoreError
from okpay_console.local.codec import PLAIN, Codec
from okpay_console.local.compaction import Tally, write_fresh
from okpay_console.local.disk import Disk, store_error
from okpay_console.local.file import JournalFile
from okpay_console.local.lock import Lock
from okpay_console.local.memory import Memory
from okpay_console.local.record import Change, Changes, decode, encode
from okpay_console.local.recovery import Recovery


class JournalStorage(Memory):
    """Tables of documents in memory, and the journal that they can always be rebuilt from.

    *Threads.* Any thread may read at any time. Any thread may write; writes queue up behind one lock, and a transaction
    holds it from begin to end, so never wait for anything inside one. A commit waits for the disk: call it from a worker
    thread where a screen is being drawn. ``compact`` may run in a thread of its own while others read and write.

    *Durability.* A commit that returned survives kill and power cut. One that raised ``StoreFull`` or ``StoreError`` changed
    nothing, and the next may succeed. After ``StoreBroken`` (the disk failed to sync, and nobody can know what it kept) all
    commits are refused until the store is opened again; a failed sync is never tried a second time, because the kernel
    reports each loss once (Rebello et al., "Can Applications Recover from fsync Failures?", 2020).

    ``floor``: files of fewer bytes are never compacted by a commit. ``compaction_error``: why the last such compaction
    failed; the commit that started it is done all the same. The other arguments are explained at ``OkDB``.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        readonly: bool = False,
        fs: Disk | None = None,
        codec: Codec = PLAIN,
        salvage: Iterable[str] = (),
        program: str = "okpay-console",
        auto_compact: bool = True,
        floor: int = 1 << 20,
    ) -> None:
        super().__init__()
        self.path = Path(path)
        self.readonly = readonly
        self.floor = floor
        self.recovery = Recovery()
        self.compaction_error: OkpayError | None = None
        self._fs = fs or Disk()
        self._codec = codec
        self._auto = auto_compact
        self._file = JournalFile(self.path, fs=self._fs, codec=codec)
        self._tally = Tally()
        self._write_lock = threading.RLock()
        self._compacting = threading.Lock()
        self._since: list[tuple[bytes, Changes]] | None = None
        self._lock: Lock | None = None
        try:
            if readonly:
                self._look()
            else:
                self._fs.make_dir(self.path.parent)
                self._lock = self._fs.lock(self.path.with_name(self.path.name + ".lock"), program=program)
                tables, self.recovery = self._file.open(precious=tuple(salvage))
                self._tally = Tally.of(tables, self._file.end)
                self._show_all(tables)
        except BaseException as cause:
            self.close()
            if isinstance(cause, OSError):
                raise store_error(f"cannot open the cache {self.path.name}", cause) from cause
            raise

    # Writing

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        """TinyDB's door for everything at once: the whole state becomes ``data``, in one record."""
        with self._write_lock:
            gone = {name: Change(drop=True) for name in self.names() if name not in data}
            new = {
                name: Change(clear=True, put={str(doc_id): doc for doc_id, doc in rows.items()})
                for name, rows in data.items()
            }
            self.commit({**gone, **new})

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the write lock, so that what was looked at is still true when it is changed."""
        with self._write_lock:
            yield

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Group commits: one record at the end, nothing at all after an exception. Nested ones join the outer one."""
        with self._write_lock:
            if self.in_transaction():
                yield
                return
            self._writable()
            self._begin()
            try:
                yield
            except BaseException:
                self._end()
                # Tables may have counted ids that never came to be.
                with self.state_lock:
                    self._tell(None)
                raise
            self.commit(self._end())

    def commit(self, changes: Changes) -> None:
        """Make the changes durable, then visible, all of them or none.

        Raises ``TypeError`` or ``ValueError`` for documents that JSON cannot hold, ``StoreFull``, ``StoreError`` or
        ``StoreBroken`` as the class says; in each case memory is as before.
        """
        if not changes:
            return
        with self._write_lock:
            self._writable()
            payload = encode(changes)
            # Memory gets what the disk would give back: fresh objects, so that no caller shares a list with the store.
            made = decode(payload)
            if self.in_transaction():
                self._hold(made)
                return
            self._file.append(payload)
            if self._since is not None:
                self._since.append((payload, made))
            self._show(made)
            self._tally.add(made, len(payload))
            if self._auto and self.compaction_due:
                self._compact_quietly()

    def _writable(self) -> None:
        if self._file.closed:
            raise StoreError("the cache is closed", "Open it again.")
        if self.readonly:
            raise StoreError("the cache was opened read-only", "Close the other console and start again to work in it.")
        if self._file.broken:
            raise self._file.refusal()

    # Compaction

    @property
    def codec(self) -> Codec:
        """How the file is sealed."""
        return self._codec

    @property
    def compaction_due(self) -> bool:
        """Whether more than half of the file is history (an estimate from the average record of each table)."""
        return self._file.end > self.floor and self._file.end > 2 * self._tally.live(self._tables)

    def compact(self, *, codec: Codec | None = None) -> bool:
        """Write what is live into a new file and put that in the old one's place; False when another thread is at it.

        With a ``codec`` the new file, and everything written to it later, is sealed in that way.
        Commits go on meanwhile and wait only for the end of it. Raises ``StoreFull`` or ``StoreError`` with the old
        file untouched, ``StoreBroken`` when the switch itself could not be made certain.
        """
        if not self._compacting.acquire(blocking=False):
            return False
        try:
            self._compact(codec or self._codec)
        except OSError as cause:
            raise store_error("the cache could not be compacted", cause) from cause
        finally:
            self._since = None
            self._compacting.release()
        return True

    def _compact_quietly(self) -> None:
        """The commit that led here is done, whatever becomes of this."""
        try:
            self.compact()
            self.compaction_error = None
        except OkpayError as cause:
            self.compaction_error = cause
            # A full disk would fail every commit's compaction anew: wait until the file has grown by half again.
            self.floor = self._file.end + self._file.end // 2

    def _compact(self, codec: Codec) -> None:
        with self._write_lock:
            self._writable()
            tables = [(name, list(rows.items())) for name, rows in self._tables.items()]
            self._since = []
        fresh = write_fresh(self._fs, self._file.aside, tables, codec)
        try:
            with self._write_lock:
                self._writable()
                for payload, changes in self._since:
                    fresh.append(payload, changes)
                self._file.replace(fresh)
                self._codec = codec
                self._tally = fresh.tally
        finally:
            fresh.discard()

    # Following, closing

    def _look(self) -> None:
        tables, self.recovery = self._file.look()
        self._show_all(tables)

    def refresh(self) -> int:
        """For a read-only opener: show what the owner has committed since; returns the number of new records.

        A replaced file (the owner compacted) is read anew and counts as one. Nothing for an owner, who is never behind.
        """
        if not self.readonly:
            return 0
        with self._write_lock:
            if self._file.closed:
                raise StoreError("the cache is closed", "Open it again.")
            try:
                if self._file.replaced():
                    self._look()
                    return 1
                data = self._file.news()
                if not data:
                    return 0
                with self.state_lock:
                    count, again = self._file.follow(data, self._tables)
                    self._tell(None)
                if again:
                    self._look()
                return count
            except OSError as cause:
                raise store_error("the cache cannot be read", cause) from cause

    def close(self) -> None:
        """Give file and lock back; twice is harmless."""
        with self._write_lock:
            self._file.close()
            if self._lock is not None:
                self._lock.release()
                self._lock = None
