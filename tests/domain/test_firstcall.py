"""First contact resolution: what a contact is, whose it is, and when it solved the matter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from okpay_console.domain.calllog import SECOND, micros
from okpay_console.domain.firstcall import Contact, contacts, firsts, matter
from okpay_console.domain.queue import Row
from okpay_console.domain.ticket import Call, Caller, Mark

NOW = datetime(2026, 11, 22, 6, 46, tzinfo=UTC)
DAY = 86400 * SECOND
ZHANG = Caller(name="张三", mobile="+8613800138000")


def row(name: str, *calls: Call, **values: Any) -> Row:
    given = {
        "subject": "s",
        "channel": "hotline",
        "category": "TXN",
        "caller": ZHANG,
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Row(id=name, calls=calls, **{**given, **values})


def call(code: str = "INFO_GIVEN", *events: str) -> Call:
    return Call("c", "wang", tuple(Mark(event, NOW) for event in events or ("offered", "answered", "ended")), code)


def told(*days: float, reached: bool = True, solved: bool = True) -> list[Contact]:
    return [Contact(int(day * DAY), f"{day}", reached, solved) for day in days]


def test_one_contact_that_solved_the_matter_and_no_other_is_solved() -> None:
    assert firsts(told(1), window=7 * DAY) == told(1)


@pytest.mark.parametrize("reached", [True, False])
def test_who_comes_back_within_the_window_was_not_helped_even_if_nobody_answered_him(reached: bool) -> None:
    assert firsts([*told(1), *told(8, reached=reached)], window=7 * DAY) == told(1, solved=False)


def test_after_the_window_it_is_a_first_contact_again() -> None:
    assert firsts(told(1, 8.001), window=7 * DAY) == told(1, 8.001)


def test_a_call_that_nobody_answered_is_no_first_contact() -> None:
    assert firsts([*told(1, reached=False), *told(2)], window=7 * DAY) == told(2)


def test_a_chain_of_contacts_each_within_the_window_has_one_first() -> None:
    assert firsts(told(1, 5, 9, 13), window=7 * DAY) == told(1, solved=False)


@pytest.mark.parametrize(
    ("caller", "category", "found"),
    [
        (ZHANG, "TXN", ("+8613800138000", "TXN")),
        (Caller(email="A@Example.com"), "TXN", ("a@example.com", "TXN")),
        (Caller(handle="@Zhang"), "TXN", ("@zhang", "TXN")),
        (Caller(name="张三"), "TXN", None),
        (ZHANG, "", None),
    ],
)
def test_a_matter_is_a_caller_that_is_known_again_and_a_category(caller: Caller, category: str, found: Any) -> None:
    assert matter(row("1", caller=caller, category=category)) == found


def test_a_call_is_judged_by_the_code_of_its_own_wrap_up() -> None:
    solving = {"INFO_GIVEN"}
    assert [one.solved for one in contacts(row("1", call(), call("PENDING_PARTNER")), solving)] == [True, False]
    missed = contacts(row("1", call("INFO_GIVEN", "offered", "abandoned")), solving)
    assert [(one.reached, one.solved) for one in missed] == [(False, False)]


def test_who_had_to_ask_again_was_not_helped_at_once() -> None:
    assert [one.solved for one in contacts(row("1", call(), chases=1), {"INFO_GIVEN"})] == [False]


def test_writing_is_judged_by_the_code_of_the_close() -> None:
    done = row("1", channel="email", status="closed", disposition="INFO_GIVEN", created_at=NOW - timedelta(hours=2))
    assert contacts(done, {"INFO_GIVEN"}) == (Contact(micros(NOW - timedelta(hours=2)), "1", True, True),)
    assert contacts(row("1", channel="email"), {"INFO_GIVEN"})[0].solved is False
