"""Limits and promises kept: what is met, missed or late, and what is not judged at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from okpay_console.domain.attainment import Attainment, Part, judged, promises
from okpay_console.domain.queue import Due, Row
from okpay_console.domain.ticket import Sla

NOW = datetime(2026, 11, 22, 6, 46, tzinfo=UTC)
DUE = NOW + timedelta(hours=1)


def row(**values: Any) -> Row:
    return Row(**{"id": "1", "subject": "s", "channel": "email", "created_at": NOW, "updated_at": NOW, **values})


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ({"sla": Sla(response_due=DUE, responded_at=DUE)}, "met"),
        ({"sla": Sla(response_due=DUE, responded_at=DUE + timedelta(seconds=1))}, "missed"),
        ({"sla": Sla(response_due=DUE)}, "running"),
        ({"sla": Sla(response_due=DUE), "status": "pending"}, "running"),
        ({"sla": Sla(response_due=DUE), "status": "closed"}, "none"),
        ({"sla": Sla(response_due=DUE), "channel": "hotline", "assignee": "li"}, "none"),
        ({}, "none"),
    ],
)
def test_the_first_answer_is_judged_by_when_it_came(values: dict[str, Any], verdict: str) -> None:
    assert judged(row(**values), "response")[0] == verdict


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ({"status": "closed", "sla": Sla(resolve_due=DUE, resolved_at=DUE)}, "met"),
        ({"status": "closed", "sla": Sla(resolve_due=DUE), "closed_at": DUE + timedelta(seconds=1)}, "missed"),
        ({"sla": Sla(resolve_due=DUE, resolved_at=DUE)}, "running"),
        ({"sla": Sla(resolve_due=DUE), "status": "pending"}, "none"),
    ],
)
def test_the_solution_is_judged_by_the_close_and_stands_while_the_house_waits(
    values: dict[str, Any], verdict: str
) -> None:
    assert judged(row(**values), "resolve")[0] == verdict


def test_open_and_late_counts_like_missed() -> None:
    assert Attainment(met=3, missed=1, late=2).share == 0.5
    assert Attainment(met=0, missed=0, late=0).share is None
    assert (Part(1, 4).share, Part(0, 0).share) == (0.25, None)


def test_a_promise_kept_too_late_was_not_kept_and_one_taken_back_is_none() -> None:
    made = row(
        promises=(
            Due("1", DUE, state="kept", settled_at=DUE),
            Due("2", DUE, state="kept", settled_at=DUE + timedelta(seconds=1)),
            Due("3", DUE, state="kept"),
            Due("4", DUE, state="broken"),
            Due("5", DUE),
            Due("6", DUE, state="withdrawn"),
        )
    )
    assert [kept for kept, _ in promises(made)] == [True, False, True, False, False]
