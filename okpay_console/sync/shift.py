"""One person's shift at this console: it begins and ends with the desk, and an end that nobody told is told afterwards."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final, Protocol

from msgspec.structs import replace

from .. import errors
from ..domain.daybook import LOST
from ..local.daybook import Book
from .clock import Clock
from .disk import Disk

MARK_S: Final = 60.0
"""The last sign of life is written so often at most."""
BACK: Final = timedelta(minutes=2)
"""A console that is back within this time was not gone: its state goes on."""


class Tell(Protocol):
    def __call__(self, *, what: str, reason: str = "", at: datetime | None = None) -> Awaitable[object]:
        """Puts a state on the disk, as of ``at``."""
        ...


class Shift:
    """``begin`` with the desk, ``end`` with it; ``keep`` in between leaves the signs of life that a crash is dated by."""

    def __init__(
        self, book: Book, *, disk: Disk, clock: Clock, me: Callable[[], str], role: Callable[[], str], tell: Tell
    ) -> None:
        self._book = book
        self._disk = disk
        self._clock = clock
        self._me = me
        self._role = role
        self._tell = tell
        self._begun: datetime | None = None
        self._open = False

    @property
    def at_work(self) -> bool:
        """Whether a desk is open here and its person in a state other than offline."""
        mark = self._book.mark
        return self._open and mark.by == self._me() and mark.what not in ("", "offline")

    @property
    def role(self) -> str:
        """What the person is, as the server says or last said; "" where it never did."""
        mark = self._book.mark
        return self._role() or (mark.role if mark.by == self._me() else "")

    async def begin(self) -> None:
        """A desk is open from now on. Whoever was lost is said to have been, and an agent is available."""
        now = self._clock.now()
        self._open, self._begun = True, now
        mark = self._book.mark
        if mark.by == self._me() and mark.what not in ("", "offline"):
            alive = max(mark.alive or now, mark.at or now) if mark.alive and mark.at else now
            if now - alive > BACK:
                await self._tell(what="offline", reason=LOST, at=alive)
        await self.learn()

    async def learn(self) -> None:
        """Remembers what the server says of the person's role; an agent's shift begins with the desk, also where that is
        known only later."""
        mark, me = self._book.mark, self._me()
        if not self._open or not me:
            return
        role = self.role
        if mark.by != me or mark.role != role:
            fresh = replace(mark, role=role) if mark.by == me else type(mark)(by=me, role=role)
            await self._disk.commit(lambda: self._book.plan_mark(fresh))
        begun, self._begun = self._begun, None if role else self._begun
        if begun is not None and role == "agent" and self._book.mark.what in ("", "offline"):
            await self._tell(what="available", at=begun)

    async def keep(self) -> None:
        """Leaves a sign of life until cancelled."""
        while True:
            await self._clock.sleep(MARK_S)
            # A disk that took nothing is said where somebody's words meet it.
            with contextlib.suppress(errors.StoreError):
                await self.sign()

    async def sign(self) -> None:
        """Writes down that the person is here now, where he is in a state."""
        if self.at_work:
            mark = replace(self._book.mark, alive=self._clock.now())
            await self._disk.commit(lambda: self._book.plan_mark(mark))

    async def end(self) -> None:
        """The desk is closed; returns when the disk has it. Twice is harmless."""
        at_work, self._open = self.at_work, False
        if at_work:
            await self._tell(what="offline")
