"""The agent's desk: queue, case and canned answers side by side, or one at a time where the screen is small."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.geometry import Offset
from textual.screen import Screen
from textual.widget import Widget

from ...content.interface import t
from .. import keys, messages
from ..desk_model import Changed, Desk, Start
from ..messages import Level
from ..panes.queue import TicketTable
from ..panes.status import Clock, KeyBar, MessageBar, PaneBar, StatusLine
from ..panes.viewbar import ViewBar
from ..queue_model import QueueModel
from .parts import DeskParts

if TYPE_CHECKING:
    from ..gate import KeyGate


class DeskScreen(DeskParts, Screen[None]):
    """Puts the panes together and passes their wishes on. ``attach`` brings the desk, after the first frame.

    What the first frame does not need is in parts of its own, loaded when first used: see ``DeskParts``.
    """

    BINDINGS = [*keys.bindings("desk"), ("question_mark,？", "key('help')"), ("escape", "calm")]  # noqa: RUF012

    def __init__(self, start: Start, *, gate: KeyGate) -> None:
        super().__init__(classes="face-queue left-queue")
        self.start = start
        self.gate = gate
        self.now = start.now
        self.desk: Desk | None = None
        self.model = QueueModel(me=start.me)
        self.model.replace(start.rows)
        self.model.take_in(now=self.now())
        self.face = "queue"
        self.status_line = StatusLine(id="status")
        self.clock = Clock(id="clock")
        self.view_bar = ViewBar(id="views")
        self.pane_bar = PaneBar(id="panes")
        self.message_bar = MessageBar(id="messages")
        self.key_bar = KeyBar(id="keys")

    def compose(self) -> ComposeResult:
        # Only what the first frame draws: each widget costs milliseconds of it. The others come with ``attach``.
        self.status_line.me = self.start.me
        self.view_bar.counts = self.start.counts
        with Horizontal(id="top"):
            yield self.status_line
            yield self.clock
        yield self.view_bar
        with Horizontal(id="body"), Vertical(id="left"):
            yield TicketTable(self.model, now=self.now, id="queue")
        yield self.message_bar
        yield self.key_bar
        if self.has_class("-tiny"):
            from ..panes.too_small import TooSmall

            yield TooSmall()

    def on_mount(self) -> None:
        self.key_bar.show(("desk", "queue"), self._keys)
        self.show_status()
        # The input method's window follows the terminal's cursor, which must move when the layout does.
        self.screen_layout_refresh_signal.subscribe(self, self._anchor)

    @property
    def _keys(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = getattr(self.app, "keys", {})
        return found

    def bound(self, action: str) -> str:
        """The key of an action as this console has it, as people write it."""
        return keys.bound(self.app, action)

    async def attach(self, desk: Desk) -> None:
        """The real desk is here: mounts the case pane, takes the rows in, and keeps the cursor's ticket."""
        from ..panes.too_small import TooSmall

        self.desk = desk
        self.model.me = self.status_line.me = desk.me
        self.query_one(TicketTable).pending = desk.pending_ids
        if not self.query(TooSmall):
            await self.mount(TooSmall())
        await self.query_one("#top").mount(self.phone.cell, before=self.clock)
        await self.mount(self.pane_bar, before=self.view_bar)
        await self.query_one("#body").mount(Vertical(self.opened.pane, id="right"))
        await self.live.begin()
        await self.phone.begin()
        if self.has_class("-wide"):
            await self.answers.pane()
        self.live.tick()

    def changed(self, change: Changed) -> None:
        """The engine's listener."""
        self.live.changed(change)

    def settled(self, ticket: str) -> None:
        """The agent did something to a ticket: shown at once."""
        self.live.settled(ticket)

    async def keep(self) -> None:
        """Keeps what is written and not yet kept; works after the widgets have gone, whoever ended the console."""
        if "opened" in self.__dict__:
            await self.opened.pane.keep()
        if "acts" in self.__dict__:
            await self.acts.jotter.keep()

    def on_screen_suspend(self) -> None:
        # Another screen is in front: whoever passes by must not read a number that nobody looks at.
        if "opened" in self.__dict__:
            self.opened.pane.cover()

    # Saying and asking

    def say(self, text: str, level: Level = "info") -> None:
        self.message_bar.say(text, level)

    def alarm(self, text: str) -> None:
        """Says what must not be overlooked: it stays, whatever else is said, until Escape acknowledges it."""
        self.message_bar.alarm(text)

    def front(self, screen: Screen[Any]) -> None:
        """Puts a screen over the desk; keys typed meanwhile wait for it."""
        self.app.push_screen(screen)
        self.gate.open_with(screen)

    async def ask(self, screen: Screen[Any]) -> Any:
        """Puts a question over the desk and returns its answer."""
        answered = self.app.push_screen(screen, wait_for_dismiss=True)
        self.gate.open_with(screen)
        answer = await answered
        if answer is not None:
            # What is typed behind the answer is meant for what comes of it; whoever started the asking opens again.
            self.gate.shut()
        return answer

    def action_calm(self) -> None:
        """Escape: what was said is read; a filter is let go."""
        self.message_bar.acknowledge()
        if self.desk is not None:
            self.alarms.acknowledge()
        if self.model.words or self.model.narrowed:
            self.commands.let_go()
        self.focus_queue()

    def action_key(self, action: str) -> None:
        """Every action of the key table that concerns the desk as a whole."""
        if self.focused is None:
            self.commands.run(action)
        else:
            # A click overtakes letters that are still on their way to the focused pane: it waits behind them.
            self.focused.call_later(self.commands.run, action)

    # Showing

    def show_views(self, counts: Any = None) -> None:
        """The views' bar as things stand; ``counts`` where they were counted anew."""
        bar = self.view_bar
        bar.show(
            counts=bar.counts if counts is None else counts,
            view=self.model.view if not self.model.narrowed else None,
            words=self.model.words + (self.commands.about_search if self.model.words else ""),
            fresh=len(self.model.fresh),
        )

    def show_status(self) -> None:
        line = self.status_line
        if self.desk is not None:
            line.status = self.desk.status()
        line.show(self.now(), typing=self.typing)

    def show_ticket(self, ticket: str, *, focus: bool = True) -> bool:
        """Opens a ticket in the case pane; False where there is nothing to show yet."""
        if self.desk is None:
            self.say(t("act.not_ready"), "warn")
            return False
        return self.opened.show(ticket, focus=focus)

    # Focus and faces

    @property
    def typing(self) -> bool:
        """Whether an input method may be writing; asks for what text fields have, since they are imported when needed."""
        return hasattr(self.app.focused, "cursor_screen_offset")

    def on_descendant_focus(self) -> None:
        self.key_bar.show(self.scopes(), self._keys)
        pane = self.pane_of(self.focused)
        if pane:
            self.show_face(pane)

    def scopes(self) -> list[keys.Scope]:
        """Which of the key table's scopes count where the focus is."""
        focused = self.focused
        named: dict[str, keys.Scope] = {
            "queue": "queue", "checklist": "checklist", "composer-text": "composer", "answers-reader": "answers",
        }  # fmt: skip
        scope = named.get(focused.id or "") if focused is not None else None
        return ["desk", scope] if scope else ["desk"]

    @staticmethod
    def pane_of(widget: Widget | None) -> str:
        """The face that a widget belongs to; "" for one outside of them."""
        for node in widget.ancestors_with_self if widget is not None else ():
            if node.id in ("left", "right", "answers"):
                return {"left": "queue", "right": "case", "answers": "answers"}[node.id]
        return ""

    def show_face(self, face: str) -> None:
        """Brings a pane into sight: on a small screen alone, else in the left half where it is not the case."""
        self.face = face
        shown = {f"face-{name}": name == face for name in ("queue", "case", "answers")}
        if face != "case":
            shown |= {f"left-{name}": name == face for name in ("queue", "answers")}
        before = self.classes
        self.update_classes(shown, update=False)
        if self.classes != before:
            # The faces decide about the views' bar and the halves alone: working out everybody's style would take longer than
            # all else that opens a case.
            self.app.stylesheet.update_nodes([self.view_bar, *self.query_one("#body").children])
        self.pane_bar.show(face)

    def focus_queue(self) -> None:
        self.show_face("queue")
        self.query_one(TicketTable).focus()

    def _anchor(self, _: object) -> None:
        if self.typing:
            focused: Any = self.app.focused
            self.app.cursor_position = Offset(*focused.cursor_screen_offset)

    # What the panes say is heard elsewhere; only Textual's own dispatch is here

    @on(messages.QueueMoved)
    def _moved(self) -> None:
        self.show_views()

    @on(messages.TicketOpened)
    def _opened(self, event: messages.TicketOpened) -> None:
        self.show_ticket(event.ticket, focus=not event.stay)

    @on(TicketTable.Wanted)
    def _wanted(self, event: TicketTable.Wanted) -> None:
        self.action_key(event.action)

    @on(messages.PaneMessage)
    async def _said(self, event: messages.PaneMessage) -> None:
        await self.hearing.hear(event)
