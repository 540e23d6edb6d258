"""Where a command's words go: JSON documents or a table on standard output, notes and errors on standard error."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from okpay_console.domain.harmless import escaped, in_cell, on_one_line

_PRETTY_ROWS = 200
"""More rows than this nobody looks at one by one; they are not fitted to the width of the terminal."""


class Out:
    """One command's output. ``json`` chooses documents (one per line, UTF-8, nothing else) over text for people."""

    def __init__(self, *, json: bool, lang: str) -> None:
        self.json = json
        self.lang = lang

    def pick(self, zh: str, en: str) -> str:
        """The sentence in the language of the settings."""
        return zh if self.lang == "zh" else en

    def doc(self, value: Any, *, flush: bool = True) -> None:
        """One JSON document on a line of its own; times as RFC 3339."""
        # Straight to the bytes: the locale's encoding has no say in JSON.
        stream = sys.stdout.buffer
        stream.write(escaped(msgspec.json.encode(value).decode()).encode() + b"\n")
        if flush:
            stream.flush()

    def line(self, text: str = "") -> None:
        """One line for people; where words have lines of their own, these."""
        print(in_cell(text), flush=True)

    def note(self, text: str) -> None:
        """Something that is neither the result nor an error; standard error, so that a pipe stays clean."""
        print(in_cell(text), file=sys.stderr, flush=True)

    def table(self, headings: Sequence[str], rows: Iterable[Sequence[object]], *, right: Iterable[int] = ()) -> None:
        """A table measured in terminal cells; ``right`` are the columns to align right (from 0). Cells are never markup."""
        cells = [[clean(str(cell)) for cell in row] for row in rows]
        numbers = set(right)
        if not sys.stdout.isatty() or len(cells) > _PRETTY_ROWS:
            self._plain(headings, cells, numbers)
            return
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False, header_style="bold")
        for place, heading in enumerate(headings):
            table.add_column(heading, justify="right" if place in numbers else "left", no_wrap=place in numbers)
        for row in cells:
            table.add_row(*map(Text, row))
        Console(highlight=False).print(table)

    def _plain(self, headings: Sequence[str], rows: Sequence[Sequence[str]], right: set[int]) -> None:
        """The table line by line, nothing cut off: a pipe has no width, and fitting 20,000 rows to one takes rich 20 s."""
        from rich.cells import cell_len

        lines = [headings, *rows]
        widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
        for line in lines:
            spaces = [" " * (width - cell_len(cell)) for width, cell in zip(widths, line, strict=True)]
            padded = [
                space + cell if place in right else cell + space
                for place, (cell, space) in enumerate(zip(line, spaces, strict=True))
            ]
            sys.stdout.write("  ".join(padded).rstrip() + "\n")
        sys.stdout.flush()

    def progress(self, text: str) -> None:
        """A line that the next one overwrites; only where somebody watches."""
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{clean(text)}\x1b[K")
            sys.stderr.flush()

    def progress_done(self) -> None:
        """Takes the progress line away."""
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def error(self, what: str, advice: str = "") -> None:
        """What happened, and what to do: two lines on standard error. A secret that was typed is not said again."""
        # Most commands end without an error, and their start is waited for.
        from okpay_console.domain.privacy import redact

        self.note(redact(clean(what))[0])
        if advice:
            self.note(redact(clean(advice))[0])


def clean(text: str) -> str:
    """The text on one line with nothing in it that a terminal would obey (``domain.harmless``)."""
    return on_one_line(text)


def prepare_streams() -> None:
    """Lets any text be printed in any locale: what an encoding cannot show becomes a question mark, never a crash."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # In a C locale the terminal is taken to speak UTF-8, as nearly all do; a named encoding is respected.
            plain = (stream.encoding or "ascii").lower().replace("_", "-") in ("ascii", "us-ascii", "ansi-x3.4-1968")
            stream.reconfigure(encoding="utf-8" if plain else None, errors="replace")


def document(struct: msgspec.Struct) -> dict[str, Any]:
    """Every field of a struct as JSON values, defaults included: a script should not have to know our defaults."""
    return {name: msgspec.to_builtins(getattr(struct, name)) for name in struct.__struct_fields__}
