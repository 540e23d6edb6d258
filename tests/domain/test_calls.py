"""The hotline's numbers from its log: the printed oracle, logs that are torn or out of order, and days that add up."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okpay_console.domain import calls
from okpay_console.domain.calllog import AGENT_KINDS, Event, read
from okpay_console.domain.calls import Rule, Tally, measure, numbers, tally

START = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def answered(call: str, agent: str, when: int, wait: int, talk: int, hold: int, acw: int) -> list[Event]:
    """A whole call whose answer is at ``when``; the hold begins ten seconds into it."""
    held = [Event(at(when + 10), "held", call, agent), Event(at(when + 10 + hold), "resumed", call, agent)]
    end = when + talk + hold
    return [
        Event(at(when - wait), "offered", call),
        Event(at(when), "answered", call, agent),
        *(held if hold else ()),
        Event(at(end), "ended", call, agent),
        Event(at(end + acw), "wrapped", call, agent),
    ]


def left(call: str, kind: str, wait: int) -> list[Event]:
    return [Event(at(100), "offered", call), Event(at(100 + wait), kind, call)]  # type: ignore[arg-type]


ORACLE: list[Event] = [
    *(Event(at(0), "available", agent=agent) for agent in ("li", "wang")),
    *answered("1", "li", 10, 5, 180, 0, 30),
    *answered("2", "li", 220, 12, 240, 20, 45),
    *answered("3", "li", 525, 19, 120, 0, 15),
    *answered("5", "li", 700, 21, 90, 0, 20),
    *answered("4", "wang", 30, 20, 300, 30, 60),
    *answered("6", "wang", 420, 45, 200, 10, 40),
    *left("7", "abandoned", 3),
    *left("8", "abandoned", 15),
    *left("9", "abandoned", 60),
    *left("10", "callback", 18),
    Event(at(700), "break", agent="wang"),
    Event(at(800), "available", agent="wang"),
    *(Event(at(900), "offline", agent=agent) for agent in ("li", "wang")),
]
"""The calls of the printed oracle, spread over two agents of 900 s each with 100 s of break in all."""


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("offered", "10"), ("answered", "6"), ("abandoned", "3"), ("callbacks", "1"), ("waiting", "0"),
        ("service_level.strict", "40.00%"), ("service_level.freshcaller", "44.44%"), ("service_level.genesys", "50.00%"),
        ("service_level.flex", "66.67%"), ("service_level.connect", "70.00%"),
        ("asa_s", "20.333"), ("aht_s", "233.333"), ("acw_s", "35.000"), ("talk_s", "188.333"), ("hold_s", "10.000"),
        ("abandonment", "30.00%"), ("abandonment_net", "22.22%"), ("occupancy", "82.35%"), ("utilisation", "77.78%"),
        ("patience_s", "72.667"),
    ],
)  # fmt: skip
def test_the_oracle_to_its_last_printed_digit(name: str, printed: str) -> None:
    found: Any = measure(ORACLE)
    for part in name.split("."):
        found = getattr(found, part)
    assert (f"{found:.2%}" if printed.endswith("%") else f"{found:.3f}" if "." in printed else str(found)) == printed


def test_the_times_behind_the_occupancy_are_1400_of_1700_seconds() -> None:
    found = tally(read(ORACLE))
    assert [found.contact // 10**6, found.idle // 10**6, found.on_break // 10**6] == [1400, 300, 100]


def test_each_bracket_of_genesys_is_a_switch() -> None:
    found = tally(read(ORACLE))
    assert calls.genesys(found) == 4 / 8
    assert calls.genesys(found, abandons=False) == 4 / 6 == numbers(found).service_level.flex
    assert calls.genesys(found, short_abandons=True) == 4 / 9
    assert calls.genesys(found, short_abandons=True, flow_outs=True) == 4 / 10


def test_the_thresholds_are_those_of_the_rule() -> None:
    found = measure(ORACLE, Rule(target_s=19.999, short_abandon_s=15.001))
    assert found.service_level.strict == 3 / 10
    assert found.abandonment_net == 1 / 8
    assert measure(ORACLE, Rule(short_abandon_s=3)).abandonment_net == 3 / 10
    assert measure(ORACLE, Rule(short_abandon_s=3.001)).abandonment_net == 2 / 9


def test_an_empty_log_has_counts_of_zero_and_no_ratio() -> None:
    found = measure([])
    assert (found.offered, found.waiting) == (0, 0)
    assert {found.asa_s, found.aht_s, found.abandonment, found.occupancy, found.service_level.strict} == {None}


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError):
        read([Event(datetime(2026, 1, 1), "offered", "1")])  # noqa: DTZ001 -- the case under test


def test_a_call_that_still_waits_is_offered_and_nothing_else() -> None:
    found = measure([*ORACLE, Event(at(899), "offered", "11")])
    assert (found.offered, found.waiting, found.asa_s) == (11, 1, measure(ORACLE).asa_s)
    assert found.service_level.strict == 4 / 11


def test_a_call_that_goes_on_is_answered_has_no_handle_time_and_keeps_its_agent_busy() -> None:
    found = tally(
        read([Event(at(0), "available", agent="li"), *answered("1", "li", 10, 10, 100, 0, 0)[:-2]], until=at(60))
    )
    assert (found.answered, found.finished) == (1, 0)
    assert (found.contact, found.idle) == (50 * 10**6, 10 * 10**6)
    assert numbers(found).aht_s is None


def test_a_lost_end_keeps_the_agent_until_the_next_answer_or_until_offline() -> None:
    presence = [
        Event(at(0), "available", agent="li"),
        Event(at(300), "offline", agent="li"),
        Event(at(400), "offline", agent="wang"),
    ]
    lost = answered("1", "li", 10, 10, 100, 0, 0)[:2]
    assert tally(read([*presence, *lost])).contact == 290 * 10**6
    again = answered("2", "li", 200, 10, 50, 0, 0)
    assert tally(read([*presence, *lost, *again])).contact == (190 + 50) * 10**6
    # Another agent's answer says nothing about this one.
    other = answered("2", "zhao", 200, 10, 50, 0, 0)
    assert tally(read([*presence, *lost, *other])).contact == 290 * 10**6


def test_what_happens_after_until_has_not_happened() -> None:
    early = read(ORACLE, until=at(500))
    assert early == read([one for one in ORACLE if one.at <= at(500)], until=at(500))
    assert tally(early).answered == 4


def test_a_call_whose_offer_is_missing_is_named_and_counts_in_its_agents_time_alone() -> None:
    torn = [one for one in ORACLE if (one.call, one.event) != ("3", "offered")]
    log = read(torn)
    assert log.headless == ("3",)
    assert (tally(log).offered, tally(log).answered, tally(log).finished) == (9, 5, 5)
    assert tally(log).contact == tally(read(ORACLE)).contact


def test_after_call_work_ends_when_the_agent_says_available_where_wrapped_is_missing() -> None:
    head = [Event(at(0), "available", agent="li"), *answered("1", "li", 10, 10, 90, 0, 0)[:-1]]
    ready = [*head, Event(at(130), "available", agent="li"), Event(at(200), "break", agent="li")]
    assert measure(ready).acw_s == 30
    # A break, or the next call, is no word about the work after this one: nothing is invented.
    assert measure([*head, Event(at(120), "break", agent="li"), Event(at(130), "available", agent="li")]).acw_s == 0
    nexts = answered("2", "li", 120, 0, 5, 0, 0)
    assert measure([*head, *nexts, Event(at(130), "available", agent="li")]).acw_s == 0
    assert measure(head).aht_s == 90


def test_a_transferred_call_is_one_call_with_the_time_of_both_agents() -> None:
    found = measure(
        [
            Event(at(0), "offered", "1"),
            Event(at(5), "answered", "1", "li"),
            Event(at(65), "answered", "1", "wang"),
            Event(at(65), "ended", "1", "li"),
            Event(at(80), "wrapped", "1", "li"),
            Event(at(165), "ended", "1", "wang"),
            Event(at(185), "wrapped", "1", "wang"),
        ]
    )
    assert (found.answered, found.asa_s, found.talk_s, found.acw_s) == (1, 5, 160, 35)


def test_an_answer_told_twice_is_one_contact() -> None:
    lines = answered("1", "li", 10, 5, 100, 0, 20)
    for again in (Event(at(11), "answered", "1", "li"), Event(at(30), "answered", "1")):
        (call,) = read([*lines, again]).calls
        assert len(call.contacts) == 1
        assert measure([*lines, again]) == measure(lines)


def test_an_agent_who_answers_while_wrapping_up_is_busy_once() -> None:
    lines = [Event(at(0), "available", agent="li"), *answered("1", "li", 10, 0, 50, 0, 60)]
    lines += answered("2", "li", 100, 0, 50, 0, 0)
    assert tally(read(lines)).contact == (150 - 10) * 10**6
    assert measure(lines).aht_s == (110 + 50) / 2


def test_a_hold_that_nobody_ended_ends_with_the_call() -> None:
    lines = [one for one in answered("1", "li", 10, 5, 100, 30, 0) if one.event != "resumed"]
    assert (measure(lines).talk_s, measure(lines).hold_s) == (10, 120)


def test_a_hold_taken_up_again_at_the_same_instant_is_still_a_hold() -> None:
    lines = [
        *answered("1", "li", 0, 0, 100, 0, 0),
        Event(at(10), "held", "1", "li"), Event(at(20), "resumed", "1", "li"),
        Event(at(20), "held", "1", "li"), Event(at(50), "resumed", "1", "li"),
        Event(at(60), "held", "1", "li"), Event(at(60), "resumed", "1", "li"),
    ]  # fmt: skip
    assert {measure(order).hold_s for order in (lines, lines[::-1])} == {40}


def test_the_first_of_answer_callback_and_abandonment_decides() -> None:
    offer = Event(at(0), "offered", "1")
    ways: list[Any] = ["answered", "callback", "abandoned"]
    for place, way in enumerate(ways):
        others = [Event(at(9), other, "1") for other in ways if other != way]
        later = [Event(at(5), other, "1") for other in ways[place + 1 :]]
        for rest in (others, later):
            (call,) = read([offer, *rest, Event(at(5), way, "1")]).calls
            assert (call.outcome, call.wait) == (way, 5 * 10**6)


def test_a_caller_who_hangs_up_while_talking_has_not_abandoned_the_queue() -> None:
    lines = [Event(at(0), "offered", "1"), Event(at(5), "answered", "1", "li"), Event(at(65), "abandoned", "1")]
    assert (measure(lines).abandoned, measure(lines).talk_s) == (0, 60)
    # Where the end is told as well, the end counts.
    assert measure([*lines, Event(at(70), "ended", "1", "li")]).talk_s == 65


def test_clocks_that_disagree_make_no_wait_negative() -> None:
    found = measure([Event(at(1), "offered", "1"), Event(at(0), "answered", "1", "li"), Event(at(9), "ended", "1")])
    assert (found.asa_s, found.service_level.strict, found.talk_s) == (0, 1, 9)


def test_a_break_asked_for_during_a_call_begins_after_it() -> None:
    found = tally(
        read(
            [
                Event(at(0), "available", agent="li"),
                *answered("1", "li", 10, 0, 90, 0, 20),
                Event(at(50), "break", agent="li"),
                Event(at(200), "offline", agent="li"),
            ]
        )
    )
    assert [found.contact // 10**6, found.idle // 10**6, found.on_break // 10**6] == [110, 10, 80]


def test_agents_whose_presence_is_not_told_do_not_make_the_hotline_look_fully_occupied() -> None:
    assert measure(answered("1", "li", 10, 5, 100, 0, 10)).occupancy is None
    mixed = measure([*ORACLE, *answered("11", "zhao", 100, 0, 500, 0, 0)])
    assert mixed.occupancy == measure(ORACLE).occupancy
    # To leave is not to have been there.
    assert measure([*answered("1", "li", 10, 5, 100, 0, 10), Event(at(500), "offline", agent="li")]).occupancy is None


def test_signing_in_again_at_the_instant_of_signing_out_is_presence() -> None:
    lines = [Event(at(0), "available", agent="li"), Event(at(50), "offline", agent="li"),
             Event(at(50), "available", agent="li"), Event(at(80), "offline", agent="li")]  # fmt: skip
    assert {tally(read(order)).idle for order in itertools.permutations(lines)} == {80 * 10**6}


@pytest.mark.parametrize(
    "day", [datetime(2026, 11, 1, 5, 59, 50, tzinfo=UTC), datetime(2026, 3, 8, 6, 59, 50, tzinfo=UTC)]
)
def test_twenty_seconds_are_twenty_seconds_when_the_clock_on_the_wall_jumps(day: datetime) -> None:
    new_york = ZoneInfo("America/New_York")
    lines: list[Any] = [("offered", 0), ("answered", 20), ("ended", 200), ("wrapped", 230)]
    moments = [(kind, (day + timedelta(seconds=s)).astimezone(new_york)) for kind, s in lines]
    offsets = {moment.utcoffset() for _, moment in moments}
    assert len(offsets) == 2  # the case is one
    found = measure([Event(moment, kind, "1", "li") for kind, moment in moments])
    assert (found.asa_s, found.aht_s, found.service_level.strict) == (20, 210, 1)


def test_a_call_over_midnight_belongs_to_the_day_of_its_offer_and_agents_time_to_both() -> None:
    zone = ZoneInfo("Asia/Shanghai")
    midnight = datetime(2026, 11, 23, tzinfo=zone)
    shift = (midnight - START).total_seconds()
    lines = [
        Event(at(shift - 100), "available", agent="li"),
        *answered("1", "li", int(shift) - 10, 5, 60, 0, 10),
        Event(at(shift + 100), "offline", agent="li"),
    ]
    log = read(lines)
    before, after = tally(log, ends=midnight), tally(log, begins=midnight)
    assert (before.offered, before.finished, after.offered, after.finished) == (1, 1, 0, 0)
    assert (before.contact, before.idle) == (10 * 10**6, 90 * 10**6)
    assert (after.contact, after.idle) == (60 * 10**6, 40 * 10**6)
    offer = log.calls[0].offered / 10**6 - START.timestamp()
    assert [tally(log, begins=at(offer)).offered, tally(log, ends=at(offer)).offered] == [1, 0]


class Day:
    """A random day whose numbers are known while it is made: agents work one second after the other."""

    def __init__(self, seed: int, *, days: int = 1) -> None:
        chance = random.Random(seed)
        self.events: list[Event] = []
        self.waits: list[tuple[str, int]] = []
        self.handled: list[tuple[int, int, int]] = []
        self.times = {"contact": 0, "idle": 0, "break": 0}
        number = itertools.count(seed * 1000)
        for agent in ("li", "wang", "zhao")[: chance.randint(1, 3)]:
            now = chance.randint(0, 3600)
            self.events.append(Event(at(now), "available", agent=agent))
            while now < days * 86_400 * chance.random():
                now = self._step(chance, agent, now, f"c{next(number)}")
            self.events.append(Event(at(now), "offline", agent=agent))
        for _ in range(chance.randint(0, 6)):
            self._gone(chance, f"c{next(number)}", days)

    def _step(self, chance: random.Random, agent: str, now: int, call: str) -> int:
        if chance.random() < 0.3:
            away = chance.randint(1, 2000)
            self.times["break"] += away
            self.events += [Event(at(now), "break", agent=agent), Event(at(now + away), "available", agent=agent)]
            return now + away
        idle, wait = chance.randint(1, 400), chance.randint(0, 60)
        talk, hold, acw = chance.randint(11, 900), chance.choice([0, chance.randint(1, 90)]), chance.randint(0, 60)
        self.times["idle"] += idle
        self.times["contact"] += talk + hold + acw
        self.waits.append(("answered", wait))
        self.handled.append((talk, hold, acw))
        self.events += answered(call, agent, now + idle, wait, talk, hold, acw)
        return now + idle + talk + hold + acw

    def _gone(self, chance: random.Random, call: str, days: int) -> None:
        kind, wait, when = (
            chance.choice(["abandoned", "callback"]),
            chance.randint(0, 60),
            chance.randint(0, days * 86_400),
        )
        self.waits.append((kind, wait))
        self.events += [Event(at(when), "offered", call), Event(at(when + wait), kind, call)]  # type: ignore[arg-type]

    def expected(self) -> Tally:
        kinds = [kind for kind, _ in self.waits]
        sums = [sum(column) * 10**6 for column in zip(*self.handled, strict=True)] or [0, 0, 0]
        return Tally(
            offered=len(kinds), answered=kinds.count("answered"), abandoned=kinds.count("abandoned"),
            callbacks=kinds.count("callback"),
            short=sum(kind == "abandoned" and wait < 5 for kind, wait in self.waits),
            in_target=sum(kind == "answered" and wait <= 20 for kind, wait in self.waits),
            out_in_target=sum(wait <= 20 for _, wait in self.waits),
            waited=sum(wait for _, wait in self.waits) * 10**6,
            waited_answered=sum(wait for kind, wait in self.waits if kind == "answered") * 10**6,
            finished=len(self.handled), talk=sums[0], hold=sums[1], acw=sums[2],
            contact=self.times["contact"] * 10**6, idle=self.times["idle"] * 10**6, on_break=self.times["break"] * 10**6,
        )  # fmt: skip


SEEDS = st.integers(0, 10**6)
ZONES = [UTC, timezone(timedelta(hours=8)), ZoneInfo("America/New_York"), ZoneInfo("Asia/Shanghai")]


@given(SEEDS)
def test_a_random_day_comes_out_as_it_was_made(seed: int) -> None:
    day = Day(seed)
    assert tally(read(day.events)) == day.expected()


def told_otherwise(events: Iterable[Event], chance: random.Random) -> list[Event]:
    """The same events in another order, some twice, each by the clock of some zone."""
    lines = [Event(one.at.astimezone(chance.choice(ZONES)), one.event, one.call, one.agent) for one in events]
    lines += chance.sample(lines, len(lines) // 3)
    chance.shuffle(lines)
    return lines


@given(SEEDS, st.randoms(use_true_random=False))
def test_order_repetition_and_the_zone_of_the_clock_change_nothing(seed: int, chance: random.Random) -> None:
    events = Day(seed).events
    assert read(told_otherwise(events, chance)) == read(events)


KINDS: Any = ["offered", "answered", "held", "resumed", "ended", "wrapped", "abandoned", "callback", *AGENT_KINDS]
NOISE = st.lists(
    st.builds(
        Event,
        st.integers(0, 30).map(at),
        st.sampled_from(KINDS),
        call=st.sampled_from(["1", "2", "3"]),
        agent=st.sampled_from(["", "li", "wang"]),
    ),
    min_size=1,
    max_size=40,
)


@given(NOISE, st.randoms(use_true_random=False))
def test_any_log_at_all_is_read_the_same_in_any_order_and_gives_numbers_that_can_be(
    events: list[Event], chance: random.Random
) -> None:
    found = tally(read(events))
    assert tally(read(told_otherwise(events, chance))) == found
    seen = numbers(found)
    assert 0 <= found.in_target <= found.out_in_target <= found.offered
    assert found.answered + found.abandoned + found.callbacks + seen.waiting == found.offered
    assert found.short <= found.abandoned and found.finished <= found.answered and seen.waiting >= 0
    assert min(found.talk, found.hold, found.acw, found.waited, found.contact, found.idle, found.on_break) >= 0
    # Two agents who are there for at most 30 seconds.
    assert found.contact + found.idle + found.on_break <= 60 * 10**6


@given(NOISE)
def test_an_agent_is_in_one_state_at_a_time(events: list[Event]) -> None:
    for agent in read(events).agents:
        for (_, ended, _), (began, _, _) in itertools.pairwise(agent.spans):
            assert ended <= began
        assert all(began < ended for began, ended, _ in agent.spans)


@given(SEEDS, st.lists(st.integers(-3600, 3 * 86_400), max_size=5), NOISE)
def test_the_parts_of_a_log_add_up_to_the_whole(seed: int, cuts: list[int], noise: list[Event]) -> None:
    """Cut anywhere, at midnight or in the middle of a call."""
    log = read([*Day(seed, days=2).events, *noise])
    moments = [None, *map(at, sorted(cuts)), None]
    parts = [tally(log, begins=begins, ends=ends) for begins, ends in itertools.pairwise(moments)]
    assert sum(parts, Tally()) == tally(log)


@given(SEEDS)
def test_local_days_over_a_change_of_the_clock_add_up(seed: int) -> None:
    zone = ZoneInfo("America/New_York")
    shift = datetime(2026, 10, 31, 12, tzinfo=zone) - START
    log = read([Event(one.at + shift, one.event, one.call, one.agent) for one in Day(seed, days=2).events])
    midnights = [datetime(2026, 10, 31, tzinfo=zone) + timedelta(days=day) for day in range(6)]
    days = [tally(log, begins=begins, ends=ends) for begins, ends in itertools.pairwise(midnights)]
    assert sum(days, Tally()) == tally(log)
