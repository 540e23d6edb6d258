"""The knowledge base at the server, as its editors reach it: drafts, review, publication, retirement, history."""

from __future__ import annotations

from urllib.parse import quote

from .. import errors
from ..domain.shelf import Shelved, Version
from .api import Api

_TRIES = 3


async def put_draft(api: Api, name: str, lang: str, markdown: str) -> Version:
    """Saves a text as the newest draft; ``Refused`` where it is no answer of that id, ``Forbidden`` for agents."""
    return await api.ask("PUT", _path(name, lang), Version, body={"markdown": markdown})


async def publish(api: Api, name: str, lang: str, *, version: int = 0) -> Version:
    """Lets a draft out to the agents (0: the latest); ``Refused`` where a second person has to, ``NotFound``."""
    return await api.ask("POST", _path(name, lang, "publish"), Version, params={"version": str(version)})


async def retire(api: Api, name: str, lang: str) -> Version:
    """Takes an answer from the agents, the shipped one of this id too."""
    return await api.ask("POST", _path(name, lang, "retire"), Version)


async def history(api: Api, name: str, lang: str) -> list[Version]:
    """Every version without its text, newest first; ``NotFound``."""
    return await api.ask("GET", _path(name, lang, "history"), list[Version])


async def version(api: Api, name: str, lang: str, number: int) -> Version:
    """One version with its text; ``NotFound``."""
    return await api.ask("GET", _path(name, lang, "versions", str(number)), Version)


async def drafts(api: Api) -> list[Version]:
    """The drafts that wait for a reviewer, without their texts, oldest first."""
    return await api.ask("GET", "/v1/answers/drafts", list[Version])


async def published(api: Api) -> list[Shelved]:
    """Everything that the agents' consoles have from this server; ``Unavailable`` where it changes under every reading."""
    for _ in range(_TRIES):
        first = page = await api.shelf("")
        found: list[Shelved] = []
        while page is not None and first is not None and page.texts == first.texts:
            found += page.answers or ()
            if not page.next:
                return found
            page = await api.shelf("", page.next)
    raise errors.Unavailable("The answers are being changed at this moment.", "Try again in a minute.")


def _path(name: str, lang: str, *more: str) -> str:
    # Full stops too: an id of two of them would lead somewhere else.
    parts = [quote(part, safe="").replace(".", "%2E") for part in (name, lang)]
    return "/".join(["/v1/answers", *parts, *more])
