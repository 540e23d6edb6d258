"""The yearly complaints: which ticket is one, in whose year, and how fast it was handled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from okpay_console.domain.disclosure import Complaint, complaint, disclose, past_due
from okpay_console.domain.moments import SHANGHAI

NOW = datetime(2027, 1, 20, tzinfo=UTC)
CAME = "2026-03-05T02:00:00Z"
FEEDBACK = {"feedback_type": {"value": "complaint", "state": "filled"}}
REGULATORY = {"kind": "wrapup", "data": {"disposition": "COMPLAINT_REGULATORY"}}


def doc(**values: Any) -> dict[str, Any]:
    return {"id": "t", "category": "TXN", "channel": "hotline", "created_at": CAME, **values}


@pytest.mark.parametrize(
    ("values", "source"),
    [
        ({"category": "FEEDBACK", "answers": FEEDBACK}, "feedback"),
        ({"category": "FEEDBACK", "answers": {"feedback_type": {"value": "praise"}}}, None),
        ({"answers": FEEDBACK}, None),  # the matter became another one
        ({"disposition": "COMPLAINT_REGULATORY"}, "regulatory"),
        ({"calls": [{"id": "c", "code": "COMPLAINT_REGULATORY"}]}, "regulatory"),
        ({"timeline": [REGULATORY], "tags": ["投诉"]}, "regulatory"),
        ({"tags": ["Complaint"]}, "tag"),
        ({"disposition": "DISPUTE_OPENED", "tags": ["vip"]}, None),
        ({"tags": ["投诉"], "merged_into": "other"}, None),
    ],
)
def test_which_tickets_are_complaints(values: dict[str, Any], source: str | None) -> None:
    found = complaint(doc(**values))
    assert (found and found.source) == source


def one(came: datetime, days: float | None = None, **values: Any) -> Complaint:
    closed = None if days is None else came + timedelta(days=days)
    return Complaint(
        **{"ticket": "t", "number": 1, "type": "TXN", "channel": "chat", "source": "tag", "in_time": None, **values},
        came=came, closed=closed,
    )  # fmt: skip


def test_counts_shares_and_days_of_a_year_by_the_house_clock() -> None:
    spring = datetime(2026, 4, 1, tzinfo=UTC)
    eve = datetime(2025, 12, 31, 16, tzinfo=UTC)  # midnight of the first of January in Shanghai
    told = [
        one(eve, 1, in_time=True),
        one(spring, 3, in_time=False, type="LOGIN"),
        one(spring, 20, type="LOGIN"),
        one(spring),
        one(eve - timedelta(hours=1), 1),
        one(datetime(2026, 12, 31, 16, 30, tzinfo=UTC)),
    ]
    found = disclose(told, 2026, now=NOW, tz=SHANGHAI, since=eve + timedelta(hours=1))
    assert (found.count, found.handled, found.share, found.within_few) == (4, 3, 0.75, 2)
    assert (found.judged, found.in_time) == (2, 1)
    assert (found.mean_days, found.median_days, found.max_days) == (8.0, 3.0, 20.0)
    assert {name: (kind.count, kind.handled) for name, kind in found.types.items()} == {"LOGIN": (2, 2), "TXN": (2, 1)}
    assert (found.months["2026-01"], found.months["2026-04"], sum(found.months.values())) == (1, 3, 4)
    assert found.published_by.isoformat() == "2027-01-31"
    assert found.gap and not disclose(told, 2026, now=NOW, tz=SHANGHAI, since=eve).gap


def test_the_day_of_publication_is_over_when_february_begins_here() -> None:
    found = disclose([], 2026, now=NOW, tz=SHANGHAI)
    assert found.share is None and found.over
    last = datetime(2027, 1, 31, 15, 59, tzinfo=UTC)
    assert not past_due(found, last, SHANGHAI)
    assert past_due(found, last + timedelta(minutes=1), SHANGHAI)
