"""The page of a day or week report: numbers with their formulas, and charts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from okpay_console.cli import charts, markup
from okpay_console.cli.charts import Bar, Chart
from okpay_console.domain.backlog import EDGES_S

if TYPE_CHECKING:
    from okpay_console.content.reporting import Wording
    from okpay_console.domain.report import Report
    from okpay_console.domain.reportlines import Line

Name = Callable[[str, str], str]
"""What a key of a section is called: ``name("category", "TXN")``."""
_TABLED = ("calls", "kept", "tickets", "team")


def page(
    one: Report, told: list[Line], words: Wording, *, name: Name, tz: tzinfo, made: datetime, synced: datetime | None
) -> str:
    """The document. ``synced``: of when the data is."""
    head = title(one, words)
    body = [f"<h1>{markup.escape(head)}</h1>", *_stands(one, words, tz=tz, made=made, synced=synced)]
    body.append(markup.tiles(_tiles(one, words)))
    body.append('<div class="charts">' + "".join(_charts(one, words, name)) + "</div>")
    for section in _TABLED:
        heads, rows, kinds = columns([row(line, words, one) for line in told if line.section == section], words)
        note = markup.say(words.say("word.aggregate")) if section == "team" and not one.agents else ""
        body.append(markup.section(words.say(f"title.{section}"), note, markup.table(heads, rows, kinds=kinds)))
    body += _grouped(one, told, words, name)
    return markup.page(lang=words.lang, title=head, body=body)


def title(one: Report, words: Wording) -> str:
    days = one.first.isoformat() if one.kind == "day" else f"{one.first.isoformat()} – {one.last.isoformat()}"
    return f"{words.say(f'title.{one.kind}')} {days}"


def notes(one: Report, words: Wording, *, tz: tzinfo, synced: datetime | None) -> Iterator[str]:
    """What the reader has to know of the numbers before he believes them."""
    if not one.over:
        yield words.say("word.running")
    if one.since is None:
        yield words.say("word.empty")
    elif one.gap:
        yield words.say("word.since", since=clock(one.since, tz))
    if synced is not None and synced < one.until:
        yield words.say("word.unsynced", at=clock(synced, tz))
    if one.unsure:
        yield words.say("word.unsure", count=one.unsure)


def clock(at: datetime, tz: tzinfo) -> str:
    return at.astimezone(tz).strftime("%Y-%m-%d %H:%M:%S %z")


def value(line: Line, number: float | int | None, words: Wording) -> str:
    """The number in its unit, a dash where nothing was counted."""
    if number is None:
        return "-"
    if line.unit == "share":
        return f"{number:.2%}"
    if line.unit == "s":
        return words.span(float(number))
    return f"{number:.2f}" if line.unit == "times" else str(number)


def how(line: Line, words: Wording, one: Report) -> str:
    house = one.wall.house
    return words.how(
        line.measure,
        line.section,
        target=f"{house.target_s:g}",
        short=f"{house.short_abandon_s:g}",
        days=house.fcr_days,
    )


def row(line: Line, words: Wording, one: Report) -> tuple[str, ...]:
    """Name, value, a week before, what of what, and the formula."""
    before = "" if line.before is None else value(line, line.before, words)
    of = "" if line.whole is None else f"{line.part} / {line.whole}"
    return words.measure(line.measure, line.section), value(line, line.value, words), before, of, how(line, words, one)


def columns(
    rows: list[tuple[str, ...]], words: Wording
) -> tuple[tuple[str, ...], list[tuple[str, ...]], tuple[str, ...]]:
    """Headings, rows and kinds of the columns that have anything in them."""
    heads = tuple(words.say(f"word.{key}") for key in ("number", "value", "before", "of", "how"))
    kept = [place for place in range(len(heads)) if any(cells[place] for cells in rows)]
    kinds = ("", "n", "n", "n", "how")

    def only(cells: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(cells[place] for place in kept)

    return only(heads), [only(cells) for cells in rows], only(kinds)


def _stands(one: Report, words: Wording, *, tz: tzinfo, made: datetime, synced: datetime | None) -> Iterator[str]:
    span = f"{clock(one.begins, tz)} – {clock(one.until, tz)}"
    yield markup.say(f"{words.say('word.stretch')} {span} · {words.say('word.made')} {clock(made, tz)}")
    for text in notes(one, words, tz=tz, synced=synced):
        yield markup.say(text, "warn")


def _tiles(one: Report, words: Wording) -> Iterator[tuple[str, str, str]]:
    now, was, say = one.calls, one.before, words.measure
    before = words.say("word.before")
    house = one.wall.house

    def percent(share: float | None) -> str:
        return "-" if share is None else f"{share:.1%}"

    def tile(name: str, text: str, earlier: str) -> tuple[str, str, str]:
        return say(name), text, f"{before} {earlier}" if earlier else ""

    level = f"level_{house.formula}"
    yield tile("offered", str(now.offered), str(was.offered))
    yield tile(
        level,
        percent(getattr(now.service_level, house.formula)),
        percent(getattr(was.service_level, house.formula)),
    )
    yield tile("asa_s", words.span(now.asa_s), words.span(was.asa_s))
    yield tile("aht_s", words.span(now.aht_s), words.span(was.aht_s))
    yield tile("abandonment", percent(now.abandonment), percent(was.abandonment))
    yield tile("came", str(one.flow.came), str(one.flow_before.came))
    yield tile("open", str(one.wall.tickets.open), str(one.flow_before.open))
    yield tile("resolve", percent(one.resolve.share), "")
    yield tile("promises", percent(one.promises.share), "")


def _charts(one: Report, words: Wording, name: Name) -> Iterator[str]:
    pair = (words.measure("offered"), words.measure("answered"))
    empty = words.say("word.no_data")

    def chart(key: str, bars: list[Bar], *, legend: tuple[str, ...] = (), unit: str = "", **more: float) -> Chart:
        named = words.say(f"word.chart_{key}")
        return Chart(id=key, title=named, bars=bars, legend=legend, unit=unit, empty=empty, **more)

    if one.days:
        days = [Bar(day.day.strftime("%m-%d"), day.calls.offered, day.calls.answered) for day in one.days]
        yield charts.upright(chart("days", days, legend=pair))
    halves = [Bar(half.label, half.calls.offered, half.calls.answered) for half in one.halves]
    yield charts.upright(chart("calls", halves, legend=pair))
    formula = one.wall.house.formula
    levels = [
        Bar(half.label, None if (share := getattr(half.calls.service_level, formula)) is None else share * 100)
        for half in one.halves
    ]
    legend = (words.measure(f"level_{formula}"),)
    yield charts.upright(chart("level", levels, legend=legend, unit="%", line=one.wall.house.goal * 100, top=100))
    came = [Bar(name("category", key), group.came) for key, group in one.groups.get("category", {}).items()]
    yield charts.lying(chart("category", sorted(came, key=lambda bar: -(bar.value or 0))))
    names = [words.say("word.younger", span=_short(edge, words)) for edge in EDGES_S]
    names.append(words.say("word.older", span=_short(EDGES_S[-1], words)))
    ages = [Bar(label, count) for label, count in zip(names, one.wall.backlog.ages, strict=True)]
    yield charts.lying(chart("ages", ages))


def _short(seconds: int, words: Wording) -> str:
    whole, unit = (seconds // 86400, "d") if seconds >= 86400 else (seconds // 3600, "h")
    return f"{whole} {words.say(f'unit.{unit}')}"


def _grouped(one: Report, told: list[Line], words: Wording, name: Name) -> Iterator[str]:
    """One table a section, its keys below each other and their measures side by side."""
    for section in ("channel", "category", "queue", "half", "day", "ending", "agent"):
        mine = [line for line in told if line.section == section]
        if not mine:
            continue
        measures = list(dict.fromkeys(line.measure for line in mine))
        keys: dict[str, dict[str, str]] = {}
        for line in mine:
            keys.setdefault(line.key, {})[line.measure] = value(line, line.value, words)
        heads = ("", *(words.measure(measure) for measure in measures))
        rows = [(name(section, key), *(cells.get(measure, "") for measure in measures)) for key, cells in keys.items()]
        key = "day_by_day" if section == "day" else section
        kinds = ("", *["n"] * len(measures))
        yield markup.section(words.say(f"title.{key}"), markup.table(heads, rows, kinds=kinds))
