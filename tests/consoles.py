"""What the consoles of one test process share: each test opens its own, and would read the same styles as all before it."""

from __future__ import annotations

import gc
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from textual.css.model import RuleSet
from textual.css.stylesheet import CSSLocation, Stylesheet

from okpay_console.tui import app


def share(patch: pytest.MonkeyPatch) -> None:
    """Lets the consoles that are opened from now on share what they read, and not freeze each other's widgets for good.

    A style sheet's rules are read once for each set of theme colours. What a console freezes after its first frame is never
    freed, and would be the memory of all consoles that have been.
    """
    read: dict[frozenset[tuple[str, str]], dict[tuple[Any, ...], list[RuleSet]]] = {}
    parse_rules = Stylesheet._parse_rules

    def parse_once(
        sheet: Stylesheet,
        css: str,
        read_from: CSSLocation,
        is_default_rules: bool = False,
        tie_breaker: int = 0,
        scope: str = "",
    ) -> list[RuleSet]:
        key = (css, read_from, is_default_rules, tie_breaker, scope)
        if key in sheet._parse_cache:
            return sheet._parse_cache[key]
        shared = read.setdefault(frozenset(sheet._variables.items()), {})
        if key not in shared:
            shared[key] = parse_rules(sheet, *key)
        sheet._parse_cache[key] = shared[key]
        return shared[key]

    patch.setattr(Stylesheet, "_parse_rules", parse_once)
    patch.setattr(app, "gc", SimpleNamespace(enable=gc.enable, collect=lambda: 0, freeze=lambda: None))


async def until(pilot: Any, wanted: Callable[[], Any], *, tries: int = 1000) -> None:
    """Waits, frame by frame, until something is so; fails the test where it never is."""
    for _ in range(tries):
        if wanted():
            return
        await pilot.pause(0.01)
    raise AssertionError("it did not come to pass")
