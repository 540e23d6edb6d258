"""``ticket reveal``: one masked value, once, with its reason in the ticket and in the audit logs."""

from __future__ import annotations

import asyncio
from argparse import Namespace

from okpay_console import errors, wiring
from okpay_console.cli import act, result
from okpay_console.cli.output import Out, clean
from okpay_console.config import Settings
from okpay_console.domain.ticket import Ticket


def reveal(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Prints the value after the look at it is on this disk; a look that is refused, here or by the server, shows nothing."""

    async def go() -> int:
        async with wiring.working(settings) as engine:
            result.mended(engine, out)
            ticket = act.seen(engine, await act.found(engine, arguments.id, out))
            value = _value(ticket, arguments.field, out)
            op = engine.author.reveal(ticket, arguments.field, reason=arguments.reason)
            refused = await act.tried(engine, [op], arguments, out)
            if refused is not None:
                return await act.told(engine, [], [refused], out)
            done = await engine.round()
            document = result.outcome(op, engine, out)
            link = result.link_status(done, out)
            if document["state"] == "refused":
                act.show([document], out)
            elif out.json:
                out.doc({**document, "field": arguments.field, "value": value})
            else:
                out.line(clean(value))
            return result.worst([document], link)

    return asyncio.run(go())


def _value(ticket: Ticket, field: str, out: Out) -> str:
    """What the ticket holds under a checklist field, or under ``caller.mobile`` and the like."""
    of, _, detail = field.partition(".")
    if of == "caller" and detail in ticket.caller.__struct_fields__:
        found = str(getattr(ticket.caller, detail))
    else:
        found = ticket.answers[field].value if field in ticket.answers else ""
    if not found:
        raise errors.Refused(
            out.pick("这一项没有值。", "There is no value under this name."),
            out.pick("字段见 ticket show。", "See the names in `ticket show`."),
            code="no-field",
        )
    return found
