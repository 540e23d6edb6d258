"""What every server under test needs and takes longer to make than most tests run: its routes, and a database with the schema."""

from __future__ import annotations

import contextlib
import functools
import os
import sqlite3
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from litestar import Litestar

from okpay_console.server import clock as clocks
from okpay_console.server.app import bare
from okpay_console.server.context import Context
from okpay_console.server.db import upgrade
from okpay_console.server.settings import ServerConfig

_idle: list[Litestar] = []
"""Applications whose routes are made and which serve nobody."""


def application(config: ServerConfig, *, clock: Callable[[], datetime] = clocks.now) -> Litestar:
    """As ``create_app``, but with routes that an application of this process may have had before; ``give_back`` it."""
    made = _idle.pop() if _idle else bare()
    made.state.context = Context(config, clock)
    return made


def give_back(app: Litestar) -> None:
    """For the next who wants one; the context's database must be closed, and nobody may ask this application any more."""
    del app.state.context
    _idle.append(app)


def new_database(path: str) -> None:
    """As ``upgrade`` where there is no file yet: the newest schema with a history, a secret and an identity of its own."""
    conn = _template()
    with conn:
        conn.execute("UPDATE sync_head SET server_id = ?, secret = ?", (os.urandom(16).hex(), os.urandom(32).hex()))
        conn.execute("UPDATE commits SET fork = ?", (int.from_bytes(os.urandom(4), "big"),))
    image = bytearray(conn.serialize())
    image[18:20] = (
        b"\2\2"  # The file format's word for a database with a write-ahead log, which one in memory cannot be.
    )
    made = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(made, "wb") as file:
        file.write(image)


@functools.cache
def _template() -> sqlite3.Connection:
    """A database in memory, made by the migrations once in this process."""
    made = sqlite3.connect(":memory:", check_same_thread=False)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.db"
        upgrade(str(path))
        with contextlib.closing(sqlite3.connect(path)) as source:
            source.execute("PRAGMA journal_mode=DELETE")
            made.deserialize(source.serialize())
    return made
