"""One change for many tickets: each that can change does, each that stays says why, and the server judges alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count, product

import pytest
from msgspec.structs import replace

from okpay_console import errors
from okpay_console.domain import bulk, ops
from okpay_console.domain.author import Author
from okpay_console.domain.ticket import Ticket
from okpay_console.server.policy import Who, check_op

NOW = datetime(2026, 11, 22, 6, 46, tzinfo=UTC)
_numbers = count(1)
ME = Author("zhu", lambda: f"00000000-0000-7000-9000-{next(_numbers):012d}", lambda: NOW)


def ticket(**values: object) -> Ticket:
    made = Ticket(id="t", number=1, rev=1, subject="s", channel="chat", created_at=NOW, updated_at=NOW)
    return replace(made, **values)


HELD = {"assignee": "li", "status": "open", "claim_no": 1, "lease_until": NOW + timedelta(minutes=5)}
CHANGES = [bulk.Change("assign", "wang"), bulk.Change("priority", "urgent"), bulk.Change("queue", "risk")]


def why(found: bulk.Doing | bulk.Stays) -> str:
    return found.why if isinstance(found, bulk.Stays) else ""


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        (ticket(), ("", "", "")),
        (None, ("no-ticket", "no-ticket", "no-ticket")),
        (ticket(status="closed"), ("closed", "closed", "closed")),
        (ticket(**HELD), ("held", "", "held")),
        (ticket(**{**HELD, "lease_until": NOW - timedelta(seconds=1)}), ("", "", "")),
        (ticket(**{**HELD, "assignee": "zhu"}), ("", "", "")),
        (ticket(assignee="li", status="open"), ("", "", "")),
        (ticket(assignee="wang", priority="urgent", queue="risk"), ("same", "same", "same")),
    ],
)
def test_a_supervisor_changes_what_is_not_closed_nor_under_a_living_claim(
    seen: Ticket | None, told: tuple[str, ...]
) -> None:
    assert tuple(why(bulk.one("t", seen, change, author=ME, role="supervisor")) for change in CHANGES) == told


def test_an_agent_is_told_which_lever_is_not_his_before_a_value_is_asked_for() -> None:
    assert [bulk.barred("agent", lever) for lever in bulk.LEVERS] == [True, False, False]
    assert [bulk.barred("integration", lever) for lever in bulk.LEVERS] == [True, True, True]
    assert not any(bulk.barred("", lever) for lever in bulk.LEVERS)
    assert why(bulk.one("t", ticket(), CHANGES[0], author=ME, role="agent")) == "role"


STANDING = [
    ticket(), ticket(**HELD), ticket(**{**HELD, "lease_until": None}), ticket(**{**HELD, "assignee": "zhu"}),
    ticket(**{**HELD, "lease_until": NOW - timedelta(seconds=1)}), ticket(status="closed", assignee="li"),
    ticket(status="pending", assignee="li"),
]  # fmt: skip


@pytest.mark.parametrize("role", ["agent", "supervisor", "admin"])
def test_what_is_planned_the_servers_policy_and_the_house_allow(role: str) -> None:
    who = Who("zhu", role, frozenset())
    for seen, change in product(STANDING, CHANGES):
        found = bulk.one("t", seen, change, author=ME, role=role)
        if isinstance(found, bulk.Doing):
            check_op(who, seen, found.op, NOW)
            assert ops.apply(seen, found.op, NOW) is not seen
        elif found.why == "held" and role == "agent":
            op = ME.queue(seen, change.value)
            with pytest.raises(errors.Refused):
                check_op(who, seen, op, NOW)


def test_a_name_that_no_queue_can_have_is_a_reason_and_not_a_crash() -> None:
    assert why(bulk.one("t", ticket(), bulk.Change("queue", "a\x00b"), author=ME, role="admin")) == "bad-queue"


def test_a_plan_names_each_ticket_once_and_counts_its_reasons() -> None:
    change = CHANGES[1]
    seen = {
        "a": ticket(id="a"),
        "b": ticket(id="b", status="closed"),
        "c": ticket(id="c", priority="urgent"),
        "d": None,
    }
    names = ["a", "a", "b", "c", "d", "d"]
    made = bulk.plan(change, (bulk.one(name, seen[name], change, author=ME, role="supervisor") for name in names))
    assert [op.ticket for op in made.operations] == ["a"]
    assert made.reasons == {"closed": 1, "same": 1, "no-ticket": 1}
