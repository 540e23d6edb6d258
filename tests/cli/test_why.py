"""``ticket why``: how a ticket's limits were counted, for people and for machines, by the house's own limits too."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="module")
def agent(desk: Any) -> Any:
    return desk("wang")


@pytest.fixture(scope="module")
def number(agent: Any) -> str:
    made = agent("ticket", "new", "--subject", "[b]闪退", "--channel", "chat", "--category", "TECH", "--json")
    assert made.status == 0, made.err
    return str(made.doc["number"])


def test_people_read_the_rule_the_sum_and_the_due_time(agent: Any, number: str) -> None:
    zh, en = agent("ticket", "why", number), agent("ticket", "why", number, "--lang", "en")
    assert zh.out.startswith(f"为什么：#{number} [b]闪退\n")
    assert "目标（技术支持）：2 个工作日（18h 工作时间）" in zh.out
    assert "Target (Technical support): 2 working days (18h working time)" in en.out
    assert "counted" in en.out


def test_a_machine_reads_seconds_that_add_up_and_whether_the_rules_agree(agent: Any, number: str) -> None:
    found = agent("ticket", "why", number, "--json").doc
    assert [clock["matter"] for clock in found["clocks"]] == ["response", "resolve"]
    for clock in found["clocks"]:
        spent = datetime.fromisoformat(clock["until"]) - datetime.fromisoformat(clock["since"])
        assert abs(sum(part["seconds"] for part in clock["parts"]) - spent.total_seconds()) <= 1
        assert clock["agrees"] is True
    assert found["clocks"][1]["target"] == {"category": "TECH", "priority": "", "channel": ""}
    assert (found["clocks"][1]["limit_s"], found["clocks"][1]["calendar"]) == (18 * 3600, "business")


def test_the_settings_limits_count_and_a_difference_from_the_ticket_is_said(
    agent: Any, number: str, tmp_path: Path
) -> None:
    (tmp_path / "hours.toml").write_text(
        '[calendar.business]\ndays = { mon-sun = ["08:00-20:00"] }\n', encoding="utf-8"
    )
    settings = tmp_path / "settings.toml"
    settings.write_text(
        '[sla]\ncalendar = "hours.toml"\n[[sla.target]]\ncategory = "TECH"\nresolve = "3wd business"\n',
        encoding="utf-8",
    )
    found = agent("ticket", "why", number, OKPAY_CONFIG=str(settings))
    assert found.status == 0, found.err
    assert "目标（技术支持）：3 个工作日（36h 工作时间）" in found.out
    assert "规则可能改过" in found.out


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('[sla]\ncalendar = "none.toml"\n', "none.toml"),
        ('[[sla.target]]\ncategory = "TNX"\nresolve = "1h"\n', "TNX"),
        ('[sla]\ncalender = "x"\n', "calender"),
    ],
)
def test_limits_that_cannot_be_are_named_and_nothing_is_reckoned(
    agent: Any, number: str, tmp_path: Path, text: str, named: str
) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text(text, encoding="utf-8")
    refused = agent("ticket", "why", number, OKPAY_CONFIG=str(settings))
    assert (refused.status, refused.out) != (0, "")
    assert refused.status in (1, 2)
    assert named in refused.err
