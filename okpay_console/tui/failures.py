"""Errors as sentences: what happened and what to do, in the language in use."""

from __future__ import annotations

from ..content.interface import has, lang, t
from ..errors import Held, NeedsReview, OkpayError
from .render import line


def explain(error: OkpayError) -> str:
    """Two sentences for the agent. A code without words of its own falls back to the error's English ones."""
    code = error.code.replace("-", "_")
    by = line(error.by) if isinstance(error, Held) else ""
    field = line(error.field) if isinstance(error, NeedsReview) else ""
    if by and has(f"error.{code}_by"):
        return t(f"error.{code}_by", by=by)
    if lang() == "en" and not isinstance(error, NeedsReview):
        return f"{error.what} {error.advice}".strip()
    if has(f"error.{code}"):
        return t(f"error.{code}", field=field)
    return f"{error.what} {error.advice}".strip()
