"""The blanks that a text still has: places such as ``{客服热线}`` that somebody must fill before a caller reads them."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from .answers import PLACEHOLDERS

_BRACES: Final = re.compile(r"\{([^{}\n]{1,40})\}")
# With its dots as other desks write theirs, {{contact.name}} or %{ticket.number}: an imported answer may bring them along.
_NAME: Final = re.compile(r" ?[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)* ?")
_LABELS: Final = frozenset(label for labels in PLACEHOLDERS.values() for label in labels)


class Blank(msgspec.Struct, frozen=True):
    """``text[start:end]`` is the blank with its braces; ``name`` is what stands in them."""

    start: int
    end: int
    name: str


def unfilled(text: str) -> tuple[Blank, ...]:
    """The blanks of a text from left to right: labels that ``answers.render`` leaves, and names that nothing has rendered.

    Other braces, as in pasted code or JSON, are plain text.
    """
    if "{" not in text:
        return ()
    return tuple(
        Blank(match.start(), match.end(), match[1])
        for match in _BRACES.finditer(text)
        if match[1] in _LABELS or _NAME.fullmatch(match[1])
    )
