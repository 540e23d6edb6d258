"""Charts as inline SVG: bars over a clock or over names, with a title and a description for those who hear the page."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import msgspec

from okpay_console.cli.markup import escape

WIDTH, HEIGHT = 720, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 8, 26, 30


class Bar(msgspec.Struct, frozen=True):
    """One bar: how high, and how much of it is filled (None: all). ``value`` None leaves the place empty."""

    label: str
    value: float | None
    filled: float | None = None


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """``legend`` names the outline and what is filled; ``line`` is drawn across as a goal; ``top`` fixes the end of the axis."""

    id: str
    title: str
    bars: Sequence[Bar]
    legend: tuple[str, ...] = ()
    line: float | None = None
    top: float | None = None
    unit: str = ""
    empty: str = ""


def upright(chart: Chart) -> str:
    """Bars side by side: the half-hours of a day, the days of a week."""
    highest = chart.top or _ceiling(max((one.value or 0 for one in chart.bars), default=0))
    parts = list(_axis(chart, highest))
    step = (WIDTH - _LEFT - _RIGHT) / max(len(chart.bars), 1)
    every = max(1, math.ceil(len(chart.bars) / 12))
    for place, bar in enumerate(chart.bars):
        x = _LEFT + place * step
        if place % every == 0:
            parts.append(_text(x + step / 2, HEIGHT - 10, bar.label, "middle"))
        if bar.value is None:
            continue
        told = f"{bar.label}: {_number(bar.value)}{chart.unit}"
        told += "" if bar.filled is None else f" / {_number(bar.filled)}{chart.unit}"
        parts.append(f"<g><title>{escape(told)}</title>")
        parts.append(_rect(x + step * 0.12, bar.value, step * 0.76, highest, "bar" if bar.filled is None else "edge"))
        if bar.filled is not None:
            parts.append(_rect(x + step * 0.26, bar.filled, step * 0.48, highest, "bar"))
        parts.append("</g>")
    if chart.line is not None:
        y = _height(chart.line, highest)
        parts.append(f'<line class="goal" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        # Named above the bars, where none of them can cover it.
        parts.append(f'<line class="goal" x1="{WIDTH - 84}" x2="{WIDTH - 56}" y1="12" y2="12"/>')
        parts.append(_text(WIDTH - _RIGHT, 16, f"{_number(chart.line)}{chart.unit}", "end"))
    return _whole(chart, parts, HEIGHT)


def lying(chart: Chart) -> str:
    """Bars below each other, each with its name before it and its number behind it."""
    highest = max((one.value or 0 for one in chart.bars), default=0) or 1
    parts, left, room = [], 170, WIDTH - 170 - 60
    for place, bar in enumerate(chart.bars):
        y = _TOP + place * 24
        width = (bar.value or 0) / highest * room
        parts.append(_text(left - 8, y + 15, bar.label, "end"))
        parts.append(f'<rect class="bar" x="{left}" y="{y + 3}" width="{width:.1f}" height="16"/>')
        parts.append(_text(left + width + 6, y + 15, f"{_number(bar.value or 0)}{chart.unit}", "start"))
    return _whole(chart, parts, _TOP + 24 * len(chart.bars) + 6)


def _axis(chart: Chart, highest: float) -> Iterator[str]:
    for part in (0, 0.5, 1):
        y = _height(highest * part, highest)
        yield f'<line class="grid" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield _text(_LEFT - 6, y + 4, _number(highest * part), "end")
    x = float(_LEFT)
    for place, name in enumerate(chart.legend):
        kind = "edge" if place == 0 and len(chart.legend) > 1 else "bar"
        yield f'<rect class="{kind}" x="{x:.0f}" y="6" width="12" height="12"/>' + _text(x + 17, 16, name, "start")
        x += 34 + sum(13 if ord(letter) > 0x2E80 else 7.5 for letter in name)


def _whole(chart: Chart, parts: Sequence[str], height: int) -> str:
    told = "; ".join(
        f"{one.label} {_number(one.value)}{chart.unit}"
        + ("" if one.filled is None else f" / {_number(one.filled)}{chart.unit}")
        for one in chart.bars
        if one.value
    )
    name = escape(chart.id)
    return (
        f'<figure><figcaption>{escape(chart.title)}</figcaption><svg role="img" viewBox="0 0 {WIDTH} {height}" '
        f'aria-labelledby="{name}-t {name}-d"><title id="{name}-t">{escape(chart.title)}</title>'
        f'<desc id="{name}-d">{escape(told or chart.empty)}</desc>{"".join(parts)}</svg></figure>'
    )


def _rect(x: float, value: float, width: float, highest: float, kind: str) -> str:
    y = _height(value, highest)
    base = HEIGHT - _BOTTOM
    return f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{max(base - y, 0):.1f}"/>'


def _height(value: float, highest: float) -> float:
    return HEIGHT - _BOTTOM - (HEIGHT - _BOTTOM - _TOP) * min(value / highest, 1)


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _ceiling(value: float) -> float:
    """The next of 2, 4, 10, 20, 40, … so that half of it is whole."""
    scale = 1.0
    while True:
        for step in (2, 4, 10):
            if value <= step * scale:
                return step * scale
        scale *= 10


def _number(value: float) -> str:
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.1f}"
