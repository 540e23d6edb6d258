"""The explanation in words: what is shown adds up, in both languages, and nothing of it is markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from okpay_console.content import interface, why
from okpay_console.content.limits import load_policy
from okpay_console.domain import sla
from okpay_console.domain.ticket import Pause, Ticket

POLICY = load_policy()
BEGIN = datetime(2026, 9, 30, 8, 0, tzinfo=UTC)  # 16:00 in Shanghai, on the eve of the golden week


def case(category: str = "TXN", **clock: object) -> Ticket:
    started = sla.start(category, "normal", "chat", BEGIN, POLICY)
    return Ticket(
        id="a", subject="s", channel="chat", category=category, created_at=BEGIN, updated_at=BEGIN,
        sla=replace(started, **clock),
    )  # fmt: skip


def said(ticket: Ticket, now: datetime) -> list[str]:
    zone = POLICY.calendar("business").tz
    return [
        one.text for one in why.lines(sla.explain(ticket, now, POLICY), local=lambda moment: moment.astimezone(zone))
    ]


@pytest.fixture(autouse=True)
def _chinese_again() -> Iterator[None]:
    yield
    interface.use("zh")


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        (
            "zh",
            ["解决：还有 15h 工作时间", "目标（交易错误）：3 个工作日（27h 工作时间）", "应于 10-10 周六 16:00",
             "自 09-30 周三 16:00 至今，共 210h：", "计入 12h", "扣除 节假日（国庆节）96h", "扣除 节假日（调休）48h",
             "扣除 非工作时间 54h"],
        ),
        (
            "en",
            ["Solution: 15h working time left", "Target (Transaction error): 3 working days (27h working time)",
             "Due 10-10 Sat 16:00", "From 09-30 Wed 16:00 until now, 210h in all:", "counted 12h",
             "not counted: holiday (National Day) 96h", "not counted: holiday (exchanged day off) 48h",
             "not counted: outside hours 54h"],
        ),
    ],
)  # fmt: skip
def test_it_says_what_was_counted_what_was_not_and_by_which_rule(lang: str, words: list[str]) -> None:
    interface.use(lang)
    found = said(case(responded_at=BEGIN), datetime(2026, 10, 9, 2, 0, tzinfo=UTC))
    assert found[-len(words) :] == words


@pytest.mark.parametrize(
    ("reason", "word"), [("customer", "待客户"), ("partner", "待合作方"), ("[b]等回函", "[b]等回函")]
)
def test_a_pause_is_said_with_its_reason_and_somebodys_own_words_stay_as_they_are(reason: str, word: str) -> None:
    paused = case(pauses=(Pause(BEGIN + timedelta(hours=1), reason),))
    found = said(paused, BEGIN + timedelta(hours=2))
    assert f"解决：暂停中（{word}），还有 26h 工作时间" in found
    assert f"扣除 {word} 1h" in found


@pytest.mark.parametrize(
    ("clock", "after", "words"),
    [
        ({"responded_at": BEGIN + timedelta(seconds=20)}, 60, "首次响应：按时完成，余 40s"),
        ({"responded_at": BEGIN + timedelta(seconds=90)}, 99, "首次响应：超时完成，超出 30s"),
        ({}, 30, "首次响应：还有 30s"),
        ({}, 3720, "首次响应：已超时 1h1m"),
    ],
)
def test_a_clock_says_how_it_stands(clock: dict[str, object], after: int, words: str) -> None:
    assert said(case(**clock), BEGIN + timedelta(seconds=after))[0] == words


def test_it_says_that_exchanged_days_are_not_announced_yet() -> None:
    assert "2027 年的调休尚未公布，按法定节假日计。" in said(case(), datetime(2027, 1, 4, tzinfo=UTC))
    assert not any("尚未公布" in text for text in said(case(), BEGIN + timedelta(days=30)))


def test_it_says_where_the_rules_here_are_not_those_that_the_ticket_was_given() -> None:
    other = case(resolve_due=BEGIN + timedelta(hours=1))
    assert any("按本机现在的规则应于 10-10 周六 16:00" in text for text in said(other, BEGIN))
    unruled = sla.explain(other, BEGIN, sla.Policy())
    assert "本机的规则里没有这一项目标。" in [one.text for one in why.lines(unruled, local=lambda moment: moment)]


def test_a_ticket_without_limits_says_so() -> None:
    assert said(case(response_due=None, resolve_due=None), BEGIN) == ["这张工单没有时限。"]


@given(st.lists(st.integers(0, 10**7), max_size=8), st.sampled_from((1, 60)))
def test_rounded_parts_add_up_to_the_rounded_total(seconds: list[int], unit: int) -> None:
    shown = why.whole(seconds, unit)
    assert sum(shown) == round(sum(seconds) / unit) * unit
    assert all(abs(one - true) < 2 * unit for one, true in zip(shown, seconds, strict=True))


@given(st.integers(0, 10**8), st.booleans())
def test_a_length_of_time_says_every_second_of_it(seconds: int, days: bool) -> None:
    sizes = {"d": 86400, "h": 3600, "m": 60, "s": 1}
    words = why.span(seconds, days=days)
    assert sum(int(count) * sizes[unit] for count, unit in re.findall(r"(\d+)([dhms])", words)) == seconds
    assert days or "d" not in words
