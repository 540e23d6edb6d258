"""The agents: their time is that of the telephone's log, whatever order the news of it comes in, and silence is not work."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okpay_console.domain import calls, walltally
from okpay_console.domain.calllog import Event, read
from okpay_console.domain.crew import DOING, Crew, CrewNumbers, Member
from okpay_console.domain.daybook import Line
from okpay_console.domain.intervals import day_of
from okpay_console.domain.moments import SHANGHAI
from okpay_console.domain.queue import Row
from okpay_console.domain.ticket import Call, Mark
from okpay_console.domain.wallnumbers import House
from okpay_console.domain.watch import Watch

NOW = datetime(2026, 11, 22, 6, 46, tzinfo=UTC)
"""14:46 of a Sunday in Shanghai."""
_IDS = itertools.count()


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def state(by: str, what: str, at: datetime, **more: Any) -> Line:
    return Line(uuid=f"u{next(_IDS)}", kind="state", at=at, by=by, what=what, **more)


def row(name: str, *had: Call) -> Row:
    return Row(id=name, subject="s", channel="hotline", created_at=NOW, updated_at=NOW, calls=had)


def call(name: str, agent: str, *steps: tuple[str, datetime]) -> Call:
    return Call(name, agent, tuple(Mark(event, at) for event, at in steps))


def talk(name: str, agent: str, began: datetime, seconds: float = 60, acw: float = 10) -> Call:
    end = began + timedelta(seconds=seconds)
    steps = [("offered", began - timedelta(seconds=5)), ("answered", began), ("ended", end)]
    return call(name, agent, *steps, ("wrapped", end + timedelta(seconds=acw)))


def watching(rows: Iterable[Row], tz: tzinfo = SHANGHAI, **house: Any) -> Watch:
    watch = Watch(House(**house), tz=tz)
    watch.read({one.id: one for one in rows})
    return watch


def reckoned(
    lines: Iterable[Line], rows: Iterable[Row] = (), *, now: datetime = NOW, tz: tzinfo = SHANGHAI,
    seen: Mapping[str, datetime] | None = None, **house: Any,
) -> CrewNumbers:  # fmt: skip
    crew = Crew(tz=tz)
    crew.learn(lines)
    return crew.numbers(watching(rows, tz, **house), seen, now)


def only(found: CrewNumbers) -> Member:
    (member,) = found.members
    return member


def split(events: Iterable[Event]) -> tuple[list[Line], list[Row]]:
    """A log as a console has it: the agents' states in the daybook, each call on a ticket."""
    listed = sorted(events, key=lambda one: one.at)
    lines = [state(one.agent, one.event, one.at) for one in listed if not one.call]
    marks: dict[str, list[Event]] = {}
    for one in listed:
        if one.call:
            marks.setdefault(one.call, []).append(one)
    rows = [
        row(f"t{name}", Call(name, max(one.agent for one in told), tuple(Mark(one.event, one.at) for one in told)))
        for name, told in marks.items()
    ]
    return lines, rows


def oracle() -> list[Event]:
    """The printed one: (wait; talk, hold, after-call work), two agents of 900 s each, with 100 s of break in all."""
    start = ago(hours=1)

    def at(seconds: float) -> datetime:
        return start + timedelta(seconds=seconds)

    told = [Event(at(0), "available", agent=agent) for agent in ("li", "wang")]
    for name, agent, began, wait, spoke, hold, acw in (
        ("1", "li", 10, 5, 180, 0, 30), ("2", "li", 220, 12, 240, 20, 45), ("3", "li", 525, 19, 120, 0, 15),
        ("5", "li", 700, 21, 90, 0, 20), ("4", "wang", 30, 20, 300, 30, 60), ("6", "wang", 420, 45, 200, 10, 40),
    ):  # fmt: skip
        end = began + spoke + hold
        told += [Event(at(began - wait), "offered", name), Event(at(began), "answered", name, agent)]
        if hold:
            told += [Event(at(began + 9), "held", name, agent), Event(at(began + 9 + hold), "resumed", name, agent)]
        told += [Event(at(end), "ended", name, agent), Event(at(end + acw), "wrapped", name, agent)]
    for name, way, wait in (
        ("7", "abandoned", 3),
        ("8", "abandoned", 15),
        ("9", "abandoned", 60),
        ("10", "callback", 18),
    ):
        told += [Event(at(100), "offered", name), Event(at(100 + wait), way, name)]  # type: ignore[arg-type]
    told += [Event(at(700), "break", agent="wang"), Event(at(800), "available", agent="wang")]
    return told + [Event(at(900), "offline", agent=agent) for agent in ("li", "wang")]


