"""Ticket numbers: in the order of arrival as long as everybody sees every queue, and in none from then on.

Two running numbers tell how many tickets lie between them, also to somebody who may not know of those. So when the first person
is confined to some queues, the count of the tickets begins to be mixed with the database's key into a number with as many digits:
those of the first 90,000 tickets are anywhere between 10,001 and 99,999, and that is all that they tell.
"""

from __future__ import annotations

import hashlib
from typing import Final

_ROUNDS: Final = 8


def number(key: bytes, count: int, *, begin: int) -> int:
    """The number of the ticket that is counted as ``count``; those before ``begin`` (0: all) are in order.

    A Feistel network over the numbers of as many digits (cycle-walking: Black and Rogaway 2002), so no two are the same.
    """
    if not 0 < begin <= count:
        return count
    end: int = 10 ** len(str(count))
    first = max(begin, end // 10)
    place = count - first
    while True:
        place = _mixed(key, place, first, end - first)
        if place < end - first:
            return first + place


def _mixed(key: bytes, place: int, first: int, size: int) -> int:
    half = max((size - 1).bit_length() + 1, 2) // 2
    low = (1 << half) - 1
    left, right = place >> half, place & low
    for turn in range(_ROUNDS):
        told = f"{first} {size} {turn} {right}".encode()
        mixed = hashlib.blake2b(told, key=key, digest_size=8).digest()
        left, right = right, left ^ (int.from_bytes(mixed, "big") & low)
    return left << half | right
