"""The tables of a console's store, which of them exist nowhere else, and a planned write to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from ..errors import StoreBroken, StoreError
from .codec import PLAIN, Codec
from .record import CRC, Change, Changes, codec_name

if TYPE_CHECKING:
    from .database import OkDB
    from .vault import Vault

_HEAD = 512

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
TOLD = "told"
FLOOR = "floor"
SHIFT = "shift"

# The cursor is left out on purpose: it says which tickets are held, so it must be lost together with them.
# The answers are the server's, which has them still, and so are other people's lines of the daybook.
PRECIOUS = (IDENTITY, OUTBOX, ACKED, REVIEWS, DRAFTS, WATCH, VIEWS, TOLD, SHIFT)


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


def open_store(path: Path, *, readonly: bool = False, vault: Vault | None = None) -> OkDB:
    """The console's store at ``path``; from a damaged one everything is saved that exists nowhere else.

    ``vault`` has its keys. Its owner finds a store that is not sealed as the vault wants it sealed anew; where the disk
    refuses that, the store goes on as it is and ``compaction_error`` says why.

    Raises as ``OkDB`` does: ``StoreBusy``, ``StoreForeign``, ``StoreFull``, ``StoreError``; ``StoreLocked`` without the key.
    """
    # TinyDB is imported with the first store that is opened: the console's first frame comes before that.
    from .database import OkDB
    from .vault import Vault

    vault = vault or Vault(path.parent)
    wanted = PLAIN if readonly else vault.wanted()
    db = OkDB(path, readonly=readonly, codec=_codec(path, vault, wanted), salvage=PRECIOUS)
    if not readonly:
        try:
            _seal(db, wanted, vault)
        except BaseException:
            db.close()
            raise
    return db


def _seal(db: OkDB, wanted: Codec, vault: Vault) -> None:
    """Seals anew what is not sealed as it should be; a lost file of keys must not make a sealed store plain."""
    try:
        if wanted is not PLAIN and db.journal.codec.name != wanted.name:
            db.compact(codec=wanted)
        vault.settle()
    except StoreBroken:
        raise
    except StoreError as cause:
        db.journal.compaction_error = cause


def sealed_as(path: Path) -> str:
    """The codec that the store's file names; "" where there is none, or its first line is damaged."""
    return codec_name(_head(path))


def _codec(path: Path, vault: Vault, wanted: Codec) -> Codec:
    """The codec that reads the file as it is now; ``wanted`` for one that is not there yet."""
    head = _head(path)
    name = codec_name(head)
    if name:
        return vault.codec_for(name)
    # Without its first line, a file still shows by its second whether it was sealed.
    marked = head[head.find(b"\n") + 1 + CRC :][:1] if b"\n" in head else b""
    if marked == PLAIN.mark:
        return PLAIN
    return vault.wanted() if marked else wanted


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_HEAD)
    except OSError:
        # Whoever opens it in earnest says what is wrong.
        return b""


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
