"""Finds the right answer while the agent types: Chinese, English, pinyin and initials over one in-memory index."""

from __future__ import annotations

import re
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from operator import add
from typing import Final
from zlib import crc32

import msgspec

from okpay_console.domain.answers import Answer
from okpay_console.domain.postings import Postings, numbers
from okpay_console.domain.ranking import Ranking
from okpay_console.domain.sounding import Sounding
from okpay_console.domain.wording import canonical, fold, tokens
from okpay_console.errors import ContentError

_FORMAT: Final = 2
_LENGTH: Final = 0.7
"""A row's score is divided by (its terms / mean terms) to this power; 0.55 to 0.8 find about as much, see bench_search."""
_SHORTEST: Final = 5
"""Rows of fewer terms count as this long, or a one-word keyword would win every question that has the word."""
_BODY: Final = 1_000_000
"""Characters of bodies that an index takes in all; 10,000 answers get 100 each, a small base is indexed whole."""
_TITLE: Final = 300
"""Characters of a title or keyword that are indexed."""
_LETTERS: Final = re.compile(r"[a-z]")
_WHOLE, _KEYWORD, _BODY_WEIGHT = 1.0, 0.95, 0.45


class Hit(msgspec.Struct, frozen=True):
    """A found answer; ``score`` is above 0 and comparable within one search only."""

    id: str
    title: str
    score: float


class _Stored(msgspec.Struct, array_like=True):
    """An index at rest; posting lists and owners are little-endian 32-bit numbers of this machine's order."""

    format: int
    ids: list[str]
    titles: list[str]
    categories: list[str]
    owners: bytes
    texts: list[str]
    weights: bytes
    norms: bytes
    canonical: list[str]
    postings: dict[str, bytes]


