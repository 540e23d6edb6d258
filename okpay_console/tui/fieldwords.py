"""What a checklist says in words: a field's value behind its mask, its state and source, how far the list is, its choices."""

from __future__ import annotations

from typing import Final

from rich.cells import cell_len

from ..content.interface import has, t
from ..domain import privacy
from ..domain.checklist import Progress
from ..domain.ticket import Channel, FieldAnswer
from . import house
from .render import clean, line

SIGNS: Final[dict[str, str]] = {"empty": " ", "known": "v", "filled": "v", "verified": "V", "unknown": "?", "na": "-"}


def value_words(field: str, answer: FieldAnswer, *, seen: int = 0) -> str:
    """The value as it may stand on the screen: masked, unless it is to be ``seen`` for some seconds yet."""
    shown = house.value_words(field, answer.value)
    return line(shown if seen else privacy.mask(field, shown), emoji=t("queue.emoji"))


def is_masked(field: str, value: str, *, seen: int = 0) -> bool:
    """Whether a mask stands before the value."""
    return not seen and privacy.mask(field, value) != value


def state_words(field: str, answer: FieldAnswer, *, required: bool, seen: int = 0) -> str:
    """How the detail is known and from where; for an empty one whether it must be asked for."""
    if seen:
        return t("field.shown", seconds=seen)
    if answer.state == "empty":
        return t("field.required" if required else "field.optional")
    if answer.state == "known" and answer.source:
        return t("field.known_from", source=source_words(answer.source))
    return t(f"field.{answer.state}")


def ask_words(field: str, channel: Channel, *, choices: int) -> str:
    """What to say to be told a detail; its fixed answers, where it has some, in so many cells (0: not now)."""
    if choices and house.choice_words(field):
        return choices_words(field, width=choices)
    sentence, label = house.field_ask(field, channel), house.field_label(field)
    return t("checklist.say", field=label, sentence=sentence) if sentence else t("checklist.next", field=label)


def choices_words(field: str, *, width: int) -> str:
    """The fixed answers of a field with their digits, in lines of ``width`` cells that break between two answers."""
    lines = [t("checklist.pick", field=house.field_label(field))]
    for digit, (_, words) in enumerate(house.choice_words(field), 1):
        option = f"  {digit} {line(words)}"
        if cell_len(lines[-1] + option) > width:
            lines.append(option.strip())
        else:
            lines[-1] += option
    return "\n".join(lines)


def source_words(source: str) -> str:
    """From where a detail is known: a ticket's number as it is, a code such as ``caller`` in words."""
    return t(f"source.{source}") if has(f"source.{source}") else line(source)


def bar(done: Progress, *, cells: int = 10) -> str:
    """A progress bar in letters that every terminal draws alike: ``=====---``."""
    if not done.applicable:
        return ""
    full = round(cells * done.filled / done.applicable)
    return "=" * full + "-" * (cells - full)


def progress_words(done: Progress, sentence: str) -> str:
    """How far the checklist is, in a line."""
    if not done.applicable:
        return t("checklist.none")
    if not done.missing:
        return t("checklist.complete", filled=done.filled, applicable=done.applicable, bar=bar(done))
    return t("checklist.so_far", filled=done.filled, applicable=done.applicable, bar=bar(done)) + clean(sentence)
