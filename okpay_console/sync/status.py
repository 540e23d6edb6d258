"""What the engine tells: what has changed, how the link stands, and what a round has done."""

from __future__ import annotations

from datetime import datetime

import msgspec

from ..domain import wire
from .link import LinkState


class Changed(msgspec.Struct, frozen=True):
    """What looks different now: these tickets, or everything, whether the status does, the canned answers, and the daybook
    with who was heard of when."""

    tickets: frozenset[str] = frozenset()
    everything: bool = False
    link: bool = False
    answers: bool = False
    daybook: bool = False


class LinkStatus(msgspec.Struct, frozen=True):
    """The truth about the link, for the status line. Times are UTC, offsets seconds.

    ``last_sync_at`` is this machine's time of the last complete pull of this process, or of a sign of life without news since
    then, or the server's time of an earlier pull;
    ``retry_in`` is None where nothing is scheduled; ``clock_offset`` is set only where this clock is more than two minutes
    off; ``disk`` is a sentence about this machine's disk, empty when it is well; ``unreadable`` counts tickets that only a
    newer console can show.
    """

    state: LinkState
    since: datetime
    last_sync_at: datetime | None
    pending: int
    reviews: int
    code: str = ""
    message: str = ""
    advice: str = ""
    retry_in: float | None = None
    clock_offset: float | None = None
    disk: str = ""
    unreadable: int = 0


class Round(msgspec.Struct, frozen=True):
    """What one headless round did: the link after it, rows pulled, operations answered, those refused, what is left.

    ``telling`` and ``untold`` are lines of the daybook: those that wait to be sent, and those that the server will never take.
    """

    link: LinkState
    pulled: int
    pushed: int
    refused: tuple[wire.Outcome, ...]
    pending: int
    reviews: int
    code: str = ""
    message: str = ""
    advice: str = ""
    telling: int = 0
    untold: int = 0
