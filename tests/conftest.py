"""How the whole suite runs, and what it says at its end: the keys an agent presses for each of the questions that come most."""

from __future__ import annotations

import gc
import os

import pytest

KEYSTROKES = "keystrokes"
"""The property of a test under which a journey tells its number; it also reaches the summary from another process."""


def pytest_xdist_auto_num_workers() -> int:
    """Two processes for each core: half of a test's time is waiting for a timer, a disk, a terminal or another process."""
    return 2 * (os.cpu_count() or 1)


def pytest_collection_finish() -> None:
    """What was imported stays: looking it through again and again was a seventh of the suite's processor time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    told = sorted(
        (name.rpartition("[")[2].rstrip("]"), value)
        for report in terminalreporter.getreports("passed")
        for name, (key, value) in ((report.nodeid, one) for one in report.user_properties)
        if key == KEYSTROKES
    )
    if told:
        terminalreporter.write_sep("-", "keystrokes from ring to wrap-up")
        for name, value in told:
            terminalreporter.write_line(f"{name:<24}{value:>4}")
