"""Credentials: in a key store where there is a working one, else in a file that only its user can read."""

from __future__ import annotations

import os
import stat

import keyring
import pytest

from okpay_console import errors
from okpay_console.local.credentials import Credentials

URL, TOKEN = "https://desk.example", "okp_secret-of-this-test"


class Keys:
    """A key store in memory, as the ``keyring`` module offers one."""

    def __init__(self):
        self.held = {}

    def get_password(self, service, name):
        return self.held.get((service, name))

    def set_password(self, service, name, password):
        self.held[service, name] = password

    def delete_password(self, service, name):
        del self.held[service, name]


class Locked(Keys):
    def set_password(self, service, name, password):
        raise RuntimeError("locked")


class Forgetful(Keys):
    def set_password(self, service, name, password):
        pass


@pytest.fixture
def path(tmp_path):
    return tmp_path / "config" / "credentials.json"


def test_a_working_key_store_gets_the_token_and_the_file_does_not(path):
    keys = Keys()
    kept = Credentials(path, keyring=keys)
    assert kept.save(URL, "wang", TOKEN) == "keyring"
    assert TOKEN not in path.read_text()
    found = Credentials(path, keyring=keys).load(URL)
    assert (found.user, found.token, found.place) == ("wang", TOKEN, "keyring")
    assert Credentials(path, keyring="none").load(URL) is None
    assert kept.forget(URL)
    assert keys.held == {}


@pytest.mark.parametrize("keys", ["none", Locked(), Forgetful()], ids=["none", "locked", "forgetful"])
def test_without_one_it_is_a_file_for_this_user_alone(path, keys):
    kept = Credentials(path, keyring=keys)
    assert kept.save(URL, "wang", TOKEN) == "file"
    assert kept.load(URL).token == TOKEN
    assert kept.user(URL) == "wang"
    if os.name != "nt":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        path.chmod(0o644)
        kept.load(URL)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_each_server_has_its_own_and_signing_out_twice_is_harmless(path):
    kept = Credentials(path, keyring="none")
    kept.save(URL, "wang", TOKEN)
    kept.save("http://localhost:1", "li", "okp_other")
    assert kept.forget(URL)
    assert not kept.forget(URL)
    assert (kept.load(URL), kept.load("http://localhost:1").user) == (None, "li")


def test_the_token_shows_in_no_text(path):
    kept = Credentials(path, keyring="none")
    kept.save(URL, "wang", TOKEN)
    assert TOKEN not in repr(kept.load(URL))


def test_a_damaged_file_says_what_to_do_and_quotes_nothing(path):
    path.parent.mkdir()
    path.write_text('{"https://desk.example": {"user": "wang", "token": "okp_sec')
    with pytest.raises(errors.StoreError, match="damaged") as caught:
        Credentials(path, keyring="none").load(URL)
    assert "login" in caught.value.advice
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("priority", "module", "place"),
    [
        (5, "keyring.backends.macOS", "keyring"),
        (0, "keyring.backends.fail", "file"),
        (-1, "x", "file"),
        (1, "keyrings.alt.file", "file"),
    ],
)
def test_only_a_key_store_worth_the_name_is_used(path, monkeypatch, priority, module, place):
    backend = type("Backend", (Keys,), {"priority": priority, "__module__": module})()
    monkeypatch.setattr(keyring, "get_keyring", lambda: backend)
    kept = Credentials(path)
    assert kept.where() == place
    assert kept.save(URL, "wang", TOKEN) == place
    assert kept.load(URL).token == TOKEN
