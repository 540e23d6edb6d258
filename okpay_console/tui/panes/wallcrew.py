"""The agents on the wall: how many are in which state, drawn, and below it each with what he does since when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from ...content.interface import has, t
from ...domain.crewnumbers import CrewNumbers, Member
from ...domain.queue import Row
from .. import keys
from ..drilled import doing_words as doing_word
from ..drilled import seconds as clock
from ..figures import Figure, seconds
from ..render import fit, line
from ..rows import category_word, number_word
from ..when import local

_BARS = ("available", "call", "hold", "wrapup", "break", "training", "offline", "unheard")
"""The states two in a row, in the order of an agent's day; the last is what nobody wants to see."""
_WORD, _COUNT = 9, 4
_NAME, _STATE, _CLOCK, _CALLS, _AHT = 10, 10, 8, 5, 7
Cell = tuple[str, str]


class CrewPane(Vertical):
    """Bars above, the list below; it shows what it is given."""

    def compose(self) -> ComposeResult:
        yield StateBars()
        yield CrewList()

    def show(self, crew: CrewNumbers | None, now: datetime, rows: Mapping[str, Row]) -> None:
        """``now``: the moment of the numbers, from which the clocks are read; ``rows`` have the tickets in hand."""
        self.query_one(StateBars).show(crew)
        self.query_one(CrewList).show(crew.members if crew is not None else (), now, rows)


