"""The keys of this machine's data: kept, changed, lost, and never in a file in clear."""

from __future__ import annotations

import json
import os
import stat
from base64 import b64encode

import pytest

from okpay_console.errors import StoreError, StoreLocked
from okpay_console.local import vault as vaults
from okpay_console.local.compaction import write_fresh
from okpay_console.local.record import Change
from okpay_console.local.store import open_store, sealed_as
from okpay_console.local.vault import FILE, Cost, Vault

CHEAP = Cost(kib=64, passes=1, lanes=1)
WORDS = "客户的手机 13800138000"


class Ring:
    """A key store in memory."""

    def __init__(self, *, forgets=False):
        self.kept, self.forgets = {}, forgets

    def get_password(self, service, name):
        return self.kept.get((service, name))

    def set_password(self, service, name, password):
        if not self.forgets:
            self.kept[service, name] = password

    def delete_password(self, service, name):
        del self.kept[service, name]


def filled(path, vault):
    db = open_store(path, vault=vault)
    db.write({"outbox": Change(put={"1": {"text": WORDS}})})
    db.close()


def words(path, vault, *, readonly=False):
    db = open_store(path, vault=vault, readonly=readonly)
    try:
        return db.journal.read()["outbox"]["1"]["text"]
    finally:
        db.close()


def in_clear(folder):
    return any(WORDS.encode() in file.read_bytes() for file in folder.iterdir())


def test_a_plain_store_is_sealed_when_it_is_next_opened_and_reads_the_same(tmp_path, path):
    ring = Ring()
    filled(path, Vault(tmp_path, keyring="none"))
    assert in_clear(tmp_path) and sealed_as(path) == "plain"
    Vault(tmp_path, keyring=ring).protect("keyring")
    assert words(path, Vault(tmp_path, keyring=ring), readonly=True) == WORDS, "a reader changes nothing"
    assert sealed_as(path) == "plain"
    assert words(path, Vault(tmp_path, keyring=ring)) == WORDS
    assert sealed_as(path).startswith("aes256gcm-") and not in_clear(tmp_path)
    assert words(path, Vault(tmp_path, keyring=ring), readonly=True) == WORDS
    if os.name != "nt":
        assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}


def test_no_key_and_no_passphrase_stands_in_the_file(tmp_path):
    ring = Ring()
    vault = Vault(tmp_path, keyring=ring)
    vault.protect("keyring")
    (secret,) = ring.kept.values()
    vault.protect("passphrase", passphrase="correct horse", cost=CHEAP)
    text = (tmp_path / FILE).read_text()
    masters = [b64encode(key).decode() for key in vault._keys.values()]
    assert len(masters) == 2 and secret in masters
    assert not any(key in text for key in [*masters, "correct horse"])
    assert "correct horse" not in repr(vault) + repr(vault.wanted())


@pytest.mark.parametrize("kind", ["keyring", "passphrase"])
def test_a_new_key_seals_everything_anew_and_the_old_one_is_forgotten(tmp_path, path, kind):
    ring = Ring()
    ask = lambda: "first words"  # noqa: E731
    Vault(tmp_path, keyring=ring, ask=ask).protect(kind, passphrase="first words", cost=CHEAP)
    filled(path, Vault(tmp_path, keyring=ring, ask=ask))
    old, before = sealed_as(path), path.read_bytes()
    Vault(tmp_path, keyring=ring, ask=ask).protect(kind, passphrase="other words", cost=CHEAP)
    again = Vault(tmp_path, keyring=ring, ask=lambda: "other words")
    assert words(path, again, readonly=True) == WORDS, "until it is sealed anew, the new key opens the old file"
    assert words(path, again) == WORDS
    assert sealed_as(path) != old and len(ring.kept) == (kind == "keyring")
    path.write_bytes(before)
    with pytest.raises(StoreLocked):
        open_store(path, vault=Vault(tmp_path, keyring=ring, ask=lambda: "other words"))
    assert path.read_bytes() == before


def test_a_change_of_key_that_is_cut_short_anywhere_leaves_a_store_that_opens(tmp_path, path, monkeypatch):
    """Before the file is sealed, after it, and before the old key is forgotten."""
    ring = Ring()
    Vault(tmp_path, keyring=ring).protect("keyring")
    filled(path, Vault(tmp_path, keyring=ring))

    def cut(*_, **__):
        raise KeyboardInterrupt

    for target, name in ((vaults, "replace_file"), (None, ""), (Vault, "settle"), (Vault, "_forget")):
        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            if target is None:
                patched.setattr("okpay_console.local.journal.write_fresh", cut)
            else:
                patched.setattr(target, name, cut)
            vault = Vault(tmp_path, keyring=ring)
            vault.protect("keyring")
            open_store(path, vault=vault)
        assert words(path, Vault(tmp_path, keyring=ring)) == WORDS, name
    assert write_fresh is not cut
    assert json.loads((tmp_path / FILE).read_bytes()).get("before", {}) == {}


