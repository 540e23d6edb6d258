"""The checklist: what the category needs from the caller, written where it is shown, checked while it is typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events, on
from textual.app import ComposeResult
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from ...domain.checklist import Checklist, Progress, fields, progress
from ...domain.ticket import Channel, FieldAnswer
from .. import house, keys
from ..fieldbox import FieldBox
from ..fieldkeys import keyed
from ..fieldrow import INDENT, field_row, label_width, role
from ..jotter import Slip
from ..messages import FieldRefused, FieldWritten, FreeWanted, RevealWanted, SecretTyped, WhyWanted


class ChecklistPane(Widget, can_focus=True):
    """One line per field; the cursor is a field. ``Asked`` tells which field is next and what to say.

    ``slip`` says where a field's words are kept while they are typed; ``seen`` for how many seconds its value is shown
    without its mask.
    """

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

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        slip: Callable[[str], Slip] | None = None,
        seen: Callable[[str], int] = lambda _: 0,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id)
        self.now = now
        self.slip = slip
        self.seen = seen
        self.channel: Channel = "hotline"
        self.fields: tuple[str, ...] = ()
        self.required: frozenset[str] = frozenset()
        self.answers: Mapping[str, FieldAnswer] = {}
        self.progress = Progress(0, 0, (), ())
        self.cursor = ""
        self.editing = ""
        self._top = 0

    def compose(self) -> ComposeResult:
        yield FieldBox(place="field", whole=True, id="field-input", compact=True, select_on_focus=False)

    def show(
        self,
        listed: Checklist | None,
        answers: Mapping[str, FieldAnswer],
        *,
        fresh: bool,
        channel: Channel = "hotline",
    ) -> None:
        """Shows a case's answers; ``fresh`` for another case, where the cursor goes to the next thing to ask."""
        self.answers = answers
        self.channel = channel
        before = self.fields
        if listed is None:
            self.fields = tuple(answers)
            self.required = frozenset()
            self.progress = Progress(0, 0, (), ())
        else:
            self.fields = tuple(dict.fromkeys((*fields(listed, answers, channel), *answers)))
            self.progress = progress(listed, answers, channel)
            self.required = frozenset(self.progress.missing)
        if fresh or (self.editing and self.editing not in self.fields):
            # What was typed into a field that no longer applies is a draft: it is there again when the field is.
            self.stop_editing()
        if fresh:
            self._top = 0
            self.cursor = ""
        if self.cursor not in self.fields:
            self.cursor = self._near(before)
        self._scroll()
        self._place_box()
        self.refresh()
        self.post_message(self.Asked(self.editing or self.next_field()))

    def _near(self, before: Sequence[str]) -> str:
        """Where the cursor goes when its field does not apply any more: the field that took its place, else the next to ask."""
        if self.cursor in before:
            following = [field for field in before[before.index(self.cursor) :] if field in self.fields]
            if following:
                return following[0]
        return self.next_field() or (self.fields[0] if self.fields else "")

    def next_field(self) -> str:
        """The field to ask for next; "" where all have been asked for."""
        return self.progress.ask[0] if self.progress.ask else ""

    def ask_next(self) -> None:
        """Goes to the next thing to ask and opens it for writing."""
        field = self.next_field()
        if field:
            self.cursor = field
            self._scroll()
            self.edit()

    def edit(self) -> None:
        """Opens the field under the cursor for writing, where it stands. A masked value stays out of the box."""
        if not self.cursor:
            return
        answer = self.answers.get(self.cursor, FieldAnswer())
        self.editing = self.cursor
        box = self.query_one(FieldBox)
        slip = self.slip(self.cursor) if self.slip is not None else None
        box.begin(self.cursor, answer, slip=slip, seen=self.seen(self.cursor))
        self._place_box()
        box.display = True
        box.focus()
        self.refresh()
        self.post_message(self.Asked(self.cursor))

    def stop_editing(self) -> None:
        if self.editing:
            self.editing = ""
            box = self.query_one(FieldBox)
            had_focus = box.has_focus
            box.display = False
            box.end()
            if had_focus:
                self.focus()
            self.refresh()

    # Writing

    @on(Input.Changed, "#field-input")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if not self.editing:
            return
        note = ""
        if event.value.strip():
            note = house.check(self.editing, event.value, now=self.now(), answers=self.answers).note
        self.post_message(self.Asked(self.editing, note))

    @on(SecretTyped)
    def _secret(self, event: SecretTyped) -> None:
        event.said = True
        self.post_message(self.Asked(self.editing, event.sentence))

    @on(FieldBox.Picked)
    def _picked(self, event: FieldBox.Picked) -> None:
        event.stop()
        if self.editing:
            self.post_message(FieldWritten(self.editing, event.code, "filled"))

    @on(Input.Submitted, "#field-input")
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        field = self.editing
        if not field:
            return
        if not event.value.strip():
            # Nothing typed leaves what stands: a masked value was not in the box to begin with. 0 takes an answer away.
            self.stop_editing()
            self.post_message(self.Asked(self.next_field()))
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
            self._scroll()
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
        elif action == "why_case":
            self.post_message(WhyWanted())
        elif action == "free":
            self.post_message(FreeWanted())
        elif action in ("reveal", "reveal_caller"):
            self.post_message(RevealWanted(self.cursor if action == "reveal" else "caller.contact"))
        elif wanted := keyed(action, self.cursor, self.answers.get(self.cursor, FieldAnswer())):
            self.post_message(wanted)

    # Moving

    def action_step(self, by: int) -> None:
        if self.fields:
            at = self.fields.index(self.cursor) + by
            self.cursor = self.fields[min(max(at, 0), len(self.fields) - 1)]
            self._scroll()
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
        self._scroll()
        self._place_box()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def _scroll(self) -> None:
        height = max(self.size.height, 1)
        at = self.fields.index(self.cursor) if self.cursor in self.fields else 0
        self._top = min(max(self._top, at - height + 1, 0), max(at, 0))
        self._top = max(min(self._top, len(self.fields) - height), 0)

    def _place_box(self) -> None:
        if self.editing and self.editing in self.fields:
            box = self.query_one(FieldBox)
            left = label_width(self.fields, width=self.size.width) + INDENT
            box.styles.offset = (left, self.fields.index(self.editing) - self._top)
            box.styles.width = max(self.size.width - left, 8)

    # Drawing

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        at = y + self._top
        if at >= len(self.fields):
            return Strip.blank(width, self.rich_style)
        field = self.fields[at]
        answer = self.answers.get(field, FieldAnswer())
        base = plain = self.rich_style
        here = field == self.cursor
        if here and self.has_focus and not self.editing:
            base = self.get_component_rich_style("checklist--cursor")
        name = role(answer, following=field == self.next_field())
        style = base if base != plain or not name else base + self._role(name)
        head, value, state = field_row(
            field, answer,
            width=width, label=label_width(self.fields, width=width), here=here, editing=field == self.editing,
            required=field in self.required, seen=self.seen(field),
        )  # fmt: skip
        return Strip([Segment(head, style), Segment(value, base), Segment(state, style)]).adjust_cell_length(
            width, base
        )

    def _role(self, name: str) -> Style:
        return self.get_component_rich_style(f"checklist--{name}", partial=True)
