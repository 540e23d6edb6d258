"""Posting lists at rest: which rows hold a term, as numbers or as one bit mask over all rows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Final

_RARE: Final = 32
"""The mask of a term in no more rows than this is made anew each time: it is quick, and keeping all would fill memory."""


class Postings:
    """Terms and the ascending numbers of the rows that hold them, kept as bytes until they are asked for.

    A term may be a word, a character or two neighbours; ``^x`` means "begins with x", ``~x`` a character that the
    canonical wording has lost.
    """

    def __init__(self, stored: dict[str, bytes], total: int) -> None:
        self.total = total
        self._stored = stored
        self._masks: dict[str, int] = {}

    def __contains__(self, term: str) -> bool:
        return term in self._stored

    def __iter__(self) -> Iterator[str]:
        return iter(self._stored)

    def size(self, term: str) -> int:
        """How many rows hold a known term."""
        return len(self._stored[term]) // 4

    def rows(self, term: str) -> Iterable[int]:
        """The rows that hold the term; none for an unknown one."""
        stored = self._stored.get(term)
        return numbers(stored, "I") if stored else ()

    def mask(self, term: str) -> int:
        """Bit ``r`` is set where row ``r`` holds the known term."""
        found = self._masks.get(term)
        if found is None:
            found = mask_of(self.rows(term), self.total)
            if self.size(term) > _RARE:
                self._masks[term] = found
        return found

    def rarity(self, size: int) -> float:
        """BM25's inverse document frequency of a term held by ``size`` rows."""
        return math.log(1 + (self.total - size + 0.5) / (size + 0.5))


def mask_of(rows: Iterable[int], total: int) -> int:
    """One number whose bit ``r`` is set for every row ``r``."""
    bits = bytearray(total // 8 + 1)
    for row in rows:
        bits[row >> 3] |= 1 << (row & 7)
    return int.from_bytes(bits, "little")


def bits(mask: int, limit: int) -> Iterator[int]:
    """The lowest ``limit`` set bits of a mask, ascending."""
    while mask and limit > 0:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
        limit -= 1


def numbers(stored: bytes, code: str) -> memoryview:
    """An array at rest as numbers, without copying it; TypeError where the size does not fit."""
    return memoryview(stored).cast(code)  # type: ignore[call-overload, no-any-return]
