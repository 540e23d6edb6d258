"""Finds tickets by anything that was said: an index in memory over every cached ticket, kept up ticket by ticket."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from .asking import Asked, ask
from .holders import Holders, Term, fill
from .judging import Why, judge
from .marks import cents, hashed, is_term, marks, wanted_name, wanted_terms
from .matter import Matter, identities, identities_of
from .ranges import RUN, Ranges, key_of
from .ticket import Caller
from .wording import tokens

__all__ = ["Finder", "Match", "Why", "find_in"]

Doc = Mapping[str, Any]
_KINDS: Final = ("number", "phone", "phone_end", "txn", "txn_end", "handle", "sound", "token", "amount", "day", "same")
_KEPT: Final = 512
"""Tickets that stay read, so that the next letter typed does not read them again; and changes until old answers are let go."""
_ANSWERS: Final = 64


class Match(msgspec.Struct, frozen=True):
    """A found ticket and, for each word of the search, why."""

    ticket: str
    why: tuple[Why, ...]

    @property
    def rank(self) -> int:
        """0 where a word is the ticket's own number, 1 where every word says who, what sum or which day, else 2."""
        ranks = [why.rank for why in self.why]
        return 0 if 0 in ranks else max(ranks)


class Finder:
    """Tickets by slot, in the order in which they came; put them in oldest first.

    The index only says which tickets may match: each one shown has been looked at again. So a change adds what is new and
    takes nothing away, and what is no longer true is merely not found.
    """

    def __init__(self, *, run: int = RUN) -> None:
        self._docs: list[Doc | None] = []
        self._slots: dict[str, int] = {}
        self._live = bytearray()
        self._terms = Holders()
        self._keys = {kind: Ranges(run=run) for kind in _KINDS}
        self._read: dict[int, Matter] = {}
        self._answers: dict[Asked, tuple[int, int]] = {}
        self._changed: set[int] = set()

    def __len__(self) -> int:
        return len(self._slots)

    def __contains__(self, ticket: object) -> bool:
        return ticket in self._slots

    # Keeping up

    def put(self, doc: Doc) -> None:
        """Takes a ticket's document, or its next one; one that cannot be read here is not found. It must not be changed later."""
        ticket = str(doc.get("id", ""))
        try:
            matter = Matter(doc)
        except msgspec.ValidationError:
            self.drop(ticket)
            return
        slot = self._slots.get(ticket)
        terms, keys = marks(matter)
        if slot is None:
            slot = self._slots[ticket] = len(self._docs)
            self._docs.append(doc)
            if slot >> 3 >= len(self._live):
                self._live.extend(bytes(1024))
            self._live[slot >> 3] |= 1 << (slot & 7)
        else:
            before = self._docs[slot]
            if before is not None and before is not doc:
                known = marks(Matter(before))
                terms, keys = terms - known[0], keys - known[1]
            self._docs[slot] = doc
        self._terms.add(terms, slot)
        for kind, key in keys:
            self._keys[kind].add(key, slot)
        self._touch(slot)

    def drop(self, ticket: str) -> None:
        """The ticket is gone; nothing happens where it never was."""
        slot = self._slots.pop(ticket, None)
        if slot is not None:
            self._docs[slot] = None
            self._live[slot >> 3] &= ~(1 << (slot & 7))
            self._touch(slot)

    def _touch(self, slot: int) -> None:
        self._read.pop(slot, None)
        if self._answers:
            self._changed.add(slot)
            if len(self._changed) > _KEPT:
                self._answers.clear()
                self._changed.clear()

    # Asking

    def find(self, words: str, *, now: datetime, limit: int = 50) -> list[Match]:
        """The tickets that are what every word asks for, best first (``Match.rank``), and the newest first among equals.

        ``now`` says which day yesterday is.
        """
        wanted = ask(words, now=now)
        if not wanted or limit < 1:
            return []
        masks = [self._masks(asked) for asked in wanted]
        every = certain = int.from_bytes(self._live, "little")
        for sure, maybe in masks:
            certain &= sure
            every &= sure | maybe
        exact = self._bits("number", (key_of(asked.number) for asked in wanted if asked.number)) & every
        found: dict[int, Match] = {}
        for rank, mask in enumerate((exact, certain, every)):
            for slot in _newest(mask):
                if len(found) == limit:
                    break
                if slot not in found and (match := self._judged(slot, wanted)) is not None and match.rank <= rank:
                    found[slot] = match
        return [match for _, match in sorted(found.items(), key=lambda pair: (pair[1].rank, -pair[0]))]

    def same(self, caller: Caller, txn_no: str = "") -> list[str]:
        """The tickets of the same caller (number, address or handle) or the same transaction: open ones first, newest first."""
        asked = frozenset(identities(caller, txn_no))
        keys = [hashed(one) for one in asked]
        slots = {slot for key in keys for some in self._keys["same"].between(key, key) for slot in some}
        found = [
            matter for slot in slots if (matter := self._matter(slot)) and not asked.isdisjoint(identities_of(matter))
        ]
        return newest_first(found)

    def _judged(self, slot: int, wanted: Sequence[Asked]) -> Match | None:
        matter = self._matter(slot)
        return judged(matter, wanted) if matter is not None else None

    def _matter(self, slot: int) -> Matter | None:
        found = self._read.get(slot)
        if found is None and (doc := self._docs[slot]) is not None:
            if len(self._read) >= _KEPT:
                self._read.clear()
            found = self._read[slot] = Matter(doc)
        return found

    def _masks(self, asked: Asked) -> tuple[int, int]:
        """Bits of the tickets that the word may mean by who and what, and by what was said."""
        known = self._answers.get(asked)
        if known is None:
            if len(self._answers) >= _ANSWERS:
                self._answers.clear()
            if not self._answers:
                self._changed.clear()
            known = self._answers[asked] = (self._certain(asked), self._said(asked))
            if not self._changed:
                return known
        # What has changed since may match by now; it is looked at in any case.
        changed = self._mask_of((self._changed,))
        return known[0] | changed, known[1] | changed

    def _certain(self, asked: Asked) -> int:
        keys = self._keys
        mask = self._mask_of(keys["number"].starting(asked.number))
        if asked.only:
            return mask
        bare = asked.digits.lstrip("+")
        for kind, text in (
            ("phone", bare), ("phone_end", bare[::-1]), ("txn", asked.code), ("txn_end", asked.code[::-1]),
            ("handle", asked.handle), ("sound", asked.sound),
        ):  # fmt: skip
            if text:
                mask |= self._mask_of(keys[kind].starting(text))
        if asked.amount is not None:
            mask |= self._bits("amount", (cents(asked.amount),))
        if asked.day is not None:
            mask |= self._bits("day", (asked.day.toordinal(),))
        if asked.name:
            mask |= self._all(wanted_name(asked.name))
        return mask

    def _said(self, asked: Asked) -> int:
        if not asked.words:
            return 0
        runs = [run for run in tokens(asked.words) if run.isascii()]
        mask = self._all(wanted_terms(asked.words), -1)
        for at, run in enumerate(runs, 1):
            # What has letters behind it in the question has to be there whole, the last one may go on.
            if at < len(runs) or not asked.words.endswith(run):
                mask &= self._terms.mask(run) if is_term(run) else self._bits("token", (key_of(run),))
            else:
                longer = self._mask_of(self._keys["token"].starting(run)) if run.isdigit() else 0
                mask &= longer | self._terms.starting(run)
        return mask

    def _all(self, terms: Collection[Term], none: int = 0) -> int:
        """Bits of the tickets that hold every term; ``none`` where there is no term."""
        mask = -1 if terms else none
        for term in terms:
            mask &= self._terms.mask(term)
        return mask

    def _bits(self, kind: str, keys: Iterable[int]) -> int:
        return self._mask_of(some for key in keys for some in self._keys[kind].between(key, key))

    def _mask_of(self, slots: Iterable[Iterable[int]]) -> int:
        bits = bytearray((len(self._docs) >> 3) + 1)
        for some in slots:
            fill(bits, some)
        return int.from_bytes(bits, "little")


