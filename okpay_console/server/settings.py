"""The server's settings."""

from __future__ import annotations

import msgspec

from ..domain.ops import NO_RULES, Rules
from ..domain.presence import ALIVE_S
from ..domain.wallnumbers import House


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
    guesses: int = 20
    """So many different wrong tokens from one address within five minutes lock new sign-ins from there; 0 behind a proxy."""
    certfile: str = ""
    """PEM file of the certificate (and its chain) for TLS; "" speaks plain HTTP."""
    keyfile: str = ""
    """PEM file of its private key; "" where that is in ``certfile``."""
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
    heard_share_s: float = 10.0
    """How often at most a process exchanges with the others who was heard of when."""
    house: House = House()
    """What the numbers of the floor are reckoned by."""
    zone: str = "Asia/Shanghai"
    """The IANA zone by whose clock the floor's days and the alarms' quiet hours pass."""
    floor_s: float = 1.0
    """How often at most the numbers of the floor are reckoned; 0: not by this process."""
    patience_s: float = 4.0
    """After so long without a sign of life another process takes over what one does for all: numbers, alarms, webhooks."""
    reauth_s: float = 60.0
    """How long before its token expires a stream says so."""
    max_syncs: int = 64
    """Pages built at the same time per process; more are told to come back, so that a mass relist cannot drown it."""
    max_streams: int = 20
    """Event streams of one user per process; more are told to come back."""
    head_s: float = 10.0
    """A request whose header lines are not here after so long, counted from their first byte, is not waited for."""
    body_s: float = 60.0
    """A request whose body is not here so long after its header lines is not waited for."""
