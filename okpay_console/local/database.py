"""The cache of this machine: TinyDB whose every write is small, atomic and durable."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast
from weakref import WeakSet

from tinydb import TinyDB

from okpay_console.errors import OkpayError
from okpay_console.local.codec import PLAIN, Codec
from okpay_console.local.disk import Disk
from okpay_console.local.journal import JournalStorage
from okpay_console.local.record import Change, Changes
from okpay_console.local.recovery import Recovery
from okpay_console.local.table import JournalTable, dispatch


class OkDB(TinyDB):
    """TinyDB over one append-only journal; ``JournalStorage`` states the rules for threads and what durable means.

    ``path``: the journal; a ``.lock`` file stands beside it. ``readonly``: no lock is taken, nothing is written, and
    ``refresh`` follows the owner. ``salvage``: the tables whose rows exist nowhere else, saved line by line
    from a damaged file. ``program``: told to whoever finds the store busy. ``auto_compact``: let a commit compact the file
    when it is due; without it, watch ``compaction_due`` and call ``compact`` from a worker thread. ``ids``: the class of
    document ids in every table.

    Raises ``StoreBusy``, ``StoreForeign``, ``StoreFull``, ``StoreError``.
    """

    table_class = JournalTable  # type: ignore[assignment]  # TinyDB's annotations stop at its own classes
    default_storage_class = JournalStorage  # type: ignore[assignment]

    def __init__(
        self,
        path: str | Path,
        *,
        readonly: bool = False,
        fs: Disk | None = None,
        codec: Codec = PLAIN,
        salvage: Iterable[str],
        program: str = "okpay-console",
        auto_compact: bool = True,
        ids: Callable[[str], Any] = str,
    ) -> None:
        super().__init__(
            path,
            readonly=readonly,
            fs=fs,
            codec=codec,
            salvage=salvage,
            program=program,
            auto_compact=auto_compact,
        )
        self._ids = ids
        # Whoever holds a table that was dropped may go on using it, so all that live are told, not only the current ones.
        self._living: WeakSet[JournalTable] = WeakSet()
        self.journal.listeners.append(lambda changes: dispatch(list(self._living), changes))

    @property
    def journal(self) -> JournalStorage:
        """The storage, by its own type."""
        return cast(JournalStorage, self._storage)

    @property
    def recovery(self) -> Recovery:
        """What opening had to mend."""
        return self.journal.recovery

    @property
    def readonly(self) -> bool:
        """Whether this opener only looks."""
        return self.journal.readonly

    def table(self, name: str, **kwargs: Any) -> JournalTable:
        """The table of this name, made when it is first written to."""
        kwargs.setdefault("ids", self._ids)
        table = cast(JournalTable, super().table(name, **kwargs))
        with self.journal.state_lock:
            self._living.add(table)
        return table

    def tables(self) -> set[str]:
        """The names of the tables that exist."""
        return self.journal.names()

    def drop_table(self, name: str) -> None:
        """Remove a table and its rows."""
        if self.journal.has(name):
            self.journal.commit({name: Change(drop=True)})
        self._tables.pop(name, None)

    def drop_tables(self) -> None:
        """Remove every table, in one record."""
        self.journal.commit({name: Change(drop=True) for name in self.tables()})
        self._tables.clear()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Operations on any tables inside become durable and visible together, or not at all after an exception.

        Inside, this thread sees its own changes. Other writers wait, so never wait for anything here (no ``await``).
        """
        with self.journal.transaction():
            yield

    def write(self, changes: Changes) -> None:
        """The bulk door: many documents in several tables, in one record and one sync.

        Ids are text. Raises as ``JournalStorage.commit``; inside a transaction the changes join it.
        """
        self.journal.commit(changes)

    def refresh(self) -> int:
        """Read-only opener: take in what the owner has committed since; the number of new records."""
        return self.journal.refresh()

    @property
    def compaction_due(self) -> bool:
        """Whether more than half of the file is history."""
        return self.journal.compaction_due

    @property
    def compaction_error(self) -> OkpayError | None:
        """Why the last compaction that a commit started did not happen; the commit itself did."""
        return self.journal.compaction_error

    def compact(self, *, codec: Codec | None = None) -> bool:
        """Rewrite the file without its history, sealed anew with a ``codec``; may run in a thread while others read and write."""
        return self.journal.compact(codec=codec)

    def close(self) -> None:
        """Give the file and the lock back; twice is harmless."""
        super().close()
