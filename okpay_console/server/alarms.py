"""Alarms on the server: who may set which, and what follows when one goes up or down."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from functools import partial
from typing import Any, Final

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection, delete, func, insert, select, update

from .. import errors
from ..domain import secret, wallpath
from ..domain.alarmnews import Standing
from ..domain.alarms import Alarm, State, Told, faults, of_queue, step
from ..domain.daybook import EVERYBODY, Line
from ..domain.wallnumbers import Wall
from . import audit, daybook, webhooks
from .clock import millis, moment, new_id
from .db import Database
from .policy import Who
from .schema import alarms, tickets

MOST: Final = 200
"""Alarms of a house; more of them nobody reads."""
AGAIN: Final = timedelta(hours=12)
"""That an alarm is still up is written down again after so long: a console knows the lines of a day and a half."""
_SERVER: Final = "server"
_SPELT: Final = re.compile(r"[A-Za-z0-9._\-]{1,40}")
_FAULTS: Final = {
    "name": partial(
        errors.Refused, "The alarm's name cannot be used.", "Use up to 64 letters, digits and . _ -", code="alarm-name"
    ),
    "metric": partial(
        errors.Refused, "The wall has no such number.", "Name one such as calls.service_level.strict.", code="alarm-metric"
    ),
    "threshold": partial(
        errors.Refused, "An alarm has one threshold.", "Give either above or below, as a number.", code="alarm-threshold"
    ),
    "clear": partial(
        errors.Refused, "It would be cleared while it is raised.", "Put clear on the good side.", code="alarm-clear"
    ),
    "quiet": partial(errors.Refused, "Too many quiet hours.", "Give 20 at most.", code="alarm-quiet"),
    "words": partial(
        errors.Refused, "The alarm's words cannot be used.", "Write one line of 200 characters at most.", code="alarm-words"
    ),
    "queue": partial(
        errors.Refused, "The queue's name cannot be used.", "Use up to 64 characters without spaces.", code="alarm-queue"
    ),
}  # fmt: skip


class Kept(msgspec.Struct, frozen=True):
    """An alarm with its state, as both are in the database."""

    id: str
    doc: str
    state: str

    @property
    def alarm(self) -> Alarm:
        return msgspec.json.decode(self.doc, type=Alarm)


class Step(msgspec.Struct, frozen=True):
    """One alarm looked at once more: what to keep and what to say; ``again``: that it is still up, in the daybook alone."""

    kept: Kept
    alarm: Alarm
    state: State
    said: Told | None
    again: bool = False

    @property
    def matters(self) -> bool:
        return self.said is not None or _text(self.state.settled) != self.kept.state


async def listing(db: Database, who: Who, *, wall: Wall | None) -> list[Standing]:
    """The alarms by name; to somebody who is confined to queues, those of his queues."""
    rows = await db.read(lambda conn: conn.execute(select(alarms).order_by(alarms.c.id)).all(), quick=True)
    return [_standing(row, wall) for row in rows if _may(who, msgspec.json.decode(row.doc, type=Alarm))]


async def put(db: Database, who: Who, alarm: Alarm, *, now: datetime, queues: Collection[str] = ()) -> None:
    """Sets an alarm; one that is up stays up until its new terms clear it. Refused: it cannot be kept.

    ``queues`` are there also while no ticket and nobody is in them.
    """
    fault = faults(alarm)
    if fault:
        raise _FAULTS[fault]()
    if secret.find(alarm.words):
        raise errors.SecretRefused("The words hold a secret and are not kept.", "Take it out.")
    _check_mine(who, alarm)
    doc = _text(alarm)

    def work(conn: Connection) -> None:
        row = conn.execute(select(alarms.c.doc).where(alarms.c.id == alarm.id).with_for_update()).scalar()
        before = None if row is None else msgspec.json.decode(row, type=Alarm)
        if before is None or not _may(who, before):
            _check_name(who, alarm)
        if before is None or before.queue != alarm.queue:
            _check_queue(conn, who, alarm.queue, queues)
        if before is not None:
            _check_mine(who, before)
            values = {"doc": doc, "by": who.user, "at": millis(now)}
            conn.execute(update(alarms).where(alarms.c.id == alarm.id).values(**values))
        elif (conn.execute(select(func.count()).select_from(alarms)).scalar() or 0) >= MOST:
            raise errors.Refused(f"There are {MOST} alarms already.", "Remove one first.", code="too-many-alarms")
        else:
            fresh = {"id": alarm.id, "doc": doc, "state": _text(State()), "by": who.user, "at": millis(now)}
            conn.execute(insert(alarms).values(**fresh))
        audit.append(conn, now=now, who=who.user, what="alarm.set", about=f"{alarm.id} {alarm.metric}"[:200])

    await db.write(work)


async def remove(db: Database, who: Who, name: str, *, now: datetime) -> Alarm:
    """Takes an alarm away and returns it; where it was told that it is up, that it is not is told too. Declined: 404."""

    def work(conn: Connection) -> Alarm:
        row = conn.execute(select(alarms).where(alarms.c.id == name).with_for_update()).one_or_none()
        if row is None or not _may(who, msgspec.json.decode(row.doc, type=Alarm)):
            raise errors.Declined(404, "not-found", "There is no such alarm here.", "List the alarms.")
        conn.execute(delete(alarms).where(alarms.c.id == name))
        audit.append(conn, now=now, who=who.user, what="alarm.remove", about=name)
        state = msgspec.json.decode(row.state, type=State)
        if state.told:
            one = Kept(row.id, row.doc, row.state)
            _announce(conn, [Step(one, one.alarm, replace(state, up=None), "cleared")], now)
        return msgspec.json.decode(row.doc, type=Alarm)

    return await db.write(work)


def kept(conn: Connection) -> list[Kept]:
    """Every alarm with its state."""
    return [Kept(row.id, row.doc, row.state) for row in conn.execute(select(alarms).order_by(alarms.c.id))]


def look(found: Sequence[Kept], seen: Mapping[str, State], wall: Wall, *, now: datetime, tz: tzinfo) -> dict[str, Step]:
    """What each alarm makes of these numbers. What the database says of a state goes before what was ``seen`` here last."""
    steps = {}
    for one in found:
        alarm, settled = one.alarm, msgspec.json.decode(one.state, type=State)
        before = seen.get(one.id, State())
        if before.settled != settled:
            before = settled
        state, said = step(alarm, before, wallpath.number(wall, alarm.metric), now, tz)
        told_at = state.told_at
        again = (
            said is None and state.told and not alarm.silent(now, tz) and told_at is not None and now - told_at >= AGAIN
        )
        steps[one.id] = Step(one, alarm, replace(state, told_at=now) if again else state, said, again)
    return steps


def settle(conn: Connection, steps: Sequence[Step], *, now: datetime) -> list[str]:
    """Keeps what has changed, and tells it in the same transaction; the names of alarms that were set anew or removed meanwhile."""
    stood: list[Step] = []
    for one in steps:
        same = (alarms.c.id == one.kept.id, alarms.c.doc == one.kept.doc, alarms.c.state == one.kept.state)
        if conn.execute(update(alarms).where(*same).values(state=_text(one.state.settled))).rowcount:
            stood.append(one)
    _announce(conn, [one for one in stood if one.said is not None or one.again], now)
    return [one.kept.id for one in steps if one not in stood]


def _announce(conn: Connection, steps: Sequence[Step], now: datetime) -> None:
    # The head is taken by the last of it: nothing may wait for a lock after that.
    for one in steps:
        if one.said is not None:
            kind = f"alarm.{one.said}"
            webhooks.enqueue(conn, kind=kind, alarm=one.alarm.id, queue=one.alarm.queue, data=_news(one), now=now)
    if steps:
        daybook.append(conn, [_line(one, now) for one in steps], now=now)


def _line(one: Step, now: datetime) -> Line:
    news = {key: value for key, value in _news(one).items() if key in ("metric", "value", "since", "words")}
    return Line(
        uuid=new_id(),
        kind="alarm",
        at=now,
        by=_SERVER,
        about=EVERYBODY if one.alarm.tell_agents else "",
        queue=one.alarm.queue or EVERYBODY,
        what=one.alarm.id,
        reason=one.said or "raised",
        words=_text(news),
    )


def _news(one: Step) -> dict[str, Any]:
    alarm = one.alarm
    return {
        "alarm": alarm.id,
        "metric": alarm.metric,
        "value": one.state.value,
        "above": alarm.above,
        "below": alarm.below,
        "queue": alarm.queue,
        "since": one.state.up,
        "words": alarm.words,
    }


def _standing(row: Any, wall: Wall | None) -> Standing:
    alarm, state = msgspec.json.decode(row.doc, type=Alarm), msgspec.json.decode(row.state, type=State)
    return Standing(
        alarm=alarm,
        up=state.up,
        told=state.told,
        value=None if wall is None else wallpath.number(wall, alarm.metric),
        as_of=None if wall is None else wall.as_of,
        by=row.by,
        at=moment(row.at),
    )


def _may(who: Who, alarm: Alarm) -> bool:
    return not who.queues or (of_queue(alarm) and who.sees(alarm.queue))


def _check_mine(who: Who, alarm: Alarm) -> None:
    if not _may(who, alarm):
        raise errors.Declined(
            403, "no-queue", "You watch some queues only, and the alarm is not of one of them alone.",
            "Name your queue, and a number of groups.queue.NAME.",
        )  # fmt: skip


def _check_name(who: Who, alarm: Alarm) -> None:
    """Whoever sees some queues names his alarms after his own, so that no name tells him of an alarm of the others."""
    if not who.queues:
        return
    named = alarm.queue if _SPELT.fullmatch(alarm.queue) else f"q{hashlib.sha256(alarm.queue.encode()).hexdigest()[:6]}"
    if not alarm.id.startswith(f"{named}."):
        raise errors.Refused(
            "You watch some queues only, and an alarm of yours bears its queue's name.",
            f"Name it {named}.{alarm.id}"[:100],
            code="alarm-of-queue",
        )


def _check_queue(conn: Connection, who: Who, queue: str, others: Collection[str]) -> None:
    """An alarm for a misspelt queue would never go up, and nobody would know."""
    if not queue:
        return
    there = set(who.queues) or {*others, *conn.execute(select(tickets.c.queue).distinct()).scalars()}.union(
        *daybook.queues_of(conn).values()
    )
    if queue not in there:
        raise errors.Refused(
            f"There is no queue {queue}.",
            f"Use one of: {', '.join(sorted(there)[:20])}.",
            code="no-such-queue",
        )


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()
