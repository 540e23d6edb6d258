"""The snapshot of the first screen, written whenever the cache has moved on, for the next start."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from okpay_console import wiring
from okpay_console.config import Settings

if TYPE_CHECKING:
    from okpay_console.sync.engine import Engine


def snapshot_writer(settings: Settings, engine: Engine) -> Callable[[], None]:
    """Copies what the engine shows now, and returns the sorting and writing of it, which may run in a thread.

    The returned function raises the ``StoreError`` family; the snapshot only makes the next start faster.
    """
    from okpay_console.local import snapshot

    # Copied here, sorted there: the rows change under a thread's hands.
    rows, pending = list(engine.rows().values()), engine.pending_ids()
    user, reviews = engine.me, engine.status().reviews
    bare = wiring.sealing(settings).kind != "none"

    def write() -> None:
        taken = snapshot.take(
            rows, server=settings.server, user=user, now=wiring.now(), pending=pending, reviews=reviews, bare=bare
        )
        snapshot.write(settings.home / wiring.SNAPSHOT, taken)

    return write
