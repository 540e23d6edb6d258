"""What was promised to callers: which promises are open, which is due next, and which are late."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from .queue import Due, Row


class Owed(msgspec.Struct, frozen=True):
    """One open promise and the ticket that it is on. Who must keep it: the ticket's assignee, else whoever made it."""

    row: Row
    promise: Due

    @property
    def keeper(self) -> str:
        return self.row.assignee or self.promise.made_by

    def late(self, now: datetime) -> bool:
        """True once the due time has passed; on the very second the promise can still be kept."""
        return self.promise.due_at < now


def open_promises(rows: Iterable[Row], *, keeper: str | None = None) -> list[Owed]:
    """The open promises, those due first at the front; of one ``keeper``, or of everybody. A closed ticket's count too."""
    owed = [Owed(row, promise) for row in rows if row.promises for promise in row.promises if promise.state == "open"]
    mine = owed if keeper is None else [item for item in owed if item.keeper == keeper]
    return sorted(mine, key=lambda item: (item.promise.due_at, item.promise.id))


def next_due(rows: Iterable[Row], *, keeper: str | None = None) -> Owed | None:
    """The open promise that is due first, late ones included; None for none."""
    owed = open_promises(rows, keeper=keeper)
    return owed[0] if owed else None


def overdue(rows: Iterable[Row], *, now: datetime, keeper: str | None = None) -> list[Owed]:
    """The open promises whose time has passed, the oldest first."""
    return [item for item in open_promises(rows, keeper=keeper) if item.late(now)]
