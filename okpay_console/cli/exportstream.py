"""The rows of an export on their way out: a piece at a time, made durable now and then, with how far it is."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any, Final

from okpay_console.cli.exportoptions import Asked
from okpay_console.cli.exportsource import Source
from okpay_console.cli.output import Out
from okpay_console.domain.cells import BOM, json_line, table_line
from okpay_console.local.partfile import PartFile

WRITTEN_ROWS: Final = 2_000
"""Rows after which what was written is made durable: so many at most are written again after a kill."""
WRITTEN_BYTES: Final = 4 << 20
_PIECE: Final = 256 << 10
_SHOWN_ROWS: Final = 500
_BAR: Final = 24


class Stdout:
    """Standard output in the place of a file: nothing to go on with, nothing to name."""

    def write(self, data: bytes, *, rows: int) -> None:
        sys.stdout.buffer.write(data)

    def checkpoint(self) -> None:
        sys.stdout.buffer.flush()


def stream(wanted: Asked, source: Source, sink: PartFile | Stdout, start: int, out: Out) -> int:
    """Writes the rows from ``start`` on, a piece at a time; how many there are then."""
    encode = _encoder(wanted, source.columns)
    pieces: list[str] = []
    size = rows = unsafe_rows = unsafe_bytes = 0
    done = start
    if wanted.form == "csv" and not start:
        pieces.append((BOM if wanted.bom else "") + table_line(source.columns))

    def flush() -> None:
        nonlocal size, rows, unsafe_rows, unsafe_bytes
        data = "".join(pieces).encode("utf-8", "replace")
        if data:
            sink.write(data, rows=rows)
        unsafe_rows, unsafe_bytes = unsafe_rows + rows, unsafe_bytes + len(data)
        pieces.clear()
        size = rows = 0
        if unsafe_rows >= WRITTEN_ROWS or unsafe_bytes >= WRITTEN_BYTES:
            sink.checkpoint()
            unsafe_rows = unsafe_bytes = 0

    told = _Told(source.total, out)
    for record in islice(source.records(), start, None):
        line = encode(record)
        pieces.append(line)
        size += len(line)
        rows += 1
        done += 1
        if size >= _PIECE or rows >= WRITTEN_ROWS:
            flush()
        if not done % _SHOWN_ROWS:
            told.at(done)
    flush()
    sink.checkpoint()
    return done


def _encoder(wanted: Asked, columns: Sequence[str]) -> Callable[[dict[str, Any]], str]:
    if wanted.form == "jsonl":
        return json_line
    return lambda record: table_line([record.get(name) for name in columns])


class _Told:
    """How far it is: a bar where somebody watches, else a line at each tenth of a long one."""

    def __init__(self, total: int, out: Out) -> None:
        self._total = total
        self._out = out
        self._tenth = 0

    def at(self, done: int) -> None:
        share = min(done / self._total, 1.0) if self._total else 1.0
        if sys.stderr.isatty():
            full = int(share * _BAR)
            self._out.progress(f"[{'#' * full}{'-' * (_BAR - full)}] {share:4.0%}  {done:,}/{self._total:,}")
        elif int(share * 10) > self._tenth and self._total >= 10 * _SHOWN_ROWS:
            self._tenth = int(share * 10)
            self._out.note(self._out.pick(f"已写 {done}/{self._total} 行", f"{done}/{self._total} rows written"))
