"""Files cut, grown, flipped and shuffled: the store never shows a state that was never true."""

from __future__ import annotations

import random
from zlib import crc32

import pytest

from okpay_console.errors import OkpayError
from okpay_console.local.record import Chain, apply, decode

PRECIOUS = ("outbox", "drafts", "acked")


@pytest.fixture(scope="module")
def written(kit):
    """The bytes of a journal of fifteen transactions, and the state after each."""
    bench = kit.Bench(kit.Disk(), seed=5, floor=1 << 30)
    bench.open()
    for _ in range(15):
        bench.step()
    return bench.disk.files()[kit.store], bench.history


def test_every_byte_prefix_opens_as_the_last_whole_transaction_in_it(kit, written):
    data, history = written
    for size in range(len(data) + 1):
        state, kind = kit.reopened({kit.store: data[:size]})
        whole = max(data[:size].count(b"\n") - 2, 0)  # the header and the fence behind an empty snapshot
        assert state == history[whole], size
        assert (kind == "none") == (size == 0 or data[size - 1 : size] == b"\n"), size


def test_a_tail_of_zeros_or_garbage_never_changes_what_was_confirmed(kit, written):
    data, history = written
    chance = random.Random(7)
    for size in [*range(1, 200), 4096, 65536]:
        assert kit.reopened({kit.store: data + bytes(size)}) == (history[-1], "torn")
        noise = chance.randbytes(size)
        state, kind = kit.reopened({kit.store: data + noise})
        if b"\n" in noise[:-1]:
            assert kind == "rot"
            assert {name: state[name] for name in state} == precious(history[-1])
        else:
            assert (state, kind) == (history[-1], "torn")


def test_a_tail_of_the_same_files_older_lines_never_counts_as_news(kit, written):
    data, history = written
    lines = data.splitlines(keepends=True)
    for old in lines[1:-1]:
        assert kit.reopened({kit.store: data + old}) == (history[-1], "torn")


def precious(tables):
    return {name: rows for name, rows in tables.items() if name in PRECIOUS}


def wrong_after_damage(kit, data, history, *, every):
    """How many bit flips, of all positions, lead to a state that cannot be explained by at most that line's loss."""
    lines = data.splitlines(keepends=True)
    ops = [decode(text[8:-1]) for text in lines[1:]]
    starts = [sum(map(len, lines[:number])) for number in range(len(lines) + 1)]

    def without(number):
        tables = {}
        for place, changes in enumerate(ops, 1):
            if place != number:
                apply(tables, {name: change for name, change in changes.items() if name in PRECIOUS})
        return tables

    complete, chance, wrong = without(0), random.Random(11), 0
    for position in range(0, len(data), every):
        number = max(place for place, start in enumerate(starts) if start <= position)
        damaged = bytearray(data)
        damaged[position] ^= 1 << chance.randrange(8)
        try:
            state, kind = kit.reopened({kit.store: bytes(damaged)})
        except OkpayError:
            wrong += 1
            continue
        if number == len(lines) - 1 and kind == "torn":
            wrong += state != history[-2]
        else:
            wrong += kind != "rot" or state not in (complete, without(number))
    return wrong


def test_any_flipped_bit_costs_at_most_its_own_record_of_the_precious_tables(kit, written):
    data, history = written
    assert wrong_after_damage(kit, data, history, every=1) == 0


def test_a_header_or_line_feed_or_checksum_that_rots_costs_no_precious_row_at_all(kit, written):
    data, history = written
    feeds = [place for place, byte in enumerate(data) if byte == 10]
    head = range(feeds[0])
    sums = [feed + 1 + place for feed in feeds[:-2] for place in range(8)]
    for position in [*head, *feeds[:-2], *sums]:
        damaged = bytearray(data)
        damaged[position] ^= 4
        assert kit.reopened({kit.store: bytes(damaged)}) == (precious(history[-1]), "rot"), position


def shuffled(data):
    """Files whose every line is whole and in the wrong place: swapped, doubled, missing."""
    lines = data.splitlines(keepends=True)
    for place in range(2, len(lines) - 1):
        yield [*lines[:place], lines[place + 1], lines[place], *lines[place + 2 :]]
        yield [*lines[: place + 1], lines[place], *lines[place + 1 :]]
        yield [*lines[:place], *lines[place + 1 :]]


def test_lines_that_are_whole_but_in_the_wrong_place_are_noticed(kit, written):
    data, _ = written
    for lines in shuffled(data):
        assert kit.reopened({kit.store: b"".join(lines)})[1] != "none"


def test_the_harness_catches_a_store_without_a_chain(kit, monkeypatch):
    monkeypatch.setattr(Chain, "sum", lambda self, sealed, after=None: crc32(sealed))
    bench = kit.Bench(kit.Disk(), seed=5, floor=1 << 30)
    bench.open()
    for _ in range(15):
        bench.step()
    data = bench.disk.files()[kit.store]
    assert any(kit.reopened({kit.store: b"".join(lines)})[1] == "none" for lines in shuffled(data))


def test_the_harness_catches_a_store_without_checksums(kit, monkeypatch):
    monkeypatch.setattr(Chain, "sum", lambda self, sealed, after=None: 0)
    bench = kit.Bench(kit.Disk(), seed=5, floor=1 << 30)
    bench.open()
    for _ in range(15):
        bench.step()
    assert wrong_after_damage(kit, bench.disk.files()[kit.store], bench.history, every=7) > 0


def test_the_damaged_file_is_kept_whole_under_another_name(kit, written):
    data, _ = written
    damaged = bytearray(data)
    damaged[len(data) // 2] ^= 1
    disk = kit.Disk({kit.store: bytes(damaged)})
    bench = kit.Bench(disk)
    db = bench.open()
    assert disk.files()[kit.store.with_name(db.recovery.quarantine)] == bytes(damaged)
    assert db.recovery.salvaged == {name: len(rows) for name, rows in db.journal.read().items()}
    assert db.recovery.message
