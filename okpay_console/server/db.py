"""The database: one engine, snapshots to read in, transactions to write in, and the schema brought up to date."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from .. import errors

T = TypeVar("T")
_RETRY: Final = {"40001", "40P01", "55P03"}
"""PostgreSQL: serialization failure, deadlock, lock not available. The transaction did nothing and may be tried again."""
_TRIES: Final = 6
_READERS: Final = 4
REVISION: Final = "0009"
"""The schema that this program was written for; the newest in ``migrations``."""
_PG_LIMITS: Final = {
    "lock_timeout": "2000",
    "idle_in_transaction_session_timeout": "5000",
    "statement_timeout": "10000",
}
"""Milliseconds; a process that hangs in a transaction cannot hold the head row, and with it everybody's commits."""


def normalise(database: str) -> str:
    """The SQLAlchemy URL with its async driver for a path to an SQLite file or for a URL; ConfigError for anything else."""
    address = database if "://" in database else f"sqlite:///{database}"
    try:
        url = make_url(address)
    except SQLAlchemyError as error:
        raise errors.ConfigError("The database address cannot be read.", "Use a file or postgresql://…") from error
    backend = url.get_backend_name()
    if backend == "sqlite":
        if not url.database or url.database == ":memory:":
            raise errors.ConfigError("The server needs a database file.", "Name a file.")
        return url.set(drivername="sqlite").render_as_string(hide_password=False)
    if backend == "postgresql":
        return url.set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)
    raise errors.ConfigError("The database is neither SQLite nor PostgreSQL.", "Use a file or postgresql://…")


class Database:
    """The server's door to its database; ``close`` it. One per event loop.

    Work on it is a plain function of a connection. On PostgreSQL its statements wait in the event loop; SQLite's run in a
    thread of ours, one hand-over per transaction: a driver that hands over each statement costs several times the work itself.
    Every method raises Unavailable where the database does not answer, never a foreign error.
    """

    def __init__(self, database: str) -> None:
        self.url = normalise(database)
        self.on_commit: Callable[[], None] = lambda: None
        self.is_sqlite = self.url.startswith("sqlite")
        self._lite: Engine | None = None
        self._post: AsyncEngine | None = None
        self._watch: sqlite3.Connection | None = None
        # hide_parameters: a foreign error's text must not carry what a caller said.
        if self.is_sqlite:
            _create_private(self.url)
            self._lite = create_engine(
                self.url, hide_parameters=True, connect_args={"timeout": 5.0}, pool_size=_READERS + 2, max_overflow=-1
            )
            event.listen(self._lite, "connect", _sqlite_connect)
            event.listen(self._lite, "begin", _sqlite_begin)
            # SQLite has one writer, and waiting for its lock means sleeping and trying again; a queue in front is fair and fast.
            self._writer = ThreadPoolExecutor(1, "okpay-write")
            self._readers = ThreadPoolExecutor(_READERS, "okpay-read")
        else:
            self._post = create_async_engine(
                self.url,
                hide_parameters=True,
                connect_args={"server_settings": _PG_LIMITS},
                pool_size=10,
                max_overflow=10,
                pool_pre_ping=True,
            )

    async def read(self, work: Callable[[Connection], T], *, quick: bool = False) -> T:
        """Runs ``work`` in one snapshot: everything it reads is of the same moment.

        ``quick``: a key look-up or two, on SQLite cheaper where we are than handed to a thread.
        """
        try:
            if self._lite is not None:
                if quick:
                    return self._snapshot(work)
                return await asyncio.get_running_loop().run_in_executor(self._readers, self._snapshot, work)
            assert self._post is not None
            options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
            async with self._post.execution_options(**options).begin() as conn:
                return await conn.run_sync(work)
        except (SQLAlchemyError, OSError) as error:
            raise _unavailable(error) from error

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Runs ``work`` in one transaction, again from the start where another transaction got in its way."""
        for attempt in range(1, _TRIES + 1):
            try:
                result = await self._once(work)
            except DBAPIError as error:
                if attempt == _TRIES or not _passing(error):
                    raise _unavailable(error) from error
                await asyncio.sleep(random.uniform(0.0, 0.01 * 2**attempt))  # noqa: S311 - spreads retries, no secret
            except (SQLAlchemyError, OSError) as error:
                raise _unavailable(error) from error
            else:
                self.on_commit()
                return result
        raise AssertionError("unreachable")

    async def maintain(self, *statements: str) -> None:
        """Runs statements that no transaction may hold, such as VACUUM, for as long as they take; Unavailable as the others."""
        try:
            if self._lite is not None:
                await asyncio.get_running_loop().run_in_executor(self._writer, self._plainly, statements)
                return
            assert self._post is not None
            async with self._post.connect() as conn:
                plain = await conn.execution_options(isolation_level="AUTOCOMMIT")
                for statement in ("SET statement_timeout = 0", *statements):
                    await plain.exec_driver_sql(statement)
        except (SQLAlchemyError, OSError, sqlite3.Error) as error:
            raise _unavailable(error) from error

    def version(self) -> int | None:
        """SQLite: a number that changes with every commit of any process, cheaper to ask for than a query. Else None."""
        if self._lite is None:
            return None
        if self._watch is None:
            self._watch = sqlite3.connect(str(self._lite.url.database), isolation_level=None)
        found: int = self._watch.execute("PRAGMA data_version").fetchone()[0]
        return found

    async def close(self) -> None:
        if self._lite is not None:
            for pool in (self._writer, self._readers):
                await asyncio.to_thread(pool.shutdown)
            self._lite.dispose()
            if self._watch is not None:
                self._watch.close()
                self._watch = None
        if self._post is not None:
            await self._post.dispose()

    async def _once(self, work: Callable[[Connection], T]) -> T:
        if self._lite is not None:
            return await asyncio.get_running_loop().run_in_executor(self._writer, self._transaction, work)
        assert self._post is not None
        async with self._post.begin() as conn:
            return await conn.run_sync(work)

    def _transaction(self, work: Callable[[Connection], T]) -> T:
        assert self._lite is not None
        with self._lite.begin() as conn:
            return work(conn)

    def _plainly(self, statements: tuple[str, ...]) -> None:
        assert self._lite is not None
        # Not one of the pool's: those begin a transaction by themselves.
        with contextlib.closing(
            sqlite3.connect(str(self._lite.url.database), timeout=30.0, isolation_level=None)
        ) as conn:
            for statement in statements:
                conn.execute(statement).fetchall()

    def _snapshot(self, work: Callable[[Connection], T]) -> T:
        assert self._lite is not None
        with self._lite.connect().execution_options(okpay_read=True) as conn, conn.begin():
            return work(conn)


def upgrade(database: str) -> None:
    """Brings the schema up to date, creating the database file where there is none; blocking, and harmless when done twice.

    Raises ConfigError where the database is newer than this program or cannot be opened.
    """
    failure: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(_upgrade(database))
        except BaseException as error:
            failure.append(error)

    # A thread of its own, so that it may also be called while an event loop runs.
    thread = threading.Thread(target=run, name="okpay-upgrade")
    thread.start()
    thread.join()
    if failure:
        raise failure[0]


def migrate(conn: Connection, revision: str = "head") -> None:
    """Brings the schema to a revision in the caller's transaction; CommandError where it is of a newer one."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "okpay_console.server:migrations")
    config.attributes["connection"] = conn
    command.upgrade(config, revision)


