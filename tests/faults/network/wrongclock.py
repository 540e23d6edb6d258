"""The console's program on a machine whose clock is wrong: ``wrongclock.py COMMAND …``.

By ``CLOCK_AHEAD`` seconds; or it stands at ``CLOCK_AT`` when the command begins.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta

from okpay_console import wiring
from okpay_console.__main__ import main
from okpay_console.sync.clock import SystemClock

if __name__ == "__main__":
    stands = os.environ.get("CLOCK_AT")
    ahead = timedelta(seconds=float(os.environ.get("CLOCK_AHEAD", "0")))
    if stands is not None:
        ahead = datetime.fromisoformat(stands) - datetime.now(UTC)
    right = SystemClock.now

    def wrong(clock: SystemClock) -> datetime:
        return right(clock) + ahead

    SystemClock.now = wrong  # type: ignore[method-assign]
    straight = wiring.now
    wiring.now = lambda: straight() + ahead
    sys.exit(main())
