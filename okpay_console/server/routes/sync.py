"""Pull, push and poke: the three requests of the synchronisation protocol."""

from __future__ import annotations

import re
from typing import Annotated, Final

import msgspec
from litestar import Response, get, post
from litestar.params import FromQuery, QueryParameter
from litestar.response import Stream

from ... import errors
from ...domain.wire import PAGE_ROWS, PUSH_BYTES, Page, PushReply
from .. import auth
from ..context import context_of
from ..feed import RawPage
from ..policy import Who
from ..service import RawPush, push
from .reply import Req, reply, says

_CLIENT: Final = re.compile(r"[A-Za-z0-9._:-]{0,64}")


@get("/sync", summary="Changes after a cursor", responses=says(Page, "Whole commits, read in one snapshot"))
async def pull(
    request: Req,
    *,
    client: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1)] = PAGE_ROWS,
) -> Response[bytes]:
    context = context_of(request.app)
    who: Who = request.user
    if not _CLIENT.fullmatch(client):
        raise errors.Declined(422, "bad-request", "The client's id cannot be used.", "Make a fresh store.")
    if context.metrics.building >= context.settings.max_syncs:
        raise errors.Unavailable("The server is busy.", "The console tries again by itself.", retry_after=2.0)
    context.metrics.building += 1
    try:
        page: RawPage = await context.feed.page(
            who, client=client, cursor=cursor or None, limit=limit, now=context.clock()
        )
        context.metrics.pages += 1
        return await reply(request, page)
    finally:
        context.metrics.building -= 1


@post(
    "/mutations",
    status_code=200,
    request_max_body_size=PUSH_BYTES,
    summary="Push a client's log of mutations",
    responses=says(PushReply, "One outcome per mutation"),
)
async def mutations(request: Req) -> Response[bytes]:
    context = context_of(request.app)
    try:
        sent = msgspec.json.decode(await request.body(), type=RawPush)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise errors.Declined(422, "bad-request", "The request cannot be read.", "Update this console.") from error
    answer = await push(context.db, request.user, sent, clock=context.clock, rules=context.settings.rules)
    context.metrics.mutations.update(outcome.state for outcome in answer.outcomes)
    return await reply(request, answer)


@get("/events", summary="Pokes that something changed (server-sent events)")
async def events(request: Req) -> Stream:
    context = context_of(request.app)
    who: Who = request.user
    if context.hub.streams_of(who.user) >= context.settings.max_streams:
        raise errors.Declined(
            429, "too-many-streams", "Too many consoles listen for this user.", "Close those that nobody uses.",
            retry_after=30.0,
        )  # fmt: skip
    left = None if who.expires_at is None else max((who.expires_at - context.clock()).total_seconds(), 0.0)
    stream = context.hub.stream(
        who,
        still=lambda: auth.still(context, request.headers.get("authorization", ""), who),
        last_id=request.headers.get("last-event-id"),
        reauth_in=None if left is None else max(left - context.settings.reauth_s, 0.0),
        expires_in=left,
    )
    # X-Accel-Buffering: a proxy that collects the stream's bytes would turn pokes into nothing.
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Stream(stream, media_type="text/event-stream", headers=headers)


HANDLERS: Final = [pull, mutations, events]