def test_the_oracles_two_agents_through_the_daybook_are_those_of_the_log_to_the_last_digit() -> None:
    lines, rows = split(oracle())
    found, log = reckoned(lines, rows), calls.measure(oracle())
    assert (f"{found.occupancy:.2%}", f"{found.utilisation:.2%}") == ("82.35%", "77.78%")
    assert (found.occupancy, found.utilisation) == (log.occupancy, log.utilisation)
    assert (found.contact_s, found.idle_s, found.break_s) == (1400, 300, 100)
    watch = watching(rows)
    wall = walltally.numbers(watch, NOW, crew=found)
    assert wall.calls == log, "the wall shows what the log's command shows"


_SECONDS = st.integers(-20 * 3600, 600)
_AGENTS = st.sampled_from(["li", "wang", "zhao"])


@st.composite
def a_call(draw: st.DrawFn, name: str) -> list[Event]:
    at, agent = draw(_SECONDS), draw(_AGENTS)
    found = [Event(NOW + timedelta(seconds=at - draw(st.sampled_from([0, 7, 30]))), "offered", name)]
    if draw(st.integers(0, 5)) == 0:
        return [*found, Event(NOW + timedelta(seconds=at), "abandoned", name)]
    found.append(Event(NOW + timedelta(seconds=at), "answered", name, agent))
    for kind in draw(st.sampled_from([(), ("ended",), ("ended", "wrapped"), ("held", "resumed", "ended", "wrapped")])):
        at += draw(st.sampled_from([1, 60, 600, 7200]))
        found.append(Event(NOW + timedelta(seconds=at), kind, name, agent))  # type: ignore[arg-type]
    return found


@st.composite
def a_day(draw: st.DrawFn) -> list[Event]:
    kinds = st.sampled_from(["available", "available", "break", "training", "offline"])
    states = draw(st.lists(st.tuples(_SECONDS, kinds, _AGENTS), max_size=14))
    told = [Event(NOW + timedelta(seconds=at), kind, "", agent) for at, kind, agent in states]  # type: ignore[arg-type]
    for number in range(draw(st.integers(0, 6))):
        told += draw(a_call(str(number)))
    return told


def _day_of(events: Iterable[Event], now: datetime, tz: tzinfo) -> calls.Tally:
    day = day_of(now, tz)
    return calls.tally(read(events, until=now), begins=day.begins, ends=day.ends)


@given(a_day(), st.sampled_from([SHANGHAI, ZoneInfo("America/New_York"), UTC]))
def test_any_day_adds_up_to_what_the_log_of_it_adds_up_to_and_the_states_to_the_time_at_work(
    events: list[Event], tz: tzinfo
) -> None:
    found = reckoned(*split(events), tz=tz)
    log = _day_of(events, NOW, tz)
    assert found.contact_s == log.contact / 1e6
    assert found.idle_s == log.idle / 1e6
    assert found.break_s + found.training_s == pytest.approx(log.on_break / 1e6, abs=1e-6)
    assert (found.occupancy, found.utilisation) == (calls.numbers(log).occupancy, calls.numbers(log).utilisation)
    for one in found.members:
        parts = one.contact_s + one.idle_s + one.break_s + one.training_s
        assert one.worked_s == pytest.approx(parts, abs=1e-6)
    assert sum(found.counts.values()) == len(found.members)


