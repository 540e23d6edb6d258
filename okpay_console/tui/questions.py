"""The acts that ask something first: each puts its question over the desk and makes an operation of the answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Final

from ..content.interface import t
from ..domain.checklist import progress
from ..domain.ticket import PRIORITIES, Ticket
from . import house
from .acts import Acts
from .desk_model import Desk
from .prefill import prefill, words
from .render import line
from .rows import number_word
from .screens.ask import Choose, Write
from .screens.closing import CloseCase, Closing
from .screens.promising import MakePromise, Promised
from .when import local

_HANDS_OVER: Final = frozenset({"supervisor", "admin"})


def _both(acts: Acts, ticket: str) -> tuple[Desk, Ticket] | None:
    found = acts.ticket(ticket)
    desk = acts.floor.desk
    return (desk, found) if found is not None and desk is not None else None


async def category(acts: Acts, ticket: str) -> None:
    if (both := _both(acts, ticket)) is None:
        return
    desk, found = both
    chosen = await acts.floor.ask(Choose(t("dialog.category"), house.categories(), start=found.category))
    if chosen:
        said = t("act.category_set", title=house.category_title(chosen))
        if await acts.do(desk.author.category(acts.now(found), chosen)):
            # Only with a category there is a list that what is known of the caller fits into.
            acts.floor.say(words(said, await prefill(acts, ticket)), "done")


async def priority(acts: Acts, ticket: str) -> None:
    if (both := _both(acts, ticket)) is None:
        return
    desk, found = both
    options = [(level, t(f"priority.{level}")) for level in PRIORITIES]
    chosen = await acts.floor.ask(Choose(t("dialog.priority"), options, start=found.priority))
    if chosen:
        said = t("act.priority_set", word=t(f"priority.{chosen}"))
        await acts.do(desk.author.priority(acts.now(found), chosen), said=said)


async def assign(acts: Acts, ticket: str) -> None:
    """A supervisor hands a ticket to somebody; an agent is told that he cannot, before he has typed a name."""
    if (both := _both(acts, ticket)) is None:
        return
    desk, found = both
    if desk.role and desk.role not in _HANDS_OVER:
        acts.floor.say(t("act.no_hand_over"), "warn")
        return
    names = sorted({row.assignee for row in desk.rows().values() if row.assignee} | {desk.me})
    options = [(f"={name}", line(name)) for name in names if name != found.assignee]
    title = t("dialog.assign", number=number_word(found.number))
    chosen = await acts.floor.ask(Choose(title, [*options, ("+", t("dialog.other_name"))]))
    name = chosen[1:] if isinstance(chosen, str) else ""
    if chosen == "+":
        written = await acts.floor.ask(Write(title))
        name = written if isinstance(written, str) else ""
    if name:
        said = t("act.assigned", number=number_word(found.number), who=line(name))
        await acts.do(desk.author.assign(acts.now(found), name), said=said)


async def promise(acts: Acts, ticket: str) -> None:
    if (both := _both(acts, ticket)) is None:
        return
    desk, found = both
    made = await acts.floor.ask(
        MakePromise(number=number_word(found.number), now=desk.author.now, slip=acts.jotter.slip(ticket, "promise"))
    )
    if isinstance(made, Promised):
        said = t("act.promised", at=local(made.due_at).strftime("%m-%d %H:%M"))
        await acts.do(desk.author.promise(acts.now(found), made.text, made.due_at), said=said, draft="promise")


async def settle(acts: Acts, ticket: str) -> None:
    """Kept or broken: one question for all open promises of the case, those due first at the top."""
    if (both := _both(acts, ticket)) is None:
        return
    desk, found = both
    standing = sorted((one for one in found.promises if one.state == "open"), key=lambda one: one.due_at)
    if not standing:
        acts.floor.say(t("act.no_promise"), "warn")
        return
    now = desk.author.now()
    options = []
    for one in standing:
        about = _about(one.text, one.due_at, late=one.due_at < now)
        options += [(f"+{one.id}", f"{t('promise.kept')}  {about}"), (f"-{one.id}", f"{t('promise.broken')}  {about}")]
    chosen = await acts.floor.ask(Choose(t("dialog.settle", number=number_word(found.number)), options))
    if isinstance(chosen, str):
        kept = chosen.startswith("+")
        said = t("act.settled", word=t("promise.kept" if kept else "promise.broken"))
        await acts.do(desk.author.settle(acts.now(found), chosen[1:], kept=kept), said=said)


def _about(text: str, due_at: datetime, *, late: bool) -> str:
    return f"{local(due_at).strftime('%m-%d %H:%M')}  {line(text)}{t('promise.late') if late else ''}"


async def close(acts: Acts, ticket: str) -> None:
    if (both := _both(acts, ticket)) is None:
        return
    desk, found = both
    number = number_word(found.number)
    if found.status == "closed":
        acts.floor.say(t("act.closed_already"), "warn")
        return
    listed = house.checklist(found.category)
    closing = await acts.floor.ask(
        CloseCase(
            number=number,
            missing=progress(listed, found.answers, found.channel).missing if listed is not None else (),
            usual=house.usual_disposition(found.category),
            summary=acts.jotter.read(ticket, "summary"),
            written=lambda screen, text: acts.jotter.jot(screen, ticket, "summary", text),
            slip=acts.jotter.slip(ticket, "override"),
        )
    )
    # On the disk before it is tried: a refusal must not cost the agent what was written about the case.
    await acts.jotter.keep()
    if isinstance(closing, Closing):
        op = desk.author.close(acts.now(found), closing.disposition, summary=closing.summary, override=closing.override)
        if await acts.do(op, said=t("act.closed", number=number), draft="summary"):
            acts.jotter.forget(ticket, "override")
            await acts.jotter.keep()


async def reopen(acts: Acts, ticket: str) -> None:
    if (both := _both(acts, ticket)) is None:
        return
    desk, found = both
    number = number_word(found.number)
    if found.status != "closed":
        acts.floor.say(t("act.not_closed"), "warn")
        return
    slip = acts.jotter.slip(ticket, "reopen")
    reason = await acts.floor.ask(Write(t("dialog.reopen", number=number), empty=True, slip=slip))
    if reason is not None:
        op = desk.author.reopen(acts.now(found), reason=reason)
        await acts.do(op, said=t("act.reopened", number=number), draft="reopen")


ON_TICKET: Final[Mapping[str, Callable[[Acts, str], Awaitable[None]]]] = {
    "category": category, "priority": priority, "assign": assign, "promise": promise, "settle": settle, "close": close,
    "reopen": reopen,
}  # fmt: skip
