"""The databases and applications that tests get are as new, though others had them before."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from okpay_console.server import users
from okpay_console.server.db import upgrade

from ..readymade import new_database
from .conftest import Postgres


def test_a_database_that_comes_back_is_empty_again_and_one_whose_schema_was_changed_does_not_come_back(
    postgres: Postgres,
) -> None:
    url = postgres.fresh()
    name = url.rpartition("/")[2]
    asyncio.run(users.add_user(url, "wang", "agent", ("general",)))
    _, used = asyncio.run(postgres._looked(name))
    assert used["users"] and used["tokens"] and used["audit"]
    postgres.take_back(url)
    _, after = asyncio.run(postgres._looked(name))
    assert {table for table in after if after[table] != postgres.rows[table]} == {"sync_head"}
    assert postgres.fresh() == url

    async def change() -> None:
        conn = await postgres._open(name)
        try:
            await conn.execute("DROP TRIGGER audit_no_change ON audit")
        finally:
            await conn.close()

    asyncio.run(change())
    postgres.take_back(url)
    assert name not in postgres.idle


def test_a_copied_file_has_the_schema_of_the_migrations_and_an_identity_of_its_own(tmp_path: Path) -> None:
    paths = [str(tmp_path / name) for name in ("migrated.db", "one.db", "two.db")]
    upgrade(paths[0])
    for path in paths[1:]:
        new_database(path)
    schemas, identities = [], set()
    for path in paths:
        with closing(sqlite3.connect(path)) as conn:
            schemas.append(sorted(conn.execute("SELECT type, name, sql FROM sqlite_master").fetchall()))
            identities.add(conn.execute("SELECT server_id, secret, fork FROM sync_head, commits").fetchone())
            assert conn.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert Path(path).stat().st_mode & 0o777 == 0o600
    assert schemas[0] == schemas[1] == schemas[2]
    assert len(identities) == 3
