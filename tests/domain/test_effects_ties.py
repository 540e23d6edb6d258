"""Links with a kind, tickets that go into others and come out again, and callers who have to ask again."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from okpay_console import errors
from okpay_console.domain import ops
from okpay_console.domain.author import Author
from okpay_console.domain.ticket import Priority, Ticket, from_doc, to_doc
from okpay_console.domain.timeline import timeline


def test_a_link_changes_its_kind_and_goes(wang: Author, ticket: Ticket, now: datetime) -> None:
    linked = ops.apply(ticket, wang.link(ticket, "a", kind="callback"), now)
    linked = ops.apply(linked, wang.link(linked, "b"), now)
    again = ops.apply(linked, wang.link(linked, "a", kind="duplicate"), now)
    assert (again.links, again.link_kinds) == (("a", "b"), {"a": "duplicate"})
    plain = ops.apply(again, wang.link(again, "a"), now)
    assert (plain.links, plain.link_kinds) == (("a", "b"), {})
    gone = ops.apply(again, wang.link(again, "a", gone=True), now)
    assert (gone.links, gone.link_kinds) == (("b",), {})
    assert ops.apply(gone, wang.link(gone, "a", gone=True), now) is gone


def test_a_merged_tickets_promises_are_still_owed(wang: Author, ticket: Ticket, now: datetime) -> None:
    ticket = ops.apply(ticket, wang.promise(ticket, "回电", now + timedelta(hours=1)), now)
    merged = ops.apply(ticket, wang.merge(ticket, "first"), now)
    assert merged.promises[0].state == "open"
    assert ops.apply(merged, wang.settle(merged, merged.promises[0].id, kept=True), now).promises[0].state == "kept"


def test_a_merged_ticket_is_split_off_by_reopening_it(wang: Author, ticket: Ticket, now: datetime) -> None:
    merged = ops.apply(ticket, wang.merge(ticket, "first"), now)
    back = ops.apply(merged, wang.reopen(merged, reason="不是同一件事"), now)
    assert (back.status, back.merged_into, back.link_kinds, back.closed_at) == ("new", "", {"first": "split"}, None)
    assert back.timeline[-1].data["split"] == "first"


@pytest.mark.parametrize("kind", ["merged", "related"])
def test_what_a_ticket_went_into_is_not_untied(kind: str, wang: Author, ticket: Ticket, now: datetime) -> None:
    merged = ops.apply(ticket, wang.merge(ticket, "first"), now)
    op = wang.link(merged, "first", gone=True) if kind == "merged" else wang.link(merged, "first")
    with pytest.raises(errors.Refused) as refused:
        ops.apply(merged, op, now)
    assert refused.value.code == "merged"


def test_two_tickets_do_not_go_into_each_other(wang: Author, ticket: Ticket, now: datetime) -> None:
    first = ops.apply(ticket, wang.link(ticket, "second", kind="merged"), now)
    with pytest.raises(errors.Refused) as refused:
        ops.apply(first, wang.merge(first, "second"), now)
    assert refused.value.code == "merge-loop"


def test_a_merge_by_one_whose_claim_or_status_was_overtaken_goes_to_review(
    wang: Author, li: Author, ticket: Ticket, now: datetime
) -> None:
    for other in (li.assign(ticket, "li"), li.close(ticket, "INFO_GIVEN")):
        with pytest.raises(errors.NeedsReview):
            ops.apply(ops.apply(ticket, other, now), wang.merge(ticket, "first"), now)


@pytest.mark.parametrize(
    ("before", "after"), [("low", "normal"), ("normal", "high"), ("high", "urgent"), ("urgent", "urgent")]
)
def test_who_asks_again_is_one_step_more_urgent_and_counted(
    before: Priority, after: Priority, wang: Author, ticket: Ticket, now: datetime, rules: ops.Rules
) -> None:
    chased = ops.apply(replace(ticket, priority=before), wang.chase(ticket), now, rules)
    assert (chased.priority, chased.chases) == (after, 1)
    assert ops.apply(chased, wang.chase(chased), now, rules).chases == 2


@pytest.mark.parametrize("state", ["new", "pending", "closed"])
def test_who_asks_again_is_in_work_again_and_no_clock_begins_anew(
    state: str, wang: Author, now: datetime, rules: ops.Rules
) -> None:
    ticket = ops.apply(None, wang.new(subject="s", channel="hotline", category="TXN"), now, rules)
    assert ticket.sla.resolve_due is not None
    if state == "pending":
        ticket = ops.apply(ticket, wang.status(ticket, "pending", reason="等银行"), now, rules)
    if state == "closed":
        ticket = ops.apply(ticket, wang.close(ticket, "INFO_GIVEN", override="x"), now, rules)
    chased = ops.apply(ticket, wang.chase(ticket, text="还没有", channel="chat"), now, rules)
    assert (chased.status, chased.closed_at) == ("new", None)
    assert (chased.sla.response_due, chased.sla.resolve_due) == (ticket.sla.response_due, ticket.sla.resolve_due)
    assert (chased.timeline[-1].text, chased.timeline[-1].data) == ("还没有", {"channel": "chat"})


def test_a_chase_does_not_rename_a_link_that_says_more(wang: Author, ticket: Ticket, now: datetime) -> None:
    linked = ops.apply(ticket, wang.link(ticket, "a", kind="callback"), now)
    assert ops.apply(linked, wang.chase(linked, other="a"), now).link_kinds == {"a": "callback"}
    plain = ops.apply(ticket, wang.link(ticket, "a"), now)
    assert ops.apply(plain, wang.chase(plain, other="a"), now).link_kinds == {"a": "chase"}


def test_merged_tickets_are_read_as_one_by_time(wang: Author, li: Author, ticket: Ticket, now: datetime) -> None:
    other = ops.apply(None, li.new(subject="又来电", channel="chat", text="还没到"), now + timedelta(minutes=1))
    other = ops.apply(other, li.note(other, "同一件"), now + timedelta(minutes=3))
    ticket = ops.apply(ticket, wang.note(ticket, "在查"), now + timedelta(minutes=2))
    both = replace(other, timeline=(*other.timeline, ticket.timeline[-1]))
    for second in (other, both):
        read = timeline(ticket, [second])
        assert [(entry.text, entry.data.get("ticket", "")) for entry in read] == [
            ("钱扣了", ""), ("还没到", other.id), ("在查", ""), ("同一件", other.id)
        ]  # fmt: skip
    assert timeline(ticket, []) == ticket.timeline


def test_a_ticket_of_a_newer_server_is_read_with_the_names_it_brings(ticket: Ticket) -> None:
    doc = to_doc(ticket)
    at = doc["created_at"]
    doc |= {
        "links": ["a"],
        "link_kinds": {"a": "echo"},
        "calls": [{"id": "c", "marks": [{"event": "offered", "at": at}, {"event": "whispered", "at": at}]}],
        "promises": [{"id": "p", "text": "回电", "due_at": at, "made_by": "li", "made_at": at, "state": "forgiven"}],
        "timeline": [*doc["timeline"], {"id": "e", "kind": "sung", "at": at}],
    }
    read = from_doc(doc)
    assert (read.link_kinds, read.calls[0].marks[-1].event, read.promises[0].state) == (
        {"a": "echo"},
        "whispered",
        "forgiven",
    )
