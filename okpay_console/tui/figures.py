"""The numbers of the wall in words, in reading order, each with what stands behind it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..content.interface import t
from ..domain.attainment import Attainment, Part
from ..domain.callbins import DIMENSIONS, Dimension
from ..domain.calls import Formula, Numbers
from ..domain.care import ENOUGH, REST_S
from ..domain.wallnumbers import Group, Wall
from . import house
from .drilled import doing_words
from .render import line
from .rows import span


class Figure(NamedTuple):
    """One number: its words, the number as shown, a note, and which tickets stand behind it (``domain.behind``).

    A heading has no ``measure`` and no value. ``share`` of the longest bar is drawn where it is not None; ``late`` has a sign.
    """

    words: str
    value: str = ""
    note: str = ""
    measure: str = ""
    group: str = ""
    key: str = ""
    late: bool = False
    share: float | None = None


def figures(wall: Wall, formula: Formula) -> list[Figure]:
    """Everything that the list of the wall shows."""
    return [
        *_calls(wall, formula),
        *_agents(wall),
        *_tickets(wall),
        *_kept(wall),
        *_care(wall),
        *_groups(wall, formula),
    ]


def formula_words(wall: Wall, formula: Formula) -> str:
    """What is divided by what, with the house's seconds in it."""
    return t(f"wall.f_{formula}", target=f"{wall.house.target_s:g}", short=f"{wall.house.short_abandon_s:g}")


def percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"


def seconds(value: float | None) -> str:
    """``17s``, or ``3m53`` from a minute on."""
    if value is None:
        return "-"
    whole = round(value)
    return f"{whole}s" if whole < 60 else f"{whole // 60}m{whole % 60:02d}"


def _calls(wall: Wall, formula: Formula) -> Iterator[Figure]:
    now, before, rule = wall.calls, wall.before, wall.house
    yield Figure(t("wall.calls"))
    longest = t("wall.longest", span=seconds(wall.longest_ring_s)) if wall.ringing else ""
    yield Figure(t("wall.ringing"), str(wall.ringing), longest, "ringing", late=wall.ringing > 0)
    more = t("wall.written", count=wall.written_down) if wall.written_down else ""
    yield Figure(t("wall.offered"), str(now.offered), f"({before.offered}) {more}".rstrip(), "offered")
    level, was = _level(now, formula), _level(before, formula)
    behind = "out_in_target" if formula == "connect" else "in_target"
    # The formula first: where there is little room, last week's number is what can be missed.
    note = f"{formula_words(wall, formula)} ({percent(was)})"
    yield Figure(
        t("wall.level"), percent(level), note, behind, late=level is not None and level < wall.house.goal, share=level
    )
    over = now.answered - round((now.service_level.strict or 0) * now.offered)
    yield Figure(t("wall.late_answers", target=f"{rule.target_s:g}"), str(over), "", "answered_late")
    yield Figure(t("wall.asa"), seconds(now.asa_s), f"({seconds(before.asa_s)})", "answered")
    parts = t("wall.aht_parts", talk=seconds(now.talk_s), hold=seconds(now.hold_s), acw=seconds(now.acw_s))
    yield Figure(t("wall.aht"), seconds(now.aht_s), f"({seconds(before.aht_s)}) {parts}", "finished")
    note = f"({percent(before.abandonment)}) {now.abandoned}/{now.offered}"
    yield Figure(t("wall.abandonment"), percent(now.abandonment), note, "abandoned")
    note = f"({percent(before.abandonment_net)}) {t('wall.net_how', short=f'{rule.short_abandon_s:g}')}"
    yield Figure(t("wall.net"), percent(now.abandonment_net), note, "lost")
    yield Figure(t("wall.callbacks"), str(now.callbacks), f"({before.callbacks})", "callbacks")
    yield Figure(t("wall.occupancy"), percent(now.occupancy), t("wall.occupancy_how"), *_busy(wall, "occupancy"))
    yield Figure(
        t("wall.utilisation"), percent(now.utilisation), t("wall.utilisation_how"), *_busy(wall, "utilisation")
    )


def _busy(wall: Wall, share: str) -> tuple[str, str, str]:
    """What stands behind a share of the agents' time: those who worked; nothing where it is not told of them."""
    return ("busy", "share", share) if wall.crew is not None and wall.crew.members else ("", "", "")


