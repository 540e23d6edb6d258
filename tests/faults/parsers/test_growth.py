"""Twice the input is twice the work and a bounded multiple of the memory, counted and never timed."""

# ruff: noqa: E501 -- tables of hostile texts, which break badly

from __future__ import annotations

import itertools
import signal
import sys
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import pytest

from okpay_console.content import knowledge
from okpay_console.domain import moments, secret

table: Any = sys.modules["okpay_parsers_table"]
SIZES = (1 << 10, 1 << 11, 1 << 12)
WORK = 2.5
"""Calls at twice the size, at most so many times those at once the size."""
FLOOR = 400
"""So many calls say nothing about growth."""
EACH = pytest.mark.parametrize("parser", [one for one in table.PARSERS if one.unit], ids=lambda one: one.name)


def calls(read: Callable[[], object], may: tuple[type[BaseException], ...] = ()) -> int:
    """How many functions are called, Python's and C's."""
    count = 0

    def note(frame: object, event: str, arg: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        read()
    except may:
        pass
    finally:
        sys.setprofile(before)
    return count


def grows(
    read: Callable[[bytes], object], sized: Callable[[int], bytes], may: tuple[type[BaseException], ...] = ()
) -> list[int]:
    read_quietly(read, sized(64), may)  # what is loaded on first use is not counted
    return [calls(partial(read, sized(size)), may) for size in SIZES]


def read_quietly(read: Callable[[bytes], object], data: bytes, may: tuple[type[BaseException], ...]) -> None:
    with suppress(may):
        read(data)


def linear(counts: list[int]) -> bool:
    return all(later <= max(FLOOR, WORK * earlier) for earlier, later in itertools.pairwise(counts))


@EACH
def test_work_grows_with_the_input(parser: Any) -> None:
    counts = grows(parser.read, parser.sized, parser.may)
    assert linear(counts), f"{parser.name}: {counts} calls for {SIZES} bytes"


@EACH
def test_memory_is_a_multiple_of_the_input(parser: Any) -> None:
    data = parser.sized(SIZES[-1] * (1 if parser.heavy or parser.peak >= 200 else 8))
    read_quietly(parser.read, parser.sized(64), parser.may)
    tracemalloc.start()
    try:
        read_quietly(parser.read, data, parser.may)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak <= parser.peak * len(data) + (1 << 20), f"{parser.name}: {peak} bytes for {len(data)}"


@contextmanager
def own_time(seconds: float) -> Iterator[None]:
    """No more processor time of this process than that: for work inside one C call, which cannot be counted.

    A hundred times what it takes, so that only the wrong order of growth gets there.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "SIGVTALRM"):
        yield
        return

    def late(*_: object) -> None:
        raise AssertionError(f"{seconds} s of processor time were not enough")

    before = signal.signal(signal.SIGVTALRM, late)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@pytest.mark.parametrize(
    ("before", "unit"),
    [("密码是", "a"), ("密码 ", " "), ("短信", "说"), ("短信", " ,"), ("", "double "), ("密码", "mima"), ("密码", "chang"), ("密保回答", " "),
     ("security answer", " "), ("密码，set", " "), ("验证码 工单", " "), ("密码", "pass-")],
    ids=lambda one: one.strip() or "blanks",
)  # fmt: skip
def test_no_text_of_the_longest_kind_keeps_the_guard_busy(before: str, unit: str) -> None:
    """Found by tests/benchmarks/bench_parsers.py; the worst of them took 37 seconds for one note."""
    text = (before + unit * 40_000)[:40_000]
    with own_time(10.0):
        secret.find(text)


def test_no_run_of_numerals_and_no_long_step_keeps_its_reader_busy() -> None:
    with own_time(10.0):
        moments.read("一" * 20_000, now=table.NOW)
        knowledge.parse_markdown(
            "---\nid: a\ntitle: t\nkeywords: a" + " " * 40_000 + "b\n---\n1. x\n" + " y\n" * 200_000, name="a"
        )
