"""``notice``: words to one agent or to a queue, and those that were written lately."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from zoneinfo import ZoneInfo

from okpay_console.cli import act, telling
from okpay_console.cli.output import Out, document
from okpay_console.config import Settings


def send(arguments: Namespace, settings: Settings, out: Out) -> int:
    """3 where it is kept here and not sent yet; 1 where it was refused."""
    fields = {"about": arguments.to, "queue": arguments.queue, "words": act.words(arguments.text)}
    told, status = asyncio.run(telling.tell(settings, out, "notice", **fields))
    if out.json:
        out.doc({**told, "to": arguments.to, "queue": arguments.queue})
    elif told["state"] != "refused":
        done = out.pick("已发出", "sent") if told["state"] == "confirmed" else out.pick("已排队", "queued")
        out.line(f"{done}: {arguments.to or arguments.queue}")
    return status


def listing(arguments: Namespace, settings: Settings, out: Out) -> int:
    """The notices that this person may see, the newest last, and who has acknowledged them as far as he may see that."""
    lines, _, status = asyncio.run(telling.known(settings, out))
    notices = [one for one in lines if one.kind == "notice"][-arguments.limit :]
    read: dict[str, list[str]] = {}
    for one in lines:
        if one.kind == "read" and one.by not in read.setdefault(one.what, []):
            read[one.what].append(one.by)
    if out.json:
        for one in notices:
            out.doc({**document(one), "read": read.get(one.uuid, [])})
        return status
    zone = ZoneInfo(settings.timezone)
    headings = out.pick("时间 来自 发给 已读 内容", "when from to read words").split()
    out.table(
        headings,
        [
            (
                one.at.astimezone(zone).strftime("%m-%d %H:%M"),
                one.by,
                one.about or one.queue,
                len(read.get(one.uuid, [])),
                one.words,
            )
            for one in notices
        ],
        right=(3,),
    )
    return status
