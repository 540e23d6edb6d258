"""The daybook between console and server: never lost, never twice, whatever fails in between; and the shift that writes it."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from okpay_console import errors
from okpay_console.domain.daybook import Line
from okpay_console.local.daybook import Mark
from okpay_console.local.store import make
from okpay_console.sync import daybook as sync_daybook
from okpay_console.sync import shift as sync_shift

WRITER = Path(__file__).with_name("daybook_writer.py")


async def on_server(desk: Any) -> list[Line]:
    """Every line that the server has, in its order, as an admin reads it."""
    reader = await desk.console("reader", at="reader-" + os.urandom(4).hex(), role="admin")
    await reader.engine.round()
    await reader.engine.read_floor()
    return sorted((line for line in reader.engine.daybook() if line.seq), key=lambda line: line.seq)


def told(lines: list[Line]) -> list[tuple[str, str, str]]:
    return [(line.by, line.what, line.reason) for line in lines]


async def test_a_line_is_shown_at_once_and_confirmed_by_the_next_round(desk: Any) -> None:
    one = await desk.console("wang", role="agent")
    line = await one.engine.tell("state", what="break", reason="meal")
    assert one.engine.daybook() == (line,) and one.engine.telling() == 1
    assert any(change.daybook for change in one.changes)
    done = await one.engine.round()
    assert (done.telling, done.untold) == (0, 0)
    assert [kept.seq for kept in one.engine.daybook()] == [1]
    assert [kept.uuid for kept in await on_server(desk)] == [line.uuid]


async def test_lines_told_without_a_network_are_sent_once_afterwards(desk: Any) -> None:
    one = await desk.console("wang", role="agent")
    await one.engine.round()
    await desk.stop()
    first = await one.engine.tell("state", what="break")
    await one.restart()
    second = await one.engine.tell("state", what="available")
    assert (await one.engine.round()).link == "offline"
    await desk.start()
    one.engine.retry()
    await one.engine.round()
    await one.engine.round()
    assert [line.uuid for line in await on_server(desk)] == [first.uuid, second.uuid]


async def test_a_server_that_dies_between_the_write_and_its_answer_has_the_line_once(desk: Any) -> None:
    one = await desk.console("wang", role="agent")
    await one.engine.round()
    real = one.engine._exchange.api

    class Dying:
        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        async def ask(self, method: str, path: str, kind: Any, **more: Any) -> Any:
            answer = await real.ask(method, path, kind, **more)
            if method == "POST":
                raise errors.Offline("The connection was lost.", "")
            return answer

    one.engine._exchange.api = Dying()
    line = await one.engine.tell("state", what="break")
    await one.engine.round()
    assert one.engine.telling() == 1
    one.engine._exchange.api = real
    await one.restart()
    await one.engine.round()
    assert one.engine.telling() == 0
    assert [kept.uuid for kept in await on_server(desk)] == [line.uuid]


async def test_a_server_from_an_older_backup_is_told_again_what_it_forgot(desk: Any, tmp_path: Path) -> None:
    one, two = await desk.console("wang", role="agent"), await desk.console("li", role="agent")
    first = await one.engine.tell("state", what="available")
    await one.engine.round()
    await desk.stop()
    shutil.copy(desk.database, tmp_path / "backup.db")
    await desk.start()
    one.engine.retry()
    second = await one.engine.tell("state", what="break")
    await one.engine.round()
    assert one.engine.telling() == 0
    await desk.stop()
    for leftover in (desk.database, desk.database + "-wal", desk.database + "-shm"):
        Path(leftover).unlink(missing_ok=True)
    shutil.copy(tmp_path / "backup.db", desk.database)
    await desk.start()
    # Somebody else gets the number that the forgotten line had.
    other = await two.engine.tell("state", what="available")
    await two.engine.round()
    one.engine.retry()
    await one.engine.round()
    await one.engine.read_floor()
    found = await on_server(desk)
    assert [line.uuid for line in found] == [first.uuid, other.uuid, second.uuid]
    assert [line.seq for line in one.engine.daybook()] == [1, 3]


async def test_a_store_from_an_older_backup_tells_nothing_twice(desk: Any, tmp_path: Path) -> None:
    one = await desk.console("wang", role="agent")
    first = await one.engine.tell("state", what="available")
    await one.close()
    shutil.copytree(one.folder, tmp_path / "backup")
    one.open()
    await one.engine.round()
    second = await one.engine.tell("state", what="break")
    await one.engine.round()
    await one.close()
    shutil.rmtree(one.folder)
    shutil.copytree(tmp_path / "backup", one.folder)
    one.open()
    await one.engine.round()
    await one.engine.read_floor()
    assert one.engine.telling() == 0
    assert [line.uuid for line in one.engine.daybook()] == [first.uuid, second.uuid]
    assert [line.uuid for line in await on_server(desk)] == [first.uuid, second.uuid]


async def test_a_line_that_is_refused_for_ever_blocks_nobody_and_is_said(desk: Any) -> None:
    one = await desk.console("boss", role="supervisor")
    bad = await one.engine.tell("notice", about="nobody", words="hello")
    good = await one.engine.tell("notice", queue="*", words="早会")
    done = await one.engine.round()
    assert (done.telling, done.untold) == (0, 1)
    assert [(own.line.uuid, own.code) for own in one.engine.untold()] == [(bad.uuid, "no-colleague")]
    assert [line.uuid for line in one.engine.daybook()] == [good.uuid]
    assert [line.uuid for line in await on_server(desk)] == [good.uuid]


async def test_a_request_that_is_refused_as_a_whole_is_taken_apart(desk: Any) -> None:
    one = await desk.console("wang", role="agent")
    await one.engine.round()
    real = one.engine._exchange.api
    lines = [await one.engine.tell("state", what="break") for _ in range(5)]

    class Picky:
        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        async def ask(self, method: str, path: str, kind: Any, *, body: Any = None, **more: Any) -> Any:
            if body is not None and any(line.uuid == lines[3].uuid for line in body.lines):
                raise errors.Refused("The request cannot be understood.", "", code="bad-request")
            return await real.ask(method, path, kind, body=body, **more)

    one.engine._exchange.api = Picky()
    await one.engine.round()
    assert [own.line.uuid for own in one.engine.untold()] == [lines[3].uuid]
    assert [line.uuid for line in await on_server(desk)] == [line.uuid for line in lines if line is not lines[3]]


async def test_what_may_not_be_told_or_kept_is_refused_at_once(desk: Any) -> None:
    one = await desk.console("wang", role="agent")
    await one.engine.round()
    for fields, code in (
        ({"kind": "notice", "queue": "*", "words": "x"}, "forbidden"),
        ({"kind": "alarm", "what": "a"}, "forbidden"),
        ({"kind": "missed", "words": "密码是 abc12345"}, "secret"),
        ({"kind": "state", "what": "asleep"}, "bad-arguments"),
    ):
        with pytest.raises(errors.Refused) as refused:
            await one.engine.tell(**fields)
        assert refused.value.code == code
    missed = await one.engine.tell("missed", words="转账 8000 没到")
    assert missed.words == "转账 **** 没到"
    assert one.engine.daybook() == (missed,)


async def test_another_persons_lines_are_not_sent_under_this_name(desk: Any) -> None:
    one = await desk.console("wang", role="agent")
    theirs = Line(uuid="theirs", kind="state", at=one.engine.now(), by="li", what="break")
    make(one.db.journal, one.engine._daybook.book.plan_tell(theirs))
    mine = await one.engine.tell("state", what="available")
    await one.engine.round()
    assert [line.uuid for line in await on_server(desk)] == [mine.uuid]
    assert [line.uuid for line in one.engine.daybook() if not line.seq] == ["theirs"]


async def test_a_line_dated_by_a_clock_that_was_ahead_is_not_of_the_future(desk: Any) -> None:
    one = await desk.console("wang", role="agent")
    await one.engine._tell("state", what="break", at=one.engine.now() + timedelta(minutes=9))
    await one.engine.round()
    [line] = await on_server(desk)
    assert line.at <= one.engine.now() + timedelta(seconds=5)


async def test_a_notice_reaches_an_open_console_by_a_poke_and_a_watcher_sees_states_within_seconds(
    desk: Any, eventually: Callable[..., Any]
) -> None:
    wang = await desk.console("wang", streaming=True, role="agent")
    boss = await desk.console("boss", streaming=True)
    running = [asyncio.create_task(one.engine.run()) for one in (wang, boss)]
    await eventually(lambda: wang.engine._pace.streaming and boss.engine._pace.streaming)
    await wang.engine.begin_shift()
    await eventually(lambda: wang.engine.telling() == 0 and wang.engine.role == "agent")
    note = await boss.engine.tell("notice", about="wang", words="请回电")
    await eventually(lambda: any(line.uuid == note.uuid for line in wang.engine.daybook()))
    boss.engine.follow_floor(on=True)
    await eventually(lambda: "wang" in boss.engine.seen())
    state = await wang.engine.tell("state", what="break")
    await eventually(lambda: any(line.uuid == state.uuid for line in boss.engine.daybook()))
    boss.engine.follow_floor(on=False)
    assert wang.engine.seen() == {}
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


async def test_a_desk_that_is_opened_and_closed_is_a_shift(desk: Any) -> None:
    one = await desk.console("wang", role="agent")
    await one.engine.begin_shift()
    assert one.engine.daybook() == (), "nobody has said yet that this is an agent"
    await one.engine.round()
    await one.engine.leave()
    await one.engine.leave()
    assert told(await on_server(desk)) == [("wang", "available", ""), ("wang", "offline", "")]


async def test_a_supervisor_is_in_no_state_until_he_chooses_one(desk: Any) -> None:
    one = await desk.console("boss")
    await one.engine.begin_shift()
    await one.engine.round()
    await one.engine.leave()
    assert one.engine.daybook() == ()
    await one.engine.begin_shift()
    await one.engine.tell("state", what="available")
    await one.engine.leave()
    assert told(await on_server(desk)) == [("boss", "available", ""), ("boss", "offline", "")]


async def test_a_shift_without_a_network_is_kept_for_whoever_was_an_agent_before(desk: Any) -> None:
    one = await desk.console("wang", role="agent")
    await one.engine.begin_shift()
    await one.engine.round()
    await one.engine.leave()
    await desk.stop()
    await one.restart()
    await one.engine.begin_shift()
    await one.engine.leave()
    await one.restart()
    await desk.start()
    await one.engine.round()
    assert [what for _, what, _ in told(await on_server(desk))] == ["available", "offline"] * 2


@pytest.mark.parametrize(("gone_for", "lost"), [(119.0, False), (121.0, True)])
async def test_after_a_crash_the_state_goes_on_or_ended_with_the_last_sign_of_life(
    desk: Any, *, gone_for: float, lost: bool
) -> None:
    one = await desk.console("wang", role="agent")
    await one.engine.begin_shift()
    await one.engine.round()
    alive = one.engine.now() - timedelta(seconds=gone_for)
    await one.engine._tell("state", what="break", reason="meal", at=alive - timedelta(hours=1))
    make(one.db.journal, one.engine._daybook.book.plan_mark(replace(one.engine._daybook.book.mark, alive=alive)))
    await one.engine.round()
    await one.restart()
    await one.engine.begin_shift()
    assert one.engine._shift.at_work
    await one.engine.round()
    states = told(await on_server(desk))
    if not lost:
        assert states == [("wang", "available", ""), ("wang", "break", "meal")]
        return
    assert states[2:] == [("wang", "offline", "lost"), ("wang", "available", "")]
    [gone] = [line for line in await on_server(desk) if line.reason == "lost"]
    assert gone.at == alive


async def test_a_sign_of_life_is_left_while_the_desk_is_open_and_only_then(desk: Any) -> None:
    one = await desk.console("wang", role="agent")
    await one.engine.round()
    await one.engine._shift.sign()
    assert one.engine._daybook.book.mark == Mark()
    await one.engine.begin_shift()
    before = one.engine._daybook.book.mark.alive
    await one.engine._shift.sign()
    after = one.engine._daybook.book.mark.alive
    assert before is not None and after is not None and after > before
    await one.engine.tell("state", what="offline")
    await one.engine._shift.sign()
    assert one.engine._daybook.book.mark.what == "offline"
    assert not one.engine._shift.at_work


def test_the_rhythm_is_what_the_floor_relies_on() -> None:
    """Silent for 90 s is unheard: two beats may be lost before that."""
    assert sync_daybook.FOLLOW_S <= 1.5 and sync_daybook.BEAT_S * 3 <= 90 and sync_shift.MARK_S >= 60


async def test_what_was_on_the_disk_when_a_process_was_killed_reaches_the_server_once(desk: Any) -> None:
    one = await desk.console("wang", role="agent")
    await one.close()
    desk.consoles.remove(one)
    process = subprocess.Popen(
        [sys.executable, str(WRITER), str(one.folder / "store"), one.url, one.token], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    said = [process.stdout.readline().decode().strip() for _ in range(40)]
    process.send_signal(signal.SIGKILL)
    rest, _ = process.communicate()
    said += [line for line in rest.decode().split("\n")[:-1] if line]
    again = await desk.console("wang", role="agent")
    await again.engine.round()
    await again.engine.round()
    found = [line.uuid for line in await on_server(desk)]
    assert len(found) == len(set(found))
    assert set(said) <= set(found)
    assert len(set(found) - set(said)) <= 1, "at most the one that was on the disk and not yet said"


async def test_the_rhythm_ends_when_it_is_told_to_at_whatever_moment(desk: Any) -> None:
    one = await desk.console("wang", role="agent")
    await one.engine.begin_shift()
    await one.engine.round()
    for steps in range(40):
        running = asyncio.create_task(one.engine._daybook.run())
        for _ in range(steps):
            one.engine.follow_floor(on=bool(steps % 2))
            await asyncio.sleep(0)
        running.cancel()
        done, _ = await asyncio.wait({running}, timeout=10)
        assert done, f"still running after {steps} steps"
