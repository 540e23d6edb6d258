"""Marks of a call in any order of arrival, and the wrap-up that ends a contact."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from okpay_console import errors
from okpay_console.domain import callclock, ops
from okpay_console.domain.author import Author
from okpay_console.domain.ticket import CALL_EVENTS, CallEvent, Ticket

MINUTE = timedelta(minutes=1)
# How a call gets where it is: the marks up to there.
PATHS: dict[str, tuple[CallEvent, ...]] = {
    "unknown": (),
    "ringing": ("offered",),
    "talking": ("offered", "answered"),
    "held": ("offered", "answered", "held"),
    "muted": ("offered", "answered", "muted"),
    "wrapup": ("offered", "answered", "ended"),
    "done": ("offered", "answered", "ended", "wrapped"),
    "abandoned": ("offered", "abandoned"),
    "callback": ("offered", "callback"),
}
# What each event does there: a letter per place of PATHS. +: marked, =: nothing new, x: refused.
TABLE: dict[CallEvent, str] = {
    "offered": "+========",
    "answered": "++=====xx",
    "held": "xx+=+xxxx",
    "resumed": "xx=+=xxxx",
    "muted": "xx++=xxxx",
    "unmuted": "x===+====",
    "ended": "xx+++====",
    "wrapped": "xx++++===",
    "abandoned": "++xxxxx=x",
    "callback": "++xxxxxx=",
}


def called(ticket: Ticket, author: Author, now: datetime, *events: CallEvent) -> Ticket:
    for event in events:
        ticket = ops.apply(ticket, author.mark(ticket, "c", event), now)
    return ticket


@pytest.mark.parametrize("event", CALL_EVENTS)
@pytest.mark.parametrize("place", list(PATHS))
def test_an_event_is_marked_passed_over_or_refused_by_where_the_call_is(
    place: str, event: CallEvent, wang: Author, ticket: Ticket, now: datetime
) -> None:
    before = called(ticket, wang, now, *PATHS[place])
    op = wang.mark(before, "c", event)
    match TABLE[event][list(PATHS).index(place)]:
        case "+":
            after = ops.apply(before, op, now)
            assert after.calls[0].marks[-1].event == event
            assert after.timeline[-1].data == {"event": event, "call": "c", "at": op.moment.isoformat()}
        case "=":
            assert ops.apply(before, op, now) is before
        case _:
            with pytest.raises(errors.Refused) as refused:
                ops.apply(before, op, now)
            assert refused.value.code == "call-state"


def test_who_answers_has_the_ticket_and_has_answered_the_caller(wang: Author, ticket: Ticket, now: datetime) -> None:
    at = now + timedelta(seconds=9)
    after = ops.apply(ticket, wang.mark(ticket, "c", "answered", moment=at), now)
    assert (after.assignee, after.status, after.claim_no, after.calls[0].agent) == ("wang", "open", 1, "wang")
    assert after.sla.responded_at == at
    late = ops.apply(after, wang.mark(after, "second", "answered", moment=at + MINUTE), now)
    assert (late.sla.responded_at, late.claim_no) == (at, 1)


def test_answering_takes_no_ticket_out_of_a_colleagues_hands_unless_his_lease_has_run_out(
    wang: Author, li: Author, ticket: Ticket, now: datetime
) -> None:
    hers = ops.apply(ticket, li.assign(ticket, "li"), now)
    assert ops.apply(hers, wang.mark(hers, "c", "answered"), now).assignee == "li"
    leased = replace(hers, lease_until=now + MINUTE)
    assert ops.apply(leased, wang.mark(leased, "c", "answered"), now).assignee == "li"
    assert ops.apply(leased, wang.mark(leased, "c", "answered"), now + 2 * MINUTE).assignee == "wang"


def test_a_call_is_answered_by_one(wang: Author, li: Author, ticket: Ticket, now: datetime) -> None:
    answered = called(ticket, wang, now, "offered", "answered")
    with pytest.raises(errors.Refused) as refused:
        ops.apply(answered, li.mark(ticket, "c", "answered"), now)
    assert refused.value.code == "call-taken"


def test_moments_are_the_authors_but_never_run_backwards(wang: Author, ticket: Ticket, now: datetime) -> None:
    rung = ops.apply(ticket, wang.mark(ticket, "c", "offered", moment=now), now)
    slow = ops.apply(rung, wang.mark(rung, "c", "answered", moment=now - MINUTE), now)
    assert [mark.at for mark in slow.calls[0].marks] == [now, now]
    ahead = wang.mark(rung, "c", "answered", moment=now + 5 * MINUTE)
    assert ops.apply(rung, ahead, now).calls[0].marks[-1].at == now + 5 * MINUTE


def test_a_call_on_a_closed_ticket_is_kept_and_opens_nothing(wang: Author, ticket: Ticket, now: datetime) -> None:
    closed = ops.apply(ticket, wang.close(ticket, "INFO_GIVEN"), now)
    after = called(closed, wang, now, "offered", "answered")
    assert (after.status, after.assignee, len(after.calls[0].marks)) == ("closed", None, 2)


AFTER = {
    "RESOLVED_ON_CALL": "closed", "INFO_GIVEN": "closed", "SELF_SERVICE_GUIDED": "closed", "CALLBACK_PROMISED": "open",
    "PENDING_CUSTOMER": "pending", "PENDING_PARTNER": "pending", "ESCALATED_L2": "open", "ESCALATED_RISK": "open",
    "REFUND_SUBMITTED": "pending", "DISPUTE_OPENED": "pending", "DUPLICATE_LINKED": "closed", "ID_FAILED": "closed",
    "CALL_DROPPED": "closed", "COMPLAINT_REGULATORY": "open", "FEEDBACK_LOGGED": "closed", "WRAPUP_TIMEOUT": "open",
}  # fmt: skip


@pytest.fixture
def talked(wang: Author, ticket: Ticket, now: datetime) -> Ticket:
    """A call that is over, with what every disposition may ask for."""
    ticket = called(ticket, wang, now, "offered", "answered", "ended")
    ticket = ops.apply(ticket, wang.link(ticket, "first"), now)
    return ops.apply(ticket, wang.promise(ticket, "回电", now + MINUTE), now)


@pytest.mark.parametrize("code", list(AFTER))
def test_the_disposition_decides_what_becomes_of_the_matter(
    code: str, wang: Author, talked: Ticket, now: datetime, rules: ops.Rules
) -> None:
    assert set(AFTER) == set(rules.dispositions)
    after = ops.apply(talked, wang.wrapup(talked, code, call="c", summary="说明", override="x"), now, rules)
    assert (after.status, after.calls[0].code, callclock.phase(after.calls[0])) == (AFTER[code], code, "done")
    assert (after.timeline[-1].kind, after.timeline[-1].text, after.timeline[-1].data["disposition"]) == (
        "wrapup",
        "说明",
        code,
    )
    assert after.disposition == (code if AFTER[code] == "closed" else "")
    assert (after.closed_at is not None) == (after.sla.resolved_at is not None) == (AFTER[code] == "closed")


@pytest.mark.parametrize("code", list(AFTER))
def test_an_incomplete_checklist_holds_up_the_codes_whose_reader_needs_it(
    code: str, wang: Author, talked: Ticket, now: datetime, rules: ops.Rules
) -> None:
    free = {"CALLBACK_PROMISED", "PENDING_CUSTOMER", "ESCALATED_RISK", "DUPLICATE_LINKED", "ID_FAILED", "CALL_DROPPED"}
    op = wang.wrapup(talked, code, call="c")
    if code in free | {"WRAPUP_TIMEOUT"}:
        assert ops.apply(talked, op, now, rules).calls[0].code == code
    else:
        with pytest.raises(errors.Refused) as refused:
            ops.apply(talked, op, now, rules)
        assert refused.value.code == "checklist-incomplete"


def test_the_clock_ends_the_call_alone_and_a_person_corrects_it(
    wang: Author, talked: Ticket, now: datetime, rules: ops.Rules
) -> None:
    waiting = ops.apply(talked, wang.status(talked, "pending"), now, rules)
    timed = ops.apply(waiting, wang.wrapup(waiting, "WRAPUP_TIMEOUT", call="c", summary="写到一"), now, rules)
    assert (timed.status, timed.calls[0].code) == ("pending", "WRAPUP_TIMEOUT")
    real = ops.apply(timed, wang.wrapup(timed, "PENDING_CUSTOMER", call="c", summary="等凭证"), now, rules)
    assert (real.calls[0].code, real.calls[0].marks) == ("PENDING_CUSTOMER", timed.calls[0].marks)
    late = ops.apply(real, wang.wrapup(real, "WRAPUP_TIMEOUT", call="c", summary="写到二"), now, rules)
    assert (late.calls[0].code, late.timeline[-1].text) == ("PENDING_CUSTOMER", "写到二")


def test_the_clock_is_stopped_by_no_fence_and_a_person_is(
    wang: Author, li: Author, talked: Ticket, now: datetime, rules: ops.Rules
) -> None:
    hers = ops.apply(talked, li.assign(talked, "li"), now)
    assert (
        ops.apply(hers, wang.wrapup(talked, "WRAPUP_TIMEOUT", call="c"), now, rules).calls[0].code == "WRAPUP_TIMEOUT"
    )
    with pytest.raises(errors.NeedsReview) as review:
        ops.apply(hers, wang.wrapup(talked, "ESCALATED_RISK", call="c", summary="盗刷"), now, rules)
    assert (review.value.field, "盗刷" in str(review.value.mine)) == ("claim_no", True)


def test_a_wrapup_that_closes_needs_the_status_that_was_seen_and_one_that_goes_on_does_not(
    wang: Author, li: Author, talked: Ticket, now: datetime, rules: ops.Rules
) -> None:
    waiting = ops.apply(talked, li.status(talked, "pending", reason="等银行"), now, rules)
    with pytest.raises(errors.NeedsReview):
        ops.apply(waiting, wang.wrapup(talked, "INFO_GIVEN", call="c", override="x"), now, rules)
    assert ops.apply(waiting, wang.wrapup(talked, "ESCALATED_RISK", call="c"), now, rules).status == "open"


def test_the_contact_on_a_closed_ticket_that_must_go_on_opens_it_again(
    wang: Author, talked: Ticket, now: datetime, rules: ops.Rules
) -> None:
    closed = ops.apply(talked, wang.close(talked, "INFO_GIVEN", override="x"), now, rules)
    after = ops.apply(closed, wang.wrapup(closed, "PENDING_CUSTOMER", call="c"), now, rules)
    assert (after.status, after.closed_at, after.disposition) == ("pending", None, "")


def test_the_contact_on_a_merged_ticket_ends_and_leaves_it_merged(
    wang: Author, talked: Ticket, now: datetime, rules: ops.Rules
) -> None:
    merged = ops.apply(talked, wang.merge(talked, "first"), now, rules)
    after = ops.apply(merged, wang.wrapup(talked, "INFO_GIVEN", call="c", summary="并案了"), now, rules)
    assert (after.status, after.merged_into, after.disposition) == ("closed", "first", "DUPLICATE_LINKED")
    assert (after.calls[0].code, after.timeline[-1].text) == ("INFO_GIVEN", "并案了")


def test_a_contact_without_a_call_is_wrapped_up_too(
    wang: Author, ticket: Ticket, now: datetime, rules: ops.Rules
) -> None:
    after = ops.apply(ticket, wang.wrapup(ticket, "PENDING_CUSTOMER", summary="等邮件"), now, rules)
    assert (after.status, after.calls, after.timeline[-1].kind) == ("pending", (), "wrapup")


def test_a_wrapup_during_the_call_ends_it(wang: Author, ticket: Ticket, now: datetime, rules: ops.Rules) -> None:
    talking = called(ticket, wang, now, "offered", "answered", "held")
    after = ops.apply(talking, wang.wrapup(talking, "CALL_DROPPED", call="c"), now, rules)
    assert [mark.event for mark in after.calls[0].marks] == ["offered", "answered", "held", "ended", "wrapped"]
