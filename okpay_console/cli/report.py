"""``report``: a day or a week of the hotline, whole, as a page, a table or lines; and the yearly disclosure of complaints."""

from __future__ import annotations

import gc
from argparse import Namespace
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import asdict

from okpay_console import wiring
from okpay_console.cli import handout, problems, reportpage
from okpay_console.cli.naming import namer
from okpay_console.cli.output import Out, clean
from okpay_console.config import Settings
from okpay_console.content.reporting import load_wording
from okpay_console.content.solving import solving
from okpay_console.domain import intervals, report
from okpay_console.domain.cells import json_line
from okpay_console.domain.crew import Crew
from okpay_console.domain.crewnumbers import CrewNumbers
from okpay_console.domain.report import Report
from okpay_console.domain.reportlines import Line, lines
from okpay_console.domain.rewind import row_at
from okpay_console.domain.wallnumbers import House
from okpay_console.domain.watch import Watch
from okpay_console.errors import UsageError

if TYPE_CHECKING:
    from okpay_console.domain.queue import Row
    from okpay_console.sync.picture import Picture

_SLICE = 20_000
"""Tickets read between two words about it: sorting what came in costs once a slice."""
_BACK = 2_000


def run(arguments: Namespace, settings: Settings, out: Out) -> int:
    """The report of the day or week that has the date in it, today's where none is given."""
    # One pass over everything, then the end: looking for cycles in it is a tenth of the time, and there are none.
    gc.disable()
    now = wiring.now()
    tz = ZoneInfo(settings.timezone)
    day = on(arguments.date, now.astimezone(tz).date(), out)
    if arguments.agents:
        handout.leads(settings, out)
    with wiring.reading(settings) as picture:
        synced = picture.mirror.synced_at
        one = made(picture, settings, out, kind=arguments.kind, day=day, now=now, names=arguments.agents)
    told = list(lines(one))
    words, made_at = load_wording(out.lang), now
    name = namer(words)
    kind = f"report.{one.kind}"
    if arguments.html:
        page = reportpage.page(one, told, words, name=name, tz=tz, made=made_at, synced=synced)
        _out(arguments, settings, out, kind=kind, form="html", text=page)
    elif arguments.csv:
        _out(arguments, settings, out, kind=kind, form="csv", text=handout.table(_rows(one, told, words, name)))
    elif arguments.jsonl:
        _out(arguments, settings, out, kind=kind, form="jsonl", text=_jsonl(one, told))
    elif out.json:
        out.doc(document(one, synced))
    else:
        _print(one, told, words, out, name=name, tz=tz, synced=synced)
    return problems.DONE


def on(typed: str | None, today: date, out: Out) -> date:
    """The day that was typed. ``UsageError`` for what is none, or is still to come."""
    if typed is None:
        return today
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        day = None
    if day is None or day.year < 1971:
        raise UsageError(
            out.pick(f"看不懂日期“{typed[:40]}”。", f"'{typed[:40]}' is not a date."),
            out.pick("请写成 2026-01-31。", "Write it as 2026-01-31."),
        )
    if day > today:
        raise UsageError(
            out.pick("这一天还没有到。", "This day is still to come."),
            out.pick("请写今天或以前的日期。", "Give today or an earlier day."),
        )
    return day


def made(
    picture: Picture, settings: Settings, out: Out, *, kind: report.Kind, day: date, now: datetime, names: bool = False
) -> Report:
    """The report of the cache, its tickets as they were at the end of the stretch."""
    tz = ZoneInfo(settings.timezone)
    _, _, whole = report.stretch(kind, day, tz)
    at = report.until(whole, now)
    rows, unsure = then(picture, at, out)
    watch = Watch(House(**asdict(settings.wall), solving=solving()), tz=tz)
    stale = watch.stale(rows)
    for first in range(0, len(stale), _SLICE):
        out.progress(out.pick(f"正在统计 {first * 100 // len(stale)}%", f"Counting {first * 100 // len(stale)}%"))
        watch.learn(rows, stale[first : first + _SLICE])
    out.progress_done()
    crew = _crew(settings, picture, watch, at) if kind == "day" else None
    return report.report(watch, kind, day, now, crew=crew, names=names, unsure=unsure)


