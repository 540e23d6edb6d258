"""What every route of one server process shares."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import cast
from zoneinfo import ZoneInfo

from litestar import Litestar

from .db import Database
from .feed import Feed
from .floor import Floor
from .guesses import Guesses
from .heard import Heard
from .hub import Hub
from .marks import Marks
from .metrics import Metrics
from .presence import Presence
from .refusals import Refusals
from .settings import ServerConfig


class Context:
    """The open database, feed, event hub, who is where and was heard of when, the floor, refusals, counters, settings and clock."""

    def __init__(self, settings: ServerConfig, clock: Callable[[], datetime]) -> None:
        self.settings = settings
        self.clock = clock
        self.db = Database(settings.database)
        self.marks = Marks()
        self.feed = Feed(self.db, marks=self.marks)
        self.metrics = Metrics()
        self.hub = Hub(
            self.db, clock=clock, marks=self.marks, poll_s=settings.poll_s, ping_s=settings.ping_s, stream_s=settings.stream_s
        )  # fmt: skip
        self.presence = Presence(self.db, clock=clock, alive_s=settings.presence_s, share_s=settings.presence_share_s)
        self.heard = Heard(self.db, clock=clock, share_s=settings.heard_share_s)
        self.floor = Floor(
            self.db, clock=clock, running=time.monotonic, house=settings.house, tz=ZoneInfo(settings.zone),
            every_s=settings.floor_s, patience_s=settings.patience_s,
        )  # fmt: skip
        self.refusals = Refusals(self.db, clock=clock)
        self.guesses = Guesses(self.db, clock=clock, limit=settings.guesses)
        self.creating: set[tuple[str, str]] = set()
        self.db.on_commit = self.hub.wake


def context_of(app: Litestar) -> Context:
    return cast(Context, app.state.context)
