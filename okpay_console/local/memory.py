"""The tables as they are in memory, and as the transaction under way would leave them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from tinydb.storages import Storage

from okpay_console.errors import StoreError
from okpay_console.local.overlay import Overlay, isolate
from okpay_console.local.record import Changes, Rows, Tables, apply

Listener = Callable[[Changes | None], None]
"""Told of every change just before it is made to memory, under the state lock; None: everything may have changed."""

_NOTHING: Rows = {}


class Memory(Storage):
    """The half of the storage that answers questions. Stored documents are never edited in place, only replaced.

    ``state_lock`` is held for moments: while a committed change is shown, and while a reader lists a table.
    """

    def __init__(self) -> None:
        super().__init__()
        self.state_lock = threading.RLock()
        self.listeners: list[Listener] = []
        self._tables: Tables = {}
        self._pending: dict[str, Overlay] | None = None
        self._pending_thread = 0

    def rows(self, name: str) -> Mapping[str, dict[str, Any]]:
        """The documents of a table by id, live and not copied: look, do not touch.

        Inside this thread's transaction, as the transaction would leave them.
        """
        pending = self._pending
        if pending is not None and self.in_transaction() and name in pending:
            return pending[name]
        return self._tables.get(name, _NOTHING)

    def names(self) -> set[str]:
        """The tables that exist."""
        with self.state_lock:
            names = set(self._tables)
        if self._pending is not None and self.in_transaction():
            for name, overlay in self._pending.items():
                (names.discard if overlay.dropped else names.add)(name)
        return names

    def has(self, name: str) -> bool:
        """Whether the table exists, empty or not."""
        return name in self.names()

    def in_transaction(self) -> bool:
        """Whether this thread is inside a transaction."""
        return self._pending is not None and self._pending_thread == threading.get_ident()

    def read(self) -> dict[str, dict[str, Any]] | None:
        """TinyDB's door to everything at once: a deep copy, None when there is no table."""
        with self.state_lock:
            tables = {name: dict(self.rows(name)) for name in self.names()}
        return {name: isolate(rows) for name, rows in tables.items()} or None

    def _begin(self) -> None:
        self._pending, self._pending_thread = {}, threading.get_ident()

    def _hold(self, changes: Changes) -> None:
        """Lay changes over the tables, for this thread's eyes, until the transaction ends."""
        assert self._pending is not None
        for change in changes.values():
            if change.take:
                raise StoreError("a table cannot be taken over inside a transaction", "Write that change by itself.")
        for name, change in changes.items():
            if name not in self._pending:
                self._pending[name] = Overlay(self._tables.get(name, _NOTHING), exists=name in self._tables)
            self._pending[name].absorb(change)

    def _end(self) -> Changes:
        """Forget the transaction; returns what it came to."""
        pending, self._pending, self._pending_thread = self._pending or {}, None, 0
        return {name: change for name, overlay in pending.items() if (change := overlay.change()) is not None}

    def _show(self, changes: Changes) -> None:
        """Make a change that is on the disk visible."""
        with self.state_lock:
            self._tell(changes)
            apply(self._tables, changes)

    def _show_all(self, tables: Tables) -> None:
        """Make these the tables."""
        with self.state_lock:
            self._tables = tables
            self._tell(None)

    def _tell(self, changes: Changes | None) -> None:
        for listener in self.listeners:
            listener(changes)
