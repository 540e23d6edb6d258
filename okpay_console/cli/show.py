"""One ticket for a machine and for people, personal values masked in both."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from okpay_console.cli.output import Out, clean, document
from okpay_console.cli.words import word
from okpay_console.config import Settings
from okpay_console.domain.overlay import View
from okpay_console.domain.privacy import mask, mask_caller
from okpay_console.domain.ticket import Ticket


def ticket_document(view: View, ticket: Ticket) -> dict[str, Any]:
    """The ticket as this console sees it, every field there; ``pending`` are operations that the server has not confirmed,
    ``doubtful`` those that would not go through as things stand."""
    return {
        **document(ticket),
        "caller": document(mask_caller(ticket.caller)),
        "answers": {
            field: {**document(answer), "value": mask(field, answer.value)} for field, answer in ticket.answers.items()
        },
        "timeline": [document(entry) for entry in ticket.timeline],
        "promises": [document(promise) for promise in ticket.promises],
        "pending": list(view.pending),
        "doubtful": list(view.doubtful),
    }


def print_ticket(view: View, ticket: Ticket, settings: Settings, out: Out) -> None:
    """The case on a page: what it is, what is known, what was promised, what happened."""
    zone = ZoneInfo(settings.timezone)
    caller = mask_caller(ticket.caller)
    number = f"#{ticket.number}" if ticket.number else ticket.id
    people = " ".join(part for part in (caller.name, caller.mobile, caller.email, caller.handle) if part)
    codes = (word(code, out.lang) for code in (ticket.status, ticket.priority, ticket.channel))
    out.line(clean(f"{number}  {ticket.subject}"))
    out.line(clean("  ".join((*codes, ticket.category, ticket.assignee or out.pick("未认领", "unclaimed"), people))))
    if ticket.answers:
        out.line()
        heads = ("清单项", "值", "状态") if out.lang == "zh" else ("detail", "value", "state")
        out.table(heads, ((key, mask(key, answer.value), answer.state) for key, answer in ticket.answers.items()))
    if ticket.promises:
        out.line()
        told = ("承诺", "时限", "状态", "id") if out.lang == "zh" else ("promise", "due", "state", "id")
        out.table(told, ((one.text, _time(one.due_at, zone), one.state, one.id) for one in ticket.promises))
    out.line()
    waiting, doubtful = frozenset(view.pending), frozenset(view.doubtful)
    for entry in ticket.timeline:
        mark = out.pick("（待确认）", " (not confirmed yet)") if entry.id in waiting else ""
        facts = " ".join(f"{key}={value}" for key, value in entry.data.items())
        said = " ".join(part for part in (entry.text, facts) if part)
        out.line(clean(f"{_time(entry.told, zone)}  {word(entry.kind, out.lang)}  {entry.by}  {said}{mark}"))
    if doubtful:
        count = len(doubtful)
        out.note(
            out.pick(
                f"有 {count} 个操作按现状行不通，内容还在本机。",
                f"{count} operations would not go through as things stand; their words are still here.",
            )
        )


def _time(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%m-%d %H:%M")
