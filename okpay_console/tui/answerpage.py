"""An opened answer as lines: first what is said on this channel, then the steps, then the other wording."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from rich.cells import cell_len

from ..content.interface import t
from ..domain.answers import Answer, Rendered, render
from ..domain.blanks import unfilled
from .linelist import Line
from .render import clean, wrap

_HANG: Final = "       "


class Standing(NamedTuple):
    """How an answer stands in the case beside it.

    ``spoken``: the case is a call, so the words to say come first. ``done`` are the steps walked through, ``helped`` what was
    said of it in this case (None: nothing yet), ``counts`` for how many cases it helped and did not.
    """

    spoken: bool = True
    done: Collection[str] = ()
    helped: bool | None = None
    counts: tuple[int, int] = (0, 0)


class Page(NamedTuple):
    """The lines, and of every step the first of its lines and how many it has."""

    lines: list[Line]
    steps: list[tuple[int, int]]


def page(answer: Answer, standing: Standing, *, width: int, values: Mapping[str, str], hint: str) -> Page:
    """Lays an answer out in lines of ``width`` cells. ``values`` fill its blanks; ``hint`` says how to rate it."""
    lines: list[Line] = [((" " + text, "head"),) for text in wrap(clean(answer.title), width - 1)]
    lines += [((" " + text, "dim"),) for text in wrap(rated(standing, hint), width - 1)]
    missing = False

    def paragraph(text: str, role: str = "", *, first: str = " ", hang: str = " ") -> None:
        nonlocal missing
        shown = render(text, values, lang=answer.lang, declared=answer.placeholders)
        missing = missing or bool(shown.missing)
        lines.extend(_marked(clean(shown.text), width, role, first=first, hang=hang))

    wordings = [("answers.spoken", answer.spoken), ("answers.written", answer.written)]
    before, behind = wordings if standing.spoken else wordings[::-1]
    if before[1]:
        lines.append(((" " + t(before[0]), "head"),))
        paragraph(before[1])
    if answer.body or answer.steps:
        lines.append((("", ""),))
    if answer.body:
        paragraph(answer.body, "dim" if answer.steps else "")
    steps: list[tuple[int, int]] = []
    for number, step in enumerate(answer.steps, 1):
        top = len(lines)
        ticked = step.id in standing.done
        first = f" {number} [{'v' if ticked else ' '}] ".ljust(len(_HANG))
        paragraph(step.text, "done" if ticked else "", first=first, hang=_HANG)
        steps.append((top, len(lines) - top))
    if behind[1]:
        lines += [(("", ""),), ((" " + t(behind[0]), "head"),)]
        paragraph(behind[1])
    if missing:
        lines += [(("", ""),), *(((" " + text, "note"),) for text in wrap(t("answers.missing"), width - 1))]
    return Page(lines, steps)


def sendable(answer: Answer, values: Mapping[str, str]) -> Rendered:
    """What of an answer goes into a reply: its written words, else those to say, else the text of one without steps."""
    text = answer.written or answer.spoken or ("" if answer.steps else answer.body)
    return render(text, values, lang=answer.lang, declared=answer.placeholders)


def counts_words(counts: tuple[int, int]) -> str:
    """For how many cases an answer helped and did not; "" while nobody has said."""
    return t("answers.counts", yes=counts[0], no=counts[1]) if any(counts) else ""


def rated(standing: Standing, hint: str) -> str:
    """The counts, and what this case says of the answer or how to say it."""
    here = {None: hint, True: t("answers.helped_here"), False: t("answers.failed_here")}[standing.helped]
    return "  ".join(filter(None, (counts_words(standing.counts), here)))


def _marked(text: str, width: int, role: str, *, first: str, hang: str) -> Iterator[Line]:
    """A paragraph's lines with the blanks in it as pieces of their own."""
    spans = [(blank.start, blank.end) for blank in unfilled(text)]
    place = 0
    for number, row in enumerate(wrap(text, width - cell_len(hang))):
        pieces: list[tuple[str, str]] = [(hang if number else first, "")]
        for character in row:
            # Breaking a text into lines drops spaces and nothing else, so the two can be walked side by side.
            place = text.index(character, place)
            own = "missing" if _inside(place, spans) else role
            if pieces[-1][1] == own:
                pieces[-1] = (pieces[-1][0] + character, own)
            else:
                pieces.append((character, own))
            place += 1
        yield tuple(pieces)


def _inside(place: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= place < end for start, end in spans)
