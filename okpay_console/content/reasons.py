"""Why a ticket was found, in words: where the words stood, and what stood there, masked as the search gave it."""

from __future__ import annotations

from collections.abc import Iterable

from ..domain.judging import Why
from .interface import has, lang, t
from .rules import load_fields


def reason(why: Why) -> str:
    """One reason in the language in use: ``手机尾号 8000``, ``备注：…扣了两次…``."""
    if why.what.startswith("answers."):
        field = why.what.removeprefix("answers.")
        known = load_fields().get(field)
        return t("found.field", field=known.label.of(lang()) if known else field, value=why.value)
    key = f"found.{why.what}"
    return t(key if has(key) else "found.other", value=why.value)


def reasons(whys: Iterable[Why]) -> str:
    """All that a row of a list does not show by itself, each once, in one line."""
    return t("list.comma").join(dict.fromkeys(reason(why) for why in whys if why.what not in ("subject", "number")))
