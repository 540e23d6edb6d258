"""The floor's alarms that concern an agent: which of them stand, and what they say."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from ..content.interface import has, t
from .render import line as one_line

if TYPE_CHECKING:
    from ..domain.daybook import Line


def standing(lines: Iterable[Line], *, for_agents: bool = True) -> list[Line]:
    """Alarms that were raised and not cleared, the newest first, those marked for agents or all; however the lines came in."""
    last: dict[str, Line] = {}
    for told in lines:
        if told.kind == "alarm" and (told.about == "*" or not for_agents):
            before = last.get(told.what)
            if before is None or (told.at, told.seq) >= (before.at, before.seq):
                last[told.what] = told
    return sorted((told for told in last.values() if told.reason == "raised"), key=lambda told: told.at, reverse=True)


def words(alarm: Line) -> str:
    """What an alarm says: its own words, or its metric and value; its name where it tells neither."""
    try:
        told: Any = msgspec.json.decode(alarm.words)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        return one_line(alarm.words or alarm.what)
    own = told.get("words")
    if isinstance(own, str) and own.strip():
        return one_line(own)
    metric, value = told.get("metric"), told.get("value")
    if not isinstance(metric, str):
        return one_line(alarm.what)
    key = f"floor.{metric.replace('.', '_')}"
    name = t(key) if has(key) else metric
    share = metric.rpartition(".")[2] in _SHARES or ".service_level." in metric
    return one_line(f"{name} {_number(value, share=share)}".rstrip())


_SHARES = frozenset({"abandonment", "abandonment_net", "occupancy", "utilisation", "fcr"})


def _number(value: object, *, share: bool) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    return f"{value * 100:.0f}%" if share else f"{value:g}"
