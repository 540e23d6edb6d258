"""Points in time as people type them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from okpay_console.cli.moment import parse_due, parse_past
from okpay_console.errors import UsageError

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)  # 14:00 in Shanghai


def due(text: str) -> str:
    return parse_due(text, now=NOW, zone="Asia/Shanghai", say=lambda _, en: en).isoformat()


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("15:00", "2026-11-22T07:00:00+00:00"),
        ("15：00", "2026-11-22T07:00:00+00:00"),
        ("9:30", "2026-11-23T01:30:00+00:00"),
        ("明天 10:00", "2026-11-23T02:00:00+00:00"),
        ("tomorrow 10:00", "2026-11-23T02:00:00+00:00"),
        ("+2h", "2026-11-22T08:00:00+00:00"),
        ("30 分", "2026-11-22T06:30:00+00:00"),
        ("2026-12-01 09:00", "2026-12-01T01:00:00+00:00"),
        ("2026-12-01T09:00:00Z", "2026-12-01T09:00:00+00:00"),
    ],
)
def test_a_time_is_taken_in_the_zone_of_the_settings(typed: str, moment: str) -> None:
    assert due(typed) == moment


@pytest.mark.parametrize("typed", ["", "soon", "25:00", "今天 13:00", "2026-11-21", "+0m"])
def test_what_is_no_time_or_is_past_is_refused(typed: str) -> None:
    with pytest.raises(UsageError):
        due(typed)


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("5m", "2026-11-22T05:55:00+00:00"),
        ("-5m", "2026-11-22T05:55:00+00:00"),
        ("13:30", "2026-11-22T05:30:00+00:00"),
        ("13：30:15", "2026-11-22T05:30:15+00:00"),
        ("2026-11-21 23:00", "2026-11-21T15:00:00+00:00"),
    ],
)
def test_what_has_happened_is_dated_back(typed: str, moment: str) -> None:
    assert parse_past(typed, now=NOW, zone="Asia/Shanghai", say=lambda _, en: en).isoformat() == moment


@pytest.mark.parametrize("typed", ["", "soon", "14:01", "2026-12-01", "+5m"])
def test_what_has_not_happened_yet_is_refused(typed: str) -> None:
    with pytest.raises(UsageError):
        parse_past(typed, now=NOW, zone="Asia/Shanghai", say=lambda _, en: en)
