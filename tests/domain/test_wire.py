"""Operations on the wire: every one comes back the same, newer peers are tolerated, and nonsense is refused by name."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from okpay_console import errors
from okpay_console.domain import ops, wire
from okpay_console.domain.ticket import (
    CALL_EVENTS,
    CHANNELS,
    FIELD_STATES,
    LINK_KINDS,
    PRIORITIES,
    STATUSES,
    Caller,
    from_json,
)

NOW = datetime(2026, 11, 22, 6, 46, tzinfo=UTC)
TEXT = st.text(max_size=20)
MOMENTS = st.datetimes(min_value=datetime(2000, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- the zone is drawn apart
TAGS = st.lists(TEXT, max_size=3).map(tuple)
GUARDS = st.builds(ops.Guard, st.none() | st.integers(0, 9), st.none() | st.sampled_from(STATUSES), st.none() | MOMENTS)
HEADER: dict[str, st.SearchStrategy[Any]] = {
    "uuid": TEXT,
    "ticket": TEXT,
    "by": st.just("wang"),
    "at": MOMENTS,
    "was": st.dictionaries(TEXT, TEXT | st.none(), max_size=2),
    "guard": st.none() | GUARDS,
}
ARGUMENTS: dict[type[ops.Op], dict[str, st.SearchStrategy[Any]]] = {
    ops.NewTicket: {
        "subject": TEXT, "channel": st.sampled_from(CHANNELS), "category": TEXT, "priority": st.sampled_from(PRIORITIES),
        "queue": TEXT, "caller": st.builds(Caller, TEXT, TEXT, TEXT, TEXT), "text": TEXT, "tags": TAGS, "external_id": TEXT,
    },
    ops.AddMessage: {"text": TEXT},
    ops.AddNote: {"text": TEXT},
    ops.AddReply: {"text": TEXT},
    ops.SetField: {"field": TEXT, "value": TEXT, "state": st.sampled_from(FIELD_STATES), "source": TEXT},
    ops.SetCategory: {"category": TEXT},
    ops.SetPriority: {"priority": st.sampled_from(PRIORITIES)},
    ops.SetSubject: {"subject": TEXT},
    ops.ChangeTags: {"add": TAGS, "remove": TAGS},
    ops.Reveal: {"field": TEXT, "reason": TEXT},
    ops.SetQueue: {"queue": TEXT},
    ops.LinkTicket: {"other": TEXT, "kind": st.sampled_from(LINK_KINDS), "gone": st.booleans()},
    ops.MergeTicket: {"into": TEXT},
    ops.Chase: {"text": TEXT, "channel": st.sampled_from(CHANNELS), "other": TEXT},
    ops.HandOver: {"note": TEXT, "to": TEXT, "queue": TEXT},
    ops.Escalate: {"level": TEXT, "note": TEXT},
    ops.RateAnswer: {"answer": TEXT, "helped": st.booleans()},
    ops.MarkCall: {"call": TEXT, "event": st.sampled_from(CALL_EVENTS), "moment": MOMENTS},
    ops.WrapUp: {"disposition": TEXT, "call": TEXT, "summary": TEXT, "override": TEXT},
    ops.Witness: {"what": TEXT, "kind": TEXT, "place": TEXT, "reason": TEXT},
    ops.SetStatus: {"status": st.sampled_from(STATUSES), "reason": TEXT},
    ops.Assign: {"assignee": TEXT},
    ops.Release: {},
    ops.MakePromise: {"text": TEXT, "due_at": MOMENTS},
    ops.SettlePromise: {"promise": TEXT, "kept": st.booleans(), "withdrawn": st.booleans()},
    ops.TickStep: {"answer": TEXT, "step": TEXT, "done": st.booleans()},
    ops.Decide: {"kind": TEXT, "verdict": TEXT, "amount": TEXT, "currency": TEXT},
    ops.Close: {"disposition": TEXT, "summary": TEXT, "override": TEXT},
    ops.Reopen: {"reason": TEXT},
}  # fmt: skip
ANY_OP = st.one_of([st.builds(kind, **HEADER, **arguments) for kind, arguments in ARGUMENTS.items()])


def test_the_generators_know_every_operation_and_every_argument() -> None:
    assert set(ARGUMENTS) == set(ops.Op.__subclasses__())
    for kind, arguments in ARGUMENTS.items():
        assert set(kind.__struct_fields__) == set(HEADER) | set(arguments)


@given(ANY_OP)
def test_every_operation_comes_back_the_same_through_json(op: ops.AnyOp) -> None:
    sent = msgspec.json.encode(wire.Push("client", [wire.to_item(op, mid=1, prev="")]))
    item = msgspec.json.decode(sent, type=wire.Push).items[0]
    assert wire.to_op(item, by="wang") == op


@given(ANY_OP)
def test_the_author_is_never_sent(op: ops.AnyOp) -> None:
    item = wire.to_item(op, mid=1, prev="")
    assert "by" not in item.args
    assert wire.to_op(item, by="somebody else").by == "somebody else"


@pytest.fixture
def item() -> wire.Item:
    return wire.to_item(ops.AddNote(uuid="u", ticket="t", by="wang", at=NOW, text="x"), mid=1, prev="")


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("ticket.note", {"text": "x", "mood": "fine"}),
        ("status.set", {"status": "pending", "until": "tomorrow"}),
        ("ticket.new", {"subject": "x", "channel": "chat", "caller": {"name": "张", "wechat": "z"}}),
    ],
)
def test_what_a_newer_peer_says_in_an_operation_is_not_dropped_but_not_understood(
    item: wire.Item, name: str, args: dict[str, Any]
) -> None:
    with pytest.raises(errors.Refused) as refused:
        wire.to_op(replace(item, name=name, args=args), by="wang")
    assert refused.value.code == "unknown-operation"
    assert "Update" in refused.value.advice


def test_a_newer_peers_extra_members_beside_a_value_are_passed_over(item: wire.Item) -> None:
    reply = {"outcomes": [], "last": {"mid": 1, "uuid": "u", "at": 1}, "now": NOW, "colour": "blue"}
    assert msgspec.convert(reply, wire.PushReply).last == wire.Last(1, "u")
    newer = {**msgspec.to_builtins(item), "colour": "blue"}
    assert msgspec.convert(newer, wire.Item) == item


@pytest.mark.parametrize(
    ("name", "args", "code"),
    [
        ("ticket.explode", {}, "unknown-operation"),
        ("", {}, "unknown-operation"),
        ("ticket.note", {}, "bad-arguments"),
        ("ticket.note", {"text": 7}, "bad-arguments"),
        ("status.set", {"status": "asleep"}, "bad-arguments"),
        ("promise.make", {"text": "x", "due_at": "tomorrow"}, "bad-arguments"),
        ("promise.make", {"text": "x", "due_at": "2026-11-22T10:00:00"}, "bad-arguments"),
    ],
)
def test_what_is_not_an_operation_is_refused_by_a_stable_code(
    item: wire.Item, name: str, args: dict[str, Any], code: str
) -> None:
    with pytest.raises(errors.Refused) as refused:
        wire.to_op(replace(item, name=name, args=args), by="wang")
    assert refused.value.code == code


@pytest.mark.parametrize("forged", ["by", "uuid", "ticket", "name", "guard"])
def test_an_argument_cannot_stand_in_for_the_header(item: wire.Item, forged: str) -> None:
    args = {**item.args, forged: {"claim_no": 9} if forged == "guard" else "ticket.close"}
    assert wire.to_op(replace(item, args=args), by="wang") == wire.to_op(item, by="wang")


def test_a_time_without_a_zone_is_not_taken() -> None:
    with pytest.raises(msgspec.ValidationError):
        from_json(
            b'{"id":"a","subject":"s","channel":"chat","created_at":"2026-11-22T10:00:00","updated_at":"2026-11-22T10:00:00"}'
        )


def test_the_longest_text_in_its_worst_spelling_still_fits_one_push() -> None:
    op = ops.AddNote(uuid="u" * 36, ticket="t" * 36, by="wang", at=NOW, text="\x01" * ops.MAX_TEXT)
    assert len(msgspec.json.encode(wire.Push("c" * 32, [wire.to_item(op, mid=1, prev="p" * 36)]))) < wire.PUSH_BYTES
