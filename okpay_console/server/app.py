"""Puts the server's parts together into one ASGI application."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from litestar import Litestar, Router
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig
from litestar.types import Message, Scope

from .. import __version__, errors
from ..domain.wire import PROTOCOL, PROTOCOL_HEADER
from . import clock, problems, rights
from .auth import Door
from .context import Context, context_of
from .document import Document
from .routes import about, alarms, answers, audit, daybook, presence, sessions, sync, tickets
from .settings import ServerConfig

__all__ = ["ServerConfig", "create_app"]

_HEADER = (PROTOCOL_HEADER.lower().encode(), str(PROTOCOL).encode())


def create_app(config: ServerConfig, *, clock: Callable[[], datetime] = clock.now) -> Litestar:
    """The application over ``config.database``, whose schema must be up to date (``db.upgrade``)."""
    made = bare()
    made.state.context = Context(config, clock)
    return made


def bare() -> Litestar:
    """The routes and what surrounds them, without a context in ``state``: whoever serves them gives them one first."""

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        context = context_of(app)
        await context.hub.start()
        context.floor.start()
        try:
            yield
        finally:
            await context.hub.stop()
            await context.floor.stop()
            await context.presence.close()
            await context.heard.close()
            await context.refusals.close()
            await context.db.close()

    handlers = [
        *sync.HANDLERS, *tickets.HANDLERS, *answers.HANDLERS, *presence.HANDLERS, *daybook.HANDLERS, *audit.HANDLERS,
        *alarms.HANDLERS, *sessions.HANDLERS, about.me,
    ]  # fmt: skip
    v1 = Router("/v1", middleware=[Door()], guards=[rights.guard], route_handlers=handlers)
    return Litestar(
        [v1, about.healthz, about.readyz, about.metrics],
        lifespan=[lifespan],
        before_send=[_stamp],
        exception_handlers={
            errors.OkpayError: problems.from_ours,
            HTTPException: problems.from_litestar,
            Exception: problems.from_anything,
        },
        # The pages of the usual viewers load scripts from foreign hosts; the document alone is enough.
        openapi_config=OpenAPIConfig(
            title="OKPay Console server", version=__version__, render_plugins=[Document(path="/openapi.json")]
        ),
        logging_config=None,
        request_max_body_size=4 << 20,
    )


async def _stamp(message: Message, scope: Scope) -> None:
    if message["type"] == "http.response.start":
        message["headers"] = [*message["headers"], _HEADER]
        context_of(scope["litestar_app"]).metrics.requests[f"{message['status'] // 100}xx"] += 1
