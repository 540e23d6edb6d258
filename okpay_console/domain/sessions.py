"""Where somebody is signed in."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One token. ``id`` names it and opens nothing; ``seen_at`` is at most ten minutes behind; times are UTC.

    ``expires_at`` is None for one without end; ``current`` is the one that asks.
    """

    id: str
    user: str
    label: str
    created_at: datetime
    expires_at: datetime | None
    seen_at: datetime | None
    current: bool = False
