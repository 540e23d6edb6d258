"""Databases of every schema that there ever was are brought up to date with all their rows, and serve.

``released/`` holds what the programs of those days wrote: ``NUMBER.sql`` is the dump of a database of that revision.
"""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, Table, inspect, select, text

from okpay_console.domain.ticket import from_doc
from okpay_console.errors import ConfigError
from okpay_console.server import audit, backup, users
from okpay_console.server.db import REVISION, Database, migrate, upgrade

from .conftest import Console, House

RELEASED = Path(__file__).parent / "released"


def revisions() -> list[str]:
    config = Config()
    config.set_main_option("script_location", "okpay_console.server:migrations")
    return sorted(script.revision for script in ScriptDirectory.from_config(config).walk_revisions())


def dump(revision: str) -> str:
    """What was written by the newest program of that schema or an older one."""
    found = [path for path in sorted(RELEASED.glob("*.sql")) if path.stem <= revision]
    return found[-1].read_text(encoding="utf-8")


def old_rows(revision: str) -> dict[str, list[dict[str, Any]]]:
    with closing(sqlite3.connect(":memory:")) as conn:
        conn.row_factory = sqlite3.Row
        conn.executescript(dump(revision))
        names = [row[0] for row in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: [dict(row) for row in conn.execute(f'SELECT * FROM "{name}"')] for name in names}


async def build(database: str, revision: str) -> None:
    """A database of that schema with the rows of its day."""
    rows = old_rows(revision)
    rows.pop("alembic_version")

    def work(conn: Any) -> None:
        migrate(conn, revision)
        for name, old in rows.items():
            table = Table(name, MetaData(), autoload_with=conn)
            if name != "audit":
                conn.execute(table.delete())
            # SQLite has no truth values of its own.
            truths = {column.name for column in table.columns if str(column.type) == "BOOLEAN"}
            kept = [{key: bool(value) if key in truths else value for key, value in row.items()} for row in old]
            if kept:
                conn.execute(table.insert(), kept)

    db = Database(database)
    try:
        await db.write(work)
    finally:
        await db.close()


