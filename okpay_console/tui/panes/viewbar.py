"""The views of the queue in one line, with their numbers and what narrows the list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.widget import Widget

from ...content.interface import t
from ...domain.queue import VIEWS, ViewName
from ..render import cut, line

_OWN_DIGITS = "890"
_OWN_CELLS = 14


class ViewBar(Widget):
    """The views of the queue with their numbers, the filter's words, and how many tickets came in meanwhile."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.counts: Mapping[ViewName, int] | Mapping[str, int] = {}
        self.view: ViewName | str | None = "open"
        self.own: Sequence[tuple[str, str]] = ()
        self.words = ""
        self.fresh = 0
        self._named: tuple[tuple[str, str], ...] = ()
        self._spans: list[tuple[int, int, str]] = []

    def show(
        self, *, counts: Mapping[ViewName, int] | Mapping[str, int], view: ViewName | str | None, words: str, fresh: int
    ) -> None:
        now = (dict(counts), view, words, fresh, tuple(self.own))
        if now != (dict(self.counts), self.view, self.words, self.fresh, self._named):
            self._named = tuple(self.own)
            self.counts, self.view, self.words, self.fresh = counts, view, words, fresh
            self.refresh()

    def render(self) -> Content:
        pill = t("queue.fresh", count=self.fresh, key="^L") if self.fresh else ""
        room = self.size.width - (cell_len(pill) + 3 if pill else 0)
        parts: list[tuple[str, str]] = []
        self._spans = []
        used = 0
        filtered = "  " + t("queue.filter_is", words=line(self.words)) if self.words else ""
        for name, text, action in self._entries(room - (min(cell_len(filtered), room // 3) if self.own else 0)):
            if used + cell_len(text) > room:
                break
            self._spans.append((used, used + cell_len(text), action))
            parts.append((text, "bold $primary" if name == self.view else "$dim"))
            used += cell_len(text)
        if filtered:
            parts.append((cut(filtered, room - used), "$text-warning"))
            used += min(cell_len(filtered), max(room - used, 0))
        parts.append((" " * max(room - used, 1), ""))
        if pill:
            self._spans.append((max(room, used), self.size.width, "fresh"))
            parts.append((pill, "bold $text-warning"))
        return Content.assemble(*parts)

    def _entries(self, room: int) -> list[tuple[str, str, str]]:
        """The views as (key, text, action): the built-in ones, then the own ones that have a digit or are listed now.

        Where there is not room for all, those that are seldom looked at are left out for the own ones; their digits work.
        """
        counts: dict[str, int] = {str(key): count for key, count in self.counts.items()}
        named: list[tuple[str, str, str]] = [
            (name, f"{digit} {t('view.' + name)}", f"view_{name}") for digit, name in enumerate(VIEWS, 1)
        ]
        for place, (key, name) in enumerate(self.own):
            if place < len(_OWN_DIGITS) or key == self.view:
                digit = f"{_OWN_DIGITS[place]} " if place < len(_OWN_DIGITS) else ""
                named.append((key, digit + cut(line(name), _OWN_CELLS), key))
        entries = []
        for key, title, action in named:
            text = title + (f" {counts[key]}" if key in counts else "")
            entries.append((key, f"[{text}]" if key == self.view else f" {text} ", action))
        seldom = ["all", "closed", "pending", *(key for key, _ in reversed(self.own))] if self.own else []
        for out in seldom:
            if sum(cell_len(text) for _, text, _ in entries) > room and out != self.view:
                entries = [entry for entry in entries if entry[0] != out]
        return entries

    async def on_click(self, event: events.Click) -> None:
        for start, end, action in self._spans:
            if start <= event.x < end:
                await self.screen.run_action(f"key('{action}')")
