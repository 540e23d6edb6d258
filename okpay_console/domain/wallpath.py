"""Any number of the wall by its dotted path, such as ``calls.service_level.strict`` or ``groups.queue.vip.open``."""

from __future__ import annotations

import types
from collections.abc import Mapping
from functools import cache
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from . import calls
from .calls import Tally
from .wallnumbers import Group, Wall

LONGEST: Final = 200
_NOW: Final = "now"
"""Among the half-hours: the one that passes at the moment."""


def number(wall: Wall, path: str) -> float | None:
    """The number at ``path``; None where the wall cannot tell it now (no calls yet, nobody measured).

    A queue, channel or category that nothing stands in has no entry on the wall; its counts are 0 and its shares unknown.
    """
    found: Any = wall
    parts = path.split(".")
    while parts and found is not None:
        found, parts = _down(found, parts)
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    return found


def _down(found: Any, parts: list[str]) -> tuple[Any, list[str]]:
    name, rest = parts[0], parts[1:]
    if isinstance(found, Mapping):
        # A queue's name may have dots in it; the longest that is there is meant.
        for size in range(len(parts), 0, -1):
            one = found.get(".".join(parts[:size]))
            if isinstance(one, Mapping) or (one is not None and _leads(type(one), tuple(parts[size:]))):
                return one, parts[size:]
        # Nothing stands under that name: a group without anything in it, or a counter that has counted none.
        below = next((parts[size:] for size in range(1, len(parts)) if _leads(Group, tuple(parts[size:]))), None)
        return (0, []) if below is None else (_EMPTY, below)
    if isinstance(found, tuple):
        if name == _NOW:
            return next((one for one in found if getattr(one, "stage", "") == _NOW), None), rest
        return (found[int(name)] if name.isdecimal() and int(name) < len(found) else None), rest
    return (getattr(found, name, None) if _shown(type(found), name) else None), rest


_EMPTY: Final = Group(open=0, overdue=0, calls=calls.numbers(Tally()))


@cache
def known(path: str) -> bool:
    """Whether a wall can have a number at ``path`` at all. Keys of groups are taken as they come."""
    return 0 < len(path) <= LONGEST and all(path.split(".")) and _leads(Wall, tuple(path.split(".")))


def within(path: str, queue: str) -> bool:
    """Whether the number at ``path`` is one of that queue alone."""
    if path == f"tickets.by_queue.{queue}":
        return True
    head = f"groups.queue.{queue}."
    return path.startswith(head) and _leads(Group, tuple(path.removeprefix(head).split(".")))


def _leads(kind: Any, parts: tuple[str, ...]) -> bool:
    kinds = get_args(kind) if get_origin(kind) in (Union, types.UnionType) else (kind,)
    return any(_reaches(one, parts) for one in kinds)


def _reaches(kind: Any, parts: tuple[str, ...]) -> bool:
    if not parts:
        return kind in (int, float)
    name, rest = parts[0], parts[1:]
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _shown(kind, name) and _leads(_kind_of(kind, name), rest)
    origin, inside = get_origin(kind), get_args(kind)
    if origin is dict:
        if get_origin(inside[0]) is Literal:
            return name in get_args(inside[0]) and _leads(inside[1], rest)
        return any(_leads(inside[1], parts[size:]) for size in range(1, len(parts) + 1))
    if origin is tuple:
        return (name.isdecimal() or name == _NOW) and _leads(inside[0], rest)
    return False


def _shown(kind: type, name: str) -> bool:
    return name in getattr(kind, "__struct_fields__", ()) or isinstance(getattr(kind, name, None), property)


def _kind_of(kind: type, name: str) -> Any:
    own = getattr(kind, name, None)
    if isinstance(own, property):
        return get_type_hints(own.fget).get("return")
    return get_type_hints(kind)[name]
