"""Giving the case on: to a colleague, to another queue, or one level up the ladder, each with a note where one is owed."""

from __future__ import annotations

from ..content import rules
from ..content.interface import lang, t
from ..domain.escalation import above
from ..domain.queue import Row
from .acts import Acts
from .desk_model import Desk
from .render import line
from .rows import number_word
from .screens.ask import Choose, Write
from .when import local

_COLLEAGUE, _QUEUE, _OTHER = "=", "@", "+"


async def hand_over(acts: Acts, ticket: str) -> None:
    """To whom, then the note that the next owner sees first."""
    found, desk = acts.ticket(ticket), acts.floor.desk
    if found is None or desk is None:
        return
    number = number_word(found.number)
    options = [(_COLLEAGUE + name, line(name)) for name in colleagues(desk) if name != found.assignee]
    options += [(_OTHER, t("dialog.other_name"))]
    options += [(_QUEUE + name, t("hand.queue", name=queue_words(name))) for name in queues(acts)]
    title = t("hand.title", number=number)
    chosen = await acts.floor.ask(Choose(title, options))
    to, queue = "", ""
    if chosen == _OTHER:
        written = await acts.floor.ask(
            Write(title, check=lambda name: t("hand.oneself") if _same(name, desk.me) else "")
        )
        to = written if isinstance(written, str) else ""
    elif isinstance(chosen, str):
        to, queue = (chosen[1:], "") if chosen[0] == _COLLEAGUE else ("", chosen[1:])
    if not to and not queue:
        return
    who = line(to) if to else queue_words(queue)
    about = t("hand.to", who=who)
    note = await acts.floor.ask(Write(title, about=about, slip=acts.jotter.slip(ticket, "handover")))
    if isinstance(note, str):
        op = desk.author.handover(acts.now(found), note=note, to=to, queue=queue)
        await acts.do(op, said=t("hand.done", number=number, who=who), draft="handover")


async def escalate(acts: Acts, ticket: str) -> None:
    """The next levels of the category's ladder; the note goes to whoever takes it further."""
    found, desk = acts.ticket(ticket), acts.floor.desk
    if found is None or desk is None:
        return
    ladders = rules.load_ladders()
    levels = {level.id: level for level in above(ladders.get(found.category) or ladders.get("", ()), found.level)}
    options = [
        (name, t("hand.outside", title=level.title.of(lang())) if level.outside else level.title.of(lang()))
        for name, level in levels.items()
    ]
    if not options:
        acts.floor.say(t("hand.top"), "warn")
        return
    title = t("hand.escalate", number=number_word(found.number))
    chosen = await acts.floor.ask(Choose(title, options))
    if not isinstance(chosen, str):
        return
    named = levels[chosen].title.of(lang())
    slip = acts.jotter.slip(ticket, "escalate")
    note = await acts.floor.ask(Write(title, about=t("hand.to", who=named), slip=slip))
    if isinstance(note, str):
        op = desk.author.escalate(acts.now(found), chosen, note=note)
        word = "hand.told" if levels[chosen].outside else "hand.escalated"
        await acts.do(op, said=t(word, number=number_word(found.number), title=named), draft="escalate")


async def move(acts: Acts, ticket: str) -> None:
    """Another queue of the house, without a word to anybody."""
    found, desk = acts.ticket(ticket), acts.floor.desk
    if found is None or desk is None:
        return
    title = t("hand.move", number=number_word(found.number), queue=queue_words(found.queue))
    names = [(name, queue_words(name)) for name in queues(acts) if name != found.queue]
    chosen = await acts.floor.ask(Choose(title, [*names, (_OTHER, t("dialog.other_name"))]))
    if chosen == _OTHER:
        chosen = await acts.floor.ask(Write(title))
    if isinstance(chosen, str):
        op = desk.author.queue(acts.now(found), chosen)
        await acts.do(op, said=t("hand.moved", number=number_word(found.number), queue=queue_words(chosen)))


def colleagues(desk: Desk) -> list[str]:
    """Who else works here: who has a ticket or took a call of one, of those that are open or were closed today."""
    today = local(desk.author.now()).date()
    present: list[Row] = [
        row
        for row in desk.rows().values()
        if row.status != "closed" or (row.closed_at is not None and local(row.closed_at).date() == today)
    ]
    names = {row.assignee for row in present if row.assignee}
    names |= {call.agent for row in present for call in row.calls if call.agent}
    return sorted(name for name in names if not _same(name, desk.me))


def _same(name: str, other: str) -> bool:
    return name.strip().casefold() == other.casefold()


def queue_words(queue: str) -> str:
    """What people call a queue: the title of the level that it belongs to, its own name where no ladder has it."""
    levels = (level for ladder in rules.load_ladders().values() for level in ladder)
    return next((level.title.of(lang()) for level in levels if level.queue == queue), line(queue))


def queues(acts: Acts) -> list[str]:
    """The queues that are known here: those of the tickets at hand, and those of the ladders."""
    desk = acts.floor.desk
    seen = {row.queue for row in desk.rows().values()} if desk is not None else set()
    seen |= {level.queue for ladder in rules.load_ladders().values() for level in ladder if level.queue}
    return sorted(seen)
