"""``answers draft``, ``drafts``, ``publish``, ``retire`` and ``history``: an answer's way to the agents, at the server."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from okpay_console import errors, wiring
from okpay_console.cli import problems, result
from okpay_console.cli.output import Out, clean
from okpay_console.config import Settings
from okpay_console.domain.harmless import in_cell

if TYPE_CHECKING:
    from okpay_console.domain.shelf import Version
    from okpay_console.remote.api import Api

_T = TypeVar("_T")
_ZH: Final = {"draft": "草稿", "published": "已发布", "superseded": "已被替换", "retired": "已撤下"}


def draft(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Saves a file or standard input as the newest draft of the answer in the settings' language."""
    from okpay_console.remote import answers

    text = _text(arguments.file, out)
    return _one(settings, out, lambda api: answers.put_draft(api, arguments.id, settings.language, text))


def publish(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Publishes the latest draft, or the one that is named."""
    from okpay_console.remote import answers

    number = arguments.number
    return _one(settings, out, lambda api: answers.publish(api, arguments.id, settings.language, version=number))


def retire(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Takes the answer in the settings' language from the agents."""
    from okpay_console.remote import answers

    return _one(settings, out, lambda api: answers.retire(api, arguments.id, settings.language))


def drafts(_: Namespace, settings: Settings, out: Out) -> int:
    """The drafts that wait for a reviewer, oldest first."""
    from okpay_console.remote import answers

    return _several(settings, out, answers.drafts)


def history(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Who wrote, published and ended each version, newest first; with a version named, its text and nothing else."""
    from okpay_console.remote import answers

    name, lang, number = arguments.id, settings.language, arguments.number
    if not number:
        return _several(settings, out, lambda api: answers.history(api, name, lang))

    def tell(found: Version) -> None:
        # To a file as it is, so that it can be saved as a draft again.
        seen = in_cell(found.markdown) if sys.stdout.isatty() else found.markdown
        out.doc(_doc(found)) if out.json else sys.stdout.write(seen)

    return asked(settings, out, lambda api: answers.version(api, name, lang, number), tell)


def asked(settings: Settings, out: Out, ask: Callable[[Api], Awaitable[_T]], tell: Callable[[_T], None]) -> int:
    """One question to the server and what is told of its answer; the exit status. Nothing waits where it is not reached."""
    settings = wiring.signed_in(settings)
    wiring.require_sign_in(settings, out.pick)

    async def go() -> _T:
        api = wiring.open_api(settings, settings.token)
        try:
            return await ask(api)
        finally:
            await api.aclose()

    try:
        tell(asyncio.run(go()))
    except (errors.Offline, errors.Unavailable) as error:
        return result.not_asked(error, out)
    return problems.DONE


def told(version: Version, out: Out) -> None:
    """What has become of one version."""
    if out.json:
        out.doc(_doc(version))
        return
    state = _ZH[version.state] if out.lang == "zh" else version.state
    out.line(
        out.pick(
            f"{version.id}（{version.lang}）第 {version.version} 版：{state}",
            f"{version.id} ({version.lang}) version {version.version}: {state}",
        )
    )


def _one(settings: Settings, out: Out, ask: Callable[[Api], Awaitable[Version]]) -> int:
    return asked(settings, out, ask, lambda version: told(version, out))


def _several(settings: Settings, out: Out, ask: Callable[[Api], Awaitable[list[Version]]]) -> int:
    def tell(found: list[Version]) -> None:
        if out.json:
            for one in found:
                out.doc(_doc(one))
            return
        heads = ("id", "lang", "version", "state", "author", "written", "reviewer", "published", "ended by", "ended")
        chinese = ("id", "语言", "版本", "状态", "作者", "写于", "审核", "发布于", "结束人", "结束于")
        rows = (
            (
                one.id, one.lang, one.version, _ZH[one.state] if out.lang == "zh" else one.state,
                one.author, _when(one.at, settings), one.reviewer, _when(one.published_at, settings),
                one.ended_by, _when(one.ended_at, settings),
            )
            for one in found
        )  # fmt: skip
        out.table(chinese if out.lang == "zh" else heads, rows, right=(2,))

    return asked(settings, out, ask, tell)


def _doc(version: Version) -> dict[str, Any]:
    from datetime import UTC, datetime

    from okpay_console.cli.output import document

    doc = document(version)
    for key in ("at", "published_at", "ended_at"):
        doc[key] = datetime.fromtimestamp(doc[key] / 1000, UTC) if doc[key] is not None else None
    if not version.markdown:
        del doc["markdown"]
    return doc


def _when(milliseconds: int | None, settings: Settings) -> str:
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    if milliseconds is None:
        return ""
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC).astimezone(ZoneInfo(settings.timezone))
    return moment.strftime("%Y-%m-%d %H:%M")


def _text(file: str, out: Out) -> str:
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise errors.UsageError("The text is not UTF-8.", "Save it as UTF-8.", code="encoding") from error
    except OSError as error:
        raise errors.UsageError(
            out.pick(f"读不了文件 {clean(file)}。", f"The file {clean(file)} cannot be read."),
            out.pick("请核对路径。", "Check the path."),
        ) from error
