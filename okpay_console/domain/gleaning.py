"""Takes the details out of one free line, in any order, as the caller says them, and proposes where each belongs."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from . import checklist, choices, fields, secret
from .checklist import Checklist
from .pieces import Piece, pieces
from .ticket import Channel, FieldAnswer

_FIRST: Final = frozenset({*choices.CHOICES, "dest_country", "currency"})
"""Fields that decide what else applies, or how it is checked, so they find their place first."""


class Proposal(msgspec.Struct, frozen=True):
    """One piece of the line, ``line[start:end]`` with its label, and the field that it fits.

    ``value`` is what a ticket would keep ("" where not ``ok``), ``text`` what was checked (no label, sums in digits),
    ``note_code`` and ``warn`` as in ``fields.Checked``. ``others``: fields that it may belong to just as well, so ask.
    ``had``: the value that it would replace. A secret has no field, no value and no text, only its note.
    """

    field: str
    value: str
    text: str
    ok: bool
    note_code: str = ""
    start: int = 0
    end: int = 0
    warn: bool = False
    others: tuple[str, ...] = ()
    had: str = ""


_LINE: Final = 2000
"""Characters that are looked at for details: more is no line that somebody has typed, and each form reads it again."""


def propose(
    text: str,
    *,
    listed: Checklist | None,
    answers: Mapping[str, FieldAnswer],
    now: datetime,
    channel: Channel = "hotline",
) -> tuple[Proposal, ...]:
    """What the line tells in its first ``_LINE`` characters, in its order: each piece once, each field once, no two overlapping.

    A field that is asked for and empty goes before one asked in vain, then one that has a value, then one that nobody asks for.
    What says little by its form (four digits, a name, a country) is proposed only where the checklist asks for it. Nothing is
    guessed: what fits nowhere stays in ``leftover``. ``now`` must bear a time zone.
    """
    secrets = [
        Proposal("", "", "", ok=False, note_code=f"secret-{one.kind}", start=one.start, end=one.end)
        for one in _secrets(text)
    ]
    plain = _narrow(text[:_LINE])
    for one in secrets:
        plain = (plain[: one.start] + "\x00" * (one.end - one.start) + plain[one.end :])[:_LINE]
    waiting = sorted(pieces(plain), key=lambda piece: (not _FIRST.intersection(piece.fields), piece.start))
    known = dict(answers)
    placed: dict[str, Proposal] = {}
    for piece in waiting:
        wanted = frozenset(checklist.fields(listed, known, channel)) if listed else frozenset[str]()
        proposal = _place(
            _as_typed(piece, plain, text), wanted=wanted, known=known, answers=answers, taken=placed, now=now
        )
        if proposal is not None:
            placed[proposal.field] = proposal
            if proposal.ok:
                known[proposal.field] = FieldAnswer(proposal.value, "filled")
    return tuple(sorted((*secrets, *placed.values()), key=lambda one: one.start))


def leftover(text: str, proposals: Sequence[Proposal]) -> str:
    """The words of the line that are in no proposal, in order, for a note; marks that only held pieces together are dropped.

    "" where nothing but such marks is left. Secrets are in no note.
    """
    kept, place = [], 0
    for one in sorted(proposals, key=lambda one: one.start):
        kept.append(text[place : one.start])
        place = one.end
    kept.append(text[place:])
    words = [part.strip(" \t\u3000,，、;；/|:：.。") for part in kept]
    return " … ".join(word for word in words if word)


def _secrets(text: str) -> tuple[secret.Found, ...]:
    merged: list[secret.Found] = []
    for one in secret.find(text):
        if merged and one.start < merged[-1].end:
            merged[-1] = secret.Found(merged[-1].kind, merged[-1].start, max(one.end, merged[-1].end))
        else:
            merged.append(one)
    return tuple(merged)


def _narrow(text: str) -> str:
    """Full-width letters, digits and marks as ASCII, each at its place."""
    if text.isascii():
        return text
    return "".join(
        one if len(one := unicodedata.normalize("NFKC", character)) == 1 else character for character in text
    )


def _as_typed(piece: Piece, plain: str, text: str) -> Piece:
    """The piece in the characters of the line itself: a full-width comma in somebody's words stays one."""
    at = plain.find(piece.text, piece.start, piece.end)
    return piece if at < 0 else msgspec.structs.replace(piece, text=text[at : at + len(piece.text)])


def _place(
    piece: Piece,
    *,
    wanted: frozenset[str],
    known: Mapping[str, FieldAnswer],
    answers: Mapping[str, FieldAnswer],
    taken: Mapping[str, Proposal],
    now: datetime,
) -> Proposal | None:
    best: tuple[tuple[int, int], str, fields.Checked] | None = None
    fitting: list[str] = []
    for at, field in enumerate(piece.fields):
        state = answers.get(field, FieldAnswer()).state
        if field in taken or (piece.weak and (field not in wanted or state in ("filled", "verified", "known"))):
            continue
        checked = fields.check(field, piece.text, now=now, answers=known)
        if not checked.ok and checked.note_code.startswith("secret-"):
            continue
        if checked.ok:
            fitting.append(field)
        elif piece.weak:
            continue
        rank = 3 if field not in wanted else {"empty": 0, "unknown": 1, "na": 1}.get(state, 2)
        order = (rank if checked.ok else rank + 4, at)
        if best is None or order < best[0]:
            best = order, field, checked
    if best is None:
        return None
    _, field, checked = best
    return Proposal(
        field,
        checked.value,
        piece.text,
        ok=checked.ok,
        note_code=checked.note_code,
        start=piece.start,
        end=piece.end,
        warn=checked.warn,
        others=tuple(other for other in fitting if other != field),
        had=answers.get(field, FieldAnswer()).value,
    )
