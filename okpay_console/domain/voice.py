"""What customers tell and ask: their feedback, what they search in vain, which answers do not help, and what grows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from math import sqrt
from statistics import fmean
from typing import Any, Final

import msgspec

from . import privacy
from .answers import Answer
from .daybook import Line
from .pinyin import pinyin
from .queue import Row
from .search import Index
from .shelf import Ratings
from .veil import veil

FEEDBACK: Final = "FEEDBACK"
LEAST: Final = 5
"""Votes from which on a share of them says something; with fewer it is shown with a word."""
WEEKS: Final = 4
"""So many stretches of the same length are what a category is compared with."""
ALIKE: Final = 0.5
"""The share of its weight that either of two searches must have in the other to stand under one heading."""
_MOST: Final = 1_000
"""Different searches that are compared with each other; the rarest beyond that stand alone."""
_RUNS: Final = re.compile(r"[a-z0-9]+|[㐀-鿿]+")
_GROWN: Final = 3
_ABOVE: Final = 2.0
"""A category is said to grow by ``_GROWN`` tickets at least, and by so many standard deviations of a count that comes by
chance (Poisson: the root of the mean): less is what any week brings."""


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One customer's feedback. ``text`` is masked; ``score`` is None where nobody gave one."""

    ticket: str
    number: int
    at: datetime
    type: str
    area: str
    score: int | None
    text: str


class Missed(msgspec.Struct, frozen=True, kw_only=True):
    """Searches that are alike and found no help: the commonest wording first, how often in all, when last, for which matter."""

    words: tuple[str, ...]
    count: int
    last: datetime
    category: str


class Failed(msgspec.Struct, frozen=True, kw_only=True):
    """An answer by its votes, a ticket each; ``few``: too few to say much."""

    answer: str
    title: str
    helped: int
    failed: int
    share: float
    few: bool


class Growth(msgspec.Struct, frozen=True, kw_only=True):
    """A category's new tickets, and the mean of the stretches before."""

    category: str
    now: int
    before: float


