"""How many more agents a half-hour needs, by Erlang C and, where patience was measured, by Erlang A; with a what-if."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Literal

import msgspec

from . import erlang
from .erlang import Demand

HALF_S = 1800.0
Lack = Literal["", "calls", "aht", "range"]


class WhatIf(msgspec.Struct, frozen=True, kw_only=True):
    """What is tried out: handle time and arrivals in percent of what was measured, and seconds more or less for the target."""

    aht: int = 100
    calls: int = 100
    target_s: int = 0


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    """``goal`` of the calls within ``target_s``, agents busy at most ``occupancy`` of the time, ``shrinkage`` of them away."""

    target_s: float
    goal: float
    occupancy: float
    shrinkage: float


class Lever(msgspec.Struct, frozen=True, kw_only=True):
    """The agents for one half-hour. ``c`` and ``a`` are agents at work by each model; ``rostered`` with those away for a while.

    ``more`` is what ``there`` lacks of the model that has the last word (A where patience is known). ``lack`` says what could not
    be known, and then there is no number: nobody has measured the calls or the handle time.
    """

    label: str
    calls: float | None
    c: int | None = None
    a: int | None = None
    rostered: int | None = None
    more: int | None = None
    lack: Lack = ""


@lru_cache(maxsize=64)
def lever(
    label: str,
    *,
    calls: float | None,
    aht_s: float | None,
    patience_s: float | None,
    there: int,
    goal: Goal,
    what_if: WhatIf | None = None,
) -> Lever:
    """The agents that ``calls`` in half an hour need; a what-if changes what is put in and never what was measured."""
    tried = what_if or WhatIf()
    if calls is None:
        return Lever(label=label, calls=None, lack="calls")
    calls = calls * tried.calls / 100
    if not aht_s:
        return Lever(label=label, calls=calls, lack="aht")
    target = max(0.0, goal.target_s + tried.target_s)
    try:
        steady = Demand(calls=calls, interval_s=HALF_S, aht_s=aht_s * tried.aht / 100, target_s=target)
        c = erlang.needed(steady, goal.goal, max_occupancy=goal.occupancy)
        a = None
        if patience_s and math.isfinite(patience_s):
            a = erlang.needed(
                msgspec.structs.replace(steady, patience_s=patience_s), goal.goal, max_occupancy=goal.occupancy
            )
    except ValueError:
        return Lever(label=label, calls=calls, lack="range")
    wanted = c if a is None else a
    return Lever(
        label=label,
        calls=calls,
        c=c,
        a=a,
        rostered=erlang.rostered(wanted, goal.shrinkage),
        more=max(0, wanted - there),
    )
