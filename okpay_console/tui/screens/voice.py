"""The voice of the customer over the wall: feedback, searches without an answer, answers that do not help, what grows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Label, Static

from ...content.interface import t
from ...domain import voice
from ...domain.ticket import to_doc
from ...domain.voice import Voice
from ...errors import RemoteError
from .. import house
from ..desk_model import Desk
from ..render import clean, line
from ..rows import number_word
from ..when import local

DAYS: Final = 7
_SLICE: Final = 40
"""Tickets read at once, as on the wall."""
_MOST: Final = 12
"""Entries of a kind that are shown; the report has them all."""
Part = tuple[str, str]


class VoiceScreen(ModalScreen[None]):
    """What is known here of the last seven days. Scrolls with the arrows; Escape or the key that opened it closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape,f9,q,enter", "dismiss")]

    def __init__(self, desk: Desk, *, now: Callable[[], datetime]) -> None:
        super().__init__()
        self.desk = desk
        self.now = now
        self.heard: Voice | None = None

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Label(t("voice.title", days=DAYS), classes="heading", markup=False)
            with VerticalScroll(id="voice-scroll"):
                yield Static(t("voice.reading"), id="voice-text", markup=False)
            yield Label(t("voice.hint"), classes="hint", markup=False)

    def on_mount(self) -> None:
        scroll = self.query_one(VerticalScroll)
        scroll.styles.height = "auto"
        scroll.styles.max_height = "100%"
        scroll.focus()
        self.run_worker(self._listen(), exclusive=True)

    async def _listen(self) -> None:
        """The tickets in slices, the rest in a thread: a key press waits for neither."""
        rows = dict(self.desk.rows())
        said = []
        for place, row in enumerate(one for one in rows.values() if one.category == voice.FEEDBACK):
            if place % _SLICE == 0:
                await asyncio.sleep(0)
            ticket = self.desk.view(row.id).ticket
            one = voice.said_of(to_doc(ticket), row) if ticket is not None else None
            if one is not None:
                said.append(one)
        now, whole = self.now(), True
        try:
            lines = await self.desk.daybook_since(now - timedelta(days=DAYS))
        except RemoteError:
            lines, whole = self.desk.daybook(), False
        ratings = dict(self.desk.ratings())

        def work() -> Voice:
            titles = {answer.id: answer.title for answer in reversed(self.desk.answers())}
            return voice.listen(rows, said, lines, ratings, titles, now=now, days=DAYS, whole=whole)

        self.heard = await asyncio.to_thread(work)
        self.query_one("#voice-text", Static).update(Content.assemble(*body(self.heard)))


def body(one: Voice) -> Iterator[Part]:
    """Every line with its style; the words of people in it are no markup."""
    yield from _notes(one)
    mean = "-" if one.mean is None else f"{one.mean:.1f}"
    net = "-" if one.net is None else f"{one.net * 100:+.0f}"
    yield _text(t("voice.scores", count=len(one.said), given=sum(one.scores), mean=mean, net=net), "bold")
    for field, counts in (("feedback_type", one.types), ("feedback_area", one.areas)):
        if counts:
            shown = "  ".join(f"{_choice(field, code)} {count}" for code, count in counts.items())
            yield _text(f"  {shown}")
    yield _head("missed", len(one.missed))
    for missed in one.missed[:_MOST]:
        words = line(" / ".join(missed.words[:3]))
        last = local(missed.last).strftime("%m-%d %H:%M")
        category = house.category_title(missed.category) if missed.category else ""
        yield _text(f"  {missed.count:>3}  {words}   {category} {last}".rstrip())
        yield _text(f"       okpay-console answers draft {voice.draft_id(missed.words[0])} FILE.md", "$dim")
    yield _head("failed", len(one.failed))
    for failed in one.failed[:_MOST]:
        few = t("voice.few") if failed.few else ""
        votes = t("voice.votes", failed=failed.failed, votes=failed.helped + failed.failed)
        yield _text(f"  {failed.share:>4.0%}  {line(failed.title)}   {votes} {few}".rstrip())
    yield _head("growing", len(one.growing))
    for growth in one.growing[:_MOST]:
        category = house.category_title(growth.category) if growth.category else t("wall.none")
        yield _text(f"  {category}   {t('voice.grown', now=growth.now, before=f'{growth.before:.1f}')}")
    yield _head("texts", len(one.said))
    for said in one.said[:_MOST]:
        score = "" if said.score is None else t("voice.score", score=said.score)
        kind = _choice("feedback_type", said.type)
        yield _text(f"  {number_word(said.number)}  {kind} {score}  {line(said.text)}")


def _notes(one: Voice) -> Iterator[Part]:
    if one.heard_since is None:
        yield _text(t("voice.unheard"), "$dim")
    elif one.heard_since > one.begins:
        yield _text(t("voice.heard_since", at=local(one.heard_since).strftime("%m-%d %H:%M")), "$dim")


def _head(key: str, count: int) -> Part:
    none = "" if count else f"   {t('voice.nothing')}"
    return _text(f"\n{t(f'voice.{key}')}{none}", "bold")


def _choice(field: str, value: str) -> str:
    return line(house.value_words(field, value)) if value else t("voice.other")


def _text(text: str, style: str = "") -> Part:
    return "\n".join(clean(part) for part in text.split("\n")) + "\n", style
