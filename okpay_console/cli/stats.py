"""``stats``: the supervisor's numbers now, from the local cache; with ``--log``, from a log of calls."""

from __future__ import annotations

from argparse import Namespace
from zoneinfo import ZoneInfo

from okpay_console import wiring
from okpay_console.cli import problems
from okpay_console.cli.output import Out, document
from okpay_console.cli.words import span, word
from okpay_console.config import Settings
from okpay_console.domain.stats import Numbers, numbers
from okpay_console.errors import UsageError


def run(arguments: Namespace, settings: Settings, out: Out) -> int:
    """The numbers as this console sees them, and how old the data behind them is; asks nobody.

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
        found = numbers(picture.rows().values(), now=moment, tz=ZoneInfo(settings.timezone))
        synced = picture.mirror.synced_at
        unsent, reviews = len(picture.outbox), len(picture.reviews())
    age = max((moment - synced).total_seconds(), 0.0) if synced else None
    if out.json:
        # "cache": this process did not ask the server, so it does not pretend to know the link.
        data = {"link": "cache", "synced_at": synced, "data_age_s": age, "unsent": unsent, "reviews": reviews}
        out.doc({**document(found), **data})
        return problems.DONE
    _print(found, out)
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


def _print(found: Numbers, out: Out) -> None:
    zh = out.lang == "zh"
    wait = "-" if found.oldest_wait_s is None else span(found.oldest_wait_s, out.lang)
    lines: list[tuple[str, object]] = [
        (out.pick("未结", "open"), found.open),
        (out.pick("待认领", "waiting"), found.waiting),
        (out.pick("已超时", "overdue"), found.overdue),
        (out.pick("待客户", "pending"), found.pending),
        (out.pick("今日已结", "closed today"), found.closed_today),
        (out.pick("最久等待", "oldest wait"), wait),
        (out.pick("承诺未兑现", "open promises"), found.promises_open),
        (out.pick("承诺已过期", "overdue promises"), found.promises_overdue),
    ]
    out.table(("数字", "现在") if zh else ("number", "now"), lines, right=(1,))
    groups = (
        (out.pick("渠道", "channel"), found.by_channel),
        (out.pick("分类", "category"), found.by_category),
        (out.pick("负责人", "agent"), found.by_agent),
    )
    for heading, counts in groups:
        if counts:
            out.line()
            rows = ((word(key, out.lang) or "-", count) for key, count in counts.items())
            out.table((heading, out.pick("未结", "open")), rows, right=(1,))
