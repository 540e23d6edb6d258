"""The values that arguments can have, written out so that a mistyped command costs no import of the domain."""

from __future__ import annotations

from typing import Final

CHANNELS: Final = ("hotline", "chat", "email", "social")
PRIORITIES: Final = ("urgent", "high", "normal", "low")
STATUSES: Final = ("new", "open", "pending", "closed")
VIEWS: Final = ("open", "mine", "unclaimed", "overdue", "pending", "closed", "all")
ROLES: Final = ("agent", "supervisor", "admin", "integration")
FIELD_STATES: Final = ("known", "unknown", "na", "filled", "verified")
LINK_KINDS: Final = ("related", "duplicate", "chase", "split", "merged", "callback")
CALL_EVENTS: Final = (
    "offered", "answered", "held", "resumed", "muted", "unmuted", "ended", "wrapped", "abandoned", "callback",
)  # fmt: skip
