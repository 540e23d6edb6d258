"""A checklist field in a line of cells: its sign, label, value, and how it is known. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len

from ..domain.ticket import FieldAnswer
from . import house
from .fieldwords import SIGNS, state_words, value_words
from .render import fit

INDENT = 4
"""Cells beside the label: the cursor's mark, the sign and a space before it, and a space behind."""
_LABEL = (12, 24)
"""Cells of the labels at least and at most; between them as many as the longest one needs, and two fifths of the pane."""
_WORD = (12, 16)
"""Cells of the state's words in a narrow pane and in one that has the room."""


def label_width(fields: Iterable[str], *, width: int) -> int:
    """Cells for the labels of a list in a pane of ``width`` cells."""
    needed = max((cell_len(house.field_label(field)) for field in fields), default=0)
    return max(min(needed, _LABEL[1], width * 2 // 5), _LABEL[0])


def field_row(
    field: str,
    answer: FieldAnswer,
    *,
    width: int,
    label: int,
    here: bool = False,
    editing: bool = False,
    required: bool = False,
    seen: int = 0,
) -> tuple[str, str, str]:
    """The line in three pieces: sign and label, value, state; of a field that is being written only the first says something.

    ``label`` is ``label_width``; ``here``: under the cursor; ``seen``: seconds that the value is shown without its mask.
    """
    words = _WORD[width >= 56]
    value = "" if editing else value_words(field, answer, seen=seen)
    state = "" if editing else state_words(field, answer, required=required, seen=seen)
    head = fit(f"{'>' if here else ' '}{SIGNS[answer.state]} ", 3) + fit(house.field_label(field), label) + " "
    return head, fit(value, max(width - label - INDENT - words, 6)), fit(state, words)


def role(answer: FieldAnswer, *, following: bool) -> str:
    """What the line stands out as: the one to ask ``next``, one that nobody knows, one that is empty; "" for nothing."""
    return "next" if following else {"unknown": "unknown", "empty": "dim"}.get(answer.state, "")
