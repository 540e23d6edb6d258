"""A caller is on the line: asks who and about what, and makes the case, or finds the one that he is asking after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from ..content.interface import t
from ..domain import ops as operations
from ..domain.ops import AnyOp
from ..domain.ticket import Ticket
from . import house, who
from .acts import Acts
from .desk_model import Desk
from .failures import explain
from .prefill import prefill, words
from .render import line
from .rows import category_word, number_word
from .screens.ask import Dialog
from .screens.opening import Contact, OpenCaseDialog, Opened
from .when import local

DRAFT = ("", "new")
"""Under which ticket and kind the words of an unfinished form are kept: there is no ticket yet."""
_LISTED = 9


async def new(acts: Acts, *, at: datetime | None, note: str = "") -> str:
    """The form, for a call answered ``at`` (None: no call of its own); the id of the case that is open then, "" for none.

    On the last Enter the case is on disk, with the marks of its call, and so its author's. A form that was left unfinished
    comes back with its words and with the moment in which that call was answered.
    """
    desk = acts.floor.desk
    if desk is None:
        return ""
    begun = unfinished(acts)
    contact = begun if begun is not None and begun.at is not None else replace(begun or Contact(), at=at)

    def written(screen: Dialog, contact: Contact) -> None:
        acts.jotter.jot(screen, *DRAFT, msgspec.json.encode(contact).decode())

    opened = await acts.floor.ask(
        OpenCaseDialog(
            contact,
            read=lambda text: who.read(text, check=lambda field, words: _check(desk, field, words)),
            same=lambda named: same(desk, named),
            make=lambda filled: _make(acts, desk, filled),
            written=written,
            note=note,
        )
    )
    if not isinstance(opened, Opened):
        _left(acts)
    elif opened.dropped:
        acts.jotter.forget(*DRAFT)
        acts.floor.say(t("opening.dropped"))
    elif opened.chased:
        return await chase(acts, desk, opened)
    elif opened.ticket:
        acts.floor.show_ticket(opened.ticket)
        said = "call.opened" if opened.contact.channel == "hotline" else "call.opened_written"
        acts.floor.say(words(t(said), await prefill(acts, opened.ticket)), "done")
        return opened.ticket
    await acts.jotter.keep()
    return ""


def unfinished(acts: Acts) -> Contact | None:
    """The form that was left unfinished, None for none."""
    draft = acts.jotter.read(*DRAFT)
    try:
        return msgspec.json.decode(draft, type=Contact) if draft else None
    except (ValueError, RecursionError):
        return None


async def chase(acts: Acts, desk: Desk, opened: Opened) -> str:
    """The caller asks after a case that stands: it is urged, its clocks go on, and the call is one of its calls."""
    found = acts.ticket(_whole(desk, opened.chased))
    if found is None:
        return ""
    contact = opened.contact
    urged: list[AnyOp] = [desk.author.chase(found, text=contact.subject.strip(), channel=contact.channel)]
    if await acts.do_all([*urged, *_call(desk, found, contact)], draft=DRAFT[1], draft_of=DRAFT[0]):
        acts.jotter.forget(*DRAFT)
        await acts.jotter.keep()
        acts.floor.show_ticket(found.id)
        said = t("call.chased", number=number_word(found.number))
        acts.floor.say(words(said, await prefill(acts, found.id)), "done")
    return found.id


def same(desk: Desk, named: who.Who) -> Sequence[tuple[str, str]]:
    """The open cases of whoever the form names, newest first: (ticket, words)."""
    caller = named.caller
    if not (caller.mobile or caller.email or named.txn_no):
        return []
    rows = desk.rows()
    found = [rows[ticket] for ticket in desk.same(caller, named.txn_no) if ticket in rows]
    return [
        (
            row.id,
            "  ".join(
                (
                    f"#{number_word(row.number)}",
                    category_word(row.category),
                    line(row.subject),
                    t(f"status_word.{row.status}"),
                    line(row.assignee or t("case.nobody")),
                    local(row.updated_at).strftime("%m-%d %H:%M"),
                )
            ),
        )
        for row in found
        if row.status != "closed" and not row.merged_into
    ][:_LISTED]


def usual_queue(desk: Desk) -> str:
    """The queue that this person works in: the house's first one where it is his, else the one with most of his tickets."""
    queues = Counter(row.queue for row in desk.rows().values())
    return "general" if not queues or "general" in queues else queues.most_common(1)[0][0]


async def _make(acts: Acts, desk: Desk, contact: Contact) -> tuple[str, str]:
    """(ticket, "") once this disk has it, else ("", what stands against it)."""
    named = who.read(contact.who, check=lambda field, words: _check(desk, field, words))
    op = desk.author.new(
        subject=contact.subject.strip() or house.category_title(contact.category),
        channel=contact.channel,
        category=contact.category,
        queue=usual_queue(desk),
        caller=named.caller,
    )
    made = operations.apply(None, op, op.at)
    more: list[AnyOp] = [*_call(desk, made, contact)] or [desk.author.assign(made, desk.me)]
    if named.txn_no:
        more.append(desk.author.field(made, "txn_no", named.txn_no))
    error = await acts.attempt_all([op, *more], draft=DRAFT[1], draft_of=DRAFT[0])
    if error is not None:
        return "", explain(error)
    acts.jotter.forget(*DRAFT)
    await acts.jotter.keep()
    return op.ticket, ""


def _call(desk: Desk, ticket: Ticket, contact: Contact) -> list[AnyOp]:
    """The marks of the call that the agent took without telephony: offered and answered in one moment, for nobody knows how
    long it rang. Nothing on written channels, nor for a second matter of the same call."""
    if contact.channel != "hotline" or contact.at is None:
        return []
    author = desk.author
    call = author.new_id()
    return [
        author.mark(ticket, call, "offered", moment=contact.at),
        author.mark(ticket, call, "answered", moment=contact.at),
    ]


def _check(desk: Desk, field: str, words: str) -> house.Verdict:
    return house.check(field, words, now=desk.author.now(), answers={})


def _whole(desk: Desk, ticket: str) -> str:
    """The ticket that goes on where this one was merged into another."""
    seen: set[str] = set()
    while ticket not in seen:
        seen.add(ticket)
        found = desk.view(ticket).ticket
        if found is None or not found.merged_into or desk.view(found.merged_into).ticket is None:
            break
        ticket = found.merged_into
    return ticket


def _left(acts: Acts) -> None:
    """The form was closed for a while: its words and its clock stay, unless nothing was written."""
    contact = unfinished(acts)
    if contact is None or not (contact.who or contact.subject or contact.category):
        acts.jotter.forget(*DRAFT)
        return
    acts.floor.say(t("opening.kept_for_later", key=acts.floor.bound("call")))
