"""The case in a few lines, and the line that says what to ask for next."""

from __future__ import annotations

from datetime import datetime

from textual.content import Content
from textual.widget import Widget

from ...content.interface import t
from ...domain import privacy
from ...domain.overlay import View
from ...domain.queue import row_of
from ...domain.ticket import Ticket
from .. import house
from ..render import cut, line, wrap
from ..rows import due_words, number_word
from ..when import local


def header_lines(ticket: Ticket, view: View, *, me: str, now: datetime) -> list[tuple[str, str]]:
    """The case in three lines: what and who, the subject, and what is owed; each with its role."""
    caller = privacy.mask_caller(ticket.caller)
    who = "  ".join(line(part) for part in (caller.mobile, caller.name, caller.email, caller.handle) if part)
    number = f"#{number_word(ticket.number)}"
    first = "  ".join(
        part for part in (number, house.category_title(ticket.category), t(f"channel.{ticket.channel}"), who) if part
    )
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
    laid = [(first, "head"), (line(ticket.subject, emoji=t("queue.emoji")), "subject"), ("  ".join(state), "state")]
    open_promises = sorted((p for p in ticket.promises if p.state == "open"), key=lambda promise: promise.due_at)
    for promise in open_promises[:2]:
        at = local(promise.due_at).strftime("%m-%d %H:%M")
        late = t("promise.late") if promise.due_at < now else ""
        laid.append((t("case.promise", at=at, text=line(promise.text), late=late), "late" if late else "state"))
    return laid


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
