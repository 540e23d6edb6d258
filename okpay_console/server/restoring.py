"""Brings a backup back, into a new database or in the place of one that nobody serves."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Collection, Iterator
from functools import partial
from pathlib import Path
from typing import Final

import msgspec
from alembic.util import CommandError
from sqlalchemy import Connection, MetaData, Table, delete, func, inspect, make_url, select, text

from .. import errors
from . import audit, backup, clock, erasing, history
from .backup import Backup, Part, Tell
from .db import REVISION, Database, at_head, migrate
from .schema import meta

Parts = Callable[[], Iterator[Part]]
"""Reads the rows of the backup from its beginning."""
_SEEDED: Final = ("commits", "sync_head")
"""Tables into which the first migration puts a row of its own."""


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """What stands now. ``aside`` is what the replaced database is called, "" for none; ``emptied_again``: tickets whose caller had
    been taken out after the backup was made."""

    file: str
    made_at: str
    seq: int
    rows: int
    server_id: str
    aside: str = ""
    emptied_again: int = 0


async def restore(
    database: str, file: Path, *, replace: bool = False, passphrase: str = "", tell: Tell = lambda *_: None
) -> Restored:
    """Checks the backup first, and then puts it there whole or not at all. Consoles notice it by their cursors.

    Refused: ``bad-backup``, ``backup-sealed``, ``live`` where a server (or anything) has the database open, ``database-exists``
    where there is one and ``replace`` was not said. ConfigError where the backup is of a newer program.
    """
    found = backup.check(file, passphrase=passphrase, tell=tell)
    if found.header.okpay_backup > backup.FORMAT or found.header.revision > REVISION:
        raise errors.ConfigError(
            f"The backup was made by a newer version ({found.header.program}).",
            "Update this program, then restore.",
            code="newer-backup",
        )
    parts = partial(backup.parts, file, passphrase=passphrase)
    # The address is checked, and nothing is made where there is nothing yet.
    if "://" in database and make_url(database).get_backend_name() != "sqlite":
        return await _into_server(database, parts, found, replace=replace, tell=tell)
    path = Path(make_url(database).database or "") if "://" in database else Path(database)
    return await _into_file(path, parts, found, replace=replace, tell=tell)


async def _into_file(path: Path, parts: Parts, found: Backup, *, replace: bool, tell: Tell) -> Restored:
    gone: frozenset[str] = frozenset()
    there = _is_there(path)
    if there:
        _check_alone(path)
        if not replace:
            raise _exists()
        gone = await _gone(str(path))
    fresh = path.with_name(f"{path.name}.{os.getpid()}.part")
    aside = ""
    try:
        db = Database(str(fresh))
        try:
            await db.write(lambda conn: _fill(conn, parts, found, tell))
            again = await _finish(db, found, gone)
        finally:
            await db.close()
        _settle(fresh)
        if there:
            # Once more: a server that was started meanwhile would go on writing into a file without a name.
            _check_alone(path)
            aside = f"{path.name}.before-{found.header.seq}-{clock.new_fork():08x}"
            os.link(path, path.with_name(aside))
        fresh.replace(path)
        backup.sync_folder(path.parent)
    except OSError as error:
        raise errors.ConfigError(
            f"The database cannot be written: {error.strerror}.",
            "Check its place and the room there.",
            code="database-unwritten",
        ) from error
    finally:
        for name in (fresh.name, fresh.name + "-wal", fresh.name + "-shm"):
            with contextlib.suppress(OSError):
                path.with_name(name).unlink(missing_ok=True)
    return _told(found, again, aside)


async def _into_server(database: str, parts: Parts, found: Backup, *, replace: bool, tell: Tell) -> Restored:
    gone: frozenset[str] = frozenset()
    db = Database(database)
    try:
        there = await db.read(lambda conn: inspect(conn).has_table("sync_head"))
        if await db.read(_others):
            raise _live()
        if there and not replace:
            raise _exists()
        if there:
            gone = await _gone(database)

        def work(conn: Connection) -> None:
            for limit in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
                conn.exec_driver_sql(f"SET LOCAL {limit} = 0")
            if there:
                meta.drop_all(conn)
                conn.exec_driver_sql("DROP TABLE IF EXISTS alembic_version")
                conn.exec_driver_sql("DROP FUNCTION IF EXISTS audit_stands() CASCADE")
            _fill(conn, parts, found, tell)

        await db.write(work)
        again = await _finish(db, found, gone)
    finally:
        await db.close()
    return _told(found, again, "")


def _fill(conn: Connection, parts: Parts, found: Backup, tell: Tell) -> None:
    """The schema as it was when the backup was made, its rows, and then what has come to the schema since."""
    try:
        migrate(conn, found.header.revision)
    except CommandError as error:
        raise errors.ConfigError(
            f"The backup was made by a version that this one does not know ({found.header.program}).",
            "Restore it with that version.",
        ) from error
    tables = {name: Table(name, MetaData(), autoload_with=conn) for name in found.header.tables}
    for name in _SEEDED:
        conn.execute(delete(tables[name]))
    done = 0
    for part in parts():
        columns = found.header.tables[part.table]
        conn.execute(tables[part.table].insert(), [dict(zip(columns, row, strict=True)) for row in part.rows])
        done += len(part.rows)
        tell(done, found.rows)
    for name, count in found.header.rows.items():
        if conn.execute(select(func.count()).select_from(tables[name])).scalar() != count:
            raise errors.Refused("The rows did not arrive whole.", "Restore again.", code="bad-backup")
    migrate(conn)


async def _finish(db: Database, found: Backup, gone: Collection[str]) -> int:
    """The chain once more, where it stands now; callers who had been taken out since; and that it was restored."""
    if not await db.read(at_head):
        raise errors.ConfigError("The schema is not the one of this program.", "Report it.")
    chain = await db.read(audit.whole)
    if chain != found.audit:
        raise errors.Refused("The audit log did not arrive whole.", "Restore again.", code="bad-backup")
    now = clock.now()

    def note(conn: Connection) -> None:
        about = f"made={found.header.made_at.isoformat()} seq={found.header.seq}"
        audit.append(conn, now=now, who="admin", what="restore", about=about)
        # A commit of its own: from here on this history is another one than that which went on after the backup.
        history.commit(conn, now=now)

    await db.write(note)
    if not gone:
        return 0
    return len((await erasing.erase_again(db, gone, now=now)).tickets)


async def _gone(database: str) -> frozenset[str]:
    """The tickets that were emptied in the database that is replaced; none where it cannot be read any more."""
    db = Database(database)
    try:
        return await erasing.emptied(db)
    except errors.Unavailable:
        return frozenset()
    finally:
        await db.close()


def _is_there(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


def _check_alone(path: Path) -> None:
    """Refused (live) where any other connection has the file open: only the last one may leave the write-ahead log."""
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as conn:
            mode = conn.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
    except sqlite3.DatabaseError as error:
        if "locked" in str(error) or "busy" in str(error):
            raise _live() from error
        # What is no database (any more) is nobody's to serve.
        return
    if mode != "delete":
        raise _live()


def _others(conn: Connection) -> bool:
    count = conn.execute(
        text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
    ).scalar_one()
    return int(count) > 0


def _settle(path: Path) -> None:
    """Everything into the one file, and on the disk."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute("PRAGMA journal_mode=DELETE").fetchall()
        if conn.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            raise errors.Refused("The database did not arrive whole.", "Have this disk checked.", code="bad-backup")
    fd = os.open(path, os.O_RDWR)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _told(found: Backup, again: int, aside: str) -> Restored:
    head = found.header
    return Restored(
        file=found.file, made_at=head.made_at.isoformat(), seq=head.seq, rows=found.rows, server_id=head.server_id,
        aside=aside, emptied_again=again,
    )  # fmt: skip


def _live() -> errors.Refused:
    return errors.Refused(
        "A server has this database open.", "Stop it first; a live database is never replaced.", code="live"
    )


def _exists() -> errors.Refused:
    return errors.Refused(
        "There is a database already.",
        "Name a new one, or say --replace: the old one is kept aside where it is a file.",
        code="database-exists",
    )
