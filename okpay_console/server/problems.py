"""Errors as replies: every failure becomes ``application/problem+json`` (RFC 9457) with a stable ``type``."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path
from typing import Any, Final

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, InternalServerException

from .. import errors
from ..domain.wire import Problem

_log = logging.getLogger("okpay.server")
MEDIA: Final = "application/problem+json"
_TITLES: Final = {
    400: ("bad-request", "The request cannot be read."),
    401: ("signed-out", "The request carries no valid token."),
    403: ("forbidden", "This is not allowed."),
    404: ("not-found", "There is no such thing here."),
    405: ("method-not-allowed", "This cannot be done here."),
    413: ("too-large", "The request is too large."),
    415: ("bad-request", "The request is not JSON."),
    422: ("bad-request", "The request cannot be understood."),
    500: ("fault", "The server failed."),
}
_ADVICE: Final = {
    401: "Sign in again.",
    413: "Send less at once.",
    500: "Try again; if it stays, tell whoever runs the server.",
}
_OTHERWISE: Final = "Compare it with /schema."


def problem(status: int, code: str, what: str, advice: str = "", **members: Any) -> Response[bytes]:
    """The reply for one problem. ``members`` beyond those of ``wire.Problem`` are put beside them."""
    known = set(Problem.__struct_fields__)
    own = {key: members.pop(key) for key in list(members) if key in known}
    body = msgspec.to_builtins(Problem(f"/problems/{code}", what, status, advice=advice, **own))
    headers = {"Cache-Control": "no-store"}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if status in (429, 503):
        headers["Retry-After"] = str(max(1, round(members.pop("retry_after", None) or 1)))
    return Response(msgspec.json.encode({**body, **members}), status_code=status, media_type=MEDIA, headers=headers)


def from_ours(_: Request[Any, Any, Any], error: errors.OkpayError) -> Response[bytes]:
    match error:
        case errors.Declined():
            return problem(error.status, error.code, error.what, error.advice, **error.members)
        case errors.Unavailable():
            return problem(503, error.code, error.what, error.advice, retry_after=error.retry_after)
        case errors.Refused() | errors.NeedsReview():
            return problem(422, error.code, error.what, error.advice)
    return _fault(error)


def from_litestar(_: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    # Litestar words a validation error with the value that was wrong; a value may be personal, so it stays here.
    status = 422 if error.status_code == 400 else error.status_code
    if isinstance(error, InternalServerException) and "disconnected" in error.detail:
        # A request that was broken off while its body was read is no failure of the server's.
        status = 422
    code, what = _TITLES.get(status, ("bad-request" if status < 500 else "fault", "The request failed."))
    return problem(status, code, what, _ADVICE.get(status, _OTHERWISE))


def from_anything(_: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    return _fault(error)


def _fault(error: BaseException) -> Response[bytes]:
    # Where and what kind, and nothing of what was in the request: an exception's text may quote a caller.
    at = traceback.extract_tb(error.__traceback__)[-1:]
    place = f"{Path(at[0].filename).name}:{at[0].lineno} {at[0].name}" if at else "?"
    _log.error("unhandled %s in %s", type(error).__name__, place)
    return problem(500, "fault", "The server failed.", "Try again; if it stays, tell whoever runs the server.")
