"""Tokens: how they are made, kept and recognised, and the middleware that asks for one on every ``/v1`` request."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from contextlib import suppress
from datetime import datetime
from typing import Final

import msgspec
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send
from sqlalchemy import Connection, select

from .. import errors
from ..domain.wire import PROTOCOL, PROTOCOL_HEADER, which
from . import sessions
from .clock import millis, moment
from .context import Context, context_of
from .guesses import established, source_of
from .policy import Who
from .refusals import Refusal, Why
from .schema import tokens, users

_PREFIX: Final = "okp_"
_ADVICE: Final = "Sign in again."


def new_token() -> str:
    """A fresh token: a prefix that secret scanners can know, and 32 random bytes."""
    return _PREFIX + secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """The form in which a token is kept. It is 256 random bits, so a plain SHA-256 cannot be searched: no salt, no stretching."""
    return hashlib.sha256(token.encode()).hexdigest()


class Turned(errors.Declined):
    """Somebody is turned away at the door: ``user`` whose token it was ("" for nobody known), ``why`` as ``refusals`` writes it."""

    def __init__(self, code: str, what: str, advice: str, *, why: Why, user: str = "") -> None:
        super().__init__(401, code, what, advice)
        self.why = why
        self.user = user


class Found(msgspec.Struct, frozen=True):
    """Whose a token is, and when it was last known to be in use (milliseconds)."""

    who: Who
    seen_at: int | None


def who_is(conn: Connection, token: str, now: datetime) -> Who:
    """The owner of a token; Declined (401) as ``find``."""
    return find(conn, digest(token), now).who


def find(conn: Connection, wanted: str, now: datetime) -> Found:
    """The owner of the token with this digest; Declined (401) where it is unknown, expired, revoked, or its user is disabled.

    Only who has a token that is or was right is told that the user is disabled (code ``disabled``): his console wipes itself.
    """
    query = (
        select(tokens, users.c.name, users.c.role, users.c.queues, users.c.disabled)
        .join(users, users.c.name == tokens.c.user)
        .where(tokens.c.hash == wanted)
    )
    row = (conn.execute(query)).one_or_none()
    # The key look-up compares hashes, of which a caller cannot choose a prefix; the second look is constant in time.
    if row is None or not hmac.compare_digest(row.hash, wanted):
        raise Turned("signed-out", "The token is not known here.", _ADVICE, why="unknown")
    if row.disabled:
        raise Turned("disabled", "This user is disabled.", "Ask your administrator.", why="disabled", user=row.name)
    if row.revoked_at is not None:
        raise Turned("signed-out", "The token was revoked.", _ADVICE, why="revoked", user=row.name)
    if row.expires_at is not None and row.expires_at <= millis(now):
        raise Turned("signed-out", "The token has expired.", _ADVICE, why="expired", user=row.name)
    expires = None if row.expires_at is None else moment(row.expires_at)
    queues = msgspec.json.decode(row.queues, type=frozenset[str])
    return Found(Who(row.name, row.role, queues, expires, sessions.id_of(wanted)), row.seen_at)


class Door(ASGIMiddleware):
    """Lets a request in that speaks our protocol number and bears a valid token; puts the Who in ``scope["user"]``."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        headers = {name.lower(): value for name, value in scope["headers"]}
        spoken = headers.get(PROTOCOL_HEADER.lower().encode())
        if spoken is not None and spoken.strip() != str(PROTOCOL).encode():
            theirs = spoken.decode("latin-1")[:20]
            raise errors.Declined(
                426,
                "protocol",
                f"The server speaks protocol {PROTOCOL}, the console {theirs}.",
                which(theirs, they="console"),
            )
        token = _token(headers.get(b"authorization", b"").decode("latin-1"))
        if not token:
            raise errors.Declined(401, "signed-out", "The request carries no token.", _ADVICE)
        scope["user"] = await _admitted(context_of(scope["litestar_app"]), scope, token)
        await next_app(scope, receive, send)


def _token(header: str) -> str:
    """The token of an ``Authorization`` header; "" where it carries none."""
    kind, _, token = header.partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


async def still(context: Context, header: str, who: Who) -> bool:
    """Whether the token of this ``Authorization`` header still opens the same doors; True where nobody can say now."""
    wanted = digest(_token(header))
    try:
        return (await context.db.read(lambda conn: find(conn, wanted, context.clock()), quick=True)).who == who
    except errors.Declined:
        return False
    except errors.Unavailable:
        return True


async def _admitted(context: Context, scope: Scope, token: str) -> Who:
    """Whose token this is; Declined (401) for one that is none, (429) where too many of those came from there."""
    guesses, now, wanted = context.guesses, context.clock(), digest(token)
    source = source_of(scope.get("client"))
    trusted = guesses.works(source, wanted)
    keys = guesses.keys(source, token)

    def look(conn: Connection) -> Found:
        if trusted:
            return find(conn, wanted, now)
        try:
            found = find(conn, wanted, now)
        except errors.Declined:
            guesses.check(conn, keys)
            raise
        if not established(found.seen_at, now):
            guesses.check(conn, keys)
        return found

    try:
        found = await context.db.read(look, quick=True)
    except Turned as error:
        await context.refusals.note(Refusal(source, error.why, error.user, wanted))
        if error.why == "unknown":
            await guesses.wrong(source, token, wanted)
        raise
    except errors.Declined:
        await context.refusals.note(Refusal(source, "locked"))
        raise
    guesses.admitted(source, wanted)
    if found.seen_at is None or found.seen_at <= millis(now) - sessions.SEEN_S * 1000:
        # Nobody is kept out because this cannot be written down.
        with suppress(errors.Unavailable):
            await context.db.write(lambda conn: sessions.used(conn, wanted, now, source=source))
    return found.who
