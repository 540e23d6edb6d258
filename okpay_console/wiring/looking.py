"""Looking at this console's store without owning it: read-only, offline as well, and beside a console that is open."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from okpay_console import errors
from okpay_console.config import Settings
from okpay_console.wiring.house import rules, store_path
from okpay_console.wiring.keys import opened
from okpay_console.wiring.signin import signed_in

if TYPE_CHECKING:
    from okpay_console.domain.answers import Answer
    from okpay_console.domain.daybook import Line as Floor
    from okpay_console.domain.views import Saved
    from okpay_console.local.daybook import Own
    from okpay_console.local.record import Changes
    from okpay_console.local.recovery import Recovery
    from okpay_console.local.watch import Line
    from okpay_console.sync.picture import Picture


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
    from okpay_console.sync.picture import Picture

    if not store_path(settings).exists():
        yield Picture(Mirror(NoStore()), Outbox(NoStore()), rules=rules(settings))
        return
    db = opened(settings, readonly=True)
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
    from okpay_console.local.watch import Watch

    if not store_path(settings).exists():
        return []
    db = opened(settings, readonly=True)
    try:
        return Watch(db).lines()
    finally:
        db.close()


def answers(settings: Settings) -> Sequence[Answer]:
    """The canned answers as this machine's console has them; the shipped ones where nothing was ever stored."""
    from okpay_console.local.answers import AnswerCache
    from okpay_console.sync.shelf import laid_out

    if not store_path(settings).exists():
        return laid_out(())
    db = opened(settings, readonly=True)
    try:
        return laid_out(AnswerCache(db).shelved())
    finally:
        db.close()


def recovery(picture: Picture) -> Recovery | None:
    """What opening the store found damaged; None where there is no store."""
    found: Recovery | None = getattr(picture.mirror.store, "recovery", None)
    return found


def documents(settings: Settings) -> dict[str, Any]:
    """The server's documents as this console's disk holds them, for comparing books."""
    with reading(settings) as picture:
        return {ticket: dict(picture.mirror.doc(ticket) or {}) for ticket in picture.mirror.rows()}


def told_since(settings: Settings, picture: Picture, since: datetime) -> tuple[tuple[Floor, ...], bool]:
    """The daybook from a moment on, oldest line first, and whether that is all of it.

    This console keeps a day and a half, and what it watched itself; for more the server is asked, if it can be.
    """
    from okpay_console.domain.daybook import united
    from okpay_console.local.daybook import Book

    book = Book(picture.mirror.store)
    known = book.lines()
    if book.reaches(since, datetime.now(UTC)):
        return united((), known, since), True
    settings = signed_in(settings)
    if settings.server and settings.token:
        import asyncio

        with contextlib.suppress(errors.RemoteError, errors.ConfigError):
            return united(asyncio.run(_asked(settings, since)), known, since), True
    return united((), known, since), False


async def _asked(settings: Settings, since: datetime) -> tuple[Floor, ...]:
    from okpay_console.remote.daybook import read_since
    from okpay_console.wiring import open_api

    api = open_api(settings, settings.token)
    try:
        return await read_since(api, since)
    finally:
        await api.aclose()


def untold(picture: Picture) -> Sequence[Own]:
    """The lines of the daybook that the server will never take, oldest first."""
    from okpay_console.local.daybook import Book

    return Book(picture.mirror.store).refused()
