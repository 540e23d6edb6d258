"""What a category needs to know from the caller, in the order to ask, and how much of it is there."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from . import codes
from .ticket import Channel, FieldAnswer

CHANNEL = "channel"
"""The one condition that looks at the ticket instead of at a detail: ``if channel = hotline``."""

IBAN = "IBAN"
"""Stands in ``Condition.values`` for every country whose accounts have an IBAN; no country has a code of four letters."""


class Condition(msgspec.Struct, frozen=True):
    """Holds when another detail, or the channel, has one of these values ("if sent already"); ``not_in`` turns it round."""

    field: str
    values: tuple[str, ...]
    not_in: bool = False

    def holds(self, answers: Mapping[str, FieldAnswer], channel: Channel = "hotline") -> bool:
        value = channel if self.field == CHANNEL else answers.get(self.field, FieldAnswer()).value
        among = value in self.values or (IBAN in self.values and bool(codes.iban_prefix(value)))
        return among != self.not_in


class Need(msgspec.Struct, frozen=True):
    """One thing to find out: any one of the alternatives, each of them a set of fields that go together.

    ``(("txn_no",), ("txn_time", "amount", "counterparty"))`` reads: the transaction number, or else the other three.
    The need applies while every condition in ``when`` holds.
    """

    alternatives: tuple[tuple[str, ...], ...]
    required: bool = True
    when: tuple[Condition, ...] = ()

    def applies(self, answers: Mapping[str, FieldAnswer], channel: Channel = "hotline") -> bool:
        return all(condition.holds(answers, channel) for condition in self.when)


class Checklist(msgspec.Struct, frozen=True):
    """The needs of one category, in the order to ask; ``carries`` are those fields that stay true from one matter to the next."""

    category: str
    needs: tuple[Need, ...]
    carries: frozenset[str] = frozenset()


class Progress(msgspec.Struct, frozen=True):
    """How far a checklist is.

    ``filled`` of ``applicable`` required fields; ``missing``: required fields still to find out; ``ask``: fields never asked
    for yet, required ones first, in order. "Asked, unknown" counts as asked and leaves the case incomplete.
    """

    filled: int
    applicable: int
    missing: tuple[str, ...]
    ask: tuple[str, ...]


def fields(listed: Checklist, answers: Mapping[str, FieldAnswer], channel: Channel = "hotline") -> tuple[str, ...]:
    """Every field that applies now, in the order to ask, each once."""
    applying = (need for need in listed.needs if need.applies(answers, channel))
    return tuple(dict.fromkeys(field for need in applying for way in need.alternatives for field in way))


def progress(listed: Checklist, answers: Mapping[str, FieldAnswer], channel: Channel = "hotline") -> Progress:
    """Counts what is known against what applies; a need with alternatives counts by its best way.

    The best way is the one nearest done among those that the caller can still answer: "I do not know the number" turns the
    question to the time, the amount and the payee.
    """
    required: dict[str, None] = {}
    optional: dict[str, None] = {}
    for need in listed.needs:
        if not need.applies(answers, channel):
            continue
        ways = [way for way in need.alternatives if not all(_state(answers, field) == "na" for field in way)]
        if not ways:
            continue
        best = min(ways, key=lambda way: (_unknown(answers, way) > 0, sum(not _settled(answers, f) for f in way)))
        for field in best:
            if _state(answers, field) != "na":
                (required if need.required else optional)[field] = None
    missing = tuple(field for field in required if not _known(answers, field))
    ask = tuple(
        field for field in (*required, *(f for f in optional if f not in required)) if _state(answers, field) == "empty"
    )
    return Progress(len(required) - len(missing), len(required), missing, ask)


def _state(answers: Mapping[str, FieldAnswer], field: str) -> str:
    return answers.get(field, FieldAnswer()).state


def _known(answers: Mapping[str, FieldAnswer], field: str) -> bool:
    return _state(answers, field) in ("known", "filled", "verified")


def _settled(answers: Mapping[str, FieldAnswer], field: str) -> bool:
    return _state(answers, field) in ("known", "filled", "verified", "na")


def _unknown(answers: Mapping[str, FieldAnswer], way: tuple[str, ...]) -> int:
    return sum(_state(answers, field) == "unknown" for field in way)
