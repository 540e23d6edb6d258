"""Errors as sentences: what happened and what to do, in the language in use."""

from __future__ import annotations

from ..content.interface import lang
from ..errors import NeedsReview, OkpayError
from .render import line


def explain(error: OkpayError) -> str:
    """Two sentences for the agent; a field that two people changed bears its name in the language in use."""
    from ..content import errors
    from .house import field_words

    field = field_words(error.field) if isinstance(error, NeedsReview) else ""
    what, advice = errors.explain(error, lang=lang(), where="desk", field=line(field))
    return f"{what} {advice}".strip()
