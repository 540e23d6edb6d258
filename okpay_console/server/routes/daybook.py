"""The daybook: telling lines, and reading those that one may see."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from litestar import Response, get, post
from litestar.params import FromQuery, QueryParameter
from msgspec.structs import replace

from ... import errors
from ...domain.daybook import TOLD_BYTES, DaybookPage, Fates
from ...domain.ticket import Instant
from .. import daybook
from ..context import context_of
from ..policy import Who
from .reply import Req, reply, says


@post(
    "/daybook",
    status_code=200,
    request_max_body_size=TOLD_BYTES,
    summary="Tell lines of the daybook, and that one is at work",
    responses=says(Fates, "What became of each line"),
)
async def tell(request: Req) -> Response[bytes]:
    context = context_of(request.app)
    try:
        sent = msgspec.json.decode(await request.body(), type=daybook.RawTold)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise errors.Declined(422, "bad-request", "The request's body cannot be understood.", "See /schema.") from error
    who: Who = request.user
    fates = await daybook.tell(context.db, who, sent, now=context.clock())
    if sent.alive:
        context.heard.note(who.user)
    return await reply(request, fates)


@get("/daybook", summary="Lines of the daybook after a cursor", responses=says(DaybookPage, "Lines in their order"))
async def lines(
    request: Req,
    *,
    after: FromQuery[str] = "",
    since: FromQuery[str] = "",
    limit: Annotated[int, QueryParameter(ge=1)] = daybook.PAGE_LINES,
) -> Response[bytes]:
    context = context_of(request.app)
    who: Who = request.user
    try:
        begins = msgspec.convert(since, Instant) if since else None
    except msgspec.ValidationError as error:
        raise errors.Declined(
            422, "bad-request", "'since' is not a moment.", "Write RFC 3339 with its zone."
        ) from error
    page = await daybook.page(context.db, who, after=after, limit=limit, now=context.clock(), since=begins)
    if who.role in ("supervisor", "admin") and not page.more:
        seen = await context.heard.seen()
        if who.queues:
            people = await context.db.read(daybook.queues_of, quick=True)
            seen = {name: at for name, at in seen.items() if not (theirs := people.get(name)) or theirs & who.queues}
        page = replace(page, seen=seen)
    return await reply(request, page)


HANDLERS: Final = [tell, lines]
