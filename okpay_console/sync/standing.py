"""How a console stands with its server: the link, how fresh its data is, what waits, and what stands in the way of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from .. import errors
from ..local.mirror import Mirror
from ..local.outbox import Outbox
from . import link as links
from .clock import NOTED_S, HouseClock
from .status import LinkStatus

LATE_S: Final = 60.0
"""Signs of life come four times as often."""


class Standing:
    """Remembers what came of each turn; ``told`` is called when the link is different."""

    def __init__(
        self,
        *,
        mirror: Mirror,
        outbox: Outbox,
        clock: HouseClock,
        uniform: Callable[[float, float], float],
        told: Callable[[], None],
    ) -> None:
        self.disk = ""
        """A sentence about this machine's disk, empty when it is well."""
        self._mirror = mirror
        self._outbox = outbox
        self._clock = clock
        self._uniform = uniform
        self._told = told
        self.link = links.start(clock.now())
        self.synced_at, self._synced_s = mirror.synced_at, clock.monotonic()

    @property
    def online(self) -> bool:
        return self.link.state == "online"

    def status(self, *, held: errors.OkpayError | None = None, clock_offset: float | None = None) -> LinkStatus:
        """The truth about the link; ``held``: why nothing is sent although the server answers."""
        link = self.link
        said = self.trouble(held)
        return LinkStatus(
            state=link.state,
            since=link.since,
            last_sync_at=self.last_sync(),
            pending=len(self._outbox),
            reviews=len(self._outbox.reviews()),
            code=said[0],
            message=said[1],
            advice=said[2],
            retry_in=None if link.retry_at is None else max(0.0, link.retry_at - self._clock.monotonic()),
            clock_offset=clock_offset if clock_offset is not None and abs(clock_offset) > NOTED_S else None,
            disk=self.disk,
            unreadable=len(self._mirror.unreadable),
        )

    def trouble(self, held: errors.OkpayError | None) -> tuple[str, str, str]:
        """Code, sentence and advice of what is wrong, the link before what is held back on it; empty where nothing is."""
        link = self.link
        if held is not None and not link.code:
            return held.code, held.what, held.advice
        return link.code, link.message, link.advice

    def last_sync(self) -> datetime | None:
        """When the data was last known to be fresh, by the house's time as it is now: never later than it was.

        A clock that was set back would make old data new; the seconds that this process has seen since tell otherwise. They
        stand still while the machine sleeps, so they are only the least that has passed.
        """
        if self.synced_at is None:
            return None
        passed = self._clock.monotonic() - self._synced_s
        return min(self.synced_at, self._clock.now() - timedelta(seconds=passed))

    def fresh(self) -> None:
        """The mirror is complete at this moment."""
        self.synced_at, self._synced_s = self._clock.now(), self._clock.monotonic()

    def sick(self, error: errors.StoreError) -> None:
        """This machine's disk did not take something."""
        self.disk = f"{error.what} {error.advice}".strip()
        self._told()

    def heard(self) -> bool:
        """A sign of life without news; False where it comes so late that it may be older than it looks.

        A machine that slept for hours wakes up to what had come for it before.
        """
        synced_at = self.synced_at or self._clock.now()
        passed = max(self._clock.monotonic() - self._synced_s, (self._clock.now() - synced_at).total_seconds())
        if passed > LATE_S:
            return False
        self.fresh()
        return True

    def succeed(self) -> None:
        """A whole turn went through."""
        self.disk = ""
        self._set(links.succeeded(self.link, self._clock.now()))

    def fail(self, error: errors.OkpayError) -> None:
        """A turn ended in this error."""
        if isinstance(error, errors.StoreError) and not isinstance(error, errors.StoreForeign):
            self.disk = f"{error.what} {error.advice}".strip()
        now, monotonic = self._clock.now(), self._clock.monotonic()
        self._set(links.failed(self.link, error, now=now, monotonic=monotonic, uniform=self._uniform))

    def again(self) -> None:
        """A human asks to try at once."""
        self._set(links.again(self.link, self._clock.now()))

    def anew(self) -> None:
        """Somebody has signed in: what the server said of another token counts no more."""
        self._set(links.start(self._clock.now()))

    def _set(self, link: links.Link) -> None:
        self.link = link
        self._told()
