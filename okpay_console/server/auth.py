"""Tokens: how they are made, kept and recognised, and the middleware that asks for one on every ``/v1`` request."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Final

import msgspec
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send
from sqlalchemy import Connection, select

from .. import errors
from ..domain.wire import PROTOCOL, PROTOCOL_HEADER
from .clock import millis, moment
from .context import context_of
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


def who_is(conn: Connection, token: str, now: datetime) -> Who:
    """The owner of a token; Declined (401) where it is unknown, expired, revoked, or its user is disabled."""
    wanted = digest(token)
    query = (
        select(tokens.c.hash, tokens.c.expires_at, tokens.c.revoked_at, users.c.name, users.c.role, users.c.queues)
        .join(users, users.c.name == tokens.c.user)
        .where(tokens.c.hash == wanted, users.c.disabled.is_(False))
    )
    row = (conn.execute(query)).one_or_none()
    # The key look-up compares hashes, of which a caller cannot choose a prefix; the second look is constant in time.
    if row is None or not hmac.compare_digest(row.hash, wanted):
        raise errors.Declined(401, "signed-out", "The token is not known here.", _ADVICE)
    if row.revoked_at is not None:
        raise errors.Declined(401, "signed-out", "The token was revoked.", _ADVICE)
    if row.expires_at is not None and row.expires_at <= millis(now):
        raise errors.Declined(401, "signed-out", "The token has expired.", _ADVICE)
    expires = None if row.expires_at is None else moment(row.expires_at)
    return Who(row.name, row.role, msgspec.json.decode(row.queues, type=frozenset[str]), expires)


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
                "Update the older of them.",
            )
        kind, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
        if kind.lower() != "bearer" or not token.strip():
            raise errors.Declined(401, "signed-out", "The request carries no token.", _ADVICE)
        context = context_of(scope["litestar_app"])
        now = context.clock()
        scope["user"] = await context.db.read(lambda conn: who_is(conn, token.strip(), now), quick=True)
        await next_app(scope, receive, send)
