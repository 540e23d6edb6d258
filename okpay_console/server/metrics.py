"""Counters of one process, written in Prometheus' text format (exposition format 0.0.4)."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Final

from ..domain import wallpath
from ..domain.wallnumbers import Wall

GAUGES: Final = (
    ("okpay_tickets_open", "Tickets that are not closed.", "tickets.open"),
    ("okpay_tickets_waiting", "Tickets that nobody has taken.", "tickets.waiting"),
    ("okpay_tickets_overdue", "Tickets that are late.", "tickets.overdue"),
    ("okpay_calls_ringing", "Calls that wait now.", "ringing"),
    ("okpay_longest_ring_seconds", "How long the first of them has waited.", "longest_ring_s"),
    ("okpay_calls_offered_today", "Calls offered today.", "calls.offered"),
    ("okpay_calls_answered_today", "Calls answered today.", "calls.answered"),
    ("okpay_service_level_today", "Share answered in time of all offered today.", "calls.service_level.strict"),
    ("okpay_abandonment_today", "Share given up of all offered today.", "calls.abandonment"),
    ("okpay_asa_seconds_today", "Mean wait of the answered calls of today.", "calls.asa_s"),
    ("okpay_aht_seconds_today", "Mean handle time of the finished calls of today.", "calls.aht_s"),
    ("okpay_occupancy_today", "Share of the agents' time with calls today.", "calls.occupancy"),
    ("okpay_agents_available", "Agents who wait for a call.", "crew.counts.available"),
    ("okpay_agents_needed_more", "Agents wanted beside those there now.", "levers.0.more"),
)
"""The main numbers of the floor, none about one person."""


def gauges(wall: Wall | None, *, now: datetime) -> str:
    """The floor's numbers; one that nobody can tell now is left out, as Prometheus wants it, and so are all that never were."""
    if wall is None:
        return ""
    told = [(name, what, wallpath.number(wall, path)) for name, what, path in GAUGES]
    told.append(("okpay_floor_age_seconds", "How old these numbers are.", max((now - wall.as_of).total_seconds(), 0.0)))
    return "".join(
        f"# HELP {name} {what}\n# TYPE {name} gauge\n{name} {value}\n"
        for name, what, value in told
        if value is not None
    )


class Metrics:
    """Requests by status class, and what the routes add up by name."""

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        self.mutations: Counter[str] = Counter()
        self.pages = 0
        self.building = 0

    def text(self, *, head: int, streams: int) -> str:
        lines = ["# HELP okpay_requests_total HTTP replies by status class.", "# TYPE okpay_requests_total counter"]
        lines += [f'okpay_requests_total{{status="{key}"}} {count}' for key, count in sorted(self.requests.items())]
        lines += [
            "# HELP okpay_mutations_total Mutations recorded, by outcome.",
            "# TYPE okpay_mutations_total counter",
            *(f'okpay_mutations_total{{state="{key}"}} {count}' for key, count in sorted(self.mutations.items())),
            "# HELP okpay_sync_pages_total Pages of the feed served.",
            "# TYPE okpay_sync_pages_total counter",
            f"okpay_sync_pages_total {self.pages}",
            "# HELP okpay_event_streams Open event streams.",
            "# TYPE okpay_event_streams gauge",
            f"okpay_event_streams {streams}",
            "# HELP okpay_head The number of the newest commit.",
            "# TYPE okpay_head gauge",
            f"okpay_head {head}",
        ]
        return "\n".join(lines) + "\n"
