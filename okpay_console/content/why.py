"""Why a ticket is late or not, in words: what was counted, what was not, which target applies, and when it is due."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from ..domain.sla import Explanation, Part, Reckoning
from . import calendars, interface
from .interface import has, t
from .rules import load_categories

Role = Literal["head", "late", "calm", "part", "dim"]


class Line(NamedTuple):
    """One line and what it is: a clock's state (head; late where it is), a piece of the sum, or a remark."""

    text: str
    role: Role = "calm"


def lines(explanation: Explanation, *, local: Callable[[datetime], datetime]) -> list[Line]:
    """The explanation in the language in use; ``local`` turns a moment into the zone that it is shown in."""
    if not explanation.clocks:
        return [Line(t("why.none"), "head")]
    found: list[Line] = []
    for clock in explanation.clocks:
        found += [Line("", "dim")] if found else []
        found += _clock(clock, local)
    return found


def span(seconds: int, *, unit: int = 1, days: bool = True) -> str:
    """A length of time with nothing left out above ``unit`` seconds: ``2d3h12m``, ``45s``; a day has 24 hours.

    Working time is said without ``days``: three days of nine hours are 27h, and not a day and three hours.
    """
    left = round(abs(seconds) / unit) * unit
    words = ""
    for size, letter in ((86400, "d"), (3600, "h"), (60, "m"), (1, "s"))[0 if days else 1 :]:
        count, left = divmod(left, size)
        words += f"{count}{letter}" if count else ""
    return words or ("0m" if unit >= 60 else "0s")


def whole(seconds: Sequence[int], unit: int) -> list[int]:
    """Lengths of time rounded to ``unit`` so that what is shown still adds up to the rounded total."""
    shown: list[int] = []
    total = before = 0
    for one in seconds:
        total += one
        reached = round(total / unit) * unit
        shown.append(reached - before)
        before = reached
    return shown


def reason_word(reason: str) -> str:
    """A pause's reason as people read it; one in somebody's own words is left as it is."""
    key = f"why.reason_{reason}"
    return t(key) if has(key) else reason


def _clock(clock: Reckoning, local: Callable[[datetime], datetime]) -> list[Line]:
    matter = t(f"why.{clock.matter}")
    found = [Line(t("why.head", matter=matter, state=_state(clock)), "late" if _is_late(clock) else "head")]
    if clock.target is not None:
        found.append(Line(t("why.target", limit=_limit(clock), rule=_rule(clock))))
    else:
        found.append(Line(t("why.no_target"), "dim"))
    found.append(Line(t("why.due", at=_at(clock.due, local))))
    if clock.target is not None:
        found += _sum(clock, local)
    if clock.unannounced:
        years = t("why.comma").join(str(year) for year in clock.unannounced)
        found.append(Line(t("why.unannounced", years=years), "dim"))
    if clock.ours is not None and not clock.agrees:
        found.append(Line(t("why.differs", ours=_at(clock.ours, local)), "dim"))
    return found


def _sum(clock: Reckoning, local: Callable[[datetime], datetime]) -> list[Line]:
    total = sum(part.seconds for part in clock.parts)
    unit = _unit(total)
    stopped = clock.state in ("met", "missed")
    until = t("why.until", at=_at(clock.until, local)) if stopped else t("why.until_now")
    found = [
        Line(t("why.sum", since=_at(clock.since, local), until=until, span=span(total, unit=unit, days=clock.h24)))
    ]
    shown = whole([part.seconds for part in clock.parts], unit)
    found += [
        Line(_part(part, span(seconds, unit=unit, days=clock.h24)), "part")
        for part, seconds in zip(clock.parts, shown, strict=True)
        if seconds or part.kind == "counted"
    ]
    return found


def _part(part: Part, words: str) -> str:
    name = part.why
    if part.kind == "holiday":
        name = calendars.holiday_word(part.why, interface.lang())
    elif part.kind == "paused":
        name = reason_word(part.why)
    return t(f"why.part_{part.kind}", span=words, name=name)


def _is_late(clock: Reckoning) -> bool:
    return clock.state in ("late", "missed")


def _state(clock: Reckoning) -> str:
    plain = clock.h24 or clock.target is None
    left = span(clock.left_s, unit=_unit(clock.left_s), days=plain) + ("" if plain else _of(clock))
    if clock.state == "paused":
        key = "why.paused" if clock.left_s >= 0 else "why.paused_late"
        return t(key, reason=reason_word(clock.reason), left=left)
    return t(f"why.{clock.state}", left=left)


def _limit(clock: Reckoning) -> str:
    assert clock.limit_s is not None
    if clock.h24:
        return span(clock.limit_s)
    days, rest = divmod(clock.limit_s, clock.workday_s)
    work = span(clock.limit_s, days=False) + _of(clock)
    return work if rest else t("why.workdays", days=days, work=work)


def _of(clock: Reckoning) -> str:
    """Whose hours they are: the calendar's title, its name where it has none."""
    return t("why.of", title=clock.title.of(interface.lang()) if clock.title is not None else clock.calendar)


def _unit(seconds: int) -> int:
    """Seconds are of interest below an hour."""
    return 60 if abs(seconds) >= 3600 else 1


def _rule(clock: Reckoning) -> str:
    """What the target asks of a ticket, in words."""
    target = clock.target
    assert target is not None
    titles = {one.id: one.title.of(interface.lang()) for one in load_categories()}
    words: Iterable[str] = (
        titles.get(target.category, target.category),
        t("why.priority", word=t(f"priority.{target.priority}")) if target.priority else "",
        t(f"channel.{target.channel}") if target.channel else "",
    )
    return t("why.comma").join(word for word in words if word) or t("why.any")


def _at(moment: datetime, local: Callable[[datetime], datetime]) -> str:
    shown = local(moment)
    return f"{shown:%m-%d} {t(f'why.day_{shown.isoweekday()}')} {shown:%H:%M}" + (
        f":{shown:%S}" if shown.second else ""
    )
