"""The numbers of the house, the alarms on them, and what became of the messages about those."""

from __future__ import annotations

from typing import Final

import msgspec
from litestar import Response, delete, get, put
from litestar.params import FromPath, FromQuery

from ... import errors
from ...domain.alarmnews import Delivery, Standing
from ...domain.alarms import Alarm
from ...domain.wallnumbers import Wall
from .. import alarms, wall, webhooks
from ..context import context_of
from .reply import Req, reply, says

_BODY: Final = 16 << 10
_MOST: Final = 500
_FIRST: Final = "general"
"""Where a ticket comes in when nobody says another queue."""


class Terms(msgspec.Struct, frozen=True):
    """``PUT /v1/alarms/{id}``: an ``Alarm`` without its id, or with the same one."""

    id: str = ""


@get("/wall", summary="Every number of the wall, at most two seconds old", responses=says(Wall, "All queues' numbers"))
async def numbers(request: Req) -> Response[bytes]:
    context = context_of(request.app)
    return await reply(request, msgspec.Raw((await wall.wanted(context.db, clock=context.clock)).encode()))


@get("/alarms", summary="The alarms and how each stands", responses=says(list[Standing], "By name"))
async def listing(request: Req) -> Response[bytes]:
    db = context_of(request.app).db
    return await reply(request, await alarms.listing(db, request.user, wall=await wall.read(db)))


@put(
    "/alarms/{name:str}",
    summary="Set an alarm",
    request_max_body_size=_BODY,
    responses=says(Alarm, "As it is kept"),
)
async def one(request: Req, name: FromPath[str]) -> Response[bytes]:
    context = context_of(request.app)
    try:
        body = await request.body()
        if msgspec.json.decode(body, type=Terms).id not in ("", name):
            raise errors.Declined(422, "bad-name", "The alarm's name differs from the address.", "Leave it out.")
        alarm = msgspec.convert({**msgspec.json.decode(body, type=dict), "id": name}, Alarm)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise errors.Declined(422, "bad-request", "The request's body cannot be understood.", "See /schema.") from error
    ladders = context.settings.rules.ladders.values()
    queues = {_FIRST, *(level.queue for ladder in ladders for level in ladder if level.queue)}
    await alarms.put(context.db, request.user, alarm, now=context.clock(), queues=queues)
    return await reply(request, alarm)


@delete("/alarms/{name:str}", status_code=200, summary="Take an alarm away", responses=says(Alarm, "As it was"))
async def gone(request: Req, name: FromPath[str]) -> Response[bytes]:
    context = context_of(request.app)
    return await reply(request, await alarms.remove(context.db, request.user, name, now=context.clock()))


@get(
    "/alarms/deliveries",
    summary="What became of the messages to webhooks",
    responses=says(list[Delivery], "Newest first"),
)
async def sent(request: Req, *, limit: FromQuery[int] = 100) -> Response[bytes]:
    limit = min(max(limit, 1), _MOST)
    return await reply(request, await webhooks.listing(context_of(request.app).db, request.user, limit=limit))


HANDLERS: Final = [numbers, listing, sent, one, gone]
