"""Which tickets hold a term: one number, a short list or a bit for every ticket, whichever is smallest."""

from __future__ import annotations

from array import array
from bisect import bisect_left, insort
from collections.abc import Iterable
from typing import Final

Term = int | str
_DENSE: Final = 32
"""A list of 32-bit numbers is longer than one bit for each ticket once more than one ticket in so many is on it."""
_LEAST: Final = 256
"""Below this a list stays a list, however few tickets there are."""
_SPARE: Final = 1024
"""Bytes by which bits grow: a new ticket must not copy them all each time."""


class Holders:
    """Terms and the slots of the tickets that hold them. Slots are only ever added: who asks looks whether one is still true.

    A term is a character's number (below 2**16), a number of two neighbouring characters, or a word; words of letters can be
    looked for by how they begin.
    """

    def __init__(self) -> None:
        self._where: dict[Term, int | array[int] | bytearray] = {}
        self._words: list[str] = []
        self.total = 0

    def __len__(self) -> int:
        return len(self._where)

    def add(self, terms: Iterable[Term], slot: int) -> None:
        """The ticket of this slot holds these terms; a second time is harmless."""
        self.total = max(self.total, slot + 1)
        where = self._where
        most = max(_LEAST, self.total // _DENSE)
        at, bit = slot >> 3, 1 << (slot & 7)
        for term in terms:
            found = where.get(term)
            if type(found) is bytearray:
                try:
                    found[at] |= bit
                except IndexError:
                    found.extend(bytes(at - len(found) + _SPARE))
                    found[at] |= bit
            elif found is None:
                where[term] = slot
                if isinstance(term, str):
                    insort(self._words, term)
            elif type(found) is array:
                found.append(slot)
                if len(found) > most:
                    bits = bytearray((self.total >> 3) + _SPARE)
                    fill(bits, found)
                    where[term] = bits
            elif found != slot:
                where[term] = array("I", (found, slot))  # type: ignore[arg-type]  # one number, nothing else is left

    def mask(self, term: Term) -> int:
        """Bit ``s`` is set where the ticket of slot ``s`` holds the term."""
        return self._mask([term])

    def starting(self, prefix: str) -> int:
        """As ``mask``, for every word that begins so."""
        first = bisect_left(self._words, prefix)
        last = bisect_left(self._words, prefix + "\U0010ffff", first)
        return self._mask(self._words[first:last])

    def _mask(self, terms: Iterable[Term]) -> int:
        found, bits = 0, bytearray((self.total >> 3) + 1)
        for term in terms:
            holders = self._where.get(term)
            if isinstance(holders, bytearray):
                found |= int.from_bytes(holders, "little")
            elif isinstance(holders, int):
                bits[holders >> 3] |= 1 << (holders & 7)
            elif holders is not None:
                fill(bits, holders)
        return found | int.from_bytes(bits, "little")


def fill(bits: bytearray, slots: Iterable[int]) -> None:
    """Sets the bit of every slot; ``bits`` must be long enough."""
    for slot in slots:
        bits[slot >> 3] |= 1 << (slot & 7)
