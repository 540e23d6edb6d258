"""The server's clock and ids: the only file of the server that asks the machine for time and randomness."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime

from ..domain.ids import uuid7


def now() -> datetime:
    return datetime.now(UTC)


def millis(moment: datetime) -> int:
    """Milliseconds since 1970 UTC."""
    return int(moment.timestamp() * 1000)


def moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def new_id() -> str:
    return uuid7(time.time_ns() // 1_000_000, os.urandom(10))


def new_fork() -> int:
    """A random 32-bit mark for a commit, by which one history is told from another."""
    return int.from_bytes(os.urandom(4), "big")
