"""The desk's keys and what they set going; loaded with the first of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...content.interface import lang, t, use
from ...domain.queue import VIEWS
from ..panes.queue import TicketTable

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from .desk import DeskScreen

_ACTS = frozenset({"claim", "release", "close", "reopen", "category", "priority", "promise", "settle", "assign"})
_ASKS = frozenset({"close", "reopen", "category", "priority", "promise", "settle", "assign"})
"""The acts that put a question over the desk: what is typed behind such a key is meant for the question."""

_BARE = frozenset({"find", "filter", "fresh", "show_queue", "language", "help", "palette", "quit"})
"""What works before the desk has opened, on the rows of the first frame."""


class Commands:
    """Runs the actions of the key table that concern one desk as a whole."""

    def __init__(self, screen: DeskScreen) -> None:
        self.screen = screen

    def run(self, action: str) -> None:
        screen = self.screen
        if screen.desk is None and action not in _BARE and not action.startswith("view_"):
            screen.say(t("act.not_ready"), "warn")
        elif action.startswith("view_"):
            self.choose(action.removeprefix("view_"))
        elif action in _ACTS:
            ticket = screen.opened.target()
            if ticket:
                self._work(screen.acts.run(action, ticket), group="acts", opens=action in _ASKS)
            else:
                screen.say(t("act.choose_first"), "warn")
        elif action in ("next", "new", "owed"):
            deed = {"next": screen.acts.next, "new": screen.acts.new, "owed": screen.acts.owed}[action]
            self._work(deed(), group=action, opens=action != "next")
        elif action in ("note", "reply"):
            if screen.opened.target():
                screen.show_face("case")
                screen.opened.pane.compose_words("note" if action == "note" else "reply")
        elif action == "answers":
            self._work(screen.answers.open(), group="answers", opens=True)
        elif action in ("find", "filter"):
            self._work(self._find(), group="find", opens=True)
        elif action == "fresh":
            screen.model.take_in(now=screen.now())
            screen.query_one(TicketTable).show_list()
            screen.live.count(at_once=True)
        elif action == "show_queue":
            screen.show_face("queue")
            screen.query_one(TicketTable).focus()
        elif action == "ask":
            screen.opened.ask_next()
        elif action == "language":
            self._speak("en" if lang() == "zh" else "zh")
        else:
            self._work(self._elsewhere(action), group="screens", opens=True)

    def _work(self, deed: Awaitable[object], *, group: str, opens: bool) -> None:
        """Starts what takes time. ``opens``: the keys that follow wait until what it opens has the focus."""
        gate = self.screen.gate

        async def through() -> None:
            try:
                await deed
            finally:
                if opens and self.screen.is_current:
                    gate.open()

        if opens:
            gate.shut()
        self.screen.run_worker(through(), group=group, exclusive=group != "acts")

    async def _elsewhere(self, action: str) -> None:
        screen = self.screen
        if action == "help":
            from .help import HelpScreen

            screen.front(HelpScreen(screen.scopes()))
        elif action == "palette":
            from .palette import palette

            screen.front(palette())
        elif action == "board":
            from .wall import WallScreen

            if screen.desk is not None:
                shown = await screen.ask(WallScreen(screen.desk, now=screen.now))
                if shown:
                    self.show_only(shown)
        elif action == "reviews":
            from .reviews import ReviewsScreen

            if screen.desk is not None:
                await screen.ask(ReviewsScreen(screen.desk, screen.acts))
                screen.show_status()
                screen.opened.refresh()
        elif action == "quit":
            screen.app.exit()

    # The list

    def choose(self, view: str) -> None:
        """Lists another view of the queue, from its top."""
        screen = self.screen
        for name in VIEWS:
            if name == view:
                screen.model.choose(name, now=screen.now())
        table = screen.query_one(TicketTable)
        table.show_list(keep=False)
        table.focus()
        screen.live.count(at_once=True)

    def show_only(self, tickets: list[str]) -> None:
        """Lists the tickets behind a number of the wall."""
        screen = self.screen
        screen.model.only(tickets, now=screen.now())
        table = screen.query_one(TicketTable)
        table.show_list(keep=False)
        table.focus()
        screen.show_views()

    async def _find(self) -> None:
        from ..panes.filter import FilterBox

        screen = self.screen
        found = screen.query(FilterBox)
        box = found.first() if found else FilterBox(id="filter")
        if not found:
            await screen.query_one("#left").mount(box, before=0)
        screen.show_face("queue")
        box.open()

    def filter(self, words: str) -> None:
        """Narrows the list to the rows that hold these words."""
        self.screen.model.search(words, now=self.screen.now())
        self.screen.query_one(TicketTable).show_list(keep=False)
        self.screen.show_views()

    def let_go(self) -> None:
        """Ends the filter and whatever else narrowed the list."""
        screen = self.screen
        for box in screen.query("#filter"):
            box.display = False
        screen.model.search("", now=screen.now())
        screen.model.choose(screen.model.view, now=screen.now())
        screen.query_one(TicketTable).show_list()
        screen.show_views()

    def _speak(self, language: str) -> None:
        use(language)
        screen = self.screen
        screen.query_one(TicketTable).notify_style_update()
        widgets: Any = screen.query("*")
        for widget in widgets:
            widget.refresh()
        if screen.desk is not None:
            screen.opened.refresh()
        screen.show_views()
