"""Whether a ticket is what a word of a search asks for, and why, in a form that shows nobody's personal values."""

from __future__ import annotations

import re
import unicodedata
from typing import Final, Literal

import msgspec

from .asking import Asked
from .matter import Matter, sounds
from .privacy import mask
from .ranges import squeeze
from .veil import veil as veiled
from .wording import fold

Rank = Literal[0, 1, 2]
"""How well a word says which ticket is meant: 0 its own number, 1 a caller, a transaction, a sum or a day, 2 words."""
_BEFORE, _FROM = 4, 20
"""Characters that are shown before what was found, and from there on: a row has little room."""
_NUMBER: Final = re.compile(r"(?<![0-9A-Za-z])\+?(?=[A-Za-z]*\d)(?:[0-9A-Za-z]{7,}|\d(?:[ -]?\d){6,})(?![0-9A-Za-z])")
_HAN: Final = re.compile(r"[\u4e00-\u9fff]+")
ODD: Final = re.compile(
    r"[\u2e80-\u2fdf\u3036-\u303a\u3190-\u319f\u3200-\u33ff\uf900-\ufaff\U0001f200-\U0001f2ff\U0002f800-\U0002fa1f]"
)
"""Characters that become everyday Chinese ones when they are folded."""
_INSIDE: Final = re.compile(r"[0-9]{2}|[a-z]{2}")


class Why(msgspec.Struct, frozen=True):
    """Why a word found a ticket.

    ``what`` is where: number, mobile, txn_no, name, email, handle, amount, txn_time, created_at, subject, summary, tags, a kind
    of the timeline (note, reply, message…), or ``answers.`` and a field. ``value`` may be shown: the last four of a number, a
    masked name, or words with every personal value in them masked.
    """

    what: str
    value: str
    rank: Rank = 1


def judge(matter: Matter, asked: Asked) -> Why | None:
    """The best reason why the ticket is what the word asks for; None where it is not."""
    number = str(matter.record.number) if matter.record.number else ""
    if asked.number and number.startswith(asked.number):
        return Why("number", f"#{number}", 0 if number == asked.number else 1)
    if asked.only:
        return None
    return _who(matter, asked) or _what(matter, asked) or _words(matter, asked)


def _who(matter: Matter, asked: Asked) -> Why | None:
    for one in matter.phones if asked.digits else ():
        if one.endswith(asked.digits) or one.lstrip("+").startswith(asked.digits.lstrip("+")):
            return Why("mobile", one[-4:])
    if asked.handle:
        for one in matter.emails:
            if one.startswith(asked.handle):
                return Why("email", mask("email", one))
        if matter.handle.startswith(asked.handle):
            return Why("handle", mask("handle", matter.handle))
    if asked.name and asked.name in fold(matter.handle):
        return Why("handle", mask("handle", matter.handle))
    if _named(matter, asked):
        return Why("name", mask("name", matter.record.caller.name))
    return None


def _named(matter: Matter, asked: Asked) -> bool:
    if asked.name:
        return asked.name in matter.name
    return bool(asked.sound) and any(sound.startswith(asked.sound) for sound in sounds(matter.name))


def _what(matter: Matter, asked: Asked) -> Why | None:
    for one in matter.transactions if asked.code else ():
        if one.endswith(asked.code) or one.startswith(asked.code):
            return Why("txn_no", "…" + one[-4:].upper())
    if asked.amount is not None and asked.amount == matter.amount:
        return Why("amount", matter.value("amount"))
    for name, day in matter.days if asked.day else ():
        if day == asked.day:
            return Why(name, day.isoformat())
    return None


def _words(matter: Matter, asked: Asked) -> Why | None:
    if not asked.words:
        return None
    plain = _HAN.fullmatch(asked.words) is not None
    for at, (where, text) in enumerate(matter.texts):
        # Folding a text costs ten times as much as seeing that it cannot have the words.
        if plain and asked.words not in text and not ODD.search(text):
            continue
        if holds(matter.folded(at), asked.words):
            return Why(where, excerpt(text, asked.words, matter, where), 2)
    return None


def holds(folded: str, words: str) -> bool:
    """Whether folded text has the words in it; letters, and digits, count from the first of them on that stand together."""
    at = folded.find(words)
    while at > 0 and _INSIDE.match(folded, at - 1):
        at = folded.find(words, at + 1)
    return at >= 0


def excerpt(text: str, words: str, matter: Matter, where: str = "") -> str:
    """The part of a text around the words, on one line, every personal value in it masked before it is cut."""
    field = where.removeprefix("answers.")
    veiled = " ".join(veil(mask(field, text) if field != where else text, matter).split())
    at = unicodedata.normalize("NFKC", veiled).casefold().find(words)
    start = at - _BEFORE if at > _BEFORE + 1 else 0
    end = max(at, 0) + _FROM
    return ("…" if start else "") + veiled[start:end] + ("…" if end < len(veiled) else "")


def veil(text: str, matter: Matter) -> str:
    """Somebody's words with the caller's name, addresses and numbers masked, and whatever else looks like one of them."""
    caller = matter.record.caller
    personal = [("name", caller.name), ("handle", caller.handle.lstrip("@")), ("email", caller.email)]
    personal += [(field, matter.value(field)) for field in ("counterparty", "benef_name", "iban", "email", "mobile")]
    text = veiled(text)
    there = text.casefold()
    for field, value in sorted(personal, key=lambda pair: -len(pair[1])):
        if len(value) > 1 and value.casefold() in there:
            text = re.sub(re.escape(value), mask(field, value).replace("\\", ""), text, flags=re.IGNORECASE)
    return _NUMBER.sub(lambda found: "…" + squeeze(found[0].lower())[-4:], text)
