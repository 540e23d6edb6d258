"""Signing in and out, the users of a server, and the doctor."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def visitor(desk: Any, house: Any) -> Any:
    """Somebody at a machine of his own, not signed in, with a token at hand."""
    one = desk("visitor")
    one.typed = one.env.pop("OKPAY_TOKEN")
    return one


def test_a_token_is_verified_kept_for_its_owner_alone_and_used_later(visitor: Any) -> None:
    done = visitor("login", "--token", "-", "--json", stdin=visitor.typed + "\n")
    assert done.status == 0, done.err
    assert (done.doc["user"], done.doc["role"]) == ("visitor", "agent")
    stored = Path(done.doc["stored"])
    assert stored.stat().st_mode & 0o777 == 0o600
    assert visitor.typed not in done.out + done.err
    assert visitor("sync", "--json", OKPAY_SERVER="").doc["link"] == "online"
    assert visitor("logout", "--json").doc["signed_out"] is True
    assert visitor("sync", "--json", OKPAY_SERVER="").status == 1
    assert visitor.typed.encode() not in stored.read_bytes()


def test_a_data_directory_of_another_agent_does_not_take_a_token(visitor: Any, house: Any) -> None:
    """Notes written there would be sent under the owner's name."""
    first, second = house.user("erste"), house.user("zweite")
    assert visitor("login", "--server", house.url, "--token", "-", stdin=first).status == 0
    assert visitor("sync").status == 0
    done = visitor("login", "--server", house.url, "--token", "-", "--json", stdin=second)
    assert (done.status, done.out) == (1, ""), done.err
    assert len(done.err.splitlines()) == 2
    assert "erste" in done.err
    assert visitor("sync", "--json").doc["link"] == "online"


def test_a_token_that_does_not_work_is_not_kept(visitor: Any) -> None:
    done = visitor("login", "--token", "okp_wrong")
    assert done.status == 1
    assert not (visitor.home / "credentials.json").exists()
    assert visitor("login", stdin="").status == 2
    assert visitor("login", "--token", visitor.typed, OKPAY_SERVER="").status == 2
    assert visitor("login", "--token", visitor.typed, OKPAY_SERVER="http://127.0.0.1:1").status == 3


def test_offline_after_signing_in_once_work_can_begin(visitor: Any) -> None:
    away = {"OKPAY_SERVER": "http://127.0.0.1:1", "OKPAY_TOKEN": visitor.typed}
    made = visitor("ticket", "new", "--subject", "先写下来", "--channel", "hotline", "--json", **away)
    assert made.status == 3
    assert visitor("sync", "--json", OKPAY_TOKEN=visitor.typed).doc["pushed"] == 1
    assert visitor("ticket", "show", made.doc["id"], "--json").doc["timeline"][0]["by"] == "visitor"


def test_users_are_added_listed_and_disabled(house: Any, desk: Any) -> None:
    gone = desk("leaver")
    assert gone("sync").status == 0
    admin = desk("root", "admin")
    home = {"OKPAY_DATA_DIR": str(house.home)}
    assert admin("admin", "user", "disable", "leaver", "--json", **home).doc["disabled"] is True
    users = {doc["user"]: doc for doc in admin("admin", "user", "list", "--json", **home).docs}
    assert users["leaver"]["disabled"] is True
    assert users["root"]["role"] == "admin"
    assert gone("sync", "--json").doc["link"] == "signed-out"
    twice = admin("admin", "user", "add", "root", "--role", "admin", **home)
    assert (twice.status, len(twice.err.splitlines())) == (1, 2)


def test_the_doctor_names_every_thing_and_what_to_do(desk: Any, visitor: Any) -> None:
    well = desk("visitor")("doctor", "--json")
    checks = {doc["name"]: doc for doc in well.docs}
    assert {
        "version",
        "terminal",
        "colour",
        "locale",
        "settings",
        "data",
        "store",
        "keyring",
        "server",
        "token",
        "clock",
    } <= set(checks)
    assert well.status == 0
    ill = visitor("doctor", "--json", OKPAY_TOKEN="okp_wrong", LC_ALL="zh_CN.GBK", PYTHONUTF8="1")
    bad = {doc["name"]: doc for doc in ill.docs if doc["state"] == "bad"}
    assert ill.status == 1
    assert set(bad) == {"token", "locale"}
    assert all(doc["advice"] for doc in bad.values())
    dead = visitor("doctor", "--json", OKPAY_TOKEN="okp_x", OKPAY_SERVER="http://127.0.0.1:1")
    assert [doc["name"] for doc in dead.docs if doc["state"] == "bad"] == ["server"]


def test_the_server_says_its_address_and_ends_when_told(tmp_path: Path, desk: Any) -> None:
    process = desk("visitor").start("serve", "--port", "0", OKPAY_DATA_DIR=str(tmp_path))
    assert process.stdout is not None
    line = process.stdout.readline().decode()
    assert line.startswith("服务器已启动：http://127.0.0.1:")
    process.send_signal(signal.SIGTERM)
    _, complaint = process.communicate(timeout=30)
    assert process.returncode in (0, -signal.SIGTERM)
    assert b"Traceback" not in complaint


def test_a_port_that_is_taken_is_told(house: Any, desk: Any, tmp_path: Path) -> None:
    port = house.url.rsplit(":", 1)[1]
    done = desk("visitor")("serve", "--port", port, OKPAY_DATA_DIR=str(tmp_path))
    assert done.status == 2
    assert port in done.err
    assert "--port" in done.err
    assert "设置" not in done.err, "it is not the settings' fault"


def test_the_version_is_one_document(visitor: Any) -> None:
    assert set(json.loads(visitor("--version", "--json").out)) == {"version", "protocol", "store", "database"}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_file_that_is_no_database_is_told_and_nothing_is_said_to_be_queued(
    visitor: Any, tmp_path: Path, lang: str
) -> None:
    junk = tmp_path / "junk.db"
    junk.write_bytes(b"junk" * 1000)
    done = visitor("admin", "user", "add", "x", "--role", "agent", "--database", str(junk), OKPAY_LANG=lang)
    assert (done.status, done.out) == (2, ""), done.err
    assert "--database" in done.err
    assert junk.read_bytes() == b"junk" * 1000
