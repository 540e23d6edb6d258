"""What people may call a category where they write conditions: its code, its titles and its short words."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from .interface import LANGUAGES, load
from .rules import load_categories


@cache
def category_names() -> Mapping[str, str]:
    """The code of every category by each of its names in every language, case-folded. Raises ContentError as the rules do."""
    found: dict[str, str] = {}
    for one in load_categories():
        short = (load(lang).get(f"category.{one.id}", "") for lang in LANGUAGES)
        for name in (one.id, one.title.zh, one.title.en, *short):
            if name:
                found[name.casefold()] = one.id
    return found
