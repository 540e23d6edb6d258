"""Who am I, and is the server well."""

from __future__ import annotations

from typing import Any

from litestar import MediaType, Request, Response, get

from ... import __version__, errors
from ...domain.wire import PROTOCOL, Me
from .. import db, history, rights, wall
from ..context import context_of
from ..metrics import gauges
from ..policy import Who


@get("/me", summary="Who this token is, and which server answers")
async def me(request: Request[Any, Any, Any]) -> Me:
    context = context_of(request.app)
    who: Who = request.user
    return Me(
        user=who.user,
        role=who.role,
        queues=sorted(who.queues),
        server=context.settings.name,
        protocol=PROTOCOL,
        now=context.clock(),
        # Read each time and not kept: a backup may be put back under a running process.
        server_id=await context.db.read(history.server_id, quick=True),
        version=__version__,
    )


@get("/healthz", media_type=MediaType.TEXT, summary="The process answers")
async def healthz() -> str:
    return "ok\n"


@get("/readyz", media_type=MediaType.TEXT, summary="The database answers and its schema is up to date")
async def readyz(request: Request[Any, Any, Any]) -> str:
    if not await context_of(request.app).db.read(db.at_head):
        raise errors.Unavailable("The database's schema is of another version.", "Restart the server.")
    return "ready\n"


@get("/metrics", guards=[rights.check_near], summary="Counters in Prometheus' text format, on the server's own machine")
async def metrics(request: Request[Any, Any, Any]) -> Response[str]:
    context = context_of(request.app)
    head = await context.db.read(history.head, quick=True)
    text = context.metrics.text(head=head.seq, streams=context.hub.streams)
    text += gauges(await wall.read(context.db), now=context.clock())
    return Response(text, media_type="text/plain; version=0.0.4")
