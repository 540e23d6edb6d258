"""First contact resolution: whether whoever got in touch was helped at once, judged once there was time to come back."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import msgspec

from .calllog import Micros, micros
from .queue import Row
from .ticket import Caller

Matter = tuple[str, str]
"""Who and about what: a caller's number or address, and the category."""
_REACHED = frozenset({"answered", "ended", "wrapped"})


class Contact(msgspec.Struct, frozen=True, gc=False, order=True):
    """One time that a caller got in touch. ``reached``: somebody answered, or it was written; ``solved``: it ended the matter."""

    at: Micros
    ticket: str
    reached: bool
    solved: bool


def matter(row: Row) -> Matter | None:
    """Whose and which matter the ticket is; None where nobody can tell: no number or address, or no category yet."""
    who = identity(row.caller)
    return (who, row.category) if who and row.category else None


def identity(caller: Caller) -> str:
    """By what a caller is known again: the number, else the address, else the name on that network."""
    return caller.mobile or caller.email.casefold() or caller.handle.casefold()


def contacts(row: Row, solving: Collection[str]) -> tuple[Contact, ...]:
    """The contacts of a ticket: its calls, and its opening where that was not a call.

    A call solved the matter by the code of its wrap-up, writing by that of the ticket's close. Who had to ask again was not
    helped by the first contact, whenever that was.
    """
    found = []
    patient = row.chases == 0 and not row.merged_into
    for call in row.calls:
        if call.marks:
            reached = any(mark.event in _REACHED for mark in call.marks)
            solved = reached and call.code in solving and patient
            found.append(Contact(micros(call.marks[0].at), row.id, reached, solved))
    if row.channel != "hotline" or not found:
        done = row.status == "closed" and row.disposition in solving and patient and not row.calls
        found.append(Contact(micros(row.created_at), row.id, True, done))
    return tuple(found)


def firsts(told: Iterable[Contact], *, window: Micros) -> list[Contact]:
    """The first contacts of one matter: those that nobody reached within ``window`` before; ``solved`` only without a repeat.

    A repeat is any further try within the window, answered or not: whoever calls again in vain was not helped either.
    """
    ordered = sorted(told)
    found = []
    reached: Micros | None = None
    for place, one in enumerate(ordered):
        if not one.reached:
            continue
        if reached is None or one.at - reached > window:
            again = place + 1 < len(ordered) and ordered[place + 1].at - one.at <= window
            found.append(Contact(one.at, one.ticket, True, one.solved and not again))
        reached = one.at
    return found
