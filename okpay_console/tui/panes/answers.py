"""Canned answers: found while typing, walked through step by step, written into the reply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import Input

from ...content.interface import lang, t
from ...domain.answers import Answer, render
from .. import keys
from ..messages import AnswersLeft, StepTicked, WrittenChosen
from ..render import clean, fit, line, wrap

if TYPE_CHECKING:
    from ...domain.search import Index


class AnswerList(ScrollView):
    """Titles that match, or one answer opened: lines with a cursor, drawn one by one."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"answers--cursor", "answers--head", "answers--missing", "answers--dim"}

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.lines: list[tuple[str, str]] = []
        self.cursor: int | None = None
        self.tall = 1

    def show(self, lines: list[tuple[str, str]], cursor: int | None, *, tall: int = 1) -> None:
        """Shows these lines, the cursor on ``tall`` of them."""
        self.lines, self.cursor, self.tall = lines, cursor, tall
        self.virtual_size = Size(self.scrollable_content_region.width, len(lines))
        if cursor is not None:
            self.reveal(cursor)
        self.refresh()

    def reveal(self, at: int) -> None:
        top, height = self.scroll_offset.y, max(self.size.height, 1)
        if at < top:
            self.scroll_to(y=at, animate=False, force=True, immediate=True)
        elif at >= top + height:
            self.scroll_to(y=at - height + 1, animate=False, force=True, immediate=True)

    def render_line(self, y: int) -> Strip:
        at = y + self.scroll_offset.y
        width, base = self.size.width, self.rich_style
        if at >= len(self.lines):
            return Strip.blank(width, base)
        text, role = self.lines[at]
        if self.cursor is not None and self.cursor <= at < self.cursor + self.tall:
            style = self.get_component_rich_style("answers--cursor")
        else:
            style = base + self.get_component_rich_style(f"answers--{role}", partial=True) if role else base
        return Strip([Segment(fit(text, width), style)], width)


class AnswerReader(AnswerList, can_focus=True):
    """An opened answer has no text field, so digits and Enter act on it."""

    BINDINGS = [  # noqa: RUF012 - Textual reads it from the class
        *keys.bindings("answers"),
        ("up", "move(-1)"),
        ("down", "move(1)"),
        *[(str(digit), f"digit({digit})") for digit in range(1, 10)],
    ]

    def action_key(self, action: str) -> None:
        pane = self.parent
        assert isinstance(pane, AnswersPane)
        pane.reader_key(action)

    def action_move(self, by: int) -> None:
        pane = self.parent
        assert isinstance(pane, AnswersPane)
        pane.move_step(by)

    def action_digit(self, digit: int) -> None:
        pane = self.parent
        assert isinstance(pane, AnswersPane)
        pane.tick(digit - 1)


