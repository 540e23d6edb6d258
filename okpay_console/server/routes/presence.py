"""Who else has a case open at this moment."""

from __future__ import annotations

from typing import Final

import msgspec
from litestar import Response, post

from ... import errors
from ...domain.presence import Company, Here
from ..context import context_of
from .reply import Req, reply, says


@post(
    "/presence",
    status_code=200,
    summary="Tell which ticket is open here, and hear who else has it open",
    responses=says(Company, "The others at this ticket"),
)
async def here(request: Req) -> Response[bytes]:
    try:
        told = msgspec.json.decode(await request.body(), type=Here)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise errors.Declined(422, "bad-request", "The request's body cannot be understood.", "See /schema.") from error
    context = context_of(request.app)
    company = Company(await context.presence.here(request.user, told))
    context.heard.note(request.user.user)
    return await reply(request, company)


HANDLERS: Final = [here]
