"""A line of conditions says in either language which rows it means, and where it cannot be understood."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okpay_console.domain.queue import Row
from okpay_console.domain.ticket import Caller, Sla
from okpay_console.domain.views import FIELDS, VALUES, Condition, Where, holds, is_filter, meets, parse, written
from okpay_console.errors import FilterError

NOW = datetime(2026, 11, 22, 6, 46, tzinfo=UTC)
CATEGORIES = {"txn": "TXN", "交易错误": "TXN", "refund": "REFUND", "退款": "REFUND"}


def row(**changes: Any) -> Row:
    made: dict[str, Any] = {
        "id": "t1", "number": 20377, "subject": "重复扣款两次", "channel": "chat", "category": "TXN", "priority": "high",
        "queue": "VIP 组", "assignee": "小王", "status": "open", "tags": ("加急",), "caller": Caller("张三", "+8613800138000"),
        "sla": Sla(resolve_due=NOW - timedelta(minutes=3), responded_at=NOW), "created_at": NOW, "updated_at": NOW,
    }  # fmt: skip
    return Row(**{**made, **changes})


def met(line: str, item: Row | None = None, *, me: str = "小王", now: datetime = NOW) -> bool:
    return meets(parse(line, categories=CATEGORIES), item or row(), me=me, now=now)


@pytest.mark.parametrize(
    "line",
    [
        '分类=TXN 渠道=在线 超时 "重复扣款"', 'category=txn channel=chat overdue "重复扣款"', "分类=交易错误,退款",
        "分类＝ＴＸＮ".replace("ＴＸＮ", "TXN"), "优先级=高 负责人=我", "assignee=me priority=urgent,high", "负责人=小王",
        '队列="vip 组"', "标签=加急", "重复 扣款", "20377 张三", "8000", "-待认领", "渠道!=电话",
        "渠道！＝电话", "status=open", "我的",
        "view=mine,closed", "-全新", "“重复扣款”", "「两次」", "负责人!=无", "-分类=退款", "视图=全部", "渠道=电话、在线",
    ],
)  # fmt: skip
def test_a_row_meets_a_line_in_either_language_and_width(line: str) -> None:
    assert met(line)


@pytest.mark.parametrize(
    "line",
    [
        "分类=退款", "分类!=TXN", "渠道=电话", "负责人=无", "负责人=小李", "优先级=低", "-超时", "待认领",
        "等客户", "已结", "标签=别的",
        '"重复 扣款"', "队列=general", "-重复", "view!=mine", "分类=无", "status=closed",
    ],
)  # fmt: skip
def test_a_row_that_misses_one_condition_is_not_meant(line: str) -> None:
    assert not met(line)
    assert not met(f"渠道=在线 {line}")


def test_overdue_is_asked_of_the_time_and_of_nothing_else() -> None:
    early = NOW - timedelta(hours=1)
    assert met("超时") and not met("超时", now=early)
    assert met("-超时", now=early) and not met("-超时")
    assert not met("超时", row(status="pending"))


def test_closed_tickets_are_left_out_unless_a_view_or_a_status_is_named() -> None:
    closed = row(status="closed")
    assert not met("分类=TXN", closed)
    assert met("分类=TXN 视图=全部", closed) and met("分类=TXN 已结", closed) and met("状态=已结 分类=TXN", closed)
    where = parse("分类=TXN", categories=CATEGORIES)
    assert holds(where, me="", closed=True)(closed)


def test_mine_is_whoevers_console_it_is() -> None:
    assert met("我的", me="小王") and not met("我的", me="小李")
    assert met("负责人=我,无", me="小王") and met("负责人=我,无", row(assignee=None), me="小李")


@pytest.mark.parametrize(
    ("line", "code", "at", "word"),
    [
        ("超时 分娄=TXN", "filter-field", 4, "分娄"),
        ("渠道=fax", "filter-value", 1, "渠道=fax"),
        ("渠道=在线,传真", "filter-value", 1, "渠道=传真"),
        ("我的 分类=不知道", "filter-value", 4, "分类=不知道"),
        ("渠道=", "filter-value-missing", 1, "渠道"),
        ("渠道=在线,", "filter-value-missing", 1, "渠道"),
        ("视图=超时,我的", "filter-mixed", 1, "视图=超时,我的"),
        ("超时 -超时", "filter-mixed", 4, "超时"),
        ('分类=TXN "重复', "filter-quote", 8, ""),
        ('""', "filter-quote", 1, ""),
        ("   ", "filter-empty", 0, ""),
        ("x" * 301, "filter-long", 300, ""),
    ],
)
def test_what_cannot_be_understood_is_named_with_its_place(line: str, code: str, at: int, word: str) -> None:
    with pytest.raises(FilterError) as refused:
        parse(line, categories=CATEGORIES)
    assert (refused.value.code, refused.value.at, refused.value.word) == (code, at, word)


def test_what_is_known_is_told_in_the_readers_language() -> None:
    with pytest.raises(FilterError) as zh:
        parse("渠道=fax", categories={})
    with pytest.raises(FilterError) as en:
        parse("channel=fax", categories={}, lang="en")
    assert zh.value.known == ("电话", "在线", "邮件", "社交")
    assert en.value.known == ("hotline", "chat", "email", "social")


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("分类=TXN", True), ("分类＝TXN", True), ("重复扣款 渠道=", True), ('"重复 渠道=', True), ("超时", False), ("", False),
        ("138 8000", False), ('"a=b"', False), ("300.00 closed", False), ("=", False),
    ],
)  # fmt: skip
def test_only_a_sign_between_a_word_and_its_value_makes_a_filter_of_a_search(text: str, condition: bool) -> None:
    assert is_filter(text) is condition


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1, max_size=8)
FIXED = st.sampled_from(["status", "channel", "priority", "view"]).flatmap(
    lambda field: st.tuples(
        st.just(field), st.lists(st.sampled_from([v for v in VALUES[field] if v != "overdue"]), min_size=1, unique=True)
    )
)
FREE = st.tuples(
    st.sampled_from(["queue", "tag", "word"]),
    st.lists(WORDS.map(str.casefold).filter(lambda word: len(word) < 20), min_size=1, max_size=1),
)
CONDITIONS = st.builds(
    lambda pair, no: Condition(pair[0], tuple(pair[1]), no),
    st.one_of(FIXED, FREE, st.just(("category", ["TXN", ""])), st.just(("assignee", ["me", "none", "小 李"]))),
    st.booleans(),
)


@given(
    where=st.builds(
        Where, st.lists(CONDITIONS, min_size=1, max_size=4).map(tuple), st.sampled_from([None, True, False])
    ),
    lang=st.sampled_from(["zh", "en"]),
)
def test_what_is_written_out_is_read_back_as_the_same(where: Where, lang: Any) -> None:
    assert parse(written(where, lang), categories=CATEGORIES) == where


@given(st.text(max_size=60))
def test_any_line_is_either_understood_or_refused_with_a_place_in_it(line: str) -> None:
    try:
        parse(line, categories=CATEGORIES)
    except FilterError as refused:
        assert 0 <= refused.at <= len(line)
    is_filter(line)


def test_every_name_of_a_field_means_one_field() -> None:
    names = [name for code, others in FIELDS.items() for name in (code, *others)]
    assert len(set(names)) == len(names)
    for values in VALUES.values():
        known = [name for code, others in values.items() for name in (code, *others)]
        assert len(set(known)) == len(known)
