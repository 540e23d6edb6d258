"""The link to the server as a state machine: pure, with time and chance as arguments."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Literal

import msgspec
from msgspec.structs import replace

from .. import errors

LinkState = Literal["online", "connecting", "offline", "signed-out", "refused"]

BASE_S = 1.0
CAP_S = 30.0
REFUSED_S = 60.0
PATIENCE_S = 600.0
SIGN_IN = (errors.SignedOut.code, "disabled")
"""The codes with which the server turns somebody away for good."""


class Link(msgspec.Struct, frozen=True):
    """Where the link stands. ``since`` is when it came into this state; ``attempts`` failed ones in a row.

    ``retry_at`` is monotonic seconds, None where only a human can help; ``code``, ``message`` and ``advice`` are those of
    the last error, empty when online.
    """

    state: LinkState
    since: datetime
    attempts: int = 0
    retry_at: float | None = 0.0
    code: str = ""
    message: str = ""
    advice: str = ""

    @property
    def turned_away(self) -> bool:
        """Whether the last that the server said is that this token opens nothing; a new one begins with ``start``."""
        return self.code in SIGN_IN

    def may_try(self, monotonic: float) -> bool:
        """Whether the next try is due."""
        return self.retry_at is not None and monotonic >= self.retry_at


def start(now: datetime) -> Link:
    return Link("connecting", now)


def succeeded(link: Link, now: datetime) -> Link:
    """A whole round went through."""
    return Link("online", link.since if link.state == "online" else now)


def again(link: Link, now: datetime) -> Link:
    """A human asks to try at once: after changing the settings, after the network came back."""
    if link.state == "online":
        return link
    if link.turned_away:
        return replace(link, state="connecting", since=now, attempts=0, retry_at=0.0)
    return Link("connecting", now, attempts=0, retry_at=0.0)


def failed(
    link: Link, error: errors.OkpayError, *, now: datetime, monotonic: float, uniform: Callable[[float, float], float]
) -> Link:
    """What an error makes of the link, and when to try again (``pause``)."""
    attempts = link.attempts + 1
    state: LinkState = "offline"
    retry_at: float | None = monotonic + pause(error, attempts, uniform)
    match error:
        case errors.SignedOut():
            state, retry_at = "signed-out", None
        case errors.StoreForeign():
            state, retry_at = "refused", None
        case errors.StoreError():
            # This machine's disk, not the link: the link is where it was.
            state = link.state
        case errors.Offline() | errors.Unavailable() if link.turned_away:
            # Whoever read "offline" would wait for the network, and nothing of his would be sent when it is back.
            since = link.since if link.state == "signed-out" else now
            return replace(link, state="signed-out", since=since, attempts=attempts, retry_at=None)
        case errors.Offline() | errors.Unavailable():
            pass
        case _:
            # It answers, and not what was asked for: whoever reads "offline" would look for the fault in the network.
            state = "refused"
    same = replace(link, attempts=attempts, retry_at=retry_at, code=error.code, message=error.what, advice=error.advice)
    return same if link.state == state else replace(same, state=state, since=now)


def pause(error: errors.OkpayError, attempts: int, uniform: Callable[[float, float], float]) -> float:
    """Seconds to wait after so many ``attempts`` in a row that ended in an error.

    Full jitter (Brooker, "Exponential Backoff And Jitter", 2015): uniform between 0 and the doubling bound of 1 to 30 s.
    ``retry_after`` is a lower bound and gets jitter on top, so that 500 consoles do not return in the same instant.
    """
    bound = min(CAP_S, BASE_S * 2 ** min(attempts - 1, 10))
    match error:
        case errors.Unavailable(retry_after=wait) if wait is not None:
            return min(wait, PATIENCE_S) + uniform(0.0, bound)
        case errors.Unavailable() | errors.Offline() | errors.StoreError():
            return uniform(0.0, bound)
    # A hotel's sign-in page goes away and a server gets updated, so it is tried again, but slowly.
    return uniform(REFUSED_S / 2, REFUSED_S)
