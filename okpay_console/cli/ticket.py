"""``ticket VERB``: every operation on one ticket, through the same engine as the console."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from typing import TYPE_CHECKING, Any

from okpay_console import errors, wiring
from okpay_console.cli import act, problems, result
from okpay_console.cli.find import find
from okpay_console.cli.moment import parse_due
from okpay_console.cli.output import Out
from okpay_console.cli.show import print_ticket, ticket_document
from okpay_console.config import Settings
from okpay_console.content.rules import load_categories
from okpay_console.domain.ticket import Caller, Ticket

if TYPE_CHECKING:
    from okpay_console.domain.ops import AnyOp
    from okpay_console.sync.engine import Engine


def show(arguments: Namespace, settings: Settings, out: Out) -> int:
    """The ticket as this console sees it; offline, and beside an open console."""
    with wiring.reading(settings) as picture:
        view = picture.view(find(arguments.id, picture.rows(), out))
        assert view.ticket is not None
        if out.json:
            out.doc(ticket_document(view, view.ticket))
        else:
            print_ticket(view, view.ticket, settings, out)
    return problems.DONE


def new(arguments: Namespace, settings: Settings, out: Out) -> int:
    """A first contact: on this disk first, then one round. What the caller has open already is said."""
    from okpay_console.cli.details import checked

    known = [category.id for category in load_categories()]
    if arguments.category and arguments.category not in known:
        raise errors.UsageError(
            out.pick(f"没有类别“{arguments.category}”。", f"There is no category '{arguments.category}'."),
            " ".join(known),
        )
    caller = Caller(
        name=arguments.name,
        mobile=checked("mobile", arguments.mobile, out),
        email=checked("email", arguments.email, out),
    )

    async def go() -> int:
        async with wiring.working(settings) as engine:
            result.mended(engine, out)
            standing = [engine.rows()[one] for one in engine.same(caller) if one in engine.rows()]
            for row in (row for row in standing if row.status != "closed"):
                out.note(
                    out.pick(
                        f"这位客户已有未结工单 #{row.number or '-'}：{row.subject}（催办用 ticket chase）",
                        f"This caller has ticket #{row.number or '-'} open: {row.subject} (chase it with: ticket chase)",
                    )
                )
            op = engine.author.new(
                subject=arguments.subject,
                channel=arguments.channel,
                category=arguments.category,
                priority=arguments.priority,
                queue=arguments.queue,
                caller=caller,
                text=arguments.text,
            )
            refused = await act.tried(engine, [op], arguments, out)
            if refused is not None:
                return await act.told(engine, [], [refused], out)
            done = await engine.round()
            outcome = result.outcome(op, engine, out)
            view = engine.view(op.ticket)
            if out.json and view.ticket is not None and outcome["state"] != "refused":
                out.doc(ticket_document(view, view.ticket))
            elif out.json:
                out.doc(outcome)
            else:
                result.say([outcome], out)
            link = result.link_status(done, out)
            if outcome["state"] == "refused" and out.json:
                out.error(outcome["what"], outcome["advice"])
            return result.worst([outcome], link)

    return asyncio.run(go())


def claim(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Online only: a claim that nobody could be asked about is never shown as ours."""

    async def go() -> int:
        async with wiring.working(settings) as engine:
            result.mended(engine, out)
            ticket_id = await act.found(engine, arguments.id, out)
            try:
                ticket = await engine.claim(ticket_id)
            except (errors.Offline, errors.Unavailable) as error:
                return result.not_asked(error, out)
            if out.json:
                out.doc(ticket_document(engine.view(ticket_id), ticket))
            else:
                out.line(out.pick(f"#{ticket.number} 已认领", f"#{ticket.number} claimed"))
            return problems.DONE

    return asyncio.run(go())


def work(arguments: Namespace, settings: Settings, out: Out) -> int:
    """The verbs that are one operation with at most one value."""

    def make(engine: Engine, ticket: Ticket) -> list[AnyOp]:
        author = engine.author
        value: Any = getattr(arguments, "value", "")
        match arguments.verb:
            case "message":
                return [author.message(ticket, act.words(arguments.text))]
            case "reply":
                return [author.reply(ticket, act.words(arguments.text))]
            case "release":
                return [author.release(ticket)]
            case "close":
                return [_close(arguments, engine, ticket, out)]
            case "reopen":
                return [author.reopen(ticket, reason=arguments.reason)]
            case "status":
                return [author.status(ticket, value, reason=arguments.reason)]
            case "assign":
                return [author.assign(ticket, value)]
            case "priority":
                return [author.priority(ticket, value)]
            case "category":
                return [author.category(ticket, value)]
            case "subject":
                return [author.subject(ticket, value)]
            case "queue":
                return [author.queue(ticket, value)]
            case "rate":
                return [author.rate(ticket, arguments.answer, helped=value == "helped")]
            case _:
                return [author.tags(ticket, add=tuple(arguments.add), remove=tuple(arguments.remove))]

    return act.run(arguments, settings, out, make)


def promise(arguments: Namespace, settings: Settings, out: Out) -> int:
    """A new promise with its time, or one that was kept, broken, or noted by mistake."""
    settled = arguments.kept or arguments.broken or arguments.withdrawn
    if not settled and not (arguments.text and arguments.due):
        raise errors.UsageError(
            out.pick("承诺要写明内容和时限。", "A promise needs words and a time."),
            out.pick(
                "例如：ticket promise 20419 回电 --due 15:00", "Such as: ticket promise 20419 call back --due 15:00"
            ),
        )
    due = None if settled else parse_due(arguments.due, now=wiring.now(), zone=settings.timezone, say=out.pick)

    def make(engine: Engine, ticket: Ticket) -> list[AnyOp]:
        if due is None:
            kept, withdrawn = bool(arguments.kept), bool(arguments.withdrawn)
            return [engine.author.settle(ticket, settled, kept=kept, withdrawn=withdrawn)]
        return [engine.author.promise(ticket, act.words(arguments.text), due)]

    return act.run(arguments, settings, out, make)


def _close(arguments: Namespace, engine: Engine, ticket: Ticket, out: Out) -> AnyOp:
    code = arguments.disposition or arguments.code
    if not code:
        raise errors.UsageError(
            out.pick("结案要有处理结果。", "Closing needs a disposition."),
            out.pick(
                "例如：ticket close 20419 INFO_GIVEN --summary …", "Such as: ticket close 20419 INFO_GIVEN --summary …"
            ),
        )
    return engine.author.close(ticket, code, summary=arguments.summary, override=arguments.override)
