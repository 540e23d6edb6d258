"""One person's shift at this console: it begins and ends with the desk, and an end that nobody told is told afterwards.

A machine that sleeps tells nobody either: who wakes it up finds that his state has ended with the last sign of life.
"""

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
    """``begin`` with the desk, ``end`` with it; ``keep`` in between leaves the signs of life that a crash is dated by.

    ``ask`` has the server asked what time it is: a gap between two signs is a machine that slept, or a clock that was set.
    """

    def __init__(
        self,
        book: Book,
        *,
        disk: Disk,
        clock: Clock,
        me: Callable[[], str],
        role: Callable[[], str],
        tell: Tell,
        ask: Callable[[], None] = lambda: None,
    ) -> None:
        self._book = book
        self._disk = disk
        self._clock = clock
        self._me = me
        self._role = role
        self._tell = tell
        self._ask = ask
        self._begun: datetime | None = None
        self._open = False
        self._signed: datetime | None = None
        self._silent: datetime | None = None
        self.woken = False
        """Whether the person may have told something elsewhere while this console heard of nothing."""

    @property
    def at_work(self) -> bool:
        """Whether a desk is open here and its person in a state other than offline."""
        return self._open and self._in_state

    @property
    def role(self) -> str:
        """What the person is, as the server says or last said; "" where it never did."""
        mark = self._book.mark
        return self._role() or (mark.role if mark.by == self._me() else "")

    async def begin(self) -> None:
        """A desk is open from now on. Whoever was lost is said to have been, and an agent is available."""
        now = self._clock.now()
        self._open, self._begun, self._signed = True, now, None
        mark = self._book.mark
        if self._in_state:
            alive = max(mark.alive or now, mark.at or now) if mark.alive and mark.at else now
            if now - alive > BACK:
                await self._tell(what="offline", reason=LOST, at=alive)
        await self.learn()

    async def learn(self, *, heard: bool = False) -> None:
        """Remembers what the server says of the person's role; an agent's shift begins with the desk, also where that is
        known only later. ``heard``: so is what he told elsewhere, which a machine that slept has to wait for."""
        mark, me = self._book.mark, self._me()
        if not self._open or not me:
            return
        if self._silent is not None:
            await self._settle()
            mark = self._book.mark
        role = self.role
        if mark.by != me or mark.role != role:
            fresh = replace(mark, role=role) if mark.by == me else type(mark)(by=me, role=role)
            await self._disk.commit(lambda: self._book.plan_mark(fresh))
        if self.woken and not heard:
            return
        begun, self._begun = self._begun, None if role else self._begun
        woken, self.woken = self.woken, False
        if begun is not None and role == "agent" and not self._in_state and not (woken and self._elsewhere()):
            await self._tell(what="available", at=begun)

    async def keep(self) -> None:
        """Leaves a sign of life until cancelled."""
        while True:
            await self._clock.sleep(MARK_S)
            # A disk that took nothing is said where somebody's words meet it.
            with contextlib.suppress(errors.StoreError):
                await self.sign()

    async def sign(self) -> None:
        """Writes down that the person is here now, where he is in a state; where he was not for long, that is settled first."""
        if not self.at_work:
            return
        if self._silent is not None:
            # Nobody could be asked for the time.
            await self._settle()
        elif not self.doubt():
            now, mark = self._clock.now(), self._book.mark
            self._signed = now
            await self._disk.commit(lambda: self._book.plan_mark(replace(mark, alive=now)))

    def doubt(self) -> bool:
        """Whether the last sign is so old that the person may have been gone since; it is settled once the time is known.

        To be asked before he says another state: that is a sign too, and would hide the gap.
        """
        if self.at_work and self._silent is None:
            now, mark = self._clock.now(), self._book.mark
            # A disk that did not take the last signs is no sleep.
            alive = max((one for one in (mark.alive, mark.at, self._signed) if one is not None), default=now)
            if now - alive > BACK:
                self._silent = alive
                self._ask()
        return self._silent is not None

    async def end(self) -> None:
        """The desk is closed; returns when the disk has it. Twice is harmless."""
        if self.doubt():
            await self._settle()
        at_work, self._open = self.at_work, False
        if at_work:
            await self._tell(what="offline")

    # Inside

    @property
    def _in_state(self) -> bool:
        mark = self._book.mark
        return mark.by == self._me() and mark.what not in ("", "offline")

    async def _settle(self) -> None:
        """By the time as it is known now: the person was gone since the last sign, unless only a clock was set."""
        now, alive = self._clock.now(), self._silent
        self._silent, self._signed = None, now
        before = self._book.mark
        said = before.by == self._me() and before.at is not None and alive is not None and before.at > alive
        if alive is None or not (self.at_work or (self._open and said)) or now - alive <= BACK:
            return
        await self._tell(what="offline", reason=LOST, at=alive)
        if said:
            # He has said since what he is at.
            await self._disk.commit(lambda: self._book.plan_mark(before))
        else:
            self._begun, self.woken = now, True

    def _elsewhere(self) -> bool:
        """Whether the last that was heard of this person's state was not told here."""
        states = [line for line in self._book.lines() if line.kind == "state" and line.by == self._me()]
        return bool(states) and states[-1].at != self._book.mark.at
