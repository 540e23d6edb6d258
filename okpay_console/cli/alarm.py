"""``alarm list|set|remove|test|deliveries``: thresholds on the wall's numbers, kept at the server."""

from __future__ import annotations

import re
from argparse import Namespace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from okpay_console import errors
from okpay_console.cli import reviewing
from okpay_console.cli.output import Out, document
from okpay_console.config import Settings

if TYPE_CHECKING:
    from okpay_console.domain.alarmnews import Delivery, Standing
    from okpay_console.domain.alarms import Alarm

_QUIET: Final = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d)(?:/(\w{3}(?:,\w{3})*))?")
_ZH: Final = {"waiting": "待发", "sent": "已发", "failed": "没有送到", "dropped": "不再发"}


def listing(_: Namespace, settings: Settings, out: Out) -> int:
    """Every alarm with its number now, and since when it is up."""
    from okpay_console.remote import alarms

    def tell(found: list[Standing]) -> None:
        if out.json:
            for one in found:
                out.doc({**document(one), "alarm": document(one.alarm)})
            return
        heads = ("名称", "数字", "界限", "现在", "自何时告警", "队列", "说明")
        english = ("name", "number", "threshold", "now", "up since", "queue", "words")
        rows = (
            (
                one.alarm.id,
                one.alarm.metric,
                _limit(one.alarm),
                _now(one, out),
                _when(one.up, settings),
                one.alarm.queue,
                one.alarm.words,
            )
            for one in found
        )
        out.table(heads if out.lang == "zh" else english, rows, right=(3,))

    return reviewing.asked(settings, out, alarms.listing, tell)


def put(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Sets an alarm; one of that name gets these terms in the place of its own."""
    import msgspec

    from okpay_console.domain.alarms import Alarm
    from okpay_console.remote import alarms

    names = ("id", "metric", "above", "below", "clear", "for_s", "after_s", "queue", "tell_agents", "words")
    values = {name: getattr(arguments, name) for name in names}
    try:
        alarm = msgspec.convert({**values, "quiet": [_quiet(text, out) for text in arguments.quiet]}, Alarm)
    except msgspec.ValidationError as error:
        raise errors.UsageError(
            out.pick("告警的写法不对。", "The alarm is not written rightly."),
            out.pick(
                "时间最多 86400 秒；安静时段写成 22:00-08:00/fri,sat。",
                "Times are 86400 s at most; hours like 22:00-08:00/fri.",
            ),
        ) from error

    def tell(kept: Alarm) -> None:
        out.doc(document(kept)) if out.json else out.line(f"{kept.id}  {kept.metric} {_limit(kept)}")

    return reviewing.asked(settings, out, lambda api: alarms.put(api, alarm), tell)


def remove(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Takes an alarm away."""
    from okpay_console.remote import alarms

    def tell(gone: Alarm) -> None:
        out.doc({"id": gone.id, "removed": True}) if out.json else out.line(
            out.pick(f"已删除 {gone.id}", f"{gone.id} is removed")
        )

    return reviewing.asked(settings, out, lambda api: alarms.remove(api, arguments.id), tell)


def test(arguments: Namespace, settings: Settings, out: Out) -> int:
    """The alarm's number now, whether it is beyond the threshold, and whether it is a quiet hour here; sends nothing."""
    from okpay_console import wiring
    from okpay_console.remote import alarms

    def tell(found: list[Standing]) -> None:
        one = next((one for one in found if one.alarm.id == arguments.id), None)
        if one is None:
            raise errors.NotFound(
                out.pick("没有这个告警。", "There is no such alarm."),
                out.pick("请用 alarm list 查看。", "See: alarm list"),
            )
        beyond = one.value is not None and one.alarm.beyond(one.value)
        quiet = one.alarm.silent(wiring.now(), ZoneInfo(settings.timezone))
        if out.json:
            told: dict[str, Any] = {"id": one.alarm.id, "value": one.value, "as_of": one.as_of, "beyond": beyond}
            out.doc({**told, "quiet": quiet, "up": one.up})
            return
        out.line(f"{one.alarm.metric} = {_now(one, out)}  ({_limit(one.alarm)})")
        out.line(
            out.pick("超过界限" if beyond else "在界限内", "beyond the threshold" if beyond else "within the threshold")
        )
        if quiet:
            out.line(out.pick("现在是安静时段，不会发出", "a quiet hour: nothing would be said now"))

    return reviewing.asked(settings, out, alarms.listing, tell)


def deliveries(arguments: Namespace, settings: Settings, out: Out) -> int:
    """What became of the newest messages to webhooks."""
    from okpay_console.remote import alarms

    def tell(found: list[Delivery]) -> None:
        if out.json:
            for one in found:
                out.doc(document(one))
            return
        heads = ("时间", "告警", "消息", "发往", "状态", "答复", "次数", "下次")
        english = ("time", "alarm", "message", "to", "state", "answer", "tries", "next")
        rows = (
            (
                _when(one.made, settings), one.alarm, one.kind, one.webhook, _ZH[one.state] if out.lang == "zh" else one.state,
                one.status, one.tries, _when(one.due, settings),
            )
            for one in found
        )  # fmt: skip
        out.table(heads if out.lang == "zh" else english, rows, right=(6,))

    return reviewing.asked(settings, out, lambda api: alarms.deliveries(api, limit=arguments.limit), tell)


def _quiet(text: str, out: Out) -> dict[str, Any]:
    found = _QUIET.fullmatch(text)
    if found is None:
        raise errors.UsageError(
            out.pick("安静时段的写法不对。", "The quiet hours are not written rightly."),
            out.pick("请写成 22:00-08:00 或 22:00-08:00/fri,sat。", "Write 22:00-08:00 or 22:00-08:00/fri,sat."),
        )
    return {"begins": found[1], "ends": found[2], "days": found[3].split(",") if found[3] else []}


def _limit(alarm: Alarm) -> str:
    return f"> {alarm.above:g}" if alarm.above is not None else f"< {alarm.below:g}"


def _now(one: Standing, out: Out) -> str:
    return out.pick("没有数据", "no data") if one.value is None else f"{one.value:g}"


def _when(moment: datetime | None, settings: Settings) -> str:
    return "" if moment is None else moment.astimezone(ZoneInfo(settings.timezone)).strftime("%Y-%m-%d %H:%M:%S")
