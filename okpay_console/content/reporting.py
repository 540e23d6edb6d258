"""The words of reports and how each number is made, by dotted key, in one language."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Final

from okpay_console.errors import ContentError

LANGUAGES: Final = ("zh", "en")


class Wording:
    """The words of one language. ``say`` fills the braces of a text from its values."""

    def __init__(self, lang: str, texts: dict[str, str]) -> None:
        self.lang = lang
        self._texts = texts

    def say(self, key: str, /, **values: object) -> str:
        """The text of ``key``; KeyError for a key that no file has."""
        text = self._texts[key]
        return text.format_map(values) if values else text

    def measure(self, name: str, section: str = "") -> str:
        """What a number is called; the tickets that wait are not the calls that wait."""
        return self._texts[f"measure.{_key(name, section)}"]

    def how(self, name: str, section: str = "", **values: object) -> str:
        """How a number is made, in words."""
        return self._texts[f"how.{_key(name, section)}"].format_map(values)

    def keys(self) -> frozenset[str]:
        return frozenset(self._texts)

    def span(self, seconds: float | None) -> str:
        """A duration as people read it: ``17.5 s``, ``3 min 53 s``, ``2.5 h``; a dash for None."""
        if seconds is None:
            return "-"
        unit = {name: self._texts[f"unit.{name}"] for name in "smhd"}
        if seconds < 60:
            return f"{seconds:.1f} {unit['s']}"
        if seconds < 3600:
            minutes, rest = divmod(round(seconds), 60)
            return f"{minutes} {unit['m']} {rest} {unit['s']}"
        return f"{seconds / 3600:.1f} {unit['h']}" if seconds < 2 * 86400 else f"{seconds / 86400:.1f} {unit['d']}"


@cache
def load_wording(lang: str) -> Wording:
    """The words of a language. ContentError for one that reports are not written in, or a file that cannot be read."""
    if lang not in LANGUAGES:
        raise ContentError(f"Reports are not written in the language '{lang}'.", f"Use one of: {', '.join(LANGUAGES)}.")
    name = f"report_{lang}.toml"
    text = (resources.files(__package__) / name).read_text(encoding="utf-8")
    try:
        tables: dict[str, dict[str, str]] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ContentError(f"{name} cannot be read: {error}.", "Correct the file or reinstall.") from error
    return Wording(lang, {f"{table}.{key}": value for table, texts in tables.items() for key, value in texts.items()})


def _key(name: str, section: str) -> str:
    return "waiting_tickets" if name == "waiting" and section == "tickets" else name
