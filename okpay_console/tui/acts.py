"""What an agent does to a ticket: each act builds the operation and hands it to the desk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from textual.screen import Screen

from ..content.interface import t
from ..domain.ops import AnyOp
from ..domain.ticket import FieldState, Ticket
from ..errors import OkpayError, Refused, SecretRefused, StoreError
from . import house
from .desk_model import Desk, Settings, Start
from .failures import explain
from .jotter import Jotter
from .messages import DraftKind, Level
from .rows import number_word
from .undoing import Deeds


def field_draft(field: str) -> str:
    """The kind of draft that the words typed into a checklist field are."""
    return f"field:{field}"


class Floor(Protocol):
    """What an act needs of the screen that it runs on."""

    desk: Desk | None
    start: Start

    def say(self, text: str, level: Level = "info") -> None: ...
    def alarm(self, text: str) -> None: ...
    def show_ticket(self, ticket: str, *, focus: bool = True) -> bool: ...
    def settled(self, ticket: str) -> None: ...
    async def ask(self, screen: Screen[Any]) -> Any: ...
    def bound(self, action: str) -> str: ...


class Acts:
    """The acts of one screen. None of them raises: a failure is said, and the words stay where they were written."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.jotter = Jotter()
        self.deeds = Deeds()
        self.jotter.desk = floor.desk
        self.jotter.trouble = self.failed

    @property
    def settings(self) -> Settings:
        return self.floor.start.settings

    async def run(self, action: str, ticket: str) -> None:
        """The act that a key names, on a ticket."""
        if action in ("claim", "release"):
            await getattr(self, action)(ticket)
        else:
            from . import questions

            await questions.ON_TICKET[action](self, ticket)

    async def owed(self) -> None:
        from . import owing

        await owing.owed(self)

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
        await self._taken(ticket)

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
        await self._taken(won.id)

    async def _taken(self, ticket: str) -> None:
        """The ticket is the agent's: opened, with what is known of its caller in the checklist."""
        from .prefill import prefill, words

        self.floor.settled(ticket)
        self.floor.show_ticket(ticket)
        said = t("act.claimed", number=self._number(ticket))
        self.floor.say(words(said, await prefill(self, ticket)), "done")

    # On this disk first

    async def do(self, op: AnyOp, *, said: str = "", draft: str = "") -> bool:
        """Hands an operation over; True once this disk has it."""
        return self._said(await self.attempt(op, draft=draft), said)

    async def do_all(self, ops: Sequence[AnyOp], *, said: str = "", draft: str = "", draft_of: str = "") -> bool:
        """Hands several operations over, all or none; True once this disk has them. ``draft_of``: the draft's ticket."""
        return self._said(await self.attempt_all(ops, draft=draft, draft_of=draft_of), said)

    def _said(self, error: OkpayError | None, said: str) -> bool:
        if error is not None:
            self.failed(error)
        elif said:
            self.floor.say(said, "done")
        return error is None

    async def attempt(self, op: AnyOp, *, draft: str = "") -> OkpayError | None:
        """Hands an operation over and returns what stood against it, for those who say it themselves."""
        desk = self.floor.desk
        assert desk is not None
        owed, deed = self.jotter.owed(op.ticket, draft), self.deeds.before(desk, (op,))
        try:
            await desk.do(op, draft=draft)
        except OkpayError as error:
            await self._witness(error, draft)
            return error
        self.deeds.done(deed)
        self.jotter.drop(op.ticket, draft, owed)
        self.floor.settled(op.ticket)
        return None

    async def attempt_all(self, ops: Sequence[AnyOp], *, draft: str = "", draft_of: str = "") -> OkpayError | None:
        """As ``do_all``; what stood against it is the caller's to say."""
        desk = self.floor.desk
        assert desk is not None
        owed, deed = self.jotter.owed(draft_of, draft), self.deeds.before(desk, ops)
        try:
            await desk.do_all(ops, draft=draft, draft_of=draft_of)
        except OkpayError as error:
            await self._witness(error, draft)
            return error
        self.deeds.done(deed)
        self.jotter.drop(draft_of, draft, owed)
        for ticket in dict.fromkeys(op.ticket for op in ops if op.ticket):
            self.floor.settled(ticket)
        return None

    async def _witness(self, error: OkpayError, draft: str) -> None:
        """Tells the audit logs of a secret that no box could see whole: its first half is in a former note."""
        desk = self.floor.desk
        if isinstance(error, SecretRefused) and desk is not None:
            try:
                await desk.witness("secret-refused", kind=error.kind, place=draft or "act", ticket=error.ticket)
            except OkpayError as trouble:
                self.failed(trouble)

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

    async def write(self, ticket: str, kind: DraftKind, text: str, *, draft: str = "") -> bool:
        """Stores a note or a reply; False: the words must stay where they are. ``draft``: their kind, the same as ``kind``."""
        found = self.ticket(ticket)
        if found is None or self.floor.desk is None:
            return False
        author = self.floor.desk.author
        op: AnyOp = author.note(found, text) if kind == "note" else author.reply(found, text)
        return await self.do(op, said=t(f"act.{kind}_kept"), draft=draft or kind)

    async def field(self, ticket: str, field: str, value: str, state: FieldState) -> bool:
        found = self.ticket(ticket)
        if found is None or self.floor.desk is None:
            return False
        answer = found.answers.get(field)
        source = answer.source if answer is not None and answer.value == value else ""
        op = self.floor.desk.author.field(found, field, value, state=state, source=source)
        return await self.do(op, draft=field_draft(field))

    async def gleaned(self, ticket: str, details: Sequence[tuple[str, str, str]], *, draft: str) -> bool:
        """Stores several details, (field, words, value), at once; words without a value are checked for the field first."""
        found, desk = self.ticket(ticket), self.floor.desk
        if found is None or desk is None:
            return False
        ops: list[AnyOp] = []
        for field, words, value in details:
            if not value:
                verdict = house.check(field, words, now=desk.author.now(), answers=found.answers)
                if not verdict.ok:
                    self.floor.say(verdict.note, "warn")
                    return False
                value = verdict.value  # noqa: PLW2901 - what the words mean for this field
            ops.append(desk.author.field(found, field, value))
        return await self.do_all(ops, said=t("act.details_kept", count=len(ops)), draft=draft, draft_of=ticket)

    async def step(self, ticket: str, answer: str, step: str, *, done: bool = True) -> None:
        """A step of a canned answer was walked through with the caller; ``done`` False takes that back."""
        found = self.ticket(ticket)
        if found is not None and self.floor.desk is not None:
            await self.do(self.floor.desk.author.step(found, answer, step, done=done))

    async def rate(self, ticket: str, answer: str, *, helped: bool) -> None:
        """Whether a canned answer helped this caller."""
        found = self.ticket(ticket)
        if found is not None and self.floor.desk is not None:
            said = t("answers.helped_kept" if helped else "answers.failed_kept")
            await self.do(self.floor.desk.author.rate(found, answer, helped=helped), said=said)

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
