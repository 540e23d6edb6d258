"""The server's settings."""

from __future__ import annotations

import msgspec

from ..domain.ops import NO_RULES, Rules
from ..domain.presence import ALIVE_S


class ServerConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a server process is told at its start; durations are in seconds."""

    database: str
    """A path to an SQLite file, or an SQLAlchemy URL: ``sqlite:///…`` or ``postgresql+asyncpg://…``."""
    host: str = "127.0.0.1"
    port: int = 8750
    """0 takes any free port."""
    workers: int = 1
    name: str = "OKPay"
    """What the server calls itself to a console that asks who answers."""
    rules: Rules = NO_RULES
    """Checklists and service-level targets that operations are judged by."""
    self_review: bool = False
    """Whether whoever wrote an answer may publish it: for a house with one supervisor. Otherwise a second person reads it first."""
    lease_s: float = 600.0
    """How long a claim holds without being renewed."""
    poll_s: float = 0.25
    """How often the head is looked at for commits of other processes."""
    ping_s: float = 15.0
    """A comment on an idle event stream, so that a dead connection is noticed."""
    stream_s: float = 600.0
    """After this long an event stream is closed; the console opens the next one, perhaps on another process."""
    presence_s: float = ALIVE_S
    """Whoever has not said for so long that he has a ticket open does not have it open."""
    presence_share_s: float = 1.0
    """How often at most a process exchanges with the others who has which ticket open."""
    reauth_s: float = 60.0
    """How long before its token expires a stream says so."""
    max_syncs: int = 64
    """Pages built at the same time per process; more are told to come back, so that a mass relist cannot drown it."""
