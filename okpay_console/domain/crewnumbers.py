"""What the wall tells of the agents: each with what he does since when, and what their time adds up to."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

import msgspec

from .care import Care

Doing = Literal["available", "call", "hold", "wrapup", "break", "training", "offline", "unheard"]
DOING: Final[tuple[Doing, ...]] = ("unheard", "hold", "wrapup", "call", "available", "break", "training", "offline")
"""In the order in which somebody should look at them."""
WORKING: Final[frozenset[Doing]] = frozenset({"available", "call", "hold", "wrapup"})


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One agent: ``doing`` what since when, for which ``reason`` and planned until when (``late``: that is over).

    ``unheard``: nothing was heard of the console since then, when it was in the state ``was``; the seconds end there.
    ``worked_s`` = ``contact_s`` + ``idle_s`` + ``break_s`` + ``training_s``: today, logged in. ``calls``: answered today;
    ``aht_s``: mean of those that are over. ``occupancy`` = contact / (contact + idle), None where the daybook does not say when
    the agent was there.
    """

    name: str
    doing: Doing
    since: datetime
    was: str = ""
    reason: str = ""
    until: datetime | None = None
    late: bool = False
    ticket: str = ""
    call: str = ""
    worked_s: float = 0.0
    contact_s: float = 0.0
    idle_s: float = 0.0
    break_s: float = 0.0
    training_s: float = 0.0
    calls: int = 0
    aht_s: float | None = None
    occupancy: float | None = None


class CrewNumbers(msgspec.Struct, frozen=True, kw_only=True):
    """The agents, those first who need a look; how many do what (``counts`` has every state of ``DOING``).

    Seconds are today's sums over all whose presence is known. ``occupancy``: with a call or its after-call work / (that + idle),
    breaks and trainings excluded (Amazon Connect); ``utilisation``: the same / logged in. None where nothing is known.
    """

    members: tuple[Member, ...]
    counts: dict[str, int]
    occupancy: float | None
    utilisation: float | None
    contact_s: float
    idle_s: float
    break_s: float
    training_s: float
    care: Care

    @property
    def working(self) -> int:
        """How many take calls: available, with a caller, or at the work after a call."""
        return sum(self.counts[doing] for doing in WORKING)