def test_a_wrong_or_missing_passphrase_says_what_to_do_and_touches_nothing(tmp_path, path):
    Vault(tmp_path, keyring="none").protect("passphrase", passphrase="correct horse", cost=CHEAP)
    filled(path, Vault(tmp_path, keyring="none", ask=lambda: "correct horse"))
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    for given, code in (("battery staple", "wrong-passphrase"), ("", "store-locked")):
        with pytest.raises(StoreLocked) as caught:
            open_store(path, vault=Vault(tmp_path, keyring="none", ask=lambda given=given: given))
        assert caught.value.code == code and caught.value.advice
        assert "horse" not in str(caught.value) and "staple" not in str(caught.value)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_a_passphrase_is_asked_once_and_costs_what_is_written_beside_it(tmp_path):
    asked = []
    made = Vault(tmp_path, keyring="none", ask=lambda: asked.append(1) or "correct horse")
    Vault(tmp_path, keyring="none").protect("passphrase", passphrase="correct horse", cost=CHEAP)
    assert made.wanted().name == made.wanted().name and asked == [1]
    assert json.loads((tmp_path / FILE).read_bytes())["cost"] == {"kib": 64, "passes": 1, "lanes": 1}
    assert (Cost().kib, Cost().passes, Cost().lanes) == (65536, 3, 4)


def test_argon2_gives_the_tag_of_the_reference_implementation():
    """phc-winner-argon2, test.c: argon2id, t=2, m=2^8 KiB, p=1, "password", "somesalt"."""
    key = vaults.stretched("password", salt=b"somesalt", cost=Cost(kib=1 << 8, passes=2, lanes=1))
    assert key.hex() == "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe"


def test_a_key_store_that_forgets_is_not_trusted_with_the_only_key(tmp_path, path):
    filled(path, Vault(tmp_path, keyring="none"))
    with pytest.raises(StoreLocked) as caught:
        Vault(tmp_path, keyring=Ring(forgets=True)).protect("keyring")
    assert caught.value.code == "no-key-store"
    assert words(path, Vault(tmp_path, keyring="none")) == WORDS


def test_a_key_that_is_not_in_the_key_store_now_may_be_there_later(tmp_path, path):
    ring = Ring()
    Vault(tmp_path, keyring=ring).protect("keyring")
    filled(path, Vault(tmp_path, keyring=ring))
    with pytest.raises(StoreLocked, match="not in the system's key store"):
        open_store(path, vault=Vault(tmp_path, keyring=Ring()))
    assert words(path, Vault(tmp_path, keyring=ring)) == WORDS


def test_without_the_file_of_keys_the_store_still_finds_its_key_by_its_own_first_line(tmp_path, path):
    ring = Ring()
    Vault(tmp_path, keyring=ring).protect("keyring")
    filled(path, Vault(tmp_path, keyring=ring))
    (tmp_path / FILE).unlink()
    assert words(path, Vault(tmp_path, keyring=ring), readonly=True) == WORDS
    assert words(path, Vault(tmp_path, keyring=ring)) == WORDS
    assert not in_clear(tmp_path), "and its owner does not make it plain"


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"format":2,"kind":"keyring","id":"a"}', '{"format":1,"kind":"x","id":"a"}']
)
def test_a_file_of_keys_that_cannot_be_read_opens_nothing_and_breaks_nothing(tmp_path, path, text):
    ring = Ring()
    Vault(tmp_path, keyring=ring).protect("keyring")
    filled(path, Vault(tmp_path, keyring=ring))
    before = path.read_bytes()
    (tmp_path / FILE).write_text(text)
    with pytest.raises(StoreError):
        open_store(path, vault=Vault(tmp_path, keyring=ring))
    assert path.read_bytes() == before


def test_a_sealed_store_whose_first_line_rotted_saves_its_own_rows(tmp_path, path):
    ring = Ring()
    Vault(tmp_path, keyring=ring).protect("keyring")
    filled(path, Vault(tmp_path, keyring=ring))
    data = bytearray(path.read_bytes())
    data[data.index(b"aes256gcm") + 12] ^= 1
    path.write_bytes(data)
    assert words(path, Vault(tmp_path, keyring=ring)) == WORDS


def test_after_the_keys_are_destroyed_nothing_opens_the_file(tmp_path, path):
    ring = Ring()
    Vault(tmp_path, keyring=ring).protect("keyring")
    filled(path, Vault(tmp_path, keyring=ring))
    Vault(tmp_path, keyring=ring).destroy()
    assert ring.kept == {} and not (tmp_path / FILE).exists()
    with pytest.raises(StoreLocked):
        open_store(path, vault=Vault(tmp_path, keyring=ring))
