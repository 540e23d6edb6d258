"""Doing something to one ticket: found, done on this disk, sent in one round, and told."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from okpay_console import errors, wiring
from okpay_console.cli import problems, result
from okpay_console.cli.find import find
from okpay_console.cli.output import Out
from okpay_console.config import Settings
from okpay_console.domain.ticket import Ticket

if TYPE_CHECKING:
    from okpay_console.domain.ops import AnyOp
    from okpay_console.sync.engine import Engine

Maker = Callable[["Engine", Ticket], list["AnyOp"]]


def run(arguments: Namespace, settings: Settings, out: Out, make: Maker) -> int:
    """Operations on one ticket: each is made on what is seen then, kept on this disk, and sent in one round."""

    async def go() -> int:
        async with wiring.working(settings) as engine:
            result.mended(engine, out)
            ticket_id = await found(engine, arguments.id, out)
            kept: list[AnyOp] = []
            documents: list[dict[str, Any]] = []
            for op in make(engine, seen(engine, ticket_id)):
                try:
                    await engine.do(op)
                    kept.append(op)
                except (errors.Refused, errors.NeedsReview) as error:
                    documents.append(result.refusal(op, error, out))
            link = problems.DONE
            if kept:
                done = await engine.round()
                documents += [result.outcome(op, engine, out) for op in kept]
                link = result.link_status(done, out)
            _print(documents, out)
            return result.worst(documents, link)

    return asyncio.run(go())


async def found(engine: Engine, typed: str, out: Out) -> str:
    """The ticket here, or after one round where this console does not have it yet."""
    try:
        return find(typed, engine.rows(), out)
    except errors.NotFound:
        done = await engine.round()
        if done.link != "online":
            raise
        return find(typed, engine.rows(), out)


def seen(engine: Engine, ticket_id: str) -> Ticket:
    """The ticket with everything that is pending on it; ``NotFound`` where only a newer console can show it."""
    ticket = engine.view(ticket_id).ticket
    if ticket is None:
        raise errors.NotFound("The ticket cannot be shown by this console.", "Update this console.")
    return ticket


def words(typed: list[str]) -> str:
    """The text of an argument; ``-`` is all of standard input. ``UsageError`` where that is not UTF-8."""
    if typed != ["-"]:
        return " ".join(typed)
    try:
        return sys.stdin.buffer.read().decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise errors.UsageError("Standard input is not UTF-8 text.", "Send UTF-8.", code="encoding") from error


def _print(documents: list[dict[str, Any]], out: Out) -> None:
    if not out.json:
        result.say(documents, out)
        return
    for one in documents:
        out.doc(one)
        if one["state"] == "refused":
            out.error(one["what"], one["advice"])
