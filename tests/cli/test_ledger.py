"""Backup, restore, erasure, retention and the audit chain from the command line, with a real server process beside them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import House, Okp, serving


class Desk:
    """A server that can be stopped and started again, and one person at it."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "server"
        self.admin = Okp(self.home, OKPAY_LANG="en")
        token = self.admin("admin", "user", "add", "wang", "--role", "supervisor", "--json").doc["token"]
        self.port = "0"
        self.start()
        self.wang = Okp(folder / "desk", OKPAY_SERVER=self.url, OKPAY_TOKEN=token, OKPAY_LANG="en")

    def start(self) -> None:
        self.serving = serving(self.admin, port=self.port)
        self.url = self.serving.__enter__()
        self.port = self.url.rpartition(":")[2]

    def stop(self) -> None:
        self.serving.__exit__(None, None, None)

    def notes(self, ticket: str) -> list[str]:
        return [
            one["text"]
            for one in self.wang("ticket", "show", ticket, "--json").doc["timeline"]
            if one["kind"] == "note"
        ]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.stop()


def done(found: Any) -> Any:
    assert found.status == 0, found.out + found.err
    return found


def test_words_of_after_the_backup_come_back_from_the_consoles_that_had_them_acknowledged(
    desk: Desk, tmp_path: Path
) -> None:
    made = done(
        desk.wang("ticket", "new", "--subject", "重复扣款", "--channel", "hotline", "--mobile", "13800138000", "--json")
    )
    ticket = made.docs[0]["id"]
    done(desk.wang("ticket", "note", ticket, "before the backup"))
    file = str(tmp_path / "monday.okbackup")
    assert done(desk.admin("admin", "backup", file, "--json")).doc["rows"] > 5
    assert desk.admin("admin", "backup", file).status == 1
    after = done(desk.wang("ticket", "note", ticket, "after the backup", "--json")).doc
    assert after["state"] == "confirmed"
    live = desk.admin("admin", "restore", file, "--replace")
    assert live.status == 1
    assert "Stop it first" in live.err
    anchors = str(tmp_path / "anchors.jsonl")
    key = tmp_path / "key"
    key.write_text("k" * 40)
    done(desk.admin("admin", "audit", "anchor", "--to", anchors, "--key", str(key)))
    done(desk.admin("admin", "audit", "verify", "--anchors", anchors, "--key", str(key)))
    desk.stop()
    assert desk.admin("admin", "restore", file).status == 1
    restored = done(desk.admin("admin", "restore", file, "--replace", "--json")).doc
    assert (desk.home / restored["aside"]).exists()
    cut = desk.admin("admin", "audit", "verify", "--anchors", anchors, "--key", str(key))
    assert (cut.status, "is not in the log" in cut.err) == (1, True)
    desk.start()
    told = done(desk.wang("sync", "--json")).doc
    assert (told["link"], told["pending"], told["reviews"]) == ("online", 0, 0)
    assert desk.notes(ticket) == ["before the backup", "after the backup"]
    other = Okp(tmp_path / "other", OKPAY_SERVER=desk.url, OKPAY_TOKEN=desk.wang.env["OKPAY_TOKEN"], OKPAY_LANG="en")
    done(other("sync"))
    shown = done(other("ticket", "show", ticket, "--json")).doc
    assert [one["text"] for one in shown["timeline"] if one["kind"] == "note"] == [
        "before the backup",
        "after the backup",
    ]


def test_a_caller_is_taken_out_here_and_on_the_consoles_disk(desk: Desk, tmp_path: Path) -> None:
    made = done(
        desk.wang("ticket", "new", "--subject", "重复扣款", "--channel", "hotline", "--mobile", "13800138000", "--json")
    )
    ticket = made.docs[0]["id"]
    done(desk.wang("ticket", "note", ticket, "他的手机 13800138000"))
    dry = done(desk.admin("admin", "erase", "13800138000", "--dry-run", "--json")).doc
    assert (dry["tickets"], dry["dry_run"]) == ([10001], True)
    said = done(desk.admin("admin", "erase", "138 0013 8000"))
    assert "#10001" in said.out
    assert "13800138000" not in said.out + said.err
    nobody = desk.admin("admin", "erase", "13800138000")
    assert (nobody.status, "13800138000" in nobody.err) == (1, False)
    done(desk.wang("sync"))
    desk.stop()
    for folder in (desk.home, tmp_path / "desk"):
        held = [path.name for path in folder.rglob("*") if path.is_file() and b"13800138000" in path.read_bytes()]
        assert held == []
    desk.start()
    assert desk.notes(ticket) != []


def test_without_a_number_of_days_nothing_is_emptied(tmp_path: Path) -> None:
    admin = Okp(tmp_path, OKPAY_LANG="en")
    done(admin("admin", "user", "add", "wang", "--role", "agent"))
    assert admin("admin", "retain").status == 2
    found = done(admin("admin", "retain", "--days", "30", "--complaint-days", "30", "--json"))
    assert (found.doc["tickets"], "1098" in found.err) == ([], True)


def test_the_versions_of_both_sides_are_told(house: House, desk: Desk) -> None:
    numbers = done(desk.wang("--version", "--json")).doc
    assert numbers["protocol"] == 1 and numbers["database"]
    told = done(desk.wang("doctor", "--json")).docs
    what = {one["name"]: one["what"] for one in told}
    assert numbers["version"] in what["version"]
    assert f"version {numbers['version']}" in what["server"]


def test_a_backup_under_a_passphrase_is_made_and_restored_by_its_file_alone(tmp_path: Path) -> None:
    admin = Okp(tmp_path / "server", OKPAY_LANG="en")
    done(admin("admin", "user", "add", "wang", "--role", "agent"))
    file, words, short = tmp_path / "a.okbackup", tmp_path / "words", tmp_path / "short"
    words.write_text("four green apples\n", encoding="utf-8")
    short.write_text("apples\n", encoding="utf-8")
    for wrong, status in ((short, 2), (tmp_path / "none", 2)):
        refused = admin("admin", "backup", str(file), "--passphrase-file", str(wrong))
        assert refused.status == status and not file.exists() and "apples" not in refused.err
    made = done(admin("admin", "backup", str(file), "--passphrase-file", str(words)))
    assert "encrypted" in made.err and b"wang" not in file.read_bytes()
    fresh = Okp(tmp_path / "fresh", OKPAY_LANG="en")
    for more in ((), ("--passphrase-file", str(short))):
        refused = fresh("admin", "restore", str(file), *more, "--json")
        assert refused.status == 1 and "passphrase" in refused.err
    done(fresh("admin", "restore", str(file), "--passphrase-file", str(words)))
    assert [one["user"] for one in fresh("admin", "user", "list", "--json").docs] == ["wang"]
