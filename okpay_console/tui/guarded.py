"""The guard of every text field: a secret does not stay in the box, not even while it is typed, and words are kept as drafts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from textual import on
from textual.timer import Timer
from textual.widgets import Input, TextArea

from ..domain import secret
from . import house
from .messages import SecretTyped

if TYPE_CHECKING:
    from textual.widget import Widget

    from .jotter import Slip

HESITATION: Final = 0.8
"""Seconds after which a number at the end of a sentence counts as finished: ``密码改过，300`` may still become 300 元."""

# What may follow a number that is still being typed: a date, a moment, an amount of money with its unit.
_GOING_ON: Final = re.compile(r"[-/.:：年月 ]?\Z")


def leaving(
    text: str, *, field: str | None, finished: bool, around: int | None = None
) -> tuple[str, tuple[secret.SecretKind, ...]]:
    """``text`` without the secrets in it, and their kinds; the other words stay.

    Unless the text is ``finished``, a number at its very end that only the words before it make a secret may grow into
    something harmless and stays for now. A card number is one whatever follows it. ``around`` looks near one place only.
    """
    kept: list[str] = []
    kinds: list[secret.SecretKind] = []
    place = 0
    for found in secret.find(text, field=field, around=around):
        if found.end <= place or (not finished and found.kind != "card" and _GOING_ON.fullmatch(text, found.end)):
            continue
        kept.append(text[place : max(place, found.start)])
        kinds.append(found.kind)
        place = found.end
    return "".join((*kept, text[place:])), tuple(kinds)


def refused(widget: Widget, kind: str, place: str) -> None:
    """Tells the screen, the agent and the audit log (``ConsoleApp``) that a secret was not kept."""
    widget.post_message(SecretTyped(kind, place, house.secret_words(kind)))


class GuardedInput(Input):
    """A line of text that holds no secret at any time; what else is in it is kept as a draft where it has a ``slip``.

    ``place`` names the box in audit logs, ``field`` is the checklist field that it is for. ``whole``: the box is for one
    value, so all of it goes with the secret; else the words around the secret stay. The whole text is looked at after
    every key, so a secret in two pieces is found as well.
    """

    place = ""
    field: str | None = None
    whole = False
    slip: Slip | None = None
    _pause: Timer | None = None

    def __init__(
        self,
        value: str = "",
        *,
        place: str,
        field: str | None = None,
        whole: bool = False,
        slip: Slip | None = None,
        **looks: Any,
    ) -> None:
        self.place, self.field, self.whole, self.slip = place, field, whole, slip
        if slip is not None:
            value = slip.read() or value
        super().__init__(value, **looks)

    def validate_value(self, value: str) -> str:
        """What the box takes over of a new value; nobody else has seen the secret then."""
        return self._without(value, finished=self.whole)

    async def action_submit(self) -> None:
        if self.settle():
            await super().action_submit()

    def settle(self) -> bool:
        """Judges the text as finished; False where something had to go."""
        before = self.value
        kept = self._without(before, finished=True)
        if kept != before:
            self.value = kept
        return kept == before

    def _without(self, value: str, *, finished: bool) -> str:
        if self._pause is not None:
            self._pause.stop()
            self._pause = None
        kept, kinds = leaving(value, field=self.field, finished=finished)
        for kind in dict.fromkeys(kinds):
            if self.is_attached:
                # Behind the message that tells of the new text: whoever hears that one clears the note beside the box.
                self.call_later(refused, self, kind, self.place)
        if kinds and self.whole:
            return ""
        if not finished and self.is_attached and secret.find(kept, field=self.field):
            self._pause = self.set_timer(HESITATION, self.settle)
        return kept

    @on(Input.Changed)
    def _jot(self) -> None:
        if self.slip is not None:
            self.slip.jot(self, self.value)

    @on(Input.Blurred)
    async def _left(self) -> None:
        self.settle()
        if self.slip is not None:
            await self.slip.keep()


class GuardedArea(TextArea):
    """Several lines of text under the same guard; undo does not bring a secret back."""

    place = ""
    _pause: Timer | None = None
    _looked = 0
    """Characters of the text that was looked at last."""

    def __init__(self, text: str = "", *, place: str, **looks: Any) -> None:
        super().__init__(text, **looks)
        self.place = place

    @on(TextArea.Changed)
    def _look(self) -> None:
        self.settle(finished=False)

    def settle(self, *, finished: bool = True) -> bool:
        """Takes secrets out of the text; False where there was one. ``finished`` as for ``leaving``."""
        if self._pause is not None:
            self._pause.stop()
            self._pause = None
        before = self.text
        # A key changes the text where the cursor is; a paste, a draft and an undo are looked at whole.
        keyed = not finished and abs(len(before) - self._looked) <= 1
        around = self._caret() if keyed else None
        kept, kinds = leaving(before, field=None, finished=finished, around=around)
        self._looked = len(kept)
        if kinds:
            row, column = self.cursor_location
            behind = "\n".join((before.split("\n")[row][column:], *before.split("\n")[row + 1 :]))
            self.load_text(kept)
            above = kept[: max(len(kept) - len(behind), 0)].split("\n")
            self.move_cursor((len(above) - 1, len(above[-1])))
            for kind in dict.fromkeys(kinds):
                refused(self, kind, self.place)
        elif not finished and secret.find(kept, around=around):
            self._pause = self.set_timer(HESITATION, self.settle)
        return not kinds

    def _caret(self) -> int:
        """Where in the text the cursor is."""
        row, column = self.cursor_location
        return sum(len(self.document.get_line(at)) + 1 for at in range(row)) + column
