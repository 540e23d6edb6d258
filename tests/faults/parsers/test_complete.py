"""No parser is missing from the table: every place where the product decodes something is known, with what guards it."""

# ruff: noqa: E501 -- tables of hostile texts, which break badly

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import okpay_console

table: Any = sys.modules["okpay_parsers_table"]
ROOT = Path(okpay_console.__path__[0])
MODULES = {
    "json",
    "msgspec",
    "tomllib",
    "csv",
    "struct",
    "zlib",
    "gzip",
    "base64",
    "binascii",
    "datetime",
    "date",
    "bytes",
    "ast",
    "pickle",
}
CALLS = {
    "loads", "load", "decode", "convert", "reader", "DictReader", "unpack", "unpack_from", "b64decode", "urlsafe_b64decode", "a2b_base64",
    "fromisoformat", "fromhex", "strptime", "decompress", "decompressobj", "literal_eval", "parsedate_to_datetime", "getincrementaldecoder",
}  # fmt: skip
OWN_ROWS = "the server's own rows, which it checked when it wrote them"
SHIPPED = "a file of the package, which a test reads whole"
ROUTE = "a request: every route is sent hostile bytes by test_requests"
OWN_STORE = "rows of this machine's journal, under its checksum; the parser of the journal is in the table"
TYPED = "a word of the command line, which argparse hands on, or the text of one line of standard input"
ELSEWHERE = {
    "cli/keeping.py:_local": "a moment in a backup's head, which is shown as it stands where it is none",
    **dict.fromkeys([
        "server/users.py", "server/alarms.py", "server/erasing.py", "server/traces.py", "server/wall.py", "server/floor.py", "server/history.py",
        "server/sealing.py", "server/webhooks.py", "server/opaque.py:key_of", "server/opaque.py:seal", "server/auth.py:find",
        "server/service.py:_record", "server/service.py:_again", "server/daybook.py:queues_of", "server/daybook.py:_shown",
        "server/daybook.py:_uuid",
    ], OWN_ROWS),
    **dict.fromkeys([
        "server/scene.py", "content/macros.py:_shipped", "content/limits.py:_file", "content/errors.py:load", "content/reporting.py",
        "content/rules.py", "content/interface.py", "content/calendars.py:shipped_holidays", "content/calendars.py:_english",
        "cli/shelving.py:_shipped",
    ], SHIPPED),
    **dict.fromkeys([
        "server/routes/alarms.py", "server/routes/answers.py", "server/routes/daybook.py", "server/routes/presence.py",
        "server/routes/sync.py", "server/routes/tickets.py", "server/auth.py:handle", "server/daybook.py:_take",
        "server/daybook.py:_start", "server/judging.py:_says_more", "server/cursor.py:decode",
    ], ROUTE),
    **dict.fromkeys([
        "local/answers.py", "local/daybook.py", "local/mirror.py", "local/outbox.py", "local/views.py", "local/watch.py",
        "domain/ticket.py:from_json", "domain/queue.py:row_of", "domain/matter.py:days", "domain/disclosure.py:_moment",
        "tui/duty.py:allowance", "domain/macro_steps.py:_due",
    ], OWN_STORE),
    **dict.fromkeys([
        "cli/act.py:words", "cli/alarm.py:put", "cli/answers.py:run", "cli/exportoptions.py:_moment", "cli/report.py:on",
        "cli/reviewing.py:_text",
    ], TYPED),
    "cli/anchoring.py:anchor": "bytes that this process has just made",
    "local/vault.py:_text": "bytes that this process has just made",
    "remote/events.py:__init__": "the decoder of the event stream, which the table feeds",
    "remote/problems.py:retry_after": "called by the table's problem",
}  # fmt: skip
"""Places that no one from outside writes to, or that another test of this folder covers."""


def decodings() -> Iterator[tuple[str, int]]:
    """``file:function`` and line of each call that may decode."""
    for source in sorted(ROOT.rglob("*.py")):
        if "migrations" in source.parts or source.name.startswith("build_"):
            continue
        text = source.read_text(encoding="utf-8")
        if not any(f"{call}(" in text for call in CALLS):
            continue
        yield from _calls(ast.parse(text), source.relative_to(ROOT).as_posix(), "<module>")


def _calls(node: ast.AST, file: str, within: str) -> Iterator[tuple[str, int]]:
    for child in ast.iter_child_nodes(node):
        inside = child.name if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) else within
        if (
            isinstance(child, ast.Call)
            and isinstance(child.func, ast.Attribute)
            and child.func.attr in CALLS
            and not _own_text(child)
        ) or (
            isinstance(child, ast.Call)
            and isinstance(child.func, ast.Name)
            and child.func.id in CALLS - {"load", "decode"}
        ):
            yield f"{file}:{inside}", child.lineno
        yield from _calls(child, file, inside)


def _own_text(call: ast.Call) -> bool:
    """``x.encode(…).decode()`` and the like, and loading content or settings through a function of ours."""
    inner = call.func.value if isinstance(call.func, ast.Attribute) else None
    if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and "encode" in inner.func.attr:
        return True
    named = inner.id if isinstance(inner, ast.Name) else inner.attr if isinstance(inner, ast.Attribute) else ""
    return call.func.attr == "load" and named not in MODULES if isinstance(call.func, ast.Attribute) else False


def test_every_place_that_decodes_is_in_the_table_or_has_its_reason() -> None:
    covered = {place for parser in table.PARSERS for place in parser.covers}
    places = {place for place, _ in decodings()} - covered - set(ELSEWHERE)
    unknown = sorted(place for place in places if place.partition(":")[0] not in ELSEWHERE)
    assert unknown == [], "these decode what may come from outside: name them in the table, or say what they read"


def test_every_place_that_is_named_is_still_there() -> None:
    wanted = {place.partition(":")[0] for parser in table.PARSERS for place in parser.covers} | {
        one.partition(":")[0] for one in ELSEWHERE
    }
    functions = {
        f"{file}:{name}"
        for file in wanted
        for name in re.findall(r"def (\w+)\(", (ROOT / file).read_text(encoding="utf-8"))
    }
    named = {place for parser in table.PARSERS for place in parser.covers} | {one for one in ELSEWHERE if ":" in one}
    assert sorted(named - functions) == []
    assert all((ROOT / one.partition(":")[0]).is_file() for one in ELSEWHERE)
