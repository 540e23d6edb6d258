"""Users and their tokens, on the server's database."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final, TypeVar

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection, insert, select, update

from .. import errors
from ..domain import audited
from ..domain.sessions import Session
from . import audit, auth, clock, history, sessions
from .db import Database, at_head, upgrade
from .policy import ROLES
from .schema import tokens, users

T = TypeVar("T")
_NAME: Final = re.compile(r"[^\s\x00-\x1f\x7f/\\]{1,64}")
_ADMIN: Final = "admin"
"""Who stands in the audit log for whoever has the database itself in hand."""


class UserAdded(msgspec.Struct, frozen=True):
    """A new user and the token, shown this once: only its hash is kept."""

    user: str
    role: str
    token: str


class User(msgspec.Struct, frozen=True):
    """A user as kept. No ``queues`` means all of them."""

    name: str
    role: str
    queues: tuple[str, ...]
    disabled: bool


async def add_user(
    database: str, name: str, role: str, queues: Sequence[str] = (), *, token_days: float | None = 90
) -> UserAdded:
    """A new user with a first token that lives ``token_days`` (None: for ever). Refused for a taken or unusable name."""
    return await _on(database, adding(name, role, queues, token_days=token_days))


def adding(
    name: str, role: str, queues: Sequence[str] = (), *, token_days: float | None = 90
) -> Callable[[Connection], UserAdded]:
    """``add_user`` as work for a database that is open already; Refused for a name, role or queue that cannot be used."""
    if not _NAME.fullmatch(name):
        raise errors.Refused("This name cannot be used.", "Use up to 64 characters without spaces.", code="bad-name")
    _check(role, queues)

    def work(conn: Connection) -> UserAdded:
        if (conn.execute(select(users.c.name).where(users.c.name == name))).first() is not None:
            raise errors.Refused(f"There is already a user {name}.", "Make a new token instead.", code="user-exists")
        now = clock.now()
        conn.execute(
            insert(users).values(
                name=name, role=role, queues=_kept(queues), disabled=False, created_at=clock.millis(now)
            )
        )
        if queues:
            history.mix_numbers(conn)
        audit.append(conn, now=now, who=_ADMIN, what="user.add", about=f"{name} {role} {_named(queues)}"[:200])
        return UserAdded(name, role, _mint(conn, name, "first", token_days))

    return work


async def add_token(database: str, name: str, *, label: str = "", token_days: float | None = 90) -> str:
    """One more token for a user. Refused where there is no such user."""

    def work(conn: Connection) -> str:
        _known(conn, name)
        return _mint(conn, name, label, token_days)

    return await _on(database, work)


async def revoke_tokens(database: str, name: str) -> int:
    """Revokes every token of a user; returns how many. Refused where there is no such user."""

    def work(conn: Connection) -> int:
        _known(conn, name)
        now = clock.now()
        live = update(tokens).where(tokens.c.user == name, tokens.c.revoked_at.is_(None))
        count = (conn.execute(live.values(revoked_at=clock.millis(now)))).rowcount
        audit.append(conn, now=now, who=_ADMIN, what="token.revoke", about=name)
        history.commit(conn, now=now, people=clock.new_fork() or 1)
        return int(count)

    return await _on(database, work)


async def disable(database: str, name: str, *, disabled: bool = True, reason: str = "") -> None:
    """Locks a user out (or in again). Refused where there is no such user, or for a reason that cannot be written down."""
    audited.check_reason(reason)

    def work(conn: Connection) -> None:
        _known(conn, name)
        what = "user.disable" if disabled else "user.enable"
        _change(conn, name, what, f"{name} {reason}", disabled=disabled)

    await _on(database, work)


async def change(
    database: str, name: str, *, role: str = "", queues: Sequence[str] | None = None, reason: str = ""
) -> User:
    """Another role ("": the one he has) and other queues (none: all; None: those he has), from the very next request on.

    Refused where there is no such user or role, or for a reason that cannot be written down. What is so already leaves no line.
    """
    audited.check_reason(reason)
    if role or queues:
        _check(role or ROLES[0], queues or ())

    def work(conn: Connection) -> User:
        before = _known(conn, name)
        after = replace(
            before, role=role or before.role, queues=before.queues if queues is None else tuple(sorted(set(queues)))
        )
        if after == before:
            return before
        if after.queues:
            history.mix_numbers(conn)
        told = [name]
        if after.role != before.role:
            told.append(f"{before.role}>{after.role}")
        if after.queues != before.queues:
            told.append(f"{_named(before.queues)}>{_named(after.queues)}")
        # The reason is what no other line tells: of many queues the end is cut off and not of it.
        about = f"{' '.join(told)[: 199 - len(reason)]} {reason}".strip()
        what = "user.queues" if after.role == before.role else "user.role"
        _change(conn, name, what, about, role=after.role, queues=_kept(after.queues))
        return after

    return await _on(database, work)


async def set_queues(database: str, name: str, queues: Sequence[str]) -> None:
    """Changes which queues a user sees; his consoles list again. Refused where there is no such user."""
    await change(database, name, queues=queues)


async def list_users(database: str) -> list[User]:
    """Every user, by name."""

    def work(conn: Connection) -> list[User]:
        return [_user(row) for row in conn.execute(select(users).order_by(users.c.name))]

    return await _on(database, work)


async def list_sessions(database: str, user: str = "") -> list[Session]:
    """Every session that could be used now, or one user's."""
    return await _on(database, lambda conn: sessions.listing(conn, user=user, now=clock.now()))


