"""The author of operations: fills in who, when, a fresh id, and what he sees, so that nobody forgets the merge base."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from . import ops
from .stale import answered
from .ticket import Caller, CallEvent, Channel, FieldAnswer, FieldState, LinkKind, Priority, Status, Ticket

REPLY_LIVES = timedelta(hours=4)


class Author(msgspec.Struct, frozen=True):
    """One person at one console. ``new_id`` mints UUIDv7 text and ``now`` tells the time: both come from outside.

    Every method takes the ticket as it is seen (base plus pending operations) and returns the operation, not yet applied.
    """

    name: str
    new_id: Callable[[], str]
    now: Callable[[], datetime]

    def new(
        self,
        *,
        subject: str,
        channel: Channel,
        category: str = "",
        priority: Priority = "normal",
        queue: str = "general",
        caller: Caller | None = None,
        text: str = "",
        external_id: str = "",
    ) -> ops.NewTicket:
        """A first contact under an id minted here, so that it can be worked on before the server has heard of it."""
        uuid = self.new_id()
        return ops.NewTicket(
            uuid=uuid,
            ticket=self.new_id(),
            by=self.name,
            at=self.now(),
            subject=subject,
            channel=channel,
            category=category,
            priority=priority,
            queue=queue,
            caller=caller or Caller(),
            text=text,
            external_id=external_id,
        )

    def note(self, ticket: Ticket, text: str) -> ops.AddNote:
        return ops.AddNote(**self._header(ticket), text=text)

    def message(self, ticket: Ticket, text: str) -> ops.AddMessage:
        return ops.AddMessage(**self._header(ticket), text=text)

    def reply(self, ticket: Ticket, text: str) -> ops.AddReply:
        theirs = answered(ticket, self.name)
        guard = ops.Guard(
            claim_no=ticket.claim_no,
            status=ticket.status,
            expires_at=self.now() + REPLY_LIVES,
            answered=theirs.id if theirs is not None else "",
        )
        return ops.AddReply(**self._header(ticket), guard=guard, text=text)

    def field(
        self, ticket: Ticket, field: str, value: str, *, state: FieldState = "filled", source: str = ""
    ) -> ops.SetField:
        was = {f"answers.{field}": ticket.answers.get(field, FieldAnswer()).value}
        return ops.SetField(**self._guarded(ticket, was), field=field, value=value, state=state, source=source)

    def category(self, ticket: Ticket, category: str) -> ops.SetCategory:
        return ops.SetCategory(**self._header(ticket, {"category": ticket.category}), category=category)

    def priority(self, ticket: Ticket, priority: Priority) -> ops.SetPriority:
        return ops.SetPriority(**self._header(ticket, {"priority": ticket.priority}), priority=priority)

    def subject(self, ticket: Ticket, subject: str) -> ops.SetSubject:
        return ops.SetSubject(**self._header(ticket, {"subject": ticket.subject}), subject=subject)

    def tags(self, ticket: Ticket, *, add: tuple[str, ...] = (), remove: tuple[str, ...] = ()) -> ops.ChangeTags:
        return ops.ChangeTags(**self._header(ticket), add=add, remove=remove)

    def queue(self, ticket: Ticket, queue: str) -> ops.SetQueue:
        return ops.SetQueue(**self._guarded(ticket, {"queue": ticket.queue}), queue=queue)

    def link(self, ticket: Ticket, other: str, *, kind: LinkKind = "related", gone: bool = False) -> ops.LinkTicket:
        return ops.LinkTicket(**self._header(ticket), other=other, kind=kind, gone=gone)

    def merge(self, ticket: Ticket, into: str) -> ops.MergeTicket:
        return ops.MergeTicket(**self._guarded(ticket, {"status": ticket.status}), into=into)

    def chase(self, ticket: Ticket, *, text: str = "", channel: Channel = "hotline", other: str = "") -> ops.Chase:
        return ops.Chase(**self._header(ticket), text=text, channel=channel, other=other)

    def reveal(self, ticket: Ticket, field: str, *, reason: str) -> ops.Reveal:
        return ops.Reveal(**self._header(ticket), field=field, reason=reason)

    def rate(self, ticket: Ticket, answer: str, *, helped: bool) -> ops.RateAnswer:
        return ops.RateAnswer(**self._header(ticket), answer=answer, helped=helped)

    def mark(self, ticket: Ticket, call: str, event: CallEvent, *, moment: datetime | None = None) -> ops.MarkCall:
        return ops.MarkCall(**self._header(ticket), call=call, event=event, moment=moment or self.now())

    def wrapup(
        self, ticket: Ticket, disposition: str, *, call: str = "", summary: str = "", override: str = ""
    ) -> ops.WrapUp:
        header = self._guarded(ticket, {"status": ticket.status})
        return ops.WrapUp(**header, disposition=disposition, call=call, summary=summary, override=override)

    def status(self, ticket: Ticket, status: Status, *, reason: str = "") -> ops.SetStatus:
        return ops.SetStatus(**self._guarded(ticket, {"status": ticket.status}), status=status, reason=reason)

    def assign(self, ticket: Ticket, assignee: str) -> ops.Assign:
        return ops.Assign(**self._guarded(ticket, {"assignee": ticket.assignee}), assignee=assignee)

    def handover(self, ticket: Ticket, *, note: str, to: str = "", queue: str = "") -> ops.HandOver:
        return ops.HandOver(**self._guarded(ticket, {"assignee": ticket.assignee}), note=note, to=to, queue=queue)

    def escalate(self, ticket: Ticket, level: str, *, note: str) -> ops.Escalate:
        return ops.Escalate(**self._guarded(ticket, {"level": ticket.level}), level=level, note=note)

    def release(self, ticket: Ticket) -> ops.Release:
        return ops.Release(**self._guarded(ticket, {"assignee": ticket.assignee}))

    def promise(self, ticket: Ticket, text: str, due_at: datetime) -> ops.MakePromise:
        return ops.MakePromise(**self._header(ticket), text=text, due_at=due_at)

    def settle(self, ticket: Ticket, promise: str, *, kept: bool, withdrawn: bool = False) -> ops.SettlePromise:
        return ops.SettlePromise(**self._header(ticket), promise=promise, kept=kept, withdrawn=withdrawn)

    def step(self, ticket: Ticket, answer: str, step: str, *, done: bool = True) -> ops.TickStep:
        return ops.TickStep(**self._header(ticket), answer=answer, step=step, done=done)

    def decide(self, ticket: Ticket, kind: str, verdict: str, *, amount: str = "", currency: str = "") -> ops.Decide:
        standing = ticket.decisions.get(kind)
        was = {f"decisions.{kind}": standing.verdict if standing else ""}
        if standing and standing.amount:
            was[f"decisions.{kind}.amount"] = f"{standing.amount} {standing.currency}"
        return ops.Decide(**self._guarded(ticket, was), kind=kind, verdict=verdict, amount=amount, currency=currency)

    def close(self, ticket: Ticket, disposition: str, *, summary: str = "", override: str = "") -> ops.Close:
        header = self._guarded(ticket, {"status": ticket.status})
        return ops.Close(**header, disposition=disposition, summary=summary, override=override)

    def reopen(self, ticket: Ticket, *, reason: str = "") -> ops.Reopen:
        return ops.Reopen(**self._guarded(ticket, {"status": ticket.status}), reason=reason)

    def witness(self, what: str, *, kind: str = "", place: str = "", ticket: str = "", reason: str = "") -> ops.Witness:
        """Something to be known that changes no ticket; ``ticket`` is the id of the open one, "" for none."""
        return ops.Witness(
            uuid=self.new_id(),
            ticket=ticket,
            by=self.name,
            at=self.now(),
            what=what,
            kind=kind,
            place=place,
            reason=reason,
        )

    def _header(self, ticket: Ticket, was: dict[str, Any] | None = None) -> dict[str, Any]:
        return {"uuid": self.new_id(), "ticket": ticket.id, "by": self.name, "at": self.now(), "was": was or {}}

    def _guarded(self, ticket: Ticket, was: dict[str, Any]) -> dict[str, Any]:
        return {**self._header(ticket, was), "guard": ops.Guard(claim_no=ticket.claim_no)}
