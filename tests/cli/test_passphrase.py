"""A passphrase at the console's door, in a real terminal: asked for without an echo, three times, and nowhere to be found later."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pexpect
import pytest

from okpay_console.local.vault import Cost, Vault

RIGHT, WRONG = "four green apples", "four green pears"
WORDS = "重复扣款九五二七"
ASKED = "口令（不显示）：".encode()
pytestmark = [pytest.mark.terminal, pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")]


@pytest.fixture
def locked(desk: Any, tmp_path: Path) -> Any:
    """Somebody whose data is under a passphrase, with a home and a folder for passing files of his own."""
    one = desk("locked")
    for name in ("HOME", "TMPDIR"):
        one.env[name] = str(tmp_path / name)
        (tmp_path / name).mkdir()
    made = one("ticket", "new", "--subject", WORDS, "--channel", "hotline", "--json")
    assert made.status == 0, made.err
    Vault(one.home).protect("passphrase", passphrase=RIGHT, cost=Cost(kib=64, passes=1, lanes=1))
    assert one("sync", OKPAY_PASSPHRASE=RIGHT).status == 0, "which seals it"
    one.ticket = made.doc["id"]
    one.places = (one.home, tmp_path)
    return one


def spawned(one: Any, command: str) -> Any:
    """The command in a shell on a terminal of its own, which says at the end how it ended and whether its keys are echoed."""
    script = f"trap : INT; {sys.executable} -m okpay_console {command}; echo left=$?; stty -a | grep -o -- '[-]*echo '; echo end"
    return pexpect.spawn(
        "/bin/sh", ["-c", script], env={**one.env, "OKPAY_LANG": "zh"}, dimensions=(40, 140), timeout=60
    )


def rest(child: Any) -> str:
    child.expect(b"end\r\n")
    drawn: bytes = child.before
    child.close(force=True)
    return drawn.decode("utf-8", "replace")


def found(words: str, *places: Path) -> list[str]:
    return [
        str(path)
        for place in places
        for path in place.rglob("*")
        if path.is_file() and words.encode() in path.read_bytes()
    ]


def test_three_wrong_ones_end_it_and_say_what_to_do(locked: Any) -> None:
    child = spawned(locked, "console")
    for again in range(3):
        if again:
            child.expect("口令不对，请再试一次。".encode())
        child.expect(ASKED)
        child.send(WRONG + "\r")
    said = rest(child)
    assert "left=1" in said and "打不开" in said and "logout --wipe" in said
    assert WRONG not in said and ASKED.decode() not in said
    assert "\necho " in said, "the terminal shows what is typed again"


def test_ctrl_c_at_the_question_leaves_the_terminal_as_it_was(locked: Any) -> None:
    child = spawned(locked, "console")
    child.expect(ASKED)
    child.send(b"four gr\x03")
    said = rest(child)
    assert "left=130" in said and "\necho " in said and "Traceback" not in said and "four" not in said


def test_the_right_one_opens_it_after_a_wrong_one_and_stands_nowhere(locked: Any) -> None:
    child = spawned(locked, "console")
    child.expect(ASKED)
    child.send(WRONG + "\r")
    child.expect(ASKED)
    # Pasted: all at once, with the line's end that was copied with it.
    child.send(RIGHT + "\r\n")
    child.expect(WORDS.encode())
    drawn = child.before
    for process in Path("/proc").glob("[0-9]*") if sys.platform == "linux" else ():
        try:
            told = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        except OSError:
            continue
        assert RIGHT.encode() not in told
    child.send(b"\x11")
    said = drawn.decode("utf-8", "replace") + rest(child)
    assert "left=0" in said and "apples" not in said
    assert found("apples", *locked.places) == [] == found(WORDS, *locked.places)


def test_without_a_terminal_it_is_said_how_a_script_gives_it(locked: Any) -> None:
    done = locked("tickets", "--json", OKPAY_LANG="en")
    assert (done.status, done.out) == (1, "") and "OKPAY_PASSPHRASE" in done.err
    assert locked("console").status == 2


def test_a_forgotten_one_is_wiped_away_only_with_force_and_nothing_of_it_remains(locked: Any) -> None:
    locked("ticket", "note", locked.ticket, WORDS, OKPAY_PASSPHRASE=RIGHT, OKPAY_SERVER="http://127.0.0.1:1")
    refused = locked("logout", "--wipe")
    assert refused.status == 1 and "--force" in refused.err
    assert locked("ticket", "show", locked.ticket, OKPAY_PASSPHRASE=RIGHT).status == 0, "nothing was touched"
    assert locked("logout", "--wipe", "--force").status == 0
    assert list(locked.home.iterdir()) == [] and found(WORDS, *locked.places) == []
