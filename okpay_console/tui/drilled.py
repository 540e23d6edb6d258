"""What stands behind a number in lines: pure functions from a thing counted to words and the roles that colour them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from ..content.interface import has, t
from ..domain import callclock
from ..domain.behind import Thing
from ..domain.queue import Row, order_key
from ..domain.ticket import Call
from ..domain.veil import veil
from .render import fit, line
from .rows import category_word, due_words, number_word, span
from .when import local

Piece = tuple[str, str]
"""Cells, and the role that gives them a colour ("" for none): late, soon, number, dim, changed."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Present(NamedTuple):
    """An agent behind the count of a state: ``doing`` is a word of the crew, ``ticket`` an id or "".

    ``spent``: behind a share of time, the seconds with a caller or at the work after a call, and those they are a part of.
    """

    name: str
    doing: str
    since: datetime | None = None
    reason: str = ""
    ticket: str = ""
    spent: tuple[float, float] | None = None


Listed = Thing | Present


def when(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)


def sort_key(one: Listed) -> tuple[object, ...]:
    """Calls and contacts newest first, what was due in its order, tickets as they are worked, agents by name."""
    if isinstance(one, Present):
        return (one.name,)
    if one.at is not None:
        return (-one.at if one.call is not None else one.at, one.ticket)
    return order_key(one.row)


def ticket_line(thing: Thing, width: int, *, as_of: datetime, note: str = "") -> list[Piece]:
    """A ticket, or a moment of one: due (or when), number, category, subject masked, age, holder, and the ``note``."""
    row = thing.row
    wide = width >= 90
    due, role = due_words(row, as_of)
    first = _moment(thing.at) if thing.at is not None else due
    sign = "!" if role == "late" and thing.at is None else " "
    age = span(int((as_of - row.created_at).total_seconds()))
    who, noted, kind = (12, 12, 10) if wide else (8, 10, 6)
    rest = max(width - 2 - 12 - 7 - kind - 5 - who - noted, 4)
    return [
        (fit(sign + " " + first, 14), role if thing.at is None else ""),
        (fit(number_word(row.number), 7), "number"),
        (fit(category_word(row.category), kind - 1) + " ", ""),
        (fit(line(veil(row.subject), emoji=t("queue.emoji")), rest - 1) + " ", ""),
        (fit(age, 4, right=True) + " ", "dim"),
        (fit(line(row.assignee or "-"), who), ""),
        (fit(note, noted), "changed"),
    ]


def call_line(thing: Thing, width: int, *, as_of: datetime, note: str = "") -> list[Piece]:
    """A call: when it came, how long it waited and was talked, how it went, with whom, and its ticket."""
    row, call = thing.row, thing.call
    assert call is not None
    wide = width >= 90
    read = callclock.clocks(call, as_of)
    went, role = outcome(call)
    wait = read.wait_s if thing.wait_s is None else thing.wait_s
    who, noted, kind = (12, 12, 10) if wide else (8, 10, 6)
    came = _moment(thing.at) if thing.at is not None else ""
    rest = max(width - 2 - 12 - 7 - 7 - 7 - 9 - who - kind - noted, 4)
    talked = read.talk_s + read.hold_s
    return [
        (fit(f"  {came}", 14), ""),
        (fit(number_word(row.number), 7), "number"),
        (fit(seconds(wait), 6, right=True) + " ", "late" if role == "late" else ""),
        (fit(seconds(talked) if talked else "-", 6, right=True) + " ", "dim"),
        (fit(went, 8) + " ", role),
        (fit(line(call.agent or row.assignee or "-"), who), ""),
        (fit(category_word(row.category), kind - 1) + " ", ""),
        (fit(line(veil(row.subject), emoji=t("queue.emoji")), rest - 1) + " ", ""),
        (fit(note, noted), "changed"),
    ]


