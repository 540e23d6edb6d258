"""Reads a file of tickets line by line: CSV, TSV or JSON lines, each record with the number of its first line."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from okpay_console.config import Say
from okpay_console.errors import UsageError

Format = Literal["csv", "tsv", "jsonl"]
MAX_FIELD = 1 << 20
"""Bytes of one line or cell; more is not a ticket but a broken quote that swallowed the file."""


class Record(NamedTuple):
    """One record: the line it begins on (from 1), its values by column, and why it cannot be read ("" if it can)."""

    line: int
    values: dict[str, str]
    wrong: str = ""


def format_of(path: Path, given: str | None, say: Say) -> Format:
    """The format by its name or the file's ending; ``UsageError`` where neither tells."""
    found = given or {".csv": "csv", ".tsv": "tsv", ".tab": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl"}.get(
        path.suffix.lower()
    )
    if found not in ("csv", "tsv", "jsonl"):
        raise UsageError(
            say(f"看不出“{path.name}”是什么格式。", f"The format of '{path.name}' cannot be told."),
            say("请加 --format csv、tsv 或 jsonl。", "Add --format csv, tsv or jsonl."),
        )
    return found  # type: ignore[return-value]  # checked above


def read(path: Path, kind: Format, say: Say) -> Iterator[Record]:
    """The records of a file; what is wrong with a line comes in its record, never as an error. OSError where unreadable.

    CSV may quote cells with line ends inside (RFC 4180). TSV is taken as it stands, because exports of that kind do not
    quote: a lone quotation mark in a caller's words must not swallow the rest of the file.
    """
    with path.open("rb") as file:
        lines = _Lines(file)
        yield from _json(lines, say) if kind == "jsonl" else _table(lines, kind, say)


class _Lines:
    """The decoded lines of a file and the number of the last one; undecodable bytes are marked, NUL is kept to be seen."""

    def __init__(self, file: Iterator[bytes]) -> None:
        self._file = file
        self.number = 0
        self.broken = False

    def __iter__(self) -> Iterator[str]:
        for raw in self._file:
            self.number += 1
            line = raw.removeprefix(b"\xef\xbb\xbf") if self.number == 1 else raw
            try:
                yield line.decode("utf-8")
            except UnicodeDecodeError:
                self.broken = True
                yield line.decode("utf-8", "replace")

    def take_broken(self) -> bool:
        """Whether a line since the last question was not UTF-8."""
        broken, self.broken = self.broken, False
        return broken


def _table(lines: _Lines, kind: Format, say: Say) -> Iterator[Record]:
    if kind == "tsv":
        cells: Iterator[list[str]] = (line.rstrip("\r\n").split("\t") for line in lines)
    else:
        csv.field_size_limit(MAX_FIELD)
        cells = _csv(lines)
    heading: list[str] | None = None
    start = 1
    for row in cells:
        line, start = start, lines.number + 1
        unreadable = lines.take_broken()
        if heading is None:
            heading = [cell.strip() for cell in row]
            if unreadable:
                raise UsageError(
                    say("第 1 行（列名）不是 UTF-8 文本。", "Line 1 (the column names) is not UTF-8 text."),
                    say("请把文件另存为 UTF-8。", "Save the file as UTF-8."),
                )
            continue
        if not row or row == [""]:
            continue
        values = dict(zip(heading, row, strict=False))
        wrong = ""
        if unreadable:
            wrong = say("不是 UTF-8 文本", "not UTF-8 text")
        elif len(row) == 1 and row[0].startswith(_BROKEN_CSV):
            wrong = say(
                f"CSV 读不懂：{row[0].removeprefix(_BROKEN_CSV)}", f"not CSV: {row[0].removeprefix(_BROKEN_CSV)}"
            )
        elif len(row) != len(heading):
            wrong = say(
                f"有 {len(row)} 列，应为 {len(heading)} 列", f"{len(row)} columns where there should be {len(heading)}"
            )
        yield Record(line, values, wrong)


_BROKEN_CSV = "\0broken\0"


def _csv(lines: _Lines) -> Iterator[list[str]]:
    """The rows of a CSV file; one that the reader cannot make out comes as a single marked cell, and reading goes on."""
    reader = csv.reader(iter(lines), strict=True)
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield [f"{_BROKEN_CSV}{error}"]
            reader = csv.reader(iter(lines), strict=True)


def _json(lines: _Lines, say: Say) -> Iterator[Record]:
    for text in lines:
        number = lines.number
        if lines.take_broken():
            yield Record(number, {}, say("不是 UTF-8 文本", "not UTF-8 text"))
            continue
        if not text.strip():
            continue
        try:
            found = msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError) as error:
            yield Record(number, {}, say(f"不是 JSON：{error}", f"not JSON: {error}"))
            continue
        if not isinstance(found, dict):
            yield Record(number, {}, say("不是 JSON 对象", "not a JSON object"))
            continue
        yield Record(number, {str(key): _flat(value) for key, value in found.items() if value is not None})


def _flat(value: object) -> str:
    """A JSON value as a cell; a list becomes words separated by commas."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return ",".join(str(item) for item in value)
    return msgspec.json.encode(value).decode()
