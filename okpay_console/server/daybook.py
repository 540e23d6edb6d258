"""The daybook on the server: takes lines, numbers them in the order of their commits, and gives everybody those that are his."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection, bindparam, func, insert, or_, select

from .. import errors
from ..domain import audited
from ..domain.daybook import KEPT_H, POKES, TOLD_LINES, Fates, Line, LineFate, check, may_tell, screened, sees
from . import audit, history, opaque
from .clock import millis, new_fork
from .cursor import gone
from .db import Database
from .policy import Who
from .schema import daybook, sync_head, users

PAGE_LINES: Final = 500
_MOST: Final = 1_000
_FORM: Final = struct.Struct(">BQI8s")
_VERSION: Final = 2
_KIND: Final = "daybook"
_AT_ONCE: Final = 1_000
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


class RawTold(msgspec.Struct, frozen=True):
    """``daybook.Told`` with its lines decoded one by one, so that a spoilt one is refused alone."""

    lines: list[msgspec.Raw] = []
    alive: bool = False


class RawPage(msgspec.Struct, frozen=True, omit_defaults=True):
    """``daybook.DaybookPage`` with its lines as the bytes they are stored as; its JSON is the same."""

    lines: list[msgspec.Raw]
    after: str
    more: bool
    now: datetime
    seen: dict[str, datetime] = {}


class Cursor(msgspec.Struct, frozen=True):
    """Sealed for consoles: lines up to ``pos`` were looked at; its ``fork`` proves the history, since lines are never taken out."""

    pos: int
    fork: int
    scope: bytes

    def encode(self, key: bytes) -> str:
        return opaque.seal(key, _KIND, _FORM.pack(_VERSION, self.pos, self.fork, self.scope))


async def tell(db: Database, who: Who, sent: RawTold, *, now: datetime) -> Fates:
    """Keeps what is new, in one transaction; a uuid that is known stays what it was. Declined: 413."""
    if len(sent.lines) > TOLD_LINES:
        raise errors.Declined(413, "too-large", "Too many lines in one request.", f"Send {TOLD_LINES} at most.")
    if not sent.lines:
        return Fates([], now)
    return Fates(await db.write(lambda conn: _take(conn, who, sent.lines, now)), now)


async def page(
    db: Database, who: Who, *, after: str, limit: int, now: datetime, since: datetime | None = None
) -> RawPage:
    """The lines after a cursor that this person may see; without one, those that came in from ``since`` on.

    ``since`` is a day and a half ago where none is given. Declined: 410.
    """
    since = since or now - timedelta(hours=KEPT_H)
    most = min(max(limit, 1), _MOST)
    return await db.read(lambda conn: _page(conn, who, after=after, limit=most, now=now, since=since))


def append(conn: Connection, lines: Sequence[Line], *, now: datetime) -> dict[str, int]:
    """Writes lines that were found good, the server's own too; returns their numbers by uuid. Known uuids are passed over.

    In the caller's transaction, after everything that may wait for a lock: the head row is taken. It is rewritten, and every
    console poked, for notices and alarms alone.
    """
    _take_head(conn)
    known = _known(conn, [line.uuid for line in lines])
    fresh = {line.uuid: line for line in lines if line.uuid not in known}
    if not fresh:
        return {}
    newest: int = conn.execute(select(func.max(daybook.c.seq))).scalar() or 0
    numbered = [replace(line, seq=newest + place) for place, line in enumerate(fresh.values(), start=1)]
    conn.execute(insert(daybook), [_row(line, now) for line in numbered])
    if any(line.kind in POKES for line in numbered):
        history.commit(conn, now=now, daybook=new_fork() or 1)
    return {line.uuid: line.seq for line in numbered}


def queues_of(conn: Connection) -> dict[str, frozenset[str]]:
    """Everybody's queues; none means all of them."""
    rows = conn.execute(select(users.c.name, users.c.queues))
    return {row.name: msgspec.json.decode(row.queues, type=frozenset[str]) for row in rows}


