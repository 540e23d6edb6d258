"""What is still to ask, with the shipped checklists."""

from __future__ import annotations

import pytest

from okpay_console.domain import checklist, ops
from okpay_console.domain.ticket import FieldAnswer, FieldState

_STATES = {"?": "unknown", "-": "na"}


def answers(**given: str) -> dict[str, FieldAnswer]:
    """Filled answers; "?" is asked and unknown, "-" does not apply."""
    return {
        field: FieldAnswer("", _STATES[value]) if value in _STATES else FieldAnswer(value, "filled")  # type: ignore[arg-type]
        for field, value in given.items()
    }


def progress(rules: ops.Rules, category: str, **given: str) -> checklist.Progress:
    """As in a chat, which is not recorded."""
    return checklist.progress(rules.checklists[category], answers(**given), "chat")


def test_an_untouched_case_asks_for_the_required_fields_first_in_order(rules: ops.Rules) -> None:
    found = progress(rules, "TXN")
    assert found.filled == 0
    assert found.missing == ("mobile", "id_check", "txn_no", "amount", "currency", "txn_status")
    assert found.ask[:6] == found.missing
    assert set(found.ask[6:]) == {"error_code", "error_text", "app_version", "network", "contact_window"}


@pytest.mark.parametrize("category", ["ACC", "LOGIN", "TXN", "REFUND", "XBORDER", "TECH", "FEEDBACK", "USAGE", "FRAUD"])
def test_a_call_begins_with_the_recording_notice_and_no_other_channel_has_it(rules: ops.Rules, category: str) -> None:
    listed = rules.checklists[category]
    call = checklist.progress(listed, {}, "hotline")
    assert (call.missing[0], call.ask[0], checklist.fields(listed, {})[0]) == ("consent_rec",) * 3
    for channel in ("chat", "email", "social"):
        written = checklist.progress(listed, {}, channel)  # type: ignore[arg-type]
        assert written.missing == call.missing[1:]
        assert "consent_rec" not in checklist.fields(listed, {}, channel)  # type: ignore[arg-type]


def test_a_caller_who_does_not_want_to_be_recorded_has_answered(rules: ops.Rules) -> None:
    found = checklist.progress(rules.checklists["USAGE"], answers(consent_rec="no", question="q"), "hotline")
    assert found.missing == ()


@pytest.mark.parametrize(
    ("state", "filled", "applicable", "missing", "asked_again"),
    [
        ("empty", 0, 1, ("question",), True),
        ("known", 1, 1, (), False),
        ("unknown", 0, 1, ("question",), False),
        ("na", 0, 0, (), False),
        ("filled", 1, 1, (), False),
        ("verified", 1, 1, (), False),
    ],
)
def test_each_state_of_a_detail_counts_as_it_should(
    rules: ops.Rules, state: FieldState, filled: int, applicable: int, missing: tuple[str, ...], asked_again: bool
) -> None:
    found = checklist.progress(rules.checklists["USAGE"], {"question": FieldAnswer("v", state)}, "chat")
    assert (found.filled, found.applicable, found.missing) == (filled, applicable, missing)
    assert ("question" in found.ask) == asked_again


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, {"txn_no"}),
        ({"txn_no": "A1"}, set()),
        ({"txn_no": "?"}, {"txn_time", "counterparty"}),
        ({"txn_no": "-"}, {"txn_time", "counterparty"}),
        ({"txn_time": "t"}, {"txn_no"}),
        ({"txn_time": "t", "counterparty": "c"}, set()),
        ({"txn_no": "?", "txn_time": "t"}, {"counterparty"}),
        ({"txn_no": "?", "txn_time": "?", "counterparty": "c"}, {"txn_no"}),
        ({"txn_no": "?", "txn_time": "t", "counterparty": "-"}, set()),
        ({"txn_no": "A1", "txn_time": "?"}, set()),
    ],
)
def test_a_payment_is_found_by_its_number_or_else_by_time_amount_and_payee(
    rules: ops.Rules, given: dict[str, str], missing: set[str]
) -> None:
    rest = {"mobile": "m", "id_check": "x", "amount": "1", "currency": "CNY", "txn_status": "s"}
    assert set(progress(rules, "TXN", **rest, **given).missing) == missing


def test_an_email_does_instead_of_a_mobile_number(rules: ops.Rules) -> None:
    assert "mobile" not in progress(rules, "TXN", email="z@x.com").missing


def test_a_caller_who_does_not_know_the_number_is_asked_for_time_amount_and_payee(rules: ops.Rules) -> None:
    found = progress(rules, "TXN", mobile="m", id_check="passed_app", txn_no="?")
    assert found.missing == ("txn_time", "amount", "counterparty", "currency", "txn_status")
    assert found.ask[:3] == ("txn_time", "amount", "counterparty")


def test_asked_and_unknown_is_not_asked_again_and_not_complete(rules: ops.Rules) -> None:
    found = progress(rules, "ACC", mobile="?", email="?", id_check="passed_app")
    assert found.missing == ("mobile",)
    assert "mobile" not in found.ask
    assert "email" not in found.ask


def test_what_does_not_apply_is_neither_counted_nor_missing(rules: ops.Rules) -> None:
    found = progress(rules, "USAGE", question="-")
    assert (found.filled, found.applicable, found.missing) == (0, 0, ())


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"sent_already": "no"}, set()),
        ({"sent_already": "yes", "dest_country": "GB"}, {"txn_no", "benef_name", "bic", "iban"}),
        ({"sent_already": "yes", "dest_country": "HK"}, {"txn_no", "benef_name", "bic", "account_tail"}),
        ({"sent_already": "yes", "dest_country": "US"}, {"txn_no", "benef_name", "bic", "account_tail"}),
        ({"sent_already": "yes", "dest_country": "GB", "iban": "?"}, {"txn_no", "benef_name", "bic", "account_tail"}),
        ({}, {"sent_already"}),
    ],
)
def test_a_transfer_is_traced_only_once_sent_and_by_the_account_number_of_its_country(
    rules: ops.Rules, given: dict[str, str], missing: set[str]
) -> None:
    known = {"dest_country": "GB", "currency": "GBP", "amount": "1.00", **given}
    assert set(progress(rules, "XBORDER", **known).missing) == missing


def test_an_account_number_is_not_even_shown_for_a_country_without_iban(rules: ops.Rules) -> None:
    listed = rules.checklists["XBORDER"]
    assert "iban" not in checklist.fields(listed, answers(sent_already="yes", dest_country="US"))
    assert "iban" in checklist.fields(listed, answers(sent_already="yes", dest_country="FR"))


def test_a_field_wanted_twice_counts_once(rules: ops.Rules) -> None:
    found = progress(rules, "TXN", txn_no="?", mobile="m", id_check="x", amount="1", currency="CNY", txn_status="s")
    assert found.missing == ("txn_time", "counterparty")
    assert found.applicable == 7
    assert found.filled == 5
