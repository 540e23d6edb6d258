"""``ticket note``: one note, or a stream of them of which every printed one is safe."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace
from collections.abc import Iterator

from okpay_console import errors, wiring
from okpay_console.cli import act, problems, result
from okpay_console.cli.output import Out
from okpay_console.config import Settings


def note(arguments: Namespace, settings: Settings, out: Out) -> int:
    """One note, or one a line from standard input: each is printed once it is on this disk, and sent at the end."""
    if arguments.text == ["-"]:
        return asyncio.run(_notes(arguments, settings, out))
    return act.run(
        arguments, settings, out, lambda engine, ticket: [engine.author.note(ticket, " ".join(arguments.text))]
    )


async def _notes(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Prints a line only after the disk has its note, so that every printed one outlives this process."""
    async with wiring.working(settings) as engine:
        result.mended(engine, out)
        ticket = act.seen(engine, await act.found(engine, arguments.id, out))
        refused = False
        for text in _lines():
            op = engine.author.note(ticket, text or "")
            document = {"op": op.uuid, "ticket": op.ticket, "state": "queued"}
            try:
                if text is None:
                    raise errors.Refused("The line is not UTF-8 text.", "Send UTF-8.", code="encoding")
                await engine.do(op)
            except errors.Refused as error:
                if isinstance(error, errors.SecretRefused):
                    await act.witnessed(engine, error, arguments.verb)
                document = result.refusal(op, error, out)
                refused = True
                out.error(document["what"], document["advice"])
            if out.json:
                out.doc(document)
            elif document["state"] == "queued":
                out.line(op.uuid)
        done = await engine.round()
        link = result.link_status(done, out)
        refused = refused or bool(done.refused)
        for one in done.refused:
            words = result.refused_words(one.code or one.state, one.what, one.advice, one.field, out)
            out.error(words["what"], words["advice"])
        return problems.FAILED if refused else link if done.pending else problems.DONE


def _lines() -> Iterator[str | None]:
    """The lines of standard input that say something; None for one that is not text."""
    for line in sys.stdin.buffer:
        if line.strip():
            try:
                yield line.decode("utf-8").rstrip("\r\n")
            except UnicodeDecodeError:
                yield None
