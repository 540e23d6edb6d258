"""The knowledge base: what agents may say, and the way of an answer from draft to publication to retirement."""

from __future__ import annotations

from typing import Final

import msgspec
from litestar import Response, get, post, put
from litestar.params import FromPath, FromQuery

from ... import errors
from ...domain.shelf import ShelfPage, Version
from .. import knowledge
from ..context import context_of
from .reply import Req, reply, says

_BODY: Final = 1 << 20


class Draft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``PUT /v1/answers/{id}/{lang}``: the whole file, front matter and all."""

    markdown: str


@get(
    "/answers",
    summary="The published answers, page by page, and how often each helped",
    responses=says(ShelfPage, "A page"),
)
async def shelf(request: Req, *, have: FromQuery[str] = "", after: FromQuery[str] = "") -> Response[bytes]:
    tag = request.headers.get("if-none-match", "").removeprefix("W/").strip('"')
    if len(after) > 200 or "\x00" in after:
        raise errors.Declined(422, "bad-request", "The key cannot be used.", "Begin without one.")
    # Only whoever sends the tag as a condition can take "nothing is new" for an answer.
    page = await knowledge.shelf(context_of(request.app).db, have=tag or have, after=after)
    if page is None and not tag:
        page = await knowledge.shelf(context_of(request.app).db, have=have.partition("-")[0], after=after)
    if page is None:
        return Response(b"", status_code=304, headers={"ETag": f'"{tag}"'})
    return await reply(request, page, headers={"ETag": f'"{page.tag}"'} if not after else None)


@get("/answers/drafts", summary="The drafts that wait for a reviewer", responses=says(list[Version], "Oldest first"))
async def drafts(request: Req) -> Response[bytes]:
    return await reply(request, await knowledge.drafts(context_of(request.app).db))


@get(
    "/answers/{name:str}/{lang:str}/history",
    summary="Every version, who and when",
    responses=says(list[Version], "Newest first"),
)
async def versions(request: Req, name: FromPath[str], lang: FromPath[str]) -> Response[bytes]:
    return await reply(request, await knowledge.versions(context_of(request.app).db, name, lang))


@get(
    "/answers/{name:str}/{lang:str}/versions/{number:int}",
    summary="One version with its text",
    responses=says(Version, "It"),
)
async def one(request: Req, name: FromPath[str], lang: FromPath[str], number: FromPath[int]) -> Response[bytes]:
    if not 0 < number < 1 << 31:
        raise errors.Declined(404, "not-found", "There is no such version.", "List its history.")
    return await reply(request, await knowledge.version(context_of(request.app).db, name, lang, number))


@put(
    "/answers/{name:str}/{lang:str}",
    summary="Save a draft",
    request_max_body_size=_BODY,
    responses=says(Version, "The draft"),
)
async def draft(request: Req, name: FromPath[str], lang: FromPath[str]) -> Response[bytes]:
    context = context_of(request.app)
    try:
        sent = msgspec.json.decode(await request.body(), type=Draft)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise errors.Declined(422, "bad-request", "The request's body cannot be understood.", "See /schema.") from error
    made = await knowledge.put_draft(context.db, request.user, name, lang, sent.markdown, now=context.clock())
    return await reply(request, made)


@post(
    "/answers/{name:str}/{lang:str}/publish", status_code=200, summary="Publish a draft", responses=says(Version, "It")
)
async def publish(
    request: Req, name: FromPath[str], lang: FromPath[str], version: FromQuery[int] = 0
) -> Response[bytes]:
    context = context_of(request.app)
    if not 0 <= version < 1 << 31:
        raise errors.Declined(404, "not-found", "There is no such version.", "List its history.")
    done = await knowledge.publish(
        context.db, request.user, name, lang,
        version=version, self_review=context.settings.self_review, now=context.clock(),
    )  # fmt: skip
    return await reply(request, done)


@post(
    "/answers/{name:str}/{lang:str}/retire",
    status_code=200,
    summary="Take an answer from the agents",
    responses=says(Version, "It"),
)
async def retire(request: Req, name: FromPath[str], lang: FromPath[str]) -> Response[bytes]:
    context = context_of(request.app)
    return await reply(request, await knowledge.retire(context.db, request.user, name, lang, now=context.clock()))


HANDLERS: Final = [shelf, drafts, versions, one, draft, publish, retire]
