"""The sentences of errors by their stable code: what happened, and what to do; read when the first error is said."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Literal

from okpay_console import errors

Where = Literal["desk", "cli"]


@cache
def load(lang: str) -> Mapping[str, Mapping[str, Any]]:
    """Every code's sentences in one language, as the file has them; empty for a language without a file."""
    file = resources.files(__package__) / f"errors_{lang}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


def explain(error: errors.OkpayError, *, lang: str, where: Where, field: str = "") -> tuple[str, str]:
    """What happened and what to do, for the ``desk`` or the command line (``cli``).

    A code without sentences is said as the kind of error that it is. What was worded in Chinese where it was raised stays
    as it is, and so does the error's own English where no sentence replaces it. ``field`` is the reader's name of the field
    of a ``NeedsReview``.
    """
    if lang == "zh" and _is_chinese(error.what):
        return error.what, error.advice
    entry = _entry(error, lang)
    if entry is None:
        return error.what, error.advice
    values = {
        "by": getattr(error, "by", ""),
        "pid": getattr(error, "pid", 0),
        "field": field or getattr(error, "field", ""),
        "word": getattr(error, "word", ""),
        "at": getattr(error, "at", 0),
        "port": getattr(error, "port", 0),
        "known": ("、" if lang == "zh" else ", ").join(getattr(error, "known", ())),
    }
    what = str(entry.get("what", error.what))
    for name, value in values.items():
        if value and f"what_{name}" in entry:
            what = str(entry[f"what_{name}"])
    if "what" in entry:
        what = what.format_map(values)
    if entry.get("detail") and where == "cli":
        what = f"{what.rstrip('。')}（{error.what}）"
    advice = entry.get(where, entry.get("advice"))
    return what, error.advice if advice is None else str(advice).format_map(values)


def of_code(code: str, *, lang: str) -> str:
    """What a code says by itself, as a server's outcome gives it; "" for one that this language has no sentence for."""
    entry = load(lang).get(code)
    return str(entry["what"]) if entry is not None and "{" not in entry.get("what", "{") else ""


def _entry(error: errors.OkpayError, lang: str) -> Mapping[str, Any] | None:
    listed = load(lang)
    if error.code in listed:
        return listed[error.code]
    # In English the words of the error itself say more than those of its kind.
    kinds = type(error).__mro__ if lang != "en" else ()
    return next((listed[code] for kind in kinds if (code := str(vars(kind).get("code", ""))) in listed), None)


def _is_chinese(text: str) -> bool:
    return any("一" <= character <= "鿿" for character in text)
