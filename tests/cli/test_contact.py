"""Calls, ties, hand-overs, looks and refusals of secrets on the command line, through real processes and a real server."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

CARD = "4111111111111111"


@pytest.fixture(scope="module")
def wang(desk: Callable[..., Any]) -> Any:
    return desk("wang")


def new(who: Any, subject: str = "已扣款未到账", *more: str) -> str:
    made = who("ticket", "new", "--subject", subject, "--channel", "hotline", *more, "--json")
    assert made.status == 0, made.err
    found: str = made.doc["id"]
    return found


def did(who: Any, verb: str, *words: str) -> list[Any]:
    """The documents of a verb that went through."""
    done = who("ticket", verb, *words, "--json")
    assert (done.status, {one["state"] for one in done.docs}) == (0, {"confirmed"}), done.err + done.out
    found: list[Any] = done.docs
    return found


def shown(who: Any, ticket: str) -> Any:
    return who("ticket", "show", ticket, "--json").doc


def test_a_call_is_marked_step_by_step_and_wrapped_up(wang: Any) -> None:
    ticket = new(wang)
    [offered] = did(wang, "call", ticket, "offered", "--at", "5m")
    for event, ago in (("answered", "4m"), ("held", "3m"), ("resumed", "2m"), ("ended", "1m")):
        [marked] = did(wang, "call", ticket, event, "--at", ago)
        assert marked["call"] == offered["call"], event
    did(wang, "wrapup", ticket, "INFO_GIVEN", "--summary", "已说明", "--override", "只是询问")
    found = shown(wang, ticket)
    [call] = found["calls"]
    assert [mark["event"] for mark in call["marks"]] == ["offered", "answered", "held", "resumed", "ended", "wrapped"]
    assert (call["agent"], call["code"], found["status"], found["summary"]) == (
        "wang",
        "INFO_GIVEN",
        "closed",
        "已说明",
    )


def test_a_call_that_dropped_leaves_a_ticket_for_calling_back(wang: Any) -> None:
    ticket = new(wang, "已扣款", "--mobile", "13800138000")
    did(wang, "call", ticket, "answered")
    made = did(wang, "wrapup", ticket, "CALL_DROPPED", "--due", "+1h")
    back = shown(wang, made[1]["ticket"])
    assert (back["subject"], back["link_kinds"], len(back["promises"])) == ("回拨：已扣款", {ticket: "callback"}, 1)
    assert back["caller"] == shown(wang, ticket)["caller"]


def test_a_mark_on_no_call_and_a_moment_to_come_are_refused_in_words(wang: Any) -> None:
    ticket = new(wang)
    done = wang("ticket", "call", ticket, "held")
    assert (done.status, len(done.err.splitlines())) == (1, 2)
    assert wang("ticket", "call", ticket, "answered", "--at", "2199-01-01 10:00").status == 2
    assert shown(wang, ticket)["calls"] == []


def test_a_caller_who_asks_again_is_counted_and_more_urgent(wang: Any) -> None:
    ticket, contact = new(wang), new(wang, "催退款")
    did(wang, "chase", ticket, "第二次来电", "--other", contact)
    found = shown(wang, ticket)
    assert (found["chases"], found["priority"], found["link_kinds"]) == (1, "high", {contact: "chase"})


def test_two_tickets_are_merged_both_or_neither(wang: Any) -> None:
    one, two = new(wang, "甲"), new(wang, "乙")
    assert [document["ticket"] for document in did(wang, "merge", one, two)] == [one, two]
    assert (shown(wang, one)["merged_into"], shown(wang, two)["link_kinds"]) == (two, {one: "merged"})
    again = wang("ticket", "merge", two, two, "--json")
    assert (again.status, again.doc["state"]) == (1, "refused")
    assert shown(wang, two)["status"] != "closed"


def test_a_tie_has_a_kind_and_can_be_undone(wang: Any) -> None:
    one, two = new(wang, "甲"), new(wang, "乙")
    did(wang, "link", one, two, "--kind", "duplicate")
    assert shown(wang, one)["link_kinds"] == {two: "duplicate"}
    did(wang, "unlink", one, two)
    assert shown(wang, one)["links"] == []


def test_a_second_matter_becomes_a_ticket_of_the_same_caller_tied_both_ways(wang: Any) -> None:
    one = new(wang, "扣款和登录", "--mobile", "13800138000", "--category", "TXN")
    made = did(wang, "split", one, "--subject", "登录失败", "--category", "LOGIN")
    assert len(made) == 3
    second = made[0]["ticket"]
    found = shown(wang, second)
    assert (found["subject"], found["category"], found["link_kinds"]) == ("登录失败", "LOGIN", {one: "split"})
    assert found["caller"] == shown(wang, one)["caller"]
    assert shown(wang, one)["link_kinds"] == {second: "split"}


def test_a_ticket_goes_into_other_hands_with_a_note(desk: Callable[..., Any], wang: Any) -> None:
    desk("li")
    one = new(wang, "扣款", "--category", "TXN")
    assert wang("ticket", "claim", one).status == 0
    did(wang, "handover", one, "--to", "li", "--note", "客户要在五点前回电")
    found = shown(wang, one)
    assert (found["assignee"], found["handover"]["note"]) == ("li", "客户要在五点前回电")
    refused = wang("ticket", "queue", one, "vip", "--json")
    assert (refused.status, refused.doc["code"]) == (1, "held")
    assert wang("ticket", "handover", one, "--note", "x").status == 2
    two = new(wang, "扣款", "--category", "TXN")
    did(wang, "escalate", two, "lead", "--note", "需要主管决定")
    found = shown(wang, two)
    assert (found["level"], found["hops"][0]["note"]) == ("lead", "需要主管决定")
    did(wang, "queue", two, "vip")
    assert shown(wang, two)["queue"] == "vip"


def test_a_tick_a_promise_and_a_rating_can_be_put_right(wang: Any) -> None:
    one = new(wang)
    did(wang, "check", one, "password-recovery.1")
    did(wang, "check", one, "password-recovery.1", "--undo")
    did(wang, "promise", one, "回电", "--due", "+2h")
    [promise] = shown(wang, one)["promises"]
    did(wang, "promise", one, "--withdrawn", promise["id"])
    did(wang, "rate", one, "password-recovery", "not-helped")
    found = shown(wang, one)
    assert (found["steps"].get("password-recovery", []), found["helped"]) == ([], {"password-recovery": False})
    assert found["promises"][0]["state"] == "withdrawn"


def test_a_masked_value_is_shown_once_for_a_reason_that_both_logs_know(wang: Any, house: Any) -> None:
    one = new(wang, "扣款", "--mobile", "13800138000")
    assert "13800138000" not in str(shown(wang, one))
    done = wang("ticket", "reveal", one, "caller.mobile", "--reason", "回电核对", "--json")
    assert (done.status, done.doc["field"], done.doc["value"][-11:]) == (0, "caller.mobile", "13800138000")
    plain = wang("ticket", "reveal", one, "caller.mobile", "--reason", "再核对一次")
    assert plain.out.strip().endswith("13800138000")
    entry = next(entry for entry in shown(wang, one)["timeline"] if entry["kind"] == "reveal")
    assert (entry["text"], entry["by"]) == ("回电核对", "wang")
    local = [line for line in wang("audit", "--local", "--json").docs if line["ticket"] == one]
    assert [(line["what"], line["kind"], line["by"]) for line in local] == [
        ("field.reveal", "caller.mobile", "wang")
    ] * 2
    server = wang("audit", "--database", str(next(house.home.rglob("*.db"))), "--json")
    assert [row["about"] for row in server.docs if row["what"] == "field.reveal"] == [f"{one} caller.mobile"] * 2
    assert "13800138000" not in server.out + wang("audit", "--local").out


def test_a_look_without_a_reason_or_at_nothing_shows_nothing(wang: Any) -> None:
    one = new(wang, "扣款", "--mobile", "13800138000")
    for words in (
        ("caller.mobile", "--reason", ""),
        ("caller.email", "--reason", "回电"),
        ("links", "--reason", "回电"),
    ):
        done = wang("ticket", "reveal", one, *words)
        assert done.status == 1, words
        assert "13800138000" not in done.out + done.err
    assert wang("ticket", "reveal", one, "caller.mobile").status == 2


@pytest.mark.parametrize(
    "words",
    [
        ("note", "ID", f"卡号 {CARD}"), ("reply", "ID", f"您的卡 {CARD}"), ("message", "ID", f"卡 {CARD}"),
        ("set", "ID", f"device={CARD}"), ("close", "ID", "INFO_GIVEN", "--summary", f"卡 {CARD}", "--override", "x"),
        ("wrapup", "ID", "INFO_GIVEN", "--summary", f"卡 {CARD}", "--override", "x"), ("chase", "ID", f"卡 {CARD}"),
        ("handover", "ID", "--queue", "vip", "--note", f"卡 {CARD}"), ("escalate", "ID", "lead", "--note", f"卡 {CARD}"),
        ("split", "ID", "--subject", f"卡 {CARD}"), ("promise", "ID", f"退到 {CARD}", "--due", "+2h"),
        ("reveal", "ID", "caller.mobile", "--reason", f"核对 {CARD}"), ("subject", "ID", f"卡 {CARD}"),
        ("new", "--channel", "hotline", "--subject", f"卡 {CARD}"),
    ],
    ids=lambda words: words[0],
)  # fmt: skip
def test_a_secret_on_a_command_line_is_refused_stands_nowhere_and_is_witnessed(
    wang: Any, house: Any, words: tuple[str, ...]
) -> None:
    one = new(wang, "扣款", "--mobile", "13800138000")
    before = len(wang("audit", "--local", "--json").docs)
    done = wang("ticket", *(one if word == "ID" else word for word in words), "--json")
    assert (done.status, done.doc["state"], done.doc["code"]) == (1, "refused", "secret"), done.out + done.err
    lines = wang("audit", "--local", "--json").docs[before:]
    # A first contact that was refused has no ticket.
    ticket = "" if words[0] in ("new", "split") else one
    found = [(line["what"], line["kind"], line["place"], line["ticket"]) for line in lines]
    assert found == [("secret-refused", "card", f"cli.{words[0]}", ticket)]
    server = wang("audit", "--database", str(next(house.home.rglob("*.db"))), "--json").docs
    assert (server[-1]["what"], server[-1]["about"]) == ("secret-refused", f"{ticket} card cli.{words[0]}".strip())
    assert not re.search(r"4111|1111", done.out + done.err + str(lines))
    for home in (wang.home, house.home):
        assert not any(CARD.encode() in file.read_bytes() for file in home.rglob("*") if file.is_file())


def test_the_second_half_of_a_secret_on_a_command_line_is_refused_and_witnessed(wang: Any) -> None:
    one = new(wang, "扣款", "--mobile", "13800138000")
    assert wang("ticket", "note", one, CARD[:8]).status == 0
    done = wang("ticket", "note", one, CARD[8:], "--json")
    assert (done.status, done.doc["code"]) == (1, "secret"), done.out + done.err
    line = wang("audit", "--local", "--json").docs[-1]
    assert (line["what"], line["kind"], line["place"], line["ticket"]) == ("secret-refused", "card", "cli.note", one)


def test_a_secret_that_is_typed_where_a_number_belongs_is_not_said_again(wang: Any) -> None:
    for words in (("ticket", "show", CARD), ("ticket", CARD, "1"), ("tickets", "--status", CARD)):
        done = wang(*words)
        assert done.status != 0
        assert CARD not in done.out + done.err


def test_the_audit_log_says_where_somebody_changed_it(wang: Any, house: Any, tmp_path: Any) -> None:
    import shutil
    import sqlite3

    new(wang)
    wang("ticket", "note", new(wang), f"卡 {CARD}")
    copy = tmp_path / "server.db"
    for file in house.home.glob("*.db*"):
        shutil.copy(file, tmp_path / file.name)
    copy = next(tmp_path.glob("*.db"))
    with sqlite3.connect(copy) as db:
        with pytest.raises(sqlite3.IntegrityError, match="only ever added"):
            db.execute("update audit set who = 'mallory' where id = 2")
        # Whoever owns the file can take the guard away; the chain tells all the same.
        db.execute("drop trigger audit_no_update")
        db.execute("update audit set who = 'mallory' where id = 2")
    done = wang("audit", "--database", str(copy))
    assert (done.status, "2" in done.err) == (1, True)


@pytest.mark.parametrize(
    ("words", "place"),
    [(("tickets", "--search", f"卡 {CARD}"), "cli.tickets"), (("answers", "我的密码是abc12345"), "cli.answers")],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_a_secret_is_not_looked_for_either(wang: Any, words: tuple[str, ...], place: str) -> None:
    new(wang)
    done = wang(*words)
    assert done.status == 1
    assert "机密" in done.err
    last = wang("audit", "--local", "--json").docs[-1]
    assert (last["kind"], last["place"]) == ("card" if "tickets" in place else "password", place)
    for text in (CARD, "abc12345"):
        assert text not in done.out + done.err


def test_a_transaction_number_that_counts_up_like_a_card_is_looked_for(wang: Any) -> None:
    one = new(wang)
    assert wang("ticket", "set", one, f"txn_no={CARD}").status == 0
    found = wang("tickets", "--search", CARD, "--json")
    assert (found.status, [doc["id"] for doc in found.docs]) == (0, [one]), found.err
