"""A ticket's row as the queue shows it: a pure function from the row to words and styles."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from ..content.interface import has, lang, t
from ..domain.queue import Row, due, waits_for
from .render import fit, line


class Columns(NamedTuple):
    """Cells of each column; 0 leaves it out. The subject takes what is over."""

    sign: int
    due: int
    number: int
    category: int
    subject: int
    channel: int
    who: int
    pending: int


class Cell(NamedTuple):
    """A piece of a row: exactly as many cells as its column, and the role that gives it a colour."""

    text: str
    role: str = ""


def columns(width: int) -> Columns:
    """How a row of ``width`` cells is divided; narrow ones lose the channel, then the category."""
    wide = width >= 90
    sign, when, number, mark = 4, 9, 7, 3
    category = 10 if wide else 8 if lang() == "en" else 5
    channel = 7 if wide or lang() == "en" else 5
    who = 12 if wide else 7
    if width < 56:
        channel = 0
    if width < 40:
        category = 0
    subject = max(width - sign - when - number - category - channel - who - mark, 8)
    return Columns(sign, when, number, category, subject, channel, who, mark)


def due_words(row: Row, now: datetime) -> tuple[str, str]:
    """When the ticket is late, in words, and the role: late, soon (within ten minutes), calm."""
    if row.status == "closed":
        return t("queue.closed"), "dim"
    if row.status == "pending":
        # What a customer is not waited for has another word; both say that the clock to the solution stands.
        return t("queue.waiting" if waits_for(row) == "customer" else "queue.paused"), "dim"
    moment = due(row)
    if moment is None:
        return "", "dim"
    seconds = int((moment - now).total_seconds())
    if seconds < 0:
        return t("queue.late", span=span(-seconds)), "late"
    return t("queue.left", span=span(seconds)), "soon" if seconds < 600 else ""


def span(seconds: int) -> str:
    """A length of time in its largest unit: ``45s``, ``3m``, ``5h``, ``12d``."""
    seconds = max(seconds, 0)
    if seconds < 60:
        return f"{seconds}s"
    if seconds < 3600:
        return f"{seconds // 60}m"
    if seconds < 48 * 3600:
        return f"{seconds // 3600}h"
    return f"{seconds // 86400}d"


def category_word(code: str) -> str:
    key = f"category.{code}"
    return t(key) if has(key) else line(code)


def number_word(number: int) -> str:
    return str(number) if number else t("queue.no_number")


def cells(row: Row, cols: Columns, *, me: str, now: datetime, pending: bool, why: str | None = None) -> list[Cell]:
    """The row's pieces from left to right; together exactly the width that ``cols`` was made for.

    In the list of a search, ``why`` the ticket was found ("" where the row shows that itself) stands in place of channel and agent.
    """
    when, role = due_words(row, now)
    raised = row.priority in ("urgent", "high") and row.status != "closed"
    sign = ("!" if role == "late" else " ") + (t(f"queue.{row.priority}") if raised else "")
    who, who_role = "", ""
    if row.assignee is not None:
        who, who_role = (t("queue.me"), "mine") if row.assignee == me else (line(row.assignee), "dim")
    subject = line(_veiled(row.subject), emoji=t("queue.emoji"))
    body = "dim" if row.status == "closed" else ""
    told = [
        Cell(fit(subject, cols.subject - 1) + " ", body),
        Cell(fit(t(f"channel.{row.channel}"), cols.channel), "dim"),
        Cell(fit(who, cols.who), who_role),
    ]
    if why is not None:
        rest = cols.subject + cols.channel + cols.who
        room = rest * 3 // 5
        told = [Cell(fit(subject, rest - room - 1) + " ", body), Cell(fit(line(why), room), "number")]
    return [
        Cell(fit(sign, cols.sign), role or "soon"),
        Cell(fit(when, cols.due), role),
        Cell(fit(number_word(row.number), cols.number), body or "number"),
        Cell(fit(category_word(row.category), cols.category), body),
        *told,
        Cell(fit(t("queue.unconfirmed") if pending else "", cols.pending), "soon"),
    ]


def _veiled(subject: str) -> str:
    if "@" not in subject and sum(map(str.isdigit, subject)) < 8:
        return subject
    # Seldom needed, and the first frame need not wait for it.
    from ..domain.veil import veil

    return veil(subject)
