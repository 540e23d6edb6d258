"""What panes tell the screen: each message is a fact or a wish, and the screen decides what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from textual.message import Message

if TYPE_CHECKING:
    from ..domain.ops import AnyOp
    from ..domain.ticket import FieldState

Level = Literal["info", "done", "warn", "error"]
DraftKind = Literal["note", "reply"]


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


class FilterTyped(Message):
    """The words that rows must hold to be listed; "" for all."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words = words


class FilterMoved(Message):
    """The agent walks the list from the filter's box: one row or a page (any other number) on; None: into the list."""

    def __init__(self, rows: int | None) -> None:
        super().__init__()
        self.rows = rows


class FieldWritten(Message):
    """A checklist detail was typed or marked."""

    def __init__(self, field: str, value: str, state: FieldState) -> None:
        super().__init__()
        self.field = field
        self.value = value
        self.state = state


class FieldRefused(Message):
    """What was typed cannot stand; ``note`` is a sentence for the agent."""

    def __init__(self, note: str) -> None:
        super().__init__()
        self.note = note


class Composed(Message):
    """A note or a reply is to be sent."""

    def __init__(self, ticket: str, kind: DraftKind, text: str) -> None:
        super().__init__()
        self.ticket = ticket
        self.kind: DraftKind = kind
        self.text = text


class Drafted(Message):
    """Unsent words, to be kept; "" once there are none."""

    def __init__(self, ticket: str, kind: DraftKind, text: str) -> None:
        super().__init__()
        self.ticket = ticket
        self.kind: DraftKind = kind
        self.text = text


class ComposerLeft(Message):
    """The composer was closed with its words kept as a draft."""


class StepTicked(Message):
    """A step of a canned answer was walked through."""

    def __init__(self, answer: str, step: str) -> None:
        super().__init__()
        self.answer = answer
        self.step = step


class WrittenChosen(Message):
    """The written form of a canned answer is to go into the reply; ``missing`` blanks are still visible in it."""

    def __init__(self, text: str, missing: tuple[str, ...]) -> None:
        super().__init__()
        self.text = text
        self.missing = missing


class AnswersLeft(Message):
    """The agent is done with the canned answers."""


class Resettled(Message):
    """The agent decided about words that the server did not take: ``op`` replaces them where he wrote new ones."""

    def __init__(self, review: str, choice: Literal["keep-theirs", "re-apply"], op: AnyOp | None = None) -> None:
        super().__init__()
        self.review = review
        self.choice: Literal["keep-theirs", "re-apply"] = choice
        self.op = op
