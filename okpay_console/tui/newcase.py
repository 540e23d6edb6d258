"""A caller is on the line: asks who and about what, makes the case on this machine's disk, and opens it."""

from __future__ import annotations

from collections import Counter

import msgspec

from ..content.interface import t
from ..domain.ticket import Caller
from . import house
from .acts import Acts
from .desk_model import Desk
from .failures import explain
from .render import line
from .rows import number_word
from .screens.ask import Dialog
from .screens.opening import Contact, OpenCaseDialog

_DRAFT = ("", "new")
"""Under which ticket and kind the words of an unfinished form are kept: there is no ticket yet."""


async def new(acts: Acts) -> None:
    """The form; on the last Enter the case is on disk and, since its caller is on this line, its author's."""
    desk = acts.floor.desk
    if desk is None:
        return

    async def make(contact: Contact) -> tuple[str, str]:
        return await _make(acts, desk, contact)

    def written(screen: Dialog, contact: Contact) -> None:
        blank = contact == Contact(channel=contact.channel)
        acts.jotter.jot(screen, *_DRAFT, "" if blank else msgspec.json.encode(contact).decode())

    ticket = await acts.floor.ask(
        OpenCaseDialog(
            _unfinished(acts.jotter.read(*_DRAFT)),
            check=lambda field, text: house.check(field, text, now=desk.author.now(), answers={}),
            known=lambda mobile: known(desk, mobile),
            make=make,
            written=written,
        )
    )
    if isinstance(ticket, str):
        acts.jotter.forget(*_DRAFT)
        acts.floor.show_ticket(ticket)
        acts.floor.say(t("act.opened"), "done")
    await acts.jotter.keep()


async def _make(acts: Acts, desk: Desk, contact: Contact) -> tuple[str, str]:
    """(ticket, "") once this disk has it, else ("", what stands against it)."""
    mobile = house.check("mobile", contact.mobile, now=desk.author.now(), answers={}).value if contact.mobile else ""
    op = desk.author.new(
        subject=contact.subject.strip() or house.category_title(contact.category),
        channel=contact.channel,
        category=contact.category,
        queue=usual_queue(desk),
        caller=Caller(name=contact.name.strip(), mobile=mobile),
    )
    if error := await acts.attempt(op):
        return "", explain(error)
    made = desk.view(op.ticket).ticket
    if made is not None and (error := await acts.attempt(desk.author.assign(made, desk.me))):
        # The case is there all the same; that nobody holds it yet is said where everything is said.
        acts.failed(error)
    return op.ticket, ""


def usual_queue(desk: Desk) -> str:
    """The queue that this person works in: the house's first one where it is his, else the one with most of his tickets."""
    queues = Counter(row.queue for row in desk.rows().values())
    return "general" if not queues or "general" in queues else queues.most_common(1)[0][0]


def known(desk: Desk, mobile: str) -> str:
    """Which open cases the number already has, in a sentence; "" for none."""
    rows = [row for row in desk.rows().values() if row.caller.mobile == mobile and row.status != "closed"]
    if not rows:
        return ""
    rows.sort(key=lambda row: row.updated_at, reverse=True)
    first = t("list.comma").join(f"#{number_word(row.number)} {line(row.subject)}" for row in rows[:2])
    return t("opening.known", count=len(rows), cases=first)


def _unfinished(draft: str) -> Contact:
    try:
        return msgspec.json.decode(draft, type=Contact) if draft else Contact()
    except msgspec.MsgspecError:
        return Contact()
