"""When an answer and a solution are due: targets per category and channel, in seconds after the first contact."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from .ticket import Channel, Sla

MINUTE = 60
HOUR = 3600
DAY = 86400


class Target(msgspec.Struct, frozen=True):
    """Seconds to the first response and to the solution; None where the category has no such target."""

    response: int | None
    resolve: int | None


class Policy(msgspec.Struct, frozen=True):
    """House targets; all of them are defaults to configure (facts: domain table of categories), not standards.

    ``response`` per channel stands where the category does not say otherwise.
    """

    categories: dict[str, Target] = msgspec.field(
        default_factory=lambda: {
            "ACC": Target(None, DAY),
            "LOGIN": Target(None, 2 * HOUR),
            "TXN": Target(None, 3 * DAY),
            "REFUND": Target(2 * HOUR, 3 * DAY),
            "XBORDER": Target(None, 5 * DAY),
            "TECH": Target(None, 2 * DAY),
            "FEEDBACK": Target(DAY, None),
            "USAGE": Target(None, DAY),
            "FRAUD": Target(5 * MINUTE, 4 * HOUR),
        }
    )
    response: dict[str, int] = msgspec.field(
        default_factory=lambda: {"hotline": 20, "chat": 60, "email": 4 * HOUR, "social": 2 * HOUR}
    )
    resolve: int = DAY


def start(category: str, channel: Channel, created_at: datetime, policy: Policy) -> Sla:
    """The due times of a contact that began at ``created_at``. A change of category moves the due times, never the start."""
    target = policy.categories.get(category)
    response = target.response if target and target.response is not None else policy.response.get(channel)
    resolve = target.resolve if target else policy.resolve
    return Sla(
        response_due=None if response is None else created_at + timedelta(seconds=response),
        resolve_due=None if resolve is None else created_at + timedelta(seconds=resolve),
    )
