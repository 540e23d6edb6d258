"""``admin``: roles and queues told to the console at its next contact, and what is said where a database, file or port fails."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_a_role_is_changed_with_a_reason_and_the_console_knows_it_at_its_next_contact(
    house: Any, desk: Callable[..., Any]
) -> None:
    lead, agent, server = desk("role-lead", "supervisor"), desk("role-agent"), desk("role-admin", "admin")
    server.env["OKPAY_DATA_DIR"] = str(house.home)
    ids = []
    for queue in ("risk", "general"):
        made = lead("ticket", "new", "--subject", "x", "--channel", "chat", "--json")
        assert made.status == 0, made.err
        ids.append(made.doc["id"])
        if queue != "general":
            assert lead("bulk", "queue", queue, ids[-1]).status == 0
    assert agent("sync", "--json").status == 0
    assert {row["id"] for row in agent("tickets", "--json").docs} >= set(ids)

    def bulk(*more: str) -> tuple[int, str]:
        done = agent("bulk", "assign", "role-agent", ids[0], "--dry-run", "--json", *more)
        return done.status, done.doc.get("code", "") or done.doc["state"]

    assert bulk() == (1, "role")
    changed = server(
        "admin",
        "user",
        "role",
        "role-agent",
        "--role",
        "supervisor",
        "--queues",
        "risk",
        "--reason",
        "夜班组长",
        "--json",
    )
    assert (changed.status, changed.doc["role"], changed.doc["queues"]) == (0, "supervisor", ["risk"]), changed.err
    assert agent("sync", "--json").status == 0
    assert [row["id"] for row in agent("tickets", "--json").docs] == ids[:1], (
        "and what he does not see any more is not here"
    )
    assert bulk() == (0, "would")
    listed = {one["user"]: one for one in server("admin", "user", "list", "--json").docs}
    assert (listed["role-agent"]["role"], listed["role-agent"]["queues"]) == ("supervisor", ["risk"])
    back = server("admin", "user", "role", "role-agent", "--queues", "*")
    assert back.status == 0 and "全部队列" in back.out
    rows = server("export", "audit", "--out", "-", "--format", "jsonl").docs
    told = [
        (row["who"], row["about"]) for row in rows if row["what"].startswith("user.") and "role-agent" in row["about"]
    ]
    assert told == [
        ("admin", "role-agent agent *"), ("admin", "role-agent agent>supervisor *>risk 夜班组长"), ("admin", "role-agent risk>*"),
    ]  # fmt: skip


def test_what_cannot_be_changed_is_said_and_nothing_is(house: Any, desk: Callable[..., Any]) -> None:
    server = desk("role-admin", "admin")
    server.env["OKPAY_DATA_DIR"] = str(house.home)
    desk("role-other")
    for words, status in (
        (("role-other",), 2), (("nobody", "--role", "agent"), 1), (("role-other", "--queues", "a/b"), 1),
        (("role-other", "--role", "admin", "--reason", "打给 13800138000"), 1), (("role-other", "--role", "king"), 2),
    ):  # fmt: skip
        assert server("admin", "user", "role", *words).status == status, words
    listed = {one["user"]: one["role"] for one in server("admin", "user", "list", "--json").docs}
    assert listed["role-other"] == "agent"


def test_an_alarm_for_a_misspelt_queue_is_refused_with_those_there_are(desk: Callable[..., Any]) -> None:
    lead = desk("role-lead", "supervisor")
    terms = ("--metric", "ringing", "--above", "3", "--queue")
    wrong = lead("alarm", "set", "slow", *terms, "nosuch", "--lang", "en")
    assert wrong.status == 1 and "nosuch" in wrong.err and "general" in wrong.err
    assert "没有这个队列" in lead("alarm", "set", "slow", *terms, "nosuch", "--lang", "zh").err
    assert lead("alarm", "list", "--json").docs == []
    assert lead("alarm", "set", "slow", *terms, "general").status == 0


def test_a_database_without_users_says_so_and_how_to_add_one(desk: Callable[..., Any], tmp_path: Path) -> None:
    done = desk("visitor")("admin", "user", "list", OKPAY_DATA_DIR=str(tmp_path))
    assert done.status == 0
    assert "这里还没有用户" in done.err
    assert "admin user add" in done.err


def test_a_backup_that_cannot_be_made_or_found_is_told_as_what_it_is(desk: Callable[..., Any], tmp_path: Path) -> None:
    visitor = desk("visitor")
    made = visitor("admin", "user", "add", "wang", "--role", "agent", OKPAY_DATA_DIR=str(tmp_path))
    assert made.status == 0, made.err
    nowhere = visitor("admin", "backup", str(tmp_path / "none" / "a.okbackup"), OKPAY_DATA_DIR=str(tmp_path))
    missing = visitor("admin", "restore", str(tmp_path / "none.okbackup"), OKPAY_DATA_DIR=str(tmp_path / "new"))
    assert nowhere.err.splitlines() == ["没有这个文件夹，备份没有写。", "请先建好，或换一个。"]
    assert missing.err.splitlines() == ["没有这个备份文件。", "请核对路径。"]
