"""The small files beside the store, cut, flipped and written to a full disk: the old one whole, or the new one, or a plain word."""

from __future__ import annotations

import errno
import os
from datetime import UTC, datetime

import pytest

from okpay_console.errors import StoreError, StoreFull
from okpay_console.local import snapshot, whole
from okpay_console.local.credentials import Credentials
from okpay_console.local.snapshot import Snapshot
from okpay_console.local.whole import replace_file

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
SHOWN = Snapshot(server="https://desk.example", user="wang", at=AT, rows=[], counts={"open": 3}, pending=["a"])


def test_a_snapshot_that_was_cut_or_has_any_flipped_bit_is_none_and_never_an_error(tmp_path):
    path = tmp_path / "first"
    snapshot.write(path, SHOWN)
    data = path.read_bytes()
    assert snapshot.read(path) == SHOWN
    for size in range(len(data)):
        path.write_bytes(data[:size])
        assert snapshot.read(path) is None, size
        zeros = data[:size] + bytes(len(data) - size)
        path.write_bytes(zeros)
        assert zeros == data or snapshot.read(path) is None, size
    for position in range(8 * len(data)):
        damaged = bytearray(data)
        damaged[position // 8] ^= 1 << position % 8
        path.write_bytes(damaged)
        assert snapshot.read(path) is None, position


def test_sign_ins_that_were_cut_anywhere_are_told_as_damaged_and_never_as_another_token(tmp_path):
    path = tmp_path / "signins"
    Credentials(path, keyring="none").save("https://desk.example", "wang", "okp_secret")
    data = path.read_bytes()
    for size in range(len(data)):
        path.write_bytes(data[:size])
        with pytest.raises(StoreError, match="damaged") as told:
            Credentials(path, keyring="none").load("https://desk.example")
        assert "okp_secret" not in str(told.value)


@pytest.mark.parametrize("call", ["open", "fdopen", "fsync", "replace"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_refusal_at_any_call_leaves_the_old_file_and_nothing_beside_it(tmp_path, monkeypatch, call, code):
    path = tmp_path / "file"
    replace_file(path, b"old", durable=True)

    def refuse(*args, **more):
        raise OSError(code, "refused")

    # The descriptor of a refused fdopen is nobody's: it is the test that must not leak it.
    if call == "fdopen":
        monkeypatch.setattr(whole.os, call, lambda fd, mode: (os.close(fd), refuse()))
    else:
        monkeypatch.setattr(type(path) if call == "replace" else whole.os, call, refuse)
    with pytest.raises(StoreFull if code == errno.ENOSPC else StoreError):
        replace_file(path, b"new", durable=True)
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


def test_a_durable_file_is_synced_before_it_takes_the_name_and_its_name_after_it(tmp_path, monkeypatch):
    """Without the second, a power cut may bring the old sign-ins back after a new token was confirmed."""
    done = []
    real = os.fsync
    monkeypatch.setattr(whole.os, "fsync", lambda fd: (done.append("sync"), real(fd)))
    replace = type(tmp_path).replace
    monkeypatch.setattr(type(tmp_path), "replace", lambda self, to: (done.append("rename"), replace(self, to))[1])
    replace_file(tmp_path / "file", b"new", durable=True)
    assert done == ["sync", "rename", "sync"]
