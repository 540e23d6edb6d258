"""The disk refuses any one call, or a run of calls: nothing half done, nothing confirmed is lost, and work goes on."""

from __future__ import annotations

import errno

import pytest

from okpay_console.errors import StoreBroken, StoreError, StoreFull

CHANGING = {"open", "write", "sync", "sync_dir", "truncate", "rename", "remove", "read", "close"}


def refuse(code, *, first, last):
    def fault(call, number):
        if first <= number <= last and call in CHANGING:
            raise OSError(code, "refused")

    return fault


def shorten(*, first, last, code):
    """One write takes all but the last byte; the next calls are refused, so that nearly a whole record is left over."""

    def fault(call, number):
        if first <= number <= last:
            if call == "write" and number == first:
                return -1
            if call in ("write", "truncate"):
                raise OSError(code, "refused")
        return None

    return fault


FAULTS = {
    "EIO once": lambda n: refuse(errno.EIO, first=n, last=n),
    "ENOSPC once": lambda n: refuse(errno.ENOSPC, first=n, last=n),
    "ENOSPC for a while": lambda n: refuse(errno.ENOSPC, first=n, last=n + 6),
    "short write": lambda n: shorten(first=n, last=n, code=errno.EIO),
    "short write, then full": lambda n: shorten(first=n, last=n + 1, code=errno.ENOSPC),
    "short write, then full, then no truncation": lambda n: shorten(first=n, last=n + 2, code=errno.ENOSPC),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_refusal_at_any_call_leaves_the_store_as_confirmed_and_the_next_commits_work(kit, name):
    for number in range(1, 90):
        disk = kit.Disk()
        bench = kit.Bench(disk, seed=number, floor=700)
        disk.fault = FAULTS[name](number)
        for _ in range(9):
            try:
                bench.open()
                break
            except StoreError:
                continue
        broken, possible, failed = False, [], -9
        for step in range(25):
            cause = bench.try_step()
            if cause is None and step - failed <= 2:
                # Right after a failure: later records would cover what it left on the disk.
                assert kit.reopened(disk.files()) == (bench.acked, "none"), (name, number)
            elif cause is not None:
                failed = step
            if isinstance(cause, StoreBroken):
                broken = True
                possible.append(bench.next)
                break
        state, kind = kit.reopened(disk.files())
        assert kind in ("none", "torn"), (name, number)
        assert state == bench.acked or state in possible, (name, number)
        if not broken:
            disk.fault = lambda call, number: None
            assert bench.try_step() is None, "space is back, and the next commit works"
            assert kit.reopened(disk.files())[0] == bench.acked


def test_a_full_disk_is_told_as_such_with_advice(kit):
    disk = kit.Disk()
    bench = kit.Bench(disk)
    bench.open()
    disk.fault = lambda call, number: (_ for _ in ()).throw(OSError(errno.ENOSPC, "")) if call == "write" else None
    cause = bench.try_step()
    assert isinstance(cause, StoreFull)
    assert cause.advice


def test_a_failed_sync_makes_the_store_read_only_until_it_is_opened_again(kit):
    disk = kit.Disk()
    bench = kit.Bench(disk)
    bench.open()
    disk.fault = lambda call, number: (_ for _ in ()).throw(OSError(errno.EIO, "")) if call == "sync" else None
    assert isinstance(bench.try_step(), StoreBroken)
    disk.fault = lambda call, number: None
    assert isinstance(bench.try_step(), StoreBroken)
    bench.db.close()
    bench.open()
    assert bench.try_step() is None


def test_a_compaction_that_fails_is_not_the_commits_failure(kit):
    disk = kit.Disk()
    bench = kit.Bench(disk, floor=700)
    bench.open()

    tried = []

    def no_new_file(call, number):
        if call == "open":
            tried.append(number)
            raise OSError(errno.ENOSPC, "full")

    disk.fault = no_new_file
    for _ in range(150):
        assert bench.try_step() is None
    assert isinstance(bench.db.compaction_error, StoreFull)
    assert 1 <= len(tried) <= 15, "a full disk is not asked again at every commit"
    assert kit.reopened(disk.files())[0] == bench.acked


def test_a_rename_that_could_not_be_made_certain_refuses_every_later_commit(kit):
    disk = kit.Disk()
    bench = kit.Bench(disk, floor=1 << 30)
    bench.open()
    bench.step()
    disk.fault = lambda call, number: (_ for _ in ()).throw(OSError(errno.EIO, "")) if call == "sync_dir" else None
    with pytest.raises(StoreBroken):
        bench.db.compact()
    disk.fault = lambda call, number: None
    assert isinstance(bench.try_step(), StoreBroken)
    assert kit.reopened(disk.files())[0] == bench.acked
