"""Today's notices: a list, and the chosen one in full below it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Label, Static

from ...content.interface import t
from ...domain.veil import veil
from ..notices import Notice, to_whom
from ..render import clean, cut, line
from ..when import told
from .ask import Choices, Dialog

_EXCERPT = 60


class NoticesDialog(Dialog):
    """``read`` acknowledges a notice and returns what stands against it, ""; then ``listed`` says what is left.

    Enter acknowledges only what stands below in full: a digit shows another one first.
    """

    BINDINGS: ClassVar[list[BindingType]] = [("right", "scroll(1)"), ("left", "scroll(-1)")]

    def __init__(
        self,
        *,
        listed: Callable[[], Sequence[Notice]],
        read: Callable[[Notice], Awaitable[str]],
        alarms: Sequence[str],
        now: Callable[[], datetime],
    ) -> None:
        super().__init__()
        self.listed = listed
        self.read = read
        self.alarms = alarms
        self.now = now
        self.notices = list(listed())
        self.shown = ""

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog wide"):
            yield Label("", id="notices-title", classes="heading", markup=False)
            if self.alarms:
                yield Label(t("floor.stand", words="  ".join(self.alarms)), classes="note", markup=False)
            yield Choices(self._options(), id="notices")
            with VerticalScroll(can_focus=False):
                yield Static("", id="notice", markup=False)
            yield Label("", id="dialog-note", classes="note", markup=False)
            yield Label(t("notice.hint"), classes="hint", markup=False)

    def on_mount(self) -> None:
        self._show()

    def _options(self) -> list[tuple[str, str]]:
        return [(one.line.uuid, self._row(one)) for one in self.notices]

    def _row(self, notice: Notice) -> str:
        mark = "  " if notice.read else t("notice.unread")
        at = told(notice.line.at, now=self.now())
        return f"{mark} {at} {line(notice.line.by)}: {cut(line(veil(notice.line.words[:_EXCERPT])), _EXCERPT)}"

    def _show(self, note: str = "") -> None:
        """Puts the chosen notice below the list."""
        unread = sum(not one.read for one in self.notices)
        self.query_one("#notices-title", Label).update(t("notice.title", count=len(self.notices), unread=unread))
        code = self.query_one(Choices).code
        one = next((one.line for one in self.notices if one.line.uuid == code), None)
        self.shown = code
        if one is not None:
            head = t("notice.head", who=line(one.by), to=to_whom(one), at=told(one.at, now=self.now()))
            self.query_one("#notice", Static).update(f"{head}\n\n{clean(veil(one.words), emoji=t('queue.emoji'))}")
            self.query_one(VerticalScroll).scroll_home(animate=False)
        self.query_one("#dialog-note", Label).update(note)

    @on(Choices.Moved)
    def _moved(self) -> None:
        self._show()

    @on(Choices.Chosen)
    async def _chosen(self, event: Choices.Chosen) -> None:
        if event.code != self.shown:
            self._show()
            return
        one = next((one for one in self.notices if one.line.uuid == event.code), None)
        if one is None or one.read:
            self.dismiss(None)
            return
        if refused := await self.read(one):
            self._show(refused)
            return
        self.notices = list(self.listed())
        following = next((other.line.uuid for other in self.notices if not other.read), "")
        if not following:
            self.dismiss(None)
            return
        self.query_one(Choices).show(self._options(), start=following)
        self._show()

    def action_scroll(self, by: int) -> None:
        scroll = self.query_one(VerticalScroll)
        scroll.scroll_relative(y=by * max(scroll.size.height - 1, 1), animate=False)
