"""The snapshot: the first screen without journal or server, and never a reason to fail."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime, timedelta

import pytest

from okpay_console.domain.queue import Due, Row
from okpay_console.domain.ticket import Caller
from okpay_console.local import snapshot

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def row(number, **more):
    moment = NOW - timedelta(minutes=number)
    return Row(
        id=f"t{number}",
        number=number,
        subject="已扣款未到账",
        channel="chat",
        created_at=moment,
        updated_at=moment,
        **more,
    )


@pytest.fixture
def taken():
    rows = [row(number, status="closed" if number % 4 == 0 else "new") for number in range(1, 1001)]
    return snapshot.take(rows, server="OKPay", user="wang", now=NOW, pending=["t1", "t999"], reviews=2)


def test_it_holds_the_head_of_the_queue_and_the_size_of_every_view(taken):
    assert [row.number for row in taken.rows[:3]] == [999, 998, 997], "the oldest waits longest"
    assert len(taken.rows) == snapshot.ROWS
    assert (taken.counts["open"], taken.counts["closed"], taken.counts["all"]) == (750, 250, 1000)
    assert (taken.pending, taken.reviews) == (["t999"], 2)


def test_it_comes_back_as_it_was_and_only_its_user_can_read_the_file(tmp_path, taken):
    path = tmp_path / "new" / "snapshot"
    snapshot.write(path, taken)
    assert snapshot.read(path, server="OKPay", user="wang") == taken
    if os.name != "nt":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["snapshot"]


def test_a_damaged_missing_or_foreign_one_is_none(tmp_path, taken):
    path = tmp_path / "snapshot"
    assert snapshot.read(path) is None
    snapshot.write(path, taken)
    whole = path.read_bytes()
    assert snapshot.read(path, user="li") is None
    assert snapshot.read(path, server="other") is None
    for place in range(0, len(whole), 997):
        broken = bytearray(whole)
        broken[place] ^= 0x10
        path.write_bytes(bytes(broken))
        assert snapshot.read(path) is None
    for size in range(0, len(whole), 997):
        path.write_bytes(whole[:size])
        assert snapshot.read(path) is None
    path.write_bytes(b"OKS0" + whole[4:])
    assert snapshot.read(path) is None
    path.unlink()
    path.mkdir()
    assert snapshot.read(path) is None


def test_removing_twice_is_harmless(tmp_path, taken):
    path = tmp_path / "snapshot"
    snapshot.write(path, taken)
    snapshot.remove(path)
    snapshot.remove(path)
    assert not path.exists()


def test_a_bare_one_holds_what_the_house_made_and_nothing_of_the_caller(tmp_path):
    said = row(1, caller=Caller(mobile="13800138000", name="欧阳"), tags=("投诉人说",), promises=())
    promised = row(2, category="TXN", promises=(Due(id="p", due_at=NOW, text="回电 13800138000"),))
    path = tmp_path / "snapshot"
    for bare in (False, True):
        taken = snapshot.take([said, promised], server="OKPay", user="wang", now=NOW, bare=bare)
        snapshot.write(path, taken)
        text = path.read_bytes().decode("utf-8", "replace")
        assert [word in text for word in ("13800138000", "欧阳", "已扣款", "投诉人说")] == [not bare] * 4
        assert "TXN" in text and [one.number for one in snapshot.read(path).rows] == [2, 1]
        assert snapshot.read(path).rows[0].promises[0].due_at == NOW
