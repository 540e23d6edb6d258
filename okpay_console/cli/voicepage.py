"""The voice of the customer as a page, as Markdown, and as tables of a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Final

import msgspec

from okpay_console.cli import charts, markup
from okpay_console.cli.charts import Bar, Chart
from okpay_console.cli.output import clean
from okpay_console.domain.voice import LEAST, draft_id

if TYPE_CHECKING:
    from okpay_console.cli.output import Out
    from okpay_console.cli.reportpage import Name
    from okpay_console.content.reporting import Wording
    from okpay_console.domain.voice import Voice

_MARKS: Final = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~&])")


class Block(msgspec.Struct, frozen=True):
    """One table under a heading: ``kinds`` as in ``markup.table``; ``empty`` is said where it has no rows."""

    title: str
    note: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    kinds: tuple[str, ...]
    empty: str


def page(one: Voice, words: Wording, *, name: Name, tz: tzinfo) -> str:
    """The self-contained document for the product team."""
    body = [f"<h1>{markup.escape(_title(one, words, tz))}</h1>", markup.say(words.say("word.masked"))]
    body += [markup.say(text, "warn") for text in _notes(one, words, tz)]
    body.append(markup.tiles(_tiles(one, words)))
    bars = [Bar(str(score), float(count)) for score, count in enumerate(one.scores)]
    if any(one.scores):
        body.append(charts.upright(Chart(id="scores", title=words.say("voice.scores"), bars=bars)))
    for block in _blocks(one, words, name, tz):
        what = markup.table(block.heads, block.rows, kinds=block.kinds) if block.rows else markup.say(block.empty)
        body.append(markup.section(block.title, markup.say(block.note) if block.note else "", what))
    return markup.page(lang=words.lang, title=_title(one, words, tz), body=body)


def markdown(one: Voice, words: Wording, *, name: Name, tz: tzinfo) -> str:
    """The same as Markdown tables (GitHub's); nobody's words become a link, a heading or HTML."""
    parts = [f"# {_plain(_title(one, words, tz))}", _plain(words.say("word.masked"))]
    parts += [f"> {_plain(text)}" for text in _notes(one, words, tz)]
    parts.append(
        "\n".join(
            f"- {_plain(label)}: **{_plain(value)}** {_plain(note)}".rstrip()
            for label, value, note in _tiles(one, words)
        )
    )
    for block in _blocks(one, words, name, tz):
        parts.append(f"## {_plain(block.title)}")
        if block.note:
            parts.append(_plain(block.note))
        parts.append(_grid(block) if block.rows else _plain(block.empty))
    return "\n\n".join(parts) + "\n"


def show(one: Voice, words: Wording, out: Out, *, name: Name, tz: tzinfo) -> None:
    """For a terminal."""
    out.line(clean(_title(one, words, tz)))
    for label, value, note in _tiles(one, words):
        out.line(clean(f"  {label}  {value}  {note}".rstrip()))
    for block in _blocks(one, words, name, tz):
        out.line()
        out.line(block.title)
        if block.rows:
            right = [place for place, kind in enumerate(block.kinds) if kind == "n"]
            out.table(block.heads, block.rows, right=right)
        else:
            out.line(f"  {block.empty}")
    for text in _notes(one, words, tz):
        out.note(text)


def draft_of(words: str) -> str:
    """The command that begins an answer to what was searched in vain; its text is a Markdown file of the knowledge base."""
    return f"okpay-console answers draft {draft_id(words)} FILE.md"


def _title(one: Voice, words: Wording, tz: tzinfo) -> str:
    begins, ends = (at.astimezone(tz).strftime("%Y-%m-%d") for at in (one.begins, one.ends))
    return f"{words.say('title.voice')} {begins} – {ends}"


def _notes(one: Voice, words: Wording, tz: tzinfo) -> Iterator[str]:
    if one.since is None:
        yield words.say("word.empty")
    elif one.since > one.begins:
        yield words.say("word.since", since=_clock(one.since, tz))
    if one.heard_since is None:
        yield words.say("voice.unheard")
    elif one.heard_since > one.begins:
        yield words.say("voice.heard_since", since=_clock(one.heard_since, tz))


def _tiles(one: Voice, words: Wording) -> Iterator[tuple[str, str, str]]:
    given = sum(one.scores)
    yield words.say("voice.tickets"), str(len(one.said)), ""
    mean = "-" if one.mean is None else f"{one.mean:.2f}"
    yield words.say("voice.mean"), mean, f"{words.say('voice.scored')} {given}"
    net = "-" if one.net is None else f"{one.net * 100:+.0f}"
    yield words.say("voice.net"), net, words.say("voice.net_how")


def _blocks(one: Voice, words: Wording, name: Name, tz: tzinfo) -> Iterator[Block]:
    say = words.say
    count = say("voice.count")
    for field, key, found in (("feedback_type", "types", one.types), ("feedback_area", "areas", one.areas)):
        rows = tuple((name(field, code), str(number)) for code, number in found.items())
        yield Block(say(f"voice.{key}"), "", (say(f"voice.{key}"), count), rows, ("", "n"), say("voice.none_texts"))
    yield Block(
        say("voice.missed"),
        say("voice.missed_how"),
        (say("voice.words"), count, say("voice.last"), say("voice.category"), say("voice.draft")),
        tuple(
            (
                " / ".join(each.words[:5]) + ("…" if len(each.words) > 5 else ""),
                str(each.count),
                _clock(each.last, tz),
                name("category", each.category),
                draft_of(each.words[0]),
            )
            for each in one.missed
        ),
        ("said", "n", "", "", "how"),
        say("voice.none_missed"),
    )
    yield Block(
        say("voice.failed"),
        say("voice.failed_how", least=LEAST),
        (say("voice.answer"), "id", say("voice.share"), say("voice.votes"), ""),
        tuple(
            (
                each.title,
                each.answer,
                f"{each.share:.0%}",
                f"{each.failed} / {each.helped + each.failed}",
                say("voice.few") if each.few else "",
            )
            for each in one.failed
        ),
        ("", "", "n", "n", ""),
        say("voice.none_failed"),
    )
    yield Block(
        say("voice.growing"),
        say("voice.growing_how", weeks=one.weeks),
        (say("voice.category"), count, say("voice.average")),
        tuple((name("category", each.category), str(each.now), f"{each.before:.1f}") for each in one.growing),
        ("", "n", "n"),
        say("voice.none_growing"),
    )
    yield Block(
        say("voice.texts"),
        "",
        ("#", say("voice.last"), say("voice.kind"), say("voice.areas"), say("voice.score"), say("voice.texts")),
        tuple(
            (
                str(each.number or "-"),
                _clock(each.at, tz),
                name("feedback_type", each.type),
                name("feedback_area", each.area),
                "-" if each.score is None else str(each.score),
                each.text,
            )
            for each in one.said
        ),
        ("n", "", "", "", "n", "said"),
        say("voice.none_texts"),
    )


def _grid(block: Block) -> str:
    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(_plain(cell) for cell in cells) + " |"

    rule = "| " + " | ".join("---:" if kind == "n" else "---" for kind in block.kinds) + " |"
    return "\n".join([line(block.heads), rule, *map(line, block.rows)])


def _plain(text: str) -> str:
    """The text on one line, every sign that Markdown would take for its own escaped."""
    return _MARKS.sub(r"\\\1", clean(text))


def _clock(at: datetime, tz: tzinfo) -> str:
    return at.astimezone(tz).strftime("%m-%d %H:%M")
