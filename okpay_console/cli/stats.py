"""``stats``: the supervisor's numbers now, from the local cache; with ``--log``, from a log of calls."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec.structs import asdict

from okpay_console import wiring
from okpay_console.cli import problems, wallprint
from okpay_console.cli.output import Out
from okpay_console.cli.words import span
from okpay_console.config import Settings
from okpay_console.content.solving import solving
from okpay_console.domain import intervals, walltally
from okpay_console.domain.crew import Crew
from okpay_console.domain.crewnumbers import CrewNumbers
from okpay_console.domain.daybook import Line
from okpay_console.domain.wallnumbers import House
from okpay_console.domain.watch import Watch
from okpay_console.errors import UsageError
from okpay_console.local.daybook import Book


def run(arguments: Namespace, settings: Settings, out: Out) -> int:
    """The numbers of the wall as this console sees them, and how old the data behind them is; asks nobody.

    With ``--log`` the numbers of the hotline from that log instead, and nothing of this console.
    """
    if arguments.log is not None:
        from okpay_console.cli import calls

        return calls.run(arguments, out)
    if arguments.target_seconds is not None or arguments.short_abandon is not None:
        raise UsageError(
            out.pick("--target-seconds 和 --short-abandon 要与 --log 同用。", "These options need --log."),
            out.pick("写法见：okpay-console stats --help", "See: okpay-console stats --help"),
        )
    moment = wiring.now()
    with wiring.reading(settings) as picture:
        watch = Watch(House(**asdict(settings.wall), solving=solving()), tz=ZoneInfo(settings.timezone))
        watch.read(picture.rows())
        synced = picture.mirror.synced_at
        book = Book(picture.mirror.store)
        # An agent is told of nobody but himself, and one agent's time is not the floor's.
        told = () if book.mark.role == "agent" else book.lines()
        unsent, reviews = len(picture.outbox), len(picture.reviews())
    found = walltally.numbers(watch, moment, crew=_crew(watch, told, synced, moment))
    age = max((moment - synced).total_seconds(), 0.0) if synced else None
    if out.json:
        # "cache": this process did not ask the server, so it does not pretend to know the link.
        data = {"link": "cache", "synced_at": synced, "data_age_s": age, "unsent": unsent, "reviews": reviews}
        out.doc({**wallprint.document(found), **data})
        return problems.DONE
    wallprint.show(found, out)
    if age is None:
        out.note(
            out.pick(
                "本机还没有同步过。请先运行：okpay-console sync", "Never synced here. First run: okpay-console sync"
            )
        )
    else:
        old = span(age, out.lang)
        out.note(
            out.pick(f"数据是 {old}前的，待发 {unsent}", f"The data is {old} old; {unsent} operations wait to be sent")
        )
    return problems.DONE


def _crew(watch: Watch, told: Sequence[Line], synced: datetime | None, now: datetime) -> CrewNumbers | None:
    """The agents as of the last sync: what they have done since then nobody here knows. None where that was on another day."""
    if not told or synced is None or synced < intervals.day_of(now, watch.tz).begins:
        return None
    crew = Crew(tz=watch.tz)
    crew.learn(tuple(told))
    return crew.numbers(watch, None, min(synced, now))
