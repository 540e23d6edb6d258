"""What the first frame does not draw is not loaded for it."""

from __future__ import annotations

import subprocess
import sys

LATER = (
    "acts", "questions", "newcase", "jotter", "house", "screens.live", "screens.commands", "screens.hearing", "screens.beside",
    "screens.opened", "screens.opening", "screens.pick", "screens.case", "screens.ask", "panes.answers", "panes.checklist",
    "panes.too_small", "phone", "wrapping", "alarms", "owing", "who", "prefill", "panes.calling", "panes.band", "screens.wrapup",
    "views", "screens.ownviews", "shift", "duty", "notices", "flooralarms", "abuse", "missed", "screens.onduty", "screens.notices",
)  # fmt: skip


def test_the_first_frame_loads_neither_dialogs_nor_the_parts_behind_the_screen() -> None:
    code = "import sys, okpay_console.tui.app; print('\\n'.join(sys.modules))"
    loaded = set(
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    )
    assert "okpay_console.tui.screens.desk" in loaded
    assert {f"okpay_console.tui.{name}" for name in LATER} & loaded == set()
    assert {"tomllib", "httpx", "tinydb", "okpay_console.content.errors"} & loaded == set()
