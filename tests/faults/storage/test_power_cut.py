"""What was confirmed survives a power cut at any moment, and the harness would see it if it did not."""

from __future__ import annotations

import errno

import pytest

from okpay_console.local.record import Chain


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_after_a_power_cut_at_any_call_every_confirmed_transaction_is_there_and_none_is_half_there(kit, seed):
    looked, wrong = kit.explore(kit.Disk(), seed=seed)
    assert looked > 500
    assert wrong == 0


def failing_sync(disk, *, number):
    """The ``number``-th sync fails, as a disk does that loses a write once."""
    count = 0

    def fault(call, _):
        nonlocal count
        count += call == "sync"
        if call == "sync" and count == number:
            raise OSError(errno.EIO, "lost")

    disk.fault = fault
    return disk


def test_after_a_failed_sync_nothing_more_is_confirmed_and_a_power_cut_loses_nothing_confirmed(kit):
    for number in range(2, 8):
        _, wrong = kit.explore(failing_sync(kit.Disk(), number=number), seed=number)
        assert wrong == 0


def test_the_harness_catches_a_store_that_does_not_sync(kit):
    class NoSync(kit.Disk):
        def sync(self, fd):
            pass

    assert kit.explore(NoSync(), seed=1)[1] > 0


def test_the_harness_catches_a_compaction_that_does_not_sync_the_folder(kit):
    class NoDirSync(kit.Disk):
        def sync_dir(self, path):
            if self.durable_names:  # the store's creation is not what is being tested
                return
            super().sync_dir(path)

    assert kit.explore(NoDirSync(), seed=1, steps=60, more=0)[1] > 0


def test_the_harness_catches_a_compaction_that_does_not_sync_the_new_file(kit):
    class NoSyncAside(kit.Disk):
        def sync(self, fd):
            aside = self.names.get(kit.store.with_name(kit.store.name + ".new"))
            if self.fds[fd] is not aside:
                super().sync(fd)

    assert kit.explore(NoSyncAside(), seed=1, steps=60, more=0)[1] > 0


def test_the_harness_catches_a_store_that_syncs_again_after_a_failed_sync(kit):
    class Retrying(kit.Disk):
        def sync(self, fd):
            try:
                super().sync(fd)
            except OSError:
                super().sync(fd)

    assert kit.explore(failing_sync(Retrying(), number=4), seed=4)[1] > 0


def test_the_harness_catches_a_store_without_checksums(kit, monkeypatch):
    monkeypatch.setattr(Chain, "sum", lambda self, sealed, after=None: 0)
    assert kit.explore(kit.Disk(), seed=1)[1] > 0
