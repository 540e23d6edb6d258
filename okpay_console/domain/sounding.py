"""Matches typed pinyin, initials and mixed input against the characters of titles and keywords, whatever their readings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from okpay_console.domain.pinyin import pinyin
from okpay_console.domain.postings import Postings, bits, mask_of
from okpay_console.domain.slips import ANY, garbled, near_syllables, slipped
from okpay_console.domain.wording import tokens

_VERIFY, _VERIFY_SLIP, _SOUND_LEADERS = 300, 25, 40
"""Rows whose characters are compared with one reading of typed letters, with one of a slip, and how many that match are
enough: rows that begin with the first letter come first, and short ones before long ones."""
_RUNS, _LETTERS = 24, 24
"""Runs and letters of a query that are read as pinyin."""
_LATIN: Final = re.compile(r"[a-z]+")


class Sounding:
    """Titles and keywords without spaces, sorted by length; a row whose text is empty is not matched by sound."""

    def __init__(self, postings: Postings, texts: list[str], weights: memoryview) -> None:
        """``weights`` are the factors of the fields, as 32-bit floats."""
        self._postings = postings
        self._texts = texts
        self._weight = weights
        self._phrases = mask_of((row for row, text in enumerate(texts) if text), len(texts))
        self._masks: dict[tuple[str, bool], int] = {}
        self._sounds: dict[int, list[str]] = {}

    def warm(self) -> None:
        """Open the pinyin table and the masks of initials now, outside a keystroke; searching does it when it must."""
        for letter in "abcdefghijklmnopqrstuvwxyz":
            for mark in ("", "^"):
                self._mask(mark + letter, partial=False)
                self._mask(mark + letter, partial=True)
        near_syllables("a")

    def scores(self, folded: str, *, slips: bool) -> dict[int, float]:
        """Rows in which consecutive characters may be what the typed letters stand for.

        Where nothing is found and ``slips`` is allowed, one slip of the fingers is forgiven.
        """
        runs = tokens(folded)[:_RUNS]
        scores: dict[int, float] = {}
        for parts in _divisions(runs):
            _keep_best(scores, self._matching(parts, verify=_VERIFY), 1.0)
        for readings in (garbled, slipped) if slips else ():
            if scores:
                break
            for parts in readings(runs):
                _keep_best(scores, self._matching(parts, verify=_VERIFY_SLIP), 0.6)
        return scores

    def _matching(self, parts: tuple[str, ...], *, verify: int) -> dict[int, float]:
        last = len(parts) - 1
        wanted = [_characters(part, partial=at == last) for at, part in enumerate(parts)]
        rows = self._phrases
        for at, part in enumerate(parts):
            if not part.startswith(ANY):
                rows &= self._mask(part, partial=at == last)
                if not rows:
                    return {}
        worth = float(sum(map(_worth, parts)))
        scores: dict[int, float] = {}
        for row in self._candidates(rows, parts[0], partial=last == 0, left=verify):
            text = self._texts[row]
            at = _find(text, wanted)
            if at < 0:
                continue
            score = worth * (1.3 if at == 0 else 1.0) * (0.6 + 0.4 * len(parts) / len(text)) * self._weight[row]
            read = self._sounds.get(row)
            if read is None:
                read = self._sounds[row] = pinyin().readings(text)
            odd = sum(
                not sound.startswith(part)
                for part, sound in zip(parts, read[at:], strict=False)
                if part.isalpha() and part.isascii()
            )
            scores[row] = score * 0.8**odd
            if len(scores) == _SOUND_LEADERS:
                break
        return scores

    def _candidates(self, rows: int, first: str, *, partial: bool, left: int) -> Iterator[int]:
        """Row numbers of a bit mask, those that begin with the first part before the others, at most ``left``."""
        beginning = 0 if first.startswith(ANY) else rows & self._mask("^" + first, partial=partial)
        for mask in (beginning, rows & ~beginning):
            for row in bits(mask, left):
                left -= 1
                yield row

    def _mask(self, part: str, *, partial: bool) -> int:
        """Bit ``r`` is set where row ``r`` holds (with ``^``: begins with) a character that the part stands for."""
        key = (part, partial)
        found = self._masks.get(key)
        if found is None:
            mark, bare = ("^", part[1:]) if part.startswith("^") else ("", part)
            rows: set[int] = set()
            for character in _characters(bare, partial=partial):
                for term in (mark + character,) if mark else (character, "~" + character):
                    rows.update(self._postings.rows(term))
            found = self._masks[key] = mask_of(rows, self._postings.total)
        return found


def _divisions(runs: list[str]) -> Iterator[tuple[str, ...]]:
    """Ways to read the query as a row of characters, syllables and initials: the runs of letters decide."""
    options = [pinyin().divide(run[:_LETTERS]) if _LATIN.fullmatch(run) else [tuple(run)] for run in runs]
    for choice in range(max(map(len, options), default=0)):
        yield tuple(part for option in options for part in option[min(choice, len(option) - 1)])


def _worth(part: str) -> int:
    if part.startswith(ANY):
        return min(len(part) - 1, 1)
    return 2 if len(part) == 1 and part.isascii() else 3


def _keep_best(scores: dict[int, float], found: dict[int, float], share: float) -> None:
    for row, score in found.items():
        if score * share > scores.get(row, 0.0):
            scores[row] = score * share


class _Anything(frozenset[str]):
    """The set of all characters: what a mistyped part stands for."""

    def __contains__(self, character: object) -> bool:
        return True


_EVERYTHING: Final = _Anything()


@lru_cache(2048)
def _characters(part: str, *, partial: bool) -> frozenset[str]:
    if part == ANY:
        return _EVERYTHING
    if part.startswith(ANY):
        return frozenset().union(*(pinyin().any[name] for name in near_syllables(part[1:])))
    if part.isascii() and part.isalpha():
        return pinyin().standing_for(part, partial=partial) | {part}
    return frozenset(part)


def _find(text: str, wanted: list[frozenset[str]]) -> int:
    size = len(wanted)
    first = wanted[0]
    for at in range(len(text) - size + 1):
        if text[at] in first and all(text[at + step] in wanted[step] for step in range(1, size)):
            return at
    return -1
