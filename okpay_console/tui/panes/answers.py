"""Canned answers: proposed for the case, found while typing, and opened to be read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from ...content.interface import lang, t
from ...domain.answers import Answer
from ...domain.proposals import propose
from .. import house
from ..answerpage import Standing, counts_words
from ..answerreader import AnswerReader
from ..guarded import GuardedInput
from ..linelist import Line, LineList
from ..messages import AnswersLeft, SearchMissed
from ..missed import Search, Sought
from ..render import fit, line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...domain.search import Index
    from ...domain.shelf import Ratings
    from ...domain.ticket import Ticket

_FOUND: Final = 30
_BROWSED: Final = 300
"""Answers listed below the proposed ones; whoever looks for another one types."""


class AnswersPane(Vertical):
    """Search box and list; an opened answer takes their place. ``placeholders`` are the company's own facts."""

    def __init__(
        self,
        *,
        answers: Sequence[Answer],
        index: Index,
        placeholders: Mapping[str, str],
        ratings: Ratings | None = None,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id)
        self.index = index
        self.ratings: Ratings = ratings or {}
        self.case: Ticket | None = None
        self.found: list[Answer] = []
        self.proposed: frozenset[str] = frozenset()
        self.at = 0
        self._answers = answers
        self._sought = Search()
        self._reader = AnswerReader(placeholders, id="answers-reader")
        self._list = LineList(id="answers-list")
        self._box = GuardedInput(
            place="answers", whole=True, id="answers-words", placeholder=t("answers.placeholder"), compact=True
        )
        self._speak()

    def compose(self) -> ComposeResult:
        yield self._box
        yield self._list
        yield self._reader

    def on_mount(self) -> None:
        self._reader.display = False
        self._search()

    @property
    def opened(self) -> Answer | None:
        """The answer that is being read."""
        return self._reader.answer if self._reader.display else None

    def renew(self, answers: Sequence[Answer], index: Index, ratings: Ratings) -> None:
        """The house has changed its answers: the one that is being read stays open where it still exists."""
        self._answers, self.index, self.ratings = answers, index, ratings
        self._speak()
        if self.opened is not None and self.opened.id not in self.answers:
            self._close()
        self._search(keep=True)
        self._stand()

    def show_case(self, case: Ticket, ratings: Ratings) -> None:
        """The case beside, as it is now: its answers come by themselves, unless the agent is at the list."""
        if self._language != lang():
            self._speak()
        before, self.case, self.ratings = self.case, case, ratings
        if before is not None and before.id != case.id:
            self._close()
            self._box.value = ""
            self._search()
        elif not self._box.value.strip() and not self._box.has_focus:
            self._search()
        else:
            self._lay()
        self._stand()

    def begin(self) -> None:
        """Ready to search: the box has the focus, former words selected."""
        self._close()
        self._box.focus()
        self._box.action_select_all()
        self._search(keep=True)

    # The list

    @on(Input.Changed, "#answers-words")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        category = self.case.category if self.case is not None else ""
        self._missed(self._sought.typed(event.value, category))
        self._search()

    @on(Input.Submitted, "#answers-words")
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        if self.found:
            self._open(self.found[self.at])
        else:
            self._missed(self._sought.in_vain())

    def on_descendant_blur(self) -> None:
        self.call_after_refresh(self._look_away)

    def _look_away(self) -> None:
        """The search is over once the focus is somewhere else on the desk; a dialog above it comes back to it."""
        focused = self.screen.focused if self.is_attached else None
        if focused is not None and self not in focused.ancestors_with_self:
            self._missed(self._sought.left())

    def _missed(self, sought: Sought | None) -> None:
        if sought is not None:
            self.post_message(SearchMissed(sought.words, sought.category))

    def on_key(self, event: events.Key) -> None:
        if self.opened is not None:
            return
        if event.key in ("up", "down", "pageup", "pagedown") and self.found:
            event.stop()
            page = max(self._list.size.height - 1, 1)
            step = {"up": -1, "down": 1, "pageup": -page, "pagedown": page}[event.key]
            self.at = min(max(self.at + step, 0), len(self.found) - 1)
            self._lay()
        elif event.key == "escape":
            event.stop()
            self.post_message(AnswersLeft())

    def on_click(self, event: events.Click) -> None:
        if event.widget is not self._list:
            return
        at = event.y + self._list.scroll_offset.y
        if 0 <= at < len(self.found):
            if at == self.at:
                self._open(self.found[at])
            else:
                self.at = at
                self._lay()

    def on_resize(self) -> None:
        self._lay()

    def _speak(self) -> None:
        """Takes the answers of the language in use; what exists in the other one only is shown in that."""
        self._language = lang()
        ordered = sorted(self._answers, key=lambda answer: answer.lang != self._language)
        self.answers = {answer.id: answer for answer in reversed(ordered)}
        self.own = [answer for answer in ordered if answer.lang == self._language]
        self._box.placeholder = t("answers.placeholder")

    def _search(self, *, keep: bool = False) -> None:
        """Lists what fits the words, or the case before any are typed; ``keep``: the cursor stays on its answer."""
        words = self._box.value
        chosen = self.found[self.at].id if keep and self.found else ""
        if words.strip():
            hits = self.index.search(words, limit=_FOUND)
            self.found = [self.answers[hit.id] for hit in hits if hit.id in self.answers]
        else:
            first = self._proposals()
            self.proposed = frozenset(answer.id for answer in first)
            category = self.case.category if self.case is not None else ""
            rest = [answer for answer in self.own if answer.id not in self.proposed]
            rest.sort(key=lambda answer: not category or answer.category != category)
            self.found = [*first, *rest[:_BROWSED]]
        self.at = next((at for at, answer in enumerate(self.found) if answer.id == chosen), 0)
        self._lay()

    def _proposals(self) -> list[Answer]:
        if self.case is None:
            return []
        hits = propose(self.index, self.case, lang=self._language, labels=house.category_title)
        return [self.answers[hit.id] for hit in hits if hit.id in self.answers]

    def _lay(self) -> None:
        width = max(self._list.size.width, 20)
        lines = [self._row(answer, width) for answer in self.found] or [((" " + t("answers.none"), "dim"),)]
        self._list.show(lines, self.at if self.found else None)

    def _row(self, answer: Answer, width: int) -> Line:
        standing = self._standing(answer)
        known = [counts_words(standing.counts)]
        if standing.done:
            done = sum(step.id in standing.done for step in answer.steps)
            known.insert(0, t("answers.walked", done=done, count=len(answer.steps)))
        if standing.helped is False:
            known.append(t("answers.failed"))
        elif self.case is not None and answer.category and answer.category == self.case.category:
            known.append(t("answers.of_category"))
        elif answer.id in self.proposed:
            known.append(t("answers.proposed"))
        about = "  ".join(filter(None, known))
        title = fit(" " + line(answer.title), max(width - cell_len(about) - 3, 10))
        return ((title, ""), (f"  {about} ", "dim"))

    def _standing(self, answer: Answer) -> Standing:
        case = self.case
        counts = self.ratings.get(answer.id, (0, 0))
        if case is None:
            return Standing(counts=counts)
        done = tuple(case.steps.get(answer.id, ()))
        return Standing(case.channel == "hotline", done, case.helped.get(answer.id), counts)

    # An opened answer

    def _open(self, answer: Answer) -> None:
        self._sought.opened()
        self._box.display = self._list.display = False
        self._reader.display = True
        self._reader.focus()
        self._reader.open(answer, self._standing(answer))

    def _close(self) -> None:
        self._reader.display = False
        self._box.display = self._list.display = True

    def _stand(self) -> None:
        if self.opened is not None:
            answer = self.answers.get(self.opened.id, self.opened)
            self._reader.stand(answer, self._standing(answer))

    @on(AnswerReader.Left)
    def _left(self, event: AnswerReader.Left) -> None:
        event.stop()
        self._close()
        self._box.focus()
