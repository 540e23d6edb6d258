"""Words of a question that carry a secret: they are not looked for, and the audit logs hear that it happened."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from okpay_console import errors, wiring
from okpay_console.config import Settings
from okpay_console.domain import audited, privacy


def refuse_secret(
    words: str, *, place: str, settings: Settings, known: Callable[[str], bool] = lambda _: False
) -> None:
    """``SecretRefused`` (exit status 1) where the words carry a secret; ``place`` names the command in the audit logs.

    ``known`` says whether a long number is a transaction's: that one may be looked for, however well its digits count up.
    """
    kind = privacy.find_secret(words)
    if kind is None or (kind == "card" and known("".join(filter(str.isdigit, words)))):
        return
    import asyncio

    # An open console has the store: the refusal stands all the same, only nobody can be told of it here.
    with contextlib.suppress(errors.OkpayError):
        asyncio.run(_witness(kind, place, settings))
    raise errors.SecretRefused(
        "The words carry a secret, which is neither kept nor looked for.",
        "Take it out; of a card only the last four digits may stay.",
    )


async def _witness(kind: str, place: str, settings: Settings) -> None:
    async with wiring.working(settings) as engine:
        await engine.witness(audited.REFUSED, kind=kind, place=place)
        await engine.round()
