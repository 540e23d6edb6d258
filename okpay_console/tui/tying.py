"""Tickets that belong together: one that goes into another, links, a new ticket split off, a caller who asks again."""

from __future__ import annotations

import re

from ..content.interface import t
from ..domain import ops
from ..domain.queue import Row
from ..domain.ticket import FieldAnswer, Ticket
from ..domain.veil import veil
from .acts import Acts
from .desk_model import Desk
from .render import cut, line
from .rows import number_word
from .screens.ask import Choose, Write
from .when import local

_NUMBER = "+"
_SUBJECT_CELLS = 60
_SHOWN = 12
"""Entries that can be split off are those said last; older ones are long answered."""


async def merge(acts: Acts, ticket: str) -> None:
    """This ticket goes into another one, which goes on; the drafts and the words of both are seen there."""
    found, desk = acts.ticket(ticket), acts.floor.desk
    if found is None or desk is None:
        return
    number = number_word(found.number)
    other = await _other(acts, desk, found, t("tie.merge", number=number))
    if other is None:
        return
    into = number_word(other.number)
    made = (desk.author.merge(acts.now(found), other.id), desk.author.link(other, found.id, kind="merged"))
    if await acts.do_all(made, said=t("tie.merged", number=number, other=into)):
        acts.floor.show_ticket(other.id)


async def link(acts: Acts, ticket: str) -> None:
    found, desk = acts.ticket(ticket), acts.floor.desk
    if found is None or desk is None:
        return
    other = await _other(acts, desk, found, t("tie.link", number=number_word(found.number)))
    if other is not None:
        made = (desk.author.link(acts.now(found), other.id), desk.author.link(other, found.id))
        said = t("tie.linked", number=number_word(found.number), other=number_word(other.number))
        await acts.do_all(made, said=said)


async def unlink(acts: Acts, ticket: str) -> None:
    found, desk = acts.ticket(ticket), acts.floor.desk
    if found is None or desk is None:
        return
    options = [(other, _shown(desk.rows()[other])) for other in found.links if other in desk.rows()]
    if not options:
        acts.floor.say(t("tie.no_link"), "warn")
        return
    chosen = await acts.floor.ask(Choose(t("tie.unlink", number=number_word(found.number)), options))
    other = desk.view(chosen).ticket if isinstance(chosen, str) else None
    if other is not None:
        made = (
            desk.author.link(acts.now(found), other.id, gone=True), desk.author.link(other, found.id, gone=True),
        )  # fmt: skip
        await acts.do_all(made, said=t("tie.unlinked", other=number_word(other.number)))


async def split(acts: Acts, ticket: str) -> None:
    """Another matter in what was said becomes a ticket of its own, of the same caller, tied to this one."""
    found, desk = acts.ticket(ticket), acts.floor.desk
    if found is None or desk is None:
        return
    said = [entry for entry in found.timeline if entry.text and entry.kind in ("created", "message", "note")]
    if not said:
        acts.floor.say(t("tie.nothing_said"), "warn")
        return
    options = [
        (entry.id, f"{local(entry.at).strftime('%m-%d %H:%M')}  {cut(line(veil(entry.text)), _SUBJECT_CELLS)}")
        for entry in reversed(said[-_SHOWN:])
    ]
    title = t("tie.split", number=number_word(found.number))
    chosen = await acts.floor.ask(Choose(title, options))
    entry = next((entry for entry in said if entry.id == chosen), None)
    if entry is None:
        return
    words = cut(line(entry.text), _SUBJECT_CELLS).rstrip("…")
    slip = acts.jotter.slip(ticket, "split")
    subject = await acts.floor.ask(Write(title, text=words, about=t("tie.split_subject"), slip=slip))
    if not isinstance(subject, str):
        return
    author = desk.author
    new = author.new(
        subject=subject, channel=found.channel, queue=found.queue, caller=found.caller, text=entry.text
    )  # fmt: skip
    fresh = ops.apply(None, new, new.at)
    made = (new, author.link(fresh, found.id, kind="split"), author.link(acts.now(found), fresh.id, kind="split"))
    if await acts.do_all(
        made, said=t("tie.split_done", number=number_word(found.number)), draft="split", draft_of=ticket
    ):
        acts.floor.show_ticket(fresh.id)


async def chase(acts: Acts, ticket: str) -> None:
    """The caller asks again about a matter that is in the house already."""
    found, desk = acts.ticket(ticket), acts.floor.desk
    if found is None or desk is None:
        return
    title = t("tie.chase", number=number_word(found.number))
    text = await acts.floor.ask(Write(title, empty=True, slip=acts.jotter.slip(ticket, "chase")))
    if isinstance(text, str):
        op = desk.author.chase(acts.now(found), text=text, channel=found.channel)
        await acts.do(op, said=t("tie.chased", number=number_word(found.number)), draft="chase")


async def _other(acts: Acts, desk: Desk, found: Ticket, title: str) -> Ticket | None:
    """Another ticket: of the same caller or transaction first, else by its number."""
    txn_no = found.answers.get("txn_no", FieldAnswer()).value
    near = [other for other in desk.same(found.caller, txn_no) if other != found.id and other in desk.rows()]
    options = [(other, _shown(desk.rows()[other])) for other in near[:_SHOWN]]
    chosen = await acts.floor.ask(Choose(title, [*options, (_NUMBER, t("tie.by_number"))])) if options else _NUMBER
    if chosen == _NUMBER:
        written = await acts.floor.ask(Write(title, about=t("tie.by_number"), check=lambda words: _known(desk, words)))
        chosen = _numbered(desk, written) if isinstance(written, str) else None
    other = desk.view(chosen).ticket if isinstance(chosen, str) else None
    if other is not None and other.id == found.id:
        acts.floor.say(t("tie.itself"), "warn")
        return None
    return other


def _numbered(desk: Desk, words: str) -> str | None:
    digits = re.sub(r"[^0-9]", "", words)
    number = int(digits) if digits and len(digits) < 12 else 0
    return next((row.id for row in desk.rows().values() if number and row.number == number), None)


def _known(desk: Desk, words: str) -> str:
    return "" if _numbered(desk, words) else t("tie.no_number")


def _shown(row: Row) -> str:
    return f"#{number_word(row.number)}  {t(f'status_word.{row.status}')}  {line(veil(row.subject))}"
