"""What the server acknowledged survives a power cut at any moment: any unsynced sector or name may be missing.

The server's code runs with its own SQLite on a real disk, and a small library before the C library writes down every change
and every sync; from that record come the images. ``OKPAY_CUTS=400`` looks at more of them.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from okpay_console import errors
from okpay_console.server import audit, backup
from okpay_console.server.db import REVISION, upgrade

CUTS = int(os.environ.get("OKPAY_CUTS", "8"))
RELEASED = Path(__file__).parents[2] / "server" / "released" / "0001.sql"


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"okpay_server_{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec and spec.loader
    if spec.name not in sys.modules:
        sys.modules[spec.name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[spec.name])
    return sys.modules[spec.name]


replay = load("replay")


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Any:
    try:
        return replay.recorded(tmp_path_factory.mktemp("recorded"))
    except FileNotFoundError as missing:
        # As with PostgreSQL: CI has it, and there this must not vanish in silence.
        pytest.fail(str(missing)) if os.environ.get("CI") and sys.platform == "linux" else pytest.skip(str(missing))


def laid(folder: Path, image: Any) -> Path:
    """The image as files; the database's path."""
    for old in folder.iterdir():
        old.unlink()
    for name, data in image.files.items():
        (folder / name).write_bytes(data)
    return folder / "server.db"


def notes(conn: sqlite3.Connection) -> list[str]:
    rows = conn.execute("SELECT doc FROM tickets").fetchall()
    said = [entry for (doc,) in rows for entry in json.loads(doc)["timeline"] if entry["kind"] == "note"]
    return [" ".join(entry["text"].split()[:2]) for entry in said]


def lost(database: Path, image: Any) -> str:
    """What is wrong with this disk; "" where every acknowledged note is there, once, in its order."""
    wanted = [ack for ack in image.acked if ack.startswith("note")]
    if not wanted:
        return ""
    try:
        with closing(sqlite3.connect(database)) as conn:
            whole = conn.execute("PRAGMA integrity_check").fetchone()[0]
            there = notes(conn)
    except sqlite3.DatabaseError as error:
        return str(error)
    if whole != "ok":
        return str(whole)
    # One more may be there, whose answer was on its way.
    right = there[: len(wanted)] == wanted and len(there) <= len(wanted) + 1
    return "" if right else f"{len(wanted)} were acknowledged, there are {there}"


def looked(
    record: Any, name: str, folder: Path, judge: Callable[[Path, Any], str], *, cuts: int = CUTS
) -> tuple[int, list[str]]:
    """How many images were looked at, and what was wrong with some."""
    count, wrong = 0, []
    for image in replay.images(record, name, cuts=cuts):
        count += 1
        said = judge(laid(folder, image), image)
        wrong += [f"entry {image.number}: {said}"] if said else []
    return count, wrong


def test_every_acknowledged_operation_is_there_once_and_the_database_is_whole(record: Any, tmp_path: Path) -> None:
    count, wrong = looked(record, "serve", tmp_path, lost, cuts=2 * CUTS)
    assert wrong == []
    assert count > 200


@pytest.mark.parametrize("level", ["OFF", "NORMAL"])
def test_a_server_that_does_not_wait_for_the_disk_is_caught(record: Any, tmp_path: Path, level: str) -> None:
    """The mutants: SQLite syncs never, or only when it tidies up."""
    assert looked(record, level, tmp_path, lost, cuts=0)[1] != []


def kept(database: Path, image: Any) -> str:
    """Of a backup: under its name it is whole. Of a database that is replaced: it is the old one or the new, and whole."""
    file = database.with_name("a.okbackup")
    if file.exists():
        try:
            backup.check(file)
        except errors.OkpayError as error:
            return str(error)
    elif "backup" in image.acked:
        return "the backup is gone"
    if "stopped" not in image.acked:
        return lost(database, image)
    with closing(sqlite3.connect(database)) as conn:
        if conn.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            return "not whole"
        restored = conn.execute("SELECT count(*) FROM audit WHERE what = 'restore'").fetchone()[0]
        there = len(notes(conn))
    if "restored" in image.acked and not restored:
        return "the old database is back"
    # What came after the backup is in what was kept aside, and it got that name first.
    if restored and not list(database.parent.glob("server.db.before-*")):
        return "nothing was kept aside"
    return "" if there == (4 if restored else 7) else f"{there} notes"


def test_a_backup_that_bears_its_name_is_whole_and_a_restore_is_done_or_not_begun(record: Any, tmp_path: Path) -> None:
    count, wrong = looked(record, "keep", tmp_path, kept, cuts=3 * CUTS)
    assert wrong == []
    assert count > 200


def test_a_backup_that_is_acknowledged_before_it_is_on_the_disk_is_caught(record: Any, tmp_path: Path) -> None:
    """The mutant: no sync of the file, none of its name."""
    assert looked(record, "unsynced", tmp_path, kept, cuts=0)[1] != []


def old_rows(conn: sqlite3.Connection) -> dict[str, list[str]]:
    names = [row[0] for row in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {name: sorted(map(repr, conn.execute(f'SELECT * FROM "{name}"'))) for name in names}


def test_a_migration_is_done_or_not_begun_and_goes_through_when_it_is_begun_again(record: Any, tmp_path: Path) -> None:
    with closing(sqlite3.connect(":memory:")) as conn:
        conn.executescript(RELEASED.read_text(encoding="utf-8"))
        before = old_rows(conn)
    stood: dict[str, Any] = {"0001": None, REVISION: None}

    def judge(database: Path, image: Any) -> str:
        if "old" not in image.acked:
            return ""
        with closing(sqlite3.connect(database)) as conn:
            if conn.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
                return "not whole"
            (revision,) = conn.execute("SELECT version_num FROM alembic_version").fetchone()
            rows = old_rows(conn)
        if revision == "0001" and ("new" in image.acked or rows != before):
            return "not what it was"
        if revision not in stood:
            return f"stopped at {revision}"
        if revision == REVISION and {name: len(rows[name]) for name in before} != {
            k: len(v) for k, v in before.items()
        }:
            return "rows are missing"
        if stood[revision] is None:
            upgrade(str(database))
            assert not asyncio.run(audit.verify(str(database))).broken
            stood[revision] = image.number
        return ""

    count, wrong = looked(record, "migrate", tmp_path, judge, cuts=2 * CUTS)
    assert wrong == []
    assert count > 100
    assert None not in stood.values(), "cut before its end, and after it"


def test_the_record_has_every_write(record: Any) -> None:
    """Played to its end, it gives the files that are there."""
    for name in ("serve", "keep", "migrate"):
        folder = next(entry.path.parent for entry in record if entry.path.parent.name == name)
        mine = [entry for entry in record if entry.path.parent.name == name or entry.path.name == name]
        seen = list(replay.images([*mine, replay.Entry("W", folder / "acks", 0, b"end")], name, cuts=0))
        whole = next(image for image in seen if image.number == seen[-1].number)
        assert whole.files == {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "acks"}
