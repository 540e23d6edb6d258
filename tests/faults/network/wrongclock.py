"""The console's program on a machine whose clock is wrong by ``CLOCK_AHEAD`` seconds: ``wrongclock.py COMMAND …``."""

from __future__ import annotations

import os
import sys
from datetime import datetime, timedelta

from okpay_console import wiring
from okpay_console.__main__ import main
from okpay_console.sync.clock import SystemClock

if __name__ == "__main__":
    ahead = timedelta(seconds=float(os.environ["CLOCK_AHEAD"]))
    right = SystemClock.now

    def wrong(clock: SystemClock) -> datetime:
        return right(clock) + ahead

    SystemClock.now = wrong  # type: ignore[method-assign]
    straight = wiring.now
    wiring.now = lambda: straight() + ahead
    sys.exit(main())
