"""Ranks rows by the words they share with a question: BM25 over characters, neighbours and pairs that occur together."""

from __future__ import annotations

import re
from bisect import bisect_left
from heapq import nlargest
from operator import add
from typing import Final

from okpay_console.domain.nuance import Nuance
from okpay_console.domain.postings import Postings, bits
from okpay_console.domain.wording import canonical, tokens, within

_SINGLE, _PAIR, _TOGETHER = 2.0, 1.0, 0.6
"""Weights of a shared character or word, of two that are neighbours in both, and of two that occur in both anywhere."""
_QUANTUM: Final = 2
"""Steps per unit of weight while candidates are counted; the leaders are scored exactly afterwards."""
_BLOCKS, _PER_BLOCK, _LEADERS = 8, 25, 100
"""Rows are sorted by length, so a block holds rows of like length; each sends its best to be scored exactly, and the
best of those are ranked by pairs too."""
_TERMS: Final = 48
"""Terms of a query that are weighed, rarest first: a pasted paragraph must not cost more than a keystroke may."""
_TOGETHER_TERMS: Final = 20
"""Terms of a query whose joint occurrence is weighed, rarest first: pairs grow with the square."""
_LATIN: Final = re.compile(r"[a-z]+")


class Ranking:
    """Rows as canonical texts with a norm each, sorted by length."""

    def __init__(self, postings: Postings, texts: list[str], norms: memoryview, *, typed: list[str]) -> None:
        """``norms`` are the factors, as 32-bit floats, that pay for a row's length and rank its field; ``typed`` are the rows
        as they were written, without spaces, "" for a body.
        """
        self._postings = postings
        self._canonical = texts
        self._norm = norms
        self._nuance = Nuance(postings, texts, typed)
        self._words: list[str] | None = None

    def scores(self, folded: str) -> dict[int, float]:
        """Rows by shared terms: rare terms gather the candidates, then all terms and their pairs rank the leaders."""
        found = tokens(canonical(folded)) or tokens(folded)
        singles = self._known(found, _SINGLE)
        neighbours = self._known(list(map(add, found, found[1:])), _PAIR)
        known = sorted([*singles, *neighbours])[:_TERMS]
        if not known:
            return {}
        texts, norms = self._canonical, self._norm
        base: list[tuple[float, float, int]] = []
        for row in self._candidates_of(known):
            text = texts[row]
            raw = sum([weight for _, term, weight in known if term in text])
            base.append((raw * norms[row], raw, row))
        leaders = nlargest(_LEADERS, base)
        together = self._together(sorted(singles)[:_TOGETHER_TERMS], [row for _, _, row in leaders])
        factors = self._nuance.factors(folded, found, [row for _, _, row in leaders])
        return {
            row: (raw + together[row]) * norms[row] * factor
            for (_, raw, row), factor in zip(leaders, factors, strict=True)
        }

    def shares(self, folded: str) -> dict[int, float]:
        """Rows by how much of the text's weight they hold, 0 to 1, however long they are; unknown words weigh the most."""
        found = tokens(canonical(folded))
        singles = self._known(found, _SINGLE)
        known = sorted([*singles, *self._known(list(map(add, found, found[1:])), _PAIR)])[:_TERMS]
        strange = sum(term not in self._postings for term in set(found)) * _SINGLE * self._postings.rarity(0)
        whole = sum(weight for _, _, weight in known) + strange
        if not known:
            return {}
        return {
            row: sum([weight for _, term, weight in known if term in self._canonical[row]]) / whole
            for row in self._candidates_of(known)
        }

    def _candidates_of(self, known: list[tuple[int, str, float]]) -> list[int]:
        """The rows with the largest sums of weights in each block of rows.

        All rows are summed at once: bit ``r`` of slice ``i`` is bit ``i`` of row ``r``'s sum, and a term is added to all
        its rows by a ripple-carry addition of its mask (Rinfret, O'Neil and O'Neil, "Bit-sliced index arithmetic", 2001).
        The cost does not depend on how common a term is.
        """
        slices: list[int] = []
        for _, term, weight in known:
            mask = self._postings.mask(term)
            level = max(1, round(weight * _QUANTUM))
            for at in range(level.bit_length()):
                if level >> at & 1:
                    _add(slices, mask, at)
        size = -(-self._postings.total // _BLOCKS)
        ones = (1 << size) - 1
        found: list[int] = []
        for start in range(0, self._postings.total, size):
            found += [start + row for row in _top([part >> start & ones for part in slices], _PER_BLOCK)]
        return found

    def _together(self, singles: list[tuple[int, str, float]], leaders: list[int]) -> dict[int, float]:
        """What the pairs of terms that occur together are worth in each leader, whatever stands between them.

        How rare a pair is comes from the two terms' bit masks, so that no pair needs a posting list.
        """
        terms = [term for _, term, _ in singles]
        masks = [self._postings.mask(term) for term in terms]
        worth = [
            [_TOGETHER * self._postings.rarity((mask & other).bit_count()) for other in masks[:at]]
            for at, mask in enumerate(masks)
        ]
        sums: dict[tuple[int, ...], float] = {}
        found: dict[int, float] = {}
        for row in leaders:
            text = self._canonical[row]
            shared = tuple([at for at, term in enumerate(terms) if term in text])
            value = sums.get(shared)
            if value is None:
                value = 0.0
                for count, at in enumerate(shared):
                    line = worth[at]
                    for other in shared[:count]:
                        value += line[other]
                sums[shared] = value
            found[row] = value
        return found

    def _known(self, terms: list[str], worth: float) -> list[tuple[int, str, float]]:
        """How many rows hold each term, the term, its weight; an unknown Latin word stands for those that resemble it."""
        found: dict[str, tuple[int, str, float]] = {}
        for term in terms:
            known = [(term, 1.0)] if term in self._postings else []
            if not known and len(term) > 1 and _LATIN.fullmatch(term):
                known = [(word, 0.8) for word in self._vocabulary(term)] or [(word, 0.6) for word in self._near(term)]
            for word, share in known:
                size = self._postings.size(word)
                found.setdefault(word, (size, word, worth * share * self._postings.rarity(size)))
        return list(found.values())

    def _vocabulary(self, prefix: str) -> list[str]:
        words = self._sorted_words()
        start = bisect_left(words, prefix)
        return [word for word in words[start : start + 8] if word.startswith(prefix)]

    def _sorted_words(self) -> list[str]:
        if self._words is None:
            self._words = sorted(term for term in self._postings if _LATIN.fullmatch(term))
        return self._words

    def _near(self, word: str) -> list[str]:
        """Words of the index that one slip (two in a long word) turns into this one; the first letter is taken as right."""
        slips = 0 if len(word) < 5 else 1 if len(word) < 8 else 2
        if not slips:
            return []
        words = self._sorted_words()
        start, end = bisect_left(words, word[0]), bisect_left(words, word[0] + "{")
        return [other for other in words[start:end] if within(word, other, slips)][:4]


def _add(slices: list[int], mask: int, at: int) -> None:
    """Add ``2 ** at`` to the sum of every row of the mask."""
    while len(slices) < at:
        slices.append(0)
    while mask:
        if at == len(slices):
            slices.append(mask)
            return
        part = slices[at]
        slices[at] = part ^ mask
        mask &= part
        at += 1


def _top(slices: list[int], count: int) -> list[int]:
    """The rows with the ``count`` largest sums above 0; of equal sums the lower row numbers."""
    rest = 0
    for part in slices:
        rest |= part
    sure = 0
    for part in reversed(slices):
        high = rest & part
        size = high.bit_count()
        if size >= count:
            rest = high
        else:
            sure |= high
            rest ^= high
            count -= size
    return [*bits(sure, sure.bit_count()), *bits(rest, count)]
