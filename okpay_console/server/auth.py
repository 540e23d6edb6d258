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
from .schema import tokens, users

_PREFIX: Final = "okp_"
_ADVICE: Final = "Sign in again."


def new_token() -> str:
    """A fresh token: a prefix that secret scanners can know, and 32 random bytes."""
    return _PREFIX + secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """The form in which a token is kept. It is 256 random bits, so a plain SHA-256 cannot be searched: no salt, no stretching."""
    return hashlib.sha256(token.encode()).hexdigest()


class Unknown(errors.Declined):
    """A token that never was one of ours."""


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
        raise Unknown(401, "signed-out", "The token is not known here.", _ADVICE)
    if row.disabled:
        raise errors.Declined(401, "disabled", "This user is disabled.", "Ask your administrator.")
    if row.revoked_at is not None:
        raise errors.Declined(401, "signed-out", "The token was revoked.", _ADVICE)
    if row.expires_at is not None and row.expires_at <= millis(now):
        raise errors.Declined(401, "signed-out", "The token has expired.", _ADVICE)
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
        kind, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
        if kind.lower() != "bearer" or not token.strip():
            raise errors.Declined(401, "signed-out", "The request carries no token.", _ADVICE)
        scope["user"] = await _admitted(context_of(scope["litestar_app"]), scope, token.strip())
        await next_app(scope, receive, send)


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
    except Unknown:
        await guesses.wrong(source, token, wanted)
        raise
    guesses.admitted(source, wanted)
    if found.seen_at is None or found.seen_at <= millis(now) - sessions.SEEN_S * 1000:
        # Nobody is kept out because this cannot be written down.
        with suppress(errors.Unavailable):
            await context.db.write(lambda conn: sessions.used(conn, wanted, now))
    return found.who