def then(picture: Picture, at: datetime, out: Out) -> tuple[Mapping[str, Row], int]:
    """The rows as they were at a moment, and how many of them are partly guessed."""
    rows, later = report.cut(picture.rows(), at)
    unsure = 0
    for place, name in enumerate(later):
        if place % _BACK == 0:
            out.progress(out.pick(f"正在回看 {place}/{len(later)}", f"Looking back {place}/{len(later)}"))
        ticket = picture.view(name).ticket
        found = None if ticket is None else row_at(ticket, at, picture.rules)
        if found is not None:
            rows[name] = found.row
            unsure += not found.sure
    out.progress_done()
    return rows, unsure


def _crew(settings: Settings, picture: Picture, watch: Watch, at: datetime) -> CrewNumbers | None:
    """The agents' time of the day of ``at``, None where not all of that day's daybook can be had, or not by an agent."""
    from okpay_console.local.daybook import Book

    if Book(picture.mirror.store).mark.role == "agent":
        return None
    # A state may have begun on the evening before, and who is in none since a whole day is not at work.
    begins = intervals.begins(at.astimezone(watch.tz).date(), watch.tz)
    told, whole = wiring.told_since(settings, picture, begins - timedelta(days=1))
    if not whole:
        return None
    crew = Crew(tz=watch.tz)
    crew.learn(line for line in told if line.at <= at)
    return crew.numbers(watch, None, at)


def document(one: Report, synced: datetime | None) -> dict[str, Any]:
    """The whole report as JSON values; of the agents' own times nothing but sums, unless their names were asked for."""
    found: dict[str, Any] = msgspec.to_builtins(one)
    wall = found.pop("wall")
    found["rule"] = {name: value for name, value in wall["house"].items() if name != "solving"}
    found["backlog"] = wall["backlog"]
    found["first_contact"] = {**wall["first_contact"], "share": one.wall.first_contact.share}
    # Whose tickets they are is an agent's own number too.
    found["tickets"] = {name: value for name, value in wall["tickets"].items() if name != "by_agent" or one.agents}
    found["written_down"] = wall["written_down"]
    for name in ("response", "resolve", "promises"):
        found[name]["share"] = getattr(one, name).share
    return {**found, "over": one.over, "gap": one.gap, "synced_at": synced}


def _out(arguments: Namespace, settings: Settings, out: Out, *, kind: str, form: str, text: str) -> None:
    target = getattr(arguments, form)
    handout.hand_out(settings, out, kind=kind, form=form, target=target, text=text, force=arguments.force)


def _jsonl(one: Report, told: Iterable[Line]) -> str:
    head = {"report": one.kind, "first": one.first, "last": one.last, "until": one.until}
    return "".join(json_line({**head, **msgspec.to_builtins(line)}) for line in told)


def _rows(one: Report, told: Iterable[Line], words: Any, name: reportpage.Name) -> Iterable[list[object]]:
    """Codes for machines, names and formulas for people, side by side."""
    yield ["report", "first", "last", "until", "section", "measure", "key", "value", "unit", "before", "part", "whole",
           "name", "of", "how"]  # fmt: skip
    for line in told:
        yield [
            one.kind, one.first.isoformat(), one.last.isoformat(), one.until.isoformat(), line.section, line.measure, line.key,
            line.value, line.unit, line.before, line.part, line.whole, words.measure(line.measure, line.section),
            name(line.section, line.key), reportpage.how(line, words, one),
        ]  # fmt: skip


def _print(
    one: Report, told: list[Line], words: Any, out: Out, *, name: reportpage.Name, tz: ZoneInfo, synced: datetime | None
) -> None:
    out.line(clean(reportpage.title(one, words)))
    for section in ("calls", "kept", "tickets", "team"):
        out.line()
        out.line(words.say(f"title.{section}"))
        mine = [reportpage.row(line, words, one) for line in told if line.section == section]
        titles, cells, kinds = reportpage.columns(mine, words)
        out.table(titles, cells, right=[place for place, kind in enumerate(kinds) if kind == "n"])
    out.line()
    rows = [
        (name("category", key), group.came, group.open, group.overdue, group.calls.offered)
        for key, group in one.groups.get("category", {}).items()
    ]
    heads = [words.say("title.category"), *(words.measure(key) for key in ("came", "open", "overdue", "offered"))]
    out.table(heads, rows, right=range(1, 5))
    if one.agents:
        out.line()
        heads = [words.say("title.agent"), *(words.measure(key) for key in ("answered", "contact_s", "aht_s"))]
        people = [
            (agent.name, agent.answered, words.span(agent.contact_s), words.span(agent.aht_s)) for agent in one.agents
        ]
        out.table(heads, people, right=range(1, 4))
    for text in reportpage.notes(one, words, tz=tz, synced=synced):
        out.note(text)
