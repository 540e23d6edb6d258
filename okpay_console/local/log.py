"""A client's numbered log in memory: what waits, what the server has covered, and which tickets either concerns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from .. import errors
from ..domain import ops, wire
from .chain import Entry


class Log:
    """The entries of both tables by uuid, ``pending`` in the order of their numbers. Changed only after the disk was."""

    def __init__(self, pending: dict[str, Entry], acked: dict[str, Entry], *, floor: wire.Last) -> None:
        self.confirmed: set[str] = set()
        self._ops: dict[str, ops.AnyOp | None] = {}
        self.settle(pending, acked, floor=floor)

    def settle(self, pending: dict[str, Entry], acked: dict[str, Entry], *, floor: wire.Last) -> None:
        """These are all there are, above ``floor``."""
        self.pending = dict(sorted(pending.items(), key=lambda pair: pair[1].item.mid))
        self.acked = acked
        self.confirmed &= self.pending.keys()
        self._ops = {uuid: op for uuid, op in self._ops.items() if uuid in self.pending}
        self._tickets: dict[str, list[str]] = {}
        for entry in self.pending.values():
            self._index(entry)
        entries = self.entries()
        self.tail = wire.Last(entries[-1].item.mid, entries[-1].item.uuid) if entries else floor

    def enter(self, entries: Iterable[Entry], known: Mapping[str, ops.AnyOp]) -> None:
        """New entries at the end, with the operations that they are."""
        for entry in entries:
            self.pending[entry.item.uuid] = entry
            self._index(entry)
            self.tail = wire.Last(entry.item.mid, entry.item.uuid)
        self._ops.update(known)

    def __contains__(self, uuid: object) -> bool:
        return uuid in self.pending or uuid in self.acked

    def entries(self) -> list[Entry]:
        return sorted((*self.acked.values(), *self.pending.values()), key=lambda entry: entry.item.mid)

    def tickets(self) -> frozenset[str]:
        """The tickets with pending operations."""
        return frozenset(self._tickets)

    def ops_for(self, ticket: str) -> tuple[ops.AnyOp, ...]:
        """The pending operations on one ticket, oldest first; those that another version wrote are left out."""
        found = (self._op(self.pending[uuid]) for uuid in self._tickets.get(ticket, ()))
        return tuple(op for op in found if op is not None)

    def batch(self) -> tuple[wire.Item, ...]:
        """The next items to push: in order, from the first whose outcome is not known, within the protocol's limits."""
        items: list[wire.Item] = []
        size = 0
        for uuid, entry in self.pending.items():
            if not items and uuid in self.confirmed:
                continue
            size += len(msgspec.json.encode(entry.item)) + 1
            if items and (len(items) == wire.PUSH_ITEMS or size > wire.PUSH_BYTES - 1024):
                break
            items.append(entry.item)
        return tuple(items)

    def _op(self, entry: Entry) -> ops.AnyOp | None:
        uuid = entry.item.uuid
        if uuid not in self._ops:
            try:
                self._ops[uuid] = wire.to_op(entry.item, by=entry.by)
            except errors.Refused:
                self._ops[uuid] = None
        return self._ops[uuid]

    def _index(self, entry: Entry) -> None:
        # A witness changes no ticket, so there is none that would look different with it.
        if not entry.witness:
            self._tickets.setdefault(entry.item.id, []).append(entry.item.uuid)
