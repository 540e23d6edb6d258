"""The OpenAPI document: what the framework reads off the routes, and the bodies, headers and refusals that it cannot see there."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final

import msgspec
from litestar import Request
from litestar.openapi.plugins import JsonRenderPlugin

from ..domain.alarms import Alarm
from ..domain.daybook import Told
from ..domain.presence import Here
from ..domain.wire import Problem, Push
from .problems import MEDIA
from .routes.answers import Draft as AnswerDraft
from .tickets import Draft, Edit

BODIES: Final[Mapping[str, Any]] = {
    "POST /v1/mutations": Push,
    "POST /v1/tickets": Draft,
    "PATCH /v1/tickets/{ticket}": Edit,
    "POST /v1/tickets/batch": list[Draft],
    "POST /v1/presence": Here,
    "POST /v1/daybook": Told,
    "PUT /v1/answers/{name}/{lang}": AnswerDraft,
    "PUT /v1/alarms/{name}": Alarm,
}
"""What is sent; a batch is an object whose ``items`` are these."""
HEADERS: Final[Mapping[str, tuple[str, str]]] = {
    "POST /v1/tickets": ("Idempotency-Key", "^[\\x21-\\x7e]{1,200}$"),
    "PATCH /v1/tickets/{ticket}": ("If-Match", '^"[0-9]{1,9}"$'),
}
"""Headers without which a request is refused, and their form."""
MORE: Final[Mapping[str, Mapping[str, str]]] = {
    "POST /v1/queue/next": {"204": "There is nothing to be worked on"},
    "GET /v1/tickets/{ticket}": {"304": "Still as it was"},
    "GET /v1/answers": {"304": "Still as it was"},
}
"""Replies without a body."""
_TEXT: Final = {"GET /v1/events": "text/event-stream", "GET /healthz": "text/plain", "GET /readyz": "text/plain",
                "GET /metrics": "text/plain"}  # fmt: skip


class Document(JsonRenderPlugin):
    """Serves the completed document."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        return self.render_json(request, completed(openapi_schema))


def completed(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with request bodies, the token, and every refusal as the problem that it is."""
    made = deepcopy(dict(document))
    kinds = [*BODIES.values(), Problem]
    schemas, parts = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}_sent")
    bodies = dict(zip([*BODIES, "problem"], schemas, strict=True))
    made["components"]["schemas"] |= {f"{name}_sent": part for name, part in parts.items()}
    made["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    for path, methods in made["paths"].items():
        for method, operation in methods.items():
            _complete(operation, f"{method.upper()} {path}", bodies)
    return made


def _complete(operation: dict[str, Any], route: str, bodies: Mapping[str, Any]) -> None:
    replies = operation["responses"]
    # The framework's own form of a validation error, which never leaves this server.
    replies.pop("400", None)
    refusal = {MEDIA: {"schema": bodies["problem"]}}
    replies["4XX"] = {"description": "It is refused; ``type`` ends in a stable code", "content": refusal}
    replies["503"] = {"description": "Not now: try again after Retry-After", "content": refusal}
    for status, what in MORE.get(route, {}).items():
        replies[status] = {"description": what}
    if route in _TEXT:
        replies["200"]["content"] = {_TEXT[route]: {"schema": {"type": "string"}}}
    if " /v1/" in route:
        operation["security"] = [{"token": []}]
    if route in HEADERS:
        name, form = HEADERS[route]
        header = {"name": name, "in": "header", "required": True, "schema": {"type": "string", "pattern": form}}
        operation["parameters"] = [*operation.get("parameters", []), header]
    if route in BODIES:
        sent = bodies[route]
        if route == "POST /v1/tickets/batch":
            sent = {"type": "object", "required": ["items"], "properties": {"items": sent}}
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": sent}}}