async def end_sessions(database: str, session: str = "", *, user: str = "") -> list[Session]:
    """Ends one session by its id, or all of a user; the ended ones. Refused where there is no such session or user."""

    def work(conn: Connection) -> list[Session]:
        now = clock.now()
        if user:
            _known(conn, user)
        found = sessions.listing(conn, user=user, now=now)
        ended = [one for one in found if one.id == session or (user and not session)]
        if session and not ended:
            raise errors.Refused("There is no such session.", "List the sessions.", code="no-session")
        for one in ended:
            sessions.revoke(conn, one.id, by=_ADMIN, now=now)
        return ended

    return await _on(database, work)


def _change(conn: Connection, name: str, what: str, about: str, **values: object) -> None:
    now = clock.now()
    conn.execute(update(users).where(users.c.name == name).values(**values))
    audit.append(conn, now=now, who=_ADMIN, what=what, about=about.strip())
    # A commit without tickets pokes every console, so that this one finds out by its next pull and not minutes later.
    history.commit(conn, now=now, people=clock.new_fork() or 1)


def _known(conn: Connection, name: str) -> User:
    row = conn.execute(select(users).where(users.c.name == name)).one_or_none()
    if row is None:
        raise errors.Refused("There is no such user.", "List the users.", code="no-user")
    return _user(row)


def _user(row: Any) -> User:
    return User(row.name, row.role, msgspec.json.decode(row.queues, type=tuple[str, ...]), bool(row.disabled))


def _check(role: str, queues: Sequence[str]) -> None:
    if role not in ROLES:
        raise errors.Refused("There is no such role.", f"Use one of: {', '.join(ROLES)}.", code="bad-role")
    if not all(_NAME.fullmatch(queue) for queue in queues):
        raise errors.Refused(
            "A queue's name cannot be used.", "Use up to 64 characters without spaces.", code="bad-name"
        )


def _kept(queues: Sequence[str]) -> str:
    return msgspec.json.encode(sorted(set(queues))).decode()


def _named(queues: Sequence[str]) -> str:
    """The queues in a line of the audit log; the star stands for all of them."""
    return ",".join(sorted(set(queues))) or "*"


def _mint(conn: Connection, name: str, label: str, days: float | None) -> str:
    token = auth.new_token()
    now = clock.now()
    expires = None if days is None else clock.millis(now + timedelta(days=days))
    conn.execute(
        insert(tokens).values(
            hash=auth.digest(token), user=name, label=label[:100], created_at=clock.millis(now), expires_at=expires
        )
    )
    audit.append(conn, now=now, who=_ADMIN, what="token.add", about=name)
    return token


async def _on(database: str, work: Callable[[Connection], T]) -> T:
    db = Database(database)
    try:
        if not await db.read(at_head):
            await asyncio.to_thread(upgrade, database)
        return await db.write(work)
    finally:
        await db.close()
