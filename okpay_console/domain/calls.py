"""The hotline's numbers from its log: service level by five formulas, waits, handle times, abandonment, occupancy."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, get_args

import msgspec

from .calllog import SECOND, Call, Event, Log, Micros, Outcome, State, micros, read

Formula = Literal["strict", "freshcaller", "genesys", "flex", "connect"]


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """House values that stand beside every number made with them.

    A wait of exactly ``target_s`` is inside. A caller who hangs up before ``short_abandon_s`` dialled wrongly (the short
    abandon of Talkdesk and Ivanti, both of them strictly *before* the threshold).
    """

    target_s: float = 20.0
    short_abandon_s: float = 5.0


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of calls and sums of time in microseconds; the tallies of two stretches add up to that of both.

    ``in_target``: answered within the target; ``out_in_target``: left the queue within it in any way. ``waited`` is of all
    that left the queue, ``waited_answered`` of the answered. ``finished``: answered and ended; ``talk``, ``hold`` and
    ``acw`` are theirs. ``contact``, ``idle`` and ``on_break`` are times of the agents whose presence the log tells; a training
    counts as a break, since it is neither work on contacts nor waiting for one.
    """

    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    short: int = 0
    callbacks: int = 0
    in_target: int = 0
    out_in_target: int = 0
    waited: Micros = 0
    waited_answered: Micros = 0
    finished: int = 0
    talk: Micros = 0
    hold: Micros = 0
    acw: Micros = 0
    contact: Micros = 0
    idle: Micros = 0
    on_break: Micros = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(**{name: getattr(self, name) + getattr(other, name) for name in self.__struct_fields__})


class Spell(msgspec.Struct, frozen=True, gc=False):
    """One call as the numbers need it: how it left the queue and after which wait (None while it waits).

    ``talk``, ``hold`` and ``acw`` are nothing unless it is ``finished``: answered and ended.
    """

    outcome: Outcome
    wait: Micros | None
    finished: bool
    talk: Micros
    hold: Micros
    acw: Micros


class ServiceLevel(msgspec.Struct, frozen=True, kw_only=True):
    """One day, five answers; fractions of 1, None where there was nothing to divide by.

    * ``strict``       answered ≤ T / offered (our default; the norm of the China Banking Association)
    * ``freshcaller``  answered ≤ T / (offered − short abandons) (Freshcaller; there is no voicemail here)
    * ``genesys``      answered ≤ T / (answered + abandoned − short) (Genesys Cloud with abandons on, the other switches off)
    * ``flex``         answered ≤ T / answered (Twilio's Flex template)
    * ``connect``      left the queue ≤ T / offered: answered, abandoned or called back (Amazon Connect)
    """

    strict: float | None
    freshcaller: float | None
    genesys: float | None
    flex: float | None
    connect: float | None


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    """What a stretch of the hotline was like. Shares are fractions of 1, ``…_s`` are seconds; None where nothing was counted.

    ``offered`` = answered + abandoned + callbacks + waiting (still in the queue at the end of the log). ``asa_s``: mean wait of
    the answered. ``aht_s`` = ``talk_s`` + ``hold_s`` + ``acw_s``, means over the finished calls (Amazon Connect; GB/T
    32312-2015). ``abandonment`` = abandoned / offered; ``abandonment_net`` without short abandons above and below.
    ``occupancy``: with a call or its after-call work / (that + idle), breaks excluded (Amazon Connect); ``utilisation``: the same /
    logged in. ``patience_s``: seconds waited by all / abandoned, the maximum likelihood of exponential patience.
    """

    offered: int
    answered: int
    abandoned: int
    callbacks: int
    waiting: int
    service_level: ServiceLevel
    asa_s: float | None
    aht_s: float | None
    talk_s: float | None
    hold_s: float | None
    acw_s: float | None
    abandonment: float | None
    abandonment_net: float | None
    occupancy: float | None
    utilisation: float | None
    patience_s: float | None


def measure(events: Iterable[Event], rule: Rule | None = None) -> Numbers:
    """The numbers of a whole log. ``ValueError`` where an event has no time zone."""
    return numbers(tally(read(events), rule))


