"""What an agent does to a ticket: each act asks what it needs, builds the operation and hands it to the desk."""

from __future__ import annotations

from typing import Any, Protocol

from textual.screen import Screen

from ..content.interface import t
from ..domain.ops import AnyOp
from ..domain.ticket import PRIORITIES, FieldState, Ticket
from ..errors import NeedsReview, OkpayError
from . import house
from .desk_model import Desk
from .failures import explain
from .messages import DraftKind, Level
from .rows import number_word


class Floor(Protocol):
    """What an act needs of the screen that it runs on."""

    desk: Desk | None

    def say(self, text: str, level: Level = "info") -> None: ...
    def show_ticket(self, ticket: str, *, focus: bool = True) -> bool: ...
    def settled(self, ticket: str) -> None: ...
    async def ask(self, screen: Screen[Any]) -> Any: ...


class Acts:
    """The acts of one screen. None of them raises: a failure is said, and the words stay where they were written."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor

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
            self.floor.say(explain(error), "error")
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
            self.floor.say(explain(error), "error")
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
        desk = self.floor.desk
        if desk is None:
            self.floor.say(t("act.not_ready"), "warn")
            return False
        try:
            await desk.do(op, draft=draft)
        except OkpayError as error:
            self.floor.say(explain(error), "error" if isinstance(error, NeedsReview) else "warn")
            return False
        self.floor.settled(op.ticket)
        if said:
            self.floor.say(said, "done")
        return True

    async def release(self, ticket: str) -> None:
        found = self._ticket(ticket)
        if found is None or self.floor.desk is None:
            return
        if found.assignee != self.floor.desk.me:
            self.floor.say(t("act.not_yours"), "warn")
            return
        await self.do(self.floor.desk.author.release(found), said=t("act.released", number=number_word(found.number)))

    async def write(self, ticket: str, kind: DraftKind, text: str) -> bool:
        """Stores a note or a reply; False: the words must stay in the composer."""
        found = self._ticket(ticket)
        if found is None or self.floor.desk is None:
            return False
        author = self.floor.desk.author
        op: AnyOp = author.note(found, text) if kind == "note" else author.reply(found, text)
        return await self.do(op, said=t(f"act.{kind}_kept"), draft=kind)

    async def field(self, ticket: str, field: str, value: str, state: FieldState) -> bool:
        found = self._ticket(ticket)
        if found is None or self.floor.desk is None:
            return False
        answer = found.answers.get(field)
        source = answer.source if answer is not None and answer.value == value else ""
        return await self.do(self.floor.desk.author.field(found, field, value, state=state, source=source))

    async def step(self, ticket: str, answer: str, step: str) -> None:
        found = self._ticket(ticket)
        if found is not None and self.floor.desk is not None:
            await self.do(self.floor.desk.author.step(found, answer, step))

    async def category(self, ticket: str) -> None:
        from .screens.ask import Choose

        found = self._ticket(ticket)
        if found is None or self.floor.desk is None:
            return
        chosen = await self.floor.ask(Choose(t("dialog.category"), house.categories(), start=found.category))
        if chosen:
            await self.do(
                self.floor.desk.author.category(self._now(found), chosen),
                said=t("act.category_set", title=house.category_title(chosen)),
            )

    async def priority(self, ticket: str) -> None:
        from .screens.ask import Choose

        found = self._ticket(ticket)
        if found is None or self.floor.desk is None:
            return
        options = [(priority, t(f"priority.{priority}")) for priority in PRIORITIES]
        chosen = await self.floor.ask(Choose(t("dialog.priority"), options, start=found.priority))
        if chosen:
            await self.do(
                self.floor.desk.author.priority(self._now(found), chosen),
                said=t("act.priority_set", word=t(f"priority.{chosen}")),
            )

    async def promise(self, ticket: str, *, now: Any) -> None:
        from .screens.promising import MakePromise, Promised
        from .when import local

        found = self._ticket(ticket)
        if found is None or self.floor.desk is None:
            return
        made = await self.floor.ask(MakePromise(number=number_word(found.number), now=now))
        if isinstance(made, Promised):
            await self.do(
                self.floor.desk.author.promise(self._now(found), made.text, made.due_at),
                said=t("act.promised", at=local(made.due_at).strftime("%m-%d %H:%M")),
            )

    async def close(self, ticket: str) -> None:
        from ..domain.checklist import progress
        from .screens.closing import CloseCase, Closing

        found = self._ticket(ticket)
        if found is None or self.floor.desk is None:
            return
        if found.status == "closed":
            self.floor.say(t("act.closed_already"), "warn")
            return
        listed = house.checklist(found.category)
        missing = progress(listed, found.answers).missing if listed is not None else ()
        closing = await self.floor.ask(
            CloseCase(
                number=number_word(found.number),
                missing=missing,
                usual=house.usual_disposition(found.category),
                summary=self.floor.desk.draft(ticket, "summary"),
            )
        )
        if not isinstance(closing, Closing):
            return
        op = self.floor.desk.author.close(
            self._now(found), closing.disposition, summary=closing.summary, override=closing.override
        )
        # On the disk before it is tried: a refusal must not cost the agent what was written about the case.
        await self._keep(ticket, "summary", closing.summary)
        await self.do(op, said=t("act.closed", number=number_word(found.number)), draft="summary")

    async def reopen(self, ticket: str) -> None:
        from .screens.ask import Write

        found = self._ticket(ticket)
        if found is None or self.floor.desk is None:
            return
        if found.status != "closed":
            self.floor.say(t("act.not_closed"), "warn")
            return
        reason = await self.floor.ask(Write(t("dialog.reopen", number=number_word(found.number)), empty=True))
        if reason is not None:
            await self.do(
                self.floor.desk.author.reopen(self._now(found), reason=reason),
                said=t("act.reopened", number=number_word(found.number)),
            )

    def _ticket(self, ticket: str) -> Ticket | None:
        if self.floor.desk is None:
            self.floor.say(t("act.not_ready"), "warn")
            return None
        found = self.floor.desk.view(ticket).ticket
        if found is None:
            self.floor.say(t("act.no_ticket"), "warn")
        return found

    async def _keep(self, ticket: str, kind: str, text: str) -> None:
        if self.floor.desk is not None:
            try:
                await self.floor.desk.keep_draft(ticket, kind, text)
            except OkpayError as error:
                self.floor.say(explain(error), "error")

    def _now(self, before: Ticket) -> Ticket:
        """The ticket as it is seen at this moment: a dialog may have stood open for a while."""
        desk = self.floor.desk
        return (desk.view(before.id).ticket if desk is not None else None) or before

    def _number(self, ticket: str) -> str:
        desk = self.floor.desk
        found = desk.view(ticket).ticket if desk is not None else None
        return number_word(found.number) if found is not None else ""
