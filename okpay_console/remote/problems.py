"""What an answer that is not the wanted one means: from HTTP status and problem document to one of our errors."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import msgspec

from .. import errors
from ..domain import wire

CHECK_ADDRESS = "Check the server's address (OKPAY_SERVER), or sign in to this network first."
_NONE = wire.Problem("", "", 0)


def error_of(
    status: int, headers: Mapping[str, str], body: bytes, *, ours: bool, now: datetime | None = None
) -> errors.OkpayError:
    """The error for an answer with ``status`` outside 200..299.

    ``ours`` tells whether the answer carries our protocol's header: a proxy's 401 must not sign anybody out. ``now`` (UTC)
    is for a Retry-After that is a date.
    """
    # Whoever is on the way may answer with any words; an agent is shown those of the own server only.
    problem = _problem(body) if ours else _NONE
    code = problem.type.rstrip("/").rsplit("/", 1)[-1]
    what = problem.detail or problem.title
    wait = retry_after(headers.get("retry-after", ""), now=now)
    if status in (408, 429) or status >= 500:
        return errors.Unavailable(
            what or f"The server cannot serve now (HTTP {status}).",
            problem.advice or "Your work is kept and sent as soon as it can.",
            retry_after=wait,
        )
    if status == 426 or code == "protocol":
        return errors.BadReply(
            what or f"The server does not speak protocol {wire.PROTOCOL}.",
            problem.advice or "Update the older of the two.",
            code="protocol",
        )
    if not ours:
        return errors.BadReply(f"Something answered HTTP {status} that is not an OKPay server.", CHECK_ADDRESS)
    advice = problem.advice
    match status, code:
        case 401, _:
            return errors.SignedOut(
                what or "The server does not know this token.",
                advice or "Run `okpay-console login`.",
                code="disabled" if code == "disabled" else None,
            )
        case 403, _:
            return errors.Forbidden(what or "Your role does not allow this.", advice or "Ask a supervisor.")
        case 404, _:
            return errors.NotFound(what or "There is no such thing in your queues.", advice or "Check its number.")
        case 409, "held":
            by = problem.held_by
            return errors.Held(
                what or f"The ticket is with {by}.", advice or "Take another one, or talk to them.", by=by
            )
        case 409, "mid-gap" | "client-forked":
            return errors.Forked(what or "The server knows another history.", advice, expect=problem.expect, code=code)
        case 410, _:
            return errors.Gone(what or "This place in the history is no longer served.", advice)
        case ((400 | 409 | 412 | 413 | 415 | 422 | 428), _):
            return errors.Refused(
                what or f"The server refuses the request (HTTP {status}).",
                advice or "Update the older of console and server.",
                code=code if code not in ("", "about:blank") else f"http-{status}",
            )
        case 431, "head-too-large":
            return errors.BadReply(what, advice or CHECK_ADDRESS, code=code)
    return errors.BadReply(
        what or f"The server answered HTTP {status}, which has no meaning here.", advice or CHECK_ADDRESS
    )


def retry_after(value: str, *, now: datetime | None = None) -> float | None:
    """Seconds of a Retry-After header, which is a number or a date (RFC 9110 §10.2.3); None where it says neither."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds()) if now is not None else None


def _problem(body: bytes) -> wire.Problem:
    try:
        return msgspec.json.decode(body, type=wire.Problem)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return _NONE