class Index:
    """An immutable index: rows are titles, keywords and bodies, shortest first; every row belongs to one answer."""

    def __init__(self, stored: _Stored) -> None:
        self._stored = stored
        self._ids = stored.ids
        self._titles = stored.titles
        self._place = {name: at for at, name in enumerate(stored.ids)}
        self._owner = numbers(stored.owners, "I")
        postings = Postings(stored.postings, len(stored.texts))
        self._ranking = Ranking(postings, stored.canonical, numbers(stored.norms, "f"), typed=stored.texts)
        self._weight = numbers(stored.weights, "f")
        self._sounding = Sounding(postings, stored.texts, self._weight)

    @classmethod
    def build(cls, items: Iterable[Answer]) -> Index:
        """Index answers; those with the same id (the languages of one answer) share a hit that bears the first title."""
        answers = list(items)
        body = max(100, _BODY // max(1, len(answers)))
        ids: dict[str, int] = {}
        titles: list[str] = []
        categories: list[str] = []
        rows: list[tuple[int, str, int, float]] = []
        for answer in answers:
            if answer.id not in ids:
                ids[answer.id] = len(titles)
                titles.append(answer.title)
                categories.append(answer.category)
            owner = ids[answer.id]
            for text, weight in _texts_of(answer, body):
                folded = fold(text, limit=max(body, _TITLE))
                if folded:
                    rows.append((len(folded), folded, owner, weight))
        rows.sort(key=lambda row: row[0])
        lengths: list[int] = []
        plain: list[str] = []
        postings: dict[str, array[int]] = defaultdict(lambda: array("I"))
        for number, (_, folded, _, weight) in enumerate(rows):
            found = tokens(canonical(folded))
            plain.append("".join(found))  # a term, or two neighbours, is then a substring
            terms = set(found)
            terms.update(map(add, found, found[1:]))
            lengths.append(max(_SHORTEST, len(terms)))
            for term in terms:
                postings[term].append(number)
            if weight > _BODY_WEIGHT:
                postings["^" + folded[0]].append(number)
                # Letters are looked for in the words as they stand; the canonical wording has lost some of them.
                for character in set(folded) - terms:
                    postings["~" + character].append(number)
        short = [length for length, row in zip(lengths, rows, strict=True) if row[3] > _BODY_WEIGHT]
        mean = sum(short) / len(short) if short else 1.0
        norms = [row[3] * (mean / length) ** _LENGTH for length, row in zip(lengths, rows, strict=True)]
        return cls(
            _Stored(
                format=_FORMAT,
                ids=list(ids),
                titles=titles,
                categories=categories,
                owners=array("I", (row[2] for row in rows)).tobytes(),
                texts=[row[1].replace(" ", "") if row[3] > _BODY_WEIGHT else "" for row in rows],
                weights=array("f", (row[3] for row in rows)).tobytes(),
                norms=array("f", norms).tobytes(),
                canonical=plain,
                postings={term: found.tobytes() for term, found in postings.items()},
            )
        )

    def to_bytes(self) -> bytes:
        """The index for a cache file of this machine; ``from_bytes`` gives it back."""
        data = msgspec.msgpack.encode(self._stored)
        return crc32(data).to_bytes(4, "big") + data

    @classmethod
    def from_bytes(cls, data: bytes) -> Index:
        """An index from ``to_bytes``; raises ContentError when the bytes are another version's or damaged: build anew."""
        if len(data) < 4 or int.from_bytes(data[:4], "big") != crc32(memoryview(data)[4:]):
            raise ContentError("The cached search index is damaged.", "Build it again.")
        try:
            stored = msgspec.msgpack.decode(memoryview(data)[4:], type=_Stored)
        except (ValueError, RecursionError) as error:
            raise ContentError("The cached search index is of another version.", "Build it again.") from error
        if stored.format != _FORMAT:
            raise ContentError("The cached search index is of another version.", "Build it again.")
        return cls(stored)

    def warm(self) -> None:
        """Open the pinyin table and the masks of initials now, outside a keystroke; searching does it when it must."""
        self._sounding.warm()

    def __len__(self) -> int:
        """How many answers can be found."""
        return len(self._ids)

    def of_category(self, category: str) -> list[str]:
        """The ids of the answers in this category, in the order of the index."""
        return [name for name, own in zip(self._ids, self._stored.categories, strict=True) if own == category]

    def place(self, answer: str) -> int:
        """Where in the order of the index an answer stands."""
        return self._place[answer]

    def title(self, answer: str) -> str:
        """The title that a hit of this answer bears."""
        return self._titles[self._place[answer]]

    def shares(self, text: str) -> dict[str, float]:
        """By answer, which share (0 to 1) of what the text says it says too: rare words count more than common ones."""
        best: dict[str, float] = {}
        for row, share in self._ranking.shares(fold(text)).items():
            owner = self._ids[self._owner[row]]
            best[owner] = max(best.get(owner, 0.0), share * self._weight[row])
        return best

    def search(self, query: str, *, limit: int = 10) -> list[Hit]:
        """The best answers for what is typed so far, best first; nothing for an empty or unreadable query."""
        folded = fold(query)
        if not folded or limit < 1:
            return []
        scores = self._ranking.scores(folded)
        if _LETTERS.search(folded):
            for row, score in self._sounding.scores(folded, slips=not scores).items():
                scores[row] = scores.get(row, 0.0) + score
        best: dict[int, float] = {}
        for row, score in scores.items():
            owner = self._owner[row]
            if score > best.get(owner, 0.0):
                best[owner] = score
        ranked = sorted(best.items(), key=lambda pair: (-pair[1], pair[0]))[:limit]
        return [Hit(self._ids[owner], self._titles[owner], round(score, 4)) for owner, score in ranked]


def _texts_of(answer: Answer, body: int) -> Iterator[tuple[str, float]]:
    yield answer.title, _WHOLE
    for keyword in answer.keywords:
        yield keyword, _KEYWORD
    text = "\n".join((answer.body, *(step.text for step in answer.steps), answer.written))
    if text.strip():
        yield text[:body], _BODY_WEIGHT
