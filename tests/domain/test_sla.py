"""Due times by category and channel."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from okpay_console.domain import sla

NOW = datetime(2026, 11, 22, 6, 46, tzinfo=UTC)


@pytest.mark.parametrize(
    ("category", "channel", "response", "resolve"),
    [
        ("ACC", "hotline", 20, sla.DAY),
        ("ACC", "chat", 60, sla.DAY),
        ("REFUND", "hotline", 2 * sla.HOUR, 3 * sla.DAY),
        ("FRAUD", "email", 5 * sla.MINUTE, 4 * sla.HOUR),
        ("FEEDBACK", "social", sla.DAY, None),
        ("", "email", 4 * sla.HOUR, sla.DAY),
        ("NEWER", "social", 2 * sla.HOUR, sla.DAY),
    ],
)
def test_targets_count_from_the_first_contact(
    category: str, channel: str, response: int | None, resolve: int | None
) -> None:
    clock = sla.start(category, channel, NOW, sla.Policy())  # type: ignore[arg-type]
    assert clock.response_due == (None if response is None else NOW + timedelta(seconds=response))
    assert clock.resolve_due == (None if resolve is None else NOW + timedelta(seconds=resolve))


def test_the_house_can_set_targets_of_its_own() -> None:
    policy = sla.Policy(categories={"ACC": sla.Target(7, None)}, response={}, resolve=9)
    assert sla.start("ACC", "chat", NOW, policy) == sla.Sla(NOW + timedelta(seconds=7), None)
    assert sla.start("TXN", "chat", NOW, policy) == sla.Sla(None, NOW + timedelta(seconds=9))
