"""The case in a few lines, and the line that says what to ask for next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from textual.content import Content
from textual.widget import Widget

from ...content.interface import t
from ...domain import privacy
from ...domain.overlay import View
from ...domain.presence import Beside
from ...domain.queue import row_of
from ...domain.ticket import Ticket
from ...domain.veil import veil
from .. import house
from ..render import cut, line, wrap
from ..rows import due_words, number_word
from ..when import local

_NAMED = 2


def header_lines(
    ticket: Ticket,
    view: View,
    *,
    me: str,
    now: datetime,
    seen: int = 0,
    around: Sequence[tuple[str, str]] = (),
    beside: Sequence[Beside] = (),
) -> list[tuple[str, str]]:
    """The case in three lines: what and who, the subject, and what is owed; each with its role.

    ``seen``: seconds for which the caller's own values are still shown without their mask, 0 for masked. ``around``: what
    the case stands in, lines of their own (``tui/around.py``). ``beside``: who else has it open.
    """
    caller = ticket.caller if seen else privacy.mask_caller(ticket.caller)
    show: Callable[[str], str] = str if seen else veil
    who = "  ".join(line(part) for part in (caller.mobile, caller.name, caller.email, caller.handle) if part)
    number = f"#{number_word(ticket.number)}"
    first = "  ".join(
        part for part in (number, house.category_title(ticket.category), t(f"channel.{ticket.channel}"), who) if part
    )
    if seen:
        first += "  " + t("field.shown", seconds=seen)
    holder = t("case.mine") if ticket.assignee == me else line(ticket.assignee or t("case.nobody"))
    state = [t(f"status_word.{ticket.status}"), t("case.holder", who=holder)]
    if ticket.priority != "normal":
        state.append(t("case.priority", word=t(f"priority.{ticket.priority}")))
    when, _ = due_words(row_of(ticket), now)
    if when and ticket.status != "closed":
        state.append(when)
    if view.pending:
        state.append(t("case.pending", count=len(view.pending)))
    if view.doubtful:
        state.append(t("case.doubtful", count=len(view.doubtful)))
    laid = [
        (first, "head"),
        (line(show(ticket.subject), emoji=t("queue.emoji")), "subject"),
        ("  ".join(state), "state"),
    ]
    if beside:
        laid.append(("  ".join(company(beside)), "late" if any(one.writing for one in beside) else "state"))
    laid += around
    open_promises = sorted((p for p in ticket.promises if p.state == "open"), key=lambda promise: promise.due_at)
    for promise in open_promises[:2]:
        at = local(promise.due_at).strftime("%m-%d %H:%M")
        late = t("promise.late") if promise.due_at < now else ""
        laid.append((t("case.promise", at=at, text=line(show(promise.text)), late=late), "late" if late else "state"))
    return laid


def company(beside: Sequence[Beside]) -> list[str]:
    """Who else has the case open, whoever writes first; by name as far as a line has room for names."""
    ranked = sorted(beside, key=lambda one: not one.writing)
    said = [t("case.beside_writing" if one.writing else "case.beside", who=line(one.user)) for one in ranked[:_NAMED]]
    return [*said, t("case.beside_more", count=len(ranked) - _NAMED)] if len(ranked) > _NAMED else said


class CaseHeader(Widget):
    """Draws ``header_lines``."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.lines: list[tuple[str, str]] = []

    def show(self, lines: list[tuple[str, str]]) -> None:
        if lines != self.lines:
            taller = len(lines) != len(self.lines)
            self.lines = lines
            self.refresh(layout=taller)

    def render(self) -> Content:
        styles = {"head": "bold $primary", "subject": "bold", "state": "", "late": "bold $text-error"}
        width = max(self.size.width - 1, 1)
        parts: list[tuple[str, str]] = []
        for number, (text, role) in enumerate(self.lines):
            parts.append((("\n " if number else " ") + cut(text, width), styles[role]))
        return Content.assemble(*parts)


class AskLine(Widget):
    """How far the checklist is, and what to ask next in words to say; or what stands against the words being typed."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.progress = ""
        self.sentence = ""
        self.note = ""

    def show(self, *, progress: str | None = None, sentence: str | None = None, note: str | None = None) -> None:
        before = (self.progress, self.sentence, self.note)
        self.progress = self.progress if progress is None else progress
        self.sentence = self.sentence if sentence is None else sentence
        self.note = self.note if note is None else note
        if before != (self.progress, self.sentence, self.note):
            self.refresh()

    def render(self) -> Content:
        width = max(self.size.width - 2, 4)
        parts: list[tuple[str, str]] = [(" " + cut(self.progress, width), "$dim")]
        if self.note:
            parts.append(("\n " + cut(line(self.note), width), "bold $text-warning"))
        else:
            parts.extend(("\n " + text, "$text-success") for text in wrap(self.sentence, width)[:2])
        return Content.assemble(*parts)
