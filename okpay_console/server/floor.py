"""The running numbers of the whole house: one process keeps them up with the feed and the daybook, and all can read them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta, tzinfo
from functools import partial
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row

from .. import errors
from ..domain import queue, walltally
from ..domain.alarms import State
from ..domain.crew import Crew
from ..domain.daybook import Line
from ..domain.wallnumbers import House, Wall
from ..domain.watch import Watch
from . import alarms
from . import wall as newest
from .clock import millis
from .db import Database
from .duty import Duty
from .floorlog import DUTY, Beside, Place, beside, following
from .postman import Postman

_log: Final = logging.getLogger("okpay.server")
_BEAT_S: Final = 2.0
_SLICE: Final = 40
"""Tickets learnt at once; about two milliseconds, in which nobody else's Python runs."""
_AGENTS: Final = 10
_BACK: Final = timedelta(hours=74)
"""So far back lines are read: two days before the present one began, as ``Crew`` wants, and what a clock may be wrong by."""
_ROW: Final = msgspec.json.Decoder(queue.Row)
_LINE: Final = msgspec.json.Decoder(Line)


class Floor:
    """Reads what has changed, reckons, and writes the numbers and what the alarms make of them in one transaction.

    Everything long runs in a thread and in slices, with as much time for others in between. ``every_s``: how often at most.
    """

    def __init__(
        self, db: Database, *, clock: Callable[[], datetime], running: Callable[[], float], house: House, tz: tzinfo,
        every_s: float = 1.0, patience_s: float = 4.0,
    ) -> None:  # fmt: skip
        self.duty = Duty(db, DUTY, running=running, patience_s=patience_s)
        self._db = db
        self._clock = clock
        self._running = running
        self._house = house
        self._tz = tz
        self._every_s = every_s
        self._tasks: list[asyncio.Task[None]] = []
        self.postman = Postman(db, clock=clock, on_duty=lambda: self.duty.held)
        self._forget()

    def _forget(self) -> None:
        self._watch = Watch(self._house, tz=self._tz)
        self._crew = Crew(tz=self._tz)
        self._place = Place()
        self._day: date | None = None
        self._states: dict[str, State] = {}
        self._as_of: datetime | None = None
        self._moved = True
        self._beaten = float("-inf")

    def start(self) -> None:
        """Begins to take part: numbers, alarms and what is sent about them. Not at all with an ``every_s`` of 0."""
        if self._every_s > 0:
            self._tasks = [
                asyncio.create_task(self._run(), name="okpay-floor"),
                asyncio.create_task(self.postman.run(), name="okpay-postman"),
            ]

    async def stop(self) -> None:
        """Gives the duty back; harmless when done twice."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.postman.close()
        await self.duty.leave()

    async def _run(self) -> None:
        while True:
            began = self._running()
            try:
                await self.turn()
            except (errors.Unavailable, OSError) as error:
                _log.warning("the numbers of the floor cannot be kept: %s", type(error).__name__)
            except Exception as error:  # a fault of ours must not end the numbers of the house for good
                _log.error("the numbers of the floor begin anew after %s", type(error).__name__)
                self._forget()
            await asyncio.sleep(max(self._every_s - (self._running() - began), 0.1))

    async def turn(self) -> bool:
        """Takes the duty if it is free, catches up, reckons and writes; whether this process has the duty."""
        if not await self.duty.hold():
            return False
        if not await self._catch_up():
            return False
        others = await self._db.read(beside, quick=True)
        now = self._clock()
        if not self._due(others, now):
            return await self._alive()
        wall = await self._reckon(others.seen, now)
        steps = alarms.look(others.alarms, self._states, wall, now=now, tz=self._tz)
        if await self._write(wall, list(steps.values()), now):
            self._as_of, self._moved = now, False
        return self.duty.held

    def _due(self, others: Beside, now: datetime) -> bool:
        if self._moved or others.alarms or self._as_of is None:
            return True
        wanted = abs(millis(now) - others.asked) <= newest.WANTED_S * 1000
        return wanted or abs((now - self._as_of).total_seconds()) >= newest.IDLE_S

    async def _alive(self) -> bool:
        """Moves the beat in time, also while much is read; False where another has the duty by now."""
        return self._running() - self._beaten < _BEAT_S or await self._write(None, [], self._clock())

    async def _catch_up(self) -> bool:
        """False where another took over meanwhile, and nothing is known any more."""
        today = self._clock().astimezone(self._tz).date()
        if today != self._day:
            # A crew keeps every line that it has learnt; of the days that have gone it needs no more.
            self._day, self._crew = today, Crew(tz=self._tz)
            self._place = self._place._replace(line=0, mark=0)
        more = True
        while more:
            place, since = self._place, millis(self._clock() - _BACK)
            found = await self._db.read(partial(following, place=place, since=since))
            if found is None:
                self._forget()
                self._day = today
                continue
            self._moved = self._moved or bool(found.rows or found.lines)
            for first in range(0, len(found.rows), _SLICE):
                await self._aside(self._learn, found.rows[first : first + _SLICE])
            if found.lines:
                await self._aside(self._hear, found.lines)
            self._place, more = found.place, found.more
            if not await self._alive():
                return False
        return True

    async def _aside(self, work: Callable[..., Any], *given: Any) -> Any:
        """Runs a slice in a thread, and leaves others as much time afterwards."""
        began = self._running()
        result = await asyncio.to_thread(work, *given)
        await asyncio.sleep(self._running() - began)
        return result

    def _learn(self, rows: list[Row[Any]]) -> None:
        living = {row.id: _ROW.decode(row.doc) for row in rows if not row.gone}
        self._watch.learn(living, [row.id for row in rows])

    def _hear(self, rows: list[Row[Any]]) -> None:
        self._crew.learn([_LINE.decode(row.doc) for row in rows])

    async def _reckon(self, seen: dict[str, datetime], now: datetime) -> Wall:
        stale = await asyncio.to_thread(self._crew.stale, self._watch, now)
        for first in range(0, len(stale), _AGENTS):
            await self._aside(self._crew.reckon, self._watch, stale[first : first + _AGENTS], now)
        found: Wall = await asyncio.to_thread(self._numbers, seen, now)
        return found

    def _numbers(self, seen: dict[str, datetime], now: datetime) -> Wall:
        return walltally.numbers(self._watch, now, crew=self._crew.numbers(self._watch, seen, now))

    async def _write(self, wall: Wall | None, steps: list[alarms.Step], now: datetime) -> bool:
        """Writes under proof of the duty, all or nothing; forgets everything where another has it by now."""
        text = None if wall is None else msgspec.json.encode(wall).decode()
        matters = [one for one in steps if one.matters]

        def work(conn: Connection) -> list[str] | None:
            if not self.duty.beat(conn):
                return None
            if text is not None:
                newest.keep(conn, text, now)
            return alarms.settle(conn, matters, now=now)

        fell = await self._db.write(work)
        if fell is None:
            self.duty.lost()
            self._forget()
            return False
        self._beaten = self._running()
        self._states = {one.kept.id: one.state for one in steps if one.kept.id not in fell} if wall else self._states
        return True
