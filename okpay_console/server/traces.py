"""Where a caller's words stand on the server besides his tickets: in refused operations, in the daybook, and in backups by name."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, select, update

from ..domain import erasure, wire
from ..domain.matter import Matter
from .clock import millis
from .schema import audit as audit_rows
from .schema import daybook, mutations, tickets

CHUNK: Final = 500
"""Rows that one statement names or reads at once."""


def values(conn: Connection, ids: list[str]) -> dict[str, frozenset[str]]:
    """Of each ticket, the personal values in it."""
    found = {}
    for start in range(0, len(ids), CHUNK):
        query = select(tickets.c.id, tickets.c.doc).where(
            tickets.c.id.in_(ids[start : start + CHUNK]), tickets.c.gone.is_(False)
        )
        found.update({row.id: erasure.values(msgspec.json.decode(row.doc)) for row in conn.execute(query)})
    return found


def outcomes(conn: Connection, ids: Collection[str]) -> list[tuple[str, wire.Outcome]]:
    """What became of refused operations on these tickets, where it quotes what somebody had written."""
    found = []
    for row in conn.execute(
        select(mutations.c.uuid, mutations.c.ticket, mutations.c.outcome).where(mutations.c.state == "review")
    ):
        if row.ticket not in ids:
            continue
        told = msgspec.json.decode(row.outcome, type=wire.Outcome)
        if any(part not in (None, "", erasure.MARK) for part in (told.base, told.mine, told.theirs)):
            found.append((row.uuid, told))
    return found


def lines(conn: Connection, ids: Collection[str], words: frozenset[str]) -> list[tuple[int, dict[str, Any]]]:
    """Lines of the daybook with words about these tickets, or with the caller's number in them."""
    found = []
    for row in conn.execute(select(daybook.c.seq, daybook.c.kind, daybook.c.doc)):
        doc = msgspec.json.decode(row.doc)
        said = str(doc.get("words", ""))
        about = doc.get("ticket") in ids and row.kind != "alarm"
        if said and said != erasure.MARK and (about or erasure.holds(said, words)):
            found.append((row.seq, doc))
    return found


def scrub(conn: Connection, ids: Collection[str], words: frozenset[str]) -> None:
    """Puts the mark in the place of what ``outcomes`` and ``lines`` find."""
    for uuid, told in outcomes(conn, ids):
        bare = msgspec.structs.replace(told, base=erasure.MARK, mine=erasure.MARK, theirs=erasure.MARK)
        kept = msgspec.json.encode(bare).decode()
        conn.execute(update(mutations).where(mutations.c.uuid == uuid).values(outcome=kept))
    for start in range(0, len(ids), CHUNK):
        some = list(ids)[start : start + CHUNK]
        # A digest over few possible words can be searched: whose words they were, it would tell.
        conn.execute(update(mutations).where(mutations.c.ticket.in_(some)).values(fingerprint=None))
    for seq, doc in lines(conn, ids, words):
        bare_line = msgspec.json.encode({**doc, "words": erasure.MARK}).decode()
        conn.execute(update(daybook).where(daybook.c.seq == seq).values(doc=bare_line))


def backups(conn: Connection, chosen: Iterable[Matter]) -> tuple[str, ...]:
    """The backups made since the oldest of these tickets: they hold the caller still."""
    oldest = min((matter.record.created_at for matter in chosen), default=None)
    if oldest is None:
        return ()
    made = select(audit_rows.c.about).where(audit_rows.c.what == "backup", audit_rows.c.at >= millis(oldest))
    return tuple(dict.fromkeys(conn.execute(made.order_by(audit_rows.c.id)).scalars()))
