"""This machine's own audit log: who did what, when and why at this console, never a value; lines are only ever added."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from ..domain.audited import trace
from ..domain.operations import AnyOp
from .record import Change
from .store import WATCH, Commit, Store, store_of

if TYPE_CHECKING:
    from .database import OkDB


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line; ``at`` is this machine's clock, ``ticket`` an id or "" where no case was open."""

    at: datetime
    by: str
    what: str
    kind: str = ""
    place: str = ""
    ticket: str = ""
    reason: str = ""


class Watch:
    """The lines that operations leave (``domain.audited``), written in the same record as the operations themselves."""

    def __init__(self, db: OkDB | Store) -> None:
        self._store = store_of(db)

    def lines(self) -> list[Line]:
        """Every line, oldest first."""
        found = [msgspec.convert(doc, Line) for doc in dict(self._store.rows(WATCH)).values()]
        return sorted(found, key=lambda line: line.at)


def plan_watch(wanted: Iterable[AnyOp]) -> Commit | None:
    """The lines that these operations leave, None for none; by the operation's id, so that doing it twice leaves one."""
    put = {}
    for op in wanted:
        left = trace(op)
        if left is not None:
            line = Line(op.at, op.by, left.what, left.kind, left.place, left.ticket, left.reason)
            put[op.uuid] = msgspec.to_builtins(line)
    return Commit({WATCH: Change(put=put)}) if put else None
