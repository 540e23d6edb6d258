"""The program whose server answers first and commits a moment later, several pushes at once: what a kill must bring to light."""

from __future__ import annotations

import itertools
import sys
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from okpay_console.__main__ import main
from okpay_console.server.db import Database

FIRST = 8
"""So many pushes are done as they should be: the tickets that the others are about."""
LATER_S = 0.3
right = Database._transaction
pushes = itertools.count()
held: list[Any] = []


def settle() -> None:
    """Commits what was acknowledged so far."""
    if held:
        conn, whole, _ = held.pop()
        whole.commit()
        conn.close()


def transaction(db: Database, work: Callable[[Connection], Any]) -> Any:
    """On the one thread that writes: each push in a savepoint of a transaction that is left open when it is acknowledged."""
    if not work.__qualname__.startswith("push.") or next(pushes) < FIRST:
        settle()
        return right(db, work)
    if held and time.monotonic() - held[0][2] > LATER_S:
        settle()
    if not held:
        assert db._lite is not None
        conn = db._lite.connect()
        held.append((conn, conn.begin(), time.monotonic()))
    with held[0][0].begin_nested():
        return work(held[0][0])


if __name__ == "__main__":
    Database._transaction = transaction  # type: ignore[method-assign]
    sys.exit(main())
