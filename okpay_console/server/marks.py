"""What somebody who sees some queues may notice of a commit: a name that changes when something of his did, and only then."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from ..domain.daybook import KEPT_H, POKES, sees
from . import opaque
from .clock import millis
from .daybook import glance, queues_of
from .history import Head
from .policy import Who
from .schema import daybook, departures, tickets

_Key = tuple[str, str, frozenset[str]]


def key_of(who: Who) -> _Key:
    """Whoever has the same one notices the same."""
    return who.user, who.role, who.queues


class _Seen:
    """What one state of the daybook holds, and what was found of it. Looks run side by side: each stays with its own."""

    def __init__(self, at: tuple[int, int], lines: Sequence[Any], people: dict[str, frozenset[str]]) -> None:
        self.at = at
        self.lines = lines
        self.people = people
        self.found: dict[_Key, int] = {}


class Marks:
    """One per process; keeps the newest notices and alarms until there is another one."""

    def __init__(self) -> None:
        self._seen = _Seen((0, 0), (), {})
        self._newest: tuple[tuple[int, int], dict[frozenset[str], tuple[int, int]]] = (0, 0), {}

    def daybook(self, conn: Connection, head: Head, who: Who, *, now: datetime) -> int:
        """``head.daybook`` as this person may know it: another number when a notice or an alarm is there for him."""
        if not who.queues:
            return head.daybook
        seen = self._seen
        if seen.at != (head.daybook, head.people):
            since = millis(now - timedelta(hours=KEPT_H))
            wanted = select(daybook).where(daybook.c.kind.in_(sorted(POKES)), daybook.c.kept >= since)
            lines = list(conn.execute(wanted.order_by(daybook.c.seq.desc())))
            seen = self._seen = _Seen((head.daybook, head.people), lines, queues_of(conn))
        key = key_of(who)
        if key not in seen.found:
            newest = (
                row.fork for row in seen.lines if sees(who.user, who.role, who.queues, glance(row), seen.people.get)
            )
            seen.found[key] = next(newest, 0) or 1
        return seen.found[key]

    def poke(self, conn: Connection, head: Head, who: Who, *, now: datetime) -> str:
        """The id of an event that tells this person that something changed."""
        if not who.queues:
            return head.token
        at, newest = self._newest
        if at != (head.seq, head.fork):
            at, newest = self._newest = (head.seq, head.fork), {}
        if who.queues not in newest:
            newest[who.queues] = _newest(conn, who.queues)
        told = (*newest[who.queues], head.shelf, head.people, self.daybook(conn, head, who, now=now))
        return opaque.mark(opaque.key_of(conn), "poke", *sorted(who.queues), *told)


def _newest(conn: Connection, queues: Collection[str]) -> tuple[int, int]:
    """The newest commits that changed a ticket of these queues, and that took one out of them."""
    wanted = sorted(queues)
    here = [conn.execute(select(func.max(tickets.c.seq)).where(tickets.c.queue == one)).scalar() for one in wanted]
    left = [
        conn.execute(select(func.max(departures.c.seq)).where(departures.c.queue == one)).scalar() for one in wanted
    ]
    return max((seq or 0 for seq in here), default=0), max((seq or 0 for seq in left), default=0)
