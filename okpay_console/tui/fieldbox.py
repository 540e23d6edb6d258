"""The box in which one checklist field is written, and the digits that answer where the answers are fixed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual import events
from textual.message import Message
from textual.widgets import Input

from ..domain.ticket import FieldAnswer
from . import house
from .fieldwords import is_masked, value_words
from .guarded import GuardedInput
from .jotter import Slip

DIGITS: Final = {
    **{str(digit): digit for digit in range(1, 10)},
    **{chr(0xFF10 + digit): digit for digit in range(1, 10)},
}
"""1 to 9 as a terminal sends them, and as a Chinese input method may."""


class FieldBox(GuardedInput):
    """The box of the field under the cursor; where a field has fixed answers, their digit answers at once."""

    choices: Sequence[str] = ()

    class Picked(Message):
        def __init__(self, code: str) -> None:
            super().__init__()
            self.code = code

    def begin(self, field: str, answer: FieldAnswer, *, slip: Slip | None, seen: int) -> None:
        """Writes this field: the words of ``slip``, else what stands, unless a mask is before it or digits choose it."""
        self.field, self.slip, self.whole = field, slip, not house.is_text(field)
        self.choices = [code for code, _ in house.choice_words(field)]
        masked = is_masked(field, answer.value, seen=seen)
        shown = "" if self.choices or masked else house.value_words(field, answer.value)
        with self.prevent(Input.Changed):
            self.value = (slip.read() if slip is not None else "") or shown
        self.cursor_position = len(self.value)
        self.placeholder = value_words(field, answer, seen=seen)

    def end(self) -> None:
        """Nothing is written any more; the words that were typed stay in their slip."""
        self.slip = None
        with self.prevent(Input.Changed):
            self.value = ""

    def on_key(self, event: events.Key) -> None:
        digit = DIGITS.get(event.character or "")
        if digit and not self.value and digit <= len(self.choices):
            event.stop()
            event.prevent_default()
            self.post_message(self.Picked(self.choices[digit - 1]))
