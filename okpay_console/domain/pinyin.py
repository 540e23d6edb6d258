"""Pinyin typed by an agent: which characters letters may stand for, and how letters divide into syllables."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import Final

# What a keyboard without ü gives for the syllables that have it.
_ALIASES: Final = {"lue": "lve", "nue": "nve", "lyu": "lv", "nyu": "nv"}
_VOWELS: Final = frozenset("aeiouv")
_PARSES: Final = 4
"""How many divisions of one run of letters are looked up; more only finds what nobody meant."""


class Pinyin:
    """The shipped table, opened once: 20,000 characters with all their toneless readings."""

    def __init__(self, syllables: str, phrases: str) -> None:
        """``syllables`` and ``phrases`` are in the form that content/build_pinyin.py writes."""
        self.first: dict[str, frozenset[str]] = {}
        self.any: dict[str, frozenset[str]] = {}
        starting: dict[str, set[str]] = defaultdict(set)
        for line in syllables.splitlines():
            name, _, rest = line.partition(" ")
            first, _, other = rest.partition("|")
            if not _VOWELS.isdisjoint(name):
                self.first[name] = frozenset(first)
                self.any[name] = frozenset(first + other)
                for size in range(1, len(name)):
                    starting[name[:size]] |= self.any[name]
        for alias, name in _ALIASES.items():
            self.first[alias], self.any[alias] = self.first[name], self.any[name]
        self.starting = {name: frozenset(found) for name, found in starting.items()}
        self.phrases = dict(line.split(" ", 1) for line in phrases.splitlines())
        self._alone: dict[str, str] = {c: name for name, found in self.first.items() for c in found}

    def standing_for(self, letters: str, *, partial: bool = False) -> frozenset[str]:
        """The characters that ``letters`` may stand for: a syllable, or the beginning of one.

        With ``partial`` a whole syllable also counts as the beginning of a longer one (``hu`` → ``hui``).
        """
        whole, begun = self.any.get(letters, frozenset()), self.starting.get(letters, frozenset())
        return whole | begun if partial or not whole or len(letters) == 1 else whole

    def readings(self, text: str) -> list[str]:
        """How each character is read here: by the phrase it stands in, else by its first reading, else as itself."""
        found = [self._alone.get(character, character) for character in text]
        for size in (2, 3):
            for at in range(len(text) - size + 1):
                if phrase := self.phrases.get(text[at : at + size]):
                    found[at : at + size] = phrase.split(" ")
        return found

    def divide(self, letters: str, *, width: int = _PARSES) -> list[tuple[str, ...]]:
        """The likeliest divisions of a run of letters into syllables and initials, likeliest first.

        ``zhaohuimm`` → ``zhao hui m m``. A division with long syllables beats one with many initials; the last part may
        be the beginning of a syllable. The division into single letters is always among them.
        At most ``width`` divisions are followed and given.
        """
        # Beam over positions: cost, parts. A syllable costs 2, an initial 3, so that fewer and longer parts win.
        beams: list[list[tuple[int, tuple[str, ...]]]] = [[] for _ in range(len(letters) + 1)]
        beams[0] = [(0, ())]
        for at in range(len(letters)):
            beams[at].sort(key=lambda beam: beam[0])
            for cost, parts in beams[at][:width]:
                for end in range(at + 1, min(at + 6, len(letters)) + 1):
                    part = letters[at:end]
                    if part in self.any and (end - at > 1 or part in "aeo"):
                        price = 2
                    elif end - at == 1 or part in ("zh", "ch", "sh") or (end == len(letters) and part in self.starting):
                        price = 3
                    elif part in self.starting:
                        continue
                    else:
                        break
                    beams[end].append((cost + price, (*parts, part)))
        likely = [parts for _, parts in sorted(beams[-1], key=lambda beam: beam[0])[: max(1, width - 1)]]
        singles = tuple(letters)
        return likely if singles in likely or width == 1 else [*likely, singles]


@cache
def pinyin() -> Pinyin:
    """The shipped table; the first call takes some milliseconds, so it waits for the first search that needs it."""
    from okpay_console.domain import pinyin_table

    return Pinyin(pinyin_table.SYLLABLES, pinyin_table.PHRASES)
