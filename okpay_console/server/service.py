"""Judges mutations: each one is applied, recorded and numbered in one transaction, exactly once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from .. import errors
from ..domain import ops, wire
from . import history, ratings, watching
from .clock import millis
from .db import Database
from .judging import ID, LABEL, judge
from .policy import Who
from .schema import clients, log, mutations

_MAX_MID: Final = 1 << 53


class RawPush(msgspec.Struct, frozen=True):
    """``wire.Push`` whose items are decoded one by one, so that a spoilt item is refused alone and blocks nobody."""

    client: str
    items: list[msgspec.Raw]


class _Place(msgspec.Struct, frozen=True):
    """The part of an item without which it cannot even be refused."""

    mid: int
    uuid: str
    prev: str
    id: str = ""
    name: str = ""


async def push(
    db: Database, who: Who, sent: RawPush, *, clock: Callable[[], datetime], rules: ops.Rules
) -> wire.PushReply:
    """Records the items in order and says what became of each (``facts`` on the protocol, §2.3).

    Declined: 409 client-forked, 409 mid-gap, 413, 422. What was recorded before a 409 stays recorded.
    """
    if not ID.fullmatch(sent.client):
        raise errors.Declined(422, "bad-request", "The client's id cannot be used.", "Make a fresh store.")
    if len(sent.items) > wire.PUSH_ITEMS:
        raise errors.Declined(
            413, "too-large", "Too many mutations in one request.", f"Send {wire.PUSH_ITEMS} at most."
        )
    places = [_place(raw) for raw in sent.items]
    outcomes = []
    last = wire.Last()
    for raw, place in zip(sent.items, places, strict=True):

        def work(conn: Connection, raw: msgspec.Raw = raw, place: _Place = place) -> tuple[wire.Outcome, wire.Last]:
            return _one(conn, who, sent.client, raw, place, now=clock(), rules=rules)

        outcome, last = await db.write(work)
        outcomes.append(outcome)
    if not sent.items:
        standing = await db.read(lambda conn: _standing(conn, who, sent.client))
        last = standing or wire.Last()
    return wire.PushReply(outcomes, last, clock())


def _one(
    conn: Connection, who: Who, client: str, raw: msgspec.Raw, place: _Place, *, now: datetime, rules: ops.Rules
) -> tuple[wire.Outcome, wire.Last]:
    last = _standing(conn, who, client, bind=True)
    assert last is not None
    if place.mid <= last.mid:
        return _again(conn, who, client, place, last), last
    if place.mid > last.mid + 1:
        raise errors.Declined(
            409, "mid-gap", "Mutations are missing before this one.", "Send them first.", expect=last.mid + 1
        )
    if place.prev != last.uuid:
        raise _forked("The mutation does not follow the last one that was recorded.", last.mid + 1)
    outcome, seq = _record(conn, who, raw, place, now=now, rules=rules)
    conn.execute(_number, {"client": client, "mid": place.mid, "uuid": place.uuid, "seq": seq, "state": outcome.state})
    conn.execute(_mark, {"b_client": client, "last_mid": place.mid, "last_uuid": place.uuid})
    return msgspec.structs.replace(outcome, mid=place.mid), wire.Last(place.mid, place.uuid)


def _record(
    conn: Connection, who: Who, raw: msgspec.Raw, place: _Place, *, now: datetime, rules: ops.Rules
) -> tuple[wire.Outcome, int]:
    seen = (conn.execute(_known, {"b_uuid": place.uuid})).one_or_none()
    if seen is not None and seen.user != who.user:
        # Whoever learns the id of somebody else's operation does not learn by it what became of that.
        return _foreign(place), (history.commit(conn, now=now)).seq
    if seen is not None:
        # Numbered again by a client that made itself a new id: the effect is there already, only the log grows.
        return msgspec.json.decode(seen.outcome, type=wire.Outcome), (history.commit(conn, now=now)).seq
    found = judge(conn, who, raw, place.uuid, place.id, now=now, rules=rules)
    outcome = msgspec.structs.replace(found.outcome, mid=place.mid)
    watching.note(conn, who, found.op, outcome, changed=found.changed, now=now, secret=found.secret)
    puts = [found.after] if found.after is not None and found.changed else []
    for after in puts:
        ratings.count(conn, found.before, after)
    seq = (history.commit(conn, now=now, puts=puts)).seq
    keep(conn, who, outcome, name=place.name[:64], seq=seq, now=now)
    return outcome, seq


def keep(
    conn: Connection,
    who: Who,
    outcome: wire.Outcome,
    *,
    name: str,
    seq: int,
    now: datetime,
    fingerprint: str | None = None,
) -> None:
    """Writes down what became of a mutation; its uuid is thereby used."""
    conn.execute(
        _write_down,
        {
            "uuid": outcome.uuid,
            "user": who.user,
            "ticket": outcome.ticket,
            "name": name if LABEL.fullmatch(name) else "",
            "seq": seq,
            "state": outcome.state,
            "outcome": msgspec.json.encode(outcome).decode(),
            "fingerprint": fingerprint,
            "at": millis(now),
        },
    )


def _standing(conn: Connection, who: Who, client: str, *, bind: bool = False) -> wire.Last | None:
    """The client's high-water mark, locked; ``bind`` makes the client this user's where it is nobody's yet."""
    row = (conn.execute(_client, {"b_client": client})).one_or_none()
    if row is None and bind:
        make: Any = sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert
        fresh = make(clients).values(client=client, user=who.user, last_mid=0, last_uuid="")
        conn.execute(fresh.on_conflict_do_nothing())
        row = (conn.execute(_client, {"b_client": client})).one()
    if row is None:
        return None
    if row.user != who.user:
        raise _forked("This store belongs to another user.", 0)
    return wire.Last(row.last_mid, row.last_uuid)


