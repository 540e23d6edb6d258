"""A report as flat lines: one number a line, with its measure, its unit, and the number of a week before where there is one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from .attainment import Attainment, Part
from .calls import Numbers
from .report import Report
from .wallnumbers import FORMULAS

Unit = Literal["count", "s", "share", "times"]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """``key`` names the group, half-hour, day or agent, "" for the whole; ``value`` is None where nothing was counted.

    ``part`` of ``whole`` is what a share was made of. Shares are fractions of 1.
    """

    section: str
    measure: str
    key: str = ""
    value: float | int | None
    unit: Unit
    before: float | int | None = None
    part: int | None = None
    whole: int | None = None


def lines(one: Report) -> Iterator[Line]:
    """Everything that a report says, in reading order."""
    yield from _calls("calls", "", one.calls, one.before)
    wall = one.wall
    yield Line(section="calls", measure="written_down", value=wall.written_down, unit="count")
    yield from _kept(one)
    yield from _tickets(one)
    for dimension, groups in one.groups.items():
        for key, group in groups.items():
            for measure, value in (("came", group.came), ("open", group.open), ("overdue", group.overdue)):
                yield Line(section=dimension, measure=measure, key=key, value=value, unit="count")
            yield from _brief(dimension, key, group.calls)
    for half in one.halves:
        yield from _brief("half", half.label, half.calls)
    for day in one.days:
        key = day.day.isoformat()
        yield from _brief("day", key, day.calls)
        for measure, value in (("came", day.flow.came), ("ended", day.flow.ended), ("open", day.flow.open)):
            yield Line(section="day", measure=measure, key=key, value=value, unit="count")
        for measure, part in (("response", day.response), ("resolve", day.resolve), ("promises", day.promises)):
            yield _part("day", measure, part, key)
    for code, count in one.endings.items():
        yield Line(section="ending", measure="ended", key=code, value=count, unit="count")
    yield from _people(one)


def _calls(section: str, key: str, now: Numbers, was: Numbers) -> Iterator[Line]:
    for name in ("offered", "answered", "abandoned", "callbacks", "waiting"):
        value, before = getattr(now, name), getattr(was, name)
        yield Line(section=section, measure=name, key=key, value=value, unit="count", before=before)
    for formula in FORMULAS:
        value, before = getattr(now.service_level, formula), getattr(was.service_level, formula)
        yield Line(section=section, measure=f"level_{formula}", key=key, value=value, unit="share", before=before)
    for name in ("asa_s", "aht_s", "talk_s", "hold_s", "acw_s", "patience_s"):
        value, before = getattr(now, name), getattr(was, name)
        yield Line(section=section, measure=name, key=key, value=value, unit="s", before=before)
    for name in ("abandonment", "abandonment_net", "occupancy", "utilisation"):
        value, before = getattr(now, name), getattr(was, name)
        yield Line(section=section, measure=name, key=key, value=value, unit="share", before=before)


def _brief(section: str, key: str, now: Numbers) -> Iterator[Line]:
    for name in ("offered", "answered", "abandoned"):
        yield Line(section=section, measure=name, key=key, value=getattr(now, name), unit="count")
    yield Line(section=section, measure="level_strict", key=key, value=now.service_level.strict, unit="share")
    for name in ("asa_s", "aht_s"):
        yield Line(section=section, measure=name, key=key, value=getattr(now, name), unit="s")


def _kept(one: Report) -> Iterator[Line]:
    yield _attained("response", one.response)
    yield _attained("resolve", one.resolve)
    yield _part("kept", "promises", one.promises, before=one.promises_before.share)
    yield _part("kept", "first_contact", one.wall.first_contact)


def _tickets(one: Report) -> Iterator[Line]:
    now, was, tickets, old = one.flow, one.flow_before, one.wall.tickets, one.wall.backlog
    yield Line(section="tickets", measure="came", value=now.came, unit="count", before=was.came)
    yield Line(section="tickets", measure="ended", value=now.ended, unit="count", before=was.ended)
    yield Line(section="tickets", measure="open", value=tickets.open, unit="count", before=was.open)
    for name in ("waiting", "overdue", "pending", "promises_open", "promises_overdue"):
        yield Line(section="tickets", measure=name, value=getattr(tickets, name), unit="count")
    for name, value in (
        ("age_p50", old.p50_s),
        ("age_p90", old.p90_s),
        ("age_max", old.max_s),
        ("oldest_wait", tickets.oldest_wait_s),
    ):
        yield Line(section="tickets", measure=name, value=value, unit="s")
    yield Line(section="tickets", measure="cycles_late", value=old.cycles_late, unit="times")


def _people(one: Report) -> Iterator[Line]:
    team = one.team
    yield Line(section="team", measure="agents", value=team.agents, unit="count")
    yield Line(section="team", measure="contact_s", value=team.contact_s, unit="s")
    crew = one.wall.crew
    for name in ("idle_s", "break_s", "training_s") if crew is not None and one.kind == "day" else ():
        yield Line(section="team", measure=name, value=getattr(crew, name), unit="s")
    for agent in one.agents:
        yield Line(section="agent", measure="answered", key=agent.name, value=agent.answered, unit="count")
        yield Line(section="agent", measure="contact_s", key=agent.name, value=agent.contact_s, unit="s")
        yield Line(section="agent", measure="aht_s", key=agent.name, value=agent.aht_s, unit="s")


def _attained(measure: str, one: Attainment) -> Line:
    whole = one.met + one.missed + one.late
    return Line(section="kept", measure=measure, value=one.share, unit="share", part=one.met, whole=whole)


def _part(section: str, measure: str, one: Part, key: str = "", before: float | None = None) -> Line:
    return Line(
        section=section,
        measure=measure,
        key=key,
        value=one.share,
        unit="share",
        before=before,
        part=one.part,
        whole=one.whole,
    )
