"""The keys of this machine's data as the settings and the person at the keyboard give them."""

from __future__ import annotations

import contextlib
import sys
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from okpay_console import errors
from okpay_console.config import Settings
from okpay_console.wiring.house import store_path

if TYPE_CHECKING:
    from okpay_console.local.database import OkDB
    from okpay_console.local.vault import Kind, Vault

KEYS: Final = "vault.json"
SHORTEST: Final = 8
"""Letters of a passphrase at least (NIST SP 800-63B-4 §3.1.1.2 for a secret that is not the only factor)."""
_TRIES: Final = 3


class Sealing(msgspec.Struct, frozen=True):
    """Where the key of this machine's data is, and whether its store is sealed with it already."""

    kind: Kind
    sealed: bool
    store: bool


def vault(settings: Settings) -> Vault:
    """The vault of the settings' data folder; one for the whole process, so that a passphrase is asked and stretched once."""
    return _vault(settings.home, settings.passphrase, settings.language)


@lru_cache(maxsize=8)
def _vault(home: Path, passphrase: str, lang: str) -> Vault:
    from okpay_console.local.vault import Vault

    return Vault(home, ask=lambda: passphrase or typed(lang))


def typed(lang: str, *, again: bool = False) -> str:
    """A passphrase from the terminal, without showing it; "" where there is no terminal."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return ""
    zh, en = ("再输入一次：", "Once more: ") if again else ("本机数据的口令（不显示）：", "Passphrase (not shown): ")
    import getpass

    return getpass.getpass(en if lang == "en" else zh)


def opened(settings: Settings, *, readonly: bool = False) -> OkDB:
    """This console's store with its key; errors as ``open_store``.

    A store whose owner's token is in the system's key store gets its key there too, the first time that it is opened.
    """
    from okpay_console.local.store import open_store

    keys = vault(settings)
    if not readonly:
        _adopt(settings, keys)
    return open_store(store_path(settings), readonly=readonly, vault=keys)


async def at_hand(settings: Settings) -> Settings:
    """The settings with their sign-in, and everything asked of the system's key store that opening the store will need.

    A key store may open a window and wait for its user, and a screen must answer meanwhile; errors as ``opened``.
    """
    import asyncio
    import threading

    loop = asyncio.get_running_loop()
    done: asyncio.Future[Settings] = loop.create_future()

    def settle(found: Settings | None, failure: Exception | None) -> None:
        if not done.done():
            done.set_exception(failure) if failure is not None else done.set_result(found or settings)

    def ask() -> None:
        found, failure = None, None
        try:
            found = _asked(settings)
        except Exception as error:
            failure = error
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, found, failure)

    # No executor's: a loop that ends waits for those, and this one may hang.
    threading.Thread(target=ask, name="okpay-keys", daemon=True).start()
    return await done


def _asked(settings: Settings) -> Settings:
    from okpay_console.local.store import sealed_as
    from okpay_console.wiring.signin import signed_in

    settings = signed_in(settings)
    keys = vault(settings)
    # A passphrase is asked for on the terminal, and by whoever opens the store: Ctrl-C must reach it.
    if keys.kind != "passphrase":
        _adopt(settings, keys)
        keys.wanted()
        keys.codec_for(sealed_as(store_path(settings)))
    return settings


def _adopt(settings: Settings, keys: Vault) -> None:
    if keys.kind == "none" and _trusts_the_key_store(settings):
        # A key store that does not keep it leaves everything as it was; ``doctor`` says so.
        with contextlib.suppress(errors.StoreError):
            keys.protect("keyring")


def unlock(settings: Settings) -> None:
    """Makes sure of the key before a screen takes the terminal, where somebody has to type it; ``StoreLocked`` otherwise."""
    # Most machines have nothing to type, and the first frame is waited for.
    if not (settings.home / KEYS).exists() or (keys := vault(settings)).kind != "passphrase":
        return
    for left in reversed(range(_TRIES)):
        try:
            keys.wanted()
        except errors.StoreLocked as error:
            if not left or settings.passphrase or error.code != "wrong-passphrase":
                raise
            sys.stderr.write(
                "Wrong passphrase; try again.\n" if settings.language == "en" else "口令不对，请再试一次。\n"
            )
        else:
            return


def check(settings: Settings, passphrase: str) -> None:
    """``StoreLocked`` where this is not the passphrase of this machine's data."""
    _vault(settings.home, passphrase, settings.language).wanted()


def protect(settings: Settings, kind: Literal["keyring", "passphrase"], *, passphrase: str = "") -> bool:
    """A new key, and the store sealed with it; False where a console has it open, and seals it when it is next started.

    ``UsageError`` for a passphrase that is too short, ``StoreLocked`` where the key store keeps no key.
    """
    if kind == "passphrase" and len(passphrase) < SHORTEST:
        raise errors.UsageError(
            f"A passphrase has at least {SHORTEST} letters.", "Take several words.", code="short-passphrase"
        )
    vault(settings).protect(kind, passphrase=passphrase)
    if not store_path(settings).exists():
        return True
    try:
        opened(settings).close()
    except errors.StoreBusy:
        return False
    return sealing(settings).sealed


def sealing(settings: Settings) -> Sealing:
    """How this machine's data is kept; no key is asked for."""
    from okpay_console.local.store import sealed_as
    from okpay_console.local.vault import Vault

    path = store_path(settings)
    return Sealing(Vault(settings.home).kind, sealed_as(path) not in ("", "plain"), path.exists())


def _trusts_the_key_store(settings: Settings) -> bool:
    from okpay_console.wiring.signin import credentials

    return credentials(settings).place(settings.server) == "keyring"
