"""Who is signed in where, and where that is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from okpay_console import errors
from okpay_console.config import Say, Settings

if TYPE_CHECKING:
    from okpay_console.local.credentials import Credentials

SNAPSHOT = "first-screen.snapshot"
WIPED = "wiped.json"
"""What a wipe that nobody here asked for has left to be told; it holds nobody's words."""
_LAST_SERVER = "server"


def signed_in(settings: Settings) -> Settings:
    """The settings with server and token of the last sign-in where none are given otherwise."""
    server = settings.server or last_server(settings)
    token = settings.token
    if server and not token:
        found = credentials(settings).load(server)
        token = found.token if found else ""
    return msgspec.structs.replace(settings, server=server, token=token)


def require_sign_in(settings: Settings, say: Say) -> None:
    """``UsageError`` where the settings name no server, ``SignedOut`` where they have no token for it."""
    if not settings.server:
        raise errors.UsageError(
            say("还没有指定服务器。", "No server is known yet."),
            say(
                "请登录：okpay-console login --server https://…；或先看演示：okpay-console demo",
                "Sign in: okpay-console login --server https://…; or look at the demo: okpay-console demo",
            ),
        )
    if not settings.token:
        raise errors.SignedOut(
            f"Nobody is signed in to {settings.server}.", "Run `okpay-console login`.", code="not-signed-in"
        )


def credentials(settings: Settings) -> Credentials:
    """Who is signed in where."""
    from okpay_console.local.credentials import Credentials

    return Credentials(settings.home / "credentials.json")


def last_server(settings: Settings) -> str:
    """The server of the last sign-in, "" for none: it need not be named again."""
    try:
        return (settings.home / _LAST_SERVER).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def keep_sign_in(settings: Settings, *, token: str, user: str) -> str:
    """Keeps a token that the server has accepted; returns where: ``keyring``, or the path of the file."""
    from okpay_console.local.whole import replace_file

    keeper = credentials(settings)
    place = keeper.save(settings.server, user, token)
    replace_file(settings.home / _LAST_SERVER, settings.server.encode(), durable=True)
    # Whoever signs in anew has been told of a wipe.
    (settings.home / WIPED).unlink(missing_ok=True)
    return place if place == "keyring" else str(settings.home / "credentials.json")


def forget_sign_in(settings: Settings) -> bool:
    """Forgets the token of the settings' server, or of the last one; False where nobody was signed in."""
    from okpay_console.local import snapshot

    server = settings.server or last_server(settings)
    snapshot.remove(settings.home / SNAPSHOT)
    return bool(server) and credentials(settings).forget(server)
