"""Time as the engine sees it: an argument, so that a simulator can own it."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

NOTED_S: Final = 120.0
"""Seconds by which a clock must be wrong before anything is made of it: less is the way there and back, or a slow day."""


class Clock(Protocol):
    def now(self) -> datetime:
        """Wall clock, UTC, for display and for dating."""
        ...

    def monotonic(self) -> float:
        """Seconds that never jump, for waiting."""
        ...

    async def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """This machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class HouseClock:
    """A machine's clock, which goes by the server's as soon as it is known to be wrong by more than ``NOTED_S``.

    One house has one time: whether a reply has expired, a call still rings and a ticket is late is judged by it, so that
    nobody is kept from working by the clock of his own machine. Waiting is by the machine's own seconds.
    """

    def __init__(self, machine: Clock) -> None:
        self._machine = machine
        self._ahead = 0.0

    def now(self) -> datetime:
        return self._machine.now() - timedelta(seconds=self._ahead if abs(self._ahead) > NOTED_S else 0.0)

    def server(self) -> datetime:
        """What the server's clock says, as far as it has been heard of."""
        return self._machine.now() - timedelta(seconds=self._ahead)

    def monotonic(self) -> float:
        return self._machine.monotonic()

    async def sleep(self, seconds: float) -> None:
        await self._machine.sleep(seconds)

    def heard(self, server_now: datetime, asked: float) -> float:
        """The server has told its time in an answer to what was ``asked`` then, by ``monotonic``.

        Returns the seconds that this machine's clock is ahead, give or take half the way there and back.
        """
        half_way = (self.monotonic() - asked) / 2
        self._ahead = (self._machine.now() - server_now).total_seconds() - half_way
        return self._ahead
