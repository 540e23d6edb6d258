"""The macros: those that are shipped, and the house's own from the settings."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from okpay_console.content.rules import load_categories, load_dispositions, load_ladders
from okpay_console.domain.macros import Macro, from_table
from okpay_console.errors import ContentError

__all__ = ["load_macros"]


def load_macros(own: Mapping[str, Mapping[str, Any]] | None = None) -> tuple[Macro, ...]:
    """The macros in the order to offer them; ``own`` are the ``[macros.<id>]`` tables of the settings.

    An own macro takes the place of the shipped one of its id, and an empty table takes that away; a key of an own one is taken
    from the shipped one that has it. ContentError names the macro that is wrong: a blank that nothing fills, an unknown
    level, category or disposition, or a key that two own ones claim.
    """
    made = {macro.id: macro for macro in _shipped()}
    for name, table in (own or {}).items():
        if table:
            made[name] = _known(from_table(name, table))
        else:
            made.pop(name, None)
    claimed: dict[str, str] = {}
    for name in own or {}:
        macro = made.get(name)
        if macro is not None and macro.key:
            if macro.key in claimed:
                raise ContentError(
                    f"The macros {claimed[macro.key]} and {name} claim the same key {macro.key}.",
                    "Give one another key.",
                )
            claimed[macro.key] = name
    return tuple(
        macro
        if claimed.get(macro.key, macro.id) == macro.id
        else Macro(macro.id, macro.title, "", macro.steps, macro.prompts)
        for macro in made.values()
    )


@cache
def _shipped() -> tuple[Macro, ...]:
    text = (resources.files(__package__) / "macros.toml").read_text(encoding="utf-8")
    try:
        tables = tomllib.loads(text)["macro"]
    except (tomllib.TOMLDecodeError, KeyError) as error:
        raise ContentError(f"macros.toml cannot be read: {error}.", "Correct the file or reinstall.") from error
    return tuple(_known(from_table(name, table)) for name, table in tables.items())


def _known(macro: Macro) -> Macro:
    """The macro itself; ContentError where it names what the house does not have."""
    if macro.key and not re.fullmatch(r"shift\+f[1-9]", macro.key):
        raise ContentError(f"The macro {macro.id} has the key '{macro.key}'.", "Give it one of shift+f1 to shift+f9.")
    codes = {disposition.code for disposition in load_dispositions() if not disposition.terms.system}
    levels = {level.id for ladder in load_ladders().values() for level in ladder}
    categories = {category.id for category in load_categories()}
    for step in macro.steps:
        for what, value, known in (
            ("disposition", step.code if step.op in ("wrapup", "close") else None, codes),
            ("level", step.level if step.op == "escalate" else None, levels),
            ("category", step.category if step.op == "category" else None, categories),
        ):
            if value is not None and value not in known:
                raise ContentError(
                    f"The macro {macro.id} names a {what} that does not exist: '{value}'.", "Correct it."
                )
    return macro
