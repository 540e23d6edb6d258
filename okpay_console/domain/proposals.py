"""Which canned answers a case calls for before anything is typed: by its category, its checklist and the caller's first words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from .choices import CHOICES
from .search import Hit, Index
from .ticket import Ticket

_LIMIT: Final = 8
_CATEGORY: Final = 1.0
"""What the same category is worth; words are worth their weight times the share of them that an answer has."""
_FAILED: Final = -1.5
"""An answer that did not help this caller stands behind the others; it stays in the list, for it may have been misread."""
_LEAST: Final = 0.25
"""A share of the words below this is chance: a particle, or one character that half of all answers have."""
_FIELDS: Final[tuple[tuple[str, float], ...]] = (
    ("error_code", 1.2),
    ("login_symptom", 1.2),
    ("txn_status", 1.2),
    ("refund_reason", 1.0),
    ("symptom", 1.0),
    ("error_text", 1.0),
    ("question", 1.0),
    ("wanted", 0.5),
    ("feedback_type", 0.5),
    ("occurred_steps", 0.5),
    ("feedback_text", 0.4),
)
"""What the checklist knows, by how narrowly it names the trouble; personal details are no search words."""
_SUBJECT, _WORDS, _TITLE = 0.8, 0.5, 0.3
_SAID: Final = 120
"""Characters of the caller's first words that are looked at."""
_VAGUE: Final = frozenset({"other", "unknown", "D99"})


def propose(
    index: Index, ticket: Ticket, *, lang: str, labels: Callable[[str], str] = lambda _: "", limit: int = _LIMIT
) -> list[Hit]:
    """The answers for this case, best first: those of its category, and others whose words it has.

    ``labels`` gives a category's name in ``lang`` (zh or en), "" where there is none. The same case gives the same list; equal
    ones keep the index's order. Nothing for a case of which nothing is known.
    """
    total: dict[str, float] = {}
    if ticket.category:
        total = dict.fromkeys(index.of_category(ticket.category), _CATEGORY)
    for text, weight in _evidence(ticket, lang, labels):
        for answer, share in index.shares(text).items():
            if share >= _LEAST:
                total[answer] = total.get(answer, 0.0) + weight * share
    for answer, helped in ticket.helped.items():
        if not helped and answer in total:
            total[answer] += _FAILED
    ranked = sorted(total.items(), key=lambda pair: (-round(pair[1], 6), index.place(pair[0])))
    return [Hit(answer, index.title(answer), round(score, 4)) for answer, score in ranked[:limit]]


def _evidence(ticket: Ticket, lang: str, labels: Callable[[str], str]) -> Iterator[tuple[str, float]]:
    for field, weight in _FIELDS:
        value = ticket.answers[field].value if field in ticket.answers else ""
        if value and value not in _VAGUE:
            yield _said(field, value, lang), weight
    yield ticket.subject, _SUBJECT
    spoken = next((entry.text for entry in ticket.timeline if entry.kind in ("created", "message") and entry.text), "")
    if spoken != ticket.subject:
        yield spoken[:_SAID], _WORDS
    if ticket.category:
        yield labels(ticket.category), _TITLE


def _said(field: str, value: str, lang: str) -> str:
    """The words of a checklist's choice; any other value as it is."""
    for choice in CHOICES.get(field, ()):
        if choice.code == value:
            return choice.en if lang == "en" else choice.zh
    return value