def _take(conn: Connection, who: Who, sent: Sequence[msgspec.Raw], now: datetime) -> list[LineFate]:
    people: dict[str, frozenset[str]] | None = None
    judged: list[Line | LineFate] = []
    for raw in sent:
        try:
            line = msgspec.json.decode(raw, type=Line)
        except (msgspec.DecodeError, RecursionError):
            judged.append(LineFate(_uuid(raw), "refused", code="bad-arguments", what="The line cannot be read."))
            continue
        if line.kind == "notice" and people is None:
            people = queues_of(conn)
        judged.append(_judge(conn, who, line, people or {}, now))
    # Locked before looking: the same request may be under way twice.
    _take_head(conn)
    known = _known(conn, [line.uuid for line in judged if isinstance(line, Line)])
    theirs = {uuid for uuid, (_, by) in known.items() if by != who.user}
    fresh = [line for line in judged if isinstance(line, Line) and line.uuid not in known]
    numbers = append(conn, fresh, now=now) if fresh else {}
    fates: list[LineFate] = []
    for one in judged:
        if isinstance(one, LineFate):
            fates.append(one)
        elif one.uuid in theirs:
            fates.append(LineFate(one.uuid, "refused", code="uuid-taken", what="Another line has this id."))
        elif one.uuid in known:
            fates.append(LineFate(one.uuid, "known", _told(who, known[one.uuid][0])))
        else:
            fates.append(LineFate(one.uuid, "kept", _told(who, numbers[one.uuid])))
    return fates


def _told(who: Who, seq: int) -> int:
    """A line's number as it is told: whoever sees some queues counts no lines of the others by it, only that it is there."""
    return 1 if who.queues else seq


def _judge(conn: Connection, who: Who, line: Line, people: dict[str, frozenset[str]], now: datetime) -> Line | LineFate:
    """The line as it is kept, or why it is not. Whose it is comes from the token."""
    if line.by not in ("", who.user):
        return LineFate(line.uuid, "refused", code="forbidden", what="The line is somebody else's.")
    line = replace(line, by=who.user, seq=0)
    try:
        check(line, now=now)
    except errors.Refused as error:
        if isinstance(error, errors.SecretRefused):
            place = f"daybook.{line.kind}"
            about = " ".join(word for word in (error.kind, place) if audited.CODE.fullmatch(word))
            audit.append(conn, now=now, who=who.user, what=audited.REFUSED, about=about)
        return LineFate(line.uuid, "refused", code=error.code, what=error.what)
    if not may_tell(who.role, line, queues=who.queues, queues_of=people.get):
        return LineFate(line.uuid, "refused", *_why(who, line))
    return screened(line)


def _why(who: Who, line: Line) -> tuple[int, str, str]:
    """Number, code and sentence for a line that may not be told: by nobody of this role, or not there."""
    if line.kind != "notice" or who.role == "agent":
        return 0, "forbidden", "Your role does not tell this."
    if line.about:
        return 0, "no-colleague", "There is no such person in your queues."
    return 0, "no-queue", "The queue is not one of yours."


def _take_head(conn: Connection) -> None:
    conn.execute(select(sync_head.c.seq).where(sync_head.c.id == 1).with_for_update())


def _known(conn: Connection, uuids: Sequence[str]) -> dict[str, tuple[int, str]]:
    query = select(daybook.c.uuid, daybook.c.seq, daybook.c.by).where(daybook.c.uuid.in_(uuids))
    return {row.uuid: (row.seq, row.by) for row in conn.execute(query)}


def _row(line: Line, now: datetime) -> dict[str, Any]:
    return {
        "seq": line.seq,
        "fork": new_fork(),
        "uuid": line.uuid,
        "kept": millis(now),
        "at": millis(line.at),
        "kind": line.kind,
        "by": line.by,
        "about": line.about,
        "queue": line.queue,
        "doc": msgspec.json.encode(line).decode(),
    }


