"""Virtual time: one true clock, and machines whose clocks were set wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

BEGIN = datetime(2026, 11, 22, 9, tzinfo=UTC)


class VirtualClock:
    """The true time; whoever waits moves it on."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return BEGIN + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds


class MachineClock:
    """A machine's clock, ``ahead`` of the true one; its seconds are true ones."""

    def __init__(self, true: VirtualClock) -> None:
        self.true = true
        self.ahead = timedelta()

    def now(self) -> datetime:
        return self.true.now() + self.ahead

    def monotonic(self) -> float:
        return self.true.seconds

    async def sleep(self, seconds: float) -> None:
        await self.true.sleep(seconds)
