"""What panes tell the screen: each message is a fact or a wish, and the screen decides what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from textual.message import Message

if TYPE_CHECKING:
    from ..domain.ticket import FieldState

Level = Literal["info", "done", "warn", "error"]
DraftKind = Literal["note", "reply"]


class PaneMessage(Message):
    """What a pane wishes of the desk as a whole."""


class TicketOpened(Message):
    """The agent wants to see a ticket; ``stay`` leaves the focus in the queue."""

    def __init__(self, ticket: str, *, stay: bool = False) -> None:
        super().__init__()
        self.ticket = ticket
        self.stay = stay


class QueueMoved(Message):
    """The list or what waits outside it changed: how many are listed, how many are new."""

    def __init__(self, listed: int, fresh: int) -> None:
        super().__init__()
        self.listed = listed
        self.fresh = fresh


class FilterTyped(PaneMessage):
    """The words that rows must hold to be listed; "" for all."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words = words


class FilterMoved(PaneMessage):
    """The agent walks the list from the filter's box: one row or a page (any other number) on; None: into the list."""

    def __init__(self, rows: int | None) -> None:
        super().__init__()
        self.rows = rows


class WhyWanted(PaneMessage):
    """Why is the open case late or not."""


class FieldWritten(PaneMessage):
    """A checklist detail was typed or marked."""

    def __init__(self, field: str, value: str, state: FieldState) -> None:
        super().__init__()
        self.field = field
        self.value = value
        self.state = state


class FieldRefused(PaneMessage):
    """What was typed cannot stand; ``note`` is a sentence for the agent."""

    def __init__(self, note: str) -> None:
        super().__init__()
        self.note = note


class Composed(PaneMessage):
    """A note or a reply is to be sent."""

    def __init__(self, ticket: str, kind: DraftKind, text: str) -> None:
        super().__init__()
        self.ticket = ticket
        self.kind: DraftKind = kind
        self.text = text


class Drafted(PaneMessage):
    """Unsent words, to be kept; "" once there are none."""

    def __init__(self, ticket: str, kind: DraftKind, text: str) -> None:
        super().__init__()
        self.ticket = ticket
        self.kind: DraftKind = kind
        self.text = text


class ComposerLeft(PaneMessage):
    """The composer was closed with its words kept as a draft."""


class Gleaned(PaneMessage):
    """Details out of the free line, as (field, words, value); ``rest`` are the words of it that are no detail.

    The value is "" where the agent chose the field and the words are still to be checked for it.
    """

    def __init__(self, details: tuple[tuple[str, str, str], ...], rest: str) -> None:
        super().__init__()
        self.details = details
        self.rest = rest


class FreeNoted(PaneMessage):
    """What is left in the free line is to become a note."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class FreeLeft(PaneMessage):
    """The agent is done with the free line; ``onward``: the next field is to be opened."""

    def __init__(self, *, onward: bool = False) -> None:
        super().__init__()
        self.onward = onward


class FreeWanted(PaneMessage):
    """The agent wants to type details in any order."""


class RevealWanted(PaneMessage):
    """A masked value is to be shown: a checklist field's, or ``caller.contact``."""

    def __init__(self, field: str) -> None:
        super().__init__()
        self.field = field


class SecretTyped(Message):
    """A secret was typed and is not in its box any more. ``secret`` is its kind, never the value; ``place`` names the box.

    ``sentence`` says so and what to tell the caller; ``said`` once somebody has shown it beside the box.
    """

    def __init__(self, secret: str, place: str, sentence: str) -> None:
        super().__init__()
        self.secret = secret
        self.place = place
        self.sentence = sentence
        self.said = False


class StepTicked(PaneMessage):
    """A step of a canned answer was walked through; ``done`` False takes that back."""

    def __init__(self, answer: str, step: str, *, done: bool = True) -> None:
        super().__init__()
        self.answer = answer
        self.step = step
        self.done = done


class AnswerRated(PaneMessage):
    """A canned answer helped this caller, or did not."""

    def __init__(self, answer: str, *, helped: bool) -> None:
        super().__init__()
        self.answer = answer
        self.helped = helped


class AnswerCopied(PaneMessage):
    """The text of a canned answer is to go to the clipboard; ``missing`` blanks are still visible in it."""

    def __init__(self, text: str, missing: tuple[str, ...]) -> None:
        super().__init__()
        self.text = text
        self.missing = missing


class WrittenChosen(PaneMessage):
    """The written form of a canned answer is to go into the reply; ``missing`` blanks are still visible in it."""

    def __init__(self, text: str, missing: tuple[str, ...]) -> None:
        super().__init__()
        self.text = text
        self.missing = missing


class SearchMissed(PaneMessage):
    """Words were looked for among the canned answers, and no answer was opened; ``category`` is that of the case."""

    def __init__(self, words: str, category: str) -> None:
        super().__init__()
        self.words = words
        self.category = category


class AnswersLeft(PaneMessage):
    """The agent is done with the canned answers."""