class StateBars(Widget):
    """How many are in each state: a word, a number and a bar."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"bars--head", "bars--late"}

    def __init__(self) -> None:
        super().__init__()
        self._counts: dict[str, int] | None = None

    def show(self, crew: CrewNumbers | None) -> None:
        counts = None if crew is None else crew.counts
        if counts != self._counts:
            self._counts = counts
            self.refresh()

    def render_line(self, y: int) -> Strip:
        width, base = self.size.width, self.rich_style
        counts = self._counts
        if y == 0:
            head = base + self.get_component_rich_style("bars--head", partial=True)
            there = sum(counts.values()) - counts["offline"] if counts is not None else 0
            words = t("wall.crew", count=there)
            if counts is None or not sum(counts.values()):
                words = t("wall.crew_hidden" if counts is None else "wall.crew_none")
            return Strip([Segment(fit(words, width), head)], width)
        pair = _BARS[2 * (y - 1) : 2 * y]
        if counts is None or not pair:
            return Strip.blank(width, base)
        room, most = width // 2, max(*counts.values(), 1)
        late = base + self.get_component_rich_style("bars--late", partial=True)
        segments = []
        for doing in pair:
            count = counts[doing]
            cells = max(room - _WORD - _COUNT - 4, 0)
            drawn = "=" * max(round(cells * count / most), 1 if count else 0)
            alarming = doing == "unheard" and count > 0
            text = f"{'!' if alarming else ' '}{fit(doing_word(doing), _WORD)}{count:>{_COUNT}}  {drawn}"
            segments.append(Segment(fit(text, room), late if alarming else base))
        return Strip(segments).adjust_cell_length(width, base)


class CrewList(ScrollView, can_focus=True):
    """One line an agent; the cursor stays on its agent when others change their places."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"crew--cursor", "crew--late", "crew--dim", "crew--head"}
    BINDINGS = [  # noqa: RUF012 - Textual reads it from the class
        *keys.bindings("wall"),
        ("up", "move(-1)"),
        ("down", "move(1)"),
        ("pageup", "move(-10)"),
        ("pagedown", "move(10)"),
        ("home", "move(-99999)"),
        ("end", "move(99999)"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.members: tuple[Member, ...] = ()
        self.at = 0
        self._now: datetime | None = None
        self._rows: Mapping[str, Row] = {}

    @property
    def chosen(self) -> Member | None:
        return self.members[self.at] if self.at < len(self.members) else None

    @property
    def figure(self) -> Figure | None:
        """The count that the chosen agent is in."""
        one = self.chosen
        if one is None:
            return None
        count = sum(other.doing == one.doing for other in self.members)
        return Figure(doing_word(one.doing), str(count), "", "crew", "doing", one.doing)

    def show(self, members: tuple[Member, ...], now: datetime, rows: Mapping[str, Row]) -> None:
        here = self.chosen
        self.members, self._now, self._rows = members, now, rows
        if here is not None:
            found = next((at for at, one in enumerate(members) if one.name == here.name), None)
            self.at = min(self.at, max(len(members) - 1, 0)) if found is None else found
        self.virtual_size = self.virtual_size.with_height(len(members) + 1)
        self.refresh()

    def action_move(self, by: int) -> None:
        self.at = min(max(self.at + by, 0), max(len(self.members) - 1, 0))
        top, height = self.scroll_offset.y, max(self.size.height - 1, 1)
        if self.at < top or self.at >= top + height:
            to = self.at if self.at < top else self.at - height + 1
            self.scroll_to(y=to, animate=False, force=True, immediate=True)
        self.refresh()

    async def on_click(self, event: events.Click) -> None:
        at = event.y - 1 + self.scroll_offset.y
        if event.y and at < len(self.members):
            again = at == self.at
            self.at = at
            self.refresh()
            if again:
                await self.action_key("drill")

    async def action_key(self, action: str) -> None:
        await self.screen.run_action(f"key('{action}')")

    def render_line(self, y: int) -> Strip:
        width, base = self.scrollable_content_region.width, self.rich_style
        if y == 0:
            style = base + self.get_component_rich_style("crew--head", partial=True)
            return Strip([Segment(fit(_heads(width), width), style)], width)
        at = y - 1 + self.scroll_offset.y
        if at >= len(self.members) or self._now is None:
            return Strip.blank(width, base)
        one = self.members[at]
        cells = _cells(one, self._now, width, self._rows.get(one.ticket))
        if at == self.at and self.has_focus:
            ground = self.get_component_rich_style("crew--cursor")
            text = ">" + "".join(text for text, _ in cells)[1:]
            return Strip([Segment(fit(text, width), ground)], width)
        segments = [Segment(text, self._style(role, base)) for text, role in cells]
        return Strip(segments).adjust_cell_length(width, base)

    def _style(self, role: str, base: Style) -> Style:
        return base + self.get_component_rich_style(f"crew--{role}", partial=True) if role else base


def _rest(width: int) -> int:
    return max(width - 2 - _NAME - _STATE - _CLOCK - 2 - _CALLS - _AHT - 1, 0)


def _heads(width: int) -> str:
    words = {name: t(f"wall.crew_{name}") for name in ("who", "state", "since", "why", "calls", "aht")}
    return (
        "  " + fit(words["who"], _NAME) + fit(words["state"], _STATE) + fit(words["since"], _CLOCK, right=True) + "  "
        + fit(words["why"], _rest(width)) + fit(words["calls"], _CALLS, right=True) + fit(words["aht"], _AHT, right=True)
    )  # fmt: skip


def _cells(one: Member, now: datetime, width: int, row: Row | None) -> Iterator[Cell]:
    """The agent's line: a sign where somebody should look, the name, the state, its clock, why, calls today and AHT."""
    alarming = one.late or one.doing == "unheard"
    late = "late" if alarming else ""
    dim = "dim" if one.doing == "offline" else ""
    yield (" !" if alarming else "  "), late
    yield fit(line(one.name), _NAME - 1) + " ", dim
    yield fit(doing_word(one.doing), _STATE), late or dim
    yield fit(clock((now - one.since).total_seconds()), _CLOCK, right=True) + "  ", late or dim
    yield fit(_why(one, now, row, _rest(width)), _rest(width)), late or "dim"
    yield fit(str(one.calls) if one.calls else "-", _CALLS, right=True), dim
    yield fit(seconds(one.aht_s), _AHT, right=True), dim


def _why(one: Member, now: datetime, row: Row | None, width: int) -> str:
    """What fits of it, the most urgent first."""
    if one.doing == "unheard":
        return _fitting(width, t("wall.crew_unheard", at=local(one.since).strftime("%H:%M")), doing_word(one.was))
    if one.doing in ("call", "hold", "wrapup"):
        # A ticket of another queue than the supervisor's own is not here.
        return "" if row is None else f"{number_word(row.number)} {category_word(row.category)}".rstrip()
    reason = _reason(one.reason) if one.reason != one.doing else ""
    if one.doing == "offline" or one.until is None:
        return reason
    at = local(one.until).strftime("%H:%M")
    if one.late:
        over = clock((now - one.until).total_seconds())
        return _fitting(width, f"{reason} {t('wall.crew_over', over=over)}".lstrip(), t("wall.crew_due", at=at))
    return f"{reason} {t('wall.crew_until', at=at)}".lstrip()


def _fitting(width: int, first: str, more: str) -> str:
    both = f"{first}  {more}"
    return both if cell_len(both) <= width else first


def _reason(code: str) -> str:
    for name in (f"duty.{code}", f"wall.crew_{code}"):
        if code and has(name):
            return t(name)
    return line(code)