class AnswersPane(Vertical):
    """Search box and list; an opened answer takes the list's place. ``placeholders`` are the company's own facts."""

    def __init__(
        self,
        *,
        answers: Sequence[Answer],
        index: Index,
        placeholders: Mapping[str, str],
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id)
        self.answers = {answer.id: answer for answer in reversed(answers)}
        self.own = [answer for answer in answers if answer.lang == lang()]
        self.index = index
        self.placeholders = placeholders
        self.category = ""
        self.ticked: Mapping[str, Sequence[str]] = {}
        self.found: list[Answer] = []
        self.at = 0
        self.opened: Answer | None = None
        self.step = 0
        self._step_lines: list[int] = []

    def compose(self) -> ComposeResult:
        yield Input(id="answers-words", placeholder=t("answers.placeholder"), compact=True)
        yield AnswerList(id="answers-list")
        yield AnswerReader(id="answers-reader")

    def on_mount(self) -> None:
        self.query_one(AnswerReader).display = False
        self._search("")

    def show_case(self, category: str, ticked: Mapping[str, Sequence[str]]) -> None:
        """The case beside: its category proposes answers before anything is typed, its steps are ticked."""
        moved = category != self.category
        self.category, self.ticked = category, ticked
        if moved and not self.query_one(Input).value:
            self._search("")
        if self.opened is not None:
            self._show_opened()

    def begin(self) -> None:
        """Ready to search: the box has the focus, former words selected."""
        self._close()
        box = self.query_one(Input)
        box.focus()
        box.action_select_all()

    @on(Input.Changed, "#answers-words")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._search(event.value)

    @on(Input.Submitted, "#answers-words")
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        if self.found:
            self._open(self.found[self.at])

    def on_key(self, event: events.Key) -> None:
        if self.opened is not None:
            return
        if event.key in ("up", "down", "pageup", "pagedown") and self.found:
            event.stop()
            step = {"up": -1, "down": 1, "pageup": -8, "pagedown": 8}[event.key]
            self.at = min(max(self.at + step, 0), len(self.found) - 1)
            self._list()
        elif event.key == "escape":
            event.stop()
            self.post_message(AnswersLeft())

    def on_click(self, event: events.Click) -> None:
        if event.widget is None or event.widget.id != "answers-list":
            return
        shown = self.query_one("#answers-list", AnswerList)
        at = event.y + shown.scroll_offset.y
        if 0 <= at < len(self.found):
            if at == self.at:
                self._open(self.found[at])
            else:
                self.at = at
                self._list()

    def on_resize(self) -> None:
        if self.opened is not None:
            self._show_opened()

    def _search(self, words: str) -> None:
        if words.strip():
            hits = self.index.search(words, limit=30)
            here = {answer.id: answer for answer in self.own}
            self.found = [here.get(hit.id) or self.answers[hit.id] for hit in hits if hit.id in self.answers]
        else:
            self.found = sorted(self.own, key=lambda answer: answer.category != self.category)
        self.at = 0
        self._list()

    def _list(self) -> None:
        shown = self.query_one("#answers-list", AnswerList)
        listed = []
        for answer in self.found:
            mark = t("answers.of_category") if answer.category and answer.category == self.category else ""
            listed.append((f" {line(answer.title)}  {mark}", ""))
        if not listed:
            listed = [(" " + t("answers.none"), "dim")]
        shown.show(listed, self.at if self.found else None)

    # An opened answer

    def _open(self, answer: Answer) -> None:
        self.opened = answer
        done = set(self.ticked.get(answer.id, ()))
        self.step = next((at for at, step in enumerate(answer.steps) if step.id not in done), 0)
        self.query_one("#answers-list", AnswerList).display = False
        self.query_one(Input).display = False
        reader = self.query_one(AnswerReader)
        reader.display = True
        reader.focus()
        self.call_after_refresh(self._show_opened)

    def _close(self) -> None:
        self.opened = None
        self.query_one(AnswerReader).display = False
        self.query_one("#answers-list", AnswerList).display = True
        self.query_one(Input).display = True

    def _show_opened(self) -> None:
        answer = self.opened
        if answer is None:
            return
        reader = self.query_one(AnswerReader)
        width = max(reader.size.width - 2, 10)
        done = set(self.ticked.get(answer.id, ()))
        laid: list[tuple[str, str]] = [(" " + text, "head") for text in wrap(clean(answer.title), width)]
        self._step_lines = []
        tall = 1

        def paragraph(text: str, *, indent: str = " ", first: str = " ") -> None:
            shown = render(text, self.placeholders, lang=answer.lang, declared=answer.placeholders)
            role = "missing" if shown.missing else ""
            for number, piece in enumerate(wrap(clean(shown.text), width - len(indent))):
                laid.append(((first if number == 0 else indent) + piece, role))

        if answer.body:
            paragraph(answer.body)
        for number, step in enumerate(answer.steps, 1):
            self._step_lines.append(len(laid))
            sign = "v" if step.id in done else " "
            paragraph(step.text, indent="       ", first=f" {number} [{sign}] "[:7].ljust(7))
            if number == self.step + 1:
                tall = len(laid) - self._step_lines[-1]
        for heading, text in (("answers.spoken", answer.spoken), ("answers.written", answer.written)):
            if text:
                laid += [("", ""), (" " + t(heading), "head")]
                paragraph(text)
        missing = render(
            "\n".join((answer.body, answer.spoken, answer.written, *(step.text for step in answer.steps))),
            self.placeholders, lang=answer.lang, declared=answer.placeholders,
        ).missing  # fmt: skip
        if missing:
            laid += [("", ""), *[(" " + text, "missing") for text in wrap(t("answers.missing"), width)]]
        reader.show(laid, self._step_lines[self.step] if self._step_lines else None, tall=tall)

    def reader_key(self, action: str) -> None:
        if action == "back":
            self._close()
            self.query_one(Input).focus()
        elif action == "step":
            self.tick(self.step)
        elif self.opened is not None:
            chosen = self.opened
            text = chosen.written or chosen.spoken
            shown = render(text, self.placeholders, lang=chosen.lang, declared=chosen.placeholders)
            self.post_message(WrittenChosen(shown.text, shown.missing))

    def move_step(self, by: int) -> None:
        if self.opened is not None and self.opened.steps:
            self.step = min(max(self.step + by, 0), len(self.opened.steps) - 1)
            self._show_opened()

    def tick(self, at: int) -> None:
        """Marks a step as walked through and goes on to the next."""
        if self.opened is not None and 0 <= at < len(self.opened.steps):
            self.post_message(StepTicked(self.opened.id, self.opened.steps[at].id))
            self.step = min(at + 1, len(self.opened.steps) - 1)
            self._show_opened()
