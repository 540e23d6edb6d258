"""The lines around the desk: who and how connected, what just happened, and the keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from ...content.interface import t
from .. import keys
from ..desk_model import LinkStatus
from ..messages import Level
from ..render import clean, fit, line
from ..rows import span
from ..when import local

TYPING_STEP = 10
"""Seconds in which an age grows while somebody types: a frame that nobody asked for moves the window of his input method."""


def link_words(status: LinkStatus | None, now: datetime, *, step: int = 1) -> tuple[str, str]:
    """How connected this desk is and how old its data, in words, with the role: calm, warn.

    The age is rounded up to ``step`` seconds, so that nothing is shown as fresher than it is.
    """
    if status is None:
        return t("link.starting"), "warn"
    age = ""
    if status.last_sync_at is not None:
        age = span(-(-int((now - status.last_sync_at).total_seconds()) // step) * step)
    if status.state == "online":
        words = t("link.online", age=age) if age else t("link.online_bare")
        # The server answers and takes nothing: what was written is still here alone.
        return (f"{words}  {t('link.held', count=status.pending)}", "warn") if status.code else (words, "calm")
    parts = [t("link." + status.state.replace("-", "_"))]
    if status.retry_in is not None and status.state != "connecting":
        parts.append(t("link.retry_in", span=span(-(-int(status.retry_in + 0.999) // step) * step)))
    if status.pending:
        parts.append(t("link.to_send", count=status.pending))
    parts.append(t("link.data_age", age=age) if age else t("link.no_data"))
    return "  ".join(parts), "warn"


class StatusLine(Widget):
    """Who sits here and what he is at, which case is open, the link with its age, what is unconfirmed or waits for a decision.

    ``duty``: his state in words and whether it goes on for too long; ``floor``: the floor's alarms, in full and in short.
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.me = ""
        self.case = ""
        self.status: LinkStatus | None = None
        self.promise = ("", False)
        self.duty = ("", False)
        self.floor = ("", "")
        self.now: datetime | None = None
        self._step = 1
        self._shown = ""

    def show(self, now: datetime, *, typing: bool = False) -> None:
        """Brings the age up to date, less often while somebody is ``typing``; repaints only where a word is different."""
        self.now = now
        self._step = TYPING_STEP if typing else 1
        words = self._text().plain
        if words != self._shown:
            self._shown = words
            self.refresh()

    def render(self) -> Content:
        return self._text()

    async def on_click(self) -> None:
        # Whoever sees how long it will be may not want to wait.
        if self.status is not None and (self.status.state != "online" or self.status.code):
            await self.screen.run_action("key('retry')")

    def _text(self) -> Content:
        link, role = link_words(self.status, self.now, step=self._step) if self.now else ("", "calm")
        right = [(link, "$text-success" if role == "calm" else "bold $text-warning")]
        if self.status is not None:
            if self.status.pending and self.status.state == "online" and not self.status.code:
                right.append((t("status.pending", count=self.status.pending), "$text-warning"))
            if self.status.reviews:
                right.append((t("status.reviews", count=self.status.reviews), "bold $text-error"))
        promise, late = self.promise
        duty, over = self.duty
        me = f" {line(self.me)}  "
        left = f"{me}{duty}{'  ' if duty else ''}{self.case}".rstrip()
        used = sum(cell_len(text) + 3 for text, _ in right)
        full, short = self.floor
        if full:
            # In full where there is room for it; that something is wrong has room everywhere.
            fits = self.size.width - used - cell_len(left) >= cell_len(full) + 3
            right.insert(0, (full if fits else short, "bold $text-error"))
            used += cell_len(full if fits else short) + 3
        # Beside the words of a call there may not be room for everything: what is promised is one key away.
        if promise and self.size.width - used - cell_len(left) >= cell_len(promise) + 3:
            right.insert(0, (promise, "bold $text-error" if late else ""))
            used += cell_len(promise) + 3
        shown = fit(left, max(self.size.width - used, 0))
        begins, ends = len(me), len(me) + len(duty)
        styled = [
            (shown[:begins], "bold"),
            (shown[begins:ends], "bold $text-warning" if over else "bold $text-accent"),
            (shown[ends:], "bold"),
        ]
        return Content.assemble(*styled, *[part for text, style in right for part in ((text, style), "   ")])


class Clock(Widget):
    """The time of day in cells of its own, so that its tick repaints nothing else.

    While somebody types it shows minutes only: each frame moves the terminal's cursor, and with it the window of an input
    method, so frames that nobody asked for are kept away.
    """

    words: reactive[str] = reactive("")

    def tick(self, now: datetime, *, typing: bool) -> None:
        self.words = local(now).strftime("%H:%M   " if typing else "%H:%M:%S")

    def render(self) -> Content:
        return Content(self.words)


