"""What the server tells of alarms: how each stands, and what became of the messages about them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from .alarms import Alarm

DeliveryState = Literal["waiting", "sent", "failed", "dropped"]


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """An alarm as it stands: up since when (None: it is not), whether that was told, and its number now (None: no data)."""

    alarm: Alarm
    up: datetime | None
    told: bool
    value: float | None
    as_of: datetime | None
    by: str
    at: datetime


class Delivery(msgspec.Struct, frozen=True):
    """One message to one receiver.

    ``status`` is the last answer: HTTP's, or what went wrong. ``due``: the next try of one that waits.
    """

    id: str
    webhook: str
    kind: str
    alarm: str
    state: DeliveryState
    status: str
    tries: int
    made: datetime
    due: datetime | None
    done: datetime | None
