"""The canned answers of this console: the shipped ones, the server's over them, and the counts with this agent's own words."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

from .. import errors
from ..domain.answers import Answer
from ..domain.shelf import Ratings, ShelfPage, Shelved, added, counted, laid_over
from ..domain.ticket import Ticket
from ..local.answers import AnswerCache, Standing

if TYPE_CHECKING:
    # The command line reads answers through here, and its start is waited for: no loop is needed for that.
    from .clock import Clock
    from .disk import Disk

SPACING_S = 60.0
"""A server that keeps answering with what it then denies must not be asked without end."""
STALE_S = 600.0
"""Other people's counts are no news worth a poke; they are asked for this often."""


class Librarian(Protocol):
    """The part of the server's door that the shelf needs."""

    async def shelf(self, have: str, after: str = "") -> ShelfPage | None: ...


class Shelf:
    """Reading is instant once the answers were parsed; ``refresh`` asks the server, at most once a minute."""

    def __init__(self, cache: AnswerCache, *, disk: Disk, clock: Clock) -> None:
        self._cache = cache
        self._disk = disk
        self._clock = clock
        self._made: tuple[str, tuple[Answer, ...]] | None = None
        self._asked: float | None = None
        self._asked_for = 0
        self.due = False
        """This agent has said of an answer whether it helped, and the server counts that now."""

    def answers(self) -> Sequence[Answer]:
        """Every answer in every language, Chinese first, in the order of the shipped ones and then by id.

        The first call after a change parses them all (about 50 µs each) and may run in a thread. An answer that this version
        cannot read is left out, and the shipped one stays.
        """
        texts = self._cache.standing.tag.partition("-")[0]
        if self._made is None or self._made[0] != texts:
            self._made = texts, laid_out(self._cache.shelved())
        return self._made[1]

    def ratings(self, pending: Iterable[tuple[Ticket | None, Ticket | None]]) -> Ratings:
        """The server's counts and what ``pending`` adds: tickets as the server has them, and as they are seen here."""
        changes = (counted(base.helped if base else {}, seen.helped) for base, seen in pending if seen is not None)
        return added(self._cache.ratings, changes)

    async def refresh(self, api: Librarian, *, rev: int) -> bool:
        """Brings the cache up to date where the sync page's number says so; True where it is different now.

        Does nothing for a server without a knowledge base (``rev`` 0). Raises the remote errors, and the store's.
        """
        now = self._clock.monotonic()
        if not rev or (self._asked is not None and now - self._asked < self._wait(rev)):
            return False
        self._asked, self._asked_for, self.due = now, rev, False
        standing = self._cache.standing
        page = await api.shelf(standing.tag)
        if page is None:
            page = ShelfPage(standing.tag, rev, ratings=standing.ratings)
        answers = page.answers
        if answers is not None and page.next:
            answers = await _whole(api, page)
            if answers is None:
                # Published in the middle of our reading: the next round begins anew.
                self._asked = None
                return False
        found = Standing(page.tag, page.rev, page.ratings)
        commit = await self._disk.commit(lambda: self._cache.plan_take(found, answers))
        return commit is not None and page.tag != standing.tag

    def _wait(self, rev: int) -> float:
        """Seconds that must have passed since the last question."""
        if self._cache.standing.rev != rev:
            return SPACING_S if self._asked_for == rev else 0.0
        return 0.0 if self.due else STALE_S


async def _whole(api: Librarian, first: ShelfPage) -> list[Shelved] | None:
    """All pages' answers; None where the texts have changed in between."""
    answers, page = list(first.answers or ()), first
    while page.next:
        following = await api.shelf("", page.next)
        if following is None or following.texts != first.texts or following.next == page.next:
            return None
        answers += following.answers or ()
        page = following
    return answers


def laid_out(shelved: Iterable[Shelved]) -> tuple[Answer, ...]:
    """The server's answers over the shipped ones, in every language, Chinese first."""
    from ..content import LANGUAGES, load_answers

    shipped = (answer for lang in LANGUAGES for answer in load_answers(lang))
    return laid_over(shipped, _parsed(shelved))


def _parsed(shelved: Iterable[Shelved]) -> dict[tuple[str, str], Answer | None]:
    from ..content.knowledge import parse_markdown

    found: dict[tuple[str, str], Answer | None] = {}
    for one in shelved:
        if one.retired:
            found[one.id, one.lang] = None
            continue
        with contextlib.suppress(errors.ContentError):
            found[one.id, one.lang] = parse_markdown(one.markdown, name=f"{one.id}.{one.lang}", lang=one.lang)
    return found
