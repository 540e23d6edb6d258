"""What an agent does to a ticket: each act builds the operation and hands it to the desk."""

from __future__ import annotations

from typing import Any, Protocol

from textual.screen import Screen

from ..content.interface import t
from ..domain.ops import AnyOp
from ..domain.ticket import FieldState, Ticket
from ..errors import OkpayError, Refused, StoreError
from .desk_model import Desk
from .failures import explain
from .jotter import Jotter
from .messages import DraftKind, Level
from .rows import number_word


class Floor(Protocol):
    """What an act needs of the screen that it runs on."""

    desk: Desk | None

    def say(self, text: str, level: Level = "info") -> None: ...
    def alarm(self, text: str) -> None: ...
    def show_ticket(self, ticket: str, *, focus: bool = True) -> bool: ...
    def settled(self, ticket: str) -> None: ...
    async def ask(self, screen: Screen[Any]) -> Any: ...


class Acts:
    """The acts of one screen. None of them raises: a failure is said, and the words stay where they were written."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.jotter = Jotter()
        self.jotter.desk = floor.desk

    async def run(self, action: str, ticket: str) -> None:
        """The act that a key names, on a ticket."""
        if action in ("claim", "release"):
            await getattr(self, action)(ticket)
        else:
            from . import questions

            await questions.ON_TICKET[action](self, ticket)

    async def new(self) -> None:
        from . import newcase

        await newcase.new(self)

    async def owed(self) -> None:
        from . import questions

        await questions.owed(self)

    # With the server

    async def claim(self, ticket: str) -> None:
        """Makes the ticket the agent's, or says whose it is."""
        desk = self.floor.desk
        if desk is None:
            return
        self.floor.say(t("act.claiming"))
        try:
            await desk.claim(ticket)
        except OkpayError as error:
            self.failed(error)
            return
        self.floor.settled(ticket)
        self.floor.show_ticket(ticket)
        self.floor.say(t("act.claimed", number=self._number(ticket)), "done")

    async def next(self) -> None:
        """Takes the most urgent unclaimed ticket."""
        desk = self.floor.desk
        if desk is None:
            return
        self.floor.say(t("act.asking_next"))
        try:
            won = await desk.next()
        except OkpayError as error:
            self.failed(error)
            return
        if won is None:
            self.floor.say(t("act.none_waiting"))
            return
        self.floor.settled(won.id)
        self.floor.show_ticket(won.id)
        self.floor.say(t("act.claimed", number=number_word(won.number)), "done")

    # On this disk first

    async def do(self, op: AnyOp, *, said: str = "", draft: str = "") -> bool:
        """Hands an operation over; True once this disk has it."""
        error = await self.attempt(op, draft=draft)
        if error is not None:
            self.failed(error)
        elif said:
            self.floor.say(said, "done")
        return error is None

    async def attempt(self, op: AnyOp, *, draft: str = "") -> OkpayError | None:
        """Hands an operation over and returns what stood against it, for those who say it themselves."""
        desk = self.floor.desk
        assert desk is not None
        try:
            await desk.do(op, draft=draft)
        except OkpayError as error:
            return error
        self.floor.settled(op.ticket)
        return None

    def failed(self, error: OkpayError) -> None:
        """Says a failure. One of this machine's disk stays in sight until it is acknowledged: words are at stake."""
        if isinstance(error, StoreError):
            self.floor.alarm(explain(error))
        else:
            self.floor.say(explain(error), "warn" if isinstance(error, Refused) else "error")

    async def release(self, ticket: str) -> None:
        found = self.ticket(ticket)
        if found is None or self.floor.desk is None:
            return
        if found.assignee != self.floor.desk.me:
            self.floor.say(t("act.not_yours"), "warn")
            return
        await self.do(self.floor.desk.author.release(found), said=t("act.released", number=number_word(found.number)))

    async def write(self, ticket: str, kind: DraftKind, text: str) -> bool:
        """Stores a note or a reply; False: the words must stay in the composer."""
        found = self.ticket(ticket)
        if found is None or self.floor.desk is None:
            return False
        author = self.floor.desk.author
        op: AnyOp = author.note(found, text) if kind == "note" else author.reply(found, text)
        return await self.do(op, said=t(f"act.{kind}_kept"), draft=kind)

    async def field(self, ticket: str, field: str, value: str, state: FieldState) -> bool:
        found = self.ticket(ticket)
        if found is None or self.floor.desk is None:
            return False
        answer = found.answers.get(field)
        source = answer.source if answer is not None and answer.value == value else ""
        return await self.do(self.floor.desk.author.field(found, field, value, state=state, source=source))

    async def step(self, ticket: str, answer: str, step: str) -> None:
        found = self.ticket(ticket)
        if found is not None and self.floor.desk is not None:
            await self.do(self.floor.desk.author.step(found, answer, step))

    # The ticket

    def ticket(self, ticket: str) -> Ticket | None:
        """The ticket as this desk sees it; says so and returns None where it is not here."""
        if self.floor.desk is None:
            self.floor.say(t("act.not_ready"), "warn")
            return None
        found = self.floor.desk.view(ticket).ticket
        if found is None:
            self.floor.say(t("act.no_ticket"), "warn")
        return found

    def now(self, before: Ticket) -> Ticket:
        """The ticket as it is seen at this moment: a dialog may have stood open for a while."""
        desk = self.floor.desk
        return (desk.view(before.id).ticket if desk is not None else None) or before

    def _number(self, ticket: str) -> str:
        desk = self.floor.desk
        found = desk.view(ticket).ticket if desk is not None else None
        return number_word(found.number) if found is not None else ""
