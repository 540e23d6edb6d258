"""What was looked for among the canned answers and not found there: one search is one line, without a number in it."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from ..domain import secret
from ..domain.veil import veil

LEAST: Final = 2
"""Letters of a search that says something."""
MOST: Final = 80
_DIGIT: Final = re.compile(r"\d")


class Sought(NamedTuple):
    """The words of a search, and the category of the case that they were for."""

    words: str
    category: str


class Search:
    """Follows one search box. A search begins with its first letters, goes on while they grow or shrink, and ends when
    other words take their place or the box is left. One in which an answer was opened was not in vain.
    """

    def __init__(self) -> None:
        self._longest = ""
        self._category = ""
        self._settled = False

    def typed(self, words: str, category: str) -> Sought | None:
        """Other words stand in the box; returns the former search where it ends here in vain."""
        words = " ".join(words.split())
        former = None if _goes_on(self._longest, words) else self.left()
        if words:
            self._category = category
            if not self._longest.startswith(words):
                self._longest = words
        return former

    def opened(self) -> None:
        """An answer was opened: something was found."""
        self._settled = True

    def in_vain(self) -> Sought | None:
        """There is no answer at all: told at once, and not once more while the search goes on."""
        sought = None if self._settled else self._sought()
        self._settled = True
        return sought

    def left(self) -> Sought | None:
        """The search is over; what was looked for, None where nothing was missed."""
        sought = self.in_vain()
        self._longest, self._settled = "", False
        return sought

    def _sought(self) -> Sought | None:
        words = screened(self._longest)
        return Sought(words, self._category) if words else None


def screened(words: str) -> str:
    """The words as they may be kept: masked, without any digit; "" for too few and for those that hold a secret."""
    words = " ".join(words.split())[:MOST]
    if len(words) < LEAST or secret.find(words):
        return ""
    shown = _DIGIT.sub("*", veil(words))
    return shown if sum(letter.isalnum() for letter in shown) >= LEAST else ""


def _goes_on(before: str, now: str) -> bool:
    """Whether these are words of the same search: some were added, deleted or mended, and not the first letter."""
    return not before or now[:1] == before[0]
