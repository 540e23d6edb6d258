"""The five questions that come most, each from ring to wrap-up by the keys, in Chinese and in English, with the keys counted.

The scripts beside say what is pressed and seen. In a line of ``play`` come first ``keys`` (one keystroke each) or ``types``
(one for each character), or ``says``: the caller's own data, which costs what it costs and is not counted; then what
the screen must show (``sees``). ``holds`` is what the server has afterwards. A lower number of keystrokes is written into the
script, so that a later change cannot make the call longer unnoticed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SCRIPTS = sorted((Path(__file__).parent / "scripts").glob("*.toml"))
NEXT = {"name": "李四", "mobile": "+8613912345678"}


def play(console: Any, lines: list[dict[str, Any]]) -> int:
    """Plays the lines of a script and returns its number of keystrokes."""
    count = 0
    for line in lines:
        if keys := line.get("keys"):
            console.keys(*keys)
            count += len(keys)
        if words := line.get("types"):
            console.type(words)
            count += len(words)
        if words := line.get("says"):
            console.type(words)
        if sees := line.get("sees"):
            console.shows(*sees)
    return count


def held(doc: dict[str, Any]) -> dict[str, Any]:
    """What the server holds of a ticket, as the scripts write it."""
    (call,) = doc["calls"]
    answers = {field: answer for field, answer in doc.get("answers", {}).items() if answer.get("state") != "empty"}
    return {
        "status": doc["status"],
        "category": doc["category"],
        "disposition": doc.get("disposition", ""),
        "agent": call["agent"],
        "marks": [mark["event"] for mark in call["marks"]],
        "code": call.get("code", ""),
        "answers": {field: answer["value"] for field, answer in answers.items()},
        "known": sorted(field for field, answer in answers.items() if answer["state"] == "known"),
        "steps": doc.get("steps", {}),
        "promises": [promise["text"] for promise in doc.get("promises", [])],
    }


@pytest.mark.terminal
@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_the_question_is_answered_from_ring_to_wrap_up_in_the_stated_number_of_keystrokes(
    path: Path, staffed: Any, terminal: Callable[..., Any], record_property: Callable[[str, object], None]
) -> None:
    script = tomllib.loads(path.read_text(encoding="utf-8"))
    console = terminal("wang", size=tuple(script["size"]), lang=script["lang"])
    console.shows(script["online"])
    ticket = staffed.ring("telephony", **script["caller"])
    console.shows(*script["rings"])
    pressed = play(console, script["play"])
    staffed.ring("telephony", **NEXT)
    pressed += play(console, script["end"])
    record_property("keystrokes", pressed)
    expected = {"agent": "wang", "marks": ["offered", "answered", "ended", "wrapped"], **script["holds"]}
    staffed.holds(lambda: held(staffed.doc("wang", ticket)), expected)
    assert pressed <= script["keystrokes"], f"{path.name} takes {pressed} keystrokes now, {script['keystrokes']} before"
    assert pressed == script["keystrokes"], f"only {pressed} keystrokes now: write that into {path.name}"