@given(a_day(), st.data())
def test_news_in_any_order_and_in_any_parts_give_what_reading_everything_at_once_gives(
    events: list[Event], data: st.DataObject
) -> None:
    lines, rows = split(events)
    seen = data.draw(st.dictionaries(_AGENTS, _SECONDS.map(lambda at: NOW + timedelta(seconds=min(at, 0)))))
    crew, watch = Crew(tz=SHANGHAI), Watch(House())
    news: list[Line | Row] = data.draw(st.permutations([*lines, *lines[:3], *rows]))
    told: list[Line] = []
    there: dict[str, Row] = {}
    moments = data.draw(st.lists(st.integers(-7200, 0), min_size=1, max_size=4))
    for place, back in enumerate(moments):
        part = news[place :: len(moments)]
        told += [one for one in part if isinstance(one, Line)]
        there |= {one.id: one for one in part if isinstance(one, Row)}
        crew.learn(tuple(told))
        watch.read(there)
        now = NOW + timedelta(seconds=back)
        seen_then = {name: min(at, now) for name, at in seen.items()}
        assert crew.numbers(watch, seen_then, now) == reckoned(told, there.values(), now=now, seen=seen_then)
    gone = dict(list(there.items())[1:])
    watch.read(gone)
    assert crew.numbers(watch, seen, NOW) == reckoned(told, gone.values(), seen=seen)


def test_the_same_lines_again_make_nobody_worth_another_reading() -> None:
    crew, watch = Crew(tz=SHANGHAI), watching(())
    lines = [state("li", "available", ago(hours=1)), state("wang", "available", ago(hours=1))]
    crew.learn(lines)
    crew.numbers(watch, None, NOW)
    crew.learn((*lines, state("wang", "break", ago(minutes=1))))
    assert crew.stale(watch, NOW) == ["wang"]


@pytest.mark.parametrize(
    ("marks", "told", "doing", "since"),
    [
        ((), ("available", 900), "available", 1200),
        ((), ("break", 900), "break", 900),
        ((), ("training", 900), "training", 900),
        ((("answered", 300),), ("available", 900), "call", 300),
        ((("answered", 300), ("held", 120)), ("available", 900), "hold", 120),
        ((("answered", 300), ("held", 120), ("resumed", 60)), ("available", 900), "call", 300),
        ((("answered", 300), ("muted", 120)), ("available", 900), "call", 300),
        ((("answered", 300), ("ended", 40)), ("available", 900), "wrapup", 40),
        ((("answered", 300), ("ended", 40), ("wrapped", 10)), ("available", 900), "available", 10),
        # A break that is asked for during a call begins after it.
        ((("answered", 300),), ("break", 100), "call", 300),
        ((("answered", 300), ("ended", 90), ("wrapped", 50)), ("break", 100), "break", 50),
        ((("answered", 300), ("ended", 90)), ("available", 20), "available", 20),
    ],
)
def test_what_an_agent_does_and_since_when(
    marks: tuple[tuple[str, int], ...], told: tuple[str, int], doing: str, since: int
) -> None:
    rows = [row("t", call("c", "li", ("offered", ago(seconds=310)), *((k, ago(seconds=s)) for k, s in marks)))]
    lines = [state("li", "available", ago(seconds=1200)), state("li", told[0], ago(seconds=told[1]))]
    found = reckoned(lines, rows if marks else ())
    member = only(found)
    assert (member.doing, member.since) == (doing, ago(seconds=since))
    assert found.counts == {one: int(one == doing) for one in DOING}
    assert member.ticket == ("t" if doing in ("call", "hold", "wrapup") else "")


def test_a_silent_console_is_unheard_since_then_and_the_time_after_that_is_nobodys() -> None:
    lines = [state("li", "available", ago(hours=1)), state("wang", "break", ago(hours=1), reason="meal")]
    found = reckoned(lines, seen={"li": ago(seconds=91), "wang": ago(seconds=90)})
    first, second = found.members
    assert (first.name, first.doing, first.was, first.since) == ("li", "unheard", "available", ago(seconds=91))
    assert first.worked_s == 3600 - 91
    assert (second.doing, second.worked_s) == ("break", 3600)
    back = reckoned(lines, seen={"li": NOW, "wang": NOW})
    assert [one.doing for one in back.members] == ["available", "break"], "heard again, the state has gone on"


