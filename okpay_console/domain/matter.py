"""What of a ticket can be found: who, which transaction, how much, when, and everything that was said or written down."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cached_property, lru_cache
from itertools import islice, product
from typing import Any, Final

import msgspec

from .choices import CHOICES
from .moments import SHANGHAI
from .pinyin import pinyin
from .ranges import squeeze
from .ticket import Caller, Instant, Status
from .wording import fold

_TEXT: Final = 20_000
"""Characters of one text that are looked at: a pasted page is, a pasted book is not."""
_READINGS: Final = 16
"""Ways to read one name that are known: two characters with four readings each."""
_APART: Final = frozenset({"mobile", "email", "txn_no", "remit_ref", "amount", "txn_time"})
"""Details that are looked for in a way of their own, not as words."""


class _Value(msgspec.Struct, frozen=True, gc=False):
    value: str = ""


class _Line(msgspec.Struct, frozen=True, gc=False):
    kind: str
    text: str = ""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a ticket that is searched; decodes straight from a ticket's document, the rest is passed over."""

    id: str
    number: int = 0
    subject: str
    status: Status = "new"
    caller: Caller = Caller()
    answers: dict[str, _Value] = {}
    timeline: tuple[_Line, ...] = ()
    tags: tuple[str, ...] = ()
    summary: str = ""
    external_id: str = ""
    created_at: Instant


class Matter:
    """One ticket as a search reads it; everything is worked out when first asked for and kept."""

    def __init__(self, doc: Mapping[str, Any]) -> None:
        """``msgspec.ValidationError`` where a newer server wrote what cannot be read here."""
        self.record = msgspec.convert(doc, Record)
        self._folded: dict[int, str] = {}

    @cached_property
    def phones(self) -> tuple[str, ...]:
        """The caller's telephone numbers, as ``phone`` gives them."""
        return _known(phone(text) for text in (self.record.caller.mobile, self.value("mobile")))

    @cached_property
    def addresses(self) -> tuple[str, ...]:
        """The caller's e-mail addresses and handle, case-folded, the handle without its @."""
        return (*self.emails, *_known((self.handle,)))

    @cached_property
    def emails(self) -> tuple[str, ...]:
        return _known(plain(text) for text in (self.record.caller.email, self.value("email")))

    @cached_property
    def handle(self) -> str:
        return plain(self.record.caller.handle).lstrip("@")

    @cached_property
    def transactions(self) -> tuple[str, ...]:
        """Numbers of transactions and references, letters folded, without spaces and dashes."""
        record = self.record
        return _known(code(text) for text in (self.value("txn_no"), self.value("remit_ref"), record.external_id))

    @cached_property
    def name(self) -> str:
        return fold(self.record.caller.name)

    @cached_property
    def amount(self) -> Decimal | None:
        try:
            found = Decimal(self.value("amount"))
        except InvalidOperation:
            return None
        return found if found.is_finite() else None

    @cached_property
    def days(self) -> tuple[tuple[str, date], ...]:
        """(what, day) of the transaction and of the first contact, by the clock of Asia/Shanghai."""
        created = ("created_at", self.record.created_at.astimezone(SHANGHAI).date())
        try:
            return (("txn_time", date.fromisoformat(self.value("txn_time")[:10])), created)
        except ValueError:
            return (created,)

    @cached_property
    def texts(self) -> tuple[tuple[str, str], ...]:
        """(where, words) of everything said: subject, what happened newest first, summary, tags, and the other details."""
        record = self.record
        said = (
            ("subject", record.subject),
            *((line.kind, line.text) for line in reversed(record.timeline) if line.text),
        )
        found = [*said, ("summary", record.summary), ("tags", " ".join(record.tags))]
        for field, answer in record.answers.items():
            if answer.value and field not in _APART:
                found.extend((f"answers.{field}", words) for words in _shown(field, answer.value))
        return tuple((where, text[:_TEXT]) for where, text in found if text)

    def folded(self, at: int) -> str:
        """The words of one of ``texts``, folded as a query is."""
        found = self._folded.get(at)
        if found is None:
            found = self._folded[at] = fold(self.texts[at][1], limit=_TEXT)
        return found

    @property
    def everything(self) -> str:
        """All words of ``texts``, folded in one go; two texts do not touch."""
        return fold("\n".join(text for _, text in self.texts), limit=_TEXT * (len(self.texts) + 1))

    def value(self, field: str) -> str:
        """A detail's value, "" where there is none."""
        answer = self.record.answers.get(field)
        return answer.value if answer else ""


def identities(caller: Caller, txn_no: str = "") -> tuple[str, ...]:
    """What tells that two tickets are of one caller or one transaction: equal strings mean the same."""
    handle = plain(caller.handle).lstrip("@")
    marked = (("m", phone(caller.mobile)), ("e", plain(caller.email)), ("h", handle), ("t", code(txn_no)))
    return tuple(mark + text for mark, text in marked if text)


def identities_of(matter: Matter) -> frozenset[str]:
    """The identities of a ticket: of who called, and of the number, address and transaction that were written down."""
    found = set(identities(matter.record.caller, matter.value("txn_no")))
    found.update("m" + one for one in matter.phones)
    found.update("e" + one for one in matter.emails)
    return frozenset(found)


def plain(text: str) -> str:
    """Text of one width and case, without spaces around it."""
    return text.lower() if text.isascii() and text.isalnum() else unicodedata.normalize("NFKC", text).casefold().strip()


def code(text: str) -> str:
    """A number with letters as it is compared: folded, without spaces and dashes."""
    return squeeze(plain(text))


def phone(text: str) -> str:
    """A telephone number as it is compared: digits, those of a number abroad behind a +; "" where there is no digit."""
    folded = plain(text)
    digits = "".join(filter(str.isdigit, folded))
    if len(digits) == 13 and digits.startswith("861"):
        return digits[2:]
    return "+" + digits if digits and folded.startswith("+") else digits


@lru_cache(4096)
def sounds(name: str) -> tuple[str, ...]:
    """How a folded name may be typed with letters: each Latin word, the whole pinyin, the initials; every way to read it."""
    found = [word for word in fold(name).split() if word.isascii()]
    read = [readings for character in name if (readings := _readings(character))]
    for ways in islice(product(*read), _READINGS) if read else ():
        found += ["".join(ways), "".join(way[0] for way in ways)]
    return tuple(dict.fromkeys(found))


@lru_cache(4096)
def _readings(character: str) -> tuple[str, ...]:
    """A character's readings; none for a letter. One by one, for turning the whole table round would be felt."""
    if character.isascii():
        return ()
    return tuple(syllable for syllable, characters in pinyin().any.items() if character in characters)


def _shown(field: str, value: str) -> Iterator[str]:
    """The words of a detail: those of a choice in both languages, else the value."""
    for choice in CHOICES.get(field, ()):
        if choice.code == value:
            yield choice.zh
            yield choice.en
            return
    yield value


def _known(texts: Iterator[str] | tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))
