"""Words that are still being written, kept by agent, ticket and kind until they become an operation."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

from .record import Change
from .store import DRAFTS, Commit, Store, make, store_of

if TYPE_CHECKING:
    from .database import OkDB


class Drafts:
    """Text by (agent, ticket, kind); ``kind`` is the box it is typed in, such as ``reply`` or ``note``."""

    def __init__(self, db: OkDB | Store) -> None:
        self._store = store_of(db)

    def get(self, agent: str, ticket: str, kind: str) -> str:
        """The text, "" where there is none."""
        return str(self._store.rows(DRAFTS).get(_key(agent, ticket, kind), {}).get("text", ""))

    def of(self, agent: str) -> dict[tuple[str, str], str]:
        """All drafts of an agent, by ticket and kind."""
        found = dict(self._store.rows(DRAFTS)).values()
        return {(str(doc["ticket"]), str(doc["kind"])): str(doc["text"]) for doc in found if doc["agent"] == agent}

    def put(self, agent: str, ticket: str, kind: str, text: str, *, now: datetime) -> None:
        """Keeps the text durably; an empty one removes the draft."""
        commit = self.plan_put(agent, ticket, kind, text, now=now)
        if commit is not None:
            make(self._store, commit)

    def plan_put(self, agent: str, ticket: str, kind: str, text: str, *, now: datetime) -> Commit | None:
        """None where the draft says that already."""
        key = _key(agent, ticket, kind)
        if text == self.get(agent, ticket, kind):
            return None
        if not text:
            return Commit({DRAFTS: Change(delete=[key])})
        doc = {"agent": agent, "ticket": ticket, "kind": kind, "text": text, "at": now.isoformat()}
        return Commit({DRAFTS: Change(put={key: doc})})


def _key(agent: str, ticket: str, kind: str) -> str:
    # As a list: a name with a slash in it must not become another agent's key.
    return json.dumps([agent, ticket, kind], ensure_ascii=False)
