"""What was confirmed, and what was shown, survives a power cut at any moment: any unsynced sector or name may be missing."""

from __future__ import annotations

import errno
import sys

import pytest

bench = sys.modules["okpay_storage_bench"]


@pytest.mark.parametrize("sector", [64, 512])
def test_after_a_power_cut_at_any_call_every_confirmed_transaction_is_there_and_none_is_half_there(each_kit, sector):
    """Every set of sectors and names where there are at most 64, samples of them and torn sectors where there are more."""
    looked = 0
    for seed in (1, 2):
        number, wrong = each_kit.explored(each_kit.Disk(sector=sector), seed=seed, steps=15, most=64)
        assert wrong == []
        looked += number
    assert looked > 150


def test_old_journals_in_the_sectors_that_were_not_written_change_nothing(each_kit):
    """Rows that exist nowhere else are as confirmed; the others too, or they are listed again."""
    old, _ = each_kit.written(12, seed=9)
    for seed in (4,):
        looked, wrong = each_kit.explored(each_kit.Disk(extents=old), seed=seed, steps=12)
        assert wrong == []
        assert looked > 100


def test_after_a_failed_sync_nothing_more_is_confirmed_and_a_power_cut_loses_nothing_confirmed(kit):
    for number in (8, 14, 23, 35):
        for cut in (False, True):
            disk = kit.Disk()
            disk.fault = bench.loses(number, cut=cut)
            assert kit.explored(disk, seed=number, steps=8, more=1)[1] == []


@pytest.mark.parametrize("end", ["killed", "sync failed", "sync and truncation failed"])
def test_what_the_next_program_shows_survives_a_power_cut_whatever_the_last_one_left_unsynced(each_kit, end):
    looked = 0
    for number in range(2, 50, 4):
        fault = bench.kills(each_kit.killed, number) if end == "killed" else bench.loses(number, cut="trunc" in end)
        seen, wrong = each_kit.relay(each_kit.Disk(), fault, seed=number)
        assert wrong == [], number
        looked += seen
    assert looked > 1000


def rotten(kit):
    data, _ = kit.written(9)
    damaged = bytearray(data)
    damaged[len(data) // 2] ^= 1
    return bytes(damaged)


@pytest.mark.parametrize("how", ["power", "killed", "refused once", "refused from then on"])
def test_a_rotten_file_and_its_own_rows_survive_whatever_happens_while_it_is_mended(each_kit, how):
    damaged = rotten(each_kit)
    for number in range(1, 2 if how == "power" else 26, 3):
        fault = {
            "power": lambda call, at: None,
            "killed": bench.kills(each_kit.killed, number),
            "refused once": bench.refuses(errno.EIO, first=number, last=number),
            "refused from then on": bench.refuses(errno.ENOSPC, first=number, last=number + 99),
        }[how]
        looked, wrong = each_kit.mending(damaged, fault)
        assert wrong == [], number
        assert looked > 2