def _agents(wall: Wall) -> Iterator[Figure]:
    crew = wall.crew
    if crew is None or not crew.members:
        yield Figure(t("wall.crew_hidden" if crew is None else "wall.crew_none"))
        return
    yield Figure(t("wall.crew", count=len(crew.members) - crew.counts["offline"]))
    most = max(crew.counts.values())
    over = sum(one.late for one in crew.members)
    for doing in ("available", "call", "hold", "wrapup", "break", "training", "unheard", "offline"):
        count = crew.counts[doing]
        note = t("wall.crew_late", count=over) if doing == "break" and over else ""
        late = count > 0 and doing == "unheard"
        yield Figure(doing_words(doing), str(count), note, "crew", "doing", doing, late, count / most)


def _tickets(wall: Wall) -> Iterator[Figure]:
    now, old = wall.tickets, wall.backlog
    yield Figure(t("wall.tickets"))
    most = max(now.open, 1)
    for measure, count in (
        ("open", now.open),
        ("waiting", now.waiting),
        ("overdue", now.overdue),
        ("pending", now.pending),
    ):
        late = measure == "overdue" and count > 0
        yield Figure(t(f"wall.{measure}"), str(count), "", measure, late=late, share=count / most)
    yield Figure(t("wall.closed_today"), str(now.closed_today), "", "closed_today")
    aged = t("wall.aged", p90=_age(old.p90_s), most=_age(old.max_s))
    yield Figure(t("wall.median"), _age(old.p50_s), aged, "open")
    cycles = "-" if old.cycles_late is None else f"{old.cycles_late:.2f}"
    yield Figure(t("wall.cycles"), cycles, t("wall.cycles_how"), "resolve_late")


def _kept(wall: Wall) -> Iterator[Figure]:
    yield Figure(t("wall.kept"))
    for measure, attained in (("response", wall.response), ("resolve", wall.resolve)):
        share, note = attained.share, _attained(attained)
        yield Figure(t(f"wall.{measure}"), percent(share), note, f"{measure}_met", share=share)
    kept = wall.promises
    yield _part("wall.promises", kept, t("wall.promises_how", part=kept.part, whole=kept.whole), "promises_kept")
    solved = wall.first_contact
    how = t("wall.fcr_how", part=solved.part, whole=solved.whole, days=wall.house.fcr_days)
    yield _part("wall.fcr", solved, how, "solved")


def _care(wall: Wall) -> Iterator[Figure]:
    """How many are over a limit; with few at work not even that, since a count would name somebody."""
    if wall.crew is None or not wall.crew.members:
        return
    found = wall.crew.care
    limits = found.limits
    yield Figure(t("wall.care"))
    few = t("wall.care_few", enough=ENOUGH)
    for name, count, note in (
        (
            "stretch",
            found.stretch,
            t("wall.care_stretch_how", hours=f"{limits.stretch_s / 3600:g}", rest=f"{REST_S / 60:g}"),
        ),
        ("abusive", found.abusive, t("wall.care_abusive_how", count=limits.abusive)),
        ("contact", found.contact, t("wall.care_contact_how", share=f"{limits.contact * 100:g}")),
        ("minutes", found.minutes, t("wall.care_minutes_how")),
    ):
        shown = "-" if count is None else str(count)
        yield Figure(t(f"wall.care_{name}"), shown, few if count is None else note)


def _groups(wall: Wall, formula: Formula) -> Iterator[Figure]:
    most = max(wall.tickets.open, 1)
    for dimension in DIMENSIONS:
        yield Figure(t(f"wall.{dimension}"))
        found = wall.groups.get(dimension, {})
        for key, one in sorted(found.items(), key=lambda item: (-item[1].open, item[0])):
            yield Figure(
                _key_words(dimension, key), str(one.open), _group(one, formula), "open", dimension, key,
                False, one.open / most,
            )  # fmt: skip
    yield Figure(t("wall.agent"))
    for key, count in sorted(wall.tickets.by_agent.items(), key=lambda item: (-item[1], item[0])):
        yield Figure(line(key) or t("case.nobody"), str(count), "", "open", "assignee", key, share=count / most)


def _key_words(dimension: Dimension, key: str) -> str:
    if dimension == "channel":
        return t(f"channel.{key}")
    if dimension == "queue":
        return line(key)
    return house.category_title(key) if key else t("wall.none")


def _level(numbers: Numbers, formula: Formula) -> float | None:
    found: float | None = getattr(numbers.service_level, formula)
    return found


def _attained(one: Attainment) -> str:
    return t("wall.attained", met=one.met, missed=one.missed, late=one.late)


def _part(words: str, one: Part, note: str, measure: str) -> Figure:
    return Figure(t(words), percent(one.share), note, measure, share=one.share)


def _group(one: Group, formula: Formula) -> str:
    level = percent(_level(one.calls, formula)) if one.calls.offered else ""
    return t("wall.group_note", overdue=one.overdue, offered=one.calls.offered, level=level).rstrip()


def _age(value: float | None) -> str:
    return "-" if value is None else span(int(value))
