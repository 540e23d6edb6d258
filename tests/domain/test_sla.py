"""The service level's clocks: which target applies, what stops them, what pauses them, and why a ticket is late."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from okpay_console.content.rules import load_rules
from okpay_console.domain import ops, queue, sla
from okpay_console.domain.author import Author
from okpay_console.domain.ids import uuid7
from okpay_console.domain.sla import Limit, Policy, Target
from okpay_console.domain.ticket import CHANNELS, PRIORITIES, Pause, Sla, Ticket
from okpay_console.domain.worktime import Calendar, add

SHANGHAI = load_rules().sla.calendar("business").tz
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # a Monday, 10:00 in Shanghai
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
OFFICE = Calendar(windows=(((540, 1080),),) * 5 + ((), ()), tz=SHANGHAI, makeup=((540, 1080),), announced=2026)
HOUSE = ops.Rules(
    sla=Policy(
        (
            Target(response=Limit(4 * 3600, "office"), resolve=Limit(8 * 3600, "office")),
            Target(category="FRAUD", response=Limit(300), resolve=Limit(4 * 3600)),
            Target(category="TECH", priority="urgent", resolve=Limit(3600)),
            Target(category="FEEDBACK", resolve=Limit(None)),
        ),
        {"office": OFFICE},
    )
)


class Case:
    """A ticket in a house with office hours, and what is done to it at which time."""

    def __init__(self, *, category: str = "TXN", channel: str = "email", rules: ops.Rules = HOUSE) -> None:
        self.rules = rules
        self.at = NOW
        self.count = 0
        self.wang = Author("wang", self.new_id, lambda: self.at)
        op = self.wang.new(subject="s", channel=channel, category=category)  # type: ignore[arg-type]
        self.ticket = ops.apply(None, op, self.at, rules)

    def new_id(self) -> str:
        self.count += 1
        return uuid7(self.count, bytes(10))

    def after(self, span: timedelta, make: Callable[[Author, Ticket], ops.AnyOp]) -> Sla:
        """Lets time pass, does something, and returns the clocks."""
        self.at += span
        self.ticket = ops.apply(self.ticket, make(self.wang, self.ticket), self.at, self.rules)
        return self.ticket.sla

    def why(self, matter: str = "resolve", *, at: datetime | None = None) -> sla.Reckoning:
        found = sla.explain(self.ticket, at or self.at, self.rules.sla)
        return next(clock for clock in found.clocks if clock.matter == matter)


def pend(a: Author, t: Ticket, reason: str = "") -> ops.AnyOp:
    return a.status(t, "pending", reason=reason)


# Which target applies


@pytest.mark.parametrize(
    ("category", "channel", "response", "resolve"),
    [
        ("ACC", "hotline", timedelta(seconds=20), 24 * HOUR),
        ("ACC", "chat", timedelta(seconds=60), 24 * HOUR),
        ("LOGIN", "hotline", timedelta(seconds=20), 2 * HOUR),
        ("REFUND", "hotline", 2 * HOUR, timedelta(days=3)),
        ("TXN", "email", 4 * HOUR, timedelta(days=3)),
        ("FRAUD", "email", 5 * MINUTE, 4 * HOUR),
        ("FEEDBACK", "social", 24 * HOUR, None),
        ("", "email", 4 * HOUR, 24 * HOUR),
        ("NEWER", "social", 2 * HOUR, 24 * HOUR),
    ],
)
def test_the_shipped_targets_count_from_the_first_contact(
    category: str, channel: str, response: timedelta, resolve: timedelta | None
) -> None:
    """On a Monday at 10:00: three working days end on Thursday at 10:00, which is three days of the calendar later."""
    clock = sla.start(category, "normal", channel, NOW, load_rules().sla)  # type: ignore[arg-type]
    assert clock.response_due == NOW + response
    assert clock.resolve_due == (None if resolve is None else NOW + resolve)


TARGETS = {
    "any": Target(resolve=Limit(1)),
    "channel": Target(channel="chat", resolve=Limit(2)),
    "priority": Target(priority="urgent", resolve=Limit(3)),
    "category": Target(category="TXN", resolve=Limit(4)),
    "priority+channel": Target(priority="urgent", channel="chat", resolve=Limit(5)),
    "category+channel": Target(category="TXN", channel="chat", resolve=Limit(6)),
    "category+priority": Target(category="TXN", priority="urgent", resolve=Limit(7)),
    "all": Target(category="TXN", priority="urgent", channel="chat", resolve=Limit(8)),
}


@given(st.sets(st.sampled_from(sorted(TARGETS)), min_size=1), st.randoms(use_true_random=False))
def test_the_most_specific_target_wins_in_whatever_order_they_stand(names: set[str], rng: object) -> None:
    chosen = [TARGETS[name] for name in names]
    rng.shuffle(chosen)  # type: ignore[attr-defined]
    due = sla.start("TXN", "urgent", "chat", NOW, Policy(tuple(chosen))).resolve_due
    strongest = max(names, key=list(TARGETS).index)
    assert due == NOW + timedelta(seconds=TARGETS[strongest].resolve.seconds)  # type: ignore[union-attr,arg-type]


def test_of_two_targets_for_the_same_the_later_wins_and_each_limit_is_looked_for_by_itself() -> None:
    own = Target(category="TXN", resolve=Limit(9))
    policy = Policy((Target(category="TXN", resolve=Limit(4), response=Limit(5)), own))
    assert sla.start("TXN", "low", "chat", NOW, policy) == Sla(NOW + timedelta(seconds=5), NOW + timedelta(seconds=9))


def test_no_limit_on_purpose_is_stronger_than_the_limit_of_everybody() -> None:
    assert Case(category="FEEDBACK").ticket.sla.resolve_due is None


def test_without_rules_there_are_no_limits_and_what_the_server_said_stands() -> None:
    assert sla.start("TXN", "normal", "email", NOW, Policy()) == Sla()
    case = Case()
    case.rules = ops.NO_RULES
    before = case.ticket.sla
    assert case.after(HOUR, lambda a, t: a.priority(t, "urgent")) == before
    case.after(HOUR, pend)
    assert case.after(HOUR, lambda a, t: a.status(t, "new")).resolve_due == before.resolve_due


def test_the_rules_go_to_another_process_whole() -> None:
    policy = pickle.loads(pickle.dumps(load_rules())).sla
    assert sla.start("TXN", "normal", "email", NOW, policy) == sla.start(
        "TXN", "normal", "email", NOW, load_rules().sla
    )


# Changes


def test_another_category_moves_the_due_times_and_never_the_start() -> None:
    case = Case()
    assert case.after(3 * HOUR, lambda a, t: a.category(t, "FRAUD")).resolve_due == NOW + 4 * HOUR
    assert case.ticket.sla.response_due == NOW + 5 * MINUTE
    assert case.after(HOUR, lambda a, t: a.category(t, "TXN")).resolve_due == NOW + 8 * HOUR


def test_another_priority_moves_the_due_times_and_never_the_start() -> None:
    case = Case(category="TECH")
    assert case.after(3 * HOUR, lambda a, t: a.priority(t, "urgent")).resolve_due == NOW + HOUR
    assert case.after(HOUR, lambda a, t: a.priority(t, "normal")).resolve_due == NOW + 8 * HOUR


def test_a_caller_who_asks_again_has_the_limit_of_the_higher_priority_from_the_first_contact() -> None:
    case = Case(category="TECH")
    case.after(MINUTE, lambda a, t: a.priority(t, "high"))
    assert case.after(HOUR, lambda a, t: a.chase(t)).resolve_due == NOW + HOUR
    assert case.why().agrees


def test_a_change_keeps_the_answer_that_came_and_the_pauses_that_were() -> None:
    case = Case()
    case.after(MINUTE, lambda a, t: a.reply(t, "您好"))
    case.after(59 * MINUTE, pend)
    case.after(2 * HOUR, lambda a, t: a.status(t, "new"))
    clock = case.after(MINUTE, lambda a, t: a.category(t, "FRAUD"))
    assert (clock.responded_at, clock.resolve_due) == (NOW + MINUTE, NOW + 6 * HOUR)


# The answer's clock (complaints about other desks, each by name)


def test_a_reply_stops_the_clock_to_the_first_answer() -> None:
    assert Case().after(HOUR, lambda a, t: a.reply(t, "您好")).responded_at == NOW + HOUR


def test_a_second_reply_does_not_move_the_first_answer() -> None:
    case = Case()
    case.after(HOUR, lambda a, t: a.reply(t, "您好"))
    assert case.after(HOUR, lambda a, t: a.reply(t, "已查到")).responded_at == NOW + HOUR


def test_a_call_that_is_answered_stops_the_clock_to_the_first_answer() -> None:
    case = Case(channel="hotline")
    assert case.after(MINUTE, lambda a, t: a.mark(t, "c1", "answered")).responded_at == NOW + MINUTE


def test_a_later_message_of_the_customer_does_not_overrule_the_first_answer() -> None:
    case = Case()
    case.after(HOUR, lambda a, t: a.reply(t, "您好"))
    assert case.after(30 * HOUR, lambda a, t: a.message(t, "还没好")).responded_at == NOW + HOUR
    assert case.why("response").state == "met"


def test_a_ticket_that_was_answered_is_not_late_with_its_answer_again_after_a_release() -> None:
    case = Case(channel="hotline")
    case.after(MINUTE, lambda a, t: a.mark(t, "c1", "answered"))
    case.after(MINUTE, lambda a, t: a.release(t))
    assert queue.due(queue.row_of(case.ticket)) == case.ticket.sla.resolve_due


def test_a_note_among_colleagues_is_no_answer() -> None:
    assert Case().after(HOUR, lambda a, t: a.note(t, "查一下")).responded_at is None


def test_a_customers_message_is_not_ignored_and_ends_the_wait_for_him() -> None:
    case = Case()
    case.after(HOUR, pend)
    clock = case.after(HOUR, lambda a, t: a.message(t, "截图在这里"))
    assert (case.ticket.status, clock.pauses) == ("new", (Pause(NOW + HOUR, "customer", NOW + 2 * HOUR),))


def test_the_first_answer_is_never_paused() -> None:
    case = Case()
    case.after(HOUR, pend)
    clock = case.after(5 * HOUR, lambda a, t: a.status(t, "new"))
    assert clock.response_due == NOW + 4 * HOUR
    assert (case.why("response").state, case.why("response").parts) == ("late", (sla.Part("counted", 6 * 3600),))


# The solution's clock


def test_pending_pauses_and_resuming_moves_the_due_time_by_the_working_time_of_the_pause() -> None:
    """Paused on Monday 17:00, resumed on Tuesday 10:00: two hours of work, not seventeen of the clock."""
    case = Case()
    assert case.ticket.sla.resolve_due == NOW + 8 * HOUR
    paused = case.after(7 * HOUR, pend)
    assert paused.resolve_due == NOW + 8 * HOUR
    resumed = case.after(17 * HOUR, lambda a, t: a.status(t, "new"))
    assert resumed.resolve_due == add(NOW + 8 * HOUR, 2 * 3600, OFFICE) == NOW + 25 * HOUR
    assert case.why().agrees


@pytest.mark.parametrize(
    ("said", "reason"),
    [("", "customer"), ("customer", "customer"), ("PENDING_PARTNER", "partner"), ("等银行回函", "等银行回函")],
)
def test_a_pause_says_whom_or_what_it_waits_for(said: str, reason: str) -> None:
    case = Case()
    case.after(HOUR, lambda a, t: pend(a, t, said))
    assert (case.why().state, case.why().reason) == ("paused", reason)


def test_a_wrap_up_that_waits_for_a_partner_pauses_with_that_reason() -> None:
    rules = replace(load_rules(), checklists={}, sla=HOUSE.sla)
    case = Case(rules=rules)
    case.after(HOUR, lambda a, t: a.wrapup(t, "PENDING_PARTNER", summary="已查"))
    assert (case.ticket.status, case.why().reason) == ("pending", "partner")
    assert queue.waits_for(queue.row_of(case.ticket)) == "partner"


def test_pausing_twice_is_one_pause_and_a_new_reason_is_a_new_one() -> None:
    clock = sla.paused(sla.paused(Sla(), NOW), NOW + HOUR)
    assert clock.pauses == (Pause(NOW, "customer"),)
    other = sla.paused(clock, NOW + HOUR, "partner")
    assert other.pauses == (Pause(NOW, "customer", NOW + HOUR), Pause(NOW + HOUR, "partner"))


def test_what_was_late_before_the_pause_stays_late() -> None:
    case = Case()
    case.after(25 * HOUR, pend)
    clock = case.after(HOUR, lambda a, t: a.status(t, "new"))
    assert clock.resolve_due == NOW + 8 * HOUR
    assert case.why().state == "late"


def test_a_ticket_closed_in_time_and_reopened_has_the_rest_of_its_time_left() -> None:
    """Closed with two hours left; a week later it is not late on the spot, and the explanation says where the week went."""
    case = Case()
    case.after(6 * HOUR, lambda a, t: a.close(t, "INFO_GIVEN"))
    assert case.why().state == "met"
    clock = case.after(timedelta(days=7) - 6 * HOUR, lambda a, t: a.message(t, "又来了"))
    assert clock.resolve_due == case.at + 2 * HOUR
    reckoned = case.why()
    assert (reckoned.state, reckoned.left_s, reckoned.agrees) == ("running", 2 * 3600, True)
    assert sla.Part("paused", 5 * 9 * 3600 - 6 * 3600, "closed") in reckoned.parts
    assert reckoned.since == NOW


def test_a_ticket_closed_late_and_reopened_is_as_late_as_it_was() -> None:
    case = Case()
    case.after(26 * HOUR, lambda a, t: a.close(t, "INFO_GIVEN"))
    missed = case.why()
    clock = case.after(timedelta(days=7), lambda a, t: a.reopen(t))
    assert (missed.state, case.why().state, clock.resolve_due) == ("missed", "late", NOW + 8 * HOUR)
    assert case.why().left_s == missed.left_s


def test_closing_a_paused_ticket_ends_the_pause_and_judges_without_it() -> None:
    case = Case()
    case.after(HOUR, pend)
    clock = case.after(26 * HOUR, lambda a, t: a.close(t, "INFO_GIVEN"))
    assert clock.pauses == (Pause(NOW + HOUR, "customer", NOW + 27 * HOUR),)
    assert (case.why().state, clock.resolve_due) == ("met", NOW + 49 * HOUR)


# Why


def test_a_paused_ticket_is_not_late_in_the_queue() -> None:
    case = Case()
    case.after(HOUR, pend)
    row = queue.row_of(case.ticket)
    assert not queue.overdue(row, NOW + timedelta(days=9))
    assert queue.waits_for(row) == "customer"


def test_the_explanation_names_the_rule_the_calendar_and_what_did_not_count() -> None:
    case = Case(category="TXN", rules=load_rules())
    case.at = datetime(2026, 9, 30, 8, 0, tzinfo=UTC)
    case.ticket = ops.apply(None, case.wang.new(subject="s", channel="chat", category="TXN"), case.at, case.rules)
    found = case.why(at=datetime(2026, 10, 9, 2, 0, tzinfo=UTC))
    assert (found.limit_s, found.calendar, found.workday_s) == (27 * 3600, "business", 9 * 3600)
    assert found.target is not None and found.target.category == "TXN"
    assert found.parts == (
        sla.Part("counted", 12 * 3600),
        sla.Part("holiday", 4 * 24 * 3600, "国庆节"),
        sla.Part("holiday", 2 * 24 * 3600, "调休"),
        sla.Part("closed", 54 * 3600),
    )
    assert (found.state, found.left_s, found.agrees) == ("running", 15 * 3600, True)


def test_a_due_time_by_other_rules_is_said_and_not_hidden() -> None:
    case = Case()
    case.ticket = replace(case.ticket, sla=replace(case.ticket.sla, resolve_due=NOW + HOUR))
    found = case.why(at=NOW + 2 * HOUR)
    assert (found.due, found.ours, found.agrees, found.state) == (NOW + HOUR, NOW + 8 * HOUR, False, "late")
    bare = sla.explain(case.ticket, NOW, Policy()).clocks[1]
    assert (bare.target, bare.limit_s, bare.left_s) == (None, None, 3600)


def test_a_year_without_announced_exchanges_is_named() -> None:
    case = Case()
    assert case.why().unannounced == ()
    assert case.why(at=datetime(2027, 1, 5, tzinfo=UTC)).unannounced == (2027,)


STEPS: list[Callable[[Author, Ticket], ops.AnyOp]] = [
    pend,
    lambda a, t: pend(a, t, "partner"),
    lambda a, t: a.status(t, "open" if t.assignee else "new"),
    lambda a, t: a.message(t, "m"),
    lambda a, t: a.reply(t, "r"),
    lambda a, t: a.close(t, "INFO_GIVEN"),
    lambda a, t: a.reopen(t),
    lambda a, t: a.category(t, "FRAUD" if t.category == "TXN" else "TXN"),
    lambda a, t: a.priority(t, "urgent" if t.priority == "normal" else "normal"),
    lambda a, t: a.chase(t),
]


@given(
    st.lists(st.tuples(st.integers(0, 60 * 24 * 3), st.sampled_from(STEPS)), max_size=8),
    st.integers(0, 60 * 24 * 9),
    st.sampled_from(CHANNELS),
    st.sampled_from(PRIORITIES),
)
def test_whatever_happens_the_parts_sum_up_exactly_and_the_due_time_is_explained(
    steps: list[tuple[int, Callable[[Author, Ticket], ops.AnyOp]]], wait: int, channel: str, priority: str
) -> None:
    case = Case(channel=channel)
    for minutes, make in steps:
        try:
            case.after(timedelta(minutes=minutes), make)
        except ops.errors.OkpayError:
            continue
    now = case.at + timedelta(minutes=wait)
    for clock in sla.explain(case.ticket, now, HOUSE.sla).clocks:
        assert sum(part.seconds for part in clock.parts) == (clock.until - clock.since).total_seconds()
        assert clock.agrees
        if clock.state in ("running", "late"):
            assert (clock.left_s < 0) == (clock.due < now) or clock.left_s == 0
