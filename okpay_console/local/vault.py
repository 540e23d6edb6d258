"""The keys of this machine's data: in the system's key store, under a passphrase, or nowhere, and the store is then plain.

``vault.json`` (mode 0600, beside the store) says which. It never holds a key in clear. While the store is sealed anew, the
old key stands in it too, wrapped under the new one, until the new file is in the old one's place: wherever that is cut
short, one of the two opens what is there.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from okpay_console.errors import StoreLocked

from .codec import PLAIN, Codec
from .disk import store_error
from .keystore import SERVICE, KeyStore, dropped, system_store
from .seal import KEY_BYTES, Sealed, key_id_of, unwrap, wrap
from .whole import replace_file

Kind = Literal["keyring", "passphrase", "none"]
FILE: Final = "vault.json"
FORMAT: Final = 1


class Cost(msgspec.Struct, frozen=True):
    """What one guess of a passphrase costs: Argon2id (RFC 9106) with so many KiB, passes and lanes.

    The defaults are the RFC's second recommended option, t=3, p=4, m=64 MiB (§4), above the least that OWASP's Password
    Storage Cheat Sheet names (t=2, p=1, m=19 MiB). They are kept with each passphrase, so that they can be raised later.
    """

    kib: Annotated[int, Meta(ge=8, le=4 << 20)] = 64 << 10
    passes: Annotated[int, Meta(ge=1, le=100)] = 3
    lanes: Annotated[int, Meta(ge=1, le=64)] = 4


class _Kept(msgspec.Struct, frozen=True, omit_defaults=True):
    """The file. ``salt`` and ``key`` (wrapped under the passphrase) are base64, and so are the ``before`` keys by their ids."""

    format: int
    kind: Literal["keyring", "passphrase"]
    id: str
    cost: Cost = Cost()
    salt: str = ""
    key: str = ""
    before: dict[str, str] = {}


def _nobody() -> str:
    return ""


class Vault:
    """The keys of the store in ``folder``. ``ask`` is called once when a passphrase is needed, and may raise.

    ``keyring`` replaces the system's key store; None finds out when it is first needed. Every method that needs a key raises
    ``StoreLocked`` where it cannot be had, and changes nothing then.
    """

    def __init__(
        self, folder: Path, *, keyring: KeyStore | Literal["none"] | None = None, ask: Callable[[], str] = _nobody
    ) -> None:
        self._path = folder / FILE
        self._keyring = keyring
        self._ask = ask
        self._keys: dict[str, bytes] = {}

    def __repr__(self) -> str:
        return f"Vault({str(self._path)!r})"

    @property
    def kind(self) -> Kind:
        """Where the key is; a small file is read and no key store asked."""
        kept = self._read()
        return kept.kind if kept else "none"

    def wanted(self) -> Codec:
        """How the store is to be written now."""
        kept = self._read()
        return Sealed(self._key(kept.id, kept), key_id=kept.id) if kept else PLAIN

    def codec_for(self, name: str) -> Codec:
        """The codec of a file whose header names ``name``."""
        key_id = key_id_of(name)
        return Sealed(self._key(key_id, self._read()), key_id=key_id) if key_id else PLAIN

    def protect(
        self, kind: Literal["keyring", "passphrase"], *, passphrase: str = "", cost: Cost | None = None
    ) -> None:
        """A new key for everything that is written from now on; the store itself is sealed anew when it is next opened.

        The key before is kept, wrapped, until ``settle``. ``StoreLocked`` where the key store does not keep the new one.
        """
        kept = self._read()
        before = {} if kept is None else {key: self._key(key, kept) for key in (kept.id, *kept.before)}
        key_id, master = secrets.token_hex(8), secrets.token_bytes(KEY_BYTES)
        made = _Kept(FORMAT, kind, key_id)
        if kind == "keyring":
            self._store(key_id, master)
        else:
            salt = secrets.token_bytes(16)
            cost = cost or Cost()
            key = wrap(stretched(passphrase, salt=salt, cost=cost), master, about=_about(key_id))
            made = _Kept(FORMAT, kind, key_id, cost, _text(salt), _text(key))
        old = {key: _text(wrap(master, value, about=_about(key))) for key, value in before.items()}
        self._write(msgspec.structs.replace(made, before=old))
        self._keys[key_id] = master

    def settle(self) -> None:
        """The store is sealed with the newest key: the ones before are forgotten. Harmless where there are none."""
        kept = self._read()
        if kept is None or not kept.before:
            return
        self._write(msgspec.structs.replace(kept, before={}))
        for key_id in kept.before:
            self._forget(key_id)

    def destroy(self, *codecs: str) -> bool:
        """Every key is gone, from the key store first: what they sealed can never be read again.

        ``codecs`` are those that files name: where ``vault.json`` is lost or damaged, they alone know which key theirs is.
        False where the key store may have one still, because it did not answer.
        """
        try:
            kept = self._read()
        except StoreLocked:
            kept = None
        wanted = {key_id for codec in codecs if (key_id := key_id_of(codec))}
        typed = kept.id if kept is not None and kept.kind == "passphrase" else ""
        if kept is not None:
            wanted |= {kept.id, *kept.before}
        gone = True
        for key_id in sorted(wanted):
            gone = (self._forget(key_id) or key_id == typed) and gone
        self._keys.clear()
        self._path.unlink(missing_ok=True)
        return gone

    # Where keys are

    def _key(self, key_id: str, kept: _Kept | None) -> bytes:
        if key_id in self._keys:
            return self._keys[key_id]
        if kept is not None and key_id in kept.before:
            with contextlib.suppress(ValueError):
                newest = self._key(kept.id, kept)
                return self._known(key_id, unwrap(newest, b64decode(kept.before[key_id]), about=_about(key_id)))
            raise _damaged()
        if kept is not None and key_id == kept.id and kept.kind == "passphrase":
            return self._known(key_id, self._unlocked(kept))
        # A key store's name for a key is its id, so that a lost vault.json does not lose the store.
        return self._known(key_id, self._fetched(key_id))

    def _known(self, key_id: str, master: bytes) -> bytes:
        self._keys[key_id] = master
        return master

    def _unlocked(self, kept: _Kept) -> bytes:
        passphrase = self._ask()
        if not passphrase:
            raise StoreLocked(
                "This machine's data is locked with a passphrase, and none was given.",
                "Type it when asked, or give it as OKPAY_PASSPHRASE.",
            )
        try:
            salt, wrapped = b64decode(kept.salt, validate=True), b64decode(kept.key, validate=True)
        except ValueError:
            raise _damaged() from None
        try:
            return unwrap(stretched(passphrase, salt=salt, cost=kept.cost), wrapped, about=_about(kept.id))
        except ValueError:
            raise StoreLocked(
                "This passphrase does not open this machine's data; nothing was touched.",
                "Try again. If it is lost for good, what was sent is at the server: okpay-console logout --wipe, then login.",
                code="wrong-passphrase",
            ) from None

    def _fetched(self, key_id: str) -> bytes:
        store, found = self._usable(), None
        if store is not None:
            try:
                found = store.get_password(SERVICE, _name(key_id))
            except Exception as error:
                raise _shut(error) from None
        with contextlib.suppress(ValueError):
            master = b64decode(found or "", validate=True)
            if len(master) == KEY_BYTES:
                return master
        raise StoreLocked(
            "The key of this machine's data is not in the system's key store; nothing was touched.",
            "Unlock the key store (sign in to your desktop session) and start again. If the key is lost for good, what was "
            "sent is at the server: okpay-console logout --wipe, then login.",
        )

    def _store(self, key_id: str, master: bytes) -> None:
        store, text = self._usable(), _text(master)
        # A key store may be there and still be locked, without a session, or forgetful: only what comes back counts.
        with contextlib.suppress(Exception):
            if store is not None:
                store.set_password(SERVICE, _name(key_id), text)
                if store.get_password(SERVICE, _name(key_id)) == text:
                    return
        raise StoreLocked(
            "The system's key store does not keep a key.",
            "Use a passphrase: okpay-console vault passphrase.",
            code="no-key-store",
        )

    def _forget(self, key_id: str) -> bool:
        return dropped(self._usable(), _name(key_id))

    def usable(self) -> bool:
        """Whether this machine has a key store worth the name; finding out costs about 75 ms."""
        return self._usable() is not None

    def _usable(self) -> KeyStore | None:
        if self._keyring is None:
            self._keyring = system_store() or "none"
        return None if isinstance(self._keyring, str) else self._keyring

    # The file

    def _read(self) -> _Kept | None:
        try:
            data = self._path.read_bytes()
            if os.name != "nt" and self._path.stat().st_mode & 0o077:
                self._path.chmod(0o600)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise store_error(f"{FILE} could not be read", error) from error
        try:
            kept = msgspec.json.decode(data, type=_Kept)
        except (ValueError, RecursionError):
            raise _damaged() from None
        if kept.format > FORMAT:
            raise StoreLocked("A newer console has locked this machine's data.", "Update this console.")
        return kept

    def _write(self, kept: _Kept) -> None:
        replace_file(self._path, msgspec.json.encode(kept), durable=True)


def stretched(passphrase: str, *, salt: bytes, cost: Cost) -> bytes:
    """A key from a passphrase; takes as long and as much memory as ``cost`` says."""
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    kdf = Argon2id(salt=salt, length=KEY_BYTES, iterations=cost.passes, lanes=cost.lanes, memory_cost=cost.kib)
    return kdf.derive(passphrase.encode())


def _about(key_id: str) -> bytes:
    return b"okpay-console key " + key_id.encode()


def _name(key_id: str) -> str:
    return f"store key {key_id}"


def _text(data: bytes) -> str:
    return b64encode(data).decode()


def _shut(error: Exception) -> StoreLocked:
    what = "does not answer" if isinstance(error, TimeoutError) else "is locked or refuses"
    return StoreLocked(
        f"The system's key store {what}, and it has the key of this machine's data; nothing was touched.",
        "Unlock it (a window of it may wait behind others), then start again.",
        code="key-store-shut",
    )


def _damaged() -> StoreLocked:
    return StoreLocked(
        f"The file of this machine's keys ({FILE}) is damaged; nothing was touched.",
        "Put it back from a backup. If there is none, what was sent is at the server: okpay-console logout --wipe, then login.",
    )
