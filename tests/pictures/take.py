"""Takes the pictures of the documentation from the running program: ``python tests/pictures/take.py [NAME …]``.

Each picture is the demo in a terminal of its own (tmux), driven by keys as a person would, photographed by Textual as SVG
and turned into PNG by rsvg-convert. Needs tmux, rsvg-convert (librsvg2-bin) and a Chinese font (fonts-noto-cjk).
``--out DIR`` puts the pictures elsewhere, ``--all`` takes those that are only for looking, too.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from html import escape, unescape
from pathlib import Path
from typing import NamedTuple

from rich.cells import cell_len
from shrink import shrink

HERE = Path(__file__).parent
LARGEST = 300_000
"""Bytes that a picture may have, since it lives in the repository."""

CASE = ("F2", 2.0, "C-e", "=13912347508", "Enter", 0.6, "C-e", "=通过", "Enter", 0.6)
ZHMM = (*CASE, "C-n", "=已核对身份，正在查这笔付款", "C-s", 0.6, "C-a", 1.0, "=zhmm", 0.5, "Enter", 0.5)
NEW = ("F5", 0.8, "=13912345678 李先生", "Enter", "3", "=转账两天没有到账")


class Picture(NamedTuple):
    """Keys as tmux names them, ``=words`` to be typed, numbers for seconds to wait."""

    name: str
    keys: tuple[str | float, ...]
    size: tuple[int, int] = (120, 36)
    lang: str = "zh"
    theme: str = "okpay-dark"
    demo: tuple[str, ...] = ()
    kept: bool = False


PICTURES = (
    Picture("desk", ZHMM, kept=True),
    Picture("desk-80x24", ZHMM, size=(80, 24)),
    Picture("case-80x24", CASE, size=(80, 24)),
    Picture("desk-en", (*ZHMM[:-4], "=refund", 0.5, "Enter", 0.5), lang="en"),
    Picture("desk-light", ZHMM, theme="okpay-light"),
    Picture("desk-high-contrast", ZHMM, theme="high-contrast"),
    Picture("queue", ("Down", "Down", 0.5)),
    Picture("wide", ZHMM, size=(200, 60)),
    Picture("new", NEW),
    Picture("new-80x24-en", NEW, size=(80, 24), lang="en"),
    Picture("close", (*CASE, "F7", 0.8, "1", "=已说明")),
    Picture("help", ("F1", 0.8)),
    Picture("wall", (), demo=("--as", "supervisor")),
    Picture("wall-light-80x24", (), size=(80, 24), theme="okpay-light", demo=("--as", "supervisor")),
)


def take(picture: Picture, out: Path) -> Path:
    """Runs the demo, presses the keys, and returns the finished picture."""
    width, height = picture.size
    seconds = 14 + int(sum(key for key in picture.keys if not isinstance(key, str)))
    with tempfile.TemporaryDirectory(prefix="okpay-picture-") as folder:
        svg = Path(folder) / "shot.svg"
        settings = Path(folder) / "settings.toml"
        settings.write_text(f'theme = "{picture.theme}"\n', encoding="utf-8")
        environment = {
            "LC_ALL": "C.UTF-8", "TERM": "xterm-256color", "COLORTERM": "truecolor", "OKPAY_LANG": picture.lang,
            "OKPAY_CONFIG": str(settings), "TEXTUAL_SCREENSHOT": str(seconds),
            "TEXTUAL_SCREENSHOT_LOCATION": folder, "TEXTUAL_SCREENSHOT_FILENAME": svg.name,
        }  # fmt: skip
        demo = [sys.executable, "-m", "okpay_console", "demo", "--tickets", "200", "--seed", "1", *picture.demo]
        tmux = ["tmux", "-L", f"okpay-picture-{os.getpid()}", "-f", os.devnull]
        size = ["-x", str(width), "-y", str(height)]
        variables = [f"{key}={value}" for key, value in environment.items()]
        _run([*tmux, "new-session", "-d", "-s", "picture", *size, "env", *variables, *demo])
        try:
            _wait_for_rows(tmux)
            for key in picture.keys:
                if isinstance(key, float):
                    time.sleep(key)
                elif key.startswith("="):
                    _run([*tmux, "send-keys", "-t", "picture", "-l", key[1:]])
                else:
                    _run([*tmux, "send-keys", "-t", "picture", key])
            until = time.monotonic() + seconds + 20
            while not (svg.exists() and svg.read_text(encoding="utf-8").endswith("</svg>\n")):
                if time.monotonic() > until:
                    raise SystemExit(f"{picture.name}: the program took no picture.")
                time.sleep(0.2)
            spaced = Path(folder) / "spaced.svg"
            spaced.write_text(space_out(svg.read_text(encoding="utf-8")), encoding="utf-8")
            made = out / f"{picture.name}.png"
            _run(["rsvg-convert", "--zoom", str(10 / _CELL), "--output", str(made), str(spaced)])
            made.write_bytes(shrink(made.read_bytes()))
        finally:
            subprocess.run([*tmux, "kill-server"], check=False, capture_output=True)
    if picture.kept and made.stat().st_size > LARGEST:
        raise SystemExit(f"{made} has {made.stat().st_size:,} bytes; {LARGEST:,} are allowed.")
    return made


def _run(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _wait_for_rows(tmux: list[str]) -> None:
    """The demo is playing once the link says so, on the desk or on the wall."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if re.search(r"在线 \d|online \d", _run([*tmux, "capture-pane", "-p", "-t", "picture"])):
            return
        time.sleep(0.2)
    raise SystemExit("The demo did not come up.")


_TEXT = re.compile(r'<text class="([^"]*)" x="([\d.]+)" y="([\d.]+)" textLength="[\d.]+"([^>]*)>(.*?)</text>')
_CELL = 12.2
"""Rich draws its pictures in letters 20 high and 0.61 times as wide. Whole pixels for each keep the picture's file small."""


def space_out(svg: str) -> str:
    """Puts every character of a run into its cells: Rich gives a run the length of as many narrow letters."""

    def spread(match: re.Match[str]) -> str:
        role, x, y, rest, words = match.groups()
        text = unescape(words)
        if text.isascii():
            return match[0]
        parts, at = [], 0
        for character in text:
            parts.append(f'<tspan x="{float(x) + at * _CELL:.1f}">{escape(character)}</tspan>')
            at += cell_len(character)
        return f'<text class="{role}" x="{x}" y="{y}"{rest}>{"".join(parts)}</text>'

    return _TEXT.sub(spread, svg)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="which pictures; without one, those of the documentation"
    )
    parser.add_argument("--all", action="store_true", help="all pictures")
    parser.add_argument("--out", type=Path, default=HERE, help="where to put them")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - {picture.name for picture in PICTURES}
    if unknown:
        parser.error(f"no such picture: {', '.join(sorted(unknown))}")
    arguments.out.mkdir(parents=True, exist_ok=True)
    for picture in PICTURES:
        if picture.name in arguments.names or arguments.all or (picture.kept and not arguments.names):
            made = take(picture, arguments.out)
            print(f"{made.name}: {made.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
