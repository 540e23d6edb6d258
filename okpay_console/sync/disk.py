"""The one queue to this machine's disk: decided on the loop, written in a thread, shown on the loop again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

from ..local.record import Changes
from ..local.store import Commit, Store

Writer = Callable[[Changes], Awaitable[None]]
Plan = Callable[[], Commit | Awaitable[Commit | None] | None]
"""Decides on the loop, at one go or in slices; no other commit is decided meanwhile."""


class Disk:
    """Writes one commit after the other, so that each is decided on what the one before left.

    ``writer`` replaces the thread: a simulator writes in place. ``shown`` is told of every commit that was made, on the loop.
    """

    shown: Callable[[Commit], None]

    def __init__(self, store: Store, *, writer: Writer | None = None) -> None:
        self._store = store
        self._turn = asyncio.Lock()
        self._thread: ThreadPoolExecutor | None = None
        self._writer = writer or self._in_thread
        self.shown = lambda _: None

    async def commit(self, plan: Plan) -> Commit | None:
        """Decides, writes, finishes; None where there was nothing to do. Raises what the plan or the store raises.

        Being cancelled does not tear this: the disk goes on, and the memory follows it.
        """
        task = asyncio.ensure_future(self._commit(plan))
        # Read once here, so that a failure after the caller has left is not reported as forgotten.
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(task)

    async def purge(self) -> bool:
        """Rewrites the store without its history, which has everything that ever was in it; False where it cannot be now."""
        compact = getattr(self._store, "compact", None)
        if compact is None:
            return False
        async with self._turn:
            return bool(await asyncio.to_thread(compact))

    async def _commit(self, plan: Plan) -> Commit | None:
        async with self._turn:
            made = plan()
            commit = made if made is None or isinstance(made, Commit) else await made
            if commit is None:
                return None
            if commit.changes:
                await self._writer(commit.changes)
            commit.finish()
            self.shown(commit)
            return commit

    async def _in_thread(self, changes: Changes) -> None:
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="okpay-disk")
        await asyncio.get_running_loop().run_in_executor(self._thread, self._store.commit, changes)

    async def close(self) -> None:
        """Returns when everything that was asked for is on disk."""
        async with self._turn:
            thread, self._thread = self._thread, None
        if thread is not None:
            thread.shutdown(wait=True)
