"""The gate at the end: the checklist complete or a reason why not, and the disposition's own terms."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from okpay_console import errors
from okpay_console.domain import ops
from okpay_console.domain.author import Author
from okpay_console.domain.ticket import Ticket

COMPLETE = {
    "consent_rec": "yes", "mobile": "+8613800138000", "id_check": "passed_app", "txn_no": "A1B2C3D4E5", "amount": "12.50",
    "currency": "CNY", "txn_status": "debited_twice",
}  # fmt: skip


def filled(ticket: Ticket, author: Author, now: datetime, **values: str) -> Ticket:
    for field, value in values.items():
        ticket = ops.apply(ticket, author.field(ticket, field, value), now)
    return ticket


def code(ticket: Ticket, op: ops.AnyOp, now: datetime, rules: ops.Rules) -> str:
    with pytest.raises(errors.Refused) as refused:
        ops.apply(ticket, op, now, rules)
    return refused.value.code


def test_an_incomplete_checklist_keeps_the_ticket_open_and_names_what_is_missing(
    wang: Author, ticket: Ticket, now: datetime, rules: ops.Rules
) -> None:
    ticket = filled(ticket, wang, now, **{**COMPLETE, "currency": "CNY", "txn_status": "failed"})
    ticket = ops.apply(ticket, wang.field(ticket, "txn_status", "", state="unknown"), now)
    with pytest.raises(errors.Refused, match="txn_status") as refused:
        ops.apply(ticket, wang.close(ticket, "INFO_GIVEN"), now, rules)
    assert refused.value.code == "checklist-incomplete"


def test_a_complete_checklist_closes(wang: Author, ticket: Ticket, now: datetime, rules: ops.Rules) -> None:
    ticket = filled(ticket, wang, now, **COMPLETE)
    assert ops.apply(ticket, wang.close(ticket, "RESOLVED_ON_CALL"), now, rules).status == "closed"


def test_a_reason_closes_an_incomplete_one_and_stays_on_record(
    wang: Author, ticket: Ticket, now: datetime, rules: ops.Rules
) -> None:
    closed = ops.apply(ticket, wang.close(ticket, "INFO_GIVEN", override="客户不便提供"), now, rules)
    assert closed.timeline[-1].data["override"] == "客户不便提供"
    assert code(ticket, wang.close(ticket, "INFO_GIVEN", override="  "), now, rules) == "checklist-incomplete"


@pytest.mark.parametrize("loaded", [True, False])
def test_a_promised_call_back_needs_an_open_promise(
    loaded: bool, wang: Author, ticket: Ticket, now: datetime, rules: ops.Rules
) -> None:
    rules = rules if loaded else ops.NO_RULES
    ticket = filled(ticket, wang, now, **COMPLETE)
    assert code(ticket, wang.close(ticket, "CALLBACK_PROMISED"), now, rules) == "promise-missing"
    promised = ops.apply(ticket, wang.promise(ticket, "回电", now + timedelta(hours=2)), now)
    closed = ops.apply(promised, wang.close(promised, "CALLBACK_PROMISED"), now, rules)
    assert closed.promises[0].state == "open"
    kept = ops.apply(promised, wang.settle(promised, promised.promises[0].id, kept=True), now)
    assert code(kept, wang.close(kept, "CALLBACK_PROMISED"), now, rules) == "promise-missing"


def test_a_duplicate_needs_a_link_and_no_checklist(
    wang: Author, ticket: Ticket, now: datetime, rules: ops.Rules
) -> None:
    assert code(ticket, wang.close(ticket, "DUPLICATE_LINKED"), now, rules) == "link-missing"
    linked = ops.apply(ticket, wang.link(ticket, "first-case"), now)
    assert ops.apply(linked, wang.close(linked, "DUPLICATE_LINKED"), now, rules).status == "closed"


@pytest.mark.parametrize("disposition", ["CALL_DROPPED", "ID_FAILED"])
def test_who_is_not_there_cannot_complete_a_checklist(
    disposition: str, wang: Author, ticket: Ticket, now: datetime, rules: ops.Rules
) -> None:
    assert ops.apply(ticket, wang.close(ticket, disposition), now, rules).status == "closed"


def test_a_disposition_and_a_category_that_nobody_knows_are_refused(
    wang: Author, ticket: Ticket, now: datetime, rules: ops.Rules
) -> None:
    assert code(ticket, wang.close(ticket, "DONE", override="x"), now, rules) == "no-disposition"
    assert code(ticket, wang.category(ticket, "NOPE"), now, rules) == "no-category"


@pytest.mark.parametrize("disposition", ["PENDING_CUSTOMER", "ESCALATED_RISK", "CALLBACK_PROMISED"])
def test_a_contact_may_end_with_a_gap_but_the_whole_matter_may_not(
    disposition: str, wang: Author, ticket: Ticket, now: datetime, rules: ops.Rules
) -> None:
    ticket = ops.apply(ticket, wang.promise(ticket, "回电", now + timedelta(hours=2)), now)
    assert ops.apply(ticket, wang.wrapup(ticket, disposition), now, rules).status != "closed"
    assert code(ticket, wang.close(ticket, disposition), now, rules) == "checklist-incomplete"
