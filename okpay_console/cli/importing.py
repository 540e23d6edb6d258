"""``import tickets``: a file of tickets through the server's batch door; every line that is not taken is named."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from okpay_console import errors, wiring
from okpay_console.cli import problems, result, rows
from okpay_console.cli.columns import COLUMNS, Judge, mapping, meaning
from okpay_console.cli.output import Out
from okpay_console.cli.returning import known_of_exports, returned
from okpay_console.config import Settings

if TYPE_CHECKING:
    from okpay_console.remote.api import Api

BATCH_ROWS = 500
BATCH_BYTES = 1 << 20


class Sum(msgspec.Struct):
    """What an import has done so far; ``bad`` are lines that were not taken, each with its reason."""

    imported: int = 0
    existing: int = 0
    lines: int = 0
    bad: list[dict[str, Any]] = []
    unknown_columns: list[str] = []
    stopped: bool = False


def run(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Imports; status 1 where a bad line stopped it, 0 where bad lines were passed over as asked."""
    path = Path(arguments.file)
    settings = wiring.signed_in(settings)
    wiring.require_sign_in(settings, out.pick)
    if path.is_dir():
        raise errors.UsageError(
            out.pick(f"{path} 是文件夹，不是文件。", f"{path} is a folder, not a file."),
            out.pick("请写出里面的一个文件。", "Name a file in it."),
        )
    if not path.is_file():
        raise errors.UsageError(
            out.pick(f"没有文件 {path}。", f"There is no file {path}."), out.pick("请核对路径。", "Check the path.")
        )
    kind = rows.format_of(path, arguments.format, out.pick)
    given = mapping(arguments.column, out.pick)
    judge = Judge(
        rules=wiring.rules(settings),
        zone=settings.timezone,
        channel=arguments.default_channel or "",
        lang=out.lang,
        titles=wiring.category_titles(),
        say=out.pick,
    )
    if not path.stat().st_size:
        raise errors.UsageError(
            out.pick(f"文件 {path} 是空的。", f"The file {path} is empty."),
            out.pick("第一行要写列名，至少有 subject。", "Its first line names the columns, at least subject."),
        )
    running = _Import(settings, judge, given, out, stop=arguments.on_error == "stop")
    try:
        return asyncio.run(running.run(path, kind))
    except (errors.Offline, errors.Unavailable) as error:
        count = running.imported
        return result.not_asked(error, out, done=out.pick(f"已导入 {count} 张。", f"{count} tickets were imported. "))


