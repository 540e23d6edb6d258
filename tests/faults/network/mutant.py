"""The console's program with one thing done wrong, named by ``MUTANT``: what the cases here must notice."""

from __future__ import annotations

import os
import sys
import uuid

from msgspec.structs import replace

from okpay_console.__main__ import main
from okpay_console.domain import wire
from okpay_console.local.log import Log
from okpay_console.remote.api import Api


def fresh_ids() -> None:
    """Every try sends the operations under new ids, so the server cannot know them again."""
    right = Log.batch

    def batch(log: Log) -> tuple[wire.Item, ...]:
        prev, items = "", []
        for item in right(log):
            items.append(replace(item, uuid=str(uuid.uuid4()), prev=prev))
            prev = items[-1].uuid
        return tuple(items)

    Log.batch = batch  # type: ignore[method-assign]


def unpacks_whole() -> None:
    """A body is unpacked by httpx, layer by layer, and counted afterwards."""

    async def read(_: Api, response: object) -> bytes:
        return b"".join([part async for part in response.aiter_bytes()])  # type: ignore[attr-defined]

    Api._read = read  # type: ignore[method-assign]


def newer_operation() -> None:
    """A note goes out as an operation that only a newer server knows, where its words say so."""
    right = Log.batch

    def batch(log: Log) -> tuple[wire.Item, ...]:
        return tuple(replace(item, name="ticket.whisper") if "新式" in str(item.args) else item for item in right(log))

    Log.batch = batch  # type: ignore[method-assign]


if __name__ == "__main__":
    {"fresh ids": fresh_ids, "unpacks whole": unpacks_whole, "newer operation": newer_operation}[os.environ["MUTANT"]]()
    sys.exit(main())
