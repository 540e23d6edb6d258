"""Which tickets have a key, or one of a range of keys: sorted runs of numbers, small in memory and cheap to add to."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import islice, takewhile
from typing import Final

RUN: Final = 2048
"""Pairs that are sorted together. Sorting so many takes about a millisecond, which a keystroke beside it does not feel;
a search looks into every run, and 100,000 tickets make 50 of them."""
_SIZE: Final = 12
"""Letters and digits of a text that its key holds: 36 to the power of 12 is the most below 2 to the power of 63."""
_STEP: Final = str.maketrans("0123456789abcdefghijklmnopqrstuvwxy", "123456789abcdefghijklmnopqrstuvwxyz")
"""Each one further, so that 0 means that there is no more: 8 must not be found where 800 is looked for. y and z are alike."""
_OTHER: Final = re.compile(r"[^0-9a-z]+")


class Ranges:
    """Pairs of a key (below 2**64) and a slot. Pairs are only ever added: who asks looks whether one is still true."""

    def __init__(self, *, run: int = RUN) -> None:
        self._run = run
        self._runs: list[tuple[array[int], array[int]]] = []
        self._new: list[tuple[int, int]] = []
        self._sorted = True

    def add(self, key: int, slot: int) -> None:
        self._new.append((key, slot))
        self._sorted = False
        if len(self._new) == self._run:
            self._new.sort()
            self._runs.append(
                (array("Q", (pair[0] for pair in self._new)), array("I", (pair[1] for pair in self._new)))
            )
            self._new.clear()

    def between(self, low: int, high: int) -> Iterator[Sequence[int]]:
        """The slots whose key is at least ``low`` and at most ``high``, run by run; one may come twice."""
        for keys, slots in self._runs:
            first = bisect_left(keys, low)
            if first < len(keys) and keys[first] <= high:
                yield slots[first : bisect_right(keys, high, first)]
        if not self._sorted:
            self._new.sort()
            self._sorted = True
        first = bisect_left(self._new, (low, 0))
        yield [slot for _, slot in takewhile(lambda pair: pair[0] <= high, islice(self._new, first, None))]

    def starting(self, text: str) -> Iterator[Sequence[int]]:
        """The slots whose text begins so (and a few more where more than twelve letters count); none for no letter at all."""
        bare = _bare(text)
        return self.between(int(bare.ljust(_SIZE, "0"), 36), int(bare.ljust(_SIZE, "z"), 36)) if bare else iter(())


def squeeze(text: str) -> str:
    """The letters a to z and digits of case-folded text."""
    return text if text.isascii() and text.isalnum() else _OTHER.sub("", text)


def key_of(text: str) -> int:
    """The key of case-folded text: its first letters and digits as one number, so that texts that begin alike are neighbours."""
    return int(_bare(text).ljust(_SIZE, "0"), 36)


def _bare(text: str) -> str:
    return squeeze(text)[:_SIZE].translate(_STEP)
