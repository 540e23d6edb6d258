"""One step of a macro: the template of one operation, and how it becomes one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

from .. import errors
from . import ops
from .author import Author
from .ticket import Channel, Priority, Ticket
from .words import Words

Act = Literal[
    "note", "reply", "tags", "priority", "queue", "status", "category", "chase", "promise", "handover", "escalate", "wrapup",
    "close",
]  # fmt: skip


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The template of one operation. Every text may hold blanks: ``{caller}``, a prompt's id, or a company fact.

    ``code`` is a disposition, ``due`` a prompt's blank, ``due_s`` seconds from now where nobody is asked.
    """

    op: Act
    text: Words = Words("", "")
    code: str = ""
    override: str = ""
    to: str = ""
    queue: str = ""
    level: str = ""
    category: str = ""
    due: str = ""
    due_s: int = 0
    priority: Priority = "normal"
    status: Literal["open", "pending"] = "open"
    channel: Channel = "hotline"
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


class Fill(msgspec.Struct, frozen=True):
    """What a step is filled with: the renderer of its blanks, the language of its words, and the call that is going on."""

    render: Callable[[str], str]
    lang: str
    call: str

    def words(self, step: Step) -> str:
        return self.render(step.text.of(self.lang))


def make(step: Step, ticket: Ticket, author: Author, fill: Fill) -> ops.AnyOp:
    """The operation on ``ticket`` as it stands. ``Refused`` for a blank without a value or a time that cannot be read."""
    return _MAKERS[step.op](step, ticket, author, fill)


def texts(step: Step) -> Iterator[str]:
    """Every text of the step that may hold blanks, in both languages."""
    yield from (step.text.zh, step.text.en, step.override, step.to, step.queue, step.due)


def _due(step: Step, author: Author, fill: Fill) -> datetime:
    if not step.due:
        return author.now() + timedelta(seconds=step.due_s)
    try:
        moment = datetime.fromisoformat(fill.render(step.due))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise errors.Refused("The time cannot be read.", "Give a date and a time with its zone.", code="bad-time")
    return moment


_Maker = Callable[[Step, Ticket, Author, Fill], ops.AnyOp]
_MAKERS: Final[dict[Act, _Maker]] = {
    "note": lambda s, t, a, f: a.note(t, f.words(s)),
    "reply": lambda s, t, a, f: a.reply(t, f.words(s)),
    "tags": lambda s, t, a, _: a.tags(t, add=s.add, remove=s.remove),
    "priority": lambda s, t, a, _: a.priority(t, s.priority),
    "queue": lambda s, t, a, f: a.queue(t, f.render(s.queue)),
    "status": lambda s, t, a, f: a.status(t, s.status, reason=f.words(s)),
    "category": lambda s, t, a, _: a.category(t, s.category),
    "chase": lambda s, t, a, f: a.chase(t, text=f.words(s), channel=s.channel),
    "promise": lambda s, t, a, f: a.promise(t, f.words(s), _due(s, a, f)),
    "handover": lambda s, t, a, f: a.handover(t, note=f.words(s), to=f.render(s.to), queue=f.render(s.queue)),
    "escalate": lambda s, t, a, f: a.escalate(t, s.level, note=f.words(s)),
    "wrapup": lambda s, t, a, f: a.wrapup(t, s.code, call=f.call, summary=f.words(s), override=f.render(s.override)),
    "close": lambda s, t, a, f: a.close(t, s.code, summary=f.words(s), override=f.render(s.override)),
}
