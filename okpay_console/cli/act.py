"""Doing something to one ticket: found, done on this disk, sent in one round, and told."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
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


def run(arguments: Namespace, settings: Settings, out: Out, make: Maker, *, together: bool = False) -> int:
    """Operations on one ticket: each is made on what is seen then, kept on this disk, and sent in one round.

    ``together``: all of them or none, as one record; else what is refused stays out and the others go on.
    """

    async def go() -> int:
        async with wiring.working(settings) as engine:
            result.mended(engine, out)
            ticket_id = await found(engine, arguments.id, out)
            made = make(engine, seen(engine, ticket_id))
            kept: list[AnyOp] = []
            documents: list[dict[str, Any]] = []
            for group in [made] if together else [[op] for op in made]:
                refused = await tried(engine, group, arguments, out)
                if refused is None:
                    kept += group
                else:
                    documents.append(refused)
            return await told(engine, kept, documents, out)

    return asyncio.run(go())


async def tried(engine: Engine, group: Sequence[AnyOp], arguments: Namespace, out: Out) -> dict[str, Any] | None:
    """Puts a group of operations on this disk, all or none; the document of the refusal, None where they were taken.

    A secret among the words is told to the audit logs, by its kind alone.
    """
    try:
        await engine.do_all(group)
    except (errors.Refused, errors.NeedsReview) as error:
        if isinstance(error, errors.SecretRefused):
            await witnessed(engine, error, arguments.verb)
        return result.refusal(group[0], error, out)
    return None


async def witnessed(engine: Engine, error: errors.SecretRefused, verb: str) -> None:
    """Has it known that a command line carried a secret, or the rest of one."""
    from okpay_console.domain import audited

    await engine.witness(audited.REFUSED, kind=error.kind, place=f"cli.{verb}", ticket=error.ticket)


async def told(engine: Engine, kept: Sequence[AnyOp], documents: list[dict[str, Any]], out: Out) -> int:
    """One round for what was kept, then every outcome; the exit status."""
    link = problems.DONE
    done = await engine.round() if kept or engine.status().pending else None
    if kept and done is not None:
        documents += [result.outcome(op, engine, out) for op in kept]
        link = result.link_status(done, out)
    show(documents, out)
    return result.worst(documents, link)


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


def show(documents: list[dict[str, Any]], out: Out) -> None:
    """Every outcome: a document each, or a line each for people; refusals on standard error too."""
    if not out.json:
        result.say(documents, out)
        return
    for one in documents:
        out.doc(one)
        if one["state"] == "refused":
            out.error(one["what"], one["advice"])
