"""``audit``: who looked at what, which secrets were refused, which gates were passed with a reason."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from okpay_console import errors, wiring
from okpay_console.cli import problems
from okpay_console.cli.output import Out, document
from okpay_console.config import Settings


def run(arguments: Namespace, settings: Settings, out: Out) -> int:
    """The newest lines, oldest of them first: of this machine's store, or of the server's database with a check of its chain."""
    return _local(arguments, settings, out) if arguments.local else _server(arguments, settings, out)


def verify(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Checks a file that ``export audit`` wrote, or the server's log: in its database, or where that is not here, by its API.

    A file proves that none of its lines was changed, left out or put in after it was written, as long as its last hash is still
    the server's: whoever makes the whole file anew can make every hash anew. ``--against-server`` looks that up.
    """
    from okpay_console.cli import auditcheck

    return auditcheck.run(arguments, settings, out)


def _local(arguments: Namespace, settings: Settings, out: Out) -> int:
    lines = wiring.watched(settings)[-arguments.limit :]
    if out.json:
        for line in lines:
            out.doc(document(line))
    else:
        heads = (
            ("时间", "谁", "何事", "类别", "何处", "工单", "原因")
            if out.lang == "zh"
            else ("time", "who", "what", "kind", "place", "ticket", "reason")
        )
        rows = [(one.at, one.by, one.what, one.kind, one.place, one.ticket, one.reason) for one in lines]
        _table(heads, rows, settings, out)
    return problems.DONE


def _server(arguments: Namespace, settings: Settings, out: Out) -> int:
    from okpay_console.server import audit

    database = arguments.database or wiring.database(settings)
    rows, broken = asyncio.run(audit.listing(database, limit=arguments.limit))
    if out.json:
        for row in rows:
            out.doc(document(row))
    else:
        heads = ("时间", "谁", "何事", "关于") if out.lang == "zh" else ("time", "who", "what", "about")
        _table(heads, [(row.at, row.who, row.what, row.about) for row in rows], settings, out)
    if broken is None:
        return problems.DONE
    raise errors.Refused(
        out.pick(f"审计记录从第 {broken} 条起对不上。", f"The audit log does not fit together from row {broken} on."),
        out.pick("有人改过数据库；请保全它并报告。", "Somebody changed the database: keep it as it is and report it."),
        code="audit-broken",
    )


def _table(
    heads: Sequence[str], rows: Sequence[tuple[datetime, *tuple[str, ...]]], settings: Settings, out: Out
) -> None:
    zone = ZoneInfo(settings.timezone)
    out.table(heads, [(at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S"), *rest) for at, *rest in rows])
