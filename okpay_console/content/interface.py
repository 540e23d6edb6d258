"""The words on the screens, by key, in the language in use."""

from __future__ import annotations

import json
from pathlib import Path

from okpay_console.errors import ContentError

LANGUAGES = ("zh", "en")

_loaded: dict[str, dict[str, str]] = {}
_current: dict[str, str] = {}


def load(lang: str) -> dict[str, str]:
    """Every text of one language under its dotted key. Raises ContentError for a language that the product does not speak.

    The files are TOML of the plainest sort, tables of one-line strings, and are read as such: the full parser would cost
    the first frame more than all of these texts (a test holds both readings equal).
    """
    if lang not in LANGUAGES:
        raise ContentError(f"The screens do not speak the language '{lang}'.", f"Use one of: {', '.join(LANGUAGES)}.")
    if lang not in _loaded:
        texts: dict[str, str] = {}
        table = ""
        for row in file_of(lang).read_text(encoding="utf-8").splitlines():
            if row.startswith("["):
                table = row.strip("[]")
            elif not row.startswith("#") and row:
                key, _, text = row.partition(" = ")
                texts[f"{table}.{key}"] = json.loads(text)
        _loaded[lang] = texts
    return _loaded[lang]


def file_of(lang: str) -> Path:
    """Where the texts of a language are."""
    return Path(__file__).with_name(f"interface_{lang}.toml")


def use(lang: str) -> None:
    """Makes ``lang`` the language of every later ``t``; there is one screen, so there is one language."""
    texts = load(lang)
    _current.clear()
    _current.update(texts, **{"lang": lang})


def lang() -> str:
    """The language in use, ``zh`` before any was chosen."""
    return _current.get("lang", "zh")


def t(key: str, /, **values: object) -> str:
    """The text of ``key`` with ``{name}`` filled from ``values``. KeyError for a key that no file has."""
    if not _current:
        use("zh")
    text = _current[key]
    return text.format_map(values) if values else text


def has(key: str) -> bool:
    """Whether the language in use has a text for ``key``."""
    if not _current:
        use("zh")
    return key in _current
