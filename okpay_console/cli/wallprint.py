"""The wall's numbers as documents and as tables: what ``stats`` prints."""

from __future__ import annotations

from typing import Any

import msgspec

from okpay_console.cli.output import Out
from okpay_console.cli.words import span, word
from okpay_console.domain.attainment import Attainment, Part
from okpay_console.domain.care import ENOUGH
from okpay_console.domain.crewnumbers import CrewNumbers
from okpay_console.domain.wallnumbers import FORMULAS, Wall


def document(wall: Wall) -> dict[str, Any]:
    """Every number of the wall as JSON values; the counts of tickets at the top, where they have always been."""
    found: dict[str, Any] = msgspec.to_builtins(wall)
    house = found.pop("house")
    house.pop("solving")
    house.pop("formula")
    tickets = found.pop("tickets")
    found["crew"] = None if wall.crew is None else _crew_document(wall.crew)
    for name, part in (("response", wall.response), ("resolve", wall.resolve)):
        found[name]["share"] = part.share
    for name, share in (("promises", wall.promises), ("first_contact", wall.first_contact)):
        found[name]["share"] = share.share
    return {**tickets, **found, "rule": house}


def _crew_document(crew: CrewNumbers) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(crew)
    found["care"].pop("limits")
    return found


def show(wall: Wall, out: Out) -> None:
    """The numbers for people, each with how it is made."""
    _tickets(wall, out)
    _calls(wall, out)
    _agents(wall, out)
    _kept(wall, out)
    _groups(wall, out)
    _levers(wall, out)


def _tickets(wall: Wall, out: Out) -> None:
    found, old = wall.tickets, wall.backlog
    lines: list[tuple[str, object]] = [
        (out.pick("未结", "open"), found.open),
        (out.pick("待认领", "waiting"), found.waiting),
        (out.pick("已超时", "overdue"), found.overdue),
        (out.pick("待客户", "pending"), found.pending),
        (out.pick("今日已结", "closed today"), found.closed_today),
        (out.pick("最久等待", "oldest wait"), _span(found.oldest_wait_s, out)),
        (out.pick("未结工龄 p50", "age p50"), _span(old.p50_s, out)),
        (out.pick("未结工龄 p90", "age p90"), _span(old.p90_s, out)),
        (out.pick("未结最久", "age of the oldest"), _span(old.max_s, out)),
        (out.pick("平均超时倍数", "mean cycles late"), "-" if old.cycles_late is None else f"{old.cycles_late:.2f}"),
        (out.pick("承诺未兑现", "open promises"), found.promises_open),
        (out.pick("承诺已过期", "overdue promises"), found.promises_overdue),
    ]
    out.table((out.pick("数字", "number"), out.pick("现在", "now")), lines, right=(1,))


def _calls(wall: Wall, out: Out) -> None:
    now, before, rule = wall.calls, wall.before, wall.house
    say = out.pick
    lines = [
        (say("正在等", "waiting now"), str(wall.ringing), "", _span(wall.longest_ring_s, out)),
        (say("进线", "offered"), str(now.offered), str(before.offered), ""),
        (say("接起", "answered"), str(now.answered), str(before.answered), ""),
    ]
    for formula in FORMULAS:
        name = say("服务水平", "service level") + f" {formula}"
        now_level, was = getattr(now.service_level, formula), getattr(before.service_level, formula)
        lines.append((name, _percent(now_level), _percent(was), f"T={rule.target_s:g}s S={rule.short_abandon_s:g}s"))
    lines += [
        (say("平均应答", "ASA"), _exact(now.asa_s), _exact(before.asa_s), ""),
        (say("平均处理", "AHT"), _exact(now.aht_s), _exact(before.aht_s), say("通话+保持+话后", "talk + hold + ACW")),
        (say("  通话", "  talk"), _exact(now.talk_s), _exact(before.talk_s), ""),
        (say("  保持", "  hold"), _exact(now.hold_s), _exact(before.hold_s), ""),
        (say("  话后", "  ACW"), _exact(now.acw_s), _exact(before.acw_s), ""),
        (say("放弃率", "abandonment"), _percent(now.abandonment), _percent(before.abandonment), ""),
        (say("净放弃率", "abandonment, net"), _percent(now.abandonment_net), _percent(before.abandonment_net), ""),
        (
            say("占用率", "occupancy"),
            _percent(now.occupancy),
            "-",
            say("处理 /（处理 + 空闲）", "busy / (busy + idle)"),
        ),
        (say("利用率", "utilisation"), _percent(now.utilisation), "-", say("处理 / 登录", "busy / logged in")),
    ]
    out.line()
    heads = (say("电话", "calls"), say("今天", "today"), say("上周同日此刻", "a week ago"), "")
    out.table(heads, lines, right=(1, 2))


