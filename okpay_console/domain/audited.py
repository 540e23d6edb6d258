"""Which operations leave a line in the audit logs, on the server and on this machine, and what the line says."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from .. import errors
from . import operations as ops
from . import secret
from .veil import veil

__all__ = [
    "CODE", "EXPORT", "EXPORT_REFUSED", "REASON", "REFUSED", "Trace", "check", "check_reason", "name_of", "place_of_export",
    "secret_kind", "takes_whole", "trace",
]  # fmt: skip

CODE: Final = re.compile(r"[A-Za-z0-9._:/-]{1,64}")
"""What the parts of a line look like: a name or a code, which cannot be a sentence."""

REFUSED = "secret-refused"
"""What a line says where a secret was typed and not kept; its kind is ``secret.SecretKind``."""

EXPORT = "export"
"""What a line says where data has left as a file; its kind is the ``exporting.Kind``, its place ``place_of_export``."""

EXPORT_REFUSED = "export-refused"
"""What a line says where somebody whose role does not allow it wanted whole values."""

REASON: Final = 100
"""Characters of a reason: with the rest of its line it fits the column of the server's log."""

_WHOLE: Final = "whole"


class Trace(msgspec.Struct, frozen=True, omit_defaults=True):
    """What happened, of which kind, where, about which ticket: names and codes alone, never a value.

    ``reason`` is the only part with somebody's own words in it, and holds no personal value (``check``).
    """

    what: str
    kind: str = ""
    place: str = ""
    ticket: str = ""
    reason: str = ""


def trace(op: ops.AnyOp) -> Trace | None:
    """The line that an operation leaves, None for most.

    A witness is one; a look at a masked value (``kind`` the field) and an incomplete case ended with a reason (``kind`` the
    operation, ``place`` the disposition) leave one.
    """
    match op:
        case ops.Witness():
            return Trace(op.what, op.kind, op.place, op.ticket, op.reason)
        case ops.Reveal():
            return Trace("field.reveal", op.field, "", op.ticket)
        case ops.Close() | ops.WrapUp() if op.override:
            return Trace("override", name_of(op), op.disposition, op.ticket)
        case _:
            return None


def check(op: ops.Witness) -> None:
    """``Refused`` where a witness says more than codes and a reason: a line in a log is no place for a value."""
    check_reason(op.reason)
    parts = (op.what, op.kind, op.place, op.ticket)
    if not op.what or not all(CODE.fullmatch(part) for part in parts if part) or secret_kind(op):
        raise errors.Refused(
            "A witness may hold codes only.", "Name what happened, not the value.", code="bad-arguments"
        )


def check_reason(reason: str) -> None:
    """``Refused`` (bad-reason) for what a line of the log cannot take: two lines, a value, a secret. "" is no reason and passes."""
    if reason and (len(reason) > REASON or not reason.isprintable() or veil(reason) != reason or secret.find(reason)):
        raise errors.Refused(
            f"A reason is one line of at most {REASON} characters without anybody's numbers or addresses.",
            "Say it shorter, and leave out whom it is about.",
            code="bad-reason",
        )


def name_of(op: ops.Op) -> str:
    """The operation's name on the wire."""
    return str(type(op).__struct_config__.tag)


def secret_kind(op: ops.Op) -> str:
    """The kind of the first secret that an operation's texts carry, "" for none."""
    for field, text in ops.texts(op):
        found = secret.find(text, field=field)
        if found:
            return found[0].kind
    return ""


def place_of_export(*, form: str, whole: bool, filters: tuple[str, ...], rows: int) -> str:
    """Where an export's line says how it was made: form, masked or whole, the names of its filters, and how many rows."""
    return "/".join((form, _WHOLE if whole else "masked", ".".join(filters) or "all", str(rows)))


def takes_whole(op: ops.Witness) -> bool:
    """Whether the witness tells of an export with whole values, for which not every role will do."""
    return op.what == EXPORT and _WHOLE in op.place.split("/")
