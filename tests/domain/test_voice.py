"""The voice of the customer: masked words, honest shares, searches that say the same together, and growth that is no chance."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from okpay_console.domain import voice
from okpay_console.domain.daybook import Line
from okpay_console.domain.queue import Row

NOW = datetime(2026, 11, 22, 6, 46, tzinfo=UTC)


def missed(words: str, count: int, *, hours: float = 1, what: str = "TXN") -> list[Line]:
    at = NOW - timedelta(hours=hours)
    return [Line(uuid=f"{words}{n}", kind="missed", at=at, by="wang", words=words, what=what) for n in range(count)]


def feedback(**values: str) -> dict[str, Any]:
    return {"answers": {name: {"value": value, "state": "filled"} for name, value in values.items()}}


def row(name: str = "t", *, days: float = 1, category: str = "FEEDBACK", **more: Any) -> Row:
    at = NOW - timedelta(days=days)
    return Row(id=name, number=7, subject="s", channel="chat", category=category, created_at=at, updated_at=at, **more)


def heard(**given: Any) -> voice.Voice:
    parts = {"rows": {}, "feedback": (), "lines": (), "ratings": {}, "titles": {}, **given}
    return voice.listen(*parts.values(), now=NOW, days=7)


def test_feedback_is_masked_and_secrets_are_taken_out() -> None:
    doc = feedback(
        feedback_type="complaint", nps="3", feedback_text="打 13800138000，卡号 4111 1111 1111 1111，验证码 123456"
    )
    said = voice.said_of(doc, row())
    assert said is not None and (said.type, said.score, said.area) == ("complaint", 3, "")
    assert "138****8000" in said.text
    assert "4111" not in said.text and "123456" not in said.text


@pytest.mark.parametrize("score", ["", "11", "-1", "十", "９", "9.5"])
def test_what_is_no_score_is_no_score(score: str) -> None:
    said = voice.said_of(feedback(nps=score), row())
    assert said is not None and said.score is None


def test_mean_distribution_and_net_score() -> None:
    said = [voice.said_of(feedback(nps=score), row(score)) for score in ("10", "9", "8", "6", "0")]
    found = heard(feedback=[*said, voice.said_of(feedback(nps="0"), row("old", days=9))])
    assert found.mean == 6.6
    assert found.net == 0.0
    assert found.scores == (1, 0, 0, 0, 0, 0, 1, 0, 1, 1, 1)
    assert heard().mean is None and heard().net is None


def test_searches_that_say_the_same_stand_together_with_the_commonest_wording_first() -> None:
    lines = [
        *missed("怎么导出账单", 3),
        *missed("账单导出怎么弄", 2, hours=30, what="ACC"),
        *missed("换手机号收不到短信", 4),
    ]
    found = heard(
        lines=[*lines, *lines, *missed("导出账单", 1, hours=999)]
    ).missed  # told twice is once, and last week is not now
    assert [(one.words, one.count, one.category) for one in found] == [
        (("怎么导出账单", "账单导出怎么弄"), 5, "TXN"),
        (("换手机号收不到短信",), 4, "TXN"),
    ]
    assert found[0].last == NOW - timedelta(hours=1)


def test_few_votes_say_so_and_stand_last() -> None:
    found = voice.failed({"a": (1, 2), "b": (12, 9), "c": (9, 0)}, {"b": "找回密码"})
    assert [(one.title, one.failed, one.share, one.few) for one in found] == [
        ("找回密码", 9, 9 / 21, False),
        ("a", 2, 2 / 3, True),
    ]


def growth(now: int, before: int, *, known: int = 5) -> list[tuple[str, int, float]]:
    rows = [row(f"n{n}", category="TXN") for n in range(now)]
    rows += [row(f"b{week}-{n}", days=7 * week + 3, category="TXN") for week in range(1, known) for n in range(before)]
    rows.append(row("first", days=7 * known, category="LOGIN"))
    return [(one.category, one.now, one.before) for one in voice.growing(rows, now=NOW, days=7)]


def test_only_what_is_more_than_chance_grows() -> None:
    assert growth(30, 10) == [("TXN", 30, 10.0)]
    assert growth(16, 10) == []
    assert growth(2, 0) == []
    assert growth(3, 0) == [("TXN", 3, 0.0)]


def test_without_a_whole_week_before_nothing_is_said_to_grow() -> None:
    assert growth(50, 0, known=1) == []


def test_an_answer_to_be_written_has_an_id_that_can_be_typed() -> None:
    assert voice.draft_id("怎么导出账单") == "zmdczd"
    assert voice.draft_id("Dark mode?") == "dark-mode"
    assert voice.draft_id("'; rm -rf /") == "rm-rf"
    assert voice.draft_id("？！") == "answer"
