"""How fast a ticket's limits are reckoned, as a ratio to adding seconds to a moment: imports do it for every ticket."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from okpay_console.content.limits import load_policy
from okpay_console.domain import sla
from okpay_console.domain.ticket import Sla, Ticket

NOW = datetime(2026, 11, 22, 6, 46, tzinfo=UTC)


def rate(work: Callable[[datetime], object], moments: list[datetime]) -> float:
    """Calls a second, the best of three runs."""
    best = float("inf")
    for _ in range(3):
        began = time.perf_counter()
        for moment in moments:
            work(moment)
        best = min(best, time.perf_counter() - began)
    return len(moments) / best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=20_000)
    moments = [NOW - timedelta(minutes=17 * number) for number in range(parser.parse_args().tickets)]
    policy = load_policy()

    def plain(moment: datetime) -> object:
        return Sla(moment + timedelta(seconds=20), moment + timedelta(days=3))

    def explained(moment: datetime) -> object:
        clock = sla.start("TXN", "normal", "email", moment, policy)
        ticket = Ticket(
            id="a", subject="s", channel="email", category="TXN", sla=clock, created_at=moment, updated_at=moment
        )
        return sla.explain(ticket, moment + timedelta(days=4), policy)

    limit = rate(plain, moments)
    print(f"two additions                 {limit:12,.0f}/s   1.0")
    for name, work in (
        ("start, always open (LOGIN)", lambda moment: sla.start("LOGIN", "normal", "hotline", moment, policy)),
        ("start, working days (TXN)", lambda moment: sla.start("TXN", "normal", "email", moment, policy)),
        ("start and explain (TXN)", explained),
    ):
        found = rate(work, moments)
        print(f"{name:<29} {found:12,.0f}/s {limit / found:5.1f}")


if __name__ == "__main__":
    main()
