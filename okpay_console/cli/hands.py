"""``ticket handover`` and ``ticket escalate``: into other hands, with a note that is seen first."""

from __future__ import annotations

from argparse import Namespace

from okpay_console import errors
from okpay_console.cli import act
from okpay_console.cli.output import Out
from okpay_console.config import Settings


def handover(arguments: Namespace, settings: Settings, out: Out) -> int:
    """To a colleague, to a queue, or to a colleague in another queue."""
    if not arguments.to and not arguments.queue:
        raise errors.UsageError(
            out.pick("没写移交给谁。", "Nobody is named to take over."),
            out.pick("请加 --to 同事 或 --queue 队列。", "Add --to USER or --queue NAME."),
        )
    return act.run(
        arguments,
        settings,
        out,
        lambda engine, ticket: [
            engine.author.handover(ticket, note=arguments.note, to=arguments.to, queue=arguments.queue)
        ],
    )


def escalate(arguments: Namespace, settings: Settings, out: Out) -> int:
    """To a level of the category's ladder."""
    return act.run(
        arguments,
        settings,
        out,
        lambda engine, ticket: [engine.author.escalate(ticket, arguments.level, note=arguments.note)],
    )
