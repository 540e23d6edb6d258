"""The knowledge base as server and console pass it on: published answers over the shipped ones, and how often each helped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from .answers import Answer

Ratings = Mapping[str, tuple[int, int]]
"""By answer: for how many tickets it helped, and for how many it did not."""

VersionState = Literal["draft", "published", "superseded", "retired"]


class Version(msgspec.Struct, frozen=True, omit_defaults=True):
    """One version of an answer in one language, and who has done what with it.

    draft: written by ``author``, not seen by agents. published: a reviewer let it out; one version at most. superseded: a later
    version was published instead. retired: taken from the agents (``ended_by``), the shipped answer of that id with it.
    """

    id: str
    lang: str
    version: int
    state: VersionState
    author: str
    at: int
    """Milliseconds since 1970 UTC, like the other moments here."""
    reviewer: str = ""
    published_at: int | None = None
    ended_by: str = ""
    ended_at: int | None = None
    markdown: str = ""
    """The whole file with its front matter; "" for a shipped answer that was retired without ever being changed."""


class Shelved(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an agent's console keeps of an answer: the published text, or that it is retired (``markdown`` is "" then)."""

    id: str
    lang: str
    version: int
    markdown: str = ""
    retired: bool = False


class ShelfPage(msgspec.Struct, frozen=True, omit_defaults=True):
    """``GET /v1/answers?have=&after=``: the answers after the key ``after``, in the order of their keys.

    ``tag`` names texts and counts as they stand, ``<texts>-<counts>``; it is the ETag too. Pages whose texts differ do not go
    together. ``answers`` is None where the texts are those of ``have``. ``ratings`` come with the first page. ``rev`` is the number
    that sync pages carry. ``next`` asks for the following page, "" where there is none.
    """

    tag: str
    rev: int
    answers: list[Shelved] | None = None
    ratings: dict[str, tuple[int, int]] = {}
    next: str = ""

    @property
    def texts(self) -> str:
        return self.tag.partition("-")[0]


def laid_over(shipped: Iterable[Answer], own: Mapping[tuple[str, str], Answer | None]) -> tuple[Answer, ...]:
    """The shipped answers with the house's own in the place of those with the same id and language, the others after them.

    ``own`` is by id and language; None hides the shipped one.
    """
    rest = dict(own)
    found: list[Answer] = []
    for answer in shipped:
        key = answer.id, answer.lang
        mine = rest.pop(key) if key in rest else answer
        if mine is not None:
            found.append(mine)
    return (*found, *(answer for answer in rest.values() if answer is not None))


def counted(before: Mapping[str, bool], after: Mapping[str, bool]) -> dict[str, tuple[int, int]]:
    """What a ticket's change from one ``Ticket.helped`` to another adds to the counts; unchanged answers are not named."""
    changed = {}
    for answer in before.keys() | after.keys():
        was, is_now = before.get(answer), after.get(answer)
        if was is not is_now:
            changed[answer] = ((is_now is True) - (was is True), (is_now is False) - (was is False))
    return changed


def added(ratings: Ratings, more: Iterable[Mapping[str, tuple[int, int]]]) -> dict[str, tuple[int, int]]:
    """The counts with changes of ``counted`` added; never below 0, since counts and changes may be of two moments."""
    total = dict(ratings)
    for change in more:
        for answer, (helped, failed) in change.items():
            yes, no = total.get(answer, (0, 0))
            total[answer] = (max(0, yes + helped), max(0, no + failed))
    return {answer: count for answer, count in total.items() if count != (0, 0)}
