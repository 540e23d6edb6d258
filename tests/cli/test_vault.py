"""This machine's data as the command line keeps, changes and wipes it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

KEYS = Path(__file__).resolve().parents[1] / "keys"
WORDS = "客户说 9527 号柜台"


@pytest.fixture
def agent(desk: Any, house: Any, tmp_path: Path, request: pytest.FixtureRequest) -> Any:
    """Somebody with a key store of his own, not signed in, with a token at hand."""
    one = desk("keeper-" + request.node.name[-24:].replace("[", "-").replace("]", ""))
    one.typed = one.env.pop("OKPAY_TOKEN")
    one.ring = tmp_path / "ring.json"
    one.env |= {
        "PYTHONPATH": os.pathsep.join((str(KEYS), *filter(None, [os.environ.get("PYTHONPATH", "")]))),
        "PYTHON_KEYRING_BACKEND": "filekeyring.Keyring",
        "OKPAY_TEST_KEYS": str(one.ring),
    }
    return one


def in_clear(home: Path) -> list[str]:
    return [file.name for file in home.iterdir() if file.is_file() and WORDS.encode() in file.read_bytes()]


def new(one: Any, **variables: str) -> str:
    made = one("ticket", "new", "--subject", WORDS, "--channel", "hotline", "--json", **variables)
    assert made.status in (0, 3), made.err
    return str(made.doc["id"])


def test_signing_in_where_there_is_a_key_store_seals_what_is_there_and_what_comes(agent: Any) -> None:
    new(agent, OKPAY_TOKEN=agent.typed)
    assert in_clear(agent.home), "nobody has signed in yet, so it is plain"
    done = agent("login", "--token", "-", "--json", stdin=agent.typed)
    assert (done.doc["stored"], done.doc["kept"]) == ("keyring", "keyring"), done.err
    ticket = new(agent)
    assert agent("sync").status == 0
    assert in_clear(agent.home) == []
    assert agent("ticket", "show", ticket, "--json").doc["subject"] == WORDS
    checks = {doc["name"]: doc for doc in agent("doctor", "--json").docs}
    assert checks["vault"]["state"] == "ok"
    before = agent.ring.read_text()
    assert agent("vault", "rotate").status == 0
    assert agent.ring.read_text() != before
    assert agent("ticket", "show", ticket, "--json").doc["subject"] == WORDS
    # The key store is locked: said, and nothing is touched.
    kept = (agent.home / "console.okdb").read_bytes()
    away = agent("tickets", PYTHON_KEYRING_BACKEND="keyring.backends.fail.Keyring")
    assert (away.status, len(away.err.splitlines())) == (1, 2)
    assert (agent.home / "console.okdb").read_bytes() == kept


def test_a_passphrase_where_there_is_no_key_store(agent: Any) -> None:
    none = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    given = {**none, "OKPAY_PASSPHRASE": "four green apples"}
    plain = agent("login", "--token", "-", stdin=agent.typed, OKPAY_LANG="en", **none)
    assert "not encrypted" in plain.out and "vault" in plain.out, "said once, with what to do"
    ticket = new(agent, **none)
    done = agent("vault", "passphrase", "--new", "-", stdin="four green apples\n", **none)
    assert done.status == 0 and in_clear(agent.home) == [], done.err
    assert agent("ticket", "show", ticket, "--json", **given).doc["subject"] == WORDS
    for wrong in (none, {**none, "OKPAY_PASSPHRASE": "four green pears"}):
        done = agent("tickets", "--json", **wrong)
        assert (done.status, done.out) == (1, "") and "apples" not in done.err + done.out
    assert not any(b"apples" in file.read_bytes() for file in agent.home.iterdir())


def test_a_wipe_asks_first_takes_everything_and_says_what_it_left(agent: Any) -> None:
    assert agent("login", "--token", "-", stdin=agent.typed).status == 0
    assert agent("sync").status == 0
    (agent.home / "mine.txt").write_text("not ours")
    ticket = new(agent, OKPAY_SERVER="http://127.0.0.1:1", OKPAY_TOKEN=agent.typed)
    refused = agent("logout", "--wipe")
    assert refused.status == 1 and ticket in refused.err
    assert (agent.home / "console.okdb").exists()
    done = agent("logout", "--wipe", "--force", "--json")
    assert done.status == 0, done.err
    assert [one["ticket"] for one in done.doc["lost"]] == [ticket] and WORDS not in done.out
    assert done.doc["left"] == ["mine.txt"] == [file.name for file in agent.home.iterdir()]
    assert done.doc["was_sealed"] is True
    assert agent.ring.read_text() == "{}", "neither token nor key"
    again = agent("logout", "--wipe", "--json")
    assert again.status == 0 and again.doc["left"] == ["mine.txt"], "twice is harmless"


def test_a_wipe_takes_the_key_also_where_the_file_of_keys_is_damaged(agent: Any) -> None:
    assert agent("login", "--token", "-", stdin=agent.typed).status == 0
    assert agent("sync").status == 0
    assert "store key" in agent.ring.read_text()
    (agent.home / "vault.json").write_bytes(b"{]")
    done = agent("logout", "--wipe", "--force", "--json")
    assert done.status == 0, done.err
    assert done.doc["key_left"] is False and agent.ring.read_text() == "{}"


def test_a_disabled_users_machine_is_wiped_at_the_next_contact_and_says_so(agent: Any, house: Any) -> None:
    assert agent("login", "--token", "-", stdin=agent.typed).status == 0
    ticket = new(agent, OKPAY_TOKEN=agent.typed, OKPAY_SERVER="http://127.0.0.1:1")
    assert agent("sync").status == 0
    lost = new(agent, OKPAY_SERVER="http://127.0.0.1:1", OKPAY_TOKEN=agent.typed)
    (mine,) = [doc for doc in agent("sessions", "--json").docs if doc["current"]]
    home = {"OKPAY_DATA_DIR": str(house.home)}
    assert agent("admin", "user", "disable", mine["user"], **home).status == 0
    done = agent("sync", "--json")
    assert (done.status, done.doc["link"], done.doc["code"]) == (1, "signed-out", "disabled")
    assert [file.name for file in agent.home.iterdir()] == ["wiped.json"]
    assert agent.ring.read_text() == "{}"
    note = (agent.home / "wiped.json").read_text()
    assert lost in note and ticket not in note and WORDS not in note
    (wiped,) = [doc for doc in agent("doctor", "--json").docs if doc["name"] == "wiped"]
    assert lost in wiped["what"]
    assert agent("admin", "user", "enable", mine["user"], **home).status == 0
    assert agent("login", "--token", "-", stdin=agent.typed).status == 0
    assert not (agent.home / "wiped.json").exists()


def test_another_servers_word_wipes_nothing(agent: Any, house: Any, tmp_path: Path) -> None:
    """Its address may have been a slip; there the same token means nothing, and its word destroys nothing here."""
    from okpay_console import wiring
    from okpay_console.config import Settings

    none = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    assert agent("login", "--token", "-", stdin=agent.typed, **none).status == 0
    assert agent("sync", **none).status == 0
    mine = Settings(server=house.url, data_dir=str(agent.home))
    elsewhere = Settings(server="https://desk.example", data_dir=str(agent.home))
    assert [wiring.locked_out(one, "disabled") for one in (mine, elsewhere)] == [True, False]
    assert not wiring.locked_out(mine, "signed-out")
    done = agent("vault", "passphrase", "--new", "-", stdin="four green apples\n", **none)
    assert done.status == 0 and not wiring.locked_out(mine, "disabled"), "nobody can tell whose a locked store is"


def test_sessions_are_listed_and_ended_by_their_owner_and_by_an_administrator(agent: Any, house: Any) -> None:
    assert agent("login", "--token", "-", stdin=agent.typed).status == 0
    assert agent("sync").status == 0
    (mine,) = agent("sessions", "--json").docs
    home = {"OKPAY_DATA_DIR": str(house.home)}
    added = agent("admin", "session", "add", mine["user"], "--label", "laptop", "--json", **home)
    assert added.doc["token"].startswith("okp_")
    laptop = next(doc for doc in agent("sessions", "--json").docs if doc["label"] == "laptop")
    assert not laptop["current"]
    assert agent("sessions", "revoke", laptop["id"], "--json").doc["ended"] is True
    assert agent("sessions", "revoke", laptop["id"]).status == 1
    listed = agent("admin", "session", "list", "--user", mine["user"], "--json", **home).docs
    assert [one["id"] for one in listed] == [mine["id"]]
    assert agent("admin", "session", "revoke", "--user", mine["user"], **home).status == 0
    assert agent("sync", "--json").doc["link"] == "signed-out"
    assert agent.typed not in str(listed)