class _Import:
    """One run over one file."""

    def __init__(self, settings: Settings, judge: Judge, given: dict[str, str], out: Out, *, stop: bool) -> None:
        self._settings = settings
        self._judge = judge
        self._given = given
        self._out = out
        self._stop = stop
        self._sum = Sum()
        self._meanings: dict[str, str] = {}
        self._tabular = True

    @property
    def imported(self) -> int:
        return self._sum.imported

    async def run(self, path: Path, kind: rows.Format) -> int:
        self._tabular = kind != "jsonl"
        api = wiring.open_api(self._settings, self._settings.token)
        finished = False
        try:
            for batch in self._batches(rows.read(path, kind, self._out.pick)):
                await self._send(api, batch)
                if self._sum.stopped:
                    break
            finished = True
        finally:
            await api.aclose()
            self._out.progress_done()
            if not finished and self._sum.imported:
                count = self._sum.imported
                self._out.note(self._out.pick(f"到此为止已导入 {count} 张。", f"{count} tickets were imported so far."))
        self._tell()
        return problems.FAILED if self._sum.stopped else problems.DONE

    def _batches(self, records: Iterator[rows.Record]) -> Iterator[list[tuple[int, dict[str, Any]]]]:
        """Good records in loads that the server takes; at a bad line of a strict import what came before it, then the end."""
        batch: list[tuple[int, dict[str, Any]]] = []
        size = 0
        for record in records:
            self._sum.lines += 1
            item = self._item(record)
            if item is None and self._stop:
                # What stands before the bad line is good and is brought in; the summary says how far it went.
                yield batch
                self._sum.stopped = True
                return
            if item is None:
                continue
            size += len(msgspec.json.encode(item))
            if batch and (len(batch) == BATCH_ROWS or size > BATCH_BYTES):
                yield batch
                batch, size = [], 0
            batch.append((record.line, item))
        yield batch

    def _item(self, record: rows.Record) -> dict[str, Any] | None:
        if record.wrong:
            self._bad(record.line, record.wrong)
            return None
        try:
            record = returned(record, tabular=self._tabular, say=self._out.pick)
            values = self._ours(record)
            return self._judge.item(values, now=wiring.now())
        except errors.Refused as error:
            self._bad(record.line, error.what)
            return None

    def _ours(self, record: rows.Record) -> dict[str, str]:
        fresh = [column for column in record.values if column not in self._meanings]
        self._meanings.update({column: meaning(column, self._given) for column in fresh})
        if self._sum.lines == 1 and "subject" not in self._meanings.values():
            names, ours = ", ".join(record.values), ", ".join(COLUMNS)
            raise errors.UsageError(
                self._out.pick(
                    f"没有标题列（subject）。文件里的列：{names}", f"There is no subject column. Found: {names}"
                ),
                self._out.pick(
                    f"请用 --column 文件列=subject 指定；可用：{ours}",
                    f"Name it: --column FILECOL=subject; ours: {ours}",
                ),
            )
        if self._sum.lines == 1 and self._tabular and "channel" not in self._meanings.values() and self._judge.assume():
            self._out.note(
                self._out.pick(
                    "没有渠道列，都按热线（hotline）导入；要改用 --default-channel。",
                    "There is no channel column: all of it comes in as hotline; --default-channel names another.",
                )
            )
        passed = known_of_exports(record)
        if unknown := [column for column in fresh if not self._meanings[column] and column not in passed]:
            self._sum.unknown_columns += unknown
            names = ", ".join(unknown)
            self._out.note(self._out.pick(f"不认识的列（不导入）：{names}", f"Unknown columns (not imported): {names}"))
        return {self._meanings[column]: value for column, value in record.values.items() if self._meanings[column]}

    async def _send(self, api: Api, batch: list[tuple[int, dict[str, Any]]]) -> None:
        if not batch:
            return
        reply = await api.batch([item for _, item in batch])
        for item in reply.get("items", ()):
            line = batch[int(item["index"])][0]
            if item["state"] == "created":
                self._sum.imported += 1
            elif item["state"] == "exists":
                self._sum.existing += 1
            else:
                words = errors.Refused(str(item.get("what") or item.get("reason")), code=str(item.get("reason")))
                self._bad(line, problems.explain(words, lang=self._out.lang)[0].rstrip("。."))
                self._sum.stopped = self._sum.stopped or self._stop
        done = self._sum
        self._out.progress(
            self._out.pick(
                f"第 {batch[-1][0]} 行，已导入 {done.imported}", f"line {batch[-1][0]}, {done.imported} imported"
            )
        )

    def _bad(self, line: int, reason: str) -> None:
        document = {"line": line, "reason": reason}
        self._sum.bad.append(document)
        self._out.progress_done()
        if self._out.json:
            self._out.doc(document)
        else:
            self._out.note(self._out.pick(f"第 {line} 行：{reason}", f"line {line}: {reason}"))

    def _tell(self) -> None:
        done, out = self._sum, self._out
        if out.json:
            out.doc(done)
        else:
            bad = len(done.bad)
            out.line(
                out.pick(
                    f"导入 {done.imported}，已有 {done.existing}，坏行 {bad}",
                    f"{done.imported} imported, {done.existing} there already, {bad} bad lines",
                )
            )
        if done.stopped:
            line, count = done.bad[-1]["line"], done.imported + done.existing
            out.error(
                out.pick(
                    f"在第 {line} 行停下，此前的 {count} 张已在服务器上。",
                    f"Stopped at line {line}; {count} tickets are on the server.",
                ),
                out.pick(
                    "改好这一行再导入，或用 --on-error skip 跳过坏行。",
                    "Correct it and import again, or use --on-error skip.",
                ),
            )
