"""``ticket call``, ``ticket wrapup`` and ``ticket chase``: what happens in one contact with the caller."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from okpay_console import errors, wiring
from okpay_console.cli import act
from okpay_console.cli.find import find
from okpay_console.cli.moment import parse_due, parse_past
from okpay_console.cli.output import Out
from okpay_console.config import Settings
from okpay_console.domain import callclock
from okpay_console.domain.ticket import Ticket
from okpay_console.domain.wrapup import sequel

if TYPE_CHECKING:
    from okpay_console.domain.ops import AnyOp
    from okpay_console.sync.engine import Engine

_BEGINS = frozenset({"offered", "answered", "abandoned", "callback"})


def call(arguments: Namespace, settings: Settings, out: Out) -> int:
    """One mark on a call; where none is named, on the one that rings or goes on, else on a new one."""
    moment = None
    if arguments.at:
        moment = parse_past(arguments.at, now=wiring.now(), zone=settings.timezone, say=out.pick)

    def make(engine: Engine, ticket: Ticket) -> list[AnyOp]:
        name = arguments.call or _current(ticket, engine.me, arguments.event)
        if not name and arguments.event not in _BEGINS:
            raise errors.Refused(
                out.pick("这张工单上没有进行中的通话。", "No call goes on at this ticket."),
                out.pick("先记 answered，或用 --call 指明通话。", "Mark `answered` first, or name it with --call."),
                code="no-call",
            )
        return [engine.author.mark(ticket, name or engine.author.new_id(), arguments.event, moment=moment)]

    return act.run(arguments, settings, out, make)


def wrapup(arguments: Namespace, settings: Settings, out: Out) -> int:
    """The end of the contact, of this agent's call where one goes on, with what follows from it: all of it or nothing.

    After a call that dropped there is a ticket for calling back, with a promise where ``--due`` says by when.
    """
    due = None
    if arguments.due:
        due = parse_due(arguments.due, now=wiring.now(), zone=settings.timezone, say=out.pick)

    def make(engine: Engine, ticket: Ticket) -> list[AnyOp]:
        mine = callclock.live(ticket, engine.me)
        op = engine.author.wrapup(
            ticket,
            arguments.code,
            call=arguments.call or (mine.id if mine else ""),
            summary=arguments.summary,
            override=arguments.override,
        )
        subject = out.pick(f"回拨：{ticket.subject}", f"Call back: {ticket.subject}")
        text = out.pick("通话中断，给来电人回电。", "The call dropped: call back.")
        return [op, *sequel(ticket, op, engine.author, subject=subject, text=text, due=due)]

    return act.run(arguments, settings, out, make, together=True)


def chase(arguments: Namespace, settings: Settings, out: Out) -> int:
    """The caller asks again about the matter, perhaps in a ticket of the new contact."""

    def make(engine: Engine, ticket: Ticket) -> list[AnyOp]:
        other = find(arguments.other, engine.rows(), out) if arguments.other else ""
        text = act.words(arguments.text)
        return [engine.author.chase(ticket, text=text, channel=arguments.channel, other=other)]

    return act.run(arguments, settings, out, make)


def _current(ticket: Ticket, me: str, event: str) -> str:
    """The call that the event is about: the ringing one for what ends ringing, this agent's own for the rest."""
    ringing, mine = callclock.ringing(ticket), callclock.live(ticket, me)
    if event in _BEGINS:
        return ringing.id if ringing and event != "offered" else ""
    return mine.id if mine else ""
