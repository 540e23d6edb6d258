"""Wipes this machine: the keys first, then the store and what stands beside it; and says what cannot be wiped."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from okpay_console import errors
from okpay_console.config import Settings
from okpay_console.wiring.house import STORE, store_path
from okpay_console.wiring.keys import KEYS, sealing, vault
from okpay_console.wiring.looking import reading
from okpay_console.wiring.signin import SNAPSHOT, WIPED, credentials, last_server

DISABLED: Final = "disabled"
"""The server's code for a user who was locked out."""


class Lost(msgspec.Struct, frozen=True):
    """One operation that was never sent: which kind, on which ticket, and when. Not its words."""

    ticket: str
    name: str
    at: str


class Wiped(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What was wiped: the files by name, what was left, and what had not been sent (None: nobody could look).

    ``was_sealed``: what may still lie in free blocks of the disk is unreadable, for its key is gone. ``key_left``: the system's
    key store did not answer, and may have it or a token still.
    """

    at: datetime
    why: str
    user: str = ""
    server: str = ""
    gone: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    lost: tuple[Lost, ...] | None = ()
    was_sealed: bool = False
    key_left: bool = False


def unsent(settings: Settings) -> tuple[Lost, ...] | None:
    """What this machine alone has: operations, words in the tray, drafts and lines of the daybook. None where it is locked."""
    from okpay_console.local.store import DRAFTS

    try:
        with reading(settings) as picture:
            store = picture.mirror.store
            found = [
                Lost(item.id, item.name, item.at.isoformat())
                for item in (entry.item for entry in picture.outbox.pending())
            ]
            found += [Lost(review.ticket, review.name, review.at.isoformat()) for review in picture.reviews()]
            found += [
                Lost(str(doc.get("ticket", "")), f"draft.{doc.get('kind', '')}", str(doc.get("at", "")))
                for doc in dict(store.rows(DRAFTS)).values()
            ]
            return tuple(found)
    except (errors.StoreLocked, errors.StoreForeign):
        return None


def wipe(settings: Settings, *, now: datetime, why: str, keep_note: bool = False) -> Wiped:
    """Deletes keys, store, snapshot and sign-ins of this data folder. ``StoreBusy`` where a console has it open.

    Bytes are not overwritten: on a disk that moves what it writes that would prove nothing. A sealed store needs no more than
    the loss of its key. A server's database in the same folder is left alone. With ``keep_note`` a file without anybody's
    words stays, so that the next person to start here is told.
    """
    from okpay_console.local.lock import Lock
    from okpay_console.local.store import sealed_as
    from okpay_console.local.whole import replace_file

    home, store = settings.home, store_path(settings)
    owner, waiting = _owner(settings) or ("", ""), unsent(settings)
    held = Lock(store.with_name(STORE + ".lock"), program="okpay-console") if home.is_dir() else None
    try:
        codec = sealed_as(store)
        plain = (store.exists() and codec in ("", "plain")) or any(home.glob(STORE + ".rot-*"))
        left_behind = False
        with contextlib.suppress(errors.StoreError):
            left_behind = not vault(settings).destroy(codec)
        gone = []
        with contextlib.suppress(errors.StoreError):
            left_behind = not credentials(settings).destroy() or left_behind
        for path in _ours(home):
            path.unlink(missing_ok=True)
            gone.append(path.name)
    finally:
        if held is not None:
            held.release()
    left = tuple(sorted(path.name for path in home.iterdir())) if home.is_dir() else ()
    done = Wiped(
        at=now,
        why=why,
        user=owner[0],
        server=owner[1],
        gone=tuple(gone),
        left=left,
        lost=waiting,
        was_sealed=not plain,
        key_left=left_behind,
    )
    if keep_note:
        replace_file(home / WIPED, msgspec.json.encode(done), durable=True)
    return done


def last_wipe(settings: Settings) -> Wiped | None:
    """What a wipe that nobody here asked for has left to be told; None where there was none."""
    try:
        return msgspec.json.decode((settings.home / WIPED).read_bytes(), type=Wiped)
    except (OSError, ValueError, RecursionError):
        return None


def locked_out(settings: Settings, code: str) -> bool:
    """Whether the server that this store belongs to has said that its user is disabled.

    Another server's word destroys nothing here: it may only be a wrong address. Nor does anybody's where the store is locked.
    """
    if code != DISABLED:
        return False
    server = (settings.server or last_server(settings)).rstrip("/")
    owner = _owner(settings)
    return owner is not None and owner[1].rstrip("/") in ("", server)


def kept(settings: Settings) -> str:
    """How this machine keeps its data, in a word: keyring, passphrase, or plain."""
    found = sealing(settings)
    return "plain" if found.kind == "none" or (found.store and not found.sealed) else found.kind


def _owner(settings: Settings) -> tuple[str, str] | None:
    """User and address; both "" where the store is nobody's yet, None where it cannot be opened."""
    try:
        with reading(settings) as picture:
            owner = picture.mirror.owner
    except errors.StoreError:
        return None
    return (owner.user, owner.url) if owner is not None else ("", "")


def _ours(home: Path) -> Iterator[Path]:
    for pattern in (
        STORE, STORE + ".new", STORE + ".lock", STORE + ".rot-*", SNAPSHOT, SNAPSHOT + ".*.new", KEYS,
        KEYS + ".*.new", "credentials.json", "credentials.json.*.new", "server",
    ):  # fmt: skip
        yield from sorted(home.glob(pattern))
