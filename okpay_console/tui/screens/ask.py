"""Small questions put over the desk: choose one of a list, or write a line. Each returns its answer, None for none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.geometry import Size
from textual.message import Message
from textual.screen import ModalScreen
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import Input, Label

from ...content.interface import t
from ..fieldbox import DIGITS
from ..guarded import GuardedInput
from ..jotter import Slip
from ..messages import SecretTyped
from ..render import clean, fit, line


class Choices(ScrollView, can_focus=True):
    """A list of (code, words) with a cursor; digits choose the first nine at once.

    The cursor begins on ``start``; where that is None on nothing, and then Enter alone chooses nothing.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"choices--cursor"}
    BINDINGS: ClassVar[list[BindingType]] = [
        ("up", "move(-1)"),
        ("down", "move(1)"),
        ("pageup", "move(-8)"),
        ("pagedown", "move(8)"),
        ("home", "move(-999)"),
        ("end", "move(999)"),
        ("enter", "choose"),
        ("space", "choose"),
        *[(str(digit), f"digit({digit})") for digit in range(1, 10)],
    ]

    class Moved(Message):
        """The cursor is on another option."""

    class Chosen(Message):
        def __init__(self, code: str) -> None:
            super().__init__()
            self.code = code

    def __init__(self, options: Sequence[tuple[str, str]], *, start: str | None = "", id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.options = list(options)
        codes = [code for code, _ in self.options]
        self.at = codes.index(start) if start in codes else (-1 if start is None else 0)
        self.virtual_size = Size(10, len(self.options))

    @property
    def code(self) -> str:
        return self.options[self.at][0] if self.options and self.at >= 0 else ""

    def show(self, options: Sequence[tuple[str, str]], *, start: str = "") -> None:
        """Other options in the place of these; the cursor stays on its code where that is still among them."""
        here = start or self.code
        self.options = list(options)
        codes = [code for code, _ in self.options]
        self.at = codes.index(here) if here in codes else 0
        self.virtual_size = Size(10, len(self.options))
        self._reveal()
        self.refresh()

    def on_mount(self) -> None:
        self.styles.height = min(len(self.options), 15)
        self.call_after_refresh(self._reveal)

    def action_move(self, by: int) -> None:
        self.at = min(max(self.at + by, 0), len(self.options) - 1)
        self._reveal()
        self.refresh()
        self.post_message(self.Moved())

    def action_choose(self) -> None:
        if self.code:
            self.post_message(self.Chosen(self.code))

    def action_digit(self, digit: int) -> None:
        if digit <= len(self.options):
            self.at = digit - 1
            self.refresh()
            self.action_choose()

    def on_key(self, event: events.Key) -> None:
        """The digits of a Chinese input method are digits too."""
        digit = DIGITS.get(event.character or "")
        if digit and event.character != str(digit):
            event.stop()
            self.action_digit(digit)

    def on_click(self, event: events.Click) -> None:
        at = event.y + self.scroll_offset.y
        if 0 <= at < len(self.options):
            again = at == self.at
            self.at = at
            self.refresh()
            if again:
                self.action_choose()

    def _reveal(self) -> None:
        if self.at < 0:
            return
        top, height = self.scroll_offset.y, max(self.size.height, 1)
        if self.at < top:
            self.scroll_to(y=self.at, animate=False, force=True, immediate=True)
        elif self.at >= top + height:
            self.scroll_to(y=self.at - height + 1, animate=False, force=True, immediate=True)

    def render_line(self, y: int) -> Strip:
        at = y + self.scroll_offset.y
        width = self.size.width
        if at >= len(self.options):
            return Strip.blank(width, self.rich_style)
        here = at == self.at
        style = self.get_component_rich_style("choices--cursor") if here else self.rich_style
        digit = str(at + 1) if at < 9 else " "
        return Strip([Segment(fit(f"{'>' if here else ' '} {digit} {line(self.options[at][1])}", width), style)], width)


class Dialog(ModalScreen[object]):
    """What every question over the desk shares: Escape leaves it without an answer."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "leave")]

    def action_leave(self) -> None:
        self.dismiss(None)

    @on(SecretTyped)
    def _secret(self, event: SecretTyped) -> None:
        for note in self.query("#dialog-note").results(Label):
            note.update(event.sentence)
            event.said = True


class Typed(NamedTuple):
    """The first letters of words of one's own, typed where a list was offered."""

    words: str


class Choose(Dialog):
    """One of a list; returns its code.

    ``start``: the code under the cursor at first, None for no code. ``typing``: whoever types or pastes words in place of
    choosing gets ``Typed`` with them, so that no Enter behind those words takes what stood under the cursor.
    """

    def __init__(
        self, title: str, options: Sequence[tuple[str, str]], *, start: str | None = "", typing: bool = False
    ) -> None:
        super().__init__()
        self.typing = typing
        self.heading = title
        self.options = options
        self.start = start

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Label(clean(self.heading), classes="heading", markup=False)
            yield Choices(self.options, start=self.start)
            yield Label(t("dialog.choose"), classes="hint", markup=False)

    @on(Choices.Chosen)
    def _chosen(self, event: Choices.Chosen) -> None:
        self.dismiss(event.code)

    def on_key(self, event: events.Key) -> None:
        letter = (event.character or "").strip() if event.is_printable else ""
        # The digits are the list's own.
        if self.typing and letter and letter not in DIGITS:
            event.stop()
            self.dismiss(Typed(letter))

    def on_paste(self, event: events.Paste) -> None:
        if self.typing and (words := " ".join(event.text.split())):
            event.stop()
            self.dismiss(Typed(words))


class Write(Dialog):
    """One line of text; ``check`` returns a sentence where it cannot stand, and the words stay in the box.

    ``slip`` is where the words are kept while they are written; whoever uses the answer lets that draft go.
    """

    def __init__(
        self,
        title: str,
        *,
        text: str = "",
        about: str = "",
        check: Callable[[str], str] = lambda _: "",
        empty: bool = False,
        slip: Slip | None = None,
    ) -> None:
        super().__init__()
        self.heading = title
        self.text = text
        self.slip = slip
        self.about = about
        self.check = check
        self.empty = empty

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Label(clean(self.heading), classes="heading", markup=False)
            if self.about:
                yield Label(clean(self.about), markup=False)
            yield GuardedInput(self.text, place="dialog", slip=self.slip, select_on_focus=False)
            yield Label("", id="dialog-note", classes="note", markup=False)
            yield Label(t("dialog.write"), classes="hint", markup=False)

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        words = event.value.strip()
        note = self.check(words) if words else ("" if self.empty else t("dialog.empty"))
        if note:
            self.query_one("#dialog-note", Label).update(note)
        else:
            self.dismiss(words)
