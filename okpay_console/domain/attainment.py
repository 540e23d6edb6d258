"""Promises and limits kept: what was met, what was missed, and what is late already without having been settled."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

import msgspec

from .queue import Row
from .targets import Matter

Verdict = Literal["met", "missed", "running", "none"]


class Attainment(msgspec.Struct, frozen=True, kw_only=True):
    """``met`` / (``met`` + ``missed`` + ``late``): a ticket that is open and late is as bad as one that was missed.

    ``met`` and ``missed`` by the moment when the clock stopped, ``late`` as of now. ``share`` is a fraction of 1, None for none.
    """

    met: int
    missed: int
    late: int

    @property
    def share(self) -> float | None:
        judged = self.met + self.missed + self.late
        return self.met / judged if judged else None


class Part(msgspec.Struct, frozen=True):
    """``part`` of ``whole``; ``share`` is a fraction of 1, None where there was nothing."""

    part: int
    whole: int

    @property
    def share(self) -> float | None:
        return self.part / self.whole if self.whole else None


def judged(row: Row, matter: Matter) -> tuple[Verdict, datetime | None]:
    """What became of one of a ticket's limits, and the moment: when its clock stopped, or when it is due while it runs.

    ``none``: there is no limit, or nobody can say when it was kept (a call's ticket that somebody took without a mark), or the
    clock stands because the house waits for somebody else.
    """
    clock = row.sla
    if matter == "response":
        due, stopped = clock.response_due, clock.responded_at
    else:
        due, stopped = clock.resolve_due, clock.resolved_at or row.closed_at if row.status == "closed" else None
    if due is None:
        return "none", None
    if stopped is not None:
        return ("met" if stopped <= due else "missed"), stopped
    taken = matter == "response" and row.channel == "hotline" and row.assignee is not None
    if row.status == "closed" or taken or (matter == "resolve" and row.status == "pending"):
        return "none", None
    return "running", due


def promises(row: Row) -> Iterator[tuple[bool, datetime]]:
    """Of each promise that was not taken back, whether it was kept by its time, and that time.

    One that was kept when nobody wrote down counts as kept by then.
    """
    for one in row.promises:
        if one.state != "withdrawn":
            kept = one.state == "kept" and (one.settled_at is None or one.settled_at <= one.due_at)
            yield kept, one.due_at