def find_in(docs: Iterable[Doc], words: str, *, now: datetime, limit: int = 50) -> list[Match]:
    """What a ``Finder`` finds, by looking at every ticket: for one question, where an index would take longer to build."""
    wanted = ask(words, now=now)
    found: list[tuple[int, datetime, Match]] = []
    for doc in docs if wanted else ():
        try:
            matter = Matter(doc)
        except msgspec.ValidationError:
            continue
        match = judged(matter, wanted)
        if match is not None:
            found.append((match.rank, matter.record.created_at, match))
    found.sort(key=lambda one: (-one[0], one[1], one[2].ticket), reverse=True)
    return [match for _, _, match in found[:limit]]


def same_in(docs: Iterable[Doc], caller: Caller, txn_no: str = "") -> list[str]:
    """What ``Finder.same`` finds, by looking at every ticket."""
    asked = frozenset(identities(caller, txn_no))
    found: list[Matter] = []
    for doc in docs if asked else ():
        try:
            matter = Matter(doc)
        except msgspec.ValidationError:
            continue
        if not asked.isdisjoint(identities_of(matter)):
            found.append(matter)
    return newest_first(found)


def judged(matter: Matter, wanted: Sequence[Asked]) -> Match | None:
    """The match, where the ticket is what every word asks for."""
    found: list[Why] = []
    for asked in wanted:
        why = judge(matter, asked)
        if why is None:
            return None
        found.append(why)
    return Match(matter.record.id, tuple(found))


def newest_first(matters: Iterable[Matter]) -> list[str]:
    """Ticket ids: open ones before closed ones, then by when they were opened, the newest first."""
    order: Callable[[Matter], Any] = lambda one: (one.record.status != "closed", one.record.created_at, one.record.id)  # noqa: E731
    return [matter.record.id for matter in sorted(matters, key=order, reverse=True)]


def _newest(mask: int) -> Iterator[int]:
    """The set bits, the highest first."""
    while mask:
        slot = mask.bit_length() - 1
        yield slot
        mask ^= 1 << slot
