"""What console and server say to each other: the protocol's values, and how an operation becomes one and back.

Pull by cursor, push by a numbered log, poke by an event stream that carries no data. Clients ignore fields that they do not
know, and servers refuse operations that say more than they know, so that nothing is dropped in silence; ``PROTOCOL`` changes
only when an older peer could not do that.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

from .. import errors
from .ops import AnyOp, Guard, Op
from .ticket import Caller, Instant

PROTOCOL = 1
PROTOCOL_HEADER = "OKPay-Protocol"
PAGE_ROWS = 500
PAGE_BYTES = 1 << 20
PUSH_ITEMS = 100
PUSH_BYTES = 256 << 10

OutcomeState = Literal["confirmed", "rejected", "review"]


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One mutation in a client's log. ``prev`` is the uuid of ``mid`` - 1, "" for the first: a link of a hash chain."""

    mid: int
    uuid: str
    prev: str
    name: str
    id: str
    args: dict[str, Any]
    was: dict[str, Any] = {}
    guard: Guard | None = None
    at: Instant


class Push(msgspec.Struct, frozen=True):
    """``POST /v1/mutations``: at most PUSH_ITEMS items and PUSH_BYTES bytes, ``mid`` ascending without a gap."""

    client: str
    items: list[Item]


class Last(msgspec.Struct, frozen=True):
    """The last mutation of this client that the server has recorded; (0, "") for none."""

    mid: int = 0
    uuid: str = ""


class Outcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one mutation. For a review: the three versions of ``field``; for a rejection: ``code`` and ``what``."""

    uuid: str
    state: OutcomeState
    ticket: str = ""
    mid: int = 0
    code: str = ""
    what: str = ""
    advice: str = ""
    field: str = ""
    base: Any = None
    mine: Any = None
    theirs: Any = None


class PushReply(msgspec.Struct, frozen=True):
    """One outcome per item, in order, and the high-water mark after them."""

    outcomes: list[Outcome]
    last: Last
    now: datetime


class Change(msgspec.Struct, frozen=True, omit_defaults=True):
    """One row of the feed: a document at ``rev``, or gone from this scope."""

    kind: str
    id: str
    rev: int = 0
    doc: dict[str, Any] | None = None
    gone: bool = False


class Page(msgspec.Struct, frozen=True):
    """``GET /v1/sync?client=&cursor=&limit=``: whole commits after the cursor, read in one snapshot with ``last``.

    ``shelf`` is another number when the published answers have changed (``shelf.ShelfPage.rev``); 0: the server does not tell.
    ``daybook`` is another number after a notice or an alarm; 0: the server has no daybook.
    """

    changes: list[Change]
    cursor: str
    more: bool
    last: Last
    outcomes: list[Outcome]
    now: datetime
    shelf: int = 0
    daybook: int = 0


class Me(msgspec.Struct, frozen=True):
    """``GET /v1/me``: who this token is, and which server answers. ``queues`` empty means all of them.

    ``server`` is a name that an administrator chose; ``server_id`` was minted with the database and is the same as long as
    it lives, over backup and restore and a change of address. ``version`` is that of the server's program. "": it does not tell.
    """

    user: str
    role: str
    queues: list[str]
    server: str
    protocol: int
    now: datetime
    server_id: str = ""
    version: str = ""


class Claimed(msgspec.Struct, frozen=True):
    """A claim that was won: the ticket's document, its fencing number, and seconds until the lease ends."""

    ticket: dict[str, Any]
    claim_no: int
    lease_s: float


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """``application/problem+json`` (RFC 9457). ``type`` ends in one of our stable codes; extra members carry the details."""

    type: str
    title: str
    status: int
    detail: str = ""
    advice: str = ""
    expect: int = 0
    held_by: str = ""


def which(theirs: str | int, *, they: Literal["server", "console"]) -> str:
    """What to update where the other side, which is the server or a console, speaks protocol ``theirs``."""
    newer = str(theirs).isdecimal() and int(str(theirs)[:9]) > PROTOCOL
    return "Update the server." if newer == (they == "console") else "Update this console."


_HEADER = ("name", "uuid", "ticket", "by", "at", "was", "guard")


def to_item(op: AnyOp, *, mid: int, prev: str) -> Item:
    """The operation as the ``mid``-th mutation. The author is not sent: the server takes him from the token."""
    args = msgspec.to_builtins(op)
    name = args["name"]
    for key in _HEADER:
        args.pop(key, None)
    return Item(
        mid=mid, uuid=op.uuid, prev=prev, name=name, id=op.ticket, args=args, was=op.was, guard=op.guard, at=op.at
    )


def to_op(item: Item, *, by: str) -> AnyOp:
    """The operation in a mutation, authored by ``by``; ``Refused`` where the name or an argument is not ours to know.

    Code ``unknown-operation``: a newer peer says something that would be lost here.
    """
    header: dict[str, Any] = {
        "name": item.name,
        "uuid": item.uuid,
        "ticket": item.id,
        "by": by,
        "at": msgspec.to_builtins(item.at),
        "was": item.was,
        "guard": None if item.guard is None else msgspec.to_builtins(item.guard),
    }
    try:
        op: AnyOp = msgspec.convert({**item.args, **header}, AnyOp)
    except msgspec.ValidationError as error:
        kind = _KINDS.get(item.name)
        known = kind is not None and item.args.keys() <= set(kind.__struct_fields__)
        raise _misunderstood(item, "bad-arguments" if known else "unknown-operation") from error
    caller = item.args.get("caller")
    if isinstance(caller, dict) and not caller.keys() <= set(Caller.__struct_fields__):
        raise _misunderstood(item, "unknown-operation")
    return op


def _misunderstood(item: Item, code: str) -> errors.Refused:
    return errors.Refused(
        f"The server does not understand the operation {item.name}.", "Update the server or this console.", code=code
    )


_KINDS = {str(kind.__struct_config__.tag): kind for kind in Op.__subclasses__()}
