"""``bulk``: one change for many tickets, told before it is made, kept as one record and sent in one round."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec

from okpay_console import errors, wiring
from okpay_console.cli import problems, result
from okpay_console.cli.find import find
from okpay_console.cli.output import Out
from okpay_console.config import Settings
from okpay_console.content.errors import of_code
from okpay_console.domain import bulk

if TYPE_CHECKING:
    from okpay_console.sync.engine import Engine

_WHY: Final = {
    "role": ("你的角色不允许", "not your role's"),
    "no-ticket": ("不在你的队列或已不在", "not your queue, or gone"),
    "closed": ("已结案", "closed"),
    "same": ("已经是这样", "so already"),
    "held": ("有人正在办", "being worked on"),
}


def run(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Every ticket that can change does; the others are told with why. Exit status 1 where any stayed for another reason
    than being so already, or the server did not take it.
    """
    typed = [*arguments.ids, *(_from_stdin(out) if arguments.from_stdin else ())]
    if not typed:
        raise errors.UsageError(
            out.pick("没写哪些工单。", "No ticket is named."),
            out.pick("写编号，或加 --from-stdin。", "Write their numbers, or add --from-stdin."),
        )
    change = bulk.Change(arguments.lever, arguments.value)

    async def go() -> int:
        async with wiring.working(settings) as engine:
            result.mended(engine, out)
            if not engine.role:
                # What his role does not allow is said before anything is on the disk; offline nobody knows, and the server judges.
                await engine.round()
            ids = await _found(engine, typed, out)
            if arguments.dry_run:
                plan = _planned(engine, change, ids)
                return _tell(engine, plan, [_would(one) for one in plan.doing], out, link=problems.DONE)
            return await _carry_out(engine, change, ids, out)

    return asyncio.run(go())


async def _carry_out(engine: Engine, change: bulk.Change, ids: Sequence[str], out: Out) -> int:
    plan = _planned(engine, change, ids)
    documents: list[dict[str, Any]] = []
    link = problems.DONE
    if plan.doing:
        await engine.do_all(plan.operations)
        done = await engine.round()
        documents = [result.outcome(op, engine, out) for op in plan.operations]
        link = result.link_status(done, out)
    return _tell(engine, plan, documents, out, link=link)


def _planned(engine: Engine, change: bulk.Change, ids: Iterable[str]) -> bulk.Plan:
    judged = (bulk.one(one, engine.view(one).ticket, change, author=engine.author, role=engine.role) for one in ids)
    return bulk.plan(change, judged)


async def _found(engine: Engine, typed: Sequence[str], out: Out) -> list[str]:
    """The ids that are meant; after one round where this console has not all of them. What is nowhere stays as it was typed."""

    def look() -> tuple[list[str], bool]:
        ids, whole = [], True
        for word in typed:
            try:
                ids.append(find(word, engine.rows(), out))
            except errors.NotFound:
                ids.append(word)
                whole = False
        return ids, whole

    ids, whole = look()
    if not whole and (await engine.round()).link == "online":
        ids, _ = look()
    return ids


def _from_stdin(out: Out) -> list[str]:
    """The ids of ``tickets --json``, or what stands on each line. ``UsageError`` for a line that is neither."""
    found = []
    for number, line in enumerate(sys.stdin.buffer.read().splitlines(), 1):
        text = line.strip()
        if not text:
            continue
        try:
            named = msgspec.json.decode(text)["id"] if text.startswith(b"{") else text.decode("utf-8")
        except (KeyError, ValueError, RecursionError) as error:
            raise errors.UsageError(
                out.pick(f"标准输入第 {number} 行没有工单。", f"Line {number} of standard input names no ticket."),
                out.pick("请给 tickets --json 的输出，或每行一个编号。", "Send tickets --json, or one id a line."),
            ) from error
        found.append(str(named))
    return found


def _tell(engine: Engine, plan: bulk.Plan, documents: list[dict[str, Any]], out: Out, *, link: int) -> int:
    stays = [_stays(engine, one, out) for one in plan.staying]
    if out.json:
        for one in (*documents, *stays):
            out.doc(one)
    else:
        _say(plan, documents, stays, out)
    if any(one.why != "same" for one in plan.staying):
        return problems.FAILED
    return result.worst(documents, link)


def _say(plan: bulk.Plan, documents: list[dict[str, Any]], stays: list[dict[str, Any]], out: Out) -> None:
    told = {
        "would": ("会改", "would change"), "queued": ("已排队", "queued"), "confirmed": ("已确认", "confirmed"),
        "refused": ("服务器没有收", "not taken by the server"),
    }  # fmt: skip
    for state, (zh, en) in told.items():
        count = sum(one["state"] == state for one in documents)
        if count:
            out.line(out.pick(f"{zh} {count} 张", f"{count} {en}"))
    for why, count in plan.reasons.items():
        words = next(one["what"] for one in stays if one["code"] == why)
        named = " ".join(_named(one) for one in stays if one["code"] == why)
        out.line(out.pick(f"不改，{words} {count} 张: {named}", f"{count} unchanged, {words}: {named}"))
    for one in documents:
        if one["state"] == "refused":
            out.error(one["what"], one["advice"])
    if not documents:
        out.line(out.pick("一张也没有改。", "Nothing was changed."))


def _named(document: dict[str, Any]) -> str:
    number = f"#{document['number']}" if document.get("number") else document["ticket"][:13]
    return f"{number}({document['who']})" if document.get("who") else number


def _would(one: bulk.Doing) -> dict[str, Any]:
    return {"ticket": one.before.id, "number": one.before.number, "state": "would"}


def _stays(engine: Engine, one: bulk.Stays, out: Out) -> dict[str, Any]:
    row = engine.rows().get(one.ticket)
    what = out.pick(*_WHY[one.why]) if one.why in _WHY else of_code(one.why, lang="zh" if out.lang == "zh" else "en")
    told = {"ticket": one.ticket, "number": row.number if row is not None else 0, "state": "stays", "code": one.why}
    return {**told, "what": what or one.why, **({"who": one.who} if one.who else {})}