def test_a_crash_ends_the_day_where_its_console_was_last_alive_once_that_is_told() -> None:
    lines = [
        state("li", "available", ago(hours=3)),
        state("li", "offline", ago(hours=2), reason="lost"),
        state("li", "available", ago(hours=1)),
    ]
    assert only(reckoned(lines)).worked_s == 7200
    member = only(reckoned(lines[:2]))
    assert (member.doing, member.reason, member.since, member.worked_s) == ("offline", "lost", ago(hours=2), 3600)


def test_a_second_console_of_an_agent_counts_no_time_twice() -> None:
    lines = [state("li", "available", ago(minutes=60)), state("li", "available", ago(minutes=50))]
    member = only(reckoned(lines))
    assert (member.worked_s, member.idle_s) == (3600, 3600)


@pytest.mark.parametrize(
    ("zone", "day", "hours"), [("Asia/Shanghai", 22, 24), ("America/New_York", 1, 25), ("America/Los_Angeles", 1, 25)]
)
def test_a_shift_over_midnight_is_split_there_also_on_the_day_when_the_clocks_go_back(
    zone: str, day: int, hours: int
) -> None:
    tz = ZoneInfo(zone)
    begins = datetime(2026, 11, day, tzinfo=tz).astimezone(UTC)
    lines = [state("li", "available", begins - timedelta(hours=1))]
    crew, watch = Crew(tz=tz), watching((), tz)
    crew.learn(lines)
    worked = [
        only(crew.numbers(watch, None, begins + timedelta(hours=at))).worked_s
        for at in (-0.5, 0, 1, hours - 0.5, hours)
    ]
    assert worked == [1800, 0, 3600, (hours - 0.5) * 3600, 0]


def test_what_a_fast_clock_tells_from_the_future_has_not_happened_until_then() -> None:
    crew, watch = Crew(tz=SHANGHAI), watching([row("t", talk("c", "li", NOW + timedelta(seconds=30)))])
    crew.learn([state("li", "available", ago(minutes=1)), state("li", "break", NOW + timedelta(minutes=3))])
    told = [only(crew.numbers(watch, None, NOW + timedelta(seconds=at))).doing for at in (0, 40, 100, 180)]
    assert told == ["available", "call", "available", "break"]
    assert only(crew.numbers(watch, None, NOW)).doing == "available", "and a clock that is put back is believed"


def test_a_break_over_its_planned_end_is_said_and_stands_before_everybody_else() -> None:
    lines = [
        state("li", "break", ago(minutes=20), reason="meal", until=ago(minutes=5)),
        state("wang", "break", ago(minutes=20), reason="meal", until=NOW),
        state("zhao", "available", ago(minutes=30)),
    ]
    found = reckoned(lines)
    assert [(one.name, one.late) for one in found.members] == [("li", True), ("zhao", False), ("wang", False)]


def test_an_agent_of_whom_no_line_tells_is_shown_on_the_line_and_makes_no_occupancy() -> None:
    rows = [row("t", call("c", "old", ("offered", ago(seconds=70)), ("answered", ago(seconds=60))))]
    found = reckoned([], rows)
    assert (only(found).doing, only(found).occupancy, found.occupancy) == ("call", None, None)
    assert not reckoned([], rows, seen={"old": ago(seconds=91)}, now=NOW + timedelta(minutes=5)).members


def test_calls_and_handle_time_of_an_agent_are_those_of_today() -> None:
    rows = [
        row("t", talk("a", "li", ago(hours=20)), talk("b", "li", ago(hours=2), 100, 20), talk("c", "li", ago(hours=1)))
    ]
    member = only(reckoned([state("li", "available", ago(hours=3))], rows))
    assert (member.calls, member.aht_s) == (2, (120 + 70) / 2)


def test_a_state_of_a_newer_version_ends_nothing_what_was_said_before_goes_on() -> None:
    told = [state("小赵", "available", ago(hours=2)), state("小赵", "meditating", ago(hours=1))]
    member = only(reckoned(told, []))
    assert member.doing == "available"
    assert member.idle_s == pytest.approx(7200)
