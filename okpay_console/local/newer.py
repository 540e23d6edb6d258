"""What a newer console wrote around words in this store: carried through every rewriting, and sent as it was written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from ..domain.operations import Guard
from ..domain.wire import Item
from .chain import Entry, Review

_WITHIN: Final[Mapping[type[msgspec.Struct], Mapping[str, type[msgspec.Struct]]]] = {
    Entry: {"item": Item},
    Review: {"item": Item},
    Item: {"guard": Guard},
}


def carried(fresh: dict[str, Any], stored: Mapping[str, Any] | None, kind: type[msgspec.Struct]) -> dict[str, Any]:
    """The document ``fresh`` of a ``kind`` with what ``stored`` has and this version knows nothing of."""
    if not stored:
        return fresh
    merged = {name: value for name, value in stored.items() if name not in kind.__struct_encode_fields__}
    for name, inner in _WITHIN.get(kind, {}).items():
        mine, theirs = fresh.get(name), stored.get(name)
        if isinstance(mine, dict) and isinstance(theirs, Mapping):
            merged[name] = carried(mine, theirs, inner)
    return {**fresh, **merged} if merged else fresh


def says_more(stored: Mapping[str, Any], kind: type[msgspec.Struct]) -> bool:
    """Whether there is anything in the document that this version knows nothing of."""
    if not stored.keys() <= set(kind.__struct_encode_fields__):
        return True
    within = _WITHIN.get(kind, {}).items()
    return any(isinstance(stored.get(name), Mapping) and says_more(stored[name], inner) for name, inner in within)
