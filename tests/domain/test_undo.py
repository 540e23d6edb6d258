"""Taking back: after an operation and its inverse the ticket is as it was, and what was said stays said."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from okpay_console import errors
from okpay_console.content.rules import load_rules
from okpay_console.domain import ops
from okpay_console.domain.author import Author
from okpay_console.domain.ticket import PRIORITIES, FieldAnswer, Sla, Ticket
from okpay_console.domain.undo import inverse

NOW = datetime(2026, 11, 22, 6, 46, tzinfo=UTC)
RULES = load_rules()
Make = Callable[[Author, Ticket, int], ops.AnyOp]

# Operations that move the ticket about before the one that is undone is made; any of them may come to nothing.
MAKERS: dict[str, Make] = {
    "field": lambda a, t, n: a.field(t, ["txn_no", "amount"][n % 2], str(n), source="#1" if n > 2 else ""),
    "verified": lambda a, t, n: a.field(t, "txn_no", str(n % 3), state="verified"),
    "unknown": lambda a, t, n: a.field(t, ["txn_no", "amount"][n % 2], "", state="unknown"),
    "category": lambda a, t, n: a.category(t, ["TXN", "ACC", "REFUND"][n % 3]),
    "priority": lambda a, t, n: a.priority(t, PRIORITIES[n % 4]),
    "subject": lambda a, t, n: a.subject(t, f"s{n}"),
    "queue": lambda a, t, n: a.queue(t, f"q{n % 3}"),
    "tags": lambda a, t, n: a.tags(t, add=(f"a{n % 3}",), remove=(f"a{(n + 1) % 3}",)),
    "link": lambda a, t, n: a.link(t, f"l{n % 2}", kind=["related", "duplicate", "split"][n % 3]),
    "unlink": lambda a, t, n: a.link(t, f"l{n % 2}", gone=True),
    "step": lambda a, t, n: a.step(t, "g", f"g.{n % 3}", done=n < 4),
    "rate": lambda a, t, n: a.rate(t, "g", helped=bool(n % 2)),
    "promise": lambda a, t, n: a.promise(t, "回电", NOW + timedelta(hours=n)),
    "status": lambda a, t, n: a.status(t, ["open", "pending", "new"][n % 3]),
    "assign": lambda a, t, n: a.assign(t, ["wang", "li"][n % 2]),
    "release": lambda a, t, n: a.release(t),
    "close": lambda a, t, n: a.close(t, "INFO_GIVEN", summary=f"c{n}", override="x"),
    "wrapup": lambda a, t, n: a.wrapup(t, ["INFO_GIVEN", "PENDING_CUSTOMER", "ESCALATED_L2"][n % 3], override="x"),
    "merge": lambda a, t, n: a.merge(t, f"l{n % 2}"),
}
# What cannot be undone: words that were said, and what others have seen.
NEVER: dict[str, Make] = {
    "note": lambda a, t, n: a.note(t, "x"),
    "message": lambda a, t, n: a.message(t, "x"),
    "reply": lambda a, t, n: a.reply(t, "x"),
    "chase": lambda a, t, n: a.chase(t),
    "reveal": lambda a, t, n: a.reveal(t, "mobile", reason="回拨"),
    "mark": lambda a, t, n: a.mark(t, "c", "answered"),
    "handover": lambda a, t, n: a.handover(t, note="x", to="li"),
    "escalate": lambda a, t, n: a.escalate(t, "lead", note="x"),
    "decide": lambda a, t, n: a.decide(t, "identity", "approved"),
    "settle": lambda a, t, n: a.settle(t, t.promises[0].id, kept=True),
    "new": lambda a, t, n: a.new(subject="s", channel="chat"),
}


def bare(ticket: Ticket) -> Ticket:
    """The ticket without what an undone operation leaves: traces, order, fencing number, who noted a detail and when."""
    return replace(
        ticket, timeline=(), updated_at=NOW, claim_no=0, lease_until=None, handover=None, calls=(), sla=Sla(),
        answers={name: FieldAnswer(a.value, a.state, a.source) for name, a in sorted(ticket.answers.items())},
        tags=tuple(sorted(ticket.tags)), links=tuple(sorted(ticket.links)),
        steps={name: sorted(steps) for name, steps in ticket.steps.items()},
        promises=tuple(promise for promise in ticket.promises if promise.state != "withdrawn"),
    )  # fmt: skip


def author(name: str = "wang") -> Author:
    count = itertools.count(1)
    return Author(name, lambda: f"{name}-{next(count)}", lambda: NOW)


def fresh(wang: Author) -> Ticket:
    ticket = ops.apply(None, wang.new(subject="s", channel="chat", category="TXN"), NOW, RULES)
    return ops.apply(ticket, wang.promise(ticket, "早先的", NOW), NOW, RULES)


@settings(max_examples=400)
@given(
    st.lists(st.tuples(st.sampled_from(sorted(MAKERS)), st.integers(0, 5)), max_size=6),
    st.sampled_from(sorted(MAKERS)),
    st.integers(0, 5),
)
def test_an_operation_and_its_inverse_leave_the_ticket_as_it_was(
    path: list[tuple[str, int]], name: str, number: int
) -> None:
    wang = author()
    ticket = fresh(wang)
    for earlier, pick in path:
        try:
            ticket = ops.apply(ticket, MAKERS[earlier](wang, ticket, pick), NOW, RULES)
        except (errors.Refused, errors.NeedsReview):
            continue
    op = MAKERS[name](wang, ticket, number)
    try:
        after = ops.apply(ticket, op, NOW, RULES)
    except (errors.Refused, errors.NeedsReview):
        return
    undone = after
    back = inverse(ticket, op, after, wang)
    for step in back:
        undone = ops.apply(undone, step, NOW, RULES)
    assert bare(undone) == bare(ticket if back else after)


# Each from a plain ticket: the inverse must be there, not merely be harmless.
@pytest.mark.parametrize("name", [name for name in sorted(MAKERS) if name not in ("rate", "release", "unlink")])
def test_what_can_be_undone_is(name: str) -> None:
    wang = author()
    ticket = fresh(wang)
    op = MAKERS[name](wang, ticket, 1)
    after = ops.apply(ticket, op, NOW, RULES)
    assert after is not ticket
    assert inverse(ticket, op, after, wang)


@pytest.mark.parametrize(
    ("first", "second"), [("rate", "rate"), ("assign", "release"), ("link", "unlink"), ("verified", "field")]
)
def test_what_can_be_undone_after_something_else_is(first: str, second: str) -> None:
    wang = author()
    ticket = fresh(wang)
    ticket = ops.apply(ticket, MAKERS[first](wang, ticket, 0), NOW, RULES)
    op = MAKERS[second](wang, ticket, 1 if second == "rate" else 2 if second == "field" else 0)
    after = ops.apply(ticket, op, NOW, RULES)
    back = inverse(ticket, op, after, wang)
    assert back
    for step in back:
        after = ops.apply(after, step, NOW, RULES)
    assert bare(after) == bare(ticket)


def test_a_value_that_was_verified_by_mistake_is_not_verified_any_more() -> None:
    wang = author()
    ticket = fresh(wang)
    typed = ops.apply(ticket, wang.field(ticket, "txn_no", "A1", source="#7"), NOW, RULES)
    op = wang.field(typed, "txn_no", "A1", state="verified")
    after = ops.apply(typed, op, NOW, RULES)
    for step in inverse(typed, op, after, wang):
        after = ops.apply(after, step, NOW, RULES)
    assert (after.answers["txn_no"].value, after.answers["txn_no"].state) == ("A1", "filled")


@pytest.mark.parametrize("name", sorted(NEVER))
def test_what_was_said_or_done_to_others_stays(name: str) -> None:
    wang = author()
    ticket = fresh(wang)
    op = NEVER[name](wang, ticket, 0)
    after = ticket if name == "new" else ops.apply(ticket, op, NOW, RULES)
    assert inverse(ticket, op, after, wang) == ()


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("field", lambda a, t: a.field(t, "amount", "99")),
        ("category", lambda a, t: a.category(t, "REFUND")),
        ("priority", lambda a, t: a.priority(t, "low")),
        ("subject", lambda a, t: a.subject(t, "theirs")),
        ("queue", lambda a, t: a.queue(t, "theirs")),
        ("promise", lambda a, t: a.settle(t, t.promises[-1].id, kept=True)),
        ("step", lambda a, t: a.step(t, "g", "g.1", done=False)),
        ("assign", lambda a, t: a.assign(t, "zhao")),
        ("status", lambda a, t: a.status(t, "open")),
        ("close", lambda a, t: a.message(t, "还没好")),
    ],
)
def test_what_a_colleague_has_changed_since_is_his(name: str, other: Callable[[Author, Ticket], ops.AnyOp]) -> None:
    wang, li = author(), author("li")
    ticket = fresh(wang)
    op = MAKERS[name](wang, ticket, 1)
    after = ops.apply(ticket, op, NOW, RULES)
    after = ops.apply(after, other(li, after), NOW, RULES)
    assert inverse(ticket, op, after, wang) == ()


def test_a_first_category_has_nothing_to_go_back_to() -> None:
    wang = author()
    ticket = ops.apply(None, wang.new(subject="s", channel="chat"), NOW, RULES)
    op = wang.category(ticket, "TXN")
    assert inverse(ticket, op, ops.apply(ticket, op, NOW, RULES), wang) == ()


def test_a_promise_is_withdrawn_by_its_maker_alone() -> None:
    wang, li = author(), author("li")
    ticket = fresh(wang)
    op = wang.promise(ticket, "回电", NOW)
    after = ops.apply(ticket, op, NOW, RULES)
    assert inverse(ticket, op, after, li) == ()
    [back] = inverse(ticket, op, after, wang)
    assert ops.apply(after, back, NOW, RULES).promises[-1].state == "withdrawn"
