"""The sealed store under the same harness: damage, crashes and refusals as ever, and forgery on top."""

from __future__ import annotations

import random
from zlib import crc32

import pytest

from okpay_console.errors import OkpayError, StoreForeign
from okpay_console.local import seal
from okpay_console.local.codec import PLAIN
from okpay_console.local.database import OkDB
from okpay_console.local.record import Chain, apply, codec_name, decode, line, read_header
from okpay_console.local.seal import Sealed
from okpay_console.local.store import PRECIOUS

KEY = bytes(range(32))
ID = "0123456789abcdef"


@pytest.fixture
def sealed(monkeypatch):
    """Every store that the harness opens is sealed with one key."""
    codec = Sealed(KEY, key_id=ID)
    monkeypatch.setitem(OkDB.__init__.__kwdefaults__, "codec", codec)
    return codec


@pytest.fixture
def written(kit, sealed):
    """The bytes of a sealed journal of twelve transactions, and the state after each."""
    bench = kit.Bench(kit.Disk(), seed=5, floor=1 << 30)
    bench.open()
    for _ in range(12):
        bench.step()
    return bench.disk.files()[kit.store], bench.history


def precious(tables):
    return {name: rows for name, rows in tables.items() if name in PRECIOUS}


def test_nothing_that_was_said_stands_in_the_file(written):
    data, history = written
    assert "已扣款" in str(history) and "已扣款".encode() not in data
    for word in (b"outbox", b"drafts", b"tickets", b"text"):
        assert word not in data
    assert codec_name(data) == f"aes256gcm-{ID}"


def test_every_byte_prefix_opens_as_the_last_whole_transaction_in_it(kit, written):
    data, history = written
    for size in range(0, len(data) + 1, 3):
        state, _ = kit.reopened({kit.store: data[:size]})
        assert state == history[max(data[:size].count(b"\n") - 2, 0)], size


def test_any_flipped_bit_costs_at_most_its_own_record_of_the_precious_tables(kit, sealed, written):
    data, history = written
    lines = data.splitlines(keepends=True)
    salt = read_header(lines[0][:-1], codec=sealed.name).salt
    ops = [decode(sealed.open(text[8:-1], number=number, salt=salt)) for number, text in enumerate(lines[1:], 1)]
    starts = [sum(map(len, lines[:number])) for number in range(len(lines) + 1)]

    def without(number):
        tables = {}
        for place, changes in enumerate(ops, 1):
            if place != number:
                apply(tables, {name: change for name, change in changes.items() if name in PRECIOUS})
        return tables

    complete, chance = without(0), random.Random(11)
    # Every byte of the header, where the salt stands, and every third of the rest.
    for position in [*range(starts[1]), *range(starts[1], len(data), 3)]:
        number = max(place for place, start in enumerate(starts) if start <= position)
        damaged = bytearray(data)
        damaged[position] ^= 1 << chance.randrange(8)
        state, kind = kit.reopened({kit.store: bytes(damaged)})
        if number == len(lines) - 1 and kind == "torn":
            assert state == history[-2], position
        else:
            assert kind == "rot" and state in (complete, without(number)), position
        if number == 0:
            assert state == complete, position


def forged(data, codec_name):
    """Files made by somebody who can reckon checksums and has no key: records swapped, doubled, left out."""
    head, *texts = data.splitlines()
    start = read_header(head, codec=codec_name)
    for place in range(1, len(texts) - 1):
        for order in (
            [*texts[:place], texts[place + 1], texts[place], *texts[place + 2 :]],
            [*texts[: place + 1], texts[place], *texts[place + 1 :]],
            [*texts[:place], *texts[place + 1 :]],
        ):
            chain, out = Chain(seed=start.seed, salt=start.salt), head + b"\n"
            for number, text in enumerate(order, 1):
                body = b"!%x.%b" % (number, text.partition(b".")[2])
                crc = chain.sum(body)
                out += line(crc, body)
                chain.advance(crc)
            yield out


def unnoticed(kit, files):
    count = 0
    for data in files:
        try:
            kit.reopened({kit.store: data})
        except StoreForeign:
            continue
        count += 1
    return count


def test_records_moved_doubled_or_left_out_by_somebody_who_reckons_checksums_are_refused(kit, sealed, written):
    """Left out at the very end is the one thing that the file alone cannot tell; the server can."""
    files = list(forged(written[0], sealed.name))
    assert len(files) == 33
    assert unnoticed(kit, files) == 0


