"""The demo's past agents were at work around their calls, and have left by now."""

from __future__ import annotations

from datetime import UTC, datetime

from okpay_console.domain.crew import Crew
from okpay_console.domain.daybook import check
from okpay_console.domain.queue import row_of
from okpay_console.domain.wallnumbers import House
from okpay_console.domain.watch import Watch
from okpay_console.server import demo
from okpay_console.server.attendance import attendance

NOW = datetime(2026, 11, 22, 6, 46, tzinfo=UTC)


def test_nobody_of_the_past_talks_outside_of_his_shift_or_is_still_there() -> None:
    past = demo.history(demo.load_script("zh"), count=200, seed=1, now=NOW)
    lines = attendance(past, now=NOW)
    crew, watch = Crew(tz=UTC), Watch(House(), tz=UTC)
    watch.read({one.id: row_of(one) for one in past})
    crew.learn(lines)
    found = crew.numbers(watch, None, NOW)
    assert len(found.members) > 1 and {one.doing for one in found.members} == {"offline"}
    assert all(one.worked_s > one.contact_s > 0 for one in found.members)
    assert len({line.uuid for line in lines}) == len(lines)
    for line in lines:
        check(line, now=NOW)
        assert line.at <= NOW
