"""The supervisor's numbers at one moment; every number is the count of the rows that its own predicate selects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, tzinfo
from typing import Final, Literal

import msgspec

from . import queue
from .moments import SHANGHAI
from .queue import Row

Count = Literal[
    "all", "open", "waiting", "overdue", "pending", "closed_today", "promises_open", "promises_overdue",
]  # fmt: skip
Group = Literal["by_channel", "by_category", "by_queue", "by_agent", "by_status", "by_priority"]
Predicate = Callable[[Row], bool]

COUNTS: Final[tuple[Count, ...]] = (
    "all", "open", "waiting", "overdue", "pending", "closed_today", "promises_open", "promises_overdue",
)  # fmt: skip
GROUPS: Final[tuple[Group, ...]] = ("by_channel", "by_category", "by_queue", "by_agent", "by_status", "by_priority")


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of tickets as of ``as_of``.

    ``open`` are those not closed; ``waiting`` those that nobody has taken; ``pending`` wait for the customer; ``closed_today``
    by the calendar day of the time zone asked for. The groups count open tickets, except ``by_status``, which counts all;
    "" stands for no category and for nobody. ``promises_*`` count tickets that have such a promise. ``oldest_wait_s``:
    seconds since the first contact of the ticket waiting longest, None where none waits; one that waits for its customer does
    not count here.
    """

    as_of: datetime
    all: int
    open: int
    waiting: int
    overdue: int
    pending: int
    closed_today: int
    promises_open: int
    promises_overdue: int
    oldest_wait_s: float | None
    by_channel: dict[str, int]
    by_category: dict[str, int]
    by_queue: dict[str, int]
    by_agent: dict[str, int]
    by_status: dict[str, int]
    by_priority: dict[str, int]


KEYS: Final[dict[Group, Callable[[Row], str]]] = {  # under which key of a group a row is counted
    "by_channel": lambda row: row.channel,
    "by_category": lambda row: row.category,
    "by_queue": lambda row: row.queue,
    "by_agent": lambda row: row.assignee or "",
    "by_status": lambda row: row.status,
    "by_priority": lambda row: row.priority,
}


def select(count: Count, *, now: datetime, tz: tzinfo = SHANGHAI) -> Predicate:
    """Which rows are behind a count: ``len([row for row in rows if select(…)(row)])`` is that number."""
    today = now.astimezone(tz).date()
    predicates: dict[Count, Predicate] = {
        "all": lambda _: True,
        "open": _open,
        "waiting": queue.unclaimed,
        "overdue": lambda row: queue.overdue(row, now),
        "pending": lambda row: row.status == "pending",
        "closed_today": lambda row: (
            row.status == "closed" and row.closed_at is not None and row.closed_at.astimezone(tz).date() == today
        ),
        "promises_open": lambda row: any(promise.state == "open" for promise in row.promises),
        "promises_overdue": lambda row: any(
            promise.state == "open" and promise.due_at < now for promise in row.promises
        ),
    }
    return predicates[count]


def select_group(group: Group, key: str) -> Predicate:
    """Which rows are behind one entry of a group: ``select_group("by_agent", "")`` are the open tickets of nobody."""
    of = KEYS[group]
    if group == "by_status":
        return lambda row: of(row) == key
    return lambda row: _open(row) and of(row) == key


def numbers(rows: Iterable[Row], *, now: datetime, tz: tzinfo = SHANGHAI) -> Numbers:
    """Counts the rows as they stand at ``now``; ``tz`` says when a day begins."""
    counted = tuple(rows)
    counts = {count: sum(map(select(count, now=now, tz=tz), counted)) for count in COUNTS}
    standing = [row for row in counted if _open(row)]
    groups = {
        group: dict(sorted(Counter(map(key, counted if group == "by_status" else standing)).items()))
        for group, key in KEYS.items()
    }
    oldest = min((row.created_at for row in standing if queue.unclaimed(row) and row.status != "pending"), default=None)
    wait = None if oldest is None else max(0.0, (now - oldest).total_seconds())
    return Numbers(
        as_of=now,
        oldest_wait_s=wait,
        **counts,
        by_channel=groups["by_channel"],
        by_category=groups["by_category"],
        by_queue=groups["by_queue"],
        by_agent=groups["by_agent"],
        by_status=groups["by_status"],
        by_priority=groups["by_priority"],
    )


def _open(row: Row) -> bool:
    return row.status != "closed"
