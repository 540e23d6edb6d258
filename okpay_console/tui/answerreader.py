"""An opened canned answer: read, walked through step by step, taken into the reply, copied, and judged."""

from __future__ import annotations

from collections.abc import Mapping

from textual import events
from textual.message import Message

from ..content.interface import t
from ..domain.answers import Answer
from . import keys
from .answerpage import Page, Standing, page, sendable
from .linelist import LineList
from .messages import AnswerCopied, AnswerRated, StepTicked, WrittenChosen


class AnswerReader(LineList, can_focus=True):
    """It has no text field, so digits, signs and Enter act on the answer. ``values`` are the company's own facts."""

    BINDINGS = [  # noqa: RUF012 - Textual reads it from the class
        *keys.bindings("answers"),
        ("up", "move(-1)"),
        ("down", "move(1)"),
        ("pageup", "page(-1)"),
        ("pagedown", "page(1)"),
        ("home", "edge(0)"),
        ("end", "edge(1)"),
        *[(str(digit), f"digit({digit})") for digit in range(1, 10)],
    ]

    class Left(Message):
        """The agent is done with this answer."""

    def __init__(self, values: Mapping[str, str], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.values = values
        self.answer: Answer | None = None
        self.standing = Standing()
        self.step = 0
        self.page = Page([], [])

    def open(self, answer: Answer, standing: Standing) -> None:
        """Shows an answer from its top, the cursor on the first step that is still to be walked through."""
        self.answer, self.standing = answer, standing
        self.step = next((at for at, step in enumerate(answer.steps) if step.id not in standing.done), 0)
        self.to_line(0)
        self.call_after_refresh(self._lay, reveal=False)

    def stand(self, answer: Answer, standing: Standing) -> None:
        """The same answer as it stands now, without moving the agent's cursor."""
        if (answer, standing) != (self.answer, self.standing):
            self.answer, self.standing = answer, standing
            self.step = min(self.step, max(len(answer.steps) - 1, 0))
            self._lay(reveal=False)

    def on_resize(self) -> None:
        self._lay(reveal=False)

    def _lay(self, *, reveal: bool = True) -> None:
        if self.answer is None:
            return
        hint = t("answers.rate", yes=keys.bound(self.app, "helped"), no=keys.bound(self.app, "unhelpful"))
        width = max(self.size.width - 1, 12)
        self.page = page(self.answer, self.standing, width=width, values=self.values, hint=hint)
        top, tall = self.page.steps[self.step] if self.page.steps else (None, 1)
        self.show(self.page.lines, top, tall=tall, reveal=reveal)

    # Keys

    def action_key(self, action: str) -> None:
        answer = self.answer
        if answer is None:
            return
        if action == "back":
            self.post_message(self.Left())
        elif action == "step":
            self.tick(self.step)
        elif action in ("helped", "unhelpful"):
            self.post_message(AnswerRated(answer.id, helped=action == "helped"))
        else:
            shown = sendable(answer, self.values)
            made = WrittenChosen if action == "insert" else AnswerCopied
            self.post_message(made(shown.text, shown.missing))

    def action_move(self, by: int) -> None:
        """To the next step; past the first or last one, and in an answer without steps, through the text."""
        to = self.step + by
        if self.cursor is not None and not self.in_sight:
            self.reveal()
        elif 0 <= to < len(self.page.steps):
            self.step = to
            self._lay()
        else:
            self.to_line(self.scroll_offset.y + by)

    def action_page(self, by: int) -> None:
        self.to_line(self.scroll_offset.y + by * max(self.size.height - 1, 1))

    def action_edge(self, end: int) -> None:
        self.to_line(len(self.lines) if end else 0)

    def action_digit(self, digit: int) -> None:
        self.tick(digit - 1)

    def on_click(self, event: events.Click) -> None:
        at = event.y + self.scroll_offset.y
        for number, (top, tall) in enumerate(self.page.steps):
            if top <= at < top + tall:
                self.tick(number)

    def tick(self, at: int) -> None:
        """Marks a step as walked through and goes on to the next; a marked one is as before again."""
        if self.answer is None or not 0 <= at < len(self.answer.steps):
            return
        step = self.answer.steps[at].id
        done = step not in self.standing.done
        self.post_message(StepTicked(self.answer.id, step, done=done))
        self.step = min(at + done, len(self.answer.steps) - 1)
        self._lay()