async def now_rows(database: str, wanted: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """The same tables and columns as they stand in the database."""

    def work(conn: Any) -> dict[str, list[dict[str, Any]]]:
        found = {}
        for name, rows in wanted.items():
            table = Table(name, MetaData(), autoload_with=conn)
            columns = [table.columns[key] for key in rows[0]] if rows else []
            found[name] = [dict(row._mapping) for row in conn.execute(select(*columns))] if rows else []
        return found

    db = Database(database)
    try:
        return await db.read(work)
    finally:
        await db.close()


def in_order(rows: dict[str, list[dict[str, Any]]]) -> dict[str, list[str]]:
    return {name: sorted(repr(sorted(row.items())) for row in some) for name, some in rows.items()}


async def serves(database: str) -> None:
    """A console of today works on it, and its audit log holds together."""
    house = House(database)
    try:
        token = await users.add_token(database, "wang")
        wang = Console(house, "wang", token, house.http(token), "client-of-today")
        page = await wang.pull()
        [change] = page.changes
        assert change.doc is not None
        ticket = from_doc(change.doc)
        assert (ticket.number, ticket.caller.mobile.removeprefix("+86")) == (10001, "13800138000")
        assert [entry.text for entry in ticket.timeline if entry.kind == "note"] == ["查过流水，重复扣款"]
        [outcome] = (await wang.push(wang.author.note(ticket, "新版本写的"))).outcomes
        assert outcome.state == "confirmed"
        assert not (await audit.verify(database)).broken
    finally:
        await house.close()


@pytest.mark.parametrize(
    ("database", "revision"),
    [("sqlite", one) for one in revisions()] + [("postgresql", one) for one in ("0001", "0003", "0008")],
    indirect=["database"],
)
async def test_every_row_of_an_older_database_is_there_after_the_upgrade_and_it_serves(
    database: str, revision: str
) -> None:
    """On PostgreSQL of those schemas that differ in more than one step; each from an empty database of its own."""
    if not database.startswith("/"):
        database = await asyncio.to_thread(_emptied, database)
    await build(database, revision)
    before = old_rows(revision)
    before.pop("alembic_version")
    stood = await now_rows(database, before)
    upgrade(database)
    assert in_order(await now_rows(database, before)) == in_order(stood)
    await serves(database)


def _emptied(database: str) -> str:
    async def work() -> None:
        db = Database(database)

        def drop(conn: Any) -> None:
            conn.exec_driver_sql("DROP SCHEMA public CASCADE")
            conn.exec_driver_sql("CREATE SCHEMA public")

        await db.write(drop)
        await db.close()

    asyncio.run(work())
    return database


@pytest.mark.parametrize("path", sorted(RELEASED.glob("*.sql")), ids=lambda path: path.stem)
async def test_a_file_that_an_older_program_wrote_is_upgraded_as_it_is(path: Path, tmp_path: Path) -> None:
    """The schema too is the one of that day, not one that today's migrations made."""
    where = str(tmp_path / "server.db")
    with closing(sqlite3.connect(where)) as conn:
        conn.executescript(path.read_text(encoding="utf-8"))
    before = old_rows(path.stem)
    assert before.pop("alembic_version") == [{"version_num": path.stem}]
    upgrade(where)
    after = await now_rows(where, before)
    assert in_order({name: [{k: int(v) if isinstance(v, bool) else v for k, v in row.items()} for row in rows]
                     for name, rows in after.items()}) == in_order(before)  # fmt: skip
    await serves(where)
    fresh = str(tmp_path / "fresh.db")
    upgrade(fresh)
    assert await shape(where) == await shape(fresh)
    await backup.backup(where, tmp_path / "a.okbackup")


async def shape(database: str) -> dict[str, Any]:
    """Tables, columns and indexes."""

    def work(conn: Any) -> dict[str, Any]:
        looked = inspect(conn)
        return {
            name: (
                sorted((one["name"], str(one["type"]), one["nullable"]) for one in looked.get_columns(name)),
                sorted((one["name"], tuple(one["column_names"])) for one in looked.get_indexes(name)),
                sorted(looked.get_pk_constraint(name)["constrained_columns"]),
            )
            for name in looked.get_table_names()
        }

    db = Database(database)
    try:
        return await db.read(work)
    finally:
        await db.close()


async def test_a_migration_that_loses_a_row_would_be_noticed(tmp_path: Path) -> None:
    """The mutant: a row less in one table."""
    where = str(tmp_path / "server.db")
    await build(where, "0001")
    before = old_rows("0001")
    before.pop("alembic_version")
    upgrade(where)
    with closing(sqlite3.connect(where)) as conn, conn:
        conn.execute("DELETE FROM log WHERE mid = 2")
    stood = {name: [dict(row) for row in rows] for name, rows in before.items()}
    assert in_order(await now_rows(where, before)) != in_order(stood)


async def test_the_server_and_every_admin_command_refuse_a_database_from_the_future_and_leave_it(
    tmp_path: Path,
) -> None:
    where = str(tmp_path / "server.db")
    upgrade(where)
    with closing(sqlite3.connect(where)) as conn, conn:
        conn.execute("UPDATE alembic_version SET version_num = '9999'")
    for work in (
        lambda: upgrade(where),
        lambda: asyncio.run(users.list_users(where)),
        lambda: asyncio.run(backup.backup(where, tmp_path / "b.okbackup")),
    ):
        with pytest.raises(ConfigError) as caught:
            await asyncio.to_thread(work)
        assert "version" in caught.value.what
        assert "pdate this program" in caught.value.advice
    db = Database(where)
    assert await db.read(lambda conn: conn.execute(text("SELECT version_num FROM alembic_version")).scalar()) == "9999"
    await db.close()
    assert revisions()[-1] == REVISION
