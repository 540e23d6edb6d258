"""The script of the demo, and the one seeded source of chance that makes contacts out of it."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Callable
from datetime import datetime
from importlib import resources
from typing import Any

import msgspec

from okpay_console.domain.author import Author
from okpay_console.domain.ids import uuid7
from okpay_console.domain.ticket import CHANNELS, Caller, Channel, Priority
from okpay_console.errors import ContentError

# The known test number of Chinese manuals and its neighbours: nobody is called by accident.
_MOBILE = "+861380013{:04d}"
_CHANNEL_WEIGHTS = (5, 3, 2, 1)


class Case(msgspec.Struct, frozen=True):
    """What one caller wants: ``subject`` and ``text`` with blanks for the amount, the merchant and so on.

    ``answers``: what callers say to the questions of the checklist, by field; one of them each.
    """

    category: str
    subject: str
    text: str
    answers: dict[str, list[str]] = {}


class Vain(msgspec.Struct, frozen=True):
    """What an agent looked for during a case of a category, and found no answer to."""

    category: str
    words: str


class Script(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that the people of the demo say in one language."""

    callers: list[str]
    agents: list[str]
    merchants: list[str]
    devices: list[str]
    countries: list[str]
    whens: list[str]
    follow_ups: list[str]
    notes: list[str]
    replies: list[str]
    promises: list[str]
    summaries: list[str]
    overrides: list[str]
    searches: list[Vain]
    cases: list[Case]


def load_script(lang: str) -> Script:
    """The shipped sentences in ``zh`` or ``en``; ``ContentError`` where the file is wrong."""
    file = resources.files("okpay_console.content") / f"demo_{lang}.toml"
    try:
        return msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), Script)
    except (OSError, ValueError) as error:
        raise ContentError(f"The demo's sentences in '{lang}' cannot be used: {error}.", "Install again.") from error


class Scene:
    """Makes contacts out of the script: one seeded source of chance, so that a seed tells the same story again."""

    def __init__(self, script: Script, *, seed: int) -> None:
        self.script = script
        self.chance = random.Random(seed)  # noqa: S311 (a story, not a secret)

    def new_id(self, at: datetime) -> str:
        """A ticket or operation id minted at ``at``."""
        return uuid7(int(at.timestamp() * 1000), self.chance.randbytes(10))

    def author(self, name: str, clock: Callable[[], datetime]) -> Author:
        """Somebody who acts by this scene's chance and a clock of its own."""
        return Author(name, lambda: self.new_id(clock()), clock)

    def answers(self, category: str, subject: str) -> dict[str, str]:
        """What this caller says to the questions of the checklist."""
        found = (one.answers for one in self.script.cases if (one.category, one.subject) == (category, subject))
        return {field: self.chance.choice(said) for field, said in next(found, {}).items()}

    def contact(self) -> dict[str, Any]:
        """The arguments of ``Author.new`` for one first contact."""
        chance, script = self.chance, self.script
        case = chance.choice(script.cases)
        blanks = {
            "amount": f"{chance.choice((18, 36.5, 68, 129.9, 256, 399, 888, 1250, 3600))}",
            "merchant": chance.choice(script.merchants),
            "when": chance.choice(script.whens),
            "device": chance.choice(script.devices),
            "version": f"{chance.randint(3, 5)}.{chance.randint(0, 9)}.{chance.randint(0, 9)}",
            "country": chance.choice(script.countries),
        }
        channel: Channel = chance.choices(CHANNELS, _CHANNEL_WEIGHTS)[0]
        name = chance.choice(script.callers)
        who = chance.randrange(10000)
        caller = Caller(
            name=name,
            mobile=_MOBILE.format(who) if channel in ("hotline", "chat") else "",
            email=f"user{who:04d}@example.com" if channel == "email" else "",
            handle=f"user{who:04d}" if channel == "social" else "",
        )
        priority: Priority = (
            "urgent" if case.category == "FRAUD" else chance.choices(("normal", "high", "low"), (8, 2, 1))[0]
        )
        return {
            "subject": case.subject.format_map(blanks),
            "text": case.text.format_map(blanks),
            "channel": channel,
            "category": case.category,
            "priority": priority,
            "caller": caller,
        }
