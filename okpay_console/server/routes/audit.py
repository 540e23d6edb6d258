"""The audit log for those who answer for it: page by page, each row with the hashes that chain it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from litestar import Response, get
from litestar.params import FromQuery, QueryParameter

from ... import errors
from ...domain.auditchain import AuditPage
from .. import audit
from ..context import context_of
from .reply import Req, reply, says


@get(
    "/audit",
    summary="The audit log after a row (admins)",
    responses=says(AuditPage, "Whole rows of the chain, in order"),
)
async def rows(
    request: Req,
    *,
    after: Annotated[int, QueryParameter(ge=0, le=1 << 53)] = 0,
    limit: Annotated[int, QueryParameter(ge=1, le=audit.PAGE)] = audit.PAGE,
    since: FromQuery[datetime | None] = None,
    until: FromQuery[datetime | None] = None,
) -> Response[bytes]:
    for moment in (since, until):
        if moment is not None and moment.tzinfo is None:
            raise errors.Declined(422, "bad-request", "The time has no time zone.", "Write it as RFC 3339.")
    page = await audit.page(context_of(request.app).db, after=after, limit=limit, since=since, until=until)
    return await reply(request, page)


HANDLERS: Final = [rows]
