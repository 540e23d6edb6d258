"""The disk refuses any one call, or a run of calls: nothing half done, nothing confirmed is lost, and work goes on."""

from __future__ import annotations

import errno
import sys

import pytest

from okpay_console.errors import StoreBroken, StoreFull

bench = sys.modules["okpay_storage_bench"]

FAULTS = {
    "EIO once": lambda n: bench.refuses(errno.EIO, first=n, last=n),
    "EIO from then on": lambda n: bench.refuses(errno.EIO, first=n, last=float("inf")),
    "ENOSPC once": lambda n: bench.refuses(errno.ENOSPC, first=n, last=n),
    "ENOSPC for a while": lambda n: bench.refuses(errno.ENOSPC, first=n, last=n + 6),
    "full from then on": lambda n: bench.refuses(errno.ENOSPC, first=n, last=float("inf"), calls=("write", "open")),
    "no truncation from then on": lambda n: bench.refuses(
        errno.EIO, first=n, last=float("inf"), calls=("truncate", "write")
    ),
    "no rename from then on": lambda n: bench.refuses(errno.EIO, first=n, last=float("inf"), calls=("rename",)),
    "no sync from then on": lambda n: bench.refuses(errno.EIO, first=n, last=float("inf"), calls=("sync", "sync_dir")),
    "short write": lambda n: bench.shortens(errno.EIO, first=n, last=n, taken=-1),
    "short write of one byte": lambda n: bench.shortens(errno.EIO, first=n, last=n, taken=1),
    "short write, then full": lambda n: bench.shortens(errno.ENOSPC, first=n, last=n + 1, taken=-1),
    "short write, then full, then no truncation": lambda n: bench.shortens(errno.ENOSPC, first=n, last=n + 2, taken=-1),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_refusal_at_any_call_leaves_the_store_as_confirmed_and_the_next_commits_work(kit, name):
    for number in range(1, 90):
        assert kit.refused(kit.Disk(), FAULTS[name](number), seed=number) == "", number


@pytest.mark.parametrize("call", bench.CHANGING)
def test_a_refusal_of_any_one_kind_of_call_is_no_worse_for_a_sealed_store(each_kit, call):
    for number in range(1, 40, 3):
        fault = bench.refuses(errno.EIO, first=number, last=number + 3, calls=(call,))
        assert each_kit.refused(each_kit.Disk(), fault, seed=number, steps=12) == "", number


def begun(kit, *, floor=1500):
    bench = kit.Bench(kit.Disk(), floor=floor)
    bench.open()
    return bench


def refuse(bench, code, call):
    def fault(name, number):
        if name == call:
            raise OSError(code, "refused")

    bench.disk.fault = fault


def test_a_full_disk_is_told_as_such_with_advice(kit):
    bench = begun(kit)
    refuse(bench, errno.ENOSPC, "write")
    cause = bench.try_step()
    assert isinstance(cause, StoreFull)
    assert cause.advice


def test_a_failed_sync_makes_the_store_read_only_until_it_is_opened_again(kit):
    bench = begun(kit)
    refuse(bench, errno.EIO, "sync")
    assert isinstance(bench.try_step(), StoreBroken)
    bench.disk.fault = lambda call, number: None
    assert isinstance(bench.try_step(), StoreBroken)
    bench.db.close()
    bench.open()
    assert bench.try_step() is None


@pytest.mark.parametrize("call", ["write", "sync", "sync_dir"])
def test_where_opening_cannot_make_the_last_record_certain_it_can_be_read_and_nothing_be_written(kit, call):
    bench = begun(kit)
    bench.step()
    bench.db.close()
    refuse(bench, errno.EIO, call)
    bench.open()
    assert bench.db.journal.read() == bench.acked
    assert isinstance(bench.try_step(), StoreBroken)
    bench.disk.fault = lambda call, number: None
    bench.db.close()
    bench.open()
    assert bench.try_step() is None


def test_a_compaction_that_fails_is_not_the_commits_failure(kit):
    bench = begun(kit, floor=700)
    tried = []

    def no_new_file(call, number):
        if call == "open":
            tried.append(number)
            raise OSError(errno.ENOSPC, "full")

    bench.disk.fault = no_new_file
    for _ in range(150):
        assert bench.try_step() is None
    assert isinstance(bench.db.compaction_error, StoreFull)
    assert 1 <= len(tried) <= 15, "a full disk is not asked again at every commit"
    assert kit.reopened(bench.disk.files())[0] == bench.acked


def test_a_rename_that_could_not_be_made_certain_refuses_every_later_commit(kit):
    bench = begun(kit, floor=1 << 30)
    bench.step()
    refuse(bench, errno.EIO, "sync_dir")
    with pytest.raises(StoreBroken):
        bench.db.compact()
    bench.disk.fault = lambda call, number: None
    assert isinstance(bench.try_step(), StoreBroken)
    assert kit.reopened(bench.disk.files())[0] == bench.acked
