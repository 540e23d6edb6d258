"""For how many tickets each answer helped and did not: what the tickets say, counted as it changes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from ..content.knowledge import usable_id
from ..domain.shelf import added, counted
from ..domain.ticket import Ticket, from_json
from .schema import answer_counts, tickets


def counts(conn: Connection) -> dict[str, tuple[int, int]]:
    """The counts by answer; those that are 0 both ways are left out."""
    rows = conn.execute(select(answer_counts).where((answer_counts.c.helped > 0) | (answer_counts.c.failed > 0)))
    return {row.answer: (row.helped, row.failed) for row in rows}


def count(conn: Connection, before: Ticket | None, after: Ticket) -> None:
    """Adds what one change of a ticket says about answers; in the same transaction, before the head is taken.

    A word about what can be no answer's id is kept on its ticket and counted nowhere.
    """
    was = before.helped if before is not None else {}
    if was == after.helped:
        return
    make: Any = sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert
    for answer, (helped, failed) in sorted(counted(was, after.helped).items()):
        if not usable_id(answer):
            continue
        fresh = make(answer_counts).values(answer=answer, helped=max(helped, 0), failed=max(failed, 0))
        more = {"helped": answer_counts.c.helped + helped, "failed": answer_counts.c.failed + failed}
        conn.execute(fresh.on_conflict_do_update(index_elements=["answer"], set_=more))


def recount(conn: Connection) -> dict[str, tuple[int, int]]:
    """The counts anew from every ticket, put in the place of those that stand; the counts that result."""
    docs = conn.execute(select(tickets.c.doc).where(tickets.c.gone.is_(False))).scalars()
    found = added({}, (counted({}, from_json(doc.encode()).helped) for doc in docs))
    found = {answer: value for answer, value in found.items() if usable_id(answer)}
    conn.execute(answer_counts.delete())
    if found:
        rows = [{"answer": answer, "helped": yes, "failed": no} for answer, (yes, no) in sorted(found.items())]
        conn.execute(insert(answer_counts), rows)
    return found