def _again(conn: Connection, who: Who, client: str, place: _Place, last: wire.Last) -> wire.Outcome:
    query = (
        select(log.c.uuid, mutations.c.outcome, mutations.c.user)
        .join(mutations, mutations.c.uuid == log.c.uuid)
        .where(log.c.client == client, log.c.mid == place.mid)
    )
    row = (conn.execute(query)).one_or_none()
    if row is None and (place.mid, place.uuid) == (last.mid, last.uuid):
        # Only confirmed ones are trimmed.
        return wire.Outcome(place.uuid, "confirmed", place.id if ID.fullmatch(place.id) else "", mid=place.mid)
    if row is None or row.uuid != place.uuid:
        raise _forked("Another mutation was recorded under this number.", 0)
    if row.user != who.user:
        return _foreign(place)
    return msgspec.structs.replace(msgspec.json.decode(row.outcome, type=wire.Outcome), mid=place.mid)


def _foreign(place: _Place) -> wire.Outcome:
    ticket = place.id if ID.fullmatch(place.id) else ""
    said = "Another operation has this id."
    return wire.Outcome(
        place.uuid, "rejected", ticket, mid=place.mid, code="uuid-taken", what=said, advice="Do it again."
    )


def _forked(what: str, expect: int) -> errors.Declined:
    return errors.Declined(409, "client-forked", what, "Number the mutations again under a new client.", expect=expect)


def _place(raw: msgspec.Raw) -> _Place:
    try:
        place = msgspec.json.decode(raw, type=_Place)
    except (msgspec.DecodeError, RecursionError) as error:
        raise errors.Declined(422, "bad-request", "A mutation cannot be read.", "Update this console.") from error
    if not 1 <= place.mid < _MAX_MID or not ID.fullmatch(place.uuid):
        raise errors.Declined(422, "bad-request", "A mutation has no usable number or id.", "Update this console.")
    return place


# Written out once: building a statement anew takes longer than SQLite takes to carry it out.
_client = select(clients).where(clients.c.client == bindparam("b_client")).with_for_update()
_known = select(mutations).where(mutations.c.uuid == bindparam("b_uuid"))
_number = insert(log)
_mark = update(clients).where(clients.c.client == bindparam("b_client"))
_write_down = insert(mutations)
