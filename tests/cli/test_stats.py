"""``stats``: what the wall shows, as documents and tables, from the local cache."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from msgspec.structs import asdict

from okpay_console import config, wiring
from okpay_console.cli import wallprint
from okpay_console.cli.output import Out
from okpay_console.content.solving import solving
from okpay_console.domain import walltally
from okpay_console.domain.crew import Crew
from okpay_console.domain.daybook import Line
from okpay_console.domain.queue import Row
from okpay_console.domain.ticket import Call, Mark
from okpay_console.domain.wallnumbers import House, Wall
from okpay_console.domain.watch import Watch

NOW = datetime(2026, 11, 22, 6, 46, tzinfo=UTC)
WAITS = ((5, 180, 0, 30), (12, 240, 20, 45), (19, 120, 0, 15), (20, 300, 30, 60), (21, 90, 0, 20), (45, 200, 10, 40))
STATES = (("available", 4000), ("break", 2700), ("available", 2400), ("training", 2000), ("offline", 1500))
LOST = (("abandoned", 3), ("abandoned", 15), ("abandoned", 60), ("callback", 18))


def calls() -> list[Call]:
    """The ten calls of the printed oracle, an hour ago."""
    at = NOW - timedelta(hours=1)
    found = []
    for number, (wait, talk, hold, acw) in enumerate(WAITS):
        held = [("held", wait + 1), ("resumed", wait + 1 + hold)] if hold else []
        end = wait + talk + hold
        steps = [("offered", 0), ("answered", wait), *held, ("ended", end), ("wrapped", end + acw)]
        found.append(Call(f"c{number}", "li", tuple(Mark(event, at + timedelta(seconds=s)) for event, s in steps)))
    for number, (event, wait) in enumerate(LOST):
        found.append(Call(f"l{number}", "", (Mark("offered", at), Mark(event, at + timedelta(seconds=wait)))))
    return found


@pytest.fixture
def wall() -> Wall:
    rows = {
        one.id: Row(id=one.id, subject="s", channel="hotline", calls=(one,), created_at=NOW, updated_at=NOW)
        for one in calls()
    }
    watch = Watch(House(), tz=ZoneInfo("Asia/Shanghai"))
    watch.read(rows)
    crew = Crew(tz=watch.tz)
    crew.learn(
        Line(uuid=str(place), kind="state", at=NOW - timedelta(seconds=before), by="li", what=what)
        for place, (what, before) in enumerate(STATES)
    )
    return walltally.numbers(watch, NOW, crew=crew.numbers(watch, None, NOW))


def log() -> str:
    """The same calls and states as a log."""
    states = [
        {"at": (NOW - timedelta(seconds=before)).isoformat(), "agent": "li", "event": what} for what, before in STATES
    ]
    lines = states + [
        {"at": mark.at.isoformat(), "call": one.id, "event": mark.event, "agent": one.agent}
        for one in calls()
        for mark in one.marks
    ]
    return "".join(json.dumps(line) + "\n" for line in lines)


def test_the_same_calls_on_tickets_and_in_a_log_print_the_same_numbers(wall: Wall, wang: Any) -> None:
    told = wang("stats", "--log", "-", "--json", stdin=log()).doc
    mine = json.loads(json.dumps(wallprint.document(wall)))["calls"]
    assert {name: mine[name] for name in told} == told
    assert told["service_level"]["strict"] == 0.4
    assert mine["occupancy"] == 405 / (4000 - 2700 + 400), "from 5 s to 410 s somebody always talks"


def test_every_number_of_the_wall_is_in_the_document_and_old_keys_stay(wall: Wall) -> None:
    doc = wallprint.document(wall)
    assert set(wall.__struct_fields__) - {"house", "tickets"} < set(doc)
    assert set(wall.tickets.__struct_fields__) < set(doc)
    assert doc["rule"]["target_s"] == 20.0
    assert (doc["resolve"]["share"], doc["backlog"]["count"]) == (None, 10)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_people_read_the_rule_beside_the_number(wall: Wall, lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    printed = io.StringIO()
    monkeypatch.setattr(sys, "stdout", printed)
    wallprint.show(wall, Out(json=False, lang=lang))
    text = printed.getvalue()
    level = next(line for line in text.splitlines() if "strict" in line)
    assert "40.00%" in level and "T=20s S=5s" in level
    assert "233.333 s" in text and "Erlang C" in text
    assert "23.82%" in next(line for line in text.splitlines() if "occupancy" in line or "占用率" in line)


@pytest.fixture(scope="module")
def wang(desk: Callable[..., Any]) -> Any:
    made = desk("wang")
    for channel in ("hotline", "chat"):
        assert made("ticket", "new", "--subject", "已扣款未到账", "--channel", channel, "--json").status == 0
    return made


def test_stats_print_what_the_wall_shows_of_the_same_rows_at_the_same_moment(wang: Any) -> None:
    doc = wang("stats", "--json").doc
    settings = config.load(wang.env)
    watch = Watch(House(**asdict(settings.wall), solving=solving()), tz=ZoneInfo(settings.timezone))
    with wiring.reading(settings) as picture:
        watch.read(picture.rows())
    wall = walltally.numbers(watch, datetime.fromisoformat(doc["as_of"]))
    shown = json.loads(msgspec.json.encode(wallprint.document(wall)))
    assert {name: doc[name] for name in shown} == shown
    assert doc["open"] == 2


def test_the_houses_values_come_from_the_settings(wang: Any, tmp_path: Any) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("[wall]\ntarget_s = 30\nfcr_days = 14\n", encoding="utf-8")
    doc = wang("--config", str(file), "stats", "--json").doc
    assert (doc["rule"]["target_s"], doc["rule"]["fcr_days"], doc["rule"]["goal"]) == (30.0, 14, 0.8)
    file.write_text("[wall]\ngoal = 80\n", encoding="utf-8")
    assert wang("--config", str(file), "stats", "--json").status == 2
