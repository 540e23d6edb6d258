"""The digits that answer a checklist field where it stands: known, asked and unclear, does not apply, verified, empty. Pure."""

from __future__ import annotations

from typing import Final

from ..content.interface import t
from ..domain.ticket import FieldAnswer, FieldState
from .messages import FieldRefused, FieldWritten

_STATES: Final[dict[str, FieldState]] = {
    "state_known": "known", "state_unknown": "unknown", "state_na": "na", "state_verified": "verified",
    "state_empty": "empty",
}  # fmt: skip
_ONE_KEY: Final[dict[str, str]] = {"consent_rec": "yes"}
"""Fields that 1 answers where they stand while they are empty: the recording notice is said at the start of every call.

Enter does not: one that was pressed by habit behind a form would put on record what nobody said.
"""


def keyed(action: str, field: str, answer: FieldAnswer) -> FieldWritten | FieldRefused | None:
    """What the key of ``action`` asks for; None where it is no key of a state."""
    state = _STATES.get(action)
    if state is None or not field:
        return None
    if state == "known" and answer.state == "empty" and field in _ONE_KEY:
        return FieldWritten(field, _ONE_KEY[field], "filled")
    keeps = state in ("known", "verified")
    if keeps and not answer.value:
        return FieldRefused(t("checklist.needs_value"))
    return FieldWritten(field, answer.value if keeps else "", state)
