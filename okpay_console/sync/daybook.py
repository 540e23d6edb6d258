"""The daybook's way to the server and back: lines are sent at once and again after drops, and others' come in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from msgspec.structs import replace

from .. import errors
from ..domain.daybook import DaybookPage, Line, LineFate, Told
from ..local.daybook import Book, batches
from ..local.store import Commit
from ..remote import daybook as door
from ..remote.daybook import Door
from .clock import HouseClock
from .disk import Disk

FOLLOW_S: Final = 1.5
"""An open wall asks this often."""
BEAT_S: Final = 30.0
"""Whoever is at work is heard of this often."""
STALE_S: Final = 600.0
"""Without any news it is asked this often: a server that was restored makes no other sign here."""
AGAIN_S: Final = 5.0
_AHEAD: Final = timedelta(minutes=2)


class Daybook:
    """One person's daybook. Reading is instant; ``refresh`` talks to the server, and ``run`` does so when it is due.

    ``alive``: whether the person is in a state, so that the server is told of him. ``revision`` is the number that sync pages
    carry, 0 for a server without a daybook. ``told`` is called when ``seen`` has changed; lines that change come by the disk.
    """

    def __init__(
        self,
        book: Book,
        *,
        disk: Disk,
        clock: HouseClock,
        me: Callable[[], str],
        api: Callable[[], Door | None],
        revision: Callable[[], int],
        alive: Callable[[], bool],
        told: Callable[[], None],
    ) -> None:
        self.book = book
        self.seen: Mapping[str, datetime] = {}
        self._disk = disk
        self._clock = clock
        self._me = me
        self._api = api
        self._revision = revision
        self._alive = alive
        self._told = told
        self._turn = asyncio.Lock()
        self._wake = asyncio.Event()
        self._following = self._live = False
        self._read: tuple[int, float] | None = None
        self._beat_at: float | None = None

    def follow(self, on: bool) -> None:
        """Whether somebody watches the floor."""
        self._following = on
        self.wake()

    def doubt(self) -> None:
        """What is known may be more than this person may know by now: it is asked for at the next occasion."""
        self._read = None

    def wake(self) -> None:
        """There is something to send or to fetch."""
        self._wake.set()

    async def tell(self, line: Line) -> None:
        """Returns when the line is on this disk."""
        await self._disk.commit(lambda: self.book.plan_tell(line))
        self.wake()

    async def refresh(self, *, anyway: bool = False) -> None:
        """Sends what is unsent, then reads what is new where that is due, or ``anyway``. Raises the remote errors, the store's.

        A console that runs a command has no use for what others tell, so it does not ask.
        """
        api = self._api()
        async with self._turn:
            if api is None or not self._revision():
                return
            fates = await self._send(api)
            if fates or anyway or (self._live and self._due()):
                await self._fetch(api, fates)

    async def run(self) -> None:
        """Follows, beats and sends until cancelled. A trouble is the link's to say; here it is tried again."""
        self._live = True
        while True:
            self._wake.clear()
            try:
                await self.refresh(anyway=self._following)
            except errors.OkpayError:
                await self._woken(AGAIN_S)
                continue
            await self._woken(self._rest())

    # Inside

    def _rest(self) -> float | None:
        """Seconds until something is due by itself."""
        if self._following:
            return FOLLOW_S
        if not self._alive():
            return None
        return BEAT_S if self._beat_at is None else max(0.1, self._beat_at + BEAT_S - self._clock.monotonic())

    def _due(self) -> bool:
        """Whether the server has news, or had none for so long that it may be another one."""
        return (
            self._read is None
            or self._read[0] != self._revision()
            or self._clock.monotonic() - self._read[1] >= STALE_S
        )

    async def _send(self, api: Door) -> dict[str, LineFate]:
        """What became of each unsent line; those that will never be taken are set aside at once and block nobody."""
        fates: dict[str, LineFate] = {}
        waiting = batches([self._dated(line) for line in self.book.unsent(self._me())])
        beat = self._alive() and (
            self._beat_at is None or self._clock.monotonic() - self._beat_at >= BEAT_S - FOLLOW_S / 2
        )
        if beat and not waiting:
            waiting = [[]]
        while waiting:
            batch = waiting.pop(0)
            try:
                answer = await door.tell(api, Told(batch, self._alive()))
            except errors.Refused as error:
                if not batch:
                    break
                if len(batch) > 1:
                    # One of them spoils the request: the halves tell which.
                    waiting[:0] = [batch[: len(batch) // 2], batch[len(batch) // 2 :]]
                    continue
                fates[batch[0].uuid] = LineFate(batch[0].uuid, "refused", code=error.code, what=error.what)
                continue
            if self._alive():
                self._beat_at = self._clock.monotonic()
            sent = {line.uuid for line in batch}
            fates |= {fate.uuid: fate for fate in answer.lines if fate.uuid in sent}
        if any(fate.state == "refused" for fate in fates.values()):
            await self._disk.commit(lambda: self.book.plan_refused(fates.values()))
        return fates

    async def _fetch(self, api: Door, fates: dict[str, LineFate]) -> None:
        """Page after page, until nothing is left; what was confirmed is so from the page on whose cursor covers it."""
        revision = self._revision()
        renewed = False
        while True:
            asked = self.book.after
            try:
                page = await door.read(api, asked)
            except errors.Gone:
                if renewed or not asked:
                    raise
                renewed = True
                await self._disk.commit(self.book.plan_again)
                fates = await self._send(api)
                continue
            await self._disk.commit(self._taken(page, asked, fates))
            if not page.more or self.book.after != page.after:
                break
        if page.seen and page.seen != self.seen:
            self.seen = page.seen
            self._told()
        self._read = revision, self._clock.monotonic()

    def _taken(self, page: DaybookPage, asked: str, fates: Mapping[str, LineFate]) -> Callable[[], Commit | None]:
        return lambda: self.book.plan_page(page, asked, fates=fates, now=self._clock.now())

    def _dated(self, line: Line) -> Line:
        """A line that was told while this machine's clock was ahead, and nobody knew, cannot be of the future."""
        now = self._clock.server()
        return replace(line, at=now) if line.at > now + _AHEAD else line

    async def _woken(self, seconds: float | None) -> None:
        waiting: set[asyncio.Future[Any]] = {asyncio.ensure_future(self._wake.wait())}
        if seconds is not None:
            waiting.add(asyncio.ensure_future(self._clock.sleep(seconds)))
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