class PaneBar(Widget):
    """Names the panes of a small screen, the one in sight in brackets."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.face = "queue"

    def show(self, face: str) -> None:
        self.face = face
        self.refresh()

    def render(self) -> Content:
        parts: list[tuple[str, str]] = []
        for face, action in (("queue", "show_queue"), ("case", "show_case"), ("answers", "answers")):
            key = keys.shown(self.app_keys(action)) if action != "show_case" else "Enter"
            text = f"{key} {t('pane.' + face)}"
            parts.append(
                (f"[{text}]" if face == self.face else f" {text} ", "bold $primary" if face == self.face else "")
            )
        return Content.assemble(*parts)

    def app_keys(self, action: str) -> str:
        found: Mapping[str, tuple[str, ...]] = getattr(self.app, "keys", {})
        return (found.get(action) or keys.BY_ID[action].keys.split(","))[0]


class MessageBar(Widget):
    """What just happened, in words; a failure stays until something else is said or Escape is pressed.

    An alarm stays above whatever else is said, until Escape acknowledges it.
    """

    SECONDS = 8.0

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.text = ""
        self.level: Level = "info"
        self.alarms: list[str] = []
        self._said = 0

    def say(self, text: str, level: Level = "info") -> None:
        self.text = clean(text, emoji=t("queue.emoji"))
        self.level = level
        self._said += 1
        self.refresh(layout=True)
        if level in ("info", "done") and text:
            said = self._said
            self.set_timer(self.SECONDS, lambda: self._fade(said))

    def alarm(self, text: str) -> None:
        """Says what costs words if it is overlooked. The newest stands first, each sentence once."""
        text = clean(text, emoji=t("queue.emoji"))
        self.alarms = [text, *(other for other in self.alarms if other != text)]
        self.refresh(layout=True)

    def acknowledge(self) -> None:
        """Everything said has been read."""
        self.alarms = []
        self.say("")

    def _fade(self, said: int) -> None:
        if said == self._said:
            self.say("")

    def render(self) -> Content:
        styles = {"info": "", "done": "$text-success", "warn": "bold $text-warning", "error": "bold $text-error"}
        parts: list[tuple[str, str]] = []
        if self.text:
            parts = [(f" {t('level.' + self.level)}{self.text}", styles[self.level])]
        if self.alarms:
            more = t("level.more", count=len(self.alarms) - 1) if len(self.alarms) > 1 else ""
            alarm = f" {t('level.alarm')}{self.alarms[0]} {more}{t('level.acknowledge')}"
            parts = [*parts, ("\n" if parts else "", ""), (alarm, "bold $text-error")]
        return Content.assemble(*parts)


class KeyBar(Widget):
    """The keys that work where the focus is, most useful first; a click does the same."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.scopes: Sequence[keys.Scope] = ("desk", "queue")
        self.effective: Mapping[str, tuple[str, ...]] = {}
        self._spans: list[tuple[int, int, str]] = []

    def show(self, scopes: Sequence[keys.Scope], effective: Mapping[str, tuple[str, ...]]) -> None:
        if (tuple(scopes), effective) != (tuple(self.scopes), self.effective):
            self.scopes, self.effective = tuple(scopes), effective
            self.refresh()

    def entries(self) -> list[tuple[str, str, str]]:
        """(key, label, action id) in the order shown: the focused pane's own keys first."""
        listed = []
        for scope in reversed(self.scopes):
            ranked = sorted((a for a in keys.in_scope(scope) if a.bar), key=lambda action: action.bar)
            for action in ranked:
                bound = self.effective.get(action.id) or ()
                if bound:
                    listed.append((keys.shown(bound[0]), keys.label(action.id), action.id))
        return listed

    def render(self) -> Content:
        parts: list[tuple[str, str]] = []
        self._spans = []
        used = 1
        for key, label, action in self.entries():
            size = cell_len(key) + 1 + cell_len(label) + 2
            if used + size > self.size.width:
                continue
            self._spans.append((used, used + size - 2, action))
            parts += [(key, "bold $primary"), (f" {label}  ", "")]
            used += size
        return Content.assemble(" ", *parts)

    async def on_click(self, event: events.Click) -> None:
        for start, end, action in self._spans:
            if start <= event.x < end:
                focused = self.screen.focused
                scope = keys.BY_ID[action].scope
                target = focused if scope != "desk" and focused is not None else self.screen
                await self.app.run_action(f"key('{action}')", default_namespace=target)
