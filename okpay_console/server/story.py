"""One ticket of the demo's past, from its first contact to where it stands today."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from okpay_console.domain import ops
from okpay_console.domain.author import Author
from okpay_console.domain.ticket import CallEvent, Ticket

from .scene import Scene

_ENDINGS = {
    "TXN": "PENDING_PARTNER",
    "REFUND": "REFUND_SUBMITTED",
    "LOGIN": "SELF_SERVICE_GUIDED",
    "XBORDER": "PENDING_PARTNER",
    "TECH": "ESCALATED_L2",
    "FEEDBACK": "FEEDBACK_LOGGED",
    "FRAUD": "ESCALATED_RISK",
}
_OLD = timedelta(hours=8)


class Story:
    """Told by operations and ``ops.apply``, on a clock of its own that only moves forward and never past ``now``."""

    def __init__(self, scene: Scene, *, start: datetime, now: datetime, rules: ops.Rules) -> None:
        self._scene = scene
        self._now = now
        self._rules = rules
        self._old = now - start > _OLD
        self._at = start.replace(microsecond=0)
        clock: Callable[[], datetime] = lambda: self._at  # noqa: E731 (two authors share it)
        self._system: Author = scene.author("hotline", clock)
        self._agent: Author = scene.author(scene.chance.choice(scene.script.agents), clock)

    def tell(self) -> Ticket:
        """The ticket as it stands at the end of the story."""
        chance, script, agent = self._scene.chance, self._scene.script, self._agent
        ticket = self._go(None, self._system.new(**self._scene.contact()))
        if ticket.channel == "hotline":
            ticket, talked = self._call(ticket)
            if ticket.status == "closed" or not talked:
                return ticket
        else:
            if chance.random() < (0.03 if self._old else 0.45) or not self._later(60, 1500):
                return ticket
            ticket = self._go(ticket, agent.assign(ticket, agent.name))
            ticket = self._go(ticket, agent.note(ticket, chance.choice(script.notes)))
            ticket = self._asked(ticket)
            if self._later(60, 2400):
                ticket = self._go(ticket, agent.reply(ticket, chance.choice(script.replies)))
        return self._end(self._middle(ticket))

    def _go(self, ticket: Ticket | None, op: ops.AnyOp) -> Ticket:
        return ops.apply(ticket, op, self._at, self._rules)

    def _later(self, low: float, high: float) -> bool:
        """Moves the clock on by seconds; False where that is still to come."""
        after = self._at + timedelta(seconds=self._scene.chance.uniform(low, high))
        if after >= self._now:
            return False
        self._at = after.replace(microsecond=0)
        return True

    def _call(self, ticket: Ticket) -> tuple[Ticket, bool]:
        """The call that the matter came in by, and whether somebody answered it."""
        chance, agent = self._scene.chance, self._agent
        call = self._system.new_id()

        def mark(ticket: Ticket, event: CallEvent, who: Author = agent) -> Ticket:
            return self._go(ticket, who.mark(ticket, call, event))

        ticket = mark(ticket, "offered", self._system)
        if chance.random() < 0.07:
            # Nothing goes on ringing out of the past.
            ended: CallEvent = "callback" if chance.random() < 0.3 else "abandoned"
            if self._later(6, 60):
                return mark(ticket, ended, self._system), False
            return mark(ticket, "abandoned", self._system), False
        if not self._later(3, 25):
            return mark(ticket, "abandoned", self._system), False
        ticket = mark(ticket, "answered")
        self._later(40, 200)
        if chance.random() < 0.25:
            ticket = mark(ticket, "held")
            self._later(15, 90)
            ticket = mark(ticket, "resumed")
        ticket = self._go(ticket, agent.note(ticket, chance.choice(self._scene.script.notes)))
        ticket = self._asked(ticket)
        self._later(20, 240)
        ticket = mark(ticket, "ended")
        self._later(15, 90)
        return self._wrap_up(ticket, call), True

    def _asked(self, ticket: Ticket) -> Ticket:
        for field, value in self._scene.answers(ticket.category, ticket.subject).items():
            ticket = self._go(ticket, self._agent.field(ticket, field, value))
        return ticket

    def _wrap_up(self, ticket: Ticket, call: str) -> Ticket:
        chance, script, agent = self._scene.chance, self._scene.script, self._agent
        ending = _ENDINGS.get(ticket.category, "INFO_GIVEN")
        if chance.random() < 0.1:
            due = self._at + timedelta(hours=chance.choice((2, 4, 24)))
            ticket = self._go(ticket, agent.promise(ticket, chance.choice(script.promises), due))
            ending = "CALLBACK_PROMISED"
        elif chance.random() < 0.4:
            ending = "RESOLVED_ON_CALL"
        summary, override = chance.choice(script.summaries), chance.choice(script.overrides)
        return self._go(ticket, agent.wrapup(ticket, ending, call=call, summary=summary, override=override))

    def _middle(self, ticket: Ticket) -> Ticket:
        """What the caller says since, and what was promised."""
        chance, script, agent = self._scene.chance, self._scene.script, self._agent
        if chance.random() < 0.3 and self._later(1200, 36_000):
            words = chance.choice(script.follow_ups)
            again = chance.random() < 0.3
            op = self._system.chase(ticket, text=words) if again else self._system.message(ticket, words)
            ticket = self._go(ticket, op)
        if chance.random() < 0.2 and self._later(60, 600):
            due = self._at + timedelta(hours=chance.choice((2, 4, 24)))
            ticket = self._go(ticket, agent.promise(ticket, chance.choice(script.promises), due))
        for promise in ticket.promises:
            # Kept in time, most of them; one that is due in the future stays open.
            if promise.due_at < self._now and chance.random() < 0.85:
                self._at = max(self._at, promise.due_at - timedelta(minutes=10))
                ticket = self._go(ticket, agent.settle(ticket, promise.id, kept=True))
        return ticket

    def _end(self, ticket: Ticket) -> Ticket:
        chance, script, agent = self._scene.chance, self._scene.script, self._agent
        if chance.random() < (0.9 if self._old else 0.15) and self._later(300, 18_000):
            ending = _ENDINGS.get(ticket.category, "INFO_GIVEN")
            summary, override = chance.choice(script.summaries), chance.choice(script.overrides)
            return self._go(ticket, agent.close(ticket, ending, summary=summary, override=override))
        if chance.random() < 0.25 and self._later(60, 1800):
            return self._go(ticket, agent.status(ticket, "pending", reason=chance.choice(script.notes)))
        return ticket
