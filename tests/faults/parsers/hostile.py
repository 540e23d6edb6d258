"""Hostile bytes: valid documents broken in every way that we know, and a list of documents that no one should have sent."""

# ruff: noqa: E501 -- tables of hostile texts, which break badly

from __future__ import annotations

import os
import random
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final
from zlib import crc32

EXAMPLES: Final = int(os.environ.get("OKPAY_TEST_EXAMPLES", "0"))
"""Mutations for each parser in a long run, in which every document of the lists is sent too; 0 for the suite's share of them."""
MIB: Final = 1 << 20
HUGE: Final = b"9" * 5000
"""More digits than Python turns into a number without being told to."""

TOKENS: Final = (
    b"NaN", b"-Infinity", b"1e999", HUGE, b"-" + HUGE, b"0." + HUGE, b"18446744073709551616", b"-0", b"0x10", b"1_000", b"null",
    b"true", b'"\\ud800"', b'"\\udc00x"', b'"\\u0000"', b'""', b"[]", b"{}", b"[[[[]]]]", b'{"":{"":{}}}', b'"' + b"\xf0\x9f\x92\xa3" * 9 + b'"',
    b'"9999-12-31T23:59:59.999999-23:59"', b'"0001-01-01T00:00:00+23:59"', b'"2026-02-30T25:61:61Z"', b'"2026-11-23T09:00:00"',
    b"-1", b"4294967296", b"9223372036854775807", b"1.5", b"[" * 300 + b"]" * 300, b'{"a":' * 900 + b"1" + b"}" * 900,
)  # fmt: skip
"""What is put in a value's place."""

BITS: Final = (
    b"\x00", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf8\x88\x80\x80\x80", b"\r", b"\n", b"\r\n", b"\n\n",
    b"\x0b", b"\x1b]52;c;AAAA\x07", b"\xe2\x80\xa8", b"\xe2\x80\xae", b"'", b'"', b'"""', b"\\", b"\\u", b"{", b"}", b"[", b"]", b"=", b",", b":", b"#",
    b"\t", b" " * 999, b"-", b".", b"..", b"/", b"../../etc/passwd", b"%00", b"%s%n", b"{0.__class__}", b"[@click=app.quit]", b"--", b"---\n",
)  # fmt: skip
"""What is put between two bytes."""

_VALUE: Final = re.compile(rb'"(?:[^"\\\n]|\\.)*"|-?\d[\d.]*|true|false|null')


def _flip(doc: bytes, at: int, arg: int) -> bytes:
    return doc[:at] + bytes([doc[at] ^ (1 << arg % 8)]) + doc[at + 1 :] if at < len(doc) else doc


def _cut(doc: bytes, at: int, arg: int) -> bytes:
    return doc[:at]


def _drop(doc: bytes, at: int, arg: int) -> bytes:
    return doc[:at] + doc[at + 1 + arg % 16 :]


def _double(doc: bytes, at: int, arg: int) -> bytes:
    return doc[:at] + doc[at : at + 1 + arg % 64] + doc[at:]


def _splice(doc: bytes, at: int, arg: int) -> bytes:
    other = arg % (len(doc) + 1)
    return doc[:at] + doc[other:]


def _put(doc: bytes, at: int, arg: int) -> bytes:
    return doc[:at] + BITS[arg % len(BITS)] + doc[at:]


def _value(doc: bytes, at: int, arg: int) -> bytes:
    """Another value in the place of the next one."""
    found = _VALUE.search(doc, at) or _VALUE.search(doc)
    return doc if found is None else doc[: found.start()] + TOKENS[arg % len(TOKENS)] + doc[found.end() :]


def _member(doc: bytes, at: int, arg: int) -> bytes:
    """A member more, also one that is there already."""
    place = doc.find(b"{", at)
    names = re.findall(rb'"(\w+)"\s*:', doc) or [b"extra"]
    more = b'"' + [*names, b"extra"][arg % (len(names) + 1)] + b'":' + TOKENS[arg % len(TOKENS)] + b","
    return doc if place < 0 else doc[: place + 1] + more + doc[place + 1 :]


def _lines(doc: bytes, at: int, arg: int) -> bytes:
    """The lines in another order, one of them twice."""
    lines = doc.splitlines(keepends=True)
    random.Random(arg).shuffle(lines)
    return b"".join([*lines, *lines[:1]])


WAYS: Final[tuple[Callable[[bytes, int, int], bytes], ...]] = (
    _flip, _cut, _drop, _double, _splice, _put, _value, _value, _member, _member, _lines,
)  # fmt: skip


def broken(doc: bytes, steps: list[tuple[int, int, int]]) -> bytes:
    """The document after so many mutations; each step is a way, a place (in 65,536ths) and what is done there."""
    for way, place, arg in steps:
        doc = WAYS[way % len(WAYS)](doc, place * (len(doc) + 1) >> 16, arg)
    return doc


def nasty() -> Iterator[bytes]:
    """Documents that are the same for every parser."""
    yield from (
        b"",
        b"\n",
        b"\x00" * 64,
        b"\xff" * 64,
        b"\xef\xbb\xbf",
        b"\xef\xbb\xbf{}",
        "{}".encode("utf-16"),
        b"\r\r\r",
        b"{}\n" * 50,
    )
    yield from TOKENS
    yield from BITS
    for depth in (100, 500, 900, 980, 5_000, 100_000):
        for left, right in ((b"[", b"]"), (b'{"a":', b"}"), (b"a=[", b"]"), (b"a={a=", b"}"), (b"(", b")")):
            yield left * depth
            yield left * depth + b"1" + right * depth
    yield b".".join([b"a"] * 3000) + b" = 1"
    yield b"[" + b".".join([b"a"] * 3000) + b"]"
    yield b"a = " + HUGE
    yield b"a = " + b"[" * 5000
    yield b'{"a":' + HUGE + b"}"


def large() -> Iterator[bytes]:
    """A mebibyte in one line, of this and of that."""
    for piece in (b"a", b"1", b" ", b'"', "密".encode(), b"\\u4e00", b"a,", b"[],", b"data:"):
        yield (piece * MIB)[:MIB]
    yield b'{"subject":"' + b"x" * MIB + b'"}'


def inside(doc: bytes) -> Iterator[bytes]:
    """A valid document with each of its first values replaced by each of the tokens."""
    places = list(_VALUE.finditer(doc))
    for found in places[:: max(1, len(places) // 8)]:
        for token in TOKENS:
            yield doc[: found.start()] + token + doc[found.end() :]


def share(of: Iterable[bytes], name: str, *, one_in: int) -> list[bytes]:
    """Everything in a long run; else each parser's own part of it, so that all of them together see the whole."""
    documents = list(of)
    return documents if EXAMPLES else documents[crc32(name.encode()) % one_in :: one_in]
