"""Into whose hands: queues, handing over with a note, and the ladder with its own clocks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from okpay_console import errors
from okpay_console.domain import escalation, ops
from okpay_console.domain.author import Author
from okpay_console.domain.ticket import Ticket


@pytest.fixture
def held(wang: Author, ticket: Ticket, now: datetime) -> Ticket:
    return replace(ops.apply(ticket, wang.assign(ticket, "wang"), now), lease_until=now)


def code(ticket: Ticket, op: ops.AnyOp, now: datetime, rules: ops.Rules) -> str:
    with pytest.raises(errors.Refused) as refused:
        ops.apply(ticket, op, now, rules)
    return refused.value.code


def test_a_queue_that_moved_meanwhile_is_for_a_human(wang: Author, li: Author, held: Ticket, now: datetime) -> None:
    moved = ops.apply(held, li.queue(held, "risk"), now)
    assert ops.apply(moved, wang.queue(held, "risk"), now) is moved
    with pytest.raises(errors.NeedsReview) as review:
        ops.apply(moved, wang.queue(held, "disputes"), now)
    assert (review.value.field, review.value.theirs) == ("queue", "risk")


def test_handing_to_a_colleague_passes_the_note_and_the_fence(wang: Author, held: Ticket, now: datetime) -> None:
    given = ops.apply(held, wang.handover(held, note="等对账", to="li"), now)
    assert (given.assignee, given.status, given.claim_no, given.lease_until) == ("li", "open", 2, None)
    assert given.handover is not None
    assert (given.handover.by, given.handover.note, given.handover.to) == ("wang", "等对账", "li")
    with pytest.raises(errors.NeedsReview) as review:
        ops.apply(given, wang.close(replace(given, claim_no=1), "INFO_GIVEN"), now)
    assert review.value.field == "claim_no"


def test_handing_to_a_queue_leaves_it_to_nobody(wang: Author, held: Ticket, now: datetime) -> None:
    given = ops.apply(held, wang.handover(held, note="下班", queue="night"), now)
    assert (given.assignee, given.status, given.queue) == (None, "new", "night")


def test_what_waits_goes_on_waiting_in_other_hands(wang: Author, held: Ticket, now: datetime, rules: ops.Rules) -> None:
    waiting = ops.apply(held, wang.status(held, "pending", reason="等银行"), now, rules)
    for op in (wang.handover(waiting, note="等", to="li"), wang.handover(waiting, note="等", queue="night")):
        assert ops.apply(waiting, op, now, rules).status == "pending"


def test_two_who_hand_over_at_once_are_for_a_human_and_no_note_is_lost(
    wang: Author, li: Author, held: Ticket, now: datetime
) -> None:
    given = ops.apply(held, li.handover(held, note="给赵", to="zhao"), now)
    with pytest.raises(errors.NeedsReview) as review:
        ops.apply(given, wang.handover(held, note="给钱", to="qian"), now)
    assert (review.value.theirs, review.value.mine) == ("zhao", "qian: 给钱")


@pytest.mark.parametrize(
    "make",
    [
        lambda a, t: a.queue(t, "risk"),
        lambda a, t: a.handover(t, note="给赵", to="zhao"),
        lambda a, t: a.escalate(t, "lead", note="急"),
        lambda a, t: a.merge(t, "first"),
        lambda a, t: a.wrapup(t, "INFO_GIVEN", override="x"),
    ],
)
def test_a_claim_that_was_overtaken_stops_what_moves_the_matter(
    make: Callable[[Author, Ticket], ops.AnyOp], wang: Author, held: Ticket, now: datetime, rules: ops.Rules
) -> None:
    """Everything else still stands as it was seen: only the fencing number tells."""
    with pytest.raises(errors.NeedsReview) as review:
        ops.apply(replace(held, claim_no=9), make(wang, held), now, rules)
    assert review.value.field == "claim_no"
    assert ops.apply(held, make(wang, held), now, rules) is not held


WORK: dict[str, tuple[Callable[[Author, Ticket], ops.AnyOp], bool]] = {
    "note": (lambda a, t: a.note(t, "在查"), True),
    "reply": (lambda a, t: a.reply(t, "您好"), True),
    "field": (lambda a, t: a.field(t, "txn_no", "A1B2C3D4E5"), True),
    "status": (lambda a, t: a.status(t, "pending"), True),
    "promise": (lambda a, t: a.promise(t, "回电", a.now()), True),
    "step": (lambda a, t: a.step(t, "guide", "guide.1"), True),
    "close": (lambda a, t: a.close(t, "INFO_GIVEN", override="x"), True),
    "wrapup": (lambda a, t: a.wrapup(t, "INFO_GIVEN", override="x"), True),
    "reveal": (lambda a, t: a.reveal(t, "mobile", reason="回拨"), False),
    "mark": (lambda a, t: a.mark(t, "c", "answered"), False),
    "message": (lambda a, t: a.message(t, "还在吗"), False),
    "chase": (lambda a, t: a.chase(t), False),
    "release": (lambda a, t: a.release(t), False),
}


@pytest.mark.parametrize("name", list(WORK))
def test_the_note_stands_until_the_next_owner_has_worked_on_the_matter(
    name: str, wang: Author, li: Author, held: Ticket, now: datetime, rules: ops.Rules
) -> None:
    make, works = WORK[name]
    given = ops.apply(held, wang.handover(held, note="等对账", to="li"), now, rules)
    assert (ops.apply(given, make(li, given), now, rules).handover is None) == works
    free = ops.apply(held, wang.handover(held, note="等对账", queue="night"), now, rules)
    taken = ops.apply(free, li.assign(free, "li"), now, rules)
    assert taken.handover is not None
    assert (ops.apply(taken, make(li, taken), now, rules).handover is None) == works


def test_the_note_is_not_taken_down_by_somebody_else(wang: Author, held: Ticket, now: datetime) -> None:
    given = ops.apply(held, wang.handover(held, note="等对账", to="li"), now)
    assert ops.apply(given, wang.note(given, "还有一点"), now).handover is not None


def test_a_level_takes_its_queue_and_clock_and_leaves_the_customers_clock_alone(
    wang: Author, held: Ticket, now: datetime, rules: ops.Rules
) -> None:
    up = ops.apply(held, wang.escalate(held, "l2-transactions", note="查清算"), now, rules)
    assert (up.level, up.queue, up.assignee, up.status, up.claim_no) == (
        "l2-transactions", "l2-transactions", None, "new", 2
    )  # fmt: skip
    assert (up.sla, up.handover and up.handover.note) == (held.sla, "查清算")
    [hop] = up.hops
    assert (hop.level, hop.by, hop.note, hop.due_at) == ("l2-transactions", "wang", "查清算", now + timedelta(hours=2))
    assert not escalation.late(up.hops, now + timedelta(hours=2))
    assert escalation.late(up.hops, now + timedelta(hours=2, seconds=1))
    higher = ops.apply(up, wang.escalate(up, "clearing", note="问银行"), now + timedelta(hours=1), rules)
    assert [hop.level for hop in higher.hops] == ["l2-transactions", "clearing"]
    assert code(higher, wang.escalate(higher, "lead", note="x"), now, rules) == "level-below"


def test_a_level_of_another_matters_ladder_is_refused(
    wang: Author, held: Ticket, now: datetime, rules: ops.Rules
) -> None:
    assert code(held, wang.escalate(held, "editors", note="x"), now, rules) == "no-level"
    closed = ops.apply(held, wang.close(held, "INFO_GIVEN", override="x"), now, rules)
    assert code(closed, wang.escalate(closed, "lead", note="x"), now, rules) == "closed"


def test_what_lies_outside_the_house_is_told_to_the_caller_and_moves_nothing(
    wang: Author, held: Ticket, now: datetime, rules: ops.Rules
) -> None:
    told = ops.apply(held, wang.escalate(held, "12363", note="已告知可投诉"), now, rules)
    assert replace(told, timeline=held.timeline, updated_at=held.updated_at) == held
    assert (told.timeline[-1].kind, told.timeline[-1].data) == ("escalate", {"level": "12363", "outside": "yes"})
    up = ops.apply(told, wang.escalate(told, "compliance", note="投诉升级"), now, rules)
    assert ops.apply(up, wang.escalate(up, "12363", note="再次告知"), now, rules).level == "compliance"


def test_an_escalation_ends_the_waiting(wang: Author, held: Ticket, now: datetime, rules: ops.Rules) -> None:
    waiting = ops.apply(held, wang.status(held, "pending", reason="等客户"), now, rules)
    assert ops.apply(waiting, wang.escalate(waiting, "lead", note="不等了"), now, rules).status == "new"


def test_two_who_escalate_to_the_same_level_agree_and_to_others_do_not(
    wang: Author, li: Author, held: Ticket, now: datetime, rules: ops.Rules
) -> None:
    up = ops.apply(held, li.escalate(held, "lead", note="客户急"), now, rules)
    both = ops.apply(up, wang.escalate(held, "lead", note="金额大"), now, rules)
    assert (len(both.hops), both.timeline[-1].text) == (1, "金额大")
    with pytest.raises(errors.NeedsReview) as review:
        ops.apply(up, wang.escalate(held, "clearing", note="问银行"), now, rules)
    assert review.value.mine == "clearing: 问银行"


def test_the_levels_that_may_come_next(rules: ops.Rules) -> None:
    ladder = rules.ladder("TXN")
    assert [level.id for level in escalation.above(ladder, "")] == [level.id for level in ladder]
    assert [level.id for level in escalation.above(ladder, "lead")] == ["clearing", "compliance", "12363"]
    assert [level.id for level in escalation.above(ladder, "compliance")] == ["12363"]
    assert escalation.above(ladder, "editors") == ladder
    assert rules.ladder("made-up") == rules.ladder("") != ()


def test_nobody_hands_over_to_himself(wang: Author, ticket: Ticket, now: datetime) -> None:
    with pytest.raises(errors.Refused) as refused:
        ops.apply(ticket, wang.handover(ticket, note="mine", to=wang.name), now)
    assert refused.value.code == "own-hands"
