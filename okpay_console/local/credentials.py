"""Who is signed in where: tokens in the system's key store, or in a file for this user alone where there is none."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Literal

import msgspec

from .. import errors
from .disk import store_error
from .keystore import SERVICE, KeyStore, dropped, system_store
from .whole import replace_file

Place = Literal["keyring", "file"]


class Credential(msgspec.Struct, frozen=True):
    """A user and his token; its text never shows the token."""

    user: str
    token: str
    place: Place

    def __repr__(self) -> str:
        return f"Credential(user={self.user!r}, place={self.place!r})"


class _Known(msgspec.Struct, omit_defaults=True):
    user: str
    place: Place
    token: str = ""


class Credentials:
    """The sign-ins of this machine's user, by server address.

    ``path`` is a JSON file of mode 0600 that holds the tokens themselves only where no key store is usable. ``keyring``
    replaces the system's key store; None finds out when it is first needed, which costs about 75 ms.
    """

    def __init__(self, path: Path, *, keyring: KeyStore | Literal["none"] | None = None) -> None:
        self._path = path
        self._keyring = keyring

    def user(self, server: str) -> str:
        """Who is signed in, "" for nobody; reads one small file and asks no key store."""
        known = self._read().get(server)
        return known.user if known else ""

    def load(self, server: str) -> Credential | None:
        """The sign-in for a server; None where there is none, or where its key store no longer has the token."""
        known = self._read().get(server)
        if known is None:
            return None
        if known.place == "file":
            return Credential(known.user, known.token, "file")
        token = None
        store = self._usable()
        if store is not None:
            with contextlib.suppress(Exception):
                token = store.get_password(SERVICE, _name(server, known.user))
        return Credential(known.user, token, "keyring") if token else None

    def save(self, server: str, user: str, token: str) -> Place:
        """Keeps the token and says where. ``StoreError`` where neither place takes it."""
        place: Place = "file"
        store = self._usable()
        if store is not None:
            # A key store may be there and still be locked, without a session, or forgetful: only what comes back counts.
            with contextlib.suppress(Exception):
                store.set_password(SERVICE, _name(server, user), token)
                if store.get_password(SERVICE, _name(server, user)) == token:
                    place = "keyring"
        known = self._read()
        known[server] = _Known(user, place, token if place == "file" else "")
        self._write(known)
        return place

    def forget(self, server: str) -> bool:
        """Signs out; False where nobody was signed in."""
        known = self._read()
        entry = known.pop(server, None)
        if entry is None:
            return False
        if entry.place == "keyring":
            dropped(self._usable(), _name(server, entry.user))
        self._write(known)
        return True

    def destroy(self) -> bool:
        """Signs out everywhere; False where the key store may have a token still, because it did not answer."""
        known = self._read()
        stored = [_name(server, entry.user) for server, entry in known.items() if entry.place == "keyring"]
        gone = [dropped(self._usable(), name) for name in stored]
        if known:
            self._write({})
        return all(gone)

    def place(self, server: str) -> Place | None:
        """Where the token for a server is kept, None where nobody is signed in; asks no key store."""
        known = self._read().get(server)
        return known.place if known else None

    def servers(self) -> list[str]:
        """Every server that somebody is signed in to."""
        return sorted(self._read())

    def where(self) -> Place:
        """Where a token would be kept now."""
        return "keyring" if self._usable() is not None else "file"

    def _usable(self) -> KeyStore | None:
        if self._keyring is None:
            self._keyring = system_store() or "none"
        return None if isinstance(self._keyring, str) else self._keyring

    def _read(self) -> dict[str, _Known]:
        try:
            data = self._path.read_bytes()
            if os.name != "nt" and self._path.stat().st_mode & 0o077:
                self._path.chmod(0o600)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise store_error(f"{self._path.name} could not be read", error) from error
        try:
            return msgspec.json.decode(data, type=dict[str, _Known])
        except (ValueError, RecursionError):
            # Without the cause: it might quote what stands in the file.
            raise errors.StoreError(
                f"The file of sign-ins ({self._path.name}) is damaged.",
                "Delete it and sign in again: `okpay-console login`.",
            ) from None

    def _write(self, known: dict[str, _Known]) -> None:
        replace_file(self._path, msgspec.json.encode(known), durable=True)


def _name(server: str, user: str) -> str:
    return f"{user} at {server}"
