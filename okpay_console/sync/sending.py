"""The outbox's way to the server: batch by batch, in halves where one of them spoils a request, and held where none is taken."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import msgspec

from .. import errors
from ..domain import wire
from ..local.outbox import Outbox
from ..local.store import Commit
from .clock import Clock
from .disk import Disk
from .link import pause


class Door(Protocol):
    """The part of the server's door that is sent through."""

    async def push(self, push: wire.Push) -> wire.PushReply: ...


class Tally(msgspec.Struct):
    """What a turn has moved so far: rows pulled, operations confirmed or refused by the server, and the refusals.

    ``rated``: the server has heard whether a canned answer helped.
    """

    pulled: int = 0
    pushed: int = 0
    refused: dict[str, wire.Outcome] = {}
    rated: bool = False


class Sending:
    """Sends what has no answer yet. That the server does not take it is no reason to stop reading what it says.

    ``held`` is why nothing is sent now, None where nothing stands in the way: the server refuses every request of this log,
    or fails on it, while it may well answer others. It is tried again after a pause, not at every word that is added.
    """

    def __init__(
        self,
        *,
        door: Callable[[], Door],
        outbox: Outbox,
        disk: Disk,
        clock: Clock,
        uniform: Callable[[float, float], float],
        heard: Callable[[datetime, float], None],
    ) -> None:
        self.held: errors.RemoteError | errors.Refused | None = None
        self._door = door
        self._outbox = outbox
        self._disk = disk
        self._clock = clock
        self._uniform = uniform
        self._heard = heard
        self._most = wire.PUSH_ITEMS
        self._tries = 0
        self._retry_at = 0.0

    def soon(self) -> float | None:
        """Seconds until the next try of what is held, None where nothing is."""
        return None if self.held is None else max(self._retry_at - self._clock.monotonic(), 0.01)

    def again(self) -> None:
        """Somebody asks to try at once."""
        self._retry_at = 0.0

    async def push(self, tally: Tally) -> None:
        """Sends batch after batch, unless they are held. Raises what concerns the whole link: no network, no patience, no person.

        ``Unavailable`` with a time to wait is such a request for patience; without one the server has failed on what was sent.
        """
        if self.held is not None and self._clock.monotonic() < self._retry_at and self._outbox.batch():
            return
        try:
            await self._send(tally)
        except (errors.Refused, errors.Forbidden, errors.BadReply) as error:
            self._hold(error)
        except errors.Unavailable as error:
            if error.retry_after is not None:
                raise
            self._hold(error)
        else:
            self.held, self._tries = None, 0

    # Inside

    def _hold(self, error: errors.RemoteError | errors.Refused) -> None:
        self._tries += 1
        self.held = error
        self._retry_at = self._clock.monotonic() + pause(error, self._tries, self._uniform)

    async def _send(self, tally: Tally) -> None:
        """A log that the server knows otherwise is numbered anew."""
        renumbered = False
        while items := self._outbox.batch()[: self._most]:
            asked = self._clock.monotonic()
            try:
                reply = await self._door().push(
                    wire.Push(self._outbox.client, [self._outbox.written(item) for item in items])
                )
            except errors.Forked as fork:
                # A gap means that the server remembers less than we were told; the pull says how much less.
                if fork.code == "mid-gap" or renumbered:
                    return
                await self._disk.commit(self._outbox.plan_renumber)
                renumbered = True
                continue
            except errors.Refused as refusal:
                if len(items) > 1:
                    # One of them spoils the request: the halves tell which.
                    self._most = len(items) // 2
                else:
                    await self._lay_aside(items[0], refusal, tally)
                continue
            self._heard(reply.now, asked)
            self._most = wire.PUSH_ITEMS
            sent = {item.uuid for item in items}
            tally.rated = tally.rated or any(item.name == "answer.rate" for item in items)
            answers = [outcome for outcome in reply.outcomes if outcome.uuid in sent]
            if not answers:
                raise errors.BadReply(
                    "The server answered a push without saying what became of it.", "Update the server."
                )
            for outcome in answers:
                tally.pushed += 1
                if outcome.state != "confirmed":
                    tally.refused[outcome.uuid] = outcome
            self._outbox.note_outcomes(answers, reply.last)
            await self._disk.commit(_cover(self._outbox, reply.last, answers, self._clock.now()))
            if self._outbox.batch()[:1] == items[:1]:
                raise errors.BadReply("The server does not count what it has answered.", "Update the server.")

    async def _lay_aside(self, item: wire.Item, refusal: errors.Refused, tally: Tally) -> None:
        """The server cannot even write down that it refuses this one: it goes to the tray with its words, and blocks nobody.

        ``Refused`` where a request with nothing in it is refused as well: then the operation is not to blame, and stays.
        """
        reply = await self._door().push(wire.Push(self._outbox.client, []))
        outcome = wire.Outcome(
            item.uuid, "rejected", item.id, code=refusal.code, what=refusal.what, advice=refusal.advice
        )
        tally.refused[item.uuid] = outcome
        await self._disk.commit(_cover(self._outbox, reply.last, [outcome], self._clock.now()))
        # Its number stays unused at the server, so those behind it need others.
        await self._disk.commit(self._outbox.plan_renumber)


def _cover(outbox: Outbox, last: wire.Last, answers: list[wire.Outcome], now: datetime) -> Callable[[], Commit]:
    return lambda: outbox.plan_cover(last, answers, final=False, now=now)
