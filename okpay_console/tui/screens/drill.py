"""The list behind a number of the wall: what was counted stays what it was, and the levers are beside it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from ...content.interface import t
from ...domain.bulk import Lever
from ..desk_model import Desk
from ..drilled import Present, heads, kind_of
from ..levers import Levers
from ..listing import Listing
from ..panes.drilllist import DrillList
from ..panes.status import KeyBar, link_words
from ..undoing import undo
from ..when import local
from .overwall import OverWall

_LEVERS: Final[dict[str, Lever]] = {"all_assign": "assign", "all_priority": "priority", "all_queue": "queue"}


class DrillScreen(OverWall[list[str] | None]):
    """Returns None to go back to the wall, or the tickets to be worked on at the desk; one alone is to be opened there."""

    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, desk: Desk, listing: Listing, *, now: Callable[[], datetime]) -> None:
        super().__init__(desk, now=now)
        self.listing = listing
        self._desk = desk

    def compose(self) -> ComposeResult:
        for name in ("top", "parts", "head"):
            yield Static("", id=f"drill-{name}", markup=False)
        yield DrillList(lambda at, width: self.listing.draw(at, width, self._desk.rows()), self.listing.is_marked)
        yield Static("", id="drill-sent", markup=False)
        yield self.message_bar
        bar = KeyBar(id="drill-keys")
        bar.scopes = ("drill",)
        yield bar

    def on_mount(self) -> None:
        self.begin()
        self.levers = Levers(self.acts)
        self.query_one(KeyBar).show(("drill",), self._app.keys)
        self.query_one(DrillList).focus()
        self.run_worker(self._read(), group="list")
        self.set_interval(1.0, self.tick)

    @property
    def cursor(self) -> int:
        return self.query_one(DrillList).at

    # Showing

    async def _read(self) -> None:
        async for part, number in self.listing.read():
            if self.listing.count(part) is None:
                self._show_top(t("drill.reading", count=number))
            elif part == self.listing.part:
                self._show_part()
            else:
                self._show_heads()

    def _show_part(self) -> None:
        self.query_one(DrillList).show(len(self.listing.lines))
        self.tick()

    def tick(self) -> None:
        """A second went by: which lines have changed since they were counted, and what became of the last change."""
        if self.listing.look(self._desk.rows()):
            self.query_one(DrillList).refresh()
        self._show_top()
        self._show_heads()
        sent = self.levers.sent
        self._update(
            "#drill-sent",
            Content(" " + sent.words(self._desk, tray=self.bound("drill_reviews")) if sent is not None else ""),
        )

    def _show_top(self, reading: str = "") -> None:
        counted = self.listing.counted
        link, role = link_words(self._desk.status(), self.now())
        at = t("drill.as_of", at=local(counted.as_of).strftime("%H:%M:%S"))
        parts = (t("drill.title", what=f"{counted.words} {counted.value}"), counted.note, at, reading)
        self._update("#drill-top", Content(" " + "  ".join(filter(None, (*parts, link if role != "calm" else "")))))

    def _show_heads(self) -> None:
        listing = self.listing
        shown: list[tuple[str, str]] = []
        for place, part in enumerate(listing.parts):
            count = listing.count(place)
            words = part.words + ("" if count is None else f" {count}")
            here = place == listing.part
            shown.append((f"[{words}]" if here else f" {words} ", "bold $text-primary" if here else "$dim"))
        extra = [t("drill.changed", count=len(listing.changed))] if listing.changed else []
        extra += [t("drill.marked", count=len(listing.marked))] if listing.marked else []
        shown.append(("  " + "  ".join(extra), "$text-warning"))
        self._update("#drill-parts", Content.assemble(" ", *shown))
        head = heads(kind_of(listing.lines), max(self.size.width - 3, 10)) if listing.lines else ""
        if listing.count(listing.part) == 0:
            head = t("drill.empty")
        self._update("#drill-head", Content("  " + head))

    def _update(self, name: str, content: Content) -> None:
        found = self.query_one(name, Static)
        if found.content != content:
            found.update(content)

    # Keys

    def action_key(self, action: str) -> None:
        listing = self.listing
        match action:
            case "drill_back":
                if not self.acknowledged():
                    self.dismiss(None)
            case "part_next" | "part_before":
                listing.turn(1 if action == "part_next" else -1)
                self._show_part()
            case "mark" | "mark_all" | "mark_none":
                self._mark(action)
            case "drill_desk" if found := listing.tickets():
                self.dismiss(found)
            case "drill_open" | "follow" if ticket := self._ticket():
                if action == "follow":
                    self._follow(ticket)
                else:
                    self.dismiss([ticket])
            case "drill_quit":
                self.app.exit()
            case "drill_help":
                from .help import HelpScreen

                self.app.push_screen(HelpScreen(["drill"]))
            case "drill_desk" | "drill_open" | "follow":
                self.say(t("drill.no_ticket"), "warn")
            case _:
                self.work(self._do(action), opens=action != "drill_undo")

    def _ticket(self) -> str:
        return self.listing.lines[self.cursor].ticket if self.cursor < len(self.listing.lines) else ""

    def _mark(self, action: str) -> None:
        if action == "mark_all":
            self.listing.mark_all()
        elif action == "mark_none":
            self.listing.marked = set()
        elif self.listing.mark(self.cursor):
            self.query_one(DrillList).action_move(1)
        else:
            self.say(t("drill.no_ticket"), "warn")
        self._marks_changed()

    def _marks_changed(self) -> None:
        self.query_one(DrillList).refresh()
        self._show_heads()

    def _follow(self, ticket: str) -> None:
        from .follow import FollowScreen

        if self._desk.view(ticket).ticket is None:
            self.say(t("drill.gone"), "warn")
            return
        screen = FollowScreen(self._desk, ticket, now=self.now)
        self._gate.shut()
        self.app.push_screen(screen, self._followed)
        self._gate.open_with(screen)

    def _followed(self, ticket: str | None) -> None:
        if ticket:
            self.dismiss([ticket])

    async def _do(self, action: str) -> None:
        line = self.listing.lines[self.cursor] if self.cursor < len(self.listing.lines) else None
        row = self._desk.rows().get(line.ticket) if line is not None else None
        if action in _LEVERS:
            done = await self.levers.change_all(_LEVERS[action], self.listing.targets(self.cursor))
            # Those that stayed as they are stay marked, so that they can be looked at.
            self.listing.marked -= set(done)
            self._marks_changed()
        elif action == "tell_agent" and line is not None:
            holder = (row.assignee or "") if row is not None else ""
            await self.levers.note(line.name if isinstance(line, Present) else holder, line.ticket)
        elif action == "broadcast":
            await self.levers.broadcast(self.listing.counted.queue or (row.queue if row is not None else ""))
        elif action == "drill_undo":
            await undo(self.acts)
            # What it came to is another matter now; the sentence above says which.
            self.levers.sent = None
        elif action == "drill_reviews":
            from .reviews import ReviewsScreen

            await self.ask(ReviewsScreen(self._desk, self.acts))
        self.tick()

    @on(DrillList.Moved)
    def _cursor_moved(self) -> None:
        # What was said against a key is about another line.
        if self.message_bar.level == "warn" and self.message_bar.text:
            self.say("")
