"""Every rule of the store, taken away, is missed by the harness: a check that cannot fail proves nothing."""

from __future__ import annotations

import errno
import sys
from zlib import crc32

from okpay_console.errors import StoreError
from okpay_console.local import file as journal_file
from okpay_console.local.file import JournalFile
from okpay_console.local.record import Chain

bench = sys.modules["okpay_storage_bench"]


def explored(kit, disk=None, *, seeds=(1, 2, 3), steps=40, fault=None, most=0):
    """What is wrong after power cuts at any call, with the first seed that shows it."""
    for seed in seeds:
        made = (disk or kit.Disk)()
        if fault is not None:
            made.fault = fault(seed)
        wrong = kit.explored(made, seed=seed, steps=steps, more=1, most=most)[1]
        if wrong:
            return wrong
    return []


def refused(kit, fault, *, numbers=range(4, 60)):
    return [found for number in numbers if (found := kit.refused(kit.Disk(), fault(number), seed=number, steps=8))]


def relayed(kit, fault, *, numbers=range(6, 30)):
    return [found for number in numbers for found in kit.relay(kit.Disk(), fault(number), seed=number, steps=6)[1]]


def test_a_store_that_does_not_sync(each_kit):
    class NoSync(each_kit.Disk):
        def sync(self, fd):
            pass

    assert "a state that never was" in explored(each_kit, NoSync)


def test_a_compaction_that_does_not_sync_the_folder(each_kit):
    class NoDirSync(each_kit.Disk):
        def sync_dir(self, path):
            if not self.durable_names:  # the store's creation is not what is being tested
                super().sync_dir(path)

    assert explored(each_kit, NoDirSync, steps=60)


def test_a_compaction_that_does_not_sync_the_new_file(each_kit):
    class NoSyncAside(each_kit.Disk):
        def sync(self, fd):
            aside = self.names.get(each_kit.store.with_name(each_kit.store.name + ".new"))
            if self.fds[fd] is not aside:
                super().sync(fd)

    assert explored(each_kit, NoSyncAside, steps=60)


def test_a_compaction_that_renames_before_it_syncs(kit, monkeypatch):
    def replace(self, fresh):
        fresh._flush()
        self._fs.rename(self.aside, self.path)
        self.close()
        self._fd, self._chain, self.end, self._ragged = fresh.take(), fresh.chain, fresh.end, False
        self._fs.sync(self._fd)
        self._fs.sync_dir(self.path.parent)

    monkeypatch.setattr(JournalFile, "replace", replace)
    assert explored(kit, steps=60)


def test_a_store_that_syncs_again_after_a_failed_sync(kit):
    class Retrying(kit.Disk):
        def sync(self, fd):
            try:
                super().sync(fd)
            except OSError:
                super().sync(fd)

    assert explored(kit, Retrying, fault=lambda seed: bench.loses(9 + seed, cut=False))


def test_a_store_that_goes_on_after_a_failed_sync(kit, monkeypatch):
    monkeypatch.setattr(JournalFile, "broken", property(lambda self: "", lambda self, value: None), raising=False)
    monkeypatch.setattr(bench, "StoreBroken", ())
    monkeypatch.setattr(JournalFile, "refusal", lambda self: StoreError("the disk failed"))
    assert relayed(kit, lambda n: bench.loses(n, cut=True))


def test_a_store_that_confirms_before_it_writes(kit, monkeypatch):
    append = JournalFile.append

    def late(self, payload):
        waiting, self.waiting = getattr(self, "waiting", None), payload
        if waiting is not None:
            append(self, waiting)

    monkeypatch.setattr(JournalFile, "append", late)
    assert "a state that never was" in explored(kit, steps=5)


def test_a_store_that_leaves_the_tail_of_a_failed_write(kit, monkeypatch):
    def leave(self):
        self._ragged = False

    monkeypatch.setattr(JournalFile, "_trim", leave)
    assert refused(kit, lambda n: bench.shortens(errno.EIO, first=n, last=n + 1, taken=-1))


def test_an_opening_that_leaves_the_torn_tail(kit):
    class NoCut(kit.Disk):
        def truncate(self, fd, size):
            pass

    data, history = kit.written(6)
    torn = {kit.store: data + b"0123abcd{" + b"x" * 4000}
    assert kit.look(torn, history[-1]) == ""
    mutant = bench.Kit(NoCut, kit.killed, kit.codec)
    assert mutant.look(torn, history[-1]) == "the mended store did not last"


def test_a_short_write_taken_for_a_whole_one(kit, monkeypatch):
    def once(disk, fd, data, offset):
        disk.write(fd, memoryview(data), offset)
        return offset + len(data)

    monkeypatch.setattr(journal_file, "write_all", once)

    def half(number):
        return lambda call, at: -1 if call == "write" and at >= number else None

    assert refused(kit, half)


def test_a_store_without_a_chain(kit, monkeypatch):
    monkeypatch.setattr(Chain, "sum", lambda self, sealed, after=None: crc32(sealed))
    data, _ = kit.written(15)
    assert any(kit.reopened({kit.store: files})[1] == "none" for files in bench.shuffled(data))


def test_a_store_without_checksums(kit, monkeypatch):
    monkeypatch.setattr(Chain, "sum", lambda self, sealed, after=None: 0)
    data, history = kit.written(15)
    assert kit.flips(data, history, bits=[1], every=7)[1]
    assert explored(kit)


def test_an_opening_that_shows_what_was_never_synced(each_kit, monkeypatch):
    monkeypatch.setattr(JournalFile, "_settle", lambda self, data: None)
    assert relayed(each_kit, lambda n: bench.kills(each_kit.killed, n))


def test_an_opening_that_syncs_without_writing_again(kit, monkeypatch):
    def settle(self, data):
        self._fs.sync(self._fd)
        self._fs.sync_dir(self.path.parent)

    monkeypatch.setattr(JournalFile, "_settle", settle)
    assert relayed(kit, lambda n: bench.kills(kit.killed, n)) == []
    assert relayed(kit, lambda n: bench.loses(n, cut=True))


def test_a_mending_that_lets_go_of_the_damaged_file_too_early(kit):
    class NoNames(kit.Disk):
        first = True

        def sync_dir(self, path):
            if not self.first:
                super().sync_dir(path)
            self.first = False

    data, _ = kit.written(9)
    damaged = bytearray(data)
    damaged[len(data) // 2] ^= 1
    mutant = bench.Kit(NoNames, kit.killed, kit.codec)
    assert "the damaged file is nowhere" in mutant.mending(bytes(damaged), lambda call, at: None)[1]
