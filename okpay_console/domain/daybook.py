"""The daybook: what happens on the floor beside the tickets, as a set of lines that only grows."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec
from msgspec.structs import replace

from .. import errors
from . import secret
from .ticket import Instant

__all__ = [
    "DaybookPage", "Fates", "Line", "LineFate", "Told", "check", "in_order", "is_for_agents", "may_tell", "screened",
    "sees", "united",
]  # fmt: skip

KEPT_H: Final = 36
"""Hours of the floor that a console holds, and that the server gives to one that asks for the first time."""
AHEAD: Final = timedelta(minutes=10)
"""A line may be dated so far in the future: clocks differ, but nobody has a break tomorrow already."""
WORDS: Final = 2_000
TOLD_LINES: Final = 200
TOLD_BYTES: Final = 64 << 10
EVERYBODY: Final = "*"
LOST: Final = "lost"
"""The reason of an ``offline`` that nobody told: the console had gone without a word."""

States = Literal["available", "break", "training", "offline"]
STATES: Final = frozenset({"available", "break", "training", "offline"})
KINDS: Final = frozenset({"state", "notice", "read", "abuse", "missed", "alarm"})
POKES: Final = frozenset({"notice", "alarm"})
"""What agents wait for. The others are read by those who watch the floor, in their own time."""

_CODE: Final = re.compile(r"[A-Za-z0-9._:/-]{1,64}")
_NAME: Final = re.compile(r"[^\s\x00-\x1f\x7f/\\]{1,64}")
_DIGIT: Final = re.compile(r"\d")
_PEOPLE: Final = frozenset({"agent", "supervisor", "admin"})
_LEADS: Final = frozenset({"supervisor", "admin"})

TELLERS: Final[Mapping[str, frozenset[str]]] = {
    "state": _PEOPLE,
    "read": _PEOPLE,
    "abuse": _PEOPLE,
    "missed": _PEOPLE,
    "notice": _LEADS,
    # Only the server itself.
    "alarm": frozenset(),
}
"""The roles that may tell each kind. A kind that is not listed is a newer console's, and any person's."""


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of the daybook; twice the same ``uuid`` is once. ``by`` has told it, ``at`` is when it was so.

    =======  ==========================================================================================
    kind     what it says
    =======  ==========================================================================================
    state    ``by`` is now ``what`` (available, break, training, offline), for the ``reason``, planned ``until``
    notice   ``words`` to one person (``about``) or to a ``queue`` (``*``: everybody)
    read     ``by`` has acknowledged the notice whose uuid is ``what``
    abuse    ``by`` marks the call ``what`` on ``ticket`` as abusive; reason ``none`` takes the mark back
    missed   ``words`` were searched and no answer helped, all digits masked; ``what`` is the category
    alarm    the alarm ``what`` was ``raised`` or ``cleared`` (``reason``); ``words``: metric and value as JSON
    =======  ==========================================================================================

    ``about``, ``queue``: whom it concerns (an alarm about ``*``: the agents of its queue too). ``seq``: the server's number, 0
    while it is not there yet. Kinds that are not known are kept and passed by.
    """

    uuid: str
    kind: str
    at: Instant
    by: str
    about: str = ""
    queue: str = ""
    ticket: str = ""
    what: str = ""
    reason: str = ""
    until: Instant | None = None
    words: str = ""
    seq: int = 0


class Told(msgspec.Struct, frozen=True, omit_defaults=True):
    """``POST /v1/daybook``: at most ``TOLD_LINES`` lines in ``TOLD_BYTES`` bytes; ``alive``: whoever tells is at his console."""

    lines: list[Line] = []
    alive: bool = False


