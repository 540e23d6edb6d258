"""A fault of the program is told in words: what a caller said never stands in a traceback on the terminal."""

from __future__ import annotations

import os
import subprocess
import sys

PROGRAM = """
import asyncio
from okpay_console.tui.app import ConsoleApp
from okpay_console.tui.desk_model import Settings, Start

async def open_desk(tell):
    said_by_the_caller = "SECRET-WORDS"
    raise ZeroDivisionError(said_by_the_caller)

async def close():
    pass

app = ConsoleApp(Start(settings=Settings(lang="zh"), open_desk=open_desk, close=close))
raise SystemExit(app.run(headless=True) or app.return_code)
"""


def test_a_fault_inside_ends_with_where_it_was_and_without_any_value() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "PYTHONUTF8": "1", "COLUMNS": "200"},
    )  # fmt: skip
    shown = done.stdout + done.stderr
    assert done.returncode == 1
    assert "ZeroDivisionError" in shown and "doctor" in shown
    assert "SECRET-WORDS" not in shown
    assert "Traceback" not in shown