def agent_line(one: Present, width: int, *, as_of: datetime, number: str = "") -> list[Piece]:
    """An agent: the state in words, since when, why, and the number of the ticket in hand; or which part of which time."""
    spent = "" if one.since is None else seconds((as_of - one.since).total_seconds())
    since = "" if one.since is None else local(one.since).strftime("%H:%M")
    if one.spent is not None:
        part, whole = one.spent
        share = f"{part / whole:.1%}" if whole else "-"
        return [
            (fit("  " + line(one.name), 18), ""),
            (fit(doing_words(one.doing), 14), "late" if one.doing == "unheard" else ""),
            (fit(share, 8, right=True), "number"),
            (fit(f"  {seconds(part)} / {seconds(whole)}", max(width - 40, 4)), "dim"),
        ]
    why = t(f"reason.{one.reason}") if one.reason and has(f"reason.{one.reason}") else line(one.reason)
    return [
        (fit("  " + line(one.name), 18), ""),
        (fit(doing_words(one.doing), 14), "late" if one.doing == "unheard" else ""),
        (fit(since, 7), "dim"),
        (fit(spent, 8, right=True) + "  ", "dim"),
        (fit(number, 9), "number"),
        (fit(why, max(width - 58, 4)), "dim"),
    ]


def heads(kind: str, width: int) -> str:
    """The names of the columns of tickets, moments, calls, agents or shares of their time."""
    wide = width >= 90
    who, noted, category = (12, 12, 10) if wide else (8, 10, 6)
    names = {name: t(f"drill.h_{name}") for name in ("at", "due", "no", "category", "subject", "age", "who", "since")}
    if kind == "share":
        return "".join(
            [fit("  " + names["who"], 18), fit(t("drill.h_state"), 14), fit(t("drill.h_share"), 10), t("drill.h_spent")]
        )
    if kind == "agent":
        return "".join(
            [fit("  " + names["who"], 18), fit(t("drill.h_state"), 14), fit(names["since"], 17), fit(names["no"], 9)]
        )
    if kind == "call":
        rest = max(width - 2 - 12 - 7 - 7 - 7 - 9 - who - category - noted, 4)
        cells = [
            ("  " + names["at"], 14), (names["no"], 7), (t("drill.h_wait"), 7), (t("drill.h_talk"), 7),
            (t("drill.h_went"), 9), (names["who"], who), (names["category"], category), (names["subject"], rest),
        ]  # fmt: skip
    else:
        rest = max(width - 2 - 12 - 7 - category - 5 - who - noted, 4)
        cells = [
            ("  " + names["due" if kind == "ticket" else "at"], 14), (names["no"], 7), (names["category"], category),
            (names["subject"], rest), (names["age"], 5), (names["who"], who),
        ]  # fmt: skip
    return "".join(fit(words, cell) for words, cell in [*cells, (t("drill.h_changed"), noted)])


def kind_of(listed: Sequence[Listed]) -> str:
    """Of which kind the lines are: agent, share, call, moment or ticket."""
    first = listed[0] if listed else None
    if isinstance(first, Present):
        return "agent" if first.spent is None else "share"
    if first is None or first.at is None:
        return "ticket"
    return "call" if first.call is not None else "moment"


def outcome(call: Call) -> tuple[str, str]:
    """How a call went, in a word, and the role."""
    events = {mark.event for mark in call.marks}
    phase = callclock.phase(call)
    if phase == "ringing":
        return t("drill.o_waiting"), "late"
    if phase in ("talking", "held"):
        return t("drill.o_talking"), "soon"
    if phase == "wrapup":
        return t("drill.o_wrapup"), "soon"
    for event, role in (("abandoned", "late"), ("callback", "soon")):
        if event in events:
            return t(f"drill.o_{event}"), role
    return t("drill.o_answered"), ""


def changed_words(names: Sequence[str], now: Row | None) -> str:
    """What has become of a ticket since it was counted, as much as a cell holds."""
    if not names:
        return ""
    first = names[0]
    if first in ("assignee", "queue", "priority") and now is not None:
        value = {
            "assignee": now.assignee or t("case.nobody"),
            "queue": now.queue,
            "priority": t(f"priority.{now.priority}"),
        }
        return "> " + line(value[first])
    return t(f"drill.c_{first}")


def doing_words(doing: str) -> str:
    return t(f"drill.d_{doing}") if has(f"drill.d_{doing}") else line(doing)


def seconds(value: float) -> str:
    """``45s``, ``3:05``, ``1:02:03``."""
    whole = max(int(value), 0)
    if whole < 60:
        return f"{whole}s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}" if minutes >= 60 else f"{minutes}:{rest:02}"


def _moment(micros: int) -> str:
    return local(when(micros)).strftime("%m-%d %H:%M")
