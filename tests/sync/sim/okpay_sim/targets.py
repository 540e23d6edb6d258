"""Mixes of faults: all of them, and those that look for one rare thing."""

from __future__ import annotations

from msgspec.structs import replace

from . import trouble, work
from .faults import LIGHT, Mix
from .world import Plan

_CALM = Mix(fault=0.03, kill=0.0, crash=0.0, jumps=False, only=True)
_RESTORED = replace(
    _CALM, steps=30, page=(500,), people=2, events={"do": 30, "bring": 8, "round": 25, "save": 8, "restore": 8}
)
_COPIED = replace(
    _CALM, steps=30, people=1, page=(500,), events={"do": 40, "round": 25, "copy": 8, "rollback": 10, "witness": 5}
)

TARGETS: dict[str, Mix] = {
    "all": LIGHT,
    "two-records": replace(_CALM, kill=0.05, events={"do": 30, "round": 30, "bring": 10}),
    "no-reoffer": _RESTORED,
    "no-fork": _RESTORED,
    # A restore in the middle of a catch-up in many pages, of which one gets lost now and then.
    "proof-at-pos": replace(
        _RESTORED, fault=0.3, page=(1, 2), events={"do": 20, "bring": 12, "round": 40, "save": 8, "restore": 12}
    ),
    # A relist in many pages, of tickets that a trim has left behind.
    "no-keep": replace(
        _CALM, page=(1, 2), people=2, events={"do": 20, "bring": 10, "round": 30, "trim": 8, "scope": 10}
    ),
    "split-commit": replace(_CALM, page=(1, 2), people=2, events={"bring": 20, "round": 30}),
    "mid-only": _COPIED,
    "no-client-fork": _COPIED,
    "late-page": replace(_CALM, events={"do": 30, "round": 30, "bring": 5, "late": 15}),
    "no-age": replace(
        _CALM, fault=0.3, jumps=True, events={"make": 10, "round": 30, "jump": 15, "restart": 10}
    ),
    "no-retelling": replace(
        _CALM, events={"tell": 30, "keep": 20, "save": 8, "restore": 8}
    ),
    "no-fsync": replace(_CALM, kill=0.02, power=1.0, events={"do": 40, "round": 20, "draft": 10, "restart": 10}),
}  # fmt: skip

# One log on two machines, of which one had five acknowledged; the server forgets two of them and takes two of the other's
# under their numbers. What the first sends next has the right number, and only its link shows that it follows other words.
FORGOTTEN: Plan = (
    (work.make, 0), (work.make, 0), (work.make, 0), (work.round, 0), (trouble.clone, 0), (trouble.save, 0),
    (work.make, 0), (work.make, 0), (work.round, 0), (trouble.restore, 0),
    (work.make, 1), (work.make, 1), (work.round, 1), (work.make, 0), (work.round, 0),
)  # fmt: skip
PLANS: dict[str, tuple[Plan, Mix]] = {
    "no-prev": (FORGOTTEN, replace(_CALM, fault=0.0, people=1, page=(500,))),
}
