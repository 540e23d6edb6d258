"""``report year``: the complaints of a year, as they are to be published, with the words that say what was counted."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from okpay_console import wiring
from okpay_console.cli import charts, handout, markup, problems
from okpay_console.cli.charts import Bar, Chart
from okpay_console.cli.naming import namer
from okpay_console.cli.output import Out, clean
from okpay_console.cli.reportpage import Name, clock
from okpay_console.config import Settings
from okpay_console.content.reporting import Wording, load_wording
from okpay_console.domain.cells import json_line
from okpay_console.domain.disclosure import SOURCES, Disclosure, complaint, disclose, past_due
from okpay_console.errors import UsageError

_EVERY = 5_000


class Figure(msgspec.Struct, frozen=True):
    """One number of the disclosure: a code for machines, its name, its key in words, and its value."""

    measure: str
    name: str
    key: str
    label: str
    value: float | int | None


def run(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Of the tickets of this console's cache, by the first contact in the house's time zone."""
    now, tz = wiring.now(), ZoneInfo(settings.timezone)
    if not 1971 <= arguments.year <= now.astimezone(tz).year:
        raise UsageError(
            out.pick("这一年没有数据。", "There are no data of this year."),
            out.pick("请写今年或以前的年份，如 2025。", "Give this year or an earlier one, such as 2025."),
        )
    with wiring.reading(settings) as picture:
        found = []
        for place, doc in enumerate(picture.docs()):
            if place % _EVERY == 0:
                out.progress(out.pick(f"正在查看第 {place} 张工单", f"Looking at ticket {place}"))
            if (one := complaint(doc)) is not None:
                found.append(one)
        since = min((row.created_at for row in picture.rows().values()), default=None)
    out.progress_done()
    told = disclose(found, arguments.year, now=now, tz=tz, since=since)
    words = load_wording(out.lang)
    figures = list(_figures(told, words, namer(words)))
    form = next((form for form in ("html", "csv", "jsonl") if getattr(arguments, form)), "")
    if form:
        text = {"html": _page, "csv": _csv, "jsonl": _jsonl}[form](told, figures, words, now, tz)
        target = getattr(arguments, form)
        handout.hand_out(settings, out, kind="report.year", form=form, target=target, text=text, force=arguments.force)
    elif out.json:
        more = {"share": told.share, "over": told.over, "gap": told.gap, "rules": list(_rules(words, tz))}
        out.doc({**msgspec.to_builtins(told), **more})
    else:
        out.line(clean(f"{words.say('title.year')} {told.year}"))
        out.table(("", "", ""), [(one.name, one.label, _shown(one)) for one in figures], right=(2,))
        for text in (*_notes(told, words, now, tz), *_rules(words, tz), words.say("year.law")):
            out.note(text)
    return problems.DONE


def _figures(one: Disclosure, words: Wording, name: Name) -> Iterator[Figure]:
    def figure(measure: str, value: float | int | None) -> Figure:
        return Figure(measure, words.say(f"year.{measure}"), "", "", value)

    yield figure("complaints", one.count)
    yield figure("handled", one.handled)
    yield figure("share", one.share)
    yield figure("open", one.count - one.handled)
    yield Figure("in_time", words.say("year.in_time"), "", f"{one.in_time} / {one.judged}", one.in_time)
    yield figure("within_15", one.within_few)
    for measure in ("mean_days", "median_days", "max_days"):
        yield figure(measure, getattr(one, measure))
    for key, kind in one.types.items():
        yield Figure("type", words.say("year.type"), key, name("category", key), kind.count)
        yield Figure("type_handled", words.say("year.handled"), key, name("category", key), kind.handled)
        yield Figure("type_mean_days", words.say("year.mean_days"), key, name("category", key), kind.mean_days)
    for key, count in one.channels.items():
        yield Figure("channel", words.say("year.channel"), key, name("channel", key), count)
    for source in SOURCES:
        label = words.say(f"year.rule_{source}")
        yield Figure("source", words.say("year.source"), source, label, one.sources[source])
    for key, count in one.months.items():
        yield Figure("month", words.say("year.month"), key, key, count)


def _rules(words: Wording, tz: ZoneInfo) -> Iterator[str]:
    """Which tickets count, in words."""
    for place, source in enumerate(SOURCES, 1):
        yield f"{place}. {words.say(f'year.rule_{source}')}"
    yield words.say("year.once", zone=tz.key)
    yield words.say("year.handled_how")


def _notes(one: Disclosure, words: Wording, now: datetime, tz: ZoneInfo) -> Iterator[str]:
    due = words.say("year.due", date=one.published_by.isoformat())
    yield f"{due} {words.say('year.late')}" if past_due(one, now, tz) else due
    if not one.over:
        yield words.say("year.running", at=clock(one.as_of, tz))
    if one.since is None:
        yield words.say("word.empty")
    elif one.gap:
        yield words.say("year.gap", since=clock(one.since, tz))
    yield words.say("word.scope")


def _shown(one: Figure) -> str:
    if one.value is None:
        return "-"
    if one.measure == "share":
        return f"{one.value:.2%}"
    return f"{one.value:.1f}" if one.measure.endswith("_days") else str(one.value)


def _csv(one: Disclosure, figures: Iterable[Figure], _: Wording, __: datetime, ___: ZoneInfo) -> str:
    rows = [[one.year, each.measure, each.key, each.value, each.name, each.label] for each in figures]
    return handout.table([["year", "measure", "key", "value", "name", "label"], *rows])


def _jsonl(one: Disclosure, figures: Iterable[Figure], _: Wording, __: datetime, ___: ZoneInfo) -> str:
    head = {"report": "year", "year": one.year, "as_of": one.as_of}
    return "".join(json_line({**head, **msgspec.to_builtins(each)}) for each in figures)


def _page(one: Disclosure, figures: list[Figure], words: Wording, now: datetime, tz: ZoneInfo) -> str:
    title = f"{words.say('title.year')} {one.year}"
    tiles = [(each.name, _shown(each), each.label) for each in figures if not each.key]
    types = [each for each in figures if each.measure == "type"]
    bars = [Bar(each.key[-2:], float(each.value or 0)) for each in figures if each.measure == "month"]
    kinds = [
        (
            types[place].label,
            str(kind.count),
            str(kind.handled),
            "-" if kind.mean_days is None else f"{kind.mean_days:.1f}",
        )
        for place, kind in enumerate(one.types.values())
    ]
    heads = tuple(words.say(f"year.{key}") for key in ("type", "count", "handled", "mean_days"))
    rest = [(each.name, each.label, str(each.value)) for each in figures if each.measure in ("channel", "source")]
    empty = words.say("word.no_data")
    chart = Chart(
        id="months", title=f"{words.say('year.month')} · {words.say('year.complaints')}", bars=bars, empty=empty
    )
    body = [
        f"<h1>{markup.escape(title)}</h1>",
        markup.say(f"{words.say('word.made')} {clock(now, tz)}"),
        *(markup.say(text, "warn") for text in _notes(one, words, now, tz)),
        markup.tiles(tiles),
        markup.section(words.say("year.type"), markup.table(heads, kinds, kinds=("", *"nnn"))),
        charts.upright(chart),
        markup.section(
            words.say("year.breakdown"), markup.table(("", "", words.say("year.count")), rest, kinds=("", "", "n"))
        ),
        markup.section(words.say("year.which"), *(markup.say(text, "said") for text in _rules(words, tz))),
        markup.say(words.say("year.law")),
    ]
    return markup.page(lang=words.lang, title=title, body=body)