def test_a_record_of_another_file_under_the_same_key_is_refused(kit, sealed, written):
    other = kit.Bench(kit.Disk(), seed=6, floor=1 << 30)
    other.open()
    for _ in range(12):
        other.step()
    theirs = other.disk.files()[kit.store].splitlines()
    head, *texts = written[0].splitlines()
    start = read_header(head, codec=sealed.name)
    chain, out = Chain(seed=start.seed, salt=start.salt), head + b"\n"
    for place, text in enumerate(texts):
        body = (theirs[place + 1] if place == 5 else text)[8:]
        assert body.startswith(b"!%x." % (place + 1))
        crc = chain.sum(body)
        out += line(crc, body)
        chain.advance(crc)
    assert unnoticed(kit, [out]) == 0


def test_the_harness_catches_a_cipher_that_binds_no_place(kit, sealed, monkeypatch):
    monkeypatch.setattr(seal, "bound", lambda number, salt: b"")
    bench = kit.Bench(kit.Disk(), seed=5, floor=1 << 30)
    bench.open()
    for _ in range(12):
        bench.step()
    assert unnoticed(kit, forged(bench.disk.files()[kit.store], sealed.name)) > 0


def repeated(data):
    """Nonces that stand in a file more than once: with GCM, two of them give the plain texts away."""
    from base64 import b64decode

    nonces = [b64decode(text.partition(b".")[2])[:12] for text in data.splitlines()[1:]]
    return len(nonces) - len(set(nonces))


def test_no_nonce_comes_twice_and_the_harness_would_see_it(kit, sealed, written, monkeypatch):
    assert repeated(written[0]) == 0
    monkeypatch.setattr(seal.os, "urandom", bytes)
    assert repeated_after(kit) > 0


def repeated_after(kit):
    bench = kit.Bench(kit.Disk(), seed=5, floor=1 << 30)
    bench.open()
    for _ in range(4):
        bench.step()
    return repeated(bench.disk.files()[kit.store])


def test_another_key_is_told_and_touches_nothing(kit, written, monkeypatch):
    monkeypatch.setitem(OkDB.__init__.__kwdefaults__, "codec", Sealed(bytes(32), key_id=ID))
    disk = kit.Disk({kit.store: written[0]})
    with pytest.raises(StoreForeign, match="another key"):
        OkDB(kit.store, fs=disk, salvage=PRECIOUS)
    assert disk.files() == {kit.store: written[0]}


def test_power_cuts_never_show_what_was_not_confirmed(kit, sealed):
    looked, wrong = kit.explore(kit.Disk(), seed=3, steps=8, more=1)
    assert looked > 100 and wrong == 0


def test_sealing_a_plain_store_leaves_the_one_or_the_other_wherever_it_is_cut_short(kit):
    """Also with the power cut at any call; and when it is done, nothing plain is left in any file."""
    codec = Sealed(KEY, key_id=ID)
    bench = kit.Bench(kit.Disk(), seed=9, floor=1 << 30)
    bench.open()
    for _ in range(9):
        bench.step()
    images, chance, disk = [], random.Random(1), bench.disk
    disk.watch = lambda: images.extend(disk.power_cuts(chance, more=1))
    bench.db.compact(codec=codec)
    seen = set()
    for image in images:
        name = codec_name(image[kit.store])
        seen.add(name)
        db = OkDB(kit.store, fs=kit.Disk(image), codec=codec if name == codec.name else PLAIN, salvage=PRECIOUS)
        assert db.journal.read() == bench.acked
    assert seen == {"plain", codec.name} and len(images) > 20
    bench.step()
    assert "已扣款".encode() not in b"".join(disk.files().values())


def test_a_full_disk_leaves_the_plain_store_as_it_was_and_usable(kit):
    for number in range(1, 12):
        bench = kit.Bench(kit.Disk(), seed=9, floor=1 << 30)
        bench.open()
        for _ in range(4):
            bench.step()
        first = bench.disk.calls

        def refuse(call, at, first=first, number=number):
            if at == first + number and call in ("write", "sync", "rename", "open"):
                raise OSError(28, "no room")

        bench.disk.fault = refuse
        try:
            bench.db.compact(codec=Sealed(KEY, key_id=ID))
        except OkpayError:
            assert codec_name(bench.disk.files()[kit.store]) == "plain"
        bench.disk.fault = lambda call, at: None
        bench.step()
        assert bench.db.journal.read() == bench.acked


def test_a_checksum_is_no_seal(kit, sealed, written):
    """A byte of the ciphertext changed and its checksum set right again: the tag tells."""
    head, *texts = written[0].splitlines()
    text = bytearray(texts[4])
    text[30] = ord("A") if text[30] != ord("A") else ord("B")
    start = read_header(head, codec=sealed.name)
    chain, out = Chain(seed=start.seed, salt=start.salt), head + b"\n"
    for place, one in enumerate(texts):
        body = bytes(text if place == 4 else one)[8:]
        crc = crc32(body, (chain.last + chain.seed) & 0xFFFFFFFF)
        out += line(crc, body)
        chain.advance(crc)
    assert unnoticed(kit, [out]) == 0
