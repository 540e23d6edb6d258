"""Where the parts meet: opens what a command needs, and nothing that it does not."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from okpay_console import errors
from okpay_console.config import Settings
from okpay_console.wiring.house import STORE, category_titles, rules, store_path
from okpay_console.wiring.keys import at_hand, check, opened, protect, sealing, typed, unlock
from okpay_console.wiring.looking import (
    answers,
    documents,
    own_views,
    reading,
    recovery,
    told_since,
    untold,
    watched,
)
from okpay_console.wiring.signin import (
    SNAPSHOT,
    credentials,
    forget_sign_in,
    keep_sign_in,
    last_server,
    require_sign_in,
    signed_in,
)
from okpay_console.wiring.wiping import kept, last_wipe, locked_out, unsent, wipe

if TYPE_CHECKING:
    from okpay_console.domain.wire import Me
    from okpay_console.local.mirror import Mirror
    from okpay_console.remote.api import Api
    from okpay_console.sync.engine import Changed
    from okpay_console.wiring.closed import ClosedDoor
    from okpay_console.wiring.desk import Desk

__all__ = [
    "SNAPSHOT", "answers", "ask_server", "at_hand", "category_titles", "check", "credentials", "database", "documents",
    "forget_sign_in", "holder", "keep_sign_in", "kept", "last_server", "last_wipe", "locked_out", "new_id", "now", "open_api",
    "own_views", "protect", "reading", "recovery", "require_sign_in", "rules", "sealing", "serve", "signed_in",
    "store_path", "told_since", "typed", "unlock", "unsent", "untold", "watched", "wipe", "working",
]  # fmt: skip


def now() -> datetime:
    """This machine's clock, UTC."""
    return datetime.now(UTC)


def new_id() -> str:
    """A fresh UUIDv7."""
    import os
    import time

    from okpay_console.domain.ids import uuid7

    return uuid7(time.time_ns() // 1_000_000, os.urandom(10))


@contextlib.asynccontextmanager
async def working(settings: Settings, *, listener: Callable[[Changed], None] = lambda _: None) -> AsyncIterator[Desk]:
    """The engine over this console's store, held for as long as the block runs; not yet in touch with the server.

    When it is left after the store's own server has said that its user is disabled, this machine is wiped.

    Raises the ``StoreError`` family (``StoreBusy`` naming the holder), ``SignedOut`` where nobody has ever signed in here.
    """
    import random

    from okpay_console.domain.author import Author
    from okpay_console.local.drafts import Drafts
    from okpay_console.local.mirror import Mirror
    from okpay_console.local.outbox import Outbox
    from okpay_console.remote.api import Api
    from okpay_console.remote.events import hints
    from okpay_console.sync.clock import SystemClock
    from okpay_console.wiring.desk import Desk

    settings = await at_hand(settings)
    # The store first: somebody else's lock must be found before the network is asked.
    db = opened(settings)
    api = _door(settings)
    code = ""
    try:
        mirror, outbox = Mirror(db), Outbox(db)
        clock, rng = SystemClock(), random.Random()  # noqa: S311 (spreads retries, no secret)
        engine = Desk(
            api=api,
            mirror=mirror,
            outbox=outbox,
            author=Author(await _name(mirror, api), new_id, clock.now),
            rules=rules(settings),
            clock=clock,
            rng=rng,
            drafts=Drafts(db),
            pokes=(
                (lambda: hints(api, sleep=clock.sleep, uniform=rng.uniform, monotonic=clock.monotonic))
                if isinstance(api, Api)
                else None
            ),
            listener=listener,
        )
        engine.recovery = db.recovery
        try:
            yield engine
        finally:
            code = engine.status().code
            await engine.close()
    finally:
        if api is not None:
            await api.aclose()
        db.close()
        if locked_out(settings, code):
            wipe(settings, now=now(), why=code, keep_note=True)


def _door(settings: Settings) -> Api | ClosedDoor | None:
    """The way to the server; None where nobody is signed in, a closed door where the address or the token cannot be used."""
    from okpay_console.wiring.closed import ClosedDoor

    if not settings.server or not settings.token:
        return None
    try:
        return open_api(settings, settings.token)
    except errors.ConfigError as error:
        return ClosedDoor(error)


async def _name(mirror: Mirror, api: Api | ClosedDoor | None) -> str:
    """Who works here: the store's owner, else whoever the token is.

    Without either the words are kept all the same, under no name: the server takes the author from the token anyway.
    """
    if mirror.owner is not None:
        return mirror.owner.user
    if api is None:
        raise errors.SignedOut(
            "Nobody has signed in on this machine yet.", "Run `okpay-console login`.", code="not-signed-in"
        )
    try:
        return (await api.me()).user
    except (errors.Offline, errors.Unavailable, errors.BadReply):
        # A hotel's sign-in page answers for the server at first; that is no reason to take no words.
        return ""


def open_api(settings: Settings, token: str) -> Api:
    """The door to the settings' server with this token; close it with ``aclose``."""
    from okpay_console.remote.api import Api

    return Api(
        settings.server,
        token,
        timeout=settings.answer_seconds,
        silence=settings.silence_seconds,
        allow_plain=settings.plain_http,
        ca_file=settings.authorities,
    )


def database(settings: Settings) -> str:
    """The server's database where none is named: an SQLite file in the data directory."""
    return str(settings.home / "server.db")


def serve(
    settings: Settings,
    *,
    database: str,
    host: str,
    port: int,
    workers: int,
    ready: Callable[[str], None],
    self_review: bool = False,
    certfile: str = "",
    keyfile: str = "",
    guesses: int = 20,
) -> None:
    """Runs the server until it is told to stop, by the rules of these settings."""
    from msgspec.structs import asdict

    from okpay_console.content.solving import solving
    from okpay_console.domain.wallnumbers import House
    from okpay_console.server import run

    config = run.ServerConfig(
        database=database,
        host=host,
        port=port,
        workers=workers,
        rules=rules(settings),
        self_review=self_review,
        certfile=certfile,
        keyfile=keyfile,
        guesses=guesses,
        house=House(**asdict(settings.wall), solving=solving()),
        zone=settings.timezone,
    )
    run.serve(config, ready=ready)


def holder(settings: Settings) -> int:
    """The process that has the store open, 0 for none (that can be told)."""
    from okpay_console.local.lock import Lock

    path = store_path(settings).with_name(STORE + ".lock")
    if not path.exists():
        return 0
    try:
        Lock(path, program="okpay-console").release()
    except errors.StoreBusy as error:
        return error.pid
    except OSError:
        return 0
    return 0


async def ask_server(settings: Settings) -> tuple[float, Me]:
    """Seconds that this clock is ahead of the server's, and who the token is; the ``RemoteError`` family."""
    api = open_api(settings, settings.token)
    try:
        asked = now()
        me = await api.me()
        half_way = (now() - asked) / 2
        return (asked + half_way - me.now).total_seconds(), me
    finally:
        await api.aclose()
