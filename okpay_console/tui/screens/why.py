"""Why is it red: a ticket's clocks and what they counted, in a box over the desk."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Label, Static

from ...content import why
from ...content.interface import t
from ...domain.sla import Explanation
from ...domain.ticket import Ticket
from ..render import clean, line
from ..rows import number_word
from ..when import local

_STYLES: dict[why.Role, str] = {
    "head": "bold", "late": "bold $text-error", "calm": "", "part": "", "dim": "$dim",
}  # fmt: skip
_INDENT: dict[why.Role, str] = {"head": "", "late": "", "calm": "  ", "part": "    ", "dim": "  "}


def body(explanation: Explanation) -> Content:
    """The explanation's lines with their styles; the words of people in it are no markup."""
    found = why.lines(explanation, local=local)
    parts = [
        (("\n" if number else "") + _INDENT[one.role] + clean(one.text), _STYLES[one.role])
        for number, one in enumerate(found)
    ]
    return Content.assemble(*parts)


class WhyScreen(ModalScreen[None]):
    """Scrolls with the arrows; Escape or the key that opened it closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape,exclamation_mark,！,q,enter", "dismiss")]

    def __init__(self, ticket: Ticket, explanation: Explanation) -> None:
        super().__init__()
        self.ticket = ticket
        self.explanation = explanation

    def compose(self) -> ComposeResult:
        subject = line(self.ticket.subject, emoji=t("queue.emoji"))
        with Vertical(classes="dialog"):
            yield Label(
                t("why.title", number=number_word(self.ticket.number), subject=subject), classes="heading", markup=False
            )
            with VerticalScroll(id="why-scroll"):
                yield Static(body(self.explanation), id="why-text")
            yield Label(t("why.hint"), classes="hint", markup=False)

    def on_mount(self) -> None:
        scroll = self.query_one(VerticalScroll)
        scroll.styles.height = "auto"
        scroll.styles.max_height = "100%"
        scroll.focus()
