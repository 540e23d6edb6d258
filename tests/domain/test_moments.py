"""Moments as callers name them, by the clock of Shanghai."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from okpay_console.domain import moments

NOW = datetime(2026, 11, 22, 17, 30, tzinfo=UTC)  # already 01:30 on the 23rd in Shanghai


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("今天", "2026-11-23"),
        ("昨天 9:05", "2026-11-22 09:05+08:00"),
        ("昨晚8点半", "2026-11-22 20:30+08:00"),
        ("前天下午三点", "2026-11-21 15:00+08:00"),
        ("大前天", "2026-11-20"),
        ("刚才", "2026-11-23 01:30+08:00"),
        ("11月22日 14:30", "2026-11-22 14:30+08:00"),
        ("11-23", "2026-11-23"),
        ("11-24", "2025-11-24"),
        ("2-29", "2024-02-29"),
        ("20261122", "2026-11-22"),
        ("2026/11/22 14:30:05", "2026-11-22 14:30:05+08:00"),
        ("2026-11-22T14:30:05+08:00", "2026-11-22 14:30:05+08:00"),
        ("yesterday 2:30pm", "2026-11-22 14:30+08:00"),
        ("中午12点", "2026-11-23 12:00+08:00"),
        ("凌晨0点10分", "2026-11-23 00:10+08:00"),
        ("14:30", "2026-11-23 14:30+08:00"),
        ("昨天下午两点一刻", "2026-11-22 14:15+08:00"),
        ("三点二十", "2026-11-23 03:20+08:00"),
        ("十一月五号晚上八点半", "2026-11-05 20:30+08:00"),
        ("今早8点钟", "2026-11-23 08:00+08:00"),
        ("昨晚", "2026-11-22"),
        ("周五", "2026-11-20"),
        ("周一", "2026-11-23"),
        ("上周一 9:00", "2026-11-16 09:00+08:00"),
        ("这周一", "2026-11-23"),
        ("星期天", "2026-11-22"),
        ("3天前", "2026-11-20"),
        ("两小时前", "2026-11-22 23:30+08:00"),
        ("十分钟前", "2026-11-23 01:20+08:00"),
        ("2 hours ago", "2026-11-22 23:30+08:00"),
    ],
)
def test_a_named_moment_is_read(text: str, read: str) -> None:
    moment = moments.read(text, now=NOW)
    assert moment is not None
    assert moment.text() == read


@pytest.mark.parametrize(
    "text", ["", "13-1", "2-30", "2026-02-29", "24:30", "12:60", "3-5 14:30 15:00", "明年", "1430"]
)
def test_what_is_no_moment_is_not_guessed(text: str) -> None:
    assert moments.read(text, now=NOW) is None


def test_what_was_read_reads_the_same_again() -> None:
    for text in ("昨天", "3-5 14:30", "2026/11/22 14:30:05"):
        once = moments.read(text, now=NOW)
        assert once is not None
        assert moments.read(once.text(), now=NOW) == once


def test_a_span_lies_on_one_day_and_ends_after_it_begins() -> None:
    span = moments.read_span("明天 10:00 到 12:00", now=NOW)
    assert span is not None
    assert [end.text() for end in span] == ["2026-11-24 10:00+08:00", "2026-11-24 12:00+08:00"]
    assert moments.read_span("明天 12:00-10:00", now=NOW) is None
