"""``stats --log``: the hotline's numbers from a log of call events, without a server; every line that is not one is named."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterable
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from okpay_console.cli import problems
from okpay_console.cli.output import Out
from okpay_console.domain.calllog import AGENT_KINDS, CALL_KINDS, Event, read
from okpay_console.domain.calls import Numbers, Rule, numbers, tally
from okpay_console.errors import UsageError

NAMED = 50
"""Bad lines told one by one; a file of another kind is bad in every line, and nobody reads a million of them."""


class Bad(Exception):
    """Why a line is no event, in both languages. It never repeats the line: nobody knows what stands in it."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


def run(arguments: Namespace, out: Out) -> int:
    """The numbers of the log, or status 1 and no numbers where a line is bad: they would be those of another day."""
    rule = Rule(
        target_s=20.0 if arguments.target_seconds is None else arguments.target_seconds,
        short_abandon_s=5.0 if arguments.short_abandon is None else arguments.short_abandon,
    )
    path = Path(arguments.log)
    if arguments.log != "-" and not path.is_file():
        raise UsageError(
            out.pick(f"没有文件 {path}。", f"There is no file {path}."),
            out.pick("请核对路径；- 表示标准输入。", "Check the path; - is standard input."),
        )
    with nullcontext(sys.stdin.buffer) if arguments.log == "-" else path.open("rb") as lines:
        events, bad = _events(lines, out)
    if bad:
        out.error(
            out.pick(
                f"日志有 {bad} 行读不懂，没有计算。", f"{bad} lines of the log are no events; nothing was counted."
            ),
            out.pick("请改好上面的行再算一次。", "Correct the lines above and run it again."),
        )
        return problems.FAILED
    log = read(events)
    if log.headless:
        count = len(log.headless)
        out.note(
            out.pick(
                f"{count} 通电话没有 offered，不知道等了多久，没有计入。",
                f"{count} calls have no offered event, so their wait is not known; they are not counted.",
            )
        )
    found = numbers(tally(log, rule))
    if out.json:
        out.doc(_document(found))
    else:
        _print(found, rule, out)
    return problems.DONE


def _events(lines: Iterable[bytes], out: Out) -> tuple[list[Event], int]:
    """The events, and how many lines are none; those are told on standard error."""
    events: list[Event] = []
    bad = 0
    for number, line in enumerate(lines, 1):
        text = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
        if not text.strip():
            continue
        try:
            events.append(event(text))
        except Bad as reason:
            bad += 1
            if bad <= NAMED:
                out.note(out.pick(f"第 {number} 行：{reason.zh}", f"line {number}: {reason.en}"))
    if bad > NAMED:
        more = bad - NAMED
        out.note(out.pick(f"……还有 {more} 行", f"… and {more} more lines"))
    return events, bad


def event(line: bytes) -> Event:
    """One line of the log as an event; ``Bad`` tells why it is none. Members that we do not know are passed over."""
    try:
        found = msgspec.json.decode(line.decode("utf-8"))
    except UnicodeDecodeError:
        raise Bad("不是 UTF-8 文本", "not UTF-8 text") from None
    except (msgspec.DecodeError, RecursionError):
        raise Bad("不是 JSON", "not JSON") from None
    if not isinstance(found, dict):
        raise Bad("不是 JSON 对象", "not a JSON object")
    kind = found.get("event")
    if kind not in CALL_KINDS and kind not in AGENT_KINDS:
        known = "|".join((*CALL_KINDS, *AGENT_KINDS))
        raise Bad(f"event 应为 {known}", f"event must be {known}")
    needed = "call" if kind in CALL_KINDS else "agent"
    if not _id(found.get(needed)):
        raise Bad(f"{kind} 要有 {needed}", f"{kind} needs {needed}")
    return Event(_at(found.get("at")), kind, _id(found.get("call")), _id(found.get("agent")))


def _id(value: Any) -> str:
    """An id as text; some telephone systems count their calls and write numbers."""
    return value if isinstance(value, str) else str(value) if type(value) is int else ""


def _at(value: Any) -> datetime:
    try:
        at = msgspec.convert(value, datetime) if isinstance(value, str) else None
    except msgspec.ValidationError:
        at = None
    if at is None:
        raise Bad("at 应为 RFC 3339 时间", "at must be an RFC 3339 time")
    if at.utcoffset() is None:
        raise Bad("at 缺少时区，如 Z 或 +08:00", "at needs its zone, such as Z or +08:00")
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise Bad("at 不在公历之内", "at is outside of the calendar") from None


def _document(found: Numbers) -> dict[str, Any]:
    return {
        "offered": found.offered,
        "answered": found.answered,
        "abandoned": found.abandoned,
        "service_level": msgspec.to_builtins(found.service_level),
        "asa_s": found.asa_s,
        "aht_s": found.aht_s,
        "acw_s": found.acw_s,
        "abandonment": found.abandonment,
        "abandonment_net": found.abandonment_net,
        "occupancy": found.occupancy,
    }


def _print(found: Numbers, rule: Rule, out: Out) -> None:
    say = out.pick
    level = found.service_level
    rows: list[tuple[str, str, str]] = [
        (say("进线", "offered"), str(found.offered), ""),
        (say("接起", "answered"), str(found.answered), ""),
        (say("放弃", "abandoned"), str(found.abandoned), ""),
        (say("转回电", "callbacks"), str(found.callbacks), ""),
        (say("仍在等", "still waiting"), str(found.waiting), ""),
    ]
    inside = say(f"≤ {rule.target_s:g} 秒接起", f"answered ≤ {rule.target_s:g} s")
    left = say(f"≤ {rule.target_s:g} 秒离队", f"left the queue ≤ {rule.target_s:g} s")
    short = say(f"{rule.short_abandon_s:g} 秒内放弃", f"abandoned < {rule.short_abandon_s:g} s")
    offered, answered = say("进线", "offered"), say("接起", "answered")
    long = say(f"放弃（不含 {short}）", f"abandoned ≥ {rule.short_abandon_s:g} s")
    rows += [
        (say("服务水平", "service level"), _percent(level.strict), f"{inside} / {offered}"),
        ("  Freshcaller", _percent(level.freshcaller), f"{inside} / ({offered} − {short})"),
        ("  Genesys", _percent(level.genesys), f"{inside} / ({answered} + {long})"),
        ("  Flex", _percent(level.flex), f"{inside} / {answered}"),
        ("  Amazon Connect", _percent(level.connect), f"{left} / {offered}"),
        (say("平均应答速度", "ASA"), _seconds(found.asa_s), say("接起者的平均等待", "mean wait of the answered")),
        (say("平均处理时长", "AHT"), _seconds(found.aht_s), say("通话 + 保持 + 话后", "talk + hold + ACW")),
        (say("  通话", "  talk"), _seconds(found.talk_s), ""),
        (say("  保持", "  hold"), _seconds(found.hold_s), ""),
        (say("  话后", "  ACW"), _seconds(found.acw_s), ""),
        (say("放弃率", "abandonment"), _percent(found.abandonment), f"{say('放弃', 'abandoned')} / {offered}"),
        (say("净放弃率", "abandonment, net"), _percent(found.abandonment_net), f"{say('两边不含', 'without')} {short}"),
        (say("占用率", "occupancy"), _percent(found.occupancy), say("处理 /（处理 + 空闲）", "busy / (busy + idle)")),
        (say("利用率", "utilisation"), _percent(found.utilisation), say("处理 / 登录", "busy / logged in")),
    ]
    out.table((say("数字", "number"), say("值", "value"), say("算法", "how")), rows, right=(1,))


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.2%}"


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f} s"
