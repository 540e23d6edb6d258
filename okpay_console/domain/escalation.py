"""The escalation ladder: who takes a matter further, level by level, each with a clock of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from .ticket import Hop
from .words import Words


class Level(msgspec.Struct, frozen=True):
    """One step of a ladder.

    ``queue`` is where the ticket goes, "" to leave it where it is; ``due_s`` are the seconds that the level has, 0 for no
    clock. ``outside``: not a team of this house (a regulator, the police); the caller is told of it and the ticket stays.
    """

    id: str
    title: Words
    queue: str = ""
    due_s: int = 0
    outside: bool = False


def level(ladder: Iterable[Level], name: str) -> Level | None:
    """The level of that name, None where the ladder has none."""
    return next((step for step in ladder if step.id == name), None)


def above(ladder: Sequence[Level], present: str) -> tuple[Level, ...]:
    """The levels that may come next: all above the present one; the whole ladder for the first line (""), or where the
    present level is of another category's ladder. Levels outside the house are always among them.
    """
    names = [step.id for step in ladder]
    reached = names.index(present) if present in names else -1
    return tuple(step for place, step in enumerate(ladder) if step.outside or place > reached)


def late(hops: Sequence[Hop], now: datetime) -> bool:
    """Whether the level that has the ticket now has overrun its own clock; on the very second it has not."""
    return bool(hops) and hops[-1].due_at is not None and hops[-1].due_at < now
