"""The daybook at the server: telling lines, and reading what others told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol, TypeVar

from ..domain.daybook import DaybookPage, Fates, Line, Told

_T = TypeVar("_T")


class Door(Protocol):
    """Any request and its answer (``Api.ask``)."""

    async def ask(
        self, method: str, path: str, kind: type[_T], *, params: Mapping[str, str] | None = None, body: Any = None
    ) -> _T: ...


async def tell(api: Door, told: Told) -> Fates:
    """What became of each line, in order. ``Refused`` where the request as a whole cannot be taken."""
    return await api.ask("POST", "/v1/daybook", Fates, body=told)


async def read(api: Door, after: str, *, since: datetime | None = None) -> DaybookPage:
    """The lines after a cursor; without one, those that the server got from ``since`` on, by default a day and a half ago.

    ``Gone`` where the cursor is of another history.
    """
    params = {"after": after} if after else {"since": since.isoformat()} if since else None
    return await api.ask("GET", "/v1/daybook", DaybookPage, params=params)


async def read_since(api: Door, since: datetime) -> tuple[Line, ...]:
    """All lines from a moment on that this person may see, in the server's order."""
    found: list[Line] = []
    page = await read(api, "", since=since)
    while page.more:
        found += page.lines
        page = await read(api, page.after)
    return (*found, *page.lines)
