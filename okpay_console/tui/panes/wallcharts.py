"""What people look at rather than read: agents to add, the day's load with its forecast, service level, and ages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from ...content.interface import t
from ...domain.backlog import EDGES_S
from ...domain.calls import Formula
from ...domain.levers import Lever, WhatIf
from ...domain.wallnumbers import Wall
from .. import braille
from ..figures import formula_words, seconds
from ..render import fit
from ..rows import span

Line = tuple[str, str]


class Charts(Widget):
    """Lines of text and Braille, as many as there is room for; the most urgent stand first."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"charts--head", "charts--dim", "charts--warn"}

    def __init__(self) -> None:
        super().__init__()
        self._told: tuple[Wall, Formula, WhatIf] | None = None
        self._lines: list[Line] = []

    def show(self, wall: Wall, formula: Formula, what_if: WhatIf) -> None:
        self._told = (wall, formula, what_if)
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        if self._told is None:
            return
        lines = list(self._content(*self._told))
        if lines != self._lines:
            self._lines = lines
            self.refresh()

    def render_line(self, y: int) -> Strip:
        width, base = self.size.width, self.rich_style
        if y >= len(self._lines):
            return Strip.blank(width, base)
        text, role = self._lines[y]
        style: Style = base + self.get_component_rich_style(f"charts--{role}", partial=True) if role else base
        return Strip([Segment(fit(text, width), style)], width)

    def _content(self, wall: Wall, formula: Formula, what_if: WhatIf) -> Iterator[Line]:
        height = self.size.height
        spare = height - 21
        yield from _staffing(wall, what_if)
        if spare > 2:
            yield "", ""
        yield from self._load(wall, 5 if spare > 6 else 3)
        if spare > 2:
            yield "", ""
        yield from self._levels(wall, formula, 4 if spare > 6 else 2)
        if spare > 2:
            yield "", ""
        yield from self._ages(wall, long=spare > 4)

    def _load(self, wall: Wall, rows: int) -> Iterator[Line]:
        halves = wall.halves
        days = max((half.expected.days for half in halves), default=0)
        yield t("wall.load", days=days) if days else t("wall.load_none"), "head"
        came = [half.offered if half.stage != "next" else None for half in halves]
        due = [half.expected.calls for half in halves]
        most = max([1.0, *(value or 0 for value in came), *(value or 0 for value in due)])
        yield from self._curve(braille.bars(came, most, rows=rows, dots=due, wide=self._wide), f"{most:.0f}")

    def _levels(self, wall: Wall, formula: Formula, rows: int) -> Iterator[Line]:
        yield f"{t('wall.level')} {formula_words(wall, formula)}", "head"
        shares = [getattr(half.service_level, formula) if half.offered else None for half in wall.halves]
        goal = [wall.house.goal if half.offered else None for half in wall.halves]
        yield from self._curve(braille.bars(shares, 1.0, rows=rows, dots=goal, wide=self._wide), "100%")

    @property
    def _wide(self) -> bool:
        return self.size.width >= 55

    def _curve(self, lines: list[str], most: str) -> Iterator[Line]:
        for row, drawn in enumerate(lines):
            yield fit(most if row == 0 else "0" if row == len(lines) - 1 else "", 5, right=True) + " " + drawn, ""
        step = 12 if self._wide else 6
        yield " " * 6 + "".join(str(hour).ljust(step) for hour in (0, 6, 12, 18)), "dim"

    def _ages(self, wall: Wall, *, long: bool) -> Iterator[Line]:
        yield t("wall.ages"), "head"
        counts = wall.backlog.ages
        labels = [*(f"<{span(edge)}" for edge in EDGES_S), t("wall.older")]
        if not long:
            pairs = [f"{label} {count}" for label, count in zip(labels, counts, strict=True)]
            for at in range(0, len(pairs), 3):
                yield "".join(fit(pair, 11) for pair in pairs[at : at + 3]), ""
            return
        most, room = max(*counts, 1), max(self.size.width - 16, 1)
        for label, count in zip(labels, counts, strict=True):
            drawn = "=" * max(round(room * count / most), 1 if count else 0)
            yield f"{fit(label, 7)}{count:>6}  {drawn}", ""


def _staffing(wall: Wall, what_if: WhatIf) -> Iterator[Line]:
    house, measured = wall.house, wall.measured
    target = max(0.0, house.target_s + what_if.target_s)
    yield f"{t('wall.staffing')}  {t('wall.goal', goal=f'{house.goal * 100:g}', target=f'{target:g}')}", "head"
    lacks = {lever.lack for lever in wall.levers}
    if lacks - {""} and "" not in lacks:
        yield t(f"wall.lack_{wall.levers[0].lack}"), "warn"
    else:
        yield t("wall.staff_head"), "dim"
        for lever in wall.levers[:3]:
            yield _lever(lever), "warn" if lever.more else ""
    yield (
        t(
            "wall.there",
            there=measured.there,
            shrinkage=f"{house.shrinkage * 100:g}",
            occupancy=f"{house.occupancy * 100:g}",
        ),
        "dim",
    )
    if what_if == WhatIf():
        pooled = t("wall.pooled") if measured.pooled else ""
        told = t(
            "wall.basis",
            aht=seconds(measured.aht_s),
            patience=seconds(measured.patience_s),
            finished=measured.finished,
            pooled=pooled,
        )
        yield told, "dim"
    else:
        yield t("wall.tried", aht=what_if.aht, calls=what_if.calls, target=f"{what_if.target_s:+d}"), "warn"


def _lever(lever: Lever) -> str:
    calls = "-" if lever.calls is None else f"{lever.calls:.1f}"
    if lever.lack:
        return f"{lever.label} {calls:>6}  {t(f'wall.lack_{lever.lack}')}"
    a = "-" if lever.a is None else str(lever.a)
    more = f"+{lever.more}" if lever.more else "0"
    return f"{lever.label} {calls:>6} {lever.c:>2} {a:>2} {lever.rostered:>4} {more:>4}"
