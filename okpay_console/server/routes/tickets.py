"""Tickets one by one and in bulk, and claims."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final, TypeVar

import msgspec
from litestar import Response, get, patch, post
from litestar.params import FromPath, FromQuery, QueryParameter

from ... import errors
from ...domain.ticket import Ticket
from ...domain.wire import Claimed
from .. import batch, claims, tickets
from ..context import context_of
from .reply import Req, reply, says

T = TypeVar("T")
_ETAG: Final = re.compile(r'(?:W/)?"(\d{1,9})"')
_KEY: Final = re.compile(r"[\x21-\x7e]{1,200}")


@get("/tickets", summary="A page of tickets, highest number first", responses=says(tickets.Listed, "A page"))
async def listing(
    request: Req,
    *,
    queue: FromQuery[str | None] = None,
    status: FromQuery[str | None] = None,
    assignee: FromQuery[str | None] = None,
    category: FromQuery[str | None] = None,
    channel: FromQuery[str | None] = None,
    external_id: FromQuery[str | None] = None,
    before: Annotated[int | None, QueryParameter(ge=1, lt=1 << 53)] = None,
    limit: Annotated[int, QueryParameter(ge=1)] = tickets.PAGE,
) -> Response[bytes]:
    found = await tickets.listing(
        context_of(request.app).db, request.user, before=before, limit=limit, queue=queue, status=status,
        assignee=assignee, category=category, channel=channel, external_id=external_id,
    )  # fmt: skip
    return await reply(request, found)


@get("/tickets/{ticket:str}", summary="One ticket, with its rev as ETag", responses=says(Ticket, "The ticket"))
async def one(request: Req, ticket: FromPath[str]) -> Response[bytes]:
    doc, rev = await tickets.read(context_of(request.app).db, request.user, ticket)
    tag = f'"{rev}"'
    if request.headers.get("if-none-match") == tag:
        return Response(b"", status_code=304, headers={"ETag": tag})
    return await reply(request, doc, headers={"ETag": tag})


@patch(
    "/tickets/{ticket:str}",
    summary="Edit a ticket, if it is still as you read it (If-Match)",
    responses=says(Ticket, "The ticket after it"),
)
async def edit(request: Req, ticket: FromPath[str]) -> Response[bytes]:
    context = context_of(request.app)
    match = _ETAG.fullmatch(request.headers.get("if-match", ""))
    if match is None:
        raise errors.Declined(428, "if-match", "The request does not say which version it edits.", "Send If-Match.")
    change = await _body(request, tickets.Edit)
    after = await tickets.edit(
        context.db, request.user, ticket, change, rev=int(match[1]), now=context.clock(), rules=context.settings.rules
    )
    return await reply(request, after, headers={"ETag": f'"{after.rev}"'})


@post(
    "/tickets",
    status_code=201,
    summary="Create a ticket once per Idempotency-Key",
    responses=says(tickets.Created, "Its id and number", status=201),
)
async def create(request: Req) -> Response[bytes]:
    context = context_of(request.app)
    key = request.headers.get("idempotency-key", "")
    if not _KEY.fullmatch(key):
        raise errors.Declined(400, "key-missing", "The request carries no Idempotency-Key.", "Send a fresh one.")
    draft = await _body(request, tickets.Draft)
    running = (request.user.user, key)
    if running in context.creating:
        raise errors.Declined(
            409, "key-running", "A request with this key is being worked on.", "Ask again in a moment."
        )
    context.creating.add(running)
    try:
        made, before = await tickets.create(
            context.db, request.user, draft,
            key=key, body=await request.body(), now=context.clock(), rules=context.settings.rules,
        )  # fmt: skip
    finally:
        context.creating.discard(running)
    headers = {"Location": f"/v1/tickets/{made.id}", **({"Idempotency-Replayed": "true"} if before else {})}
    return await reply(request, made, status=201, headers=headers)


@post(
    "/tickets/batch",
    status_code=200,
    summary="Create many tickets, idempotent by external_id",
    responses=says(batch.Report, "One result per item"),
)
async def bring_in(request: Req) -> Response[bytes]:
    context = context_of(request.app)
    sent = await _body(request, batch.RawBatch)
    report = await batch.bring_in(context.db, request.user, sent, now=context.clock(), rules=context.settings.rules)
    return await reply(request, report)


@post(
    "/tickets/{ticket:str}/claim",
    status_code=200,
    summary="Claim a ticket",
    responses=says(Claimed, "The claim that was won"),
)
async def claim(request: Req, ticket: FromPath[str]) -> Response[bytes]:
    return await _held(request, ticket, claims.claim)


@post(
    "/tickets/{ticket:str}/renew",
    status_code=200,
    summary="Renew the lease of a claim",
    responses=says(Claimed, "The claim with its new lease"),
)
async def renew(request: Req, ticket: FromPath[str]) -> Response[bytes]:
    return await _held(request, ticket, claims.renew)


@post(
    "/queue/next",
    status_code=200,
    summary="Claim what is to be worked on next; 204 where there is nothing",
    responses=says(Claimed, "The claim that was won"),
)
async def take_next(request: Req, queue: FromQuery[list[str] | None] = None) -> Response[Any]:
    context = context_of(request.app)
    won = await claims.next_ticket(
        context.db, request.user, queues=queue or (), now=context.clock(), lease_s=context.settings.lease_s
    )
    return Response(None, status_code=204) if won is None else await reply(request, won)


async def _held(request: Req, ticket: str, take: Callable[..., Awaitable[Claimed]]) -> Response[bytes]:
    context = context_of(request.app)
    now, lease = context.clock(), context.settings.lease_s
    return await reply(request, await take(context.db, request.user, ticket, now=now, lease_s=lease))


async def _body(request: Req, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(await request.body(), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise errors.Declined(422, "bad-request", "The request's body cannot be understood.", "See /schema.") from error


HANDLERS: Final = [listing, one, edit, create, bring_in, claim, renew, take_next]