class LineFate(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of a line: kept under ``seq``, known already, or refused for ever with a stable ``code`` and a sentence."""

    uuid: str
    state: Literal["kept", "known", "refused"]
    seq: int = 0
    code: str = ""
    what: str = ""


class Fates(msgspec.Struct, frozen=True):
    """The answer to ``Told``: one fate per line, in order, and the server's time."""

    lines: list[LineFate]
    now: datetime


class DaybookPage(msgspec.Struct, frozen=True, omit_defaults=True):
    """``GET /v1/daybook?after=&limit=``: lines after a cursor in the order of their numbers, those that the asker may see.

    ``after`` is the next cursor. ``seen``: when each person was last heard of, for those who watch the floor.
    """

    lines: list[Line]
    after: str
    more: bool
    now: datetime
    seen: dict[str, datetime] = {}


def may_tell(
    role: str,
    line: Line,
    *,
    queues: Collection[str] = (),
    queues_of: Callable[[str], Collection[str] | None] = lambda _: (),
) -> bool:
    """Whether somebody of this role, who works in ``queues`` (none: in all), may tell the line.

    A notice goes to people and queues within one's own; ``queues_of`` gives somebody's queues, None for nobody known.
    """
    if role not in TELLERS.get(line.kind, _PEOPLE):
        return False
    if line.kind != "notice":
        return True
    if line.about:
        theirs = queues_of(line.about)
        return theirs is not None and _meet(queues, theirs)
    return not queues or line.queue in queues


def sees(
    user: str,
    role: str,
    queues: Collection[str],
    line: Line,
    queues_of: Callable[[str], Collection[str] | None],
) -> bool:
    """Whether the line is shown to ``user``, who works in ``queues`` (none: in all); ``queues_of`` as in ``may_tell``.

    Everybody sees what he told, and notices to him, to his queues and to all. An agent sees alarms that are marked for the agents
    of his queues, and nothing else; those who lead see everything within their queues.
    """
    if line.by == user and line.kind != "alarm":
        return True
    if role not in _PEOPLE:
        return False
    if line.kind == "notice" and (line.about == user or (not line.about and _within(queues, line.queue))):
        return True
    if line.kind == "alarm":
        return _within(queues, line.queue) and (role in _LEADS or line.about == EVERYBODY)
    if role not in _LEADS:
        return False
    if not queues:
        return True
    if line.queue and line.queue != EVERYBODY:
        return line.queue in queues
    theirs = queues_of(line.about or line.by)
    return theirs is not None and _meet(queues, theirs)


def is_for_agents(line: Line, user: str) -> bool:
    """Whether an agent is to be shown the line: a notice or an alarm of somebody else's."""
    return line.kind in POKES and line.by != user and (line.kind == "notice" or line.about == EVERYBODY)


def check(line: Line, *, now: datetime | None = None) -> None:
    """``Refused`` where the line cannot stand in any daybook, ``SecretRefused`` where it carries a secret.

    Names and codes are that and nothing else, words have an end, a state is one, and with ``now`` no line is of the future.
    """
    codes = (line.uuid, line.kind)
    if not all(_CODE.fullmatch(one) for one in codes) or not all(
        _CODE.fullmatch(one) for one in (line.ticket, line.what, line.reason) if one
    ):
        raise _wrong("A line's codes may hold letters, digits and . _ : / - only.")
    if not all(_NAME.fullmatch(one) for one in (line.by, line.about, line.queue) if one):
        raise _wrong("A person's or queue's name cannot be read.")
    if len(line.words) > WORDS:
        raise errors.Refused(f"These words are longer than {WORDS} characters.", "Shorten them.", code="too-long")
    if "\0" in line.words:
        raise errors.Refused("The text holds a NUL character.", "Take it out.", code="nul")
    _check_kind(line)
    if now is not None and line.at > now + AHEAD:
        raise errors.Refused("The line is dated in the future.", "Set this machine's clock.", code="future-line")
    for text in (line.words, line.about, line.queue, line.ticket, line.what, line.reason, line.by):
        found = secret.find(text)
        if found:
            raise errors.SecretRefused(
                f"This text holds a secret ({found[0].kind}) and is not kept.",
                "Take it out; a secret is never needed here.",
                kind=found[0].kind,
                ticket=line.ticket,
            )


def _check_kind(line: Line) -> None:
    match line.kind:
        case "state":
            if line.what not in STATES:
                raise _wrong("A state is available, break, training or offline.")
        case "notice":
            if not line.words.strip():
                raise errors.Refused("The notice is empty.", "Write what is to be said.", code="empty-text")
            if bool(line.about) == bool(line.queue):
                raise _wrong("A notice goes to one person or to one queue.")
        case "read" | "abuse":
            if not line.what:
                raise _wrong("The line does not say what it is about.")
        case _:
            return


def screened(line: Line) -> Line:
    """The line as it may be kept: what was searched in vain tells no numbers, and is one line."""
    if line.kind != "missed":
        return line
    return replace(line, words=_DIGIT.sub("*", " ".join(line.words.split()))[:200])


def in_order(lines: Iterable[Line]) -> tuple[Line, ...]:
    """By the moment at which it happened."""
    return tuple(sorted(lines, key=lambda line: (line.at, line.uuid)))


def united(told: Iterable[Line], known: Iterable[Line], since: datetime) -> tuple[Line, ...]:
    """What a server told from ``since`` on and what a console knows of that time, each line once, oldest first."""
    found = {line.uuid: line for line in known if line.at >= since}
    return in_order((found | {line.uuid: line for line in told}).values())


def _wrong(what: str) -> errors.Refused:
    return errors.Refused(what, "Correct it.", code="bad-arguments")


def _within(queues: Collection[str], queue: str) -> bool:
    return not queues or queue in ("", EVERYBODY) or queue in queues


def _meet(mine: Collection[str], theirs: Collection[str]) -> bool:
    """Whether two people have a queue in common; none named means all of them."""
    return not mine or not theirs or any(queue in theirs for queue in mine)
