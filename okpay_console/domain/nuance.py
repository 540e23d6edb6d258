"""Tells wordings apart that share most of their words: another thing in the same sentence, a "not", other characters."""

from __future__ import annotations

import re
from math import exp, log
from typing import Final

from okpay_console.domain.postings import Postings
from okpay_console.domain.wording import tokens

_RIVAL, _NOT, _AS_TYPED = 3.2, 0.74, 0.84
"""How much each of the three counts: fitted on one half of a set of questions, checked on the other (see bench_search)."""
_COMMON: Final = 0.02
"""Terms in this share of the rows may be rivals; of rarer ones nothing can be said."""
_EXPECTED: Final = 10.0
"""Rows in which two terms must be expected together before it means something that they are not."""
_PLAIN: Final = 0.01
"""Rivalries weaker than this are chance or grammar."""
_SENTENCE: Final = 5
"""Terms from which words are a sentence: in fewer, a missing "not" is still to be typed."""
_NEGATION: Final = re.compile("[不没未无]")


class Nuance:
    """Factors on a row's score, from the wording alone; what is rival to what is read from the index itself.

    Two common terms that hardly ever stand in one title are rivals: each names one of the things that the titles are about,
    and a title about the other one is no answer. How strong a rivalry is says the log-likelihood ratio of their standing
    apart, per row (Dunning, "Accurate methods for the statistics of surprise and coincidence", 1993).
    """

    def __init__(self, postings: Postings, canonical: list[str], texts: list[str]) -> None:
        """``texts`` are the rows as they were typed; one that is empty (a body) keeps its score."""
        self._postings = postings
        self._canonical = canonical
        self._texts = texts
        self._rivals: dict[str, list[tuple[float, str]]] = {}
        self._commons: list[str] | None = None

    def factors(self, folded: str, found: list[str], rows: list[int]) -> list[float]:
        """The factor of each row for a question: ``found`` are its canonical terms."""
        asked = set(found)
        rivals = [(term, self._rivals_of(term)) for term in sorted(asked) if self._is_common(term)]
        negated = _NEGATION.search("".join(found)) is not None if len(found) >= _SENTENCE else None
        typed = self._weights(folded)
        whole = sum(typed.values()) or 1.0
        factors: list[float] = []
        for row in rows:
            text, raw = self._canonical[row], self._texts[row]
            if not raw:
                factors.append(1.0)
                continue
            worst = 0.0
            for term, others in rivals:
                if term not in text:
                    for strength, other in others:
                        if strength <= worst:
                            break
                        if other in text and other not in asked:
                            worst = strength
                            break
            same = sum([weight for character, weight in typed.items() if character in raw]) / whole
            factor = exp(_AS_TYPED * same - _RIVAL * worst)
            if negated is not None and negated != (_NEGATION.search(text) is not None):
                factor *= _NOT
            factors.append(factor)
        return factors

    def _weights(self, folded: str) -> dict[str, float]:
        """The question's characters and words as they were typed, with their rarity."""
        return {term: self._postings.rarity(self._as_typed(term)) for term in tokens(folded)}

    def _as_typed(self, term: str) -> int:
        known = (self._postings.size(name) for name in (term, "~" + term) if name in self._postings)
        return min(sum(known), self._postings.total)

    def _is_common(self, term: str) -> bool:
        return term in self._postings and self._postings.size(term) >= _COMMON * self._postings.total

    def _rivals_of(self, term: str) -> list[tuple[float, str]]:
        """The terms that a common one excludes, strongest first; found once and kept."""
        found = self._rivals.get(term)
        if found is None:
            if self._commons is None:
                singles = (name for name in self._postings if len(name) == 1 or (name.isascii() and name.isalpha()))
                self._commons = [name for name in singles if self._is_common(name)]
            strengths = ((self._strength(term, other), other) for other in self._commons if other != term)
            found = self._rivals[term] = sorted((pair for pair in strengths if pair[0] > _PLAIN), reverse=True)
        return found

    def _strength(self, term: str, other: str) -> float:
        postings = self._postings
        expected = postings.size(term) * postings.size(other) / postings.total
        if expected < _EXPECTED:
            return 0.0
        together = (postings.mask(term) & postings.mask(other)).bit_count()
        if together > 0.6 * expected:
            return 0.0
        return 2 * (together * log((together + 0.5) / expected) + expected - together) / postings.total
