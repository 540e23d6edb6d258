"""The database file and its schema."""

from __future__ import annotations

import asyncio
import os
import stat
import threading
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from okpay_console.errors import ConfigError, Unavailable
from okpay_console.server import history, schema
from okpay_console.server.db import REVISION, Database, normalise, upgrade


async def test_the_migrations_make_exactly_the_tables_that_the_code_knows(house: Any) -> None:
    def differences(conn: Any) -> list[Any]:
        return compare_metadata(MigrationContext.configure(conn, opts={"compare_type": True}), schema.meta)

    assert await house.context.db.read(differences) == []


def test_the_revision_in_the_code_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", "okpay_console.server:migrations")
    assert ScriptDirectory.from_config(config).get_current_head() == REVISION


def test_upgrading_twice_and_at_the_same_time_is_harmless(tmp_path: Path) -> None:
    where = str(tmp_path / "deep" / "down" / "server.db")

    async def together() -> None:
        await asyncio.gather(*(asyncio.to_thread(upgrade, where) for _ in range(4)))

    asyncio.run(together())
    upgrade(where)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no file modes")
def test_the_database_file_is_its_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        upgrade(str(tmp_path / "server.db"))
    finally:
        os.umask(before)
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}


async def test_a_database_of_a_newer_version_is_refused_in_words(database: str) -> None:
    upgrade(database)
    db = Database(database)

    def age(conn: Any) -> None:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    await db.write(age)
    await db.close()
    with pytest.raises(ConfigError, match="newer version"):
        upgrade(database)


def test_what_is_not_a_database_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_bytes(b"this is not a database, it is a letter to a friend" * 100)
    for wrong in ("mysql://x/y", "sqlite://", ":memory:", "://", str(tmp_path / "text.db"), str(tmp_path)):
        with pytest.raises(ConfigError):
            upgrade(wrong)
    assert (tmp_path / "text.db").read_bytes().startswith(b"this is not")


def test_a_password_survives_the_choice_of_the_driver() -> None:
    assert normalise("postgresql://u:p%40ss@h/d") == "postgresql+asyncpg://u:p%40ss@h/d"
    assert normalise("/data/x.db") == "sqlite:////data/x.db"


async def test_sqlite_is_durable_and_writes_ahead(tmp_path: Path) -> None:
    where = str(tmp_path / "server.db")
    upgrade(where)
    db = Database(where)
    names = ("journal_mode", "synchronous", "busy_timeout")
    found = await db.read(lambda conn: [conn.execute(text(f"PRAGMA {name}")).scalar() for name in names])
    await db.close()
    assert found == ["wal", 2, 5000]


async def test_everything_read_in_one_snapshot_is_of_one_moment(house: Any) -> None:
    async def elsewhere() -> None:
        db = Database(house.database)
        await db.write(lambda conn: history.commit(conn, now=house.clock()))
        await db.close()

    def work(conn: Any) -> tuple[Any, Any]:
        query = text("SELECT seq FROM sync_head")
        before = conn.execute(query).scalar()
        other = threading.Thread(target=lambda: asyncio.run(elsewhere()))
        other.start()
        other.join()
        return before, conn.execute(query).scalar()

    assert await house.context.db.read(work) == (0, 0)
    assert (await house.context.db.read(history.head)).seq == 1


async def test_a_foreign_error_is_translated_and_carries_no_values(house: Any) -> None:
    def wrong(conn: Any) -> None:
        conn.execute(text("INSERT INTO nowhere VALUES (:secret)"), {"secret": "13800138000"})

    with pytest.raises(Unavailable) as caught:
        await house.context.db.write(wrong)
    chain = f"{caught.value} {caught.value.__cause__}"
    assert "13800138000" not in chain
