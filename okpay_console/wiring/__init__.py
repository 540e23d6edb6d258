"""Where the parts meet: opens what a command needs, and nothing that it does not."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from okpay_console import errors
from okpay_console.config import Settings
from okpay_console.wiring.signin import (
    SNAPSHOT,
    credentials,
    forget_sign_in,
    keep_sign_in,
    last_server,
    require_sign_in,
    signed_in,
)

if TYPE_CHECKING:
    from okpay_console.domain.answers import Answer
    from okpay_console.domain.ops import Rules
    from okpay_console.domain.views import Saved
    from okpay_console.domain.wire import Me
    from okpay_console.local.database import OkDB
    from okpay_console.local.mirror import Mirror
    from okpay_console.local.record import Changes
    from okpay_console.local.recovery import Recovery
    from okpay_console.local.watch import Line
    from okpay_console.remote.api import Api
    from okpay_console.sync.engine import Changed
    from okpay_console.sync.picture import Picture
    from okpay_console.wiring.closed import ClosedDoor
    from okpay_console.wiring.desk import Desk

__all__ = [
    "SNAPSHOT", "answers", "ask_server", "category_titles", "credentials", "database", "documents", "forget_sign_in",
    "holder", "keep_sign_in", "last_server", "new_id", "now", "open_api", "own_views", "reading", "recovery",
    "require_sign_in", "rules", "serve", "signed_in", "store_path", "watched", "working",
]  # fmt: skip

STORE = "console.okdb"


def now() -> datetime:
    """This machine's clock, UTC."""
    return datetime.now(UTC)


def new_id() -> str:
    """A fresh UUIDv7."""
    import os
    import time

    from okpay_console.domain.ids import uuid7

    return uuid7(time.time_ns() // 1_000_000, os.urandom(10))


def store_path(settings: Settings) -> Path:
    """The console's one store: mirror, outbox, drafts."""
    return settings.home / STORE


def rules(settings: Settings | None = None) -> Rules:
    """The house's rules, the same for server and console, with the limits of the settings if they are given.

    Raises ``ConfigError`` where the house's own calendars or targets are wrong.
    """
    from okpay_console.content.limits import load_policy
    from okpay_console.content.rules import load_rules

    if settings is None:
        return load_rules()
    return load_rules(policy=load_policy(calendar=settings.calendar, targets=settings.sla.target))


def category_titles() -> dict[str, str]:
    """The code of every category by its titles in both languages."""
    from okpay_console.content.rules import load_categories

    return {title: one.id for one in load_categories() for title in (one.title.zh, one.title.en)}


class NoStore:
    """Stands where nothing was ever stored on this machine: empty to read, and not to be written."""

    def rows(self, _: str) -> Mapping[str, dict[str, Any]]:
        return {}

    def commit(self, _: Changes) -> None:
        raise AssertionError("a command that only reads wrote")


@contextlib.contextmanager
def reading(settings: Settings) -> Iterator[Picture]:
    """The tickets as this console sees them, read-only: works offline, and beside a console that is open."""
    from okpay_console.local.mirror import Mirror
    from okpay_console.local.outbox import Outbox
    from okpay_console.local.store import open_store
    from okpay_console.sync.picture import Picture

    path = store_path(settings)
    if not path.exists():
        yield Picture(Mirror(NoStore()), Outbox(NoStore()), rules=rules(settings))
        return
    db: OkDB = open_store(path, readonly=True)
    try:
        yield Picture(Mirror(db), Outbox(db), rules=rules(settings))
    finally:
        db.close()


def own_views(picture: Picture) -> tuple[Saved, ...]:
    """The views that whoever owns this console's store has made."""
    from okpay_console.local.views import Views

    owner = picture.mirror.owner
    return Views(picture.mirror.store).of(owner.user) if owner is not None else ()


def watched(settings: Settings) -> list[Line]:
    """This machine's own audit log, oldest line first; also beside a console that is open."""
    from okpay_console.local.store import open_store
    from okpay_console.local.watch import Watch

    path = store_path(settings)
    if not path.exists():
        return []
    db = open_store(path, readonly=True)
    try:
        return Watch(db).lines()
    finally:
        db.close()


@contextlib.asynccontextmanager
async def working(settings: Settings, *, listener: Callable[[Changed], None] = lambda _: None) -> AsyncIterator[Desk]:
    """The engine over this console's store, held for as long as the block runs; not yet in touch with the server.

    Raises the ``StoreError`` family (``StoreBusy`` naming the holder), ``SignedOut`` where nobody has ever signed in here.
    """
    import random

    from okpay_console.domain.author import Author
    from okpay_console.local.drafts import Drafts
    from okpay_console.local.mirror import Mirror
    from okpay_console.local.outbox import Outbox
    from okpay_console.local.store import open_store
    from okpay_console.remote.api import Api
    from okpay_console.remote.events import hints
    from okpay_console.sync.clock import SystemClock
    from okpay_console.wiring.desk import Desk

    settings = signed_in(settings)
    # The store first: somebody else's lock must be found before the network is asked.
    db = open_store(store_path(settings))
    api = _door(settings)
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
            pokes=(lambda: hints(api, sleep=clock.sleep, uniform=rng.uniform)) if isinstance(api, Api) else None,
            listener=listener,
        )
        engine.recovery = db.recovery
        try:
            yield engine
        finally:
            await engine.close()
    finally:
        if api is not None:
            await api.aclose()
        db.close()


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
    except (errors.Offline, errors.Unavailable):
        return ""


def open_api(settings: Settings, token: str) -> Api:
    """The door to the settings' server with this token; close it with ``aclose``."""
    from okpay_console.remote.api import Api

    return Api(settings.server, token, allow_plain=settings.plain_http)


def database(settings: Settings) -> str:
    """The server's database where none is named: an SQLite file in the data directory."""
    return str(settings.home / "server.db")


def answers(settings: Settings) -> Sequence[Answer]:
    """The canned answers as this machine's console has them; the shipped ones where nothing was ever stored."""
    from okpay_console.local.answers import AnswerCache
    from okpay_console.local.store import open_store
    from okpay_console.sync.shelf import laid_out

    path = store_path(settings)
    if not path.exists():
        return laid_out(())
    db: OkDB = open_store(path, readonly=True)
    try:
        return laid_out(AnswerCache(db).shelved())
    finally:
        db.close()


def serve(
    settings: Settings,
    *,
    database: str,
    host: str,
    port: int,
    workers: int,
    ready: Callable[[str], None],
    self_review: bool = False,
) -> None:
    """Runs the server until it is told to stop, by the rules of these settings."""
    from okpay_console.server import run

    house = rules(settings)
    config = run.ServerConfig(
        database=database, host=host, port=port, workers=workers, rules=house, self_review=self_review
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


def recovery(picture: Picture) -> Recovery | None:
    """What opening the store found damaged; None where there is no store."""
    found: Recovery | None = getattr(picture.mirror.store, "recovery", None)
    return found


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


def documents(settings: Settings) -> dict[str, Any]:
    """The server's documents as this console's disk holds them, for comparing books."""
    with reading(settings) as picture:
        return {ticket: dict(picture.mirror.doc(ticket) or {}) for ticket in picture.mirror.rows()}
