"""Cases 4 to 9, once each on a real process: the disk, whose own harness is in ``tests/faults/storage``."""

from __future__ import annotations

import json
import re
import resource
import signal
from pathlib import Path
from typing import Any

import pytest


def store(console: Any) -> Path:
    found: Path = console.home / "data" / "console.okdb"
    return found


def test_case_04_kill_9_while_it_writes_keeps_every_note_that_was_printed(case: Any) -> None:
    """The agent sees, after the next start, every note whose line was printed; one more may have reached the disk."""
    ticket = case.house.ticket(case.agent.who)
    case.agent.sync()
    case.proxy.refuse()
    running = case.agent.begin("ticket", "note", ticket, "-")
    for number in range(400):
        running.stdin.write(f"第{number}句\n")
    running.stdin.flush()
    # It is in the middle of the next ones when these have come.
    printed = [json.loads(running.stdout.readline()) for _ in range(60)]
    running.send_signal(signal.SIGKILL)
    running.communicate()
    assert {doc["state"] for doc in printed} == {"queued"}
    case.agent.written = [(ticket, f"第{number}句") for number in range(60)]
    assert case.agent.waiting() >= 60
    case.quiet(case.agent)


@pytest.mark.parametrize("tail", [b"\0" * 4096, b'3f00c0de{"t": {"outbox'], ids=["zeros", "torn"])
def test_case_05_a_torn_tail_is_cut_off_and_said(case: Any, tail: bytes) -> None:
    """The agent sees: the last write had not finished, so many bytes were removed; the words before it are there."""
    case.proxy.refuse()
    case.agent.new()
    with store(case.agent).open("ab") as file:
        file.write(tail)
    done = case.agent.sync()
    assert (done.status, done.docs[0]["pending"]) == (3, 1)
    assert f"{len(tail)} 字节" in done.said
    case.quiet(case.agent)


DEATHS = ("in the write", "before the fsync", "before the rename", "after the rename", "after the folder's fsync")


def test_case_06_kill_9_at_each_step_of_a_compaction_loses_no_word(case: Any) -> None:
    """Each note is on the disk when the compaction that follows it begins, so each is there whenever that is killed.

    The agent sees, at the next start, every note as waiting, the one whose line was never printed as well; nothing else.
    """
    ticket = case.house.ticket(case.agent.who)
    case.agent.sync()
    case.proxy.refuse()
    for number, death in enumerate(DEATHS, 1):
        words = f"压缩时断电前写的第{number}句"
        killed = case.agent.run("ticket", "note", ticket, words, program="dying.py", DIES=death)
        assert (killed.status, killed.docs) == (-signal.SIGKILL, []), death
        assert store(case.agent).with_name("console.okdb.new").exists() is (number <= 3), death
        case.agent.written.append((ticket, words))
        started = case.agent.sync()
        assert (started.says("offline"), started.docs[0]["pending"]) == (True, number), death
    case.quiet(case.agent)
    assert list(store(case.agent).parent.glob("*.new")) == []


def test_case_06_what_an_interrupted_compaction_left_behind_is_no_store(case: Any) -> None:
    """The agent sees nothing of it."""
    case.proxy.refuse()
    case.agent.new()
    for name in ("console.okdb.new", "console.okdb.tmp", "console.okdb.compact"):
        store(case.agent).with_name(name).write_bytes(store(case.agent).read_bytes()[:-40])
    case.agent.new()
    case.quiet(case.agent)


def test_case_07_a_disk_that_is_full_takes_nothing_and_says_so_and_goes_on_when_there_is_space(case: Any) -> None:
    """The agent sees: the disk is full, these words were not kept; the ones before it are."""
    case.proxy.refuse()
    case.agent.new()
    size = store(case.agent).stat().st_size
    running = case.agent.begin("ticket", "new", "--channel", "chat", "--subject", "写不下的一句" * 20)
    resource.prlimit(running.pid, resource.RLIMIT_FSIZE, (size + 50, size + 50))
    full = case.agent.end(running)
    assert full.status == 1 and full.docs == []
    assert "磁盘" in full.said
    assert case.agent.waiting() == 1
    case.agent.new()
    assert case.agent.waiting() == 2
    case.quiet(case.agent)


def test_case_08_a_disk_that_fails_to_flush_acknowledges_nothing_more(case: Any) -> None:
    """The agent sees: the disk failed; nothing is called kept after that, and all of it that was stays."""
    ticket = case.house.ticket(case.agent.who)
    case.agent.sync()
    failed = case.agent.run(
        "ticket", "note", ticket, "-", text="冲不下去的一句\n再来一句\n", FLUSH_FAILS="1", program="sickdisk.py"
    )
    assert failed.status == 1
    assert [doc for doc in failed.docs if doc.get("state") == "queued"] == []
    assert "磁盘" in failed.said
    case.agent.written = []
    case.agent.note(ticket)
    case.quiet(case.agent)


def test_case_09_rot_in_the_middle_keeps_the_words_and_fetches_the_rest(case: Any) -> None:
    """The agent sees: "本机缓存有损坏：… 条记录读不出，自己的 … 条已救回，原文件留作 …", and one waiting, which goes out."""
    for _ in range(3):
        case.house.ticket(case.agent.who)
    case.agent.sync()
    case.proxy.refuse()
    case.agent.new()
    raw = bytearray(store(case.agent).read_bytes())
    line = raw.index(b"\n", len(raw) // 3) + 20
    raw[line] ^= 0x01
    store(case.agent).write_bytes(raw)
    done = case.agent.sync()
    assert (done.status, done.docs[0]["link"], done.docs[0]["pending"], done.says("rot")) == (3, "offline", 1, True)
    kept = store(case.agent).with_name("console.okdb.rot-1")
    assert kept.name in done.said and kept.read_bytes() == bytes(raw), "the damaged file is put aside as it was"
    assert re.search(r"自己的 [1-9]\d* 条已救回", done.said)
    asked = len(case.proxy.names)
    case.quiet(case.agent)
    pulls = [name for name in case.proxy.names[asked:] if name.startswith("GET /v1/sync")]
    assert "cursor=" not in pulls[0], "what was put aside is listed again from the beginning"


def test_case_09_rot_in_the_unsent_words_themselves_is_counted_and_not_kept_quiet(case: Any) -> None:
    """The agent sees: "1 条记录读不出": that one of his words is gone from this machine, and the other one waits."""
    case.proxy.refuse()
    lost, _ = case.agent.new(), case.agent.new()
    raw = bytearray(store(case.agent).read_bytes())
    words = case.agent.written[0][1]
    place = raw.rindex(words.encode() if words.encode() in raw else json.dumps(words).encode()[1:-1])
    raw[place] ^= 0x01
    store(case.agent).write_bytes(raw)
    done = case.agent.sync()
    assert (done.status, done.docs[0]["pending"], done.says("rot")) == (3, 1, True)
    assert "本机缓存有损坏：1 条记录读不出" in done.said
    assert lost.docs[0]["id"] in store(case.agent).with_name("console.okdb.rot-1").read_text("utf-8", "replace")
    del case.agent.written[0]
    case.quiet(case.agent)
