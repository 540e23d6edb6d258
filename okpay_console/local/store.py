"""The tables of a console's store, which of them exist nowhere else, and a planned write to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from .record import Change, Changes

if TYPE_CHECKING:
    from .database import OkDB

TICKETS = "tickets"
STAGING = "staging"
CURSOR = "cursor"
IDENTITY = "identity"
OUTBOX = "outbox"
ACKED = "acked"
REVIEWS = "reviews"
DRAFTS = "drafts"
ANSWERS = "answers"
WATCH = "watch"
VIEWS = "views"

# The cursor is left out on purpose: it says which tickets are held, so it must be lost together with them.
# The answers are the server's, which has them still.
PRECIOUS = (IDENTITY, OUTBOX, ACKED, REVIEWS, DRAFTS, WATCH, VIEWS)


class Store(Protocol):
    """What the rooms of this floor need of the journal: its live rows, and one door for writes."""

    def rows(self, name: str) -> Mapping[str, dict[str, Any]]:
        """The documents of a table by id, not copied: never change one."""
        ...

    def commit(self, changes: Changes) -> None:
        """All of it durable and then visible, or none of it; raises the ``StoreError`` family."""
        ...


def store_of(db: OkDB | Store) -> Store:
    """The journal under a database, or the journal itself."""
    found: Store = getattr(db, "journal", db)
    return found


def open_store(path: Path, *, readonly: bool = False) -> OkDB:
    """The console's store at ``path``; from a damaged one everything is saved that exists nowhere else.

    Raises as ``OkDB`` does: ``StoreBusy``, ``StoreForeign``, ``StoreFull``, ``StoreError``.
    """
    # TinyDB is imported with the first store that is opened: the console's first frame comes before that.
    from .database import OkDB

    return OkDB(path, readonly=readonly, salvage=PRECIOUS)


class Commit(msgspec.Struct, frozen=True):
    """A write that was decided but not made: ``changes`` for one journal record, and ``done`` for the memory after it.

    ``done`` runs on the thread that owns the memory, and only when the record is on disk; ``touched`` are the tickets
    that look different afterwards, and ``everything`` is True where no list could be given.
    """

    changes: dict[str, Change]
    done: tuple[Callable[[], None], ...] = ()
    touched: frozenset[str] = frozenset()
    everything: bool = False

    def joined(self, other: Commit | None) -> Commit:
        """Both in one record; they must not change the same table."""
        if other is None:
            return self
        return Commit(
            {**self.changes, **other.changes},
            (*self.done, *other.done),
            self.touched | other.touched,
            self.everything or other.everything,
        )

    def finish(self) -> None:
        """Brings the memory up to what the disk holds."""
        for step in self.done:
            step()


def make(store: Store, commit: Commit) -> None:
    """Writes the record, then finishes; a failed write leaves disk and memory as they were."""
    store.commit(commit.changes)
    commit.finish()