def _agents(wall: Wall, out: Out) -> None:
    """The states, and the care for those in them as numbers; the agents themselves are on the wall."""
    crew, say = wall.crew, out.pick
    if crew is None or not crew.members:
        return
    names = (
        ("available", "可接", "available"), ("call", "通话中", "on a call"), ("hold", "保持", "on hold"),
        ("wrapup", "话后", "after-call work"), ("break", "小休", "on a break"), ("training", "培训", "in training"),
        ("offline", "下线", "offline"), ("unheard", "没有音讯", "unheard"),
    )  # fmt: skip
    out.line()
    out.table(
        (say("坐席", "agents"), say("人数", "count")),
        [(say(zh, en), crew.counts[name]) for name, zh, en in names],
        right=(1,),
    )
    care = crew.care
    few = say(f"在岗不足 {ENOUGH} 人，不显示", f"fewer than {ENOUGH} at work: not shown")
    hours = f"{care.limits.stretch_s / 3600:g}"
    rows = [
        (say("久未休息", "no rest"), care.stretch, say(f"≥{hours} 小时", f"for {hours} hours or more")),
        (
            say("连遭辱骂", "abused"),
            care.abusive,
            say(f"连续 ≥{care.limits.abusive} 通", f"{care.limits.abusive} or more calls in a row"),
        ),
        (
            say("一直在忙", "always busy"),
            care.contact,
            say(f"近 1 小时处理 ≥{care.limits.contact:.0%}", f"{care.limits.contact:.0%} or more of the last hour"),
        ),
        (say("缓一缓", "needed a minute"), care.minutes, say("今天次数", "times today")),
    ]
    out.line()
    out.table(
        (say("关怀", "care"), say("人数", "count"), say("界限", "limit")),
        [(name, "-" if count is None else count, few if count is None else how) for name, count, how in rows],
        right=(1,),
    )


def _kept(wall: Wall, out: Out) -> None:
    say = out.pick
    days = wall.house.fcr_days
    lines = [
        (say("首响达标", "first answer in time"), *_attained(wall.response)),
        (say("解决达标", "solution in time"), *_attained(wall.resolve)),
        (say("承诺兑现", "promises kept"), *_part(wall.promises)),
        (
            say(f"一次解决（{days} 天内没再来）", f"first contact (no repeat in {days} days)"),
            *_part(wall.first_contact),
        ),
    ]
    out.line()
    out.table((say("说到做到", "kept"), "", say("几分之几", "of")), lines, right=(1, 2))


def _groups(wall: Wall, out: Out) -> None:
    say = out.pick
    titles = (("channel", "渠道", "channel"), ("category", "分类", "category"), ("queue", "队列", "queue"))
    for name, zh, en in titles:
        found = next((groups for dimension, groups in wall.groups.items() if dimension == name), {})
        if not found:
            continue
        out.line()
        rows = [
            (
                word(key, out.lang) or "-",
                one.open,
                one.overdue,
                one.calls.offered,
                _percent(one.calls.service_level.strict),
            )
            for key, one in found.items()
        ]
        heads = (
            say(zh, en),
            say("未结", "open"),
            say("超时", "overdue"),
            say("进线", "calls"),
            say("服务水平", "level"),
        )
        out.table(heads, rows, right=range(1, 5))
    if wall.tickets.by_agent:
        out.line()
        agents = [(word(key, out.lang) or "-", count) for key, count in wall.tickets.by_agent.items()]
        out.table((say("负责人", "agent"), say("未结", "open")), agents, right=(1,))


def _levers(wall: Wall, out: Out) -> None:
    say = out.pick
    rows = [
        (
            one.label,
            "-" if one.calls is None else f"{one.calls:.1f}",
            *("-" if value is None else str(value) for value in (one.c, one.a, one.rostered, one.more)),
        )
        for one in wall.levers
    ]
    out.line()
    heads = (
        say("时段", "half-hour"),
        say("预计来电", "calls"),
        "Erlang C",
        "Erlang A",
        say("排班", "roster"),
        say("再上", "add"),
    )
    out.table(heads, rows, right=range(1, 6))


def _attained(one: Attainment) -> tuple[str, str]:
    return _percent(one.share), f"{one.met}/{one.met + one.missed + one.late}"


def _part(one: Part) -> tuple[str, str]:
    return _percent(one.share), f"{one.part}/{one.whole}"


def _span(value: float | None, out: Out) -> str:
    return "-" if value is None else span(value, out.lang)


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.2%}"


def _exact(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f} s"
