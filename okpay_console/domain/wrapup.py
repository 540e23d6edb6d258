"""The end of a contact: a draft of its summary, and what has to follow from its disposition."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from . import ops, privacy
from .author import Author
from .disposition import CALL_DROPPED
from .ticket import Call, FieldAnswer, Ticket

_SLACK: Final = timedelta(minutes=5)
"""Marks are by the console's clock and details by the server's: so far may the two be apart."""
_LONGEST: Final = 2_000


def summary(
    ticket: Ticket,
    *,
    call: Call | None,
    labels: Callable[[str], str],
    steps: Callable[[str, Sequence[str]], str],
    title: str,
    shown: Callable[[str, str], str] = lambda _field, value: value,
) -> str:
    """A draft of what was done in this contact, one line each: the matter, the details, the steps, the promises.

    Only what was noted since ``call`` began; everything for None. ``labels`` gives a field's name, ``steps`` the words for an
    answer's id and the numbers of its steps that were walked through, ``title`` the category's, ``shown`` a field's value as
    people read it. Personal values are masked and what looks like a secret is taken out, so the draft itself can always be
    kept. "?" stands for asked and not known.
    """
    began = call.marks[0].at - _SLACK if call is not None and call.marks else None
    lines = [": ".join(part for part in (title, ticket.subject) if part)]
    details = [
        _detail(labels(field), field, answer, shown)
        for field, answer in ticket.answers.items()
        if answer.state != "empty" and _since(answer.at, began)
    ]
    done = [steps(answer, numbers) for answer, numbers in _ticked(ticket, began).items()]
    owed = [promise.text for promise in ticket.promises if promise.state == "open" and _since(promise.made_at, began)]
    lines += ["; ".join(part) for part in (details, done, owed) if part]
    draft = "\n".join(lines)[:_LONGEST]
    # Taking a secret out can join the text around it to another one.
    while (cleaned := privacy.redact(draft)[0]) != draft:
        draft = cleaned
    return draft


def _detail(label: str, field: str, answer: FieldAnswer, shown: Callable[[str, str], str]) -> str:
    if answer.state == "unknown":
        return f"{label} ?"
    if answer.state == "na":
        return f"{label} -"
    return f"{label} {shown(field, privacy.mask(field, answer.value))}"


def _ticked(ticket: Ticket, began: datetime | None) -> dict[str, list[str]]:
    """The numbers of the steps that stand ticked by their answer, in the order in which they were last walked through."""
    standing = {step for ticked in ticket.steps.values() for step in ticked}
    walked: dict[str, None] = {}
    for entry in ticket.timeline:
        if entry.kind == "step" and entry.data.get("step") in standing and _since(entry.at, began):
            walked.pop(entry.data["step"], None)
            walked[entry.data["step"]] = None
    found: dict[str, list[str]] = {}
    for step in walked:
        answer, _, number = step.rpartition(".")
        found.setdefault(answer or step, []).append(number)
    return found


def _since(at: datetime | None, began: datetime | None) -> bool:
    return began is None or (at is not None and at >= began)


def sequel(
    ticket: Ticket, op: ops.WrapUp, author: Author, *, subject: str, text: str, due: datetime | None = None
) -> tuple[ops.AnyOp, ...]:
    """The operations that follow ``op``, to be carried out in one go after it; () for most dispositions.

    After a call that dropped: a ticket for calling back, of the same caller, category and queue, tied to this one both ways,
    with ``text`` promised for ``due`` where that is given. ``subject`` and ``text`` are words of the house's language.
    """
    if op.disposition != CALL_DROPPED:
        return ()
    fresh = author.new(
        subject=subject,
        channel=ticket.channel,
        category=ticket.category,
        priority="urgent" if ticket.priority == "urgent" else "high",
        queue=ticket.queue,
        caller=ticket.caller,
        text=text,
    )
    callback = ops.apply(None, fresh, author.now())
    follows: list[ops.AnyOp] = [
        fresh,
        author.link(callback, ticket.id, kind="callback"),
        author.link(ticket, callback.id, kind="callback"),
    ]
    if due is not None:
        follows.append(author.promise(callback, text, due))
    return tuple(follows)
