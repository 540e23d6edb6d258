"""The checklist: what the category needs from the caller, written where it is shown, checked while it is typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events, on
from textual.app import ComposeResult
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from ...content.interface import t
from ...domain import privacy
from ...domain.checklist import Checklist, Progress, fields, progress
from ...domain.ticket import FieldAnswer, FieldState
from .. import house, keys
from ..messages import FieldRefused, FieldWritten
from ..render import clean, fit, line

_SIGNS: dict[str, str] = {"empty": " ", "known": "v", "filled": "v", "verified": "V", "unknown": "?", "na": "-"}
_LABEL = (12, 24)
"""Cells of the labels at least and at most; between them as many as the longest one needs, and two fifths of the pane."""
_WORD = 12
_STATES: dict[str, FieldState] = {
    "state_known": "known", "state_unknown": "unknown", "state_na": "na", "state_verified": "verified",
    "state_empty": "empty",
}  # fmt: skip


class ChecklistPane(Widget, can_focus=True):
    """One line per field; the cursor is a field. ``Asked`` tells which field is next and what to say."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "checklist--cursor", "checklist--next", "checklist--done", "checklist--dim", "checklist--unknown",
    }  # fmt: skip
    BINDINGS = [  # noqa: RUF012 - Textual reads it from the class
        *keys.bindings("checklist"),
        ("up", "step(-1)"),
        ("down", "step(1)"),
        ("home", "edge(-1)"),
        ("end", "edge(1)"),
        ("pageup", "step(-5)"),
        ("pagedown", "step(5)"),
    ]

    class Asked(Message):
        """The field to ask for now, its sentence, and what stands against the words typed so far."""

        def __init__(self, field: str, note: str = "") -> None:
            super().__init__()
            self.field = field
            self.note = note

    def __init__(self, *, now: Callable[[], datetime], id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.now = now
        self.fields: tuple[str, ...] = ()
        self.required: frozenset[str] = frozenset()
        self.answers: Mapping[str, FieldAnswer] = {}
        self.progress = Progress(0, 0, (), ())
        self.cursor = ""
        self.editing = ""
        self._top = 0
        self._standing = ""

    def compose(self) -> ComposeResult:
        yield Input(id="field-input", compact=True, select_on_focus=False)

    def show(self, listed: Checklist | None, answers: Mapping[str, FieldAnswer], *, fresh: bool) -> None:
        """Shows a case's answers; ``fresh`` for another case, where the cursor goes to the next thing to ask."""
        self.answers = answers
        if listed is None:
            self.fields = tuple(answers)
            self.required = frozenset()
            self.progress = Progress(0, 0, (), ())
        else:
            self.fields = tuple(dict.fromkeys((*fields(listed, answers), *answers)))
            self.progress = progress(listed, answers)
            self.required = frozenset(self.progress.missing)
        if fresh:
            self.stop_editing()
        if fresh or self.cursor not in self.fields:
            self.cursor = self.next_field() or (self.fields[0] if self.fields else "")
            self._top = 0
        self._reveal()
        self.refresh()
        self.post_message(self.Asked(self.editing or self.next_field()))

    def next_field(self) -> str:
        """The field to ask for next; "" where all have been asked for."""
        return self.progress.ask[0] if self.progress.ask else ""

    def ask_next(self) -> None:
        """Goes to the next thing to ask and opens it for writing."""
        field = self.next_field()
        if field:
            self.cursor = field
            self._reveal()
            self.edit()

    def edit(self) -> None:
        """Opens the field under the cursor for writing, where it stands."""
        if not self.cursor:
            return
        self.editing = self.cursor
        box = self.query_one(Input)
        answer = self.answers.get(self.cursor, FieldAnswer())
        box.value = house.value_words(self.cursor, answer.value)
        self._place_box()
        box.display = True
        box.focus()
        self.refresh()
        self.post_message(self.Asked(self.cursor))

    def stop_editing(self) -> None:
        if self.editing:
            self.editing = ""
            box = self.query_one(Input)
            had_focus = box.has_focus
            box.display = False
            box.value = ""
            if had_focus:
                self.focus()
            self.refresh()

    # Writing

    @on(Input.Changed, "#field-input")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if not self.editing:
            return
        note = self._standing if not event.value else ""
        self._standing = ""
        if event.value.strip():
            verdict = house.check(self.editing, event.value, now=self.now(), answers=self.answers)
            note = verdict.note
            if verdict.secret:
                # A secret does not even stay on the screen; the note says what to tell the caller.
                self._standing = note
                event.input.value = ""
        self.post_message(self.Asked(self.editing, note))

    @on(Input.Submitted, "#field-input")
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        field = self.editing
        if not field:
            return
        if not event.value.strip():
            if self.answers.get(field, FieldAnswer()).state != "empty":
                self.post_message(FieldWritten(field, "", "empty"))
            self.stop_editing()
            return
        verdict = house.check(field, event.value, now=self.now(), answers=self.answers)
        if not verdict.ok:
            # The words stay in the box: the caller is on the line and will not say them again.
            self.post_message(FieldRefused(verdict.note))
            return
        self.post_message(FieldWritten(field, verdict.value, "filled"))

    def written(self, field: str) -> None:
        """The value is kept: closes the box and goes on to the next thing to ask."""
        if self.editing == field:
            self.stop_editing()
        following = self.next_field()
        if following:
            self.cursor = following
            self._reveal()
            self.refresh()

    def on_key(self, event: events.Key) -> None:
        if self.editing and event.key == "escape":
            event.stop()
            self.stop_editing()
            self.post_message(self.Asked(self.next_field()))
        elif self.editing and event.key in ("up", "down"):
            event.stop()

    def action_key(self, action: str) -> None:
        if action == "edit":
            self.edit()
        elif self.cursor and action in _STATES:
            state = _STATES[action]
            value = self.answers.get(self.cursor, FieldAnswer()).value
            keeps = state in ("known", "verified")
            if keeps and not value:
                self.post_message(FieldRefused(t("checklist.needs_value")))
                return
            self.post_message(FieldWritten(self.cursor, value if keeps else "", state))

    # Moving

    def action_step(self, by: int) -> None:
        if self.fields:
            at = self.fields.index(self.cursor) + by
            self.cursor = self.fields[min(max(at, 0), len(self.fields) - 1)]
            self._reveal()
            self.refresh()
            self.post_message(self.Asked(self.cursor))

    def action_edge(self, by: int) -> None:
        self.action_step(by * len(self.fields))

    def on_click(self, event: events.Click) -> None:
        at = event.y + self._top
        if event.widget is self and 0 <= at < len(self.fields):
            again = self.fields[at] == self.cursor
            self.cursor = self.fields[at]
            self.refresh()
            if again:
                self.edit()

    def on_resize(self) -> None:
        self._reveal()
        self._place_box()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def _reveal(self) -> None:
        height = max(self.size.height, 1)
        at = self.fields.index(self.cursor) if self.cursor in self.fields else 0
        self._top = min(max(self._top, at - height + 1, 0), max(at, 0))
        self._top = max(min(self._top, len(self.fields) - height), 0)

    def _place_box(self) -> None:
        if self.editing and self.editing in self.fields:
            box = self.query_one(Input)
            box.styles.offset = (self._label + 4, self.fields.index(self.editing) - self._top)
            box.styles.width = max(self.size.width - self._label - 4, 8)

    # Drawing

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        at = y + self._top
        if at >= len(self.fields):
            return Strip.blank(width, self.rich_style)
        field = self.fields[at]
        answer = self.answers.get(field, FieldAnswer())
        base = self.rich_style
        here = field == self.cursor
        if here and self.has_focus and not self.editing:
            base = self.get_component_rich_style("checklist--cursor")
        mark = ">" if here else " "
        label = self._label
        room = max(width - label - 4 - _WORD, 6)
        value = "" if field == self.editing else self._value(field, answer)
        word = "" if field == self.editing else self._word(field, answer)
        role = "next" if field == self.next_field() else {"unknown": "unknown", "empty": "dim"}.get(answer.state, "")
        style = base if base != self.rich_style or not role else base + self._role(role)
        segments = [
            Segment(fit(f"{mark}{_SIGNS[answer.state]} ", 3), style),
            Segment(fit(house.field_label(field), label) + " ", style),
            Segment(fit(value, room), base),
            Segment(fit(word, _WORD), style),
        ]
        return Strip(segments).adjust_cell_length(width, base)

    @property
    def _label(self) -> int:
        needed = max((cell_len(house.field_label(field)) for field in self.fields), default=0)
        return max(min(needed, _LABEL[1], self.size.width * 2 // 5), _LABEL[0])

    def _value(self, field: str, answer: FieldAnswer) -> str:
        shown = house.value_words(field, answer.value)
        return line(privacy.mask(field, shown), emoji=t("queue.emoji"))

    def _word(self, field: str, answer: FieldAnswer) -> str:
        if answer.state == "empty":
            return t("field.required") if field in self.required else t("field.optional")
        if answer.state == "known" and answer.source:
            return t("field.known_from", source=line(answer.source))
        return t(f"field.{answer.state}")

    def _role(self, name: str) -> Style:
        return self.get_component_rich_style(f"checklist--{name}", partial=True)


def bar(done: Progress, *, cells: int = 10) -> str:
    """A progress bar in letters that every terminal draws alike: ``=====---``."""
    if not done.applicable:
        return ""
    full = round(cells * done.filled / done.applicable)
    return "=" * full + "-" * (cells - full)


def progress_words(done: Progress, sentence: str) -> str:
    """How far the checklist is, in a line."""
    if not done.applicable:
        return t("checklist.none")
    if not done.missing:
        return t("checklist.complete", filled=done.filled, applicable=done.applicable, bar=bar(done))
    return t("checklist.so_far", filled=done.filled, applicable=done.applicable, bar=bar(done)) + clean(sentence)
