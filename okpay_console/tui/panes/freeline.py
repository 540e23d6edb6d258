"""The free line: details typed in any order, as the caller says them, with the field that each of them is for."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, Label

from ...content.interface import t
from ...domain import privacy
from ...domain.gleaning import Proposal, leftover
from .. import house
from ..fieldbox import DIGITS
from ..guarded import GuardedInput
from ..jotter import Slip
from ..messages import FreeLeft, FreeNoted, Gleaned, SecretTyped
from ..render import cut, line, wrap

_ZONE = re.compile(r"(?<=\d)[+-]\d\d:\d\d$")
"""The end of a kept moment, which nobody says on the phone."""

TALL = 30
"""Rows from which a terminal has room for more than two lines of proposals."""


class FreeBox(GuardedInput):
    """The line itself. While one of several fields is to be chosen, digits choose instead of being typed."""

    choosing = False

    class Chosen(Message):
        def __init__(self, digit: int) -> None:
            super().__init__()
            self.digit = digit

    def on_key(self, event: events.Key) -> None:
        digit = DIGITS.get(event.character or "")
        if self.choosing and digit:
            event.stop()
            event.prevent_default()
            self.post_message(self.Chosen(digit))


class FreeLine(Vertical):
    """Enter keeps every good detail at once; what fits no field stays in the line, and the next Enter makes it a note."""

    def __init__(self, *, propose: Callable[[str], Sequence[Proposal]], id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.propose = propose
        self.found: list[Proposal] = []
        self.chosen: dict[int, str] = {}
        self.note = ""
        self._warned = ""
        self._going = ""

    def compose(self) -> ComposeResult:
        yield FreeBox(place="free-line", id="free-input", compact=True, select_on_focus=False)
        yield Label("", id="free-words", markup=False)

    @property
    def box(self) -> FreeBox:
        return self.query_one(FreeBox)

    def open(self, slip: Slip) -> None:
        """Shows the line with the words that are kept for this ticket."""
        box = self.box
        if box.slip is None or box.slip.ticket != slip.ticket:
            box.slip = slip
            with box.prevent(Input.Changed):
                box.value = slip.read()
            self._look()
        box.cursor_position = len(box.value)
        self.display = True
        box.focus()

    def shut(self) -> None:
        """Another case is shown: its words stay with the case that they belong to."""
        box = self.box
        box.slip = None
        with box.prevent(Input.Changed):
            box.value = ""
        self._look()
        self.display = False

    def taken(self, rest: str) -> None:
        """The details are on the disk: only the other words stay, with what was typed meanwhile behind them."""
        box = self.box
        since = box.value.removeprefix(self._going) if box.value.startswith(self._going) else ""
        self._going = ""
        box.value = rest + since
        box.cursor_position = len(box.value)
        self._look()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.note = ""
        self._look()

    @on(SecretTyped)
    def _secret(self, event: SecretTyped) -> None:
        event.said = True
        self.note = event.sentence
        self._show()

    @on(FreeBox.Chosen)
    def _chose(self, event: FreeBox.Chosen) -> None:
        event.stop()
        open_one = self._unsure()
        if open_one is None:
            return
        at, ways = open_one
        if event.digit <= len(ways):
            self.chosen[at] = ways[event.digit - 1]
            if self._unsure() is None:
                self._keep()
            else:
                self._show()

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        text = self.box.value
        if not text.strip():
            self.post_message(FreeLeft(onward=True))
        elif not any(one.ok for one in self.found):
            self._left_over(text)
        elif self._unsure() is not None:
            self.box.choosing = True
            self._show()
        else:
            self._keep()

    def _left_over(self, text: str) -> None:
        wrong = next((one for one in self.found if not one.ok and one.note_code), None)
        if wrong is not None and self._warned != text:
            self._warned = text
            self.note = t("free.wrong", text=line(wrong.text), note=house.note_words(wrong.note_code))
            self._show()
        else:
            self._going = text
            self.post_message(FreeNoted(text.strip()))

    def _keep(self) -> None:
        self.box.choosing = False
        good = [one for one in self.found if one.ok]
        details = tuple(
            (one.field, one.text, one.value) if (field := self.chosen.get(one.start, one.field)) == one.field
            else (field, one.text, "")
            for one in good
        )  # fmt: skip
        self._going = self.box.value
        self.post_message(Gleaned(details, leftover(self.box.value, good)))

    def _unsure(self) -> tuple[int, list[str]] | None:
        """The first piece that fits several fields and has none yet, with those that nothing else has taken."""
        taken = {
            self.chosen.get(one.start, one.field) for one in self.found if one.start in self.chosen or not one.others
        }
        for one in self.found:
            if one.ok and one.others and one.start not in self.chosen:
                ways = [field for field in dict.fromkeys((one.field, *one.others)) if field not in taken]
                if len(ways) > 1:
                    return one.start, ways[:9]
        return None

    def on_key(self, event: events.Key) -> None:
        if event.key == "escape":
            event.stop()
            if self.box.choosing:
                self.box.choosing = False
                self._show()
            else:
                self.display = False
                self.post_message(FreeLeft())
        elif event.key in ("up", "down"):
            event.stop()

    def _look(self) -> None:
        self.box.choosing = False
        self.chosen.clear()
        text = self.box.value
        self.found = [one for one in self.propose(text) if one.field] if text.strip() else []
        self._show()

    @property
    def _room(self) -> int:
        """Lines for the words: two where the terminal is short."""
        return 2 if self.screen.size.height < TALL else 4

    def on_resize(self) -> None:
        self._show()

    def _show(self) -> None:
        width = max(self.size.width - 2, 8)
        unsure = self._unsure() if self.box.choosing else None
        if self.note:
            lines = wrap(self.note, width)
        elif unsure is not None:
            at, ways = unsure
            piece = next(one for one in self.found if one.start == at)
            fields = "  ".join(f"{number} {house.field_label(field)}" for number, field in enumerate(ways, 1))
            lines = wrap(t("free.which", text=line(piece.text), fields=fields), width)
        elif not self.box.value.strip():
            lines = wrap(t("free.hint"), width)
        else:
            lines = wrap(self._words(), width)
        self.query_one("#free-words", Label).update("\n".join(cut(one, width) for one in lines[: self._room]))

    def _words(self) -> str:
        # What needs a second look stands first: there may not be room for all of it.
        said = [self._piece(one) for one in sorted(self.found, key=lambda one: one.ok and not one.had)]
        good = [one for one in self.found if one.ok]
        rest = leftover(self.box.value, good)
        if rest and good:
            said.append(t("free.rest", text=line(rest)))
        elif not self.found:
            said.append(t("free.nothing"))
        return "  ".join(said)

    def _piece(self, one: Proposal) -> str:
        field = self.chosen.get(one.start, one.field)
        label = house.field_label(field)
        if not one.ok:
            return t("free.wrong", text=line(one.text), note=house.note_words(one.note_code) or label)
        value = _ZONE.sub("", line(privacy.mask(field, house.value_words(field, one.value))))
        if one.others and one.start not in self.chosen:
            label += "?"
        words = t("free.fits", value=value, field=label)
        return words + (
            t("free.instead", had=line(privacy.mask(field, house.value_words(field, one.had)))) if one.had else ""
        )
