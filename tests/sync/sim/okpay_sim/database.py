"""The server's database in memory, in place of the file: the same statements on the same engine, and it can die in a commit."""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, create_engine, insert
from sqlalchemy.pool import StaticPool

from okpay_console.server import auth
from okpay_console.server import db as server_db
from okpay_console.server.schema import tokens, users

from .clocks import BEGIN

T = TypeVar("T")
PEOPLE = ("wang", "li", "zhao")


@cache
def connection() -> Connection:
    """One for the whole process: SQLAlchemy compiles a statement once per engine, which would take most of a world's time.

    Transactions begin below it, not by a listener as in the product: whoever listens is looked for at every statement.
    """
    return create_engine("sqlite://", poolclass=StaticPool, creator=_open).connect()


def _open() -> sqlite3.Connection:
    made = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    made.execute("pragma foreign_keys=on")
    return made


def raw() -> sqlite3.Connection:
    """What is underneath."""
    found = connection().connection.driver_connection
    assert isinstance(found, sqlite3.Connection)
    return found


@cache
def template() -> tuple[bytes, dict[str, str]]:
    """A database with the newest schema and its people, who see everything and lead, and their tokens; made once."""
    made: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.db"
        server_db.upgrade(str(path))
        with contextlib.closing(sqlite3.connect(path)) as source:
            source.execute("pragma journal_mode=delete")
            image = source.serialize()
    raw().deserialize(image)
    at = int(BEGIN.timestamp() * 1000)
    conn = connection()
    with conn.begin():
        for name in PEOPLE:
            conn.execute(insert(users).values(name=name, role="supervisor", queues="[]", disabled=False, created_at=at))
            made[name] = mint(conn, name, at)
    return raw().serialize(), made


def mint(conn: Connection, name: str, at: int) -> str:
    """A token that does not expire by itself."""
    token = auth.new_token()
    conn.execute(insert(tokens).values(hash=auth.digest(token), user=name, label="", created_at=at))
    return token


class MemoryDatabase(server_db.Database):
    """``crash`` is asked before, in and after each commit, whether the server dies there."""

    def __init__(self, crash: Callable[[], None]) -> None:
        self.url = "sqlite://"
        self.on_commit = lambda: None
        self.is_sqlite = True
        self._lite = connection().engine
        self._post = None
        self._watch = None
        self._crash = crash

    async def read(self, work: Callable[[Connection], T], *, quick: bool = False) -> T:
        return await super().read(work, quick=True)

    async def _once(self, work: Callable[[Connection], T]) -> T:
        def doomed(conn: Connection) -> T:
            result = work(conn)
            self._crash()
            return result

        self._crash()
        result = self._transaction(doomed)
        self._crash()
        return result

    def _snapshot(self, work: Callable[[Connection], T]) -> T:
        return self._inside("BEGIN", work)

    def _transaction(self, work: Callable[[Connection], T]) -> T:
        return self._inside("BEGIN IMMEDIATE", work)

    def _inside(self, begin: str, work: Callable[[Connection], T]) -> T:
        conn = connection()
        with conn.begin():
            raw().execute(begin)
            return work(conn)

    async def close(self) -> None:
        """The next world goes on with the same connection."""


def rows(database: str | None, sql: str, *given: Any) -> list[tuple[Any, ...]]:
    """What a query finds in the file, or in memory where there is none."""
    if database is None:
        return raw().execute(sql, given).fetchall()
    with contextlib.closing(sqlite3.connect(database)) as source:
        return source.execute(sql, given).fetchall()
