"""Which roles may use which route, and how far into a house with many queues each route reaches: one table, one guard."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec
from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from .. import errors
from .policy import LEADS, ROLES, WORKS, Who

Reach = Literal["self", "shared", "queues", "ticket", "house"]
"""
=======  ===========================================================================================================
reach    what the route shows and changes
=======  ===========================================================================================================
self     the asker's own
shared   what is the same for everybody of these roles
queues   what belongs to the asker's queues; of the others nothing, not even how much there is
ticket   one ticket; one of others' queues is answered in every way like one that is not there
house    all queues at once: whoever is confined to some is refused
=======  ===========================================================================================================
"""


class Right(msgspec.Struct, frozen=True):
    """Who may use a route; ``what`` and ``advice`` are said to those who may not."""

    roles: frozenset[str]
    reach: Reach
    what: str = "Your role does not allow this."
    advice: str = "Ask a supervisor."


_ALL: Final = frozenset(ROLES)
_CLAIMS: Final = ("Your role does not claim tickets.", "Sign in as an agent.")
_EDITS: Final = ("Your role does not write answers.", "Ask a supervisor.")
_WATCHES: Final = ("Your role does not watch the floor.", "Ask a supervisor.")
_ALARMS: Final = ("Your role does not set alarms.", "Ask a supervisor.")
_DAYBOOK: Final = ("Your role has no daybook.", "Sign in as an agent.")
_IMPORTS: Final = ("Your role does not import tickets.", "Ask for an integration user.")
_AUDITS: Final = ("Your role does not read the audit log.", "Ask an administrator.")

ROUTES: Final[Mapping[str, Right]] = {
    "GET /v1/me": Right(_ALL, "self"),
    "GET /v1/sessions": Right(_ALL, "self"),
    "DELETE /v1/sessions/{session}": Right(_ALL, "self"),
    "GET /v1/events": Right(_ALL, "queues"),
    "GET /v1/sync": Right(_ALL, "queues"),
    # What each operation in it may do is another table: ``policy.ALLOWED``.
    "POST /v1/mutations": Right(_ALL, "ticket"),
    "GET /v1/tickets": Right(_ALL, "queues"),
    "POST /v1/tickets": Right(_ALL, "queues"),
    "POST /v1/tickets/batch": Right(LEADS | {"integration"}, "queues", *_IMPORTS),
    "GET /v1/tickets/{ticket}": Right(_ALL, "ticket"),
    "PATCH /v1/tickets/{ticket}": Right(WORKS, "ticket"),
    "POST /v1/tickets/{ticket}/claim": Right(WORKS, "ticket", *_CLAIMS),
    "POST /v1/tickets/{ticket}/renew": Right(WORKS, "ticket", *_CLAIMS),
    "POST /v1/queue/next": Right(WORKS, "queues", *_CLAIMS),
    "POST /v1/presence": Right(WORKS, "ticket", *_CLAIMS),
    "POST /v1/daybook": Right(WORKS, "queues", *_DAYBOOK),
    "GET /v1/daybook": Right(WORKS, "queues", *_DAYBOOK),
    "GET /v1/answers": Right(_ALL, "shared"),
    "GET /v1/answers/drafts": Right(LEADS, "shared", *_EDITS),
    "GET /v1/answers/{name}/{lang}/history": Right(LEADS, "shared", *_EDITS),
    "GET /v1/answers/{name}/{lang}/versions/{number}": Right(LEADS, "shared", *_EDITS),
    "PUT /v1/answers/{name}/{lang}": Right(LEADS, "shared", *_EDITS),
    "POST /v1/answers/{name}/{lang}/publish": Right(LEADS, "shared", *_EDITS),
    "POST /v1/answers/{name}/{lang}/retire": Right(LEADS, "shared", *_EDITS),
    "GET /v1/wall": Right(LEADS, "house", *_WATCHES),
    "GET /v1/alarms": Right(LEADS, "queues", *_ALARMS),
    "GET /v1/alarms/deliveries": Right(LEADS, "queues", *_ALARMS),
    "PUT /v1/alarms/{name}": Right(LEADS, "queues", *_ALARMS),
    "DELETE /v1/alarms/{name}": Right(LEADS, "queues", *_ALARMS),
    "GET /v1/audit": Right(frozenset({"admin"}), "house", *_AUDITS),
}
"""Every route behind a token; one that is not listed is nobody's."""

OPEN: Final = frozenset(
    {"GET /healthz", "GET /readyz", "GET /metrics", "GET /schema", "GET /schema/openapi.json", "GET /schema/{path}"}
)
"""What needs no token. The metrics count all queues' tickets: they are for this machine alone (``check_near``)."""
_PASSED_ON: Final = ("forwarded", "x-forwarded-for", "via")


def check(who: Who, route: str) -> None:
    """Raises Declined (403) where this person may not use the route ("GET /v1/me"), whatever he asks it for."""
    right = ROUTES.get(route)
    if right is None:
        raise errors.Declined(403, "forbidden", "Nobody may use this.", "Tell whoever runs the server.")
    if who.role not in right.roles:
        raise errors.Declined(403, "forbidden", right.what, right.advice)
    if right.reach == "house" and who.queues:
        raise errors.Declined(
            403,
            "no-queue",
            "These numbers are of all queues, and you watch some of them.",
            "Open the wall in your console.",
        )


def guard(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """``check`` for whoever the token belongs to, before anything of the request is read."""
    scope: Any = connection.scope
    check(connection.user, f"{scope['method']} {scope['path_template']}")


def check_near(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Raises Declined (403) for a request from another machine, directly or through a proxy on this one."""
    host = connection.client.host if connection.client else ""
    try:
        near = ipaddress.ip_address(host).is_loopback
    except ValueError:
        # A Unix socket has no address.
        near = not host
    if not near or any(name in connection.headers for name in _PASSED_ON):
        raise errors.Declined(
            403, "forbidden", "The counters are read on the server's own machine.", "Run the collector there."
        )
