"""The server's own code at work in the folder that is named, so that its writes are recorded: ``writing.py FOLDER``.

Each folder below is a database of its own. What was acknowledged is written, and synced, into its file ``acks`` at that moment.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[3]))
from okpay_console.server import backup, db, restoring
from tests.server.conftest import House

RELEASED = Path(__file__).parents[2] / "server" / "released" / "0001.sql"
RIGHT = db._sqlite_connect


def house_in(folder: Path) -> Any:
    """A server over a database that its own migrations have made, on the disk."""
    folder.mkdir()
    db.upgrade(str(folder / "server.db"))
    return House(str(folder / "server.db"))


def told(folder: Path, words: str) -> None:
    fd = os.open(folder / "acks", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.write(fd, words.encode() + b"\n")
    os.fsync(fd)
    os.close(fd)


async def notes(folder: Path, house: Any, wang: Any, ticket: Any, numbers: range) -> None:
    for number in numbers:
        [outcome] = (await wang.push(wang.author.note(ticket, f"note {number} " + "已扣款未到账" * 40))).outcomes
        assert outcome.state == "confirmed"
        told(folder, f"note {number}")
        if number % 8 == 7:
            # What happens by itself after a thousand pages, and here sooner.
            with closing(sqlite3.connect(house.database)) as conn:
                conn.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()


async def serve(folder: Path, count: int) -> None:
    house = house_in(folder)
    try:
        wang = await house.sign_in()
        ticket = await wang.new()
        await notes(folder, house, wang, ticket, range(count))
    finally:
        await house.close()


async def keep(folder: Path) -> None:
    """Notes, a backup beside the serving server, more notes, and the backup in the place of the stopped server's database."""
    house = house_in(folder)
    try:
        wang = await house.sign_in()
        ticket = await wang.new()
        await notes(folder, house, wang, ticket, range(4))
        await backup.backup(house.database, folder / "a.okbackup")
        told(folder, "backup")
        await notes(folder, house, wang, ticket, range(4, 7))
    finally:
        await house.close()
    told(folder, "stopped")
    await restoring.restore(house.database, folder / "a.okbackup", replace=True)
    told(folder, "restored")


def migrate(folder: Path) -> None:
    folder.mkdir()
    with closing(sqlite3.connect(folder / "server.db")) as conn:
        conn.executescript(RELEASED.read_text(encoding="utf-8"))
    # That day's own journal is removed without waiting for the disk (SQLite's EXTRA would); here it is long gone.
    backup.sync_folder(folder)
    told(folder, "old")
    db.upgrade(str(folder / "server.db"))
    told(folder, "new")


def mutant(folder: Path, level: str) -> None:
    def careless(connection: Any, more: Any) -> None:
        RIGHT(connection, more)
        connection.execute(f"PRAGMA synchronous={level}")

    db._sqlite_connect = careless
    try:
        asyncio.run(serve(folder, 4))
    finally:
        db._sqlite_connect = RIGHT


def unsynced(folder: Path) -> None:
    """A backup that gets its name, and is acknowledged, before it is on the disk."""
    right = os.fsync
    house = house_in(folder)
    os.fsync = lambda fd: None
    try:
        asyncio.run(backup.backup(house.database, folder / "a.okbackup"))
    finally:
        os.fsync = right
    told(folder, "backup")
    asyncio.run(house.close())


if __name__ == "__main__":
    top = Path(sys.argv[1])
    asyncio.run(serve(top / "serve", 20))
    asyncio.run(keep(top / "keep"))
    migrate(top / "migrate")
    mutant(top / "OFF", "OFF")
    mutant(top / "NORMAL", "NORMAL")
    unsynced(top / "unsynced")
