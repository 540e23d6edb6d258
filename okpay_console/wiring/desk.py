"""The engine as the screens know it."""

from __future__ import annotations

from okpay_console.local.recovery import Recovery
from okpay_console.sync.engine import Engine


class Desk(Engine):
    """An engine that also tells what opening the store had to mend."""

    recovery = Recovery()
