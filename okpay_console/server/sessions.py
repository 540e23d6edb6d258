"""Who is signed in where: each token is a session, known by the beginning of its hash, which opens nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select, update

from .. import errors
from ..domain.sessions import Session
from . import audit, history
from .clock import millis, moment, new_fork
from .schema import tokens

SEEN_S: Final = 600
"""How often at most it is written down that a token is in use."""
SILENCE_S: Final = 8 * 3600
"""After so long without a word somebody who comes back has begun anew: a shift later."""
_ID: Final = 16


def id_of(digest: str) -> str:
    """How a token is named to people."""
    return digest[:_ID]


def listing(conn: Connection, *, user: str = "", current: str = "", now: datetime) -> list[Session]:
    """The sessions of a user, or of everybody, that could be used now; the one used last comes first."""
    wanted = select(tokens).where(tokens.c.revoked_at.is_(None))
    if user:
        wanted = wanted.where(tokens.c.user == user)
    rows = [row for row in conn.execute(wanted) if row.expires_at is None or row.expires_at > millis(now)]
    rows.sort(key=lambda row: (-(row.seen_at or row.created_at), row.hash))
    return [
        Session(
            id=id_of(row.hash),
            user=row.user,
            label=row.label,
            created_at=moment(row.created_at),
            expires_at=None if row.expires_at is None else moment(row.expires_at),
            seen_at=None if row.seen_at is None else moment(row.seen_at),
            current=bool(current) and id_of(row.hash) == current,
        )
        for row in rows
    ]


def revoke(conn: Connection, session: str, *, by: str, user: str = "", now: datetime) -> Session:
    """Ends a session; Declined (404) where there is none, or it is not this ``user``'s."""
    found = next((one for one in listing(conn, user=user, now=now) if one.id == session), None)
    if found is None:
        raise errors.Declined(404, "not-found", "There is no such session.", "List the sessions.")
    conn.execute(
        update(tokens)
        .where(tokens.c.user == found.user, tokens.c.hash.startswith(session, autoescape=True))
        .values(revoked_at=millis(now))
    )
    audit.append(conn, now=now, who=by, what="token.revoke", about=f"{found.user} {session}")
    # A commit without tickets pokes every console, so that the one that was signed out finds out at once.
    history.commit(conn, now=now, people=new_fork() or 1)
    return found


def used(conn: Connection, digest: str, now: datetime, *, source: str) -> None:
    """The token is in use; the first time, and after a long silence, that is a sign-in and stands in the audit log.

    ``source``: the address that it came from.
    """
    before = conn.execute(select(tokens.c.user, tokens.c.seen_at).where(tokens.c.hash == digest)).one_or_none()
    if before is not None and (before.seen_at is None or before.seen_at <= millis(now) - SILENCE_S * 1000):
        audit.append(conn, now=now, who=before.user, what="token.sign-in", about=f"{id_of(digest)} from={source}")
    conn.execute(update(tokens).where(tokens.c.hash == digest).values(seen_at=millis(now)))
