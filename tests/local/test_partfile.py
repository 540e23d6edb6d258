"""A file in the making goes on exactly where it was good, and never takes the place of another."""

from __future__ import annotations

import errno
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from okpay_console import errors
from okpay_console.local.disk import Disk
from okpay_console.local.partfile import Good, PartFile

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
GOOD = Good(asked="a", source="s", as_of=AT, total=3)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "t.csv"


def begun(target: Path, *, fs: Disk | None = None) -> PartFile:
    made = PartFile(target, fs=fs)
    made.begin(GOOD)
    made.write(b"one\n", rows=1)
    made.checkpoint()
    made.write(b"two\n", rows=1)
    return made


def gone_on(target: Path) -> PartFile:
    made = PartFile(target)
    made.go_on(made.read_good())
    return made


def test_a_finished_file_has_its_name_alone_and_is_for_this_user_alone(target: Path) -> None:
    made = begun(target)
    found = made.finish(force=False)
    assert (found.rows, found.bytes) == (2, 8)
    assert target.read_bytes() == b"one\ntwo\n"
    assert [file.name for file in target.parent.iterdir()] == ["t.csv"]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_what_stands_behind_the_last_mark_is_written_again_and_not_twice(target: Path) -> None:
    begun(target).close()
    made = gone_on(target)
    assert made.good is not None
    assert made.good.rows == 1
    made.write(b"two\n", rows=1)
    assert made.finish(force=False).rows == 2
    assert target.read_bytes() == b"one\ntwo\n"


@pytest.mark.parametrize("spoil", [b"onE\n", b"on"])
def test_a_part_that_is_not_what_its_mark_says_is_left_alone(target: Path, spoil: bytes) -> None:
    begun(target).close()
    part = target.with_name("t.csv.part")
    part.write_bytes(spoil)
    with pytest.raises(errors.Refused, match="changed"):
        gone_on(target)
    assert part.read_bytes() == spoil


@pytest.mark.parametrize("missing", ["t.csv.part", "t.csv.part.json"])
def test_without_a_part_and_its_mark_there_is_nothing_to_go_on_with(target: Path, missing: str) -> None:
    begun(target).close()
    target.with_name(missing).unlink()
    with pytest.raises(errors.Refused, match="no unfinished"):
        PartFile(target).read_good()


def test_a_taken_name_and_an_unfinished_part_are_refused_unless_that_is_wanted(target: Path) -> None:
    PartFile(target).refuse_taken(resume=False, force=False)
    begun(target).close()
    with pytest.raises(errors.Refused, match="unfinished"):
        PartFile(target).refuse_taken(resume=False, force=False)
    PartFile(target).refuse_taken(resume=True, force=False)
    target.write_bytes(b"mine")
    with pytest.raises(errors.Refused, match="already"):
        PartFile(target).refuse_taken(resume=True, force=False)
    PartFile(target).refuse_taken(resume=False, force=True)
    with pytest.raises(errors.UsageError):
        PartFile(target / "no" / "folder").refuse_taken(resume=False, force=True)
    with pytest.raises(errors.Refused):
        PartFile(target.parent).refuse_taken(resume=False, force=True)


def test_a_file_that_came_there_meanwhile_is_not_replaced(target: Path) -> None:
    made = begun(target)
    target.write_bytes(b"somebody's")
    with pytest.raises(errors.Refused, match="already"):
        made.finish(force=False)
    assert target.read_bytes() == b"somebody's"
    made.finish(force=True)
    assert target.read_bytes() == b"one\ntwo\n"


def test_two_processes_do_not_write_one_part(target: Path) -> None:
    first = begun(target)
    with pytest.raises(errors.Refused, match="Another process"):
        gone_on(target)
    first.close()
    gone_on(target).close()


def test_a_part_is_never_written_through_somebody_elses_link(target: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"keep")
    begun(target).close()
    part = target.with_name("t.csv.part")
    part.unlink()
    part.symlink_to(other)
    with pytest.raises(errors.Refused):
        gone_on(target)
    PartFile(target).begin(GOOD)
    assert other.read_bytes() == b"keep"


class Full(Disk):
    """Takes so many bytes, half of the last write too, and then says that the disk is full."""

    room = 6

    def write(self, fd: int, data: memoryview, offset: int) -> int:
        left = self.room - offset
        if left <= 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(fd, data[:left], offset)


def test_a_full_disk_says_so_and_the_part_goes_on_when_there_is_room(target: Path) -> None:
    full = PartFile(target, fs=Full())
    full.begin(GOOD)
    full.write(b"one\n", rows=1)
    full.checkpoint()
    with pytest.raises(errors.StoreFull) as caught:
        full.write(b"two\n", rows=1)
    full.close()
    assert caught.value.code == "export-full"
    assert not target.exists()
    assert target.with_name("t.csv.part").read_bytes() == b"one\ntw"
    made = gone_on(target)
    made.write(b"two\n", rows=1)
    made.finish(force=False)
    assert target.read_bytes() == b"one\ntwo\n"


def test_a_mark_that_the_disk_does_not_take_leaves_the_last_one(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = begun(target)

    def full(*_: Any, **__: Any) -> None:
        raise errors.StoreFull("full")

    monkeypatch.setattr("okpay_console.local.partfile.replace_file", full)
    with pytest.raises(errors.StoreFull) as caught:
        made.checkpoint()
    assert caught.value.code == "export-full"
    assert PartFile(target).read_good().rows == 1