class Voice(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of so many days up to ``ends``. ``scores``: how often each of 0 to 10 was given; ``mean`` None for none.

    ``net``: share of 9 and 10 minus share of 0 to 6, a fraction of 1, since the question asked is that of the net promoter score.
    ``heard_since``: the oldest line of the daybook that is known here, None for none: searches before it are not.
    """

    begins: datetime
    ends: datetime
    said: tuple[Said, ...]
    types: dict[str, int]
    areas: dict[str, int]
    scores: tuple[int, ...]
    mean: float | None
    net: float | None
    missed: tuple[Missed, ...]
    failed: tuple[Failed, ...]
    growing: tuple[Growth, ...]
    weeks: int
    since: datetime | None
    heard_since: datetime | None


def listen(
    rows: Mapping[str, Row],
    feedback: Iterable[Said],
    lines: Iterable[Line],
    ratings: Ratings,
    titles: Mapping[str, str],
    *,
    now: datetime,
    days: int,
    whole: bool = False,
) -> Voice:
    """Everything of the last ``days``. ``feedback`` may be of any time; ``titles`` are the answers' by id.

    ``whole``: ``lines`` are all that were told in these days.
    """
    begins = now - timedelta(days=days)
    said = sorted((one for one in feedback if begins < one.at <= now), key=lambda one: one.at, reverse=True)
    scores = [sum(one.score == score for one in said) for score in range(11)]
    given = [one.score for one in said if one.score is not None]
    book = list(lines)
    return Voice(
        begins=begins,
        ends=now,
        said=tuple(said),
        types=_ranked(one.type for one in said),
        areas=_ranked(one.area for one in said),
        scores=tuple(scores),
        mean=fmean(given) if given else None,
        net=(sum(scores[9:]) - sum(scores[:7])) / len(given) if given else None,
        missed=grouped(one for one in book if one.kind == "missed" and begins < one.at <= now),
        failed=failed(ratings, titles),
        growing=growing(rows.values(), now=now, days=days),
        weeks=WEEKS,
        since=min((row.created_at for row in rows.values()), default=None),
        heard_since=begins if whole else min((one.at for one in book), default=None),
    )


def said_of(doc: Mapping[str, Any], row: Row) -> Said | None:
    """A ticket's feedback, None where it has none. Its words are masked as on the screen, and secrets taken out."""
    if row.category != FEEDBACK or row.merged_into:
        return None
    answers = doc.get("answers", {})

    def value(field: str) -> str:
        found = answers.get(field, {})
        return str(found.get("value", "")) if found.get("state") in ("filled", "verified", "known") else ""

    score = value("nps")
    return Said(
        ticket=row.id,
        number=row.number,
        at=row.created_at,
        type=value("feedback_type"),
        area=value("feedback_area"),
        score=int(score) if score.isascii() and score.isdigit() and int(score) <= 10 else None,
        text=masked(value("feedback_text") or row.subject),
    )


def masked(text: str) -> str:
    """Somebody's words without secrets and with personal values masked."""
    return veil(privacy.redact(text)[0])


def grouped(lines: Iterable[Line]) -> tuple[Missed, ...]:
    """Searches that say the same stand together, most frequent first: likeness is that of the search for answers."""
    told: dict[str, list[Line]] = {}
    for line in {line.uuid: line for line in lines}.values():
        words = " ".join(masked(line.words).casefold().split())
        if words:
            told.setdefault(words, []).append(line)
    order = sorted(told, key=lambda words: (-len(told[words]), words))
    index = Index.build(Answer(id=words, lang="zh", title=words) for words in order[:_MOST])
    shares = {words: index.shares(words) for words in order[:_MOST]}
    free = dict.fromkeys(order)
    found = []
    for head in order:
        if head not in free:
            continue
        alike = [
            other
            for other in free
            if other == head or min(shares.get(head, {}).get(other, 0), shares.get(other, {}).get(head, 0)) >= ALIKE
        ]
        for other in alike:
            del free[other]
        mine = [line for words in alike for line in told[words]]
        kinds = Counter(line.what for line in mine if line.what)
        found.append(
            Missed(
                words=tuple(alike),
                count=len(mine),
                last=max(line.at for line in mine),
                category=kinds.most_common(1)[0][0] if kinds else "",
            )
        )
    return tuple(sorted(found, key=lambda one: (-one.count, -one.last.timestamp(), one.words)))


def draft_id(words: str) -> str:
    """An id for an answer to these words: letters and digits as they are, of Chinese the initials (``zmdczd``)."""
    parts = []
    for run in _RUNS.findall(words.casefold()):
        if run[0].isascii():
            parts.append(run)
        else:
            parts.append("".join(reading[:1] for reading in pinyin().readings(run) if reading[:1].isascii()))
    return "-".join(filter(None, parts))[:40].strip("-") or "answer"


def failed(ratings: Ratings, titles: Mapping[str, str]) -> tuple[Failed, ...]:
    """Answers that did not help somebody: those with enough votes first, the largest share first."""
    found = [
        Failed(
            answer=answer,
            title=titles.get(answer, answer),
            helped=yes,
            failed=no,
            share=no / (yes + no),
            few=yes + no < LEAST,
        )
        for answer, (yes, no) in ratings.items()
        if no > 0
    ]
    return tuple(sorted(found, key=lambda one: (one.few, -one.share, -one.failed, one.answer)))


def growing(rows: Iterable[Row], *, now: datetime, days: int) -> tuple[Growth, ...]:
    """Categories with clearly more tickets than the mean before; nothing where the cache does not reach so far."""
    length = timedelta(days=days)
    counts = [Counter[str]() for _ in range(WEEKS + 1)]
    oldest = now
    for row in rows:
        oldest = min(oldest, row.created_at)
        place = (now - row.created_at) // length
        if 0 <= place <= WEEKS and not row.merged_into:
            counts[place][row.category] += 1
    # Only stretches that the cache holds whole are a yardstick.
    known = counts[1 : 1 + min(WEEKS, (now - oldest) // length - 1)] if now - oldest >= 2 * length else []
    if not known:
        return ()
    found = [
        Growth(category=category, now=count, before=sum(past[category] for past in known) / len(known))
        for category, count in counts[0].items()
    ]
    grown = [one for one in found if one.now - one.before >= max(_GROWN, _ABOVE * sqrt(one.before))]
    return tuple(sorted(grown, key=lambda one: (one.before - one.now, one.category)))


def _ranked(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items(), key=lambda item: (-item[1], item[0])))
