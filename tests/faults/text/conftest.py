"""A desk in memory where everybody writes what the corpus says."""

from __future__ import annotations

from ...tui.conftest import make, wait

__all__ = ["make", "wait"]
