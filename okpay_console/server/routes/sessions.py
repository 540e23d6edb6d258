"""One's own sessions: which there are, and ending one."""

from __future__ import annotations

from typing import Final

from litestar import Response, delete, get
from litestar.params import FromPath

from ...domain.sessions import Session
from .. import sessions
from ..context import context_of
from ..policy import Who
from .reply import Req, reply, says


@get(
    "/sessions", summary="Where the asker is signed in", responses=says(list[Session], "The one used last comes first")
)
async def listing(request: Req) -> Response[bytes]:
    context, who = context_of(request.app), _who(request)
    now = context.clock()
    found = await context.db.read(lambda conn: sessions.listing(conn, user=who.user, current=who.session, now=now))
    return await reply(request, found)


@delete(
    "/sessions/{session:str}",
    status_code=200,
    summary="End one of the asker's sessions",
    responses=says(Session, "The session that was ended"),
)
async def revoke(request: Req, session: FromPath[str]) -> Response[bytes]:
    context, who = context_of(request.app), _who(request)
    now = context.clock()
    ended = await context.db.write(lambda conn: sessions.revoke(conn, session, by=who.user, user=who.user, now=now))
    return await reply(request, ended)


def _who(request: Req) -> Who:
    found: Who = request.user
    return found


HANDLERS: Final = [listing, revoke]
