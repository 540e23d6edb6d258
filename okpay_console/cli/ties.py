"""``ticket merge``, ``link``, ``unlink`` and ``split``: what belongs together and what does not."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from okpay_console.cli import act
from okpay_console.cli.find import find
from okpay_console.cli.output import Out
from okpay_console.config import Settings
from okpay_console.domain.ticket import Ticket

if TYPE_CHECKING:
    from okpay_console.domain.ops import AnyOp
    from okpay_console.sync.engine import Engine


def merge(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Ends the ticket as a part of another one, which is told of it: both or neither."""

    def make(engine: Engine, ticket: Ticket) -> list[AnyOp]:
        into = act.seen(engine, find(arguments.into, engine.rows(), out))
        author = engine.author
        return [author.merge(ticket, into.id), author.link(into, ticket.id, kind="merged")]

    return act.run(arguments, settings, out, make, together=True)


def link(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Ties another ticket to this one with a kind, or unties it."""
    gone = arguments.verb == "unlink"

    def make(engine: Engine, ticket: Ticket) -> list[AnyOp]:
        other = find(arguments.other, engine.rows(), out)
        return [engine.author.link(ticket, other, kind=getattr(arguments, "kind", "related"), gone=gone)]

    return act.run(arguments, settings, out, make)


def split(arguments: Namespace, settings: Settings, out: Out) -> int:
    """A new ticket of the same caller for a second matter, tied both ways; all of it or nothing."""

    def make(engine: Engine, ticket: Ticket) -> list[AnyOp]:
        author = engine.author
        new = author.new(
            subject=arguments.subject,
            channel=ticket.channel,
            category=ticket.category if arguments.category is None else arguments.category,
            queue=ticket.queue if arguments.queue is None else arguments.queue,
            caller=ticket.caller,
            text=arguments.text,
        )
        # As much of it as a link needs: whether it can be made at all is told when all of them are tried.
        made = Ticket(id=new.ticket, subject=new.subject, channel=new.channel, created_at=new.at, updated_at=new.at)
        return [new, author.link(made, ticket.id, kind="split"), author.link(ticket, made.id, kind="split")]

    return act.run(arguments, settings, out, make, together=True)
