"""The first screen, kept beside the store, so that the console's first frame needs neither journal nor server."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from zlib import crc32

import msgspec
from msgspec.structs import replace

from ..domain import queue
from ..domain.queue import Row, ViewName
from .whole import replace_file

ROWS = 300
_MAGIC = b"OKS1"


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """The head of the queue in working order, and the counters above it, as of ``at`` (this machine's clock, UTC)."""

    server: str
    user: str
    at: datetime
    rows: list[Row]
    counts: dict[str, int] = {}
    pending: list[str] = []
    reviews: int = 0


_decoder = msgspec.msgpack.Decoder(Snapshot)


def take(
    rows: Iterable[Row],
    *,
    server: str,
    user: str,
    now: datetime,
    view: ViewName = "open",
    pending: Iterable[str] = (),
    reviews: int = 0,
    limit: int = ROWS,
    bare: bool = False,
) -> Snapshot:
    """What the first screen of ``view`` shows, at most ``limit`` rows, with the size of every view in ``counts``.

    A ``bare`` one holds nothing that a caller said or is: no key can be had before the first frame, so beside a sealed store
    the rows wait for it with number, category, times and state alone.
    """
    everything = list(rows)
    counts = {str(name): sum(queue.in_view(row, name, me=user, now=now) for row in everything) for name in queue.VIEWS}
    shown = queue.ordered(everything, view, me=user, now=now)[:limit]
    held = {row.id for row in shown}
    return Snapshot(
        server=server,
        user=user,
        at=now,
        rows=[without_the_caller(row) for row in shown] if bare else shown,
        counts=counts,
        pending=sorted(held.intersection(pending)),
        reviews=reviews,
    )


def without_the_caller(row: Row) -> Row:
    """The row as the house made it: no subject, no caller, no tag, no note, no one's call."""
    return Row(
        id=row.id, number=row.number, subject="", channel=row.channel, category=row.category, status=row.status,
        priority=row.priority, queue=row.queue, assignee=row.assignee, sla=row.sla,
        promises=tuple(replace(promise, text="") for promise in row.promises),
        chases=row.chases, level=row.level, merged_into=row.merged_into, disposition=row.disposition,
        created_at=row.created_at, updated_at=row.updated_at, closed_at=row.closed_at,
    )  # fmt: skip


def write(path: Path, snapshot: Snapshot) -> None:
    """Replaces the snapshot; it may be lost in a power cut, for everything in it can be had again. ``StoreError``."""
    body = msgspec.msgpack.encode(snapshot)
    replace_file(path, _MAGIC + crc32(body).to_bytes(4, "big") + body, durable=False)


def read(path: Path, *, server: str = "", user: str = "") -> Snapshot | None:
    """The snapshot; None where there is none, or it is damaged, of another version, user or server. Never an error."""
    try:
        data = path.read_bytes()
        body = data[8:]
        if data[:4] != _MAGIC or crc32(body).to_bytes(4, "big") != data[4:8]:
            return None
        found = _decoder.decode(body)
    except (OSError, ValueError, RecursionError):
        return None
    return found if server in ("", found.server) and user in ("", found.user) else None


def remove(path: Path) -> None:
    """After signing out, nothing of the queue stays on the screen's doorstep."""
    path.unlink(missing_ok=True)
