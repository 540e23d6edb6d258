"""What every route of one server process shares."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import cast

from litestar import Litestar

from .db import Database
from .feed import Feed
from .hub import Hub
from .metrics import Metrics
from .presence import Presence
from .settings import ServerConfig


class Context:
    """The open database, the feed, the event hub, who is where, the counters, the settings and the clock."""

    def __init__(self, settings: ServerConfig, clock: Callable[[], datetime]) -> None:
        self.settings = settings
        self.clock = clock
        self.db = Database(settings.database)
        self.feed = Feed(self.db)
        self.metrics = Metrics()
        self.hub = Hub(self.db, poll_s=settings.poll_s, ping_s=settings.ping_s, stream_s=settings.stream_s)
        self.presence = Presence(self.db, clock=clock, alive_s=settings.presence_s, share_s=settings.presence_share_s)
        self.creating: set[tuple[str, str]] = set()
        self.db.on_commit = self.hub.wake


def context_of(app: Litestar) -> Context:
    return cast(Context, app.state.context)
