"""By what a ticket is found: the terms of its words and the keys of its numbers, names and days, and the same of a question."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from .holders import Term
from .matter import Matter, identities_of, sounds
from .ranges import key_of
from .wording import fold, tokens

_LATIN: Final = re.compile(r"[0-9a-z]+")
_SPACE: Final = 32
_SPACES: Final = _SPACE << 16 | 0xFFFF
"""Two neighbours of which the second is a space are no more than this, all others are more."""
_NAME: Final = "="
"""Before a character of a name, or two neighbours: terms of their own beside those of the texts."""
_MOST: Final = (1 << 64) - 1


def marks(matter: Matter) -> tuple[set[Term], set[tuple[str, int]]]:
    """Everything by which the ticket is found: terms, and (kind, key) pairs."""
    text = matter.everything
    single, double = _units(text)
    terms: set[Term] = {*single, *double}
    keys: set[tuple[str, int]] = set()
    for word in set(tokens(_ascii(text))):
        if is_term(word):
            terms.add(word)
        else:
            keys.add(("token", key_of(word)))
    for name in (matter.name, fold(matter.handle)):
        for run in _LATIN.sub(" ", name).split():
            terms.update(_NAME + run[at:end] for at in range(len(run)) for end in (at + 1, at + 2))
    keys.update(("sound", key_of(sound)) for sound in sounds(matter.name))
    if matter.record.number:
        keys.add(("number", key_of(str(matter.record.number))))
    keys.update(("handle", key_of(address)) for address in matter.addresses)
    for kind, values in (("txn", matter.transactions), ("phone", [one.lstrip("+") for one in matter.phones])):
        for value in values:
            keys.add((kind, key_of(value)))
            keys.add((kind + "_end", key_of(value[::-1])))
    if matter.amount is not None:
        keys.add(("amount", cents(matter.amount)))
    keys.update(("day", day.toordinal()) for _, day in matter.days)
    keys.update(("same", hashed(one)) for one in identities_of(matter))
    return terms, keys


def is_term(word: str) -> bool:
    """Whether a run of letters or digits is a term: numbers are keys, since nearly each of them is in one ticket only."""
    return len(word) == 1 or word.isalpha()


def wanted_terms(words: str) -> set[Term]:
    """The terms that a text with these folded words in it has, those of letters and digits left out."""
    wanted: set[Term] = set()
    for run in _LATIN.sub(" ", words).split():
        single, double = _units(run)
        wanted |= double or single
    return wanted


def wanted_name(name: str) -> set[Term]:
    """The terms of a name with this in it."""
    wanted: set[Term] = set()
    for run in _LATIN.sub(" ", name).split():
        wanted.update(_NAME + run[at : at + 2] for at in range(max(1, len(run) - 1)))
    return wanted


def hashed(identity: str) -> int:
    """The key of an identity, the same as long as the process lives."""
    return hash(identity) & _MOST


def cents(amount: Decimal) -> int:
    """The key of a sum of money, to a ten-thousandth."""
    return max(0, min(int(amount * 10_000), _MOST)) if abs(amount.adjusted()) < 20 else _MOST


def _units(text: str) -> tuple[set[int], set[int]]:
    """The characters of folded text that are not a to z and 0 to 9, and each two of them side by side, as numbers.

    In UTF-16, whose units the machine counts by itself: all terms of a text cost less than a loop over its characters.
    """
    data = _LATIN.sub(" ", text).encode("utf-16-le", "surrogatepass")
    single = set(memoryview(data).cast("H"))
    pairs = {*memoryview(data[: len(data) & -4]).cast("I"), *memoryview(data[2 : 2 + (len(data) - 2 & -4)]).cast("I")}
    single.discard(_SPACE)
    return single, {pair for pair in pairs if pair > _SPACES and pair & 0xFFFF != _SPACE}


def _ascii(text: str) -> str:
    """The text with a space for everything else."""
    return text.encode("ascii", "replace").decode("ascii")
