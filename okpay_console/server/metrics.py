"""Counters of one process, written in Prometheus' text format (exposition format 0.0.4)."""

from __future__ import annotations

from collections import Counter


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
