"""Who has the same case open at this moment: what a console tells about its agent, and what it is told about the others."""

from __future__ import annotations

from typing import Final

import msgspec

ALIVE_S: Final = 25.0
"""Whoever has not been heard of for so long is not there any more: two beats may be lost."""
BEAT_S: Final = 10.0
"""A console with an open case tells so this often at least."""
MOST_LEFT: Final = 20


class Here(msgspec.Struct, frozen=True, omit_defaults=True):
    """``POST /v1/presence``: the ticket in front of the agent ("" for none), whether he is ``writing`` a reply or a note, and
    the tickets that he has ``left`` since he was last heard."""

    ticket: str = ""
    writing: bool = False
    left: tuple[str, ...] = ()


class Beside(msgspec.Struct, frozen=True, omit_defaults=True):
    """Somebody else who has the ticket open."""

    user: str
    writing: bool = False


class Company(msgspec.Struct, frozen=True):
    """The answer: everybody else at this ticket, by name."""

    others: tuple[Beside, ...] = ()
