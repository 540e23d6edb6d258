"""``staffing``: how many agents a stretch of the hotline needs, by Erlang C and, where the patience is known, Erlang A."""

from __future__ import annotations

import math
from argparse import Namespace
from typing import Any

from okpay_console.cli import problems
from okpay_console.cli.output import Out
from okpay_console.config import Settings
from okpay_console.domain import erlang
from okpay_console.domain.erlang import Demand, Point
from okpay_console.errors import UsageError

_AROUND = 2
"""Agents fewer and more than the answer that are shown beside it."""


def run(arguments: Namespace, _: Settings, out: Out) -> int:
    """One document: ``rows`` around the answer, ``needed`` and ``rostered``; by Erlang A where a patience is given.

    With a patience the rows of Erlang C stand beside those of A, over the same numbers of agents.
    """
    try:
        demands = _demands(arguments)
        answers = [erlang.needed(demand, arguments.goal, max_occupancy=arguments.max_occupancy) for demand in demands]
    except ValueError as error:
        raise UsageError(
            out.pick(f"这些数字算不出人数：{error}。", f"No staffing for these numbers: {error}."),
            out.pick("请核对来电量、时段、处理时长。", "Check calls, interval and handle time."),
        ) from error
    first, last = max(0, min(answers) - _AROUND), max(answers) + _AROUND
    points = [erlang.point(demand, agents) for demand in demands for agents in range(first, last + 1)]
    needed = answers[-1]
    rostered = erlang.rostered(needed, arguments.shrinkage)
    if out.json:
        out.doc({"rows": [_document(point) for point in points], "needed": needed, "rostered": rostered})
    else:
        _print(points, answers, rostered, arguments, out)
    return problems.DONE


def _demands(arguments: Namespace) -> list[Demand]:
    """The demand for Erlang C, and with a patience the one for Erlang A, which then has the last word."""
    patient = Demand(
        calls=arguments.calls, interval_s=arguments.interval, aht_s=arguments.aht, target_s=arguments.target
    )
    if arguments.patience is None:
        return [patient]
    measured = Demand(
        calls=arguments.calls,
        interval_s=arguments.interval,
        aht_s=arguments.aht,
        target_s=arguments.target,
        patience_s=arguments.patience,
    )
    return [patient, measured]


def _document(point: Point) -> dict[str, Any]:
    """The row of one number of agents; null where a wait has no end, because JSON has no infinity."""
    return {
        "model": point.model,
        "agents": point.agents,
        "p_wait": point.p_wait,
        "service_level": point.service_level,
        "asa_s": point.asa_s if math.isfinite(point.asa_s) else None,
        "occupancy": point.occupancy,
        "p_abandon": point.p_abandon,
    }


def _print(points: list[Point], answers: list[int], rostered: int, arguments: Namespace, out: Out) -> None:
    zh = out.lang == "zh"
    answer = dict(zip(("C", "A"), answers, strict=False))
    heads = (
        ("模型", "坐席", "要等", "服务水平", "平均应答", "占用率", "放弃", "")
        if zh
        else ("model", "agents", "wait", "service level", "ASA", "occupancy", "abandon", "")
    )
    out.table(
        heads,
        (
            (
                f"Erlang {point.model}",
                point.agents,
                _percent(point.p_wait),
                _percent(point.service_level),
                _seconds(point.asa_s, out),
                _percent(point.occupancy),
                _percent(point.p_abandon),
                out.pick("← 需要", "← needed") if point.agents == answer[point.model] else "",
            )
            for point in points
        ),
        right=range(1, 7),
    )
    out.line()
    rule = f"{arguments.goal * 100:g}% ≤ {arguments.target:g} s"
    away = f"{arguments.shrinkage * 100:g}%"
    out.line(
        out.pick(
            f"目标 {rule}：需要 {answers[-1]} 人，排班 {rostered} 人（损耗 {away}）",
            f"Goal {rule}: {answers[-1]} agents needed, {rostered} rostered (shrinkage {away})",
        )
    )


def _percent(share: float) -> str:
    return f"{share:.2%}"


def _seconds(value: float, out: Out) -> str:
    return f"{value:.1f} s" if math.isfinite(value) else out.pick("无尽", "endless")