async def _upgrade(database: str) -> None:
    from alembic.util import CommandError

    db = Database(database)
    try:
        await db.write(migrate)
    except CommandError as error:
        raise errors.ConfigError(
            "The database is of a newer version.", "Update this program.", code="newer-database"
        ) from error
    except errors.Unavailable as error:
        raise errors.ConfigError(
            "The database cannot be opened.",
            "Check its address, its permissions and the room there.",
            code="no-database",
        ) from error
    finally:
        await db.close()


def at_head(conn: Connection) -> bool:
    """Whether the schema is the one that this program was written for."""
    try:
        return conn.execute(text("SELECT version_num FROM alembic_version")).scalar() == REVISION
    except DBAPIError:
        return False


def _create_private(url: str) -> None:
    path = Path(make_url(url).database or "")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Callers' data: readable by the owner alone, and SQLite gives its side files the same rights.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise errors.ConfigError(
            f"The database file cannot be opened: {error.strerror}.",
            "Check the path and its permissions.",
            code="no-database",
        ) from error


def _sqlite_connect(connection: Any, _: Any) -> None:
    # None hands transactions to the "begin" listener below; the driver's own begin is late and never IMMEDIATE.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("busy_timeout=5000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _sqlite_begin(connection: Any) -> None:
    reading = connection.get_execution_options().get("okpay_read", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _passing(error: DBAPIError) -> bool:
    # A unique key taken between our look and our insert: the next try sees the other's row and decides by it.
    if isinstance(error, IntegrityError):
        return True
    said = str(error.orig)
    return getattr(error.orig, "sqlstate", None) in _RETRY or "database is locked" in said


def _unavailable(error: BaseException) -> errors.Unavailable:
    full = "disk is full" in str(error) or "No space left" in str(error)
    what = "The server's disk is full." if full else "The database does not answer."
    return errors.Unavailable(what, "Try again in a moment.", retry_after=2.0)
