"""``audit verify``: whether the chain of the audit log holds, in an exported file or on the server."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

import msgspec

from okpay_console import errors, wiring
from okpay_console.cli import problems, result
from okpay_console.cli.output import Out, document
from okpay_console.config import Settings
from okpay_console.domain import auditchain
from okpay_console.domain.auditchain import AuditPage, Chain, Linked


def run(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Status 1 where the chain is broken; 3 where the server that was to be asked cannot be."""
    settings = wiring.signed_in(settings)
    try:
        if arguments.file:
            found = _file(Path(arguments.file), out)
            if not found.broken and arguments.against_server:
                asyncio.run(_compare(found, settings, out))
        elif arguments.database or Path(wiring.database(settings)).is_file():
            from okpay_console.server import audit

            database = arguments.database or wiring.database(settings)
            found = asyncio.run(audit.verify(database))
            if arguments.anchors and not found.broken:
                asyncio.run(_anchored(database, arguments, out))
        else:
            wiring.require_sign_in(settings, out.pick)
            found = asyncio.run(_server(settings))
    except (errors.Offline, errors.Unavailable) as error:
        return result.not_asked(error, out)
    return _tell(found, out)


async def _anchored(database: str, arguments: Namespace, out: Out) -> None:
    """``Refused`` where the log does not end in, or pass through, what was written down of it before."""
    from okpay_console.cli import anchoring
    from okpay_console.server import audit

    lost = await audit.missing(database, anchoring.read(arguments.anchors, arguments.key, out))
    if lost is not None:
        raise errors.Refused(
            out.pick(
                f"记下的第 {lost.id} 条（{lost.at:%Y-%m-%d %H:%M}）不在审计记录里。",
                f"Line {lost.id}, written down at {lost.at:%Y-%m-%d %H:%M} UTC, is not in the log.",
            ),
            out.pick(
                "末尾被截掉，或整个重写过；恢复备份之后也会如此。",
                "Its end was cut off or it was made anew; restoring a backup does that too.",
            ),
            code="audit-cut",
        )


def _file(path: Path, out: Out) -> Chain:
    if not path.is_file():
        raise errors.UsageError(
            out.pick(f"没有文件 {path}。", f"There is no file {path}."), out.pick("请核对路径。", "Check the path.")
        )
    with path.open("rb") as lines:
        return auditchain.check(_linked(lines, out))


def _linked(lines: Iterator[bytes], out: Out) -> Iterator[Linked]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield msgspec.json.decode(line, type=Linked)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise errors.Refused(
                out.pick(f"第 {number} 行不是审计记录。", f"Line {number} is no line of an audit log."),
                out.pick(
                    "文件应由 export audit --format jsonl 写成。",
                    "The file must be one that export audit --format jsonl wrote.",
                ),
                code="audit-line",
            ) from None


async def _server(settings: Settings) -> Chain:
    api = wiring.open_api(settings, settings.token)
    try:
        found, last = Chain(), -1
        while not found.broken and last not in (0, found.last):
            page = await api.ask("GET", "/v1/audit", AuditPage, params={"after": str(found.last)})
            # What is written while it is read is left for the next check.
            last = page.last if last < 0 else last
            found = auditchain.check([row for row in page.rows if row.id <= last], found)
            if not page.rows:
                break
        return found
    finally:
        await api.aclose()


async def _compare(found: Chain, settings: Settings, out: Out) -> None:
    """``Refused`` where the server's line of the same number has another hash than the last of the file."""
    wiring.require_sign_in(settings, out.pick)
    api = wiring.open_api(settings, settings.token)
    try:
        params = {"after": str(found.last - 1), "limit": "1"}
        page = await api.ask("GET", "/v1/audit", AuditPage, params=params) if found.lines else None
    finally:
        await api.aclose()
    if page is not None and [(row.id, row.link) for row in page.rows] != [(found.last, found.head)]:
        raise errors.Refused(
            out.pick(
                f"文件自身是通的，但第 {found.last} 条与服务器的不同。",
                f"The file holds together, but line {found.last} is not the server's.",
            ),
            out.pick(
                "文件或服务器的记录被整个重写过；请保全两者并报告。",
                "One of the two was rewritten: keep both and report it.",
            ),
            code="audit-other",
        )


def _tell(found: Chain, out: Out) -> int:
    if out.json:
        out.doc({**document(found), "whole": not found.broken})
    elif not found.broken:
        out.line(
            out.pick(
                f"{found.lines} 条（{found.first} 到 {found.last}）首尾相接。末条哈希 {found.head}",
                f"{found.lines} lines ({found.first} to {found.last}) follow one another. Last hash {found.head}",
            )
        )
        if found.first > 1:
            out.note(
                out.pick(f"第 {found.first} 条之前的不在其中。", f"What comes before line {found.first} is not in it.")
            )
    if not found.broken:
        return problems.DONE
    reasons = {
        "changed": out.pick("内容与它的哈希不符", "is not what its hash was made of"),
        "gap": out.pick("前面缺了记录，或次序变了", "does not come next: lines are missing or moved"),
        "cut": out.pick("接不上前一条", "does not follow the one before it"),
    }
    raise errors.Refused(
        out.pick(f"第 {found.broken} 条{reasons[found.why]}。", f"Line {found.broken} {reasons[found.why]}."),
        out.pick("有人改过；请保全它并报告。", "Somebody changed it: keep it as it is and report it."),
        code="audit-broken",
    )
