"""The views that each agent of this machine has made and keeps, in his order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from ..domain.views import Saved
from .record import Change
from .store import VIEWS, Commit, Store, store_of

if TYPE_CHECKING:
    from .database import OkDB


class Views:
    """Reads the store anew each time, so that it is as true as the store is."""

    def __init__(self, db: OkDB | Store) -> None:
        self._store = store_of(db)

    def of(self, agent: str) -> tuple[Saved, ...]:
        """An agent's views; none where a newer version of this program wrote them in a form that is unknown here."""
        found = self._store.rows(VIEWS).get(agent, {}).get("views", [])
        try:
            return msgspec.convert(found, tuple[Saved, ...])
        except msgspec.ValidationError:
            return ()

    def plan_put(self, agent: str, views: Sequence[Saved]) -> Commit | None:
        """Puts these in the place of the agent's views; None where they are the same."""
        if tuple(views) == self.of(agent):
            return None
        if not views:
            return Commit({VIEWS: Change(delete=[agent])})
        return Commit({VIEWS: Change(put={agent: {"views": msgspec.to_builtins(tuple(views))}})})
