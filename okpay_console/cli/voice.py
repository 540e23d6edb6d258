"""``voice``: what customers tell and ask, for the people who make the product and those who write the answers."""

from __future__ import annotations

from argparse import Namespace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from okpay_console import wiring
from okpay_console.cli import handout, problems, voicepage
from okpay_console.cli.naming import namer
from okpay_console.cli.output import Out
from okpay_console.config import Settings
from okpay_console.content.reporting import load_wording
from okpay_console.domain import voice
from okpay_console.domain.answers import Answer
from okpay_console.domain.voice import Voice


def run(arguments: Namespace, settings: Settings, out: Out) -> int:
    """The last days of this console's cache. Personal values are masked, secrets are taken out."""
    now, tz = wiring.now(), ZoneInfo(settings.timezone)
    one = heard(settings, now, days=min(arguments.days, 3660))
    words = load_wording(out.lang)
    name = namer(words)
    form = next((form for form in ("html", "markdown") if getattr(arguments, form)), "")
    if form:
        make = voicepage.page if form == "html" else voicepage.markdown
        text = make(one, words, name=name, tz=tz)
        target = getattr(arguments, form)
        handout.hand_out(settings, out, kind="report.voice", form=form, target=target, text=text, force=arguments.force)
    elif out.json:
        out.doc(msgspec.to_builtins(one))
    else:
        voicepage.show(one, words, out, name=name, tz=tz)
    return problems.DONE


def heard(settings: Settings, now: datetime, *, days: int) -> Voice:
    """Everything that this console knows of the customers' voice."""
    from okpay_console.local.answers import AnswerCache

    titles = {answer.id: answer.title for answer in reversed(_ours_first(settings))}
    with wiring.reading(settings) as picture:
        rows = picture.rows()
        said = [
            one
            for row in rows.values()
            if row.category == voice.FEEDBACK
            and (doc := picture.doc(row.id)) is not None
            and (one := voice.said_of(doc, row)) is not None
        ]
        lines, whole = wiring.told_since(settings, picture, now - timedelta(days=days))
        ratings = AnswerCache(picture.mirror.store).ratings
        return voice.listen(rows, said, lines, ratings, titles, now=now, days=days, whole=whole)


def _ours_first(settings: Settings) -> list[Answer]:
    return sorted(wiring.answers(settings), key=lambda answer: answer.lang != settings.language)
