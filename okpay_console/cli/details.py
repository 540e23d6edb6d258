"""``ticket set`` and ``ticket check``: the details of a case, and how many of them are there."""

from __future__ import annotations

import difflib
from argparse import Namespace
from typing import TYPE_CHECKING, cast

from okpay_console import errors, wiring
from okpay_console.cli import act, problems
from okpay_console.cli.find import find
from okpay_console.cli.output import Out, document
from okpay_console.config import Settings
from okpay_console.content.rules import load_fields, load_notes
from okpay_console.domain import checklist, fields, secret
from okpay_console.domain.ticket import Ticket

if TYPE_CHECKING:
    from okpay_console.domain.ops import AnyOp
    from okpay_console.sync.engine import Engine


def set_fields(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Checklist details, each an operation of its own."""
    pairs = [item.partition("=") for item in arguments.fields]
    wrong = next((name for name, equals, _ in pairs if not equals or not name), None)
    if wrong is not None:
        raise errors.UsageError(
            out.pick(f"“{wrong}”不是 字段=值。", f"'{wrong}' is not FIELD=VALUE."),
            out.pick("例如：ticket set 20419 mobile=13800138000", "Such as: ticket set 20419 mobile=13800138000"),
        )

    def make(engine: Engine, ticket: Ticket) -> list[AnyOp]:
        state, source = arguments.state, arguments.source
        values = [(name, _value(name, text, state, ticket, out)) for name, _, text in pairs]
        return [engine.author.field(ticket, name, value, state=state, source=source) for name, value in values]

    return act.run(arguments, settings, out, make)


def _value(name: str, text: str, state: str, ticket: Ticket, out: Out) -> str:
    """The value as a ticket keeps it; ``UsageError`` for a field that does not exist or a value that it cannot have."""
    known = load_fields()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        raise errors.UsageError(
            out.pick(f"没有字段“{name}”。", f"There is no field '{name}'."),
            out.pick(f"是不是“{near[0]}”？", f"Did you mean '{near[0]}'?") if near else " ".join(known),
        )
    if state in ("unknown", "na"):
        return ""
    if secret.find(text, field=name):
        # The operation refuses it, which is then told to the audit logs as for any other text.
        return text
    checked = fields.check(name, text, now=wiring.now(), answers=ticket.answers)
    note = load_notes().get(checked.note_code)
    said = note.of(out.lang) if note else checked.note_code
    label = known[name].label.of(out.lang)
    if not checked.ok:
        raise errors.UsageError(out.pick(f"{label}（{name}）没有保存。", f"{label} ({name}) was not kept."), said)
    if said:
        out.note(f"{label}: {said}")
    return checked.value


def checked(name: str, text: str, out: Out) -> str:
    """A caller's detail as a ticket keeps it, "" for none; ``UsageError`` for one that it cannot have."""
    if not text:
        return ""
    now = wiring.now()
    return _value(
        name, text, "filled", Ticket(id="", subject="", channel="hotline", created_at=now, updated_at=now), out
    )


def check(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Without steps: how far the checklist is. With steps: ticks them off (``ANSWER.NUMBER``), or takes that back."""
    if not arguments.steps:
        return _checklist(arguments, settings, out)

    def make(engine: Engine, ticket: Ticket) -> list[AnyOp]:
        done = not arguments.undo
        return [
            engine.author.step(ticket, step.rpartition(".")[0] or step, step, done=done) for step in arguments.steps
        ]

    return act.run(arguments, settings, out, make)


def _checklist(arguments: Namespace, settings: Settings, out: Out) -> int:
    with wiring.reading(settings) as picture:
        ticket_id = find(arguments.id, picture.rows(), out)
        ticket = cast(Ticket, picture.view(ticket_id).ticket)
        listed = picture.rules.checklists.get(ticket.category)
        progress = (
            checklist.progress(listed, ticket.answers, ticket.channel) if listed else checklist.Progress(0, 0, (), ())
        )
    if out.json:
        out.doc({"ticket": ticket_id, "category": ticket.category, **document(progress)})
        return problems.DONE
    out.line(
        out.pick(f"已收集 {progress.filled}/{progress.applicable}", f"{progress.filled} of {progress.applicable} known")
    )
    if progress.missing:
        missing = ", ".join(progress.missing)
        out.line(out.pick(f"还缺：{missing}", f"missing: {missing}"))
    if progress.ask:
        out.line(out.pick(f"下一项：{progress.ask[0]}", f"ask next: {progress.ask[0]}"))
    return problems.DONE
