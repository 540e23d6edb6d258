"""The agent's desk: queue, case and canned answers side by side, or one at a time where the screen is small."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.geometry import Offset
from textual.screen import Screen
from textual.widget import Widget

from ...content.interface import lang, t, use
from ...domain.queue import VIEWS
from ...errors import OkpayError
from .. import keys
from ..desk_model import Changed, Desk, Start
from ..failures import explain
from ..messages import (
    AnswersLeft,
    Composed,
    ComposerLeft,
    Drafted,
    FieldRefused,
    FieldWritten,
    FilterMoved,
    FilterTyped,
    Level,
    QueueMoved,
    StepTicked,
    TicketOpened,
    WrittenChosen,
)
from ..panes.queue import TicketTable
from ..panes.status import Clock, KeyBar, MessageBar, PaneBar, StatusLine, ViewBar
from ..queue_model import QueueModel
from ..rows import number_word

if TYPE_CHECKING:
    from ..acts import Acts
    from ..panes.answers import AnswersPane
    from .case import CasePane

GATHER_SECONDS = 1 / 12
"""Changes from the engine are put into the model together, this often at most."""
COUNT_SECONDS = 1.0
SMALLEST = (80, 24)


class DeskScreen(Screen[None]):
    """Puts the panes together and passes their wishes on. ``attach`` brings the desk, after the first frame."""

    BINDINGS = [*keys.bindings("desk"), ("question_mark,？", "key('help')"), ("escape", "calm")]  # noqa: RUF012

    def __init__(self, start: Start) -> None:
        super().__init__(classes="face-queue left-queue")
        self.start = start
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
        self._gathered: set[str] = set()
        self._everything = False
        self._gathering = False
        self._loading = False
        self._counted_at = 0.0
        self._case_of = ""
        self._kept_case: CasePane | None = None
        self._acts: Acts | None = None

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
            yield TooSmall()

    def on_mount(self) -> None:
        self.key_bar.show(("desk", "queue"), self._keys)
        self._show_status()
        # The input method's window follows the terminal's cursor, which must move when the layout does.
        self.screen_layout_refresh_signal.subscribe(self, self._anchor)

    @property
    def _keys(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = getattr(self.app, "keys", {})
        return found

    # The desk arrives, and changes

    async def attach(self, desk: Desk) -> None:
        """The real desk is here: takes its rows in, keeps the cursor's ticket, and mounts the case pane."""
        from ..acts import Acts
        from .case import CasePane

        self.desk = desk
        self._acts = Acts(self)
        self.model.me = desk.me
        self.status_line.me = desk.me
        self.query_one(TicketTable).pending = desk.pending_ids
        self._kept_case = CasePane(desk, now=self.now, id="case")
        if not self.query(TooSmall):
            await self.mount(TooSmall())
        await self.mount(self.pane_bar, before=self.view_bar)
        await self.query_one("#body").mount(Vertical(self._kept_case, id="right"))
        await self._load(adopt=True)
        self.set_interval(1.0, self._tick)
        if self.has_class("-wide"):
            await self._answers()
        self._tick()

    def changed(self, change: Changed) -> None:
        """The engine's listener: cheap, gathers what is to be looked at."""
        self._gathered.update(change.tickets)
        self._everything = self._everything or change.everything
        if not self._gathering:
            self._gathering = True
            self.set_timer(GATHER_SECONDS, self._gather)

    async def _gather(self) -> None:
        self._gathering = False
        if self.desk is None or self._loading:
            return
        if self._everything:
            await self._load(adopt=False)
        self._take(self._gathered)
        self._show_status()

    def _take(self, tickets: set[str]) -> None:
        """Puts the changed rows into the model and repaints those in sight."""
        if self.desk is None:
            return
        moved, self._gathered = set(tickets), self._gathered - tickets
        rows, now = self.desk.rows(), self.now()
        before = len(self.model.order)
        for ticket in moved:
            self.model.change(ticket, rows.get(ticket), now=now)
        table = self.query_one(TicketTable)
        status = self.desk.status()
        if self.model.fresh and (not self.model.order or status.last_sync_at is None):
            # Nothing to disturb: an empty list, or the very first load, fills as it comes.
            self.model.take_in(now=now)
            table.show_list()
        elif len(self.model.order) != before:
            table.show_list()
        else:
            table.changed(moved)
        if self._case_of in moved:
            self._refresh_case()
        self._count()

    async def _load(self, *, adopt: bool) -> None:
        if self.desk is None:
            return
        self._loading, self._everything = True, False
        try:
            await self.model.load(self.desk.rows())
        finally:
            self._loading = False
        now = self.now()
        if adopt or self.desk.status().last_sync_at is None or not self.model.order:
            self.model.take_in(now=now)
        else:
            self.model.reconcile(now=now)
        table = self.query_one(TicketTable)
        table.show_list()
        table.changed(())
        self._refresh_case()
        self._count(at_once=True)
        self._take(self._gathered)

    def settled(self, ticket: str) -> None:
        """The agent did something: shown at once, not at the next gathering."""
        self._take({ticket})
        self._show_status()
        row = self.model.rows.get(ticket)
        if row is not None and row.status == "closed" and self.model.view not in ("closed", "all"):
            self.model.leave(ticket)
            self.query_one(TicketTable).show_list()

    def _count(self, *, at_once: bool = False) -> None:
        now = asyncio.get_running_loop().time()
        if at_once or now - self._counted_at >= COUNT_SECONDS:
            self._counted_at = now
            self._show_views(self.model.counts(now=self.now()))

    def _show_views(self, counts: Any = None) -> None:
        bar = self.view_bar
        bar.show(
            counts=bar.counts if counts is None else counts,
            view=self.model.view if not self.model.narrowed else None,
            words=self.model.words,
            fresh=len(self.model.fresh),
        )

    def _show_status(self) -> None:
        line = self.status_line
        if self.desk is not None:
            line.status = self.desk.status()
        line.show(self.now())

    def _tick(self) -> None:
        now = self.now()
        typing = _is_text_field(self.focused)
        self.clock.tick(now, typing=typing)
        self._show_status()
        if not typing:
            self.query_one(TicketTable).tick()
            if self._case_of:
                self._case.tick()
        if self.desk is not None:
            self._count()

    # Focus and faces

    def on_descendant_focus(self) -> None:
        self.key_bar.show(self._scopes(), self._keys)
        pane = self._pane_of(self.focused)
        if pane:
            self.show_face(pane)

    def _scopes(self) -> list[keys.Scope]:
        focused = self.focused
        named: dict[str, keys.Scope] = {
            "queue": "queue", "checklist": "checklist", "composer-text": "composer", "answers-reader": "answers",
        }  # fmt: skip
        scope = named.get(focused.id or "") if focused is not None else None
        return ["desk", scope] if scope else ["desk"]

    @staticmethod
    def _pane_of(widget: Widget | None) -> str:
        for node in widget.ancestors_with_self if widget is not None else ():
            if node.id in ("left", "right", "answers"):
                return {"left": "queue", "right": "case", "answers": "answers"}[node.id]
        return ""

    def show_face(self, face: str) -> None:
        """Brings a pane into sight: on a small screen alone, else in the left half where it is not the case."""
        self.face = face
        for name in ("queue", "case", "answers"):
            self.set_class(name == face, f"face-{name}")
        if face != "case":
            self.set_class(face == "answers", "left-answers")
            self.set_class(face == "queue", "left-queue")
        self.pane_bar.show(face)

    def _anchor(self, _: object) -> None:
        focused = self.focused
        if _is_text_field(focused):
            self.app.cursor_position = Offset(*focused.cursor_screen_offset)  # type: ignore[union-attr]

    # Acting

    def say(self, text: str, level: Level = "info") -> None:
        self.message_bar.say(text, level)

    async def ask(self, screen: Screen[Any]) -> Any:
        return await self.app.push_screen_wait(screen)

    def action_calm(self) -> None:
        """Escape: what was said is read; a filter is let go."""
        self.say("")
        if self.model.words or self.model.narrowed:
            self._let_go()
        self.query_one(TicketTable).focus()

    def action_key(self, action: str) -> None:
        """Every action of the key table that concerns the desk as a whole."""
        if self.focused is None:
            self._key(action)
        else:
            # Such a key overtakes letters and arrows that are still on their way to the focused pane: it waits behind them.
            self.focused.call_later(self._key, action)

    def _key(self, action: str) -> None:
        if action.startswith("view_"):
            self._choose(action.removeprefix("view_"))
        elif action in _ACTS:
            ticket = self._target()
            if ticket:
                self.run_worker(self._act(action, ticket), group="acts")
            else:
                self.say(t("act.choose_first"), "warn")
        elif action == "next" and self.desk is None:
            self.say(t("act.not_ready"), "warn")
        elif action == "next":
            self.run_worker(self.acts.next(), group="next", exclusive=True)
        elif action in ("note", "reply"):
            if self._target():
                self.show_face("case")
                self._case.compose_words("note" if action == "note" else "reply")
        elif action == "answers":
            self.run_worker(self._open_answers(), group="answers", exclusive=True)
        elif action in ("find", "filter"):
            self.run_worker(self._find(), group="find", exclusive=True)
        elif action == "fresh":
            self.model.take_in(now=self.now())
            self.query_one(TicketTable).show_list()
            self._count(at_once=True)
        elif action == "show_queue":
            self.show_face("queue")
            self.query_one(TicketTable).focus()
        elif action == "ask":
            if self._case_of:
                self.show_face("case")
                from ..panes.checklist import ChecklistPane

                self.query_one(ChecklistPane).ask_next()
        elif action == "language":
            self._speak("en" if lang() == "zh" else "zh")
        else:
            self.run_worker(self._elsewhere(action), group="screens", exclusive=True)

    async def _act(self, action: str, ticket: str) -> None:
        if action == "promise":
            await self.acts.promise(ticket, now=self.now)
        else:
            await getattr(self.acts, action)(ticket)

    async def _elsewhere(self, action: str) -> None:
        if action == "help":
            from .help import HelpScreen

            self.app.push_screen(HelpScreen(self._scopes()))
        elif action == "palette":
            from .palette import open_palette

            open_palette(self.app)
        elif action == "board":
            from .wall import WallScreen

            if self.desk is not None:
                shown = await self.ask(WallScreen(self.desk, now=self.now))
                if shown:
                    self.show_only(shown)
        elif action == "reviews":
            from .reviews import ReviewsScreen

            if self.desk is not None:
                await self.ask(ReviewsScreen(self.desk, self.acts))
                self._show_status()
                self._refresh_case()
        elif action == "quit":
            self.app.exit()

    async def keep(self) -> None:
        """Keeps what is written and not yet kept; works after the widgets have gone, whoever ended the console."""
        if self._kept_case is not None:
            await self._kept_case.keep()

    def _target(self) -> str:
        """The ticket that a key is meant for: under the cursor while in the queue, else the one that is open."""
        table = self.query_one(TicketTable)
        if (self.focused is table or not self._case_of) and table.cursor is not None:
            if not self.show_ticket(table.cursor, focus=False):
                return ""
            return table.cursor
        return self._case_of

    @property
    def acts(self) -> Acts:
        assert self._acts is not None
        return self._acts

    @property
    def _case(self) -> CasePane:
        assert self._kept_case is not None
        return self._kept_case

    def _refresh_case(self) -> None:
        if self._case_of:
            self._case.refresh_case()
            self._show_answers_case()

    def show_ticket(self, ticket: str, *, focus: bool = True) -> bool:
        """Opens a ticket in the case pane; False where there is nothing to show yet."""
        if self.desk is None:
            self.say(t("act.not_ready"), "warn")
            return False
        if not self._case.open(ticket):
            self.say(t("act.no_ticket"), "warn")
            return False
        self._case_of = ticket
        table = self.query_one(TicketTable)
        table.mark_open(ticket)
        table.select(ticket)
        view = self._case.view
        number = view.ticket.number if view is not None and view.ticket is not None else 0
        self.status_line.case = f"#{number_word(number)}"
        self._show_status()
        self._show_answers_case()
        if focus:
            self.show_face("case")
            self._case.focus_first()
        return True

    def show_only(self, tickets: list[str]) -> None:
        """Lists the tickets behind a number of the wall."""
        self.model.only(tickets, now=self.now())
        self.query_one(TicketTable).show_list(keep=False)
        self.query_one(TicketTable).focus()
        self._show_views()

    def _choose(self, view: str) -> None:
        for name in VIEWS:
            if name == view:
                self.model.choose(name, now=self.now())
        table = self.query_one(TicketTable)
        table.show_list(keep=False)
        table.focus()
        self._count(at_once=True)

    def _speak(self, language: str) -> None:
        use(language)
        self.query_one(TicketTable).notify_style_update()
        for widget in self.query("*"):
            widget.refresh()
        self._refresh_case()
        self._show_views()

    # Filter

    async def _find(self) -> None:
        from ..panes.filter import FilterBox

        found = self.query(FilterBox)
        box = found.first() if found else FilterBox(id="filter")
        if not found:
            await self.query_one("#left").mount(box, before=0)
        self.show_face("queue")
        box.open()

    def _let_go(self) -> None:
        """Ends the filter and whatever else narrowed the list."""
        for box in self.query("#filter"):
            box.display = False
        self.model.search("", now=self.now())
        self.model.choose(self.model.view, now=self.now())
        self.query_one(TicketTable).show_list()
        self._show_views()

    @on(FilterTyped)
    def _filtering(self, event: FilterTyped) -> None:
        self.model.search(event.words, now=self.now())
        self.query_one(TicketTable).show_list(keep=False)
        self._show_views()

    @on(FilterMoved)
    def _filter_moved(self, event: FilterMoved) -> None:
        table = self.query_one(TicketTable)
        if event.rows is None:
            table.focus()
        elif abs(event.rows) == 1:
            table.action_step(event.rows)
        else:
            table.action_page(1 if event.rows > 0 else -1)

    # Answers

    async def _answers(self) -> AnswersPane:
        from ..panes.answers import AnswersPane

        found = self.query(AnswersPane)
        if found:
            return found.first()
        answers, index = await asyncio.to_thread(self._read_answers)
        if already := self.query(AnswersPane):
            return already.first()
        pane = AnswersPane(answers=answers, index=index, placeholders=self.start.settings.placeholders, id="answers")
        await self.query_one("#body").mount(pane, before="#left" if not self.has_class("-wide") else None)
        self._show_answers_case()
        return pane

    def _read_answers(self) -> tuple[Any, Any]:
        from ...content import load_answers
        from ...domain.search import Index

        answers = self.start.answers() if self.start.answers else (*load_answers(lang()), *load_answers(_other()))
        return answers, Index.build(answers)

    async def _open_answers(self) -> None:
        try:
            pane = await self._answers()
        except OkpayError as error:
            self.say(explain(error), "error")
            return
        self.show_face("answers")
        pane.begin()

    def _show_answers_case(self) -> None:
        from ..panes.answers import AnswersPane

        if self._case_of and (view := self._case.view) is not None and view.ticket is not None:
            for pane in self.query(AnswersPane):
                pane.show_case(view.ticket.category, view.ticket.steps)

    # What the panes say

    @on(TicketOpened)
    def _opened(self, event: TicketOpened) -> None:
        self.show_ticket(event.ticket, focus=not event.stay)

    @on(QueueMoved)
    def _moved(self) -> None:
        self._show_views()

    @on(TicketTable.Wanted)
    def _wanted(self, event: TicketTable.Wanted) -> None:
        self.action_key(event.action)

    @on(FieldWritten)
    async def _field(self, event: FieldWritten) -> None:
        from ..panes.checklist import ChecklistPane

        if self._case_of and await self.acts.field(self._case_of, event.field, event.value, event.state):
            self.query_one(ChecklistPane).written(event.field)

    @on(FieldRefused)
    def _field_refused(self, event: FieldRefused) -> None:
        self.say(event.note, "warn")

    @on(Composed)
    async def _composed(self, event: Composed) -> None:
        if await self.acts.write(event.ticket, event.kind, event.text):
            self._case.sent(event.ticket, event.kind, event.text)
        else:
            self._case.unsent(event.ticket, event.kind, event.text)

    @on(Drafted)
    async def _drafted(self, event: Drafted) -> None:
        if self.desk is not None:
            try:
                await self.desk.keep_draft(event.ticket, event.kind, event.text)
                self._case.kept(event.ticket, event.kind, event.text)
            except OkpayError as error:
                self.say(explain(error), "error")

    @on(ComposerLeft)
    def _composer_left(self) -> None:
        if self._pane_of(self.focused) in ("", "case"):
            self._case.focus_first()

    @on(StepTicked)
    async def _ticked(self, event: StepTicked) -> None:
        if self._case_of:
            await self.acts.step(self._case_of, event.answer, event.step)
        else:
            self.say(t("act.choose_first"), "warn")

    @on(WrittenChosen)
    def _chosen(self, event: WrittenChosen) -> None:
        if not self._case_of:
            self.say(t("act.choose_first"), "warn")
            return
        self.show_face("case")
        self._case.insert_reply(event.text)
        if event.missing:
            self.say(t("answers.still_blank", count=len(event.missing)), "warn")

    @on(AnswersLeft)
    def _answers_left(self) -> None:
        if self._case_of:
            self.show_face("queue" if not self.has_class("-narrow") else "case")
            self._case.focus_first()
        else:
            self.show_face("queue")
            self.query_one(TicketTable).focus()


class TooSmall(Widget):
    """What a terminal shows in which the desk does not fit."""

    def render(self) -> str:
        width, height = SMALLEST
        size = self.app.size
        return t("small.sentence", width=width, height=height, now=f"{size.width}x{size.height}")


_ACTS = frozenset({"claim", "release", "close", "reopen", "category", "priority", "promise"})


def _is_text_field(widget: Widget | None) -> bool:
    """Whether an input method may be writing there; asks for what text fields have, since they are imported when needed."""
    return hasattr(widget, "cursor_screen_offset")


def _other() -> str:
    return "en" if lang() == "zh" else "zh"
