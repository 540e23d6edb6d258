"""The server's published answers and their counts, kept on this machine so that they are there without a network."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from ..domain.shelf import Ratings, Shelved
from .record import Change
from .store import ANSWERS, Commit, Store, store_of

if TYPE_CHECKING:
    from .database import OkDB

_STANDING = "standing"


class Standing(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which state of the server's answers is here (``ShelfPage``), and the counts as last told."""

    tag: str = ""
    rev: int = 0
    ratings: dict[str, tuple[int, int]] = {}


class AnswerCache:
    """Reads the store anew each time, so that it is as true as the store is."""

    def __init__(self, db: OkDB | Store) -> None:
        self._store = store_of(db)

    @property
    def standing(self) -> Standing:
        found = self._store.rows(ANSWERS).get(_STANDING, {})
        try:
            return msgspec.convert(found, Standing)
        except msgspec.ValidationError:
            return Standing()

    @property
    def ratings(self) -> Ratings:
        return self.standing.ratings

    def shelved(self) -> list[Shelved]:
        """The answers by id and language; those that a newer version of this program wrote and we cannot read are left out."""
        found = []
        for key, doc in sorted(dict(self._store.rows(ANSWERS)).items()):
            if key == _STANDING:
                continue
            try:
                found.append(msgspec.convert(doc, Shelved))
            except msgspec.ValidationError:
                continue
        return found

    def plan_take(self, standing: Standing, answers: Sequence[Shelved] | None) -> Commit | None:
        """Puts the answers, all of them, in the place of those that are here; None for ``answers`` leaves them.

        None where nothing is new. Only what differs is written: a new count must not cost 10,000 texts.
        """
        here = self._store.rows(ANSWERS)
        put = {_STANDING: msgspec.to_builtins(standing)}
        gone: list[str] = []
        if answers is not None:
            fresh = {_key(answer): msgspec.to_builtins(answer) for answer in answers}
            put |= {key: doc for key, doc in fresh.items() if here.get(key) != doc}
            gone = [key for key in here if key not in fresh and key != _STANDING]
        if here.get(_STANDING) == put[_STANDING]:
            del put[_STANDING]
        return Commit({ANSWERS: Change(put=put, delete=gone)}) if put or gone else None


def _key(answer: Shelved) -> str:
    # As a list: an id with a slash in it must not become another answer's key.
    return json.dumps([answer.id, answer.lang], ensure_ascii=False)
