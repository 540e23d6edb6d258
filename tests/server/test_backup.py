"""A backup is every row of one moment, or it is refused; brought back it is the same server, and never over a live one."""

from __future__ import annotations

import asyncio
import gzip
import os
import random
import stat
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from okpay_console import errors
from okpay_console.domain.ticket import Caller
from okpay_console.server import audit, backup, erasing, restoring, schema
from okpay_console.server.db import Database

from .conftest import House

PASSING = {*backup.PASSING, "audit", "commits", "sync_head"}


async def rows(database: str, *, but: set[str] = PASSING) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table but some."""

    def work(conn: Any) -> dict[str, list[tuple[Any, ...]]]:
        tables = [table for table in schema.meta.sorted_tables if table.name not in but]
        return {table.name: sorted(map(tuple, conn.execute(select(table))), key=repr) for table in tables}

    db = Database(database)
    try:
        return await db.read(work)
    finally:
        await db.close()


async def lived(house: Any) -> Any:
    wang = await house.sign_in("wang", "supervisor")
    ticket = await wang.new("重复扣款", caller=Caller(name="张三", mobile="13800138000"), text="扣了两次")
    await wang.push(wang.author.note(ticket, "查过了"), wang.author.note(ticket, " "))
    await wang.new("vip", queue="vip")
    return wang


async def test_what_is_brought_back_is_row_for_row_what_was_there_and_serves(house: Any, tmp_path: Path) -> None:
    """From either kind of database into a file: a backup is of neither kind."""
    wang = await lived(house)
    made = await backup.backup(house.database, tmp_path / "a.okbackup")
    target = str(tmp_path / "other" / "server.db")
    done = await restoring.restore(target, tmp_path / "a.okbackup")
    assert await rows(target) == await rows(house.database)
    assert (done.rows, done.server_id) == (made.rows, made.header.server_id)
    restored = House(target)
    try:
        again = restored.again(wang, wang.client)
        again.http = restored.http(wang.token)
        page = await again.pull()
        assert len(page.changes) == 2
        assert page.last.mid == wang.mid
        assert len((await again.pull()).outcomes) == 0
    finally:
        await restored.close()
    log, broken = await audit.listing(target)
    assert broken is None
    assert [row.what for row in log][-1] == "restore"
    assert [row.what for row in (await audit.listing(house.database))[0]][-1] == "backup"


async def test_it_goes_back_into_an_empty_server_database_or_over_a_stopped_one_and_never_a_live_one(
    house: Any, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    await lived(house)
    file = tmp_path / "a.okbackup"
    await backup.backup(house.database, file)
    before = await rows(house.database)
    with pytest.raises(errors.Refused) as caught:
        await restoring.restore(house.database, file, replace=True)
    assert caught.value.code == "live"
    assert await rows(house.database) == before
    await house.context.db.close()
    with pytest.raises(errors.Refused) as caught:
        await restoring.restore(house.database, file)
    assert caught.value.code == "database-exists"
    assert await rows(house.database) == before
    done = await restoring.restore(house.database, file, replace=True)
    assert await rows(house.database) == before
    if done.aside:
        assert await rows(str(tmp_path / done.aside)) == before
        assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("server.db*")} == {0o600}
    assert not list(tmp_path.glob("*.part*"))


async def test_a_caller_who_was_taken_out_after_the_backup_does_not_come_back_with_it(
    house: Any, tmp_path: Path
) -> None:
    await lived(house)
    file = tmp_path / "a.okbackup"
    await backup.backup(house.database, file)
    assert (await erasing.erase(house.database, "13800138000")).backups == ("a.okbackup",)
    await house.context.db.close()
    done = await restoring.restore(house.database, file, replace=True)
    assert done.emptied_again == 1
    told = repr(await rows(house.database, but=set()))
    assert "13800138000" not in told
    assert "扣了两次" not in told


async def test_rows_that_come_while_it_is_written_are_all_in_it_or_none_of_a_commit(house: Any, tmp_path: Path) -> None:
    wang = await lived(house)
    stop = asyncio.Event()

    async def work() -> None:
        while not stop.is_set():
            await wang.new("meanwhile")

    busy = asyncio.create_task(work())
    made = await asyncio.to_thread(lambda: asyncio.run(backup.backup(house.database, tmp_path / "a.okbackup")))
    stop.set()
    await busy
    target = str(tmp_path / "b.db")
    await restoring.restore(target, tmp_path / "a.okbackup")
    found = await rows(target, but=set())
    seq = made.header.seq
    assert max(row[0] for row in found["commits"]) == seq + 1
    assert len(found["commits"]) == seq + 2
    assert {row[1] for row in found["tickets"]} <= {row[0] for row in found["commits"]}
    assert max(row[2] for row in found["clients"]) == len(found["log"])


def test_no_change_of_its_bytes_goes_unseen(tmp_path: Path) -> None:
    async def make() -> None:
        made = House(str(tmp_path / "server.db"))
        await lived(made)
        await backup.backup(made.database, tmp_path / "a.okbackup")
        await made.close()

    asyncio.run(make())
    whole = (tmp_path / "a.okbackup").read_bytes()
    told = gzip.decompress(whole)
    lines = told.splitlines(keepends=True)
    chance = random.Random(5)
    images = [whole[:size] for size in range(0, len(whole), 37)]
    for _ in range(150):
        at = chance.randrange(len(whole))
        images.append(whole[:at] + bytes([whole[at] ^ 1 << chance.randrange(8)]) + whole[at + 1 :])
    images += [gzip.compress(b"".join(lines[:n] + lines[n + 1 :])) for n in range(len(lines))]
    images += [
        gzip.compress(b"".join([*lines[:n], lines[n + 1], lines[n], *lines[n + 2 :]])) for n in range(len(lines) - 1)
    ]
    images += [gzip.compress(b"".join([*lines[: n + 1], *lines[n:]])) for n in range(len(lines))]
    images += [gzip.compress(told.replace("扣了两次".encode(), "扣了三次".encode())), b"", b"not a backup", told]
    target, unseen = tmp_path / "x.okbackup", []
    for number, image in enumerate(images):
        target.write_bytes(image)
        try:
            found = backup.check(target)
        except errors.Refused as error:
            assert error.code == "bad-backup"
        else:
            # A flip in gzip's own header (its time, its system) is no change of what is in the file.
            unseen += [number] if gzip.decompress(image) != told else []
            assert found.rows
    assert unseen == []
    assert len(images) > 200


@pytest.mark.parametrize("left_out", ["sha256", "rows", "chain"])
def test_each_check_is_needed(tmp_path: Path, left_out: str) -> None:
    """The mutants: a file whose checksum is right is still refused for its rows or its chain, and the other way round."""

    async def make() -> None:
        made = House(str(tmp_path / "server.db"))
        await lived(made)
        await backup.backup(made.database, tmp_path / "a.okbackup")
        await made.close()

    asyncio.run(make())
    lines = gzip.decompress((tmp_path / "a.okbackup").read_bytes()).splitlines(keepends=True)
    if left_out == "sha256":
        lines = [line.replace("查过了".encode(), "没查".encode()) for line in lines]
    elif left_out == "rows":
        lines = [line for line in lines if b'"table":"tokens"' not in line]
    else:
        lines = [line.replace(b'"user.add"', b'"user.bad"') for line in lines]
    if left_out != "sha256":
        import hashlib

        sha = hashlib.sha256(b"".join(lines[:-1])).hexdigest()
        lines[-1] = b'{"type":"End","sha256":"%s"}\n' % sha.encode()
    (tmp_path / "x.okbackup").write_bytes(gzip.compress(b"".join(lines)))
    wanted = {"sha256": "checksum", "rows": "rows are missing", "chain": "audit log"}[left_out]
    with pytest.raises(errors.Refused, match=wanted) as refused:
        backup.check(tmp_path / "x.okbackup")
    # A changed log is no torn file: another backup of the same database would be no better.
    assert refused.value.code == ("backup-audit" if left_out == "chain" else "bad-backup")


async def test_a_backup_is_its_owners_alone_never_half_there_and_never_over_another(
    house: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lived(house)
    file = tmp_path / "a.okbackup"

    def fails(*_: Any, **__: Any) -> Any:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", fails)
        with pytest.raises(errors.ConfigError, match="No space left"):
            await backup.backup(house.database, file)
    assert list(tmp_path.glob("a.okbackup*")) == []
    await backup.backup(house.database, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_bytes()
    with pytest.raises(errors.Refused) as caught:
        await backup.backup(house.database, file)
    assert caught.value.code == "backup-exists"
    assert file.read_bytes() == before


async def test_a_backup_of_a_newer_program_is_refused_in_words(house: Any, tmp_path: Path) -> None:
    await lived(house)
    await backup.backup(house.database, tmp_path / "a.okbackup")
    lines = gzip.decompress((tmp_path / "a.okbackup").read_bytes()).splitlines(keepends=True)
    lines[0] = lines[0].replace(b'"revision":"', b'"revision":"9')
    import hashlib

    lines[-1] = b'{"type":"End","sha256":"%s"}\n' % hashlib.sha256(b"".join(lines[:-1])).hexdigest().encode()
    (tmp_path / "x.okbackup").write_bytes(gzip.compress(b"".join(lines)))
    with pytest.raises(errors.ConfigError, match="newer version"):
        await restoring.restore(str(tmp_path / "new.db"), tmp_path / "x.okbackup")
    assert not (tmp_path / "new.db").exists()
