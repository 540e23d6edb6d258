"""The command line as a contract: what scripts may rely on, proved through real processes and a real server."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

NOWHERE = "http://127.0.0.1:1"


@pytest.fixture(scope="module")
def wang(desk: Callable[..., Any]) -> Any:
    return desk("wang")


@pytest.fixture(scope="module")
def ticket(wang: Any) -> Any:
    made = wang(
        "ticket", "new", "--subject", "已扣款未到账", "--channel", "hotline", "--mobile", "13800138000", "--json"
    )
    assert made.status == 0, made.err
    return made.doc


def test_a_new_ticket_comes_back_as_one_document_with_id_and_number(ticket: Any) -> None:
    assert len(ticket["id"]) == 36
    assert ticket["number"] > 0
    assert ticket["subject"] == "已扣款未到账"
    assert ticket["pending"] == []
    assert "13800138000" not in json.dumps(ticket)


def test_a_ticket_is_found_by_number_hash_id_and_beginning(wang: Any, ticket: Any) -> None:
    for typed in (str(ticket["number"]), f"#{ticket['number']}", ticket["id"], ticket["id"][:30], ticket["id"].upper()):
        assert wang("ticket", "show", typed, "--json").doc["id"] == ticket["id"], typed


def test_an_unknown_ticket_is_refused_in_two_lines_and_no_document(wang: Any) -> None:
    done = wang("ticket", "show", "99999999", "--json")
    assert (done.status, done.out) == (1, "")
    assert len(done.err.splitlines()) == 2


def test_a_note_is_confirmed_and_stands_in_the_timeline(wang: Any, ticket: Any) -> None:
    done = wang("ticket", "note", ticket["id"], "已核对来电人", "--json")
    assert (done.status, done.doc["state"], done.doc["ticket"]) == (0, "confirmed", ticket["id"])
    shown = wang("--json", "ticket", "show", ticket["id"]).doc
    entry = next(entry for entry in shown["timeline"] if entry["id"] == done.doc["op"])
    assert (entry["kind"], entry["text"], entry["by"]) == ("note", "已核对来电人", "wang")


def test_a_refused_operation_says_so_as_a_document_and_exits_1(wang: Any, ticket: Any) -> None:
    done = wang("ticket", "close", ticket["id"], "CALLBACK_PROMISED", "--json")
    assert (done.status, done.doc["state"], done.doc["code"]) == (1, "refused", "promise-missing")
    assert done.doc["what"] in done.err


def test_a_secret_is_refused_and_stands_nowhere(wang: Any, ticket: Any) -> None:
    done = wang("ticket", "note", ticket["id"], "验证码是 483920", "--json")
    assert (done.status, done.doc["state"]) == (1, "refused")
    assert "483920" not in done.out + done.err
    assert not any(b"483920" in file.read_bytes() for file in wang.home.rglob("*") if file.is_file())


def test_a_reply_with_a_blank_is_refused_and_says_what_to_do(wang: Any, ticket: Any) -> None:
    done = wang("ticket", "reply", ticket["id"], "请拨 {客服热线}", "--json")
    assert (done.status, done.doc["state"], done.doc["code"]) == (1, "refused", "blanks")
    assert done.doc["what"] in done.err
    assert "请填上或删掉" in done.err


def test_every_verb_reaches_the_server(desk: Callable[..., Any], wang: Any, house: Any) -> None:
    number = wang("ticket", "new", "--subject", "全流程", "--channel", "email", "--category", "USAGE", "--json").doc[
        "id"
    ]
    steps = (
        ("claim",), ("set", "question=怎么换绑手机号"), ("message", "来电人又说"), ("reply", "您好，请按步骤操作"),
        ("check", "password-recovery.1"), ("promise", "回电", "--due", "+2h"), ("priority", "high"), ("subject", "换绑手机号"),
        ("tag", "--add", "换绑"), ("status", "pending", "--reason", "等客户"), ("close", "INFO_GIVEN", "--summary", "已说明"),
        ("reopen", "--reason", "又来电"), ("release",),
    )  # fmt: skip
    for verb, *rest in steps:
        done = wang("ticket", verb, number, *rest, "--json")
        assert done.status == 0, (verb, done.err)
    mine = wang("ticket", "show", number, "--json").doc
    other = desk("li")
    assert other("sync", "--json").doc["link"] == "online"
    theirs = other("ticket", "show", number, "--json").doc
    assert theirs == mine
    assert (theirs["subject"], theirs["priority"], theirs["assignee"], theirs["tags"]) == (
        "换绑手机号",
        "high",
        None,
        ["换绑"],
    )
    kinds = {entry["kind"] for entry in theirs["timeline"]}
    assert {"claim", "field", "message", "reply", "step", "promise", "close", "reopen", "release"} <= kinds
    assert other("ticket", "check", number, "--json").doc["missing"] == []


def test_a_detail_is_kept_in_its_right_form_or_not_at_all(wang: Any, ticket: Any) -> None:
    assert wang("ticket", "set", ticket["id"], "mobile=138 0013 8000", "currency=cny", "--json").status == 0
    answers = wang("ticket", "show", ticket["id"], "--json").doc["answers"]
    assert (answers["mobile"]["value"], answers["currency"]["value"]) == ("138****8000", "CNY")
    for wrong in ("mobile=1380013800", "moble=13800138000", "mobile", "txn_status=whatever"):
        done = wang("ticket", "set", ticket["id"], wrong, "--json")
        assert (done.status, done.out, len(done.err.splitlines())) == (2, "", 2), wrong
    assert wang("ticket", "show", ticket["id"], "--json").doc["answers"] == answers


def test_a_claim_that_somebody_else_has_is_refused_naming_him(desk: Callable[..., Any], wang: Any) -> None:
    number = wang("ticket", "new", "--subject", "抢单", "--channel", "chat", "--json").doc["id"]
    assert wang("ticket", "claim", number, "--json").doc["assignee"] == "wang"
    done = desk("li")("ticket", "claim", number)
    assert done.status == 1
    assert "wang" in done.err


def test_offline_work_is_queued_with_exit_3_and_delivered_later(wang: Any, ticket: Any) -> None:
    note = wang("ticket", "note", ticket["id"], "断网时写的", "--json", OKPAY_SERVER=NOWHERE)
    assert (note.status, note.doc["state"]) == (3, "queued")
    made = wang("ticket", "new", "--subject", "断网时新建", "--channel", "hotline", "--json", OKPAY_SERVER=NOWHERE)
    assert (made.status, made.doc["number"]) == (3, 0)
    shown = wang("ticket", "show", made.doc["id"][:30], "--json", OKPAY_SERVER=NOWHERE).doc
    assert len(shown["pending"]) == 1
    assert wang("ticket", "note", made.doc["id"], "接着写", "--json", OKPAY_SERVER=NOWHERE).status == 3
    lost = wang("sync", "--json", OKPAY_SERVER=NOWHERE)
    assert (lost.status, lost.doc["link"], lost.doc["pending"]) == (3, "offline", 3)
    done = wang("sync", "--json")
    assert (done.status, done.doc["pushed"], done.doc["pending"], done.doc["refused"]) == (0, 3, 0, [])
    after = wang("ticket", "show", made.doc["id"], "--json").doc
    assert after["number"] > 0
    assert [entry["text"] for entry in after["timeline"]][-1] == "接着写"


def test_a_claim_offline_is_never_shown_as_ours(wang: Any) -> None:
    number = wang("ticket", "new", "--subject", "离线认领", "--channel", "chat", "--json").doc["id"]
    assert wang("ticket", "claim", number, OKPAY_SERVER=NOWHERE).status == 3
    assert wang("ticket", "show", number, "--json").doc["assignee"] is None


def test_notes_from_standard_input_are_one_document_each_and_all_arrive(wang: Any, ticket: Any) -> None:
    lines = [f"第 {number} 条" for number in range(20)]
    done = wang("ticket", "note", ticket["id"], "-", "--json", stdin="\n".join(lines) + "\n\n")
    assert done.status == 0
    assert [doc["state"] for doc in done.docs] == ["queued"] * 20
    texts = [entry["text"] for entry in wang("ticket", "show", ticket["id"], "--json").doc["timeline"]]
    assert texts[-20:] == lines


def test_a_line_that_is_refused_is_named_and_the_others_go_on(wang: Any, ticket: Any) -> None:
    done = wang(
        "ticket",
        "note",
        ticket["id"],
        "-",
        "--json",
        stdin="好\n密码是 839201\n".encode() + b"\xff\xfe\n" + "也好\n".encode(),
    )
    assert done.status == 1
    assert [doc["state"] for doc in done.docs] == ["queued", "refused", "refused", "queued"]
    assert "839201" not in done.out + done.err


def test_every_printed_note_survives_a_kill_at_any_moment(wang: Any, ticket: Any) -> None:
    for rounds in range(3):
        process = wang.start("ticket", "note", ticket["id"], "-", "--json", OKPAY_SERVER=NOWHERE)
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("".join(f"杀前 {rounds}-{number}\n" for number in range(200)).encode())
        process.stdin.flush()
        printed = [json.loads(process.stdout.readline())["op"] for _ in range(5 + 7 * rounds)]
        process.send_signal(signal.SIGKILL)
        rest, _ = process.communicate()
        # A line may be cut in the middle by the kill; it was not printed then.
        printed += [json.loads(line)["op"] for line in rest.split(b"\n")[:-1]]
        kept = set(wang("ticket", "show", ticket["id"], "--json").doc["pending"])
        assert set(printed) <= kept
    wang("sync")
    assert wang("ticket", "show", ticket["id"], "--json").doc["pending"] == []


def test_readers_work_beside_a_writer_and_a_second_writer_is_told_who_it_is(wang: Any, ticket: Any) -> None:
    holder = wang.start("ticket", "note", ticket["id"], "-", "--json")
    try:
        assert holder.stdin is not None
        assert holder.stdout is not None
        holder.stdin.write("占用\n".encode())
        holder.stdin.flush()
        op = json.loads(holder.stdout.readline())["op"]
        assert op in wang("ticket", "show", ticket["id"], "--json").doc["pending"]
        assert wang("tickets", "--limit", "0", "--json").status == 0
        assert wang("stats", "--json").doc["unsent"] == 1
        for words in (("ticket", "note", ticket["id"], "x"), ("sync",)):
            done = wang(*words)
            assert done.status == 1
            assert str(holder.pid) in done.err
    finally:
        holder.communicate()
    assert wang("ticket", "show", ticket["id"], "--json").doc["pending"] == []


def test_all_tickets_come_one_document_a_line_in_queue_order_and_filters_narrow_them(wang: Any) -> None:
    for subject, channel in (("第一张", "chat"), ("第二张", "chat"), ("只此一张", "email")):
        made = wang("ticket", "new", "--subject", subject, "--channel", channel, "--json").doc
    assert wang("ticket", "claim", made["id"]).status == 0
    everything = wang("tickets", "--limit", "0", "--json").docs
    assert len({doc["id"] for doc in everything}) == len(everything) >= 3
    assert len(wang("tickets", "--limit", "2", "--json").docs) == 2
    chat = wang("tickets", "--channel", "chat", "--limit", "0", "--json").docs
    assert {doc["channel"] for doc in chat} == {"chat"}
    found = wang("tickets", "--search", "只此", "--json").docs
    assert [doc["subject"] for doc in found] == ["只此一张"]
    assert {doc["assignee"] for doc in wang("tickets", "--view", "mine", "--json").docs} == {"wang"}
    due = [doc["due"] for doc in everything if doc["status"] == "new" and doc["priority"] == "normal"]
    assert due == sorted(due)


def test_stats_count_what_tickets_list(wang: Any) -> None:
    numbers = wang("stats", "--json").doc
    listed = wang("tickets", "--limit", "0", "--json").docs
    assert numbers["open"] == sum(doc["status"] != "closed" for doc in listed)
    assert numbers["waiting"] == len(wang("tickets", "--view", "unclaimed", "--limit", "0", "--json").docs)
    assert sum(numbers["by_channel"].values()) == numbers["open"]
    assert {"overdue", "pending", "by_category", "by_agent", "oldest_wait_s", "closed_today", "as_of", "link"} <= set(
        numbers
    )


def test_answers_find_by_initials_and_one_document_per_line_of_standard_input(wang: Any) -> None:
    one = wang("answers", "zhmm", "--json").doc
    assert one["query"] == "zhmm"
    assert one["hits"][0]["title"] == "找回密码"
    assert one["hits"][0]["score"] > 0
    several = wang("answers", "-", "--limit", "1", "--json", stdin="密码\n\nkjzz\n")
    assert [doc["query"] for doc in several.docs] == ["密码", "", "kjzz"]
    assert all(len(doc["hits"]) <= 1 for doc in several.docs)


def test_a_knowledge_base_that_is_not_published_is_searched_alone(wang: Any, tmp_path: Any) -> None:
    base = tmp_path / "kb.tsv"
    base.write_text("a1\t怎么换绑手机号\nb2\t怎么开发票\n", encoding="utf-8")
    hits = wang("answers", "发票", "--kb", str(base), "--json").doc["hits"]
    assert [hit["id"] for hit in hits] == ["b2"]
    base.write_bytes(b"a1\tok\nbroken\n")
    done = wang("answers", "x", "--kb", str(base))
    assert done.status == 1
    assert "2" in done.err


def test_json_is_utf_8_in_any_locale_and_may_stand_before_or_after(wang: Any) -> None:
    for variables in ({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"PYTHONIOENCODING": "latin-1"}):
        for words in (("--json", "answers", "zhmm"), ("answers", "--json", "zhmm"), ("answers", "zhmm", "--json")):
            assert "找回密码" in wang(*words, **variables).out


def test_a_table_for_people_never_fails_on_the_encoding(wang: Any) -> None:
    done = wang("tickets", PYTHONIOENCODING="latin-1")
    assert done.status == 0
    assert "Traceback" not in done.err


def test_a_reader_that_goes_away_is_no_crash(wang: Any) -> None:
    process = wang.start("answers", "-", "--json")
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdout.close()
    process.stdin.write("密码\n".encode() * 2000)
    process.stdin.close()
    assert process.stderr is not None
    complaint = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 1
    assert complaint == b""


def test_an_interrupt_exits_130_without_a_traceback(wang: Any) -> None:
    process = wang.start("answers", "-", "--json")
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("密码\n".encode())
    process.stdin.flush()
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    # Its input stays open, so that only the signal can end it.
    status = process.wait(timeout=60)
    _, complaint = process.communicate()
    assert status == 130
    assert b"Traceback" not in complaint


@pytest.mark.parametrize("words", [(), ("wall",)])
def test_the_console_without_a_terminal_says_so(wang: Any, words: tuple[str, ...]) -> None:
    done = wang(*words)
    assert done.status == 2
    assert len(done.err.splitlines()) == 2


def test_reading_commands_import_neither_screens_nor_server_nor_network(wang: Any) -> None:
    code = """
import sys
from okpay_console.__main__ import main
status = main(sys.argv[1:])
heavy = {"textual", "litestar", "httpx", "sqlalchemy", "keyring", "rich", "asyncio"} & set(sys.modules)
print(status, sorted(heavy), file=sys.stderr)
"""
    for words in (["tickets", "--json"], ["stats", "--json"], ["answers", "zhmm", "--json"]):
        done = subprocess.run([sys.executable, "-c", code, *words], env=wang.env, capture_output=True, check=True)
        assert done.stderr.decode().splitlines()[-1] == "0 []", words


def test_the_first_frame_needs_neither_network_nor_store_nor_server() -> None:
    code = """
import sys
import okpay_console.cli.console, okpay_console.wiring.screen, okpay_console.tui.app
print(sorted({"httpx", "tinydb", "sqlalchemy", "litestar", "keyring"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.decode().strip() == "[]"
