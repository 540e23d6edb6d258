"""The caller is never asked for what is already known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from okpay_console.content.rules import load_fields, load_rules
from okpay_console.domain.known import Known, known
from okpay_console.domain.ticket import Caller, FieldAnswer, FieldState, Ticket

NOW = datetime(2026, 11, 22, 6, 46, tzinfo=UTC)
TECH = load_rules().checklists["TECH"]
TXN = load_rules().checklists["TXN"]


def ticket(number: int, *, age: int = 1, state: FieldState = "filled", source: str = "", **values: str) -> Ticket:
    """An earlier ticket of ``age`` days ago whose details are all in one state."""
    at = NOW - timedelta(days=age)
    return Ticket(
        id=f"0199aaaa-0000-7000-8000-{number:012d}",
        number=number,
        subject="s",
        channel="hotline",
        answers={field: FieldAnswer(value, state, source=source, at=at) for field, value in values.items()},
        created_at=at,
        updated_at=at,
    )


def test_the_phone_and_the_person_are_known_from_the_ticket_before() -> None:
    found = known([ticket(20419, device="iPhone 15", os="iOS 17.5", app_version="8.2.1")], TECH, {})
    assert found == (
        Known("device", "iPhone 15", "#20419"),
        Known("os", "iOS 17.5", "#20419"),
        Known("app_version", "8.2.1", "#20419"),
    )


@pytest.mark.parametrize("field", sorted(set(load_fields()) - TECH.carries))
def test_nothing_of_another_matter_is_carried_over(field: str) -> None:
    for listed in load_rules().checklists.values():
        assert known([ticket(1, **{field: "v"})], listed, {}) == ()


def test_neither_money_nor_identity_is_ever_carried() -> None:
    assert TXN.carries == {"mobile", "email", "device", "os", "app_version"}


def test_the_newest_word_counts_in_whatever_order_the_tickets_come() -> None:
    old, new = ticket(1, age=9, os="iOS 16"), ticket(2, age=2, os="iOS 17")
    for earlier in ([old, new], [new, old]):
        assert known(earlier, TECH, {}) == (Known("os", "iOS 17", "#2"),)


@pytest.mark.parametrize(("state", "tells"), [
    ("filled", True), ("verified", True), ("known", True), ("unknown", False), ("na", False), ("empty", False),
])  # fmt: skip
def test_only_what_was_really_known_is_carried(state: FieldState, tells: bool) -> None:
    assert bool(known([ticket(1, state=state, os="iOS 17")], TECH, {})) == tells


@pytest.mark.parametrize("state", ["known", "filled", "verified", "unknown", "na"])
def test_a_detail_that_somebody_has_touched_is_left_alone(state: FieldState) -> None:
    assert known([ticket(1, os="iOS 17")], TECH, {"os": FieldAnswer("", state)}) == ()


def test_the_source_is_the_ticket_where_the_caller_said_it() -> None:
    assert known([ticket(2, state="known", source="#1", os="iOS 17")], TECH, {})[0].source == "#1"
    assert known([ticket(2, state="known", source="caller", os="iOS 17")], TECH, {})[0].source == "#2"


def test_a_ticket_without_a_number_is_told_by_its_id() -> None:
    assert known([ticket(0, os="iOS 17")], TECH, {})[0].source == "#0199aaaa-0000"


def test_the_number_that_calls_goes_before_that_of_an_earlier_ticket() -> None:
    found = known([ticket(1, mobile="+8613900139000")], TXN, {}, caller=Caller(mobile="+8613800138000"))
    assert found == (Known("mobile", "+8613800138000", "caller"),)


def test_what_the_category_does_not_ask_for_is_not_brought_up() -> None:
    assert known([ticket(1, device="iPhone 15")], TXN, {}) == ()
    assert known([], TECH, {}, caller=Caller(mobile="+8613800138000")) == ()


def test_a_word_is_as_old_as_it_was_said_whatever_else_its_ticket_saw_and_as_old_as_the_ticket_where_no_moment_is_kept() -> (
    None
):
    worked_on = replace(ticket(1, age=9, os="iOS 16"), updated_at=NOW)
    undated = replace(ticket(3, age=1), answers={"os": FieldAnswer("iOS 18", "filled")})
    assert known([worked_on, ticket(2, age=2, os="iOS 17")], TECH, {}) == (Known("os", "iOS 17", "#2"),)
    assert known([undated, ticket(2, age=2, os="iOS 17")], TECH, {}) == (Known("os", "iOS 18", "#3"),)
