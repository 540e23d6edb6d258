"""What letters may be meant where one slip of the fingers is in them: readings of mistyped pinyin."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final

from okpay_console.domain.pinyin import pinyin
from okpay_console.domain.wording import within

ANY: Final = "*"
"""Alone: any character. Before letters: a character whose sound they are with one slip in it."""
_LETTERS, _SLIPS = 24, 60
"""Letters of a query that are read with a slip, and the readings that are tried."""
_SHORT: Final = 10
"""Letters up to which a word may be initials with one too many."""
_GARBLED: Final = 7
"""Letters of one syllable with a slip in it: six, and one too many."""
_LATIN: Final = re.compile(r"[a-z]+")


def slipped(runs: list[str]) -> list[tuple[str, ...]]:
    """Readings of one run of letters with a letter too many, two swapped, or one part that is anything at all."""
    word = _one_word(runs)
    read: dict[tuple[str, ...], None] = {}
    for parts in pinyin().divide(word) if word else ():
        if len(parts) > 2:
            read |= dict.fromkeys((*parts[:at], ANY, *parts[at + 1 :]) for at in range(len(parts)))
    for at in range(len(word) - 1):
        read[pinyin().divide(word[:at] + word[at + 1] + word[at] + word[at + 2 :], width=1)[0]] = None
    for at in range(len(word) if len(word) <= _SHORT else 0):
        read[pinyin().divide(word[:at] + word[at + 1 :], width=1)[0]] = None
    return [parts for parts in read if len(parts) > 1][:_SLIPS]


def _one_word(runs: list[str]) -> str:
    """The letters as one run; "" where they are not only letters, or fewer than four: a slip in those leaves nothing to know."""
    word = "".join(runs)
    return word if 4 <= len(word) <= _LETTERS and _LATIN.fullmatch(word) else ""


def garbled(runs: list[str]) -> list[tuple[str, ...]]:
    """Readings in whole syllables around one garbled one: a single slip leaves what stands before and behind it intact.

    Those with the fewest garbled letters come first.
    """
    word = _one_word(runs)
    before, behind = _syllables(word)
    read: list[tuple[int, tuple[str, ...]]] = []
    for start, head in before.items():
        for end in range(start + 1, min(start + _GARBLED, len(word)) + 1):
            tail = behind.get(end)
            if tail is not None and head + tail and near_syllables(word[start:end]):
                read.append((end - start, (*head, ANY + word[start:end], *tail)))
    return [parts for _, parts in sorted(read, key=lambda pair: pair[0])][:_SLIPS]


def _syllables(word: str) -> tuple[dict[int, tuple[str, ...]], dict[int, tuple[str, ...]]]:
    """The parts of the word before each place, and behind it, in the fewest whole syllables; the word's last may be begun."""
    known, begun = pinyin().any, pinyin().starting
    before: dict[int, tuple[str, ...]] = {0: ()}
    for end in range(1, len(word) + 1):
        ways = [
            (*before[start], word[start:end])
            for start in range(max(0, end - 6), end)
            if start in before and word[start:end] in known
        ]
        if ways:
            before[end] = min(ways, key=len)
    behind: dict[int, tuple[str, ...]] = {len(word): ()}
    for start in range(len(word) - 1, -1, -1):
        ways = [
            (word[start:end], *behind[end])
            for end in range(start + 1, min(start + 6, len(word)) + 1)
            if end in behind and (word[start:end] in known or (end == len(word) and word[start:end] in begun))
        ]
        if ways:
            behind[start] = min(ways, key=len)
    return before, behind


@lru_cache(1024)
def near_syllables(letters: str) -> tuple[str, ...]:
    """The syllables that one letter added, dropped, changed or swapped with the next turns into these letters.

    Two such words have a form in common that lacks at most one letter of each, so only those that share one are compared.
    """
    shorter = _shortened()
    near = {name: None for form in _forms(letters) for name in shorter.get(form, ())}
    return tuple(name for name in near if within(letters, name, 1))


@cache
def _shortened() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in pinyin().any:
        for form in _forms(name):
            found.setdefault(form, []).append(name)
    return found


def _forms(letters: str) -> set[str]:
    return {letters, *(letters[:at] + letters[at + 1 :] for at in range(len(letters)))}