def tally(log: Log, rule: Rule | None = None, *, begins: datetime | None = None, ends: datetime | None = None) -> Tally:
    """Counts the stretch [begins, ends): calls by the moment of their offer, agents' time as it falls into it.

    A call at midnight belongs to the day in which it entered the queue, with its whole wait and handle time.
    """
    since = None if begins is None else micros(begins)
    to = None if ends is None else micros(ends)
    times = dict.fromkeys(get_args(State), 0)
    for agent in log.agents:
        # A contact without the presence around it would count as an agent who is never idle.
        for began, ended, state in agent.spans if agent.known else ():
            start = began if since is None else max(began, since)
            times[state] += max(0, (ended if to is None else min(ended, to)) - start)
    inside = (
        call for call in log.calls if (since is None or call.offered >= since) and (to is None or call.offered < to)
    )
    away = times["break"] + times["training"]
    return count(map(spell, inside), rule, contact=times["contact"], idle=times["idle"], on_break=away)


def spell(call: Call) -> Spell:
    """What the call adds to the numbers."""
    talk, hold, acw = _spans(call) if call.finished else (0, 0, 0)
    return Spell(call.outcome, call.wait, call.finished, talk, hold, acw)


def count(
    spells: Iterable[Spell], rule: Rule | None = None, *, contact: Micros = 0, idle: Micros = 0, on_break: Micros = 0
) -> Tally:
    """Counts calls, wherever they were told; the agents' times are counted by whoever knows them."""
    rule = rule or Rule()
    target, most = round(rule.target_s * SECOND), round(rule.short_abandon_s * SECOND)
    offered = answered = abandoned = short = callbacks = in_target = out_in_target = 0
    waited = waited_answered = finished = talk = hold = acw = 0
    for one in spells:
        offered += 1
        wait = one.wait
        if wait is None:
            continue
        waited += wait
        out_in_target += wait <= target
        if one.outcome == "answered":
            answered += 1
            in_target += wait <= target
            waited_answered += wait
            if one.finished:
                finished += 1
                talk += one.talk
                hold += one.hold
                acw += one.acw
        elif one.outcome == "abandoned":
            abandoned += 1
            short += wait < most
        else:
            callbacks += 1
    return Tally(
        offered=offered, answered=answered, abandoned=abandoned, short=short, callbacks=callbacks, in_target=in_target,
        out_in_target=out_in_target, waited=waited, waited_answered=waited_answered, finished=finished, talk=talk, hold=hold,
        acw=acw, contact=contact, idle=idle, on_break=on_break,
    )  # fmt: skip


def numbers(counted: Tally) -> Numbers:
    """The ratios of a tally."""
    finished = counted.finished * SECOND
    logged_in = counted.contact + counted.idle + counted.on_break
    return Numbers(
        offered=counted.offered,
        answered=counted.answered,
        abandoned=counted.abandoned,
        callbacks=counted.callbacks,
        waiting=counted.offered - counted.answered - counted.abandoned - counted.callbacks,
        service_level=ServiceLevel(
            strict=_share(counted.in_target, counted.offered),
            freshcaller=_share(counted.in_target, counted.offered - counted.short),
            genesys=genesys(counted),
            flex=_share(counted.in_target, counted.answered),
            connect=_share(counted.out_in_target, counted.offered),
        ),
        asa_s=_share(counted.waited_answered, counted.answered * SECOND),
        aht_s=_share(counted.talk + counted.hold + counted.acw, finished),
        talk_s=_share(counted.talk, finished),
        hold_s=_share(counted.hold, finished),
        acw_s=_share(counted.acw, finished),
        abandonment=_share(counted.abandoned, counted.offered),
        abandonment_net=_share(counted.abandoned - counted.short, counted.offered - counted.short),
        occupancy=_share(counted.contact, counted.contact + counted.idle),
        utilisation=_share(counted.contact, logged_in),
        patience_s=_share(counted.waited, counted.abandoned * SECOND),
    )


def genesys(
    counted: Tally, *, abandons: bool = True, short_abandons: bool = False, flow_outs: bool = False
) -> float | None:
    """(answered − late) / (answered + [abandoned − short] + [flow-outs]), each bracket a switch of the Genesys settings."""
    lost = counted.abandoned - (0 if short_abandons else counted.short)
    below = counted.answered + (lost if abandons else 0) + (counted.callbacks if flow_outs else 0)
    return _share(counted.in_target, below)


def _spans(call: Call) -> tuple[Micros, Micros, Micros]:
    """Talk, hold and after-call work of a finished call, over all agents who had it."""
    talk = hold = acw = 0
    for contact in call.contacts:
        ended = contact.busy_until if contact.ended is None else contact.ended
        talk += ended - contact.began - contact.hold
        hold += contact.hold
        acw += contact.busy_until - ended
    return talk, hold, acw


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
