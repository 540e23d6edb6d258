"""Which codes say that a contact ended the matter: what first contact resolution counts."""

from __future__ import annotations

from .rules import load_dispositions


def solving() -> frozenset[str]:
    """The dispositions that close with a complete checklist; a dropped call or a failed identity check ends nothing."""
    return frozenset(
        item.code
        for item in load_dispositions()
        if item.terms.after == "closed" and not item.terms.ungated and not item.terms.needs
    )
