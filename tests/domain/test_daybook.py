"""Who may tell and who sees each line of the daybook, and which lines cannot stand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from okpay_console import errors
from okpay_console.domain.daybook import WORDS, Line, check, is_for_agents, may_tell, screened, sees

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
QUEUES = {
    "wang": frozenset({"general"}),
    "li": frozenset({"vip"}),
    "zhao": frozenset(),
    "boss": frozenset({"general"}),
    "chief": frozenset(),
}


def line(kind: str, by: str = "wang", **more: object) -> Line:
    return Line(uuid="u1", kind=kind, at=NOW, by=by, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "agent", "supervisor", "admin", "integration"),
    [
        ("state", True, True, True, False),
        ("read", True, True, True, False),
        ("abuse", True, True, True, False),
        ("missed", True, True, True, False),
        ("notice", False, True, True, False),
        ("alarm", False, False, False, False),
        ("of-a-newer-console", True, True, True, False),
    ],
)
def test_each_role_tells_the_kinds_that_are_its_own(
    kind: str, *, agent: bool, supervisor: bool, admin: bool, integration: bool
) -> None:
    told = [may_tell(role, line(kind, queue="general")) for role in ("agent", "supervisor", "admin", "integration")]
    assert told == [agent, supervisor, admin, integration]
    assert not may_tell("", line(kind))


@pytest.mark.parametrize(
    ("mine", "to", "may"),
    [
        ({"general"}, {"queue": "general"}, True),
        ({"general"}, {"queue": "vip"}, False),
        ({"general"}, {"queue": "*"}, False),
        (set(), {"queue": "vip"}, True),
        (set(), {"queue": "*"}, True),
        ({"general"}, {"about": "wang"}, True),
        ({"general"}, {"about": "li"}, False),
        ({"general"}, {"about": "zhao"}, True),
        ({"general"}, {"about": "nobody"}, False),
        (set(), {"about": "li"}, True),
        (set(), {"about": "nobody"}, False),
    ],
)
def test_a_supervisor_writes_to_people_and_queues_of_his_own(mine: set[str], to: dict[str, str], may: bool) -> None:
    assert may_tell("supervisor", line("notice", "boss", **to), queues=mine, queues_of=QUEUES.get) is may


WANG, LI, BOSS, CHIEF = "wang", "li", "boss", "chief"
"""An agent of general, one of vip, a supervisor of general, and one of every queue."""
ROLE = {WANG: "agent", LI: "agent", BOSS: "supervisor", CHIEF: "supervisor", "hotline": "integration"}


@pytest.mark.parametrize(
    ("told", "seen_by"),
    [
        (line("state", WANG), {WANG, BOSS, CHIEF}),
        (line("state", LI), {LI, CHIEF}),
        (line("state", "zhao"), {BOSS, CHIEF}),
        (line("state", "gone"), {CHIEF}),
        (line("abuse", WANG, ticket="t"), {WANG, BOSS, CHIEF}),
        (line("missed", LI, words="x"), {LI, CHIEF}),
        (line("read", WANG, what="u0"), {WANG, BOSS, CHIEF}),
        (line("of-a-newer-console", LI), {LI, CHIEF}),
        (line("notice", CHIEF, about=WANG), {WANG, BOSS, CHIEF}),
        (line("notice", CHIEF, about=LI), {LI, CHIEF}),
        (line("notice", BOSS, queue="general"), {WANG, BOSS, CHIEF}),
        (line("notice", CHIEF, queue="vip"), {LI, CHIEF}),
        (line("notice", CHIEF, queue="*"), {WANG, LI, BOSS, CHIEF}),
        (line("alarm", "", queue="general", about="*"), {WANG, BOSS, CHIEF}),
        (line("alarm", "", queue="general"), {BOSS, CHIEF}),
        (line("alarm", "", queue="vip", about="*"), {LI, CHIEF}),
        (line("alarm", "", queue="*", about="*"), {WANG, LI, BOSS, CHIEF}),
        (line("alarm", ""), {BOSS, CHIEF}),
    ],
)
def test_everybody_sees_what_concerns_him_and_nobody_more(told: Line, seen_by: set[str]) -> None:
    found = {user for user, role in ROLE.items() if sees(user, role, QUEUES.get(user, frozenset()), told, QUEUES.get)}
    assert found == seen_by


@pytest.mark.parametrize(
    ("spoilt", "code"),
    [
        (line("state", what="asleep"), "bad-arguments"),
        (line("notice", words="hello"), "bad-arguments"),
        (line("notice", words="hello", about="wang", queue="vip"), "bad-arguments"),
        (line("notice", words=" \n", about="wang"), "empty-text"),
        (line("notice", words="x" * (WORDS + 1), about="wang"), "too-long"),
        (line("notice", words="a\0b", about="wang"), "nul"),
        (line("notice", words="卡号 4111 1111 1111 1111", about="wang"), "secret"),
        (line("missed", words="我的密码是 abc12345"), "secret"),
        (line("state", what="break", reason="a sentence, not a code"), "bad-arguments"),
        (line("abuse", ticket="t", what="4111111111111111"), "secret"),
        (line("abuse", ticket="t"), "bad-arguments"),
        (line("read"), "bad-arguments"),
        (line("notice", words="x", about="two words"), "bad-arguments"),
        (Line(uuid="no id", kind="read", at=NOW, by="wang", what="u"), "bad-arguments"),
        (Line(uuid="u", kind="read", at=NOW + timedelta(minutes=11), by="wang", what="u"), "future-line"),
    ],
)
def test_what_cannot_stand_is_refused_with_its_reason(spoilt: Line, code: str) -> None:
    with pytest.raises(errors.Refused) as refused:
        check(spoilt, now=NOW)
    assert refused.value.code == code


def test_what_can_stand_is_not_refused() -> None:
    check(line("state", what="break", reason="meal", until=NOW + timedelta(days=1)), now=NOW - timedelta(minutes=10))
    check(line("notice", words="x" * WORDS, queue="*"), now=NOW)
    check(line("notice", words="早会改到 9:30", queue="热线"), now=NOW)
    check(line("of-a-newer-console", what="a/b:c"), now=NOW)


def test_a_missed_search_is_kept_without_its_digits() -> None:
    kept = screened(line("missed", words=" 订单 12３4\n没到账 " + "很" * 300))
    assert kept.words.startswith("订单 **** 没到账 很") and len(kept.words) == 200
    assert screened(line("notice", words="分机 8000")).words == "分机 8000"


def test_agents_are_shown_notices_and_the_alarms_that_are_for_them() -> None:
    assert is_for_agents(line("notice", "boss", about="wang"), "wang")
    assert is_for_agents(line("alarm", "", about="*"), "wang")
    assert not is_for_agents(line("alarm", ""), "wang")
    assert not is_for_agents(line("notice", "wang", queue="*"), "wang")
    assert not is_for_agents(line("state", "boss"), "wang")
