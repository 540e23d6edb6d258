"""The system's key store may hang, ask its user, fail or forget: nobody waits for ever, and the right thing is said."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime

import keyring
import pytest

from okpay_console import wiring
from okpay_console.config import Settings
from okpay_console.errors import StoreLocked
from okpay_console.local import keystore
from okpay_console.local.credentials import Credentials
from okpay_console.local.vault import Vault
from okpay_console.wiring import keys, wiping


class Slow:
    """A key store that answers when ``go`` is set, as one does that waits for its user."""

    priority = 5

    def __init__(self):
        self.kept, self.go, self.asked = {}, threading.Event(), threading.Event()
        self.threads = set()
        self.fails = False

    def _wait(self):
        self.threads.add(threading.current_thread().name)
        self.asked.set()
        self.go.wait()
        if self.fails:
            raise OSError("locked")

    def get_password(self, service, name):
        self._wait()
        return self.kept.get((service, name))

    def set_password(self, service, name, password):
        self._wait()
        self.kept[service, name] = password

    def delete_password(self, service, name):
        self._wait()
        del self.kept[service, name]


@pytest.fixture
def slow(monkeypatch):
    made = Slow()
    monkeypatch.setattr(keyring, "get_keyring", lambda: made)
    monkeypatch.setattr(keystore, "_asker", keystore._Asker())
    made.go.set()
    yield made
    made.go.set()
    keys._vault.cache_clear()


def test_one_that_hangs_is_given_up_once_and_not_again_until_it_answers(slow, monkeypatch):
    monkeypatch.setattr(keystore, "WAIT_S", 0.05)
    store = keystore.system_store()
    store.set_password("a", "b", "c")
    slow.go.clear()
    with pytest.raises(TimeoutError):
        store.get_password("a", "b")
    monkeypatch.setattr(keystore, "WAIT_S", 3600)
    with pytest.raises(TimeoutError):
        store.get_password("a", "b")
    assert keystore.system_store() is None, "nor is anybody else held up"
    slow.go.set()
    keystore._asker._turn.acquire()
    keystore._asker._turn.release()
    assert store.get_password("a", "b") == "c"
    assert len(slow.threads) == 1


@pytest.mark.parametrize(("how", "words"), [("hangs", "does not answer"), ("fails", "locked"), ("lost", "not in")])
def test_what_is_wrong_with_it_is_said_and_nothing_is_touched(slow, tmp_path, monkeypatch, how, words):
    Vault(tmp_path).protect("keyring")
    before = (tmp_path / "vault.json").read_bytes()
    monkeypatch.setattr(keystore, "WAIT_S", 0.05)
    if how == "hangs":
        slow.go.clear()
    elif how == "fails":
        slow.fails = True
    else:
        slow.kept.clear()
    again = Vault(tmp_path, keyring=keystore._Patient(slow))
    with pytest.raises(StoreLocked, match=words) as caught:
        again.wanted()
    assert caught.value.code == ("store-locked" if how == "lost" else "key-store-shut")
    assert (tmp_path / "vault.json").read_bytes() == before


async def test_a_screen_answers_while_the_key_store_waits_for_its_user(slow, tmp_path):
    settings = Settings(server="https://desk.example", data_dir=str(tmp_path))
    Credentials(tmp_path / "credentials.json").save(settings.server, "wang", "okp_token")
    await wiring.at_hand(settings)
    assert keys.vault(settings).kind == "keyring", "who trusts the key store with the token trusts it with the key"
    keys._vault.cache_clear()
    slow.go.clear()
    slow.asked.clear()
    waiting = asyncio.create_task(wiring.at_hand(settings))
    while not slow.asked.is_set():
        await asyncio.sleep(0)
    assert not waiting.done(), "the loop runs, and the question is open"
    slow.go.set()
    assert (await waiting).token == "okp_token"
    slow.go.clear()
    wiring.opened(settings).close()


@pytest.mark.parametrize(("how", "gone"), [("works", True), ("lost", True), ("fails", False), ("hangs", False)])
def test_a_key_that_may_still_be_in_the_key_store_is_not_called_destroyed(slow, tmp_path, monkeypatch, how, gone):
    Vault(tmp_path).protect("keyring")
    monkeypatch.setattr(keystore, "WAIT_S", 0.05)
    if how == "hangs":
        slow.go.clear()
    slow.fails = how == "fails"
    if how == "lost":
        slow.kept.clear()
    assert Vault(tmp_path, keyring=keystore._Patient(slow)).destroy() is gone
    assert not (tmp_path / "vault.json").exists()


@pytest.mark.parametrize("file", [b"", b"{]", None], ids=["empty", "damaged", "lost"])
def test_the_key_of_a_store_goes_also_where_the_file_of_keys_no_longer_names_it(slow, tmp_path, file):
    made = Vault(tmp_path)
    made.protect("keyring")
    codec = made.wanted().name
    if file is None:
        (tmp_path / "vault.json").unlink()
    else:
        (tmp_path / "vault.json").write_bytes(file)
    slow.fails = True
    assert Vault(tmp_path).destroy(codec) is False, "the key store has it still"
    slow.fails = False
    assert Vault(tmp_path).destroy(codec, "plain", "") is True
    assert slow.kept == {}
    assert Vault(tmp_path).destroy("plain") is True


@pytest.mark.parametrize(("how", "left"), [("works", False), ("lost", False), ("hangs", True)])
def test_a_wipe_says_that_a_token_may_still_be_in_the_key_store(slow, tmp_path, monkeypatch, how, left):
    settings = Settings(server="https://desk.example", data_dir=str(tmp_path))
    Credentials(tmp_path / "credentials.json").save(settings.server, "wang", "okp_token")
    monkeypatch.setattr(keystore, "WAIT_S", 0.05)
    if how == "lost":
        slow.kept.clear()
    elif how == "hangs":
        slow.go.clear()
    assert wiping.wipe(settings, now=datetime(2026, 11, 23, tzinfo=UTC), why="").key_left is left
    assert bool(slow.kept) is left and list(tmp_path.iterdir()) == []
