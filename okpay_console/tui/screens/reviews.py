"""The review tray: words that the server did not take, both versions beside each other, and the agent's decision."""

from __future__ import annotations

from typing import Any

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Label, Static

from ...content import errors as sentences
from ...content.interface import has, lang, t
from ...errors import OkpayError, Refused
from .. import house, keys
from ..acts import Acts
from ..blankarea import to_fill
from ..desk_model import Decision, Desk, Review
from ..failures import explain
from ..render import clean, line
from ..rows import number_word
from ..when import local
from .ask import Write

_EDITABLE = frozenset({"ticket.note", "ticket.reply", "field.set", "subject.set"})


def shown(value: Any) -> str:
    return clean(str(value)) if value not in (None, "") else t("reviews.nothing")


def review_text(review: Review, *, number: int, at: int, count: int) -> Content:
    """One review in full: whose ticket, what was wanted, why it was not taken, and the versions."""
    key = f"op.{review.name.replace('.', '_')}"
    name = t(key) if has(key) else line(review.name)
    head = f"{at + 1}/{count}  {t('reviews.ticket', number=number_word(number))}  {name}"
    parts: list[tuple[str, str]] = [
        (head, "bold $text-primary"),
        (f"  {local(review.at).strftime('%m-%d %H:%M')}\n", ""),
    ]
    if review.state == "review":
        parts.append((t("reviews.conflict", field=line(house.field_words(review.field))) + "\n\n", "$text-warning"))
        rows = [("reviews.mine", review.mine), ("reviews.theirs", review.theirs), ("reviews.base", review.base)]
    else:
        what = sentences.of_code(review.code, lang=lang()) or review.what
        parts.append((t("reviews.why", what=clean(what)) + "\n\n", "$text-warning"))
        rows = [("reviews.mine", review.words)]
    for label, value in rows:
        parts += [(f"{t(label)}: ", "bold"), (shown(value) + "\n", "")]
    if review.words and review.state == "review" and str(review.mine) != review.words:
        parts += [("\n", ""), (clean(review.words) + "\n", "")]
    return Content.assemble(*parts)


class ReviewsScreen(ModalScreen[None]):
    """One review at a time; every decision leaves the words somewhere or says that they are let go."""

    BINDINGS = [  # noqa: RUF012 - Textual reads it from the class
        *keys.bindings("reviews"),
        Binding("up,left", "move(-1)"),
        Binding("down,right", "move(1)"),
    ]

    def __init__(self, desk: Desk, acts: Acts) -> None:
        super().__init__()
        self.desk = desk
        self.acts = acts
        self.at = 0

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog wide"):
            yield Label(t("reviews.title"), classes="heading", markup=False)
            with VerticalScroll():
                yield Static("", id="review", markup=False)
            yield Label("", id="dialog-note", classes="note", markup=False)
            yield Label(t("reviews.hint"), classes="hint", markup=False)

    def on_mount(self) -> None:
        self._show()

    def _show(self, note: str = "") -> None:
        listed = self.desk.reviews()
        self.at = min(max(self.at, 0), max(len(listed) - 1, 0))
        content: Content | str = t("reviews.none")
        if listed:
            review = listed[self.at]
            ticket = self.desk.view(review.ticket).ticket
            content = review_text(
                review, number=ticket.number if ticket is not None else 0, at=self.at, count=len(listed)
            )
        self.query_one("#review", Static).update(content)
        self.query_one("#dialog-note", Label).update(note)

    def action_move(self, by: int) -> None:
        self.at += by
        self._show()

    def action_key(self, action: str) -> None:
        if action == "reviews_back":
            self.dismiss(None)
            return
        listed = self.desk.reviews()
        if not listed:
            return
        review = listed[self.at]
        if action == "edit_words":
            self.run_worker(self._edit(review), exclusive=True)
        else:
            decision: Decision = "keep-theirs" if action == "keep_theirs" else "re-apply"
            self.run_worker(self._settle(review, decision), exclusive=True)

    async def _settle(self, review: Review, decision: Decision) -> None:
        try:
            await self.desk.settle(review.uuid, decision)
        except OkpayError as error:
            # The review stays in the tray, so nothing is lost by a second refusal.
            self._show(explain(error))
            return
        self.acts.floor.settled(review.ticket)
        self._show(t("reviews.kept" if decision == "keep-theirs" else "reviews.applied"))

    async def _edit(self, review: Review) -> None:
        ticket = self.desk.view(review.ticket).ticket
        if review.name not in _EDITABLE or ticket is None:
            self._show(t("reviews.cannot_edit"))
            return
        check = to_fill if review.name == "ticket.reply" else (lambda _: "")
        words = await self.app.push_screen_wait(Write(t("reviews.edit_title"), text=review.words, check=check))
        if not isinstance(words, str):
            return
        author = self.desk.author
        field = review.field.removeprefix("answers.")
        match review.name:
            case "ticket.note":
                op: Any = author.note(ticket, words)
            case "ticket.reply":
                op = author.reply(ticket, words)
            case "subject.set":
                op = author.subject(ticket, words)
            case _:
                op = author.field(ticket, field, words)
        try:
            if review.name == "field.set" and not field:
                raise Refused("The field is not known.", "Choose another way.")
            await self.desk.do(op)
            await self.desk.settle(review.uuid, "edited")
        except OkpayError as error:
            self._show(explain(error))
            return
        self.acts.floor.settled(review.ticket)
        self._show(t("reviews.applied"))
