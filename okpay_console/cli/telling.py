"""One line of the daybook from the command line: kept on this disk, sent in one round, and what became of it."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from okpay_console import errors, wiring
from okpay_console.cli import act, problems, result
from okpay_console.cli.output import Out
from okpay_console.config import Settings

if TYPE_CHECKING:
    from okpay_console.domain.daybook import Line
    from okpay_console.sync.engine import Engine


async def tell(settings: Settings, out: Out, kind: str, **fields: Any) -> tuple[dict[str, Any], int]:
    """The document of the line, and the exit status. A refusal here is raised: nothing was kept then."""
    async with wiring.working(settings) as engine:
        result.mended(engine, out)
        # Asked first who it is: what may be told hangs on that.
        done = await engine.round()
        try:
            line = await engine.tell(kind, **fields)
        except errors.SecretRefused as error:
            await act.witnessed(engine, error, kind)
            await engine.round()
            raise
        if done.link == "online":
            with contextlib.suppress(errors.RemoteError):
                await engine.read_floor()
        document = fate(engine, line, out)
        status = result.link_status(done, out)
    if document["state"] == "refused":
        out.error(document["what"], document["advice"])
        return document, problems.FAILED
    if document["state"] == "queued" and not status:
        out.error(
            out.pick("已记在本机，服务器还没有收到。", "Kept on this machine; the server has not taken it yet."),
            out.pick("连上后自动发送，或运行 okpay-console sync。", "It is sent by itself, or run okpay-console sync."),
        )
        status = problems.OFFLINE
    return document, status


def fate(engine: Engine, line: Line, out: Out) -> dict[str, Any]:
    """What became of a line that is on this disk: queued, confirmed, or refused by the server."""
    refused = next((own for own in engine.untold() if own.line.uuid == line.uuid), None)
    if refused is not None:
        words = result.refused_words(refused.code, refused.what, "", "", out)
        return {"uuid": line.uuid, "state": "refused", **words}
    here = next((one for one in engine.daybook() if one.uuid == line.uuid), line)
    return {"uuid": line.uuid, "state": "confirmed" if here.seq else "queued"}


async def known(settings: Settings, out: Out) -> tuple[Sequence[Line], str, int]:
    """The daybook as it is now, who reads it, and the exit status: 3 where it is that of the last time.

    Beside a console that is open it is what that console knows.
    """
    try:
        async with wiring.working(settings) as engine:
            result.mended(engine, out)
            done = await engine.round()
            status = result.link_status(done, out)
            if not status:
                await engine.read_floor()
            return engine.daybook(), engine.me, status
    except errors.StoreBusy:
        from okpay_console.local.daybook import Book

        with wiring.reading(settings) as picture:
            owner = picture.mirror.owner
            return Book(picture.mirror.store).lines(), owner.user if owner else "", problems.DONE
