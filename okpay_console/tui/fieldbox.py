"""The box in which one checklist field is written, and the digits that answer where the answers are fixed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual import events
from textual.message import Message

from .guarded import GuardedInput

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

    def on_key(self, event: events.Key) -> None:
        digit = DIGITS.get(event.character or "")
        if digit and not self.value and digit <= len(self.choices):
            event.stop()
            event.prevent_default()
            self.post_message(self.Picked(self.choices[digit - 1]))
