"""Files cut, grown, flipped and shuffled: the store never shows a state that was never true, and says what it had to mend."""

from __future__ import annotations

import random
import sys

import pytest

from okpay_console.errors import OkpayError

bench = sys.modules["okpay_storage_bench"]


@pytest.fixture(scope="module", params=["as written", "after a compaction"])
def written(request, kit):
    """The bytes of a journal of fifteen transactions, the state after each, and the lines that stand before the first."""
    if request.param == "as written":
        return *kit.written(15), 2
    run = kit.Bench(kit.Disk(), seed=5, floor=1 << 30)
    run.open()
    for _ in range(12):
        run.step()
    run.db.compact()
    head = run.disk.files()[kit.store].count(b"\n")
    run.history = [run.acked]
    for _ in range(5):
        run.step()
    return run.disk.files()[kit.store], run.history, head


def test_every_byte_prefix_opens_as_the_last_whole_transaction_in_it(kit, written):
    """And says so; only a file that ends with a line cannot be told from one that never had more."""
    data, history, head = written
    first = data.index(b"\n") + 1
    start = len(b"".join(data.splitlines(keepends=True)[:head]))
    for size in [*range(first), *range(start, len(data) + 1)]:
        state, kind = kit.reopened({kit.store: data[:size]})
        whole = max(data[:size].count(b"\n") - head, 0)
        assert state == (history[whole] if size >= first else {}), size
        assert kind == ("rot" if size < first else "none" if data[size - 1 : size] == b"\n" else "torn"), size


def test_every_prefix_is_mended_once_and_for_good(kit, written):
    data, history, head = written
    for size in range(data.index(b"\n") + 1, len(data), 13):
        whole = data[:size].count(b"\n") - head
        expected = history[whole] if whole >= 0 else kit.reopened({kit.store: data[:size]})[0]
        assert kit.look({kit.store: data[:size]}, expected) == "", size


@pytest.mark.parametrize("size", [0, 1, 8, 40])
def test_a_file_without_its_first_line_is_told_as_a_loss_and_kept(kit, size):
    """It gets its name only when that line is on the disk, so somebody else has cut it."""
    data = kit.written(3)[0][:size]
    disk = kit.Disk({kit.store: data})
    db = bench.opened(disk, kit.codec)
    assert (db.journal.read(), db.recovery.kind) == (None, "rot")
    assert "no record is left" in db.recovery.message
    assert disk.files()[kit.store.with_name(db.recovery.quarantine)] == data
    db.close()
    assert kit.reopened(disk.files()) == ({}, "none")


def test_a_tail_of_zeros_or_garbage_never_changes_what_was_confirmed(each_kit):
    data, history = each_kit.written(15)
    chance = random.Random(7)
    for size in [*range(1, 40), *range(40, 400, 19), 511, 512, 513, 4096, 16384]:
        assert each_kit.reopened({each_kit.store: data + bytes(size)}) == (history[-1], "torn")
        noise = chance.randbytes(size)
        state, kind = each_kit.reopened({each_kit.store: data + noise})
        if b"\n" in noise[:-1]:
            assert (state, kind) == (each_kit.precious(history[-1]), "rot")
        else:
            assert (state, kind) == (history[-1], "torn")
        for tail in (noise[: size // 2] + bytes(size), bytes(size) + noise, bytes(size) + b"\n"):
            assert each_kit.look({each_kit.store: data + tail}, history[-1], rot=b"\n" in tail[:-1]) == "", size


def test_a_tail_of_this_or_of_an_earlier_file_never_counts_as_news(each_kit):
    """What a file system may show in blocks that were allotted and not written: old journals, also cut anywhere."""
    data, history = each_kit.written(15)
    other, _ = each_kit.written(9, seed=6)
    for line in [*data.splitlines(keepends=True)[1:-1], *other.splitlines(keepends=True)]:
        assert each_kit.reopened({each_kit.store: data + line}) == (history[-1], "torn")
    for old in (data, other):
        for start in range(0, len(old), 61):
            for tail in (old[start:], old[start : start + 512], bytes(100) + old[start:]):
                assert each_kit.look({each_kit.store: data + tail}, history[-1], rot=True) == "", start


def test_any_flipped_bit_costs_at_most_its_own_record_of_the_precious_tables(kit):
    """Every bit of a whole file; the outbox, drafts, reviews and watch of every other record are there."""
    data, history = kit.written(6, seed=29, words=1)
    looked, wrong = kit.flips(data, history)
    assert looked == 8 * len(data)
    assert wrong == []


def test_a_header_or_line_feed_or_checksum_that_rots_costs_no_precious_row_at_all(kit):
    data, history = kit.written(15)
    feeds = [place for place, byte in enumerate(data) if byte == 10]
    head = range(feeds[0])
    sums = [feed + 1 + place for feed in feeds[:-2] for place in range(8)]
    for position in [*head, *feeds[:-2], *sums]:
        damaged = bytearray(data)
        damaged[position] ^= 4
        assert kit.reopened({kit.store: bytes(damaged)}) == (kit.precious(history[-1]), "rot"), position


def test_a_rotten_sector_costs_at_most_the_records_that_touch_it_and_the_next(each_kit):
    """512 bytes of zeros, of noise, or of another journal. The next record goes only where the CRC that proves it was hit."""
    data, _ = each_kit.written(30)
    lines = data.splitlines(keepends=True)
    ops = each_kit.transactions(data)
    starts = [sum(map(len, lines[:number])) for number in range(len(lines) + 1)]
    chance, other = random.Random(3), each_kit.written(30, seed=8)[0]

    def without(lost):
        tables = {}
        for place, changes in enumerate(ops, 1):
            own = {} if place in lost else {name: one for name, one in changes.items() if name in bench.PRECIOUS}
            tables = bench.applied(tables, own)
        return tables

    for start in range(512, len(data) - 1024, 512):
        hit = {place for place in range(1, len(lines)) if starts[place] < start + 512 and starts[place + 1] > start}
        possible = [without(hit)]
        if starts[max(hit)] >= start - 8:
            possible.append(without({*hit, max(hit) + 1}))
        for piece in (bytes(512), chance.randbytes(512), other[start : start + 512].ljust(512, b"\n")):
            state, kind = each_kit.reopened({each_kit.store: data[:start] + piece + data[start + 512 :]})
            assert kind == "rot", start
            assert state in possible, start


def test_lines_that_are_whole_but_in_the_wrong_place_are_noticed(each_kit):
    data, _ = each_kit.written(15)
    for files in bench.shuffled(data):
        try:
            assert each_kit.reopened({each_kit.store: files})[1] != "none"
        except OkpayError:
            assert each_kit.codec.name != "plain"


def test_the_damaged_file_is_kept_whole_under_another_name(kit):
    data, _ = kit.written(15)
    damaged = bytearray(data)
    damaged[len(data) // 2] ^= 1
    disk = kit.Disk({kit.store: bytes(damaged)})
    db = kit.Bench(disk).open()
    assert disk.files()[kit.store.with_name(db.recovery.quarantine)] == bytes(damaged)
    assert db.recovery.salvaged == {name: len(rows) for name, rows in db.journal.read().items()}
    assert db.recovery.message


def test_a_header_whose_highest_bit_rotted_is_read_by_the_half_that_proves_more(kit):
    """Both halves prove the first line: twice the seed is the same sum without that bit."""
    data, history = next(made for _ in range(99) if (made := kit.written(6, seed=29))[0][:1] in b"0189")
    damaged = bytearray(data)
    damaged[0] ^= 8
    assert kit.reopened({kit.store: bytes(damaged)}) == (kit.precious(history[-1]), "rot")
