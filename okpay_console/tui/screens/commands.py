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

_MORE = frozenset(
    {"more", "handover", "escalate", "merge", "link", "unlink", "split", "chase", "move", "undo", "macros"}
)  # fmt: skip

_CALLS = frozenset({"call", "new", "hold", "mute", "wrapup"})

_SHIFT = frozenset({"shift", "minute", "notices", "abuse"})

_OWN = frozenset({"save_view", "views"})

_BARE = frozenset({"find", "filter", "fresh", "show_queue", "language", "help", "palette", "quit"})
"""What works before the desk has opened, on the rows of the first frame."""

_MOST_FOUND = 50
_INDEX_SECONDS = 0.5
"""How often a search asks whether the index is made by now."""


class Commands:
    """Runs the actions of the key table that concern one desk as a whole."""

    def __init__(self, screen: DeskScreen) -> None:
        self.screen = screen
        self.about_search = ""
        self._came_from: str | None = None

    def run(self, action: str) -> None:
        screen = self.screen
        if screen.desk is None and action not in _BARE and not action.startswith("view_"):
            screen.say(t("act.not_ready"), "warn")
        elif action in _OWN or action.startswith(("view_own", "own:")):
            self._work(screen.own.run(action), group="views", opens=action in _OWN)
        elif action.startswith("view_"):
            self.choose(action.removeprefix("view_"))
        elif action in _ACTS:
            ticket = screen.opened.target()
            if ticket:
                self._work(screen.acts.run(action, ticket), group="acts", opens=action in _ASKS)
            else:
                screen.say(t("act.choose_first"), "warn")
        elif action in _MORE or action.startswith("macro"):
            ticket = screen.opened.target()
            if ticket or action == "undo":
                self._work(self._more(action, ticket), group="acts", opens=action != "undo")
            else:
                screen.say(t("act.choose_first"), "warn")
        elif action in _CALLS:
            self._work(screen.phone.run(action), group="call", opens=action in ("call", "new", "wrapup"))
        elif action in ("next", "owed"):
            deed = {"next": screen.acts.next, "owed": screen.acts.owed}[action]
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
            screen.opened.free_line()
        elif action == "retry":
            if screen.desk is not None:
                screen.desk.retry()
                screen.show_status()
        elif action == "language":
            self._speak("en" if lang() == "zh" else "zh")
        else:
            self._work(self._elsewhere(action), group="screens", opens=True)

    def start(self, deed: Awaitable[object], *, group: str, opens: bool) -> None:
        """Starts what a pane wished and takes time, as a key's deed is started."""
        self._work(deed, group=group, opens=opens)

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

    async def _more(self, action: str, ticket: str) -> None:
        from .. import macros
        from . import more

        acts = self.screen.acts
        if action == "more":
            chosen = await more.more(acts, ticket)
            if chosen:
                self.run(chosen)
        elif action in more.ACTS:
            await more.ACTS[action](acts, ticket)
        elif action.startswith("macro:"):
            await macros.run(acts, ticket, action.removeprefix("macro:"))
        else:
            await macros.by_key(acts, ticket, action.replace("macro", "shift+f"))

    async def _of_shift(self, action: str) -> None:
        screen = self.screen
        match action:
            case "shift":
                await screen.shift.choose()
            case "minute":
                await screen.shift.minute()
            case "notices":
                await screen.notices.open()
            case _:
                from .. import abuse

                await abuse.mark(screen)

    async def _elsewhere(self, action: str) -> None:
        screen = self.screen
        if action == "help":
            from .help import HelpScreen

            screen.front(HelpScreen(screen.scopes()))
        elif action == "why":
            self._why()
        elif action == "palette":
            from .palette import palette

            screen.front(palette())
        elif action == "board":
            from .wall import WallScreen

            if screen.desk is not None:
                shown = await screen.ask(WallScreen(screen.desk, now=screen.now))
                if shown:
                    self.show_only(shown)
                if shown and len(shown) == 1:
                    screen.show_ticket(shown[0])
        elif action == "reviews":
            from .reviews import ReviewsScreen

            if screen.desk is not None:
                await screen.ask(ReviewsScreen(screen.desk, screen.acts))
                screen.show_status()
                screen.opened.refresh()
        elif action in _SHIFT:
            await self._of_shift(action)
        elif action == "quit":
            screen.app.exit()

    def _why(self) -> None:
        """Why the ticket that a key is meant for is late or not, by the house's own limits where the console has them."""
        from ...content.limits import load_policy
        from ...domain.sla import explain
        from .why import WhyScreen

        screen = self.screen
        ticket = screen.opened.target()
        found = screen.acts.ticket(ticket) if ticket else None
        if found is None:
            screen.say(t("act.choose_first"), "warn")
            return
        policy = screen.start.policy() if screen.start.policy is not None else load_policy()
        screen.front(WhyScreen(found, explain(found, screen.now(), policy)))

    # The list

    def choose(self, view: str) -> None:
        """Lists another view of the queue, from its top."""
        screen = self.screen
        if view in VIEWS or view in screen.model.own:
            screen.model.choose(view, now=screen.now())
            self.about_search = ""
        for box in screen.query("#filter"):
            box.display = bool(screen.model.words)
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
        box = found.first() if found else FilterBox(known=self._is_transaction, id="filter")
        if not found:
            await screen.query_one("#left").mount(box, before=0)
        if not screen.model.words:
            self._came_from = screen.query_one(TicketTable).cursor
        screen.show_face("queue")
        box.open()

    def filter(self, words: str) -> None:
        """Lists what is found by these words among all tickets; among the view's own rows while the index is being made."""
        screen, desk = self.screen, self.screen.desk
        model, now = screen.model, screen.now()
        self.about_search = ""
        if screen.own.reads(words):
            return
        if desk is None or not words.strip():
            model.search(words, now=now)
        elif (made := desk.indexed()) < 1.0:
            model.search(words, now=now)
            self.about_search = t("found.indexing", percent=int(made * 100))
            screen.set_timer(_INDEX_SECONDS, self._search_again)
        else:
            from ...content.reasons import reasons

            matches = desk.find(words, limit=_MOST_FOUND)
            if matches or len(words.strip()) > 1:
                model.show_found(words, {match.ticket: reasons(match.why) for match in matches}, now=now)
            else:
                # One letter of a name says nothing yet: the list waits for the next.
                model.search("", now=now)
            if len(matches) == _MOST_FOUND:
                self.about_search = t("found.first", count=_MOST_FOUND)
        table = screen.query_one(TicketTable)
        table.show_list(keep=False)
        if model.why:
            table.select(model.order[0])
        screen.show_views()

    def _search_again(self) -> None:
        """The index has grown: says so, and once it is made finds the same words with it."""
        for box in self.screen.query("#filter"):
            if box.display and self.screen.is_current:
                self.filter(getattr(box, "value", ""))

    def _is_transaction(self, number: str) -> bool:
        desk = self.screen.desk
        matches = desk.find("".join(filter(str.isdigit, number)), limit=1) if desk is not None else ()
        return any(why.what == "txn_no" for match in matches for why in match.why)

    def let_go(self) -> None:
        """Ends the search, or else whatever else narrowed the list; the cursor is back where it was before."""
        screen = self.screen
        searched = bool(screen.model.words)
        screen.own.stop()
        for box in screen.query("#filter"):
            box.display = False
        self.about_search = ""
        screen.model.search("", now=screen.now())
        if not searched:
            screen.model.choose(screen.model.view, now=screen.now())
        table = screen.query_one(TicketTable)
        table.show_list()
        if searched and self._came_from is not None:
            table.select(self._came_from)
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
