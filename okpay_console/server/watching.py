"""Which operations stand in the audit log beside what they did: looks at masked values, overrides, secrets, witnesses."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from ..domain import audited, ops, wire
from . import audit
from .db import Database
from .policy import Who


def note(
    conn: Connection,
    who: Who,
    op: ops.AnyOp | None,
    outcome: wire.Outcome,
    *,
    changed: bool,
    now: datetime,
    secret: str = "",
) -> None:
    """The lines of one judged operation, in the transaction of its effect, so that each is written once.

    A look at a masked value is noted also where the server refuses it: the console had shown the value by then.
    ``secret`` is the kind of the one that an operation was refused for, also where an earlier note holds its other half.
    """
    if op is None:
        return
    left = audited.trace(op)
    if outcome.code == "secret":
        _append(conn, who, audited.Trace(audited.REFUSED, secret, audited.name_of(op), op.ticket), now)
    elif left is not None and outcome.state == "confirmed" and (changed or isinstance(op, ops.Witness)):
        _append(conn, who, left, now)
    elif left is not None and isinstance(op, ops.Reveal) and outcome.state != "confirmed":
        _append(conn, who, audited.Trace("field.reveal-refused", left.kind, left.place, left.ticket), now)
    elif isinstance(op, ops.Witness) and outcome.code == "forbidden":
        _append(conn, who, audited.Trace(audited.EXPORT_REFUSED, op.kind, op.place), now)


async def secret(db: Database, who: Who, op: ops.AnyOp, *, now: datetime) -> None:
    """A line for an operation that was refused for a secret in it, where its own transaction was given up."""
    left = audited.Trace(audited.REFUSED, audited.secret_kind(op), audited.name_of(op), op.ticket)
    await db.write(lambda conn: _append(conn, who, left, now))


def secrets(conn: Connection, who: Who, kinds: list[str], *, now: datetime) -> None:
    """A line for each item of a batch that was refused for a secret in it."""
    for kind in kinds:
        _append(conn, who, audited.Trace(audited.REFUSED, kind, "ticket.new"), now)


def _append(conn: Connection, who: Who, left: audited.Trace, now: datetime) -> None:
    # What a machine sends as a name may be anything; only what looks like a name is written down.
    about = [word for word in (left.ticket, left.kind, left.place) if audited.CODE.fullmatch(word)]
    # A reason of a confirmed operation is one line without anybody's values; the column's end is the only thing left to see to.
    about += [left.reason] if left.reason else []
    audit.append(conn, now=now, who=who.user, what=left.what, about=" ".join(about)[:200])
