"""The hotline's calls by quarter of an hour, so that of a day only the changed quarters are counted anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from operator import add
from typing import Final, Literal, NamedTuple

from .calllog import SECOND, Micros
from .calls import Rule, Tally, count
from .heard import Heard

Dimension = Literal["channel", "category", "queue"]
DIMENSIONS: Final[tuple[Dimension, ...]] = ("channel", "category", "queue")
QUARTER: Final[Micros] = 15 * 60 * SECOND
"""Every zone in use is a multiple of this from UTC, so days and half-hours of all of them are made of whole quarters."""
Kind = tuple[str, str, str]
"""Channel, category and queue of a call's ticket."""
_NAMES: Final = tuple(name for name in Tally.__struct_fields__ if name not in ("contact", "idle", "on_break"))
_Sum = list[int]
"""The values of a tally by ``_NAMES``, the number of offered calls first; whole numbers, so taking away is exact."""
_NOTHING: Final = (0,) * len(_NAMES)
_NEVER: Final = 1 << 62


class _Sums(NamedTuple):
    total: _Sum
    kinds: dict[Kind, _Sum]


class Bins:
    """Calls by the quarter in which they were offered; each quarter is counted once and kept up to date then.

    ``rule`` is fixed, because the sums are kept.
    """

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._calls: defaultdict[int, dict[str, tuple[Heard, ...]]] = defaultdict(dict)
        self._sums: dict[int, _Sums] = {}
        self._oldest = _NEVER

    def put(self, ticket: str, calls: Iterable[Heard]) -> None:
        """Adds the calls of a ticket that has none here."""
        parts: defaultdict[int, list[Heard]] = defaultdict(list)
        for call in calls:
            parts[call.offered // QUARTER].append(call)
        for quarter, part in parts.items():
            self._calls[quarter][ticket] = tuple(part)
            self._adjust(quarter, part, 1)

    def drop(self, ticket: str, calls: Iterable[Heard]) -> None:
        """Takes the calls of a ticket out again."""
        for quarter in {call.offered // QUARTER for call in calls}:
            self._adjust(quarter, self._calls[quarter].pop(ticket, ()), -1)

    def between(self, begins: Micros, ends: Micros) -> Iterator[Heard]:
        """The calls offered from ``begins`` up to but not including ``ends``."""
        for quarter in range(begins // QUARTER, -(-ends // QUARTER)):
            for calls in self._calls[quarter].values() if quarter in self._calls else ():
                for call in calls:
                    if begins <= call.offered < ends:
                        yield call

    def tally(self, begins: Micros, ends: Micros) -> Tally:
        """The sums of a stretch."""
        return _tally(sums.total for sums in self._stretch(begins, ends))

    def kinds(self, begins: Micros, ends: Micros) -> dict[Kind, Tally]:
        """The sums of a stretch by (channel, category, queue)."""
        found: defaultdict[Kind, list[_Sum]] = defaultdict(list)
        for sums in self._stretch(begins, ends):
            for kind, one in sums.kinds.items():
                found[kind].append(one)
        return {kind: _tally(parts) for kind, parts in found.items()}

    def changed_before(self, at: Micros) -> bool:
        """Whether a quarter before ``at`` has changed since this was last asked."""
        changed = self._oldest * QUARTER < at
        self._oldest = _NEVER
        return changed

    def _adjust(self, quarter: int, calls: Iterable[Heard], step: int) -> None:
        self._oldest = min(self._oldest, quarter)
        sums = self._sums.get(quarter)
        if sums is None:
            return  # counted once somebody asks
        for call in calls:
            kind = (call.channel, call.category, call.queue)
            added = [step * value for value in _values(count((call,), self._rule))]
            sums.total[:] = map(add, sums.total, added)
            now = list(map(add, sums.kinds.get(kind, _NOTHING), added))
            if now[0]:
                sums.kinds[kind] = now
            else:
                del sums.kinds[kind]

    def _stretch(self, begins: Micros, ends: Micros) -> Iterator[_Sums]:
        first, last = -(-begins // QUARTER), ends // QUARTER
        if last < first:
            yield self._count(self.between(begins, ends))
            return
        if begins < first * QUARTER:
            yield self._count(self.between(begins, first * QUARTER))
        for quarter in range(first, last):
            if quarter not in self._calls:
                continue
            sums = self._sums.get(quarter)
            if sums is None:
                whole = (call for calls in self._calls[quarter].values() for call in calls)
                sums = self._sums[quarter] = self._count(whole)
            yield sums
        if last * QUARTER < ends:
            yield self._count(self.between(last * QUARTER, ends))

    def _count(self, calls: Iterable[Heard]) -> _Sums:
        kinds: defaultdict[Kind, list[Heard]] = defaultdict(list)
        for call in calls:
            kinds[call.channel, call.category, call.queue].append(call)
        parts = {kind: _values(count(part, self._rule)) for kind, part in kinds.items()}
        return _Sums(_values(_tally(parts.values())), parts)


def by(kinds: dict[Kind, Tally], dimension: Dimension) -> dict[str, Tally]:
    """The sums by one of the three."""
    place = DIMENSIONS.index(dimension)
    found: defaultdict[str, list[_Sum]] = defaultdict(list)
    for kind, one in kinds.items():
        found[kind[place]].append(_values(one))
    return {key: _tally(parts) for key, parts in sorted(found.items())}


def _values(one: Tally) -> _Sum:
    return [getattr(one, name) for name in _NAMES]


def _tally(parts: Iterable[_Sum]) -> Tally:
    # Nothing to add up gives no columns at all, and then every sum is 0.
    return Tally(**dict(zip(_NAMES, map(sum, zip(*parts, strict=True)), strict=False)))
