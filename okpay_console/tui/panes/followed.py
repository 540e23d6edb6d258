"""A ticket that is only looked at: its call's clocks and its checklist in lines, nothing of which can be changed."""

from __future__ import annotations

from datetime import datetime

from textual.content import Content
from textual.widget import Widget

from ...content.interface import t
from ...domain import callclock
from ...domain.checklist import fields, progress
from ...domain.ticket import FieldAnswer, Ticket
from .. import house
from ..fieldwords import SIGNS, progress_words, state_words, value_words
from ..render import cut, fit, line
from ..rows import span


def call_now(ticket: Ticket, now: datetime) -> str:
    """Every call that is not over, with its clocks."""
    said = []
    for call in ticket.calls:
        read, phase = callclock.clocks(call, now), callclock.phase(call)
        if phase == "done":
            continue
        if phase == "ringing":
            words = t("follow.ringing", wait=span(int(read.wait_s)))
        elif phase == "wrapup":
            words = t("call.wrapup", acw=_clock(read.acw_s))
        elif phase == "held":
            words = t("call.held", hold=_clock(read.hold_s), talk=_clock(read.talk_s))
        else:
            words = t("call.talking", talk=_clock(read.talk_s))
        if callclock.muted(call):
            words += t("call.muted", muted=_clock(read.muted_s))
        said.append(f"{line(call.agent)} {words}".strip())
    return "  ".join(said) or t("follow.no_call")


def checklist_lines(ticket: Ticket) -> list[tuple[str, str]]:
    """How far the checklist is, then each detail behind its mask with how it is known; each line with its role."""
    listed = house.checklist(ticket.category)
    names = tuple(ticket.answers)
    missing: frozenset[str] = frozenset()
    head = t("checklist.none")
    if listed is not None:
        names = tuple(dict.fromkeys((*fields(listed, ticket.answers, ticket.channel), *names)))
        done = progress(listed, ticket.answers, ticket.channel)
        missing, head = frozenset(done.missing), progress_words(done, "")
    laid = [(f"{t('follow.checklist')}  {head}", "head")]
    for name in names:
        answer = ticket.answers.get(name, FieldAnswer())
        words = state_words(name, answer, required=name in missing)
        label, value = fit(house.field_label(name), 14), fit(value_words(name, answer), 20)
        laid.append((f"{SIGNS[answer.state]} {label} {value} {words}", "dim" if answer.state == "empty" else ""))
    return laid


class Followed(Widget):
    """Draws the clocks and ``checklist_lines``."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.lines: list[tuple[str, str]] = []

    def show(self, ticket: Ticket, now: datetime) -> None:
        laid = [(call_now(ticket, now), "call"), *checklist_lines(ticket)]
        if laid != self.lines:
            taller = len(laid) != len(self.lines)
            self.lines = laid
            self.refresh(layout=taller)

    def render(self) -> Content:
        styles = {"call": "bold $text-success", "head": "bold $text-primary", "dim": "$dim", "": ""}
        width = max(self.size.width - 2, 1)
        return Content.assemble(
            *(
                (("\n " if place else " ") + cut(text, width), styles[role])
                for place, (text, role) in enumerate(self.lines)
            )
        )


def _clock(seconds: float) -> str:
    whole = max(int(seconds), 0)
    minutes, rest = divmod(whole, 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}" if minutes >= 60 else f"{minutes:02}:{rest:02}"
