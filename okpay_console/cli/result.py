"""What became of an operation, as a document, as a sentence, and as an exit status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from okpay_console import errors
from okpay_console.cli import problems
from okpay_console.cli.output import Out
from okpay_console.cli.words import word

if TYPE_CHECKING:
    from okpay_console.domain.ops import AnyOp
    from okpay_console.sync.engine import Engine, Round
    from okpay_console.wiring.desk import Desk


def refusal(op: AnyOp, error: errors.OkpayError, out: Out) -> dict[str, Any]:
    """The document of an operation that was refused here, before it was kept: its words are still the author's."""
    what, advice = problems.explain(error, lang=out.lang)
    return {"op": op.uuid, "ticket": op.ticket, "state": "refused", "code": error.code, "what": what, "advice": advice}


def outcome(op: AnyOp, engine: Engine, out: Out) -> dict[str, Any]:
    """The document of an operation that is on this disk: queued, confirmed, or refused by the server.

    The words of a refused one stay in the review tray, under the same id.
    """
    document: dict[str, Any] = {"op": op.uuid, "ticket": op.ticket, "state": engine.state_of(op.uuid) or "confirmed"}
    if call := getattr(op, "call", ""):
        # Minted here where none was named: the next mark needs it.
        document["call"] = call
    view = engine.view(op.ticket)
    if view.ticket is not None and view.ticket.number:
        document["number"] = view.ticket.number
    review = next((one for one in engine.reviews() if one.uuid == op.uuid), None)
    if review is not None:
        document["state"] = "refused"
        document.update(refused_words(review.code or review.state, review.what, review.advice, review.field, out))
    return document


def refused_words(code: str, what: str, advice: str, field: str, out: Out) -> dict[str, Any]:
    """Code, sentence and advice of something that the server did not take."""
    error: errors.OkpayError = errors.Refused(what or code, advice, code=code)
    if field:
        error = errors.NeedsReview(field, base=None, mine=None, theirs=None)
    what, advice = problems.explain(error, lang=out.lang)
    return {"code": code, "what": what, "advice": advice, **({"field": field} if field else {})}


def link_status(done: Round, out: Out) -> int:
    """Says on standard error why a round did not go through; the exit status: 3 offline, 1 where a human must act."""
    if done.link == "online":
        return _held(done, out) if done.code else problems.DONE
    if done.code in (errors.StoreFull.code, errors.StoreBroken.code):
        out.error(*_not_saved(done.code, out))
        return problems.FAILED
    kinds: dict[str, type[errors.OkpayError]] = {
        "store-foreign": errors.StoreForeign,
        "signed-out": errors.SignedOut,
        "refused": errors.BadReply,
        "unavailable": errors.Unavailable,
        "config": errors.ConfigError,
    }
    error = kinds.get(done.code, kinds.get(done.link, errors.Offline))(done.message or done.link, done.advice)
    # The code picks the translation; where none is listed, the kind does.
    error.code = done.code or error.code
    out.error(*problems.explain(error, lang=out.lang))
    return problems.FAILED if done.link in ("signed-out", "refused") else problems.OFFLINE


def _held(done: Round, out: Out) -> int:
    """The server answers and takes nothing: what waits is kept, and somebody has to see to it."""
    what, advice = problems.explain(errors.Refused(done.message, done.advice, code=done.code), lang=out.lang)
    kept = out.pick(f"{done.pending} 条没有发出，都还在本机", f"{done.pending} not sent, all of them kept here")
    out.error(f"{kept}{out.pick('：', ': ')}{what}", advice)
    return problems.FAILED


def not_asked(error: errors.OkpayError, out: Out, *, done: str = "") -> int:
    """Says that something which only the server can do was not done and does not wait either; the exit status.

    ``done`` is a sentence on how far it came.
    """
    what, advice = problems.explain(error, lang=out.lang)
    # Only these two speak of work that is sent later.
    if error.code in (errors.Offline.code, errors.Unavailable.code):
        advice = done + out.pick(
            "没有排队等待；请检查网络和服务器地址，连上后再做一次。",
            "Nothing was queued: check the network and the server's address, then do it again.",
        )
    out.error(what, advice)
    return problems.OFFLINE


def _not_saved(code: str, out: Out) -> tuple[str, str]:
    """The disk did not take what the server sent; what was written here is kept, and must not be written again."""
    if code == errors.StoreFull.code:
        return (
            out.pick("磁盘满了，服务器发来的变化没有存下。", "The disk is full: the server's news could not be saved."),
            out.pick(
                "本机写下的都还在，不要重写；请腾出空间，再运行 okpay-console sync。",
                "What was written here is kept, do not write it again; free some space and run okpay-console sync.",
            ),
        )
    return (
        out.pick("磁盘写入失败，服务器发来的变化没有存下。", "The disk failed: the server's news could not be saved."),
        out.pick(
            "本机写下的都还在，不要重写；请检查磁盘，再运行 okpay-console sync。",
            "What was written here is kept, do not write it again; check the disk and run okpay-console sync.",
        ),
    )


def say(documents: list[dict[str, Any]], out: Out) -> None:
    """The outcome for people: one line each."""
    for one in documents:
        number = f"#{one['number']}" if one.get("number") else str(one["ticket"])[:13]
        out.line(f"{number}  {word(one['state'], out.lang)}")
        if one["state"] == "refused":
            out.error(one["what"], one["advice"])


def worst(documents: list[dict[str, Any]], link: int) -> int:
    """One exit status for many operations: a refusal counts more than being offline."""
    if any(one["state"] == "refused" for one in documents):
        return problems.FAILED
    return link if any(one["state"] == "queued" for one in documents) else problems.DONE


def mended(engine: Desk, out: Out) -> None:
    """Tells on standard error what opening the store had to mend: silence would pretend that nothing was lost."""
    found = engine.recovery
    if found.kind == "torn":
        cut = found.cut_bytes
        out.error(
            out.pick(
                f"缓存末尾不完整，多半是上次写入中断，去掉了 {cut} 字节。",
                f"The end of the cache was not whole, as after a write that was broken off; {cut} bytes were removed.",
            ),
            out.pick("请看一下最后写的内容还在不在。", "Look whether the last thing you wrote is there."),
        )
    elif found.kind == "rot":
        kept = sum(found.salvaged.values())
        out.error(
            out.pick(
                f"本机缓存有损坏：{found.lost_records} 条记录读不出，自己的 {kept} 条已救回，原文件留作 {found.quarantine}。",
                f"The cache was damaged: {found.lost_records} records unreadable, {kept} own rows saved; "
                f"the old file is kept as {found.quarantine}.",
            ),
            out.pick(
                "工单会重新取；请检查待发的内容，并检查磁盘。",
                "Tickets are fetched again; look through your unsent work, and have the disk checked.",
            ),
        )
