"""``ticket why``: which limits a ticket has, what was counted of them and what was not, and when it is due."""

from __future__ import annotations

from argparse import Namespace
from zoneinfo import ZoneInfo

from okpay_console import wiring
from okpay_console.cli import problems
from okpay_console.cli.find import find
from okpay_console.cli.output import Out, clean, document
from okpay_console.config import Settings
from okpay_console.content import interface, why
from okpay_console.domain.sla import Reckoning, explain

_INDENT = {"calm": "  ", "part": "    ", "dim": "  "}


def run(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Explains the clocks as of now; offline, and beside an open console."""
    with wiring.reading(settings) as picture:
        view = picture.view(find(arguments.id, picture.rows(), out))
        assert view.ticket is not None
        ticket, policy = view.ticket, picture.rules.sla
    found = explain(ticket, wiring.now(), policy)
    if out.json:
        clocks = [_document(clock) for clock in found.clocks]
        out.doc({"id": ticket.id, "number": ticket.number, "now": found.now, "clocks": clocks})
        return problems.DONE
    interface.use(out.lang)
    zone = ZoneInfo(settings.timezone)
    number = str(ticket.number) if ticket.number else ticket.id
    out.line(clean(interface.t("why.title", number=number, subject=ticket.subject)))
    for one in why.lines(found, local=lambda moment: moment.astimezone(zone)):
        out.line(_INDENT.get(one.role, "") + clean(one.text))
    return problems.DONE


def _document(clock: Reckoning) -> dict[str, object]:
    """A clock for a machine: seconds, RFC 3339 times, the rule's conditions, and whether the rules here give that due time."""
    target = clock.target
    rule = target and {name: getattr(target, name) for name in ("category", "priority", "channel")}
    plain = {name: value for name, value in document(clock).items() if name != "title"}
    return {
        **plain,
        "target": rule,
        "parts": [document(part) for part in clock.parts],
        "agrees": clock.agrees,
    }
