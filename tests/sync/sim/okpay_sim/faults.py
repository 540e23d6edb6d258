"""What can go wrong, and how often."""

from __future__ import annotations

import msgspec

SHUT = "Nothing is taken now."
"""What a server says that takes no mutations."""


class Killed(BaseException):
    """kill -9 of a console, at this very moment."""


class ServerKilled(BaseException):
    """kill -9 of the server, at this very moment."""


class Lost(Exception):
    """Nobody hears of this request or of its answer."""


class Wrong(AssertionError):
    """The world broke a promise."""


class Mix(msgspec.Struct, frozen=True, kw_only=True):
    """Shares: of requests that meet a fault, of disk operations and server commits that meet a kill; and weights of events.

    ``fault`` is the share of requests that meet each common fault. ``kill`` is that of a kill of the console before and after
    each request and at each write and sync of its journal, and ``crash`` that of the server before, in and after each commit.
    ``power``: the share of kills that also take what was not yet synced. ``page``: the rows of the server's pages, one of these
    each time, and one for the whole quiet. ``people``: how many have a console. ``jumps``: clocks are set wrong. ``events``
    are laid over ``world.WEIGHTS``; with ``only`` nothing else happens.
    """

    steps: int = 30
    fault: float = 0.08
    kill: float = 0.01
    crash: float = 0.015
    power: float = 0.5
    page: tuple[int, ...] = (2, 3, 500, 500, 500)
    people: int = 3
    jumps: bool = True
    events: dict[str, float] = {}
    only: bool = False


HEAVY = Mix(steps=60, fault=0.12, kill=0.03, crash=0.0, page=(500,), jumps=False)
LIGHT = Mix()