def _uuid(raw: msgspec.Raw) -> str:
    """The id of a line that cannot be read, as far as that can."""
    try:
        found = msgspec.json.decode(raw, type=dict[str, Any]).get("uuid")
    except (msgspec.DecodeError, RecursionError):
        return ""
    return found if isinstance(found, str) and audited.CODE.fullmatch(found) else ""


def _page(conn: Connection, who: Who, *, after: str, limit: int, now: datetime, since: datetime) -> RawPage:
    newest = conn.execute(_newest).one_or_none()
    head = Cursor(newest.seq, newest.fork, _scope(who)) if newest else Cursor(0, 0, _scope(who))
    key = opaque.key_of(conn)
    start = _start(conn, head, after, since, key)
    # Most lines are the states of others, which are none of an agent's business.
    wanted, given = (_mine, {"b_user": who.user}) if who.role == "agent" else (_following, {})
    people = queues_of(conn) if who.queues and who.role != "agent" else {}
    # As many as he sees, and one more: how many there are that he does not see shows nowhere.
    found: list[Any] = []
    while len(found) <= limit:
        rows = conn.execute(wanted, {**given, "b_seq": start}).all()
        found += (row for row in rows if sees(who.user, who.role, who.queues, glance(row), people.get))
        if len(rows) < _AT_ONCE:
            break
        start = rows[-1].seq
    more = len(found) > limit
    found = found[:limit]
    if after and who.queues and not found:
        following = after
    else:
        following = (Cursor(found[-1].seq, found[-1].fork, head.scope) if more else head).encode(key)
    return RawPage([_shown(who, row.doc) for row in found], following, more, now)


def _shown(who: Who, doc: str) -> msgspec.Raw:
    if not who.queues:
        return msgspec.Raw(doc)
    line = msgspec.json.decode(doc)
    return msgspec.Raw(msgspec.json.encode({**line, "seq": _told(who, line.get("seq", 0))}))


def _start(conn: Connection, head: Cursor, after: str, since: datetime, key: bytes) -> int:
    """The number after which to read; Declined (410) where the cursor is not of this history or of these queues."""
    if not after:
        first = conn.execute(select(func.min(daybook.c.seq)).where(daybook.c.kept >= millis(since))).scalar()
        return head.pos if first is None else int(first) - 1
    try:
        version, pos, fork, scope = _FORM.unpack(opaque.unseal(key, _KIND, after))
    except (ValueError, struct.error) as error:
        raise gone("The cursor cannot be read.") from error
    if version != _VERSION or scope != head.scope:
        raise gone("Your queues have changed.")
    stands = 0 if pos == 0 else conn.execute(select(daybook.c.fork).where(daybook.c.seq == pos)).scalar()
    if stands != fork or pos > head.pos:
        raise gone("The cursor is from another history of this server.")
    return int(pos)


def _scope(who: Who) -> bytes:
    """Eight bytes that change when what this person may see changes."""
    return hashlib.sha256(who.scope + who.role.encode() + who.user.encode()).digest()[:8]


def glance(row: Any) -> Line:
    """What ``sees`` looks at, without decoding the line."""
    return Line(uuid=row.uuid, kind=row.kind, at=_LONG_AGO, by=row.by, about=row.about, queue=row.queue)


# Written out once: building a statement anew takes longer than SQLite takes to carry it out.
_newest = select(daybook.c.seq, daybook.c.fork).order_by(daybook.c.seq.desc()).limit(1)
_following = select(daybook).where(daybook.c.seq > bindparam("b_seq")).order_by(daybook.c.seq).limit(_AT_ONCE)
_mine = _following.where(or_(daybook.c.by == bindparam("b_user"), daybook.c.kind.in_(sorted(POKES))))
