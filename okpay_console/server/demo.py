"""The demo's past: a seeded history of tickets that went through the same operations as real ones."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import resources
from typing import Any, Literal

import msgspec

from okpay_console.domain import ops
from okpay_console.domain.author import Author
from okpay_console.domain.ids import uuid7
from okpay_console.domain.ticket import CHANNELS, Caller, Channel, Priority, Ticket
from okpay_console.errors import ContentError

# The known test number of Chinese manuals and its neighbours: nobody is called by accident.
_MOBILE = "+861380013{:04d}"
_ENDINGS = {
    "TXN": "PENDING_PARTNER",
    "REFUND": "REFUND_SUBMITTED",
    "LOGIN": "SELF_SERVICE_GUIDED",
    "XBORDER": "PENDING_PARTNER",
    "TECH": "ESCALATED_L2",
    "FEEDBACK": "FEEDBACK_LOGGED",
    "FRAUD": "ESCALATED_RISK",
}
_CHANNEL_WEIGHTS = (5, 3, 2, 1)
_COMMIT = 200  # tickets in one commit: a page of the feed holds whole commits


class Case(msgspec.Struct, frozen=True):
    """What one caller wants: ``subject`` and ``text`` with blanks for the amount, the merchant and so on."""

    category: str
    subject: str
    text: str


class Script(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that the people of the demo say in one language."""

    callers: list[str]
    agents: list[str]
    merchants: list[str]
    devices: list[str]
    countries: list[str]
    whens: list[str]
    follow_ups: list[str]
    notes: list[str]
    replies: list[str]
    promises: list[str]
    summaries: list[str]
    overrides: list[str]
    cases: list[Case]


def load_script(lang: str) -> Script:
    """The shipped sentences in ``zh`` or ``en``; ``ContentError`` where the file is wrong."""
    file = resources.files("okpay_console.content") / f"demo_{lang}.toml"
    try:
        return msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), Script)
    except (OSError, ValueError) as error:
        raise ContentError(f"The demo's sentences in '{lang}' cannot be used: {error}.", "Install again.") from error


class Scene:
    """Makes contacts out of the script: one seeded source of chance, so that a seed tells the same story again."""

    def __init__(self, script: Script, *, seed: int) -> None:
        self.script = script
        self.chance = random.Random(seed)  # noqa: S311 (a story, not a secret)

    def new_id(self, at: datetime) -> str:
        """A ticket or operation id minted at ``at``."""
        return uuid7(int(at.timestamp() * 1000), self.chance.randbytes(10))

    def author(self, name: str, clock: Callable[[], datetime]) -> Author:
        """Somebody who acts by this scene's chance and a clock of its own."""
        return Author(name, lambda: self.new_id(clock()), clock)

    def contact(self) -> dict[str, Any]:
        """The arguments of ``Author.new`` for one first contact."""
        chance, script = self.chance, self.script
        case = chance.choice(script.cases)
        blanks = {
            "amount": f"{chance.choice((18, 36.5, 68, 129.9, 256, 399, 888, 1250, 3600))}",
            "merchant": chance.choice(script.merchants),
            "when": chance.choice(script.whens),
            "device": chance.choice(script.devices),
            "version": f"{chance.randint(3, 5)}.{chance.randint(0, 9)}.{chance.randint(0, 9)}",
            "country": chance.choice(script.countries),
        }
        channel: Channel = chance.choices(CHANNELS, _CHANNEL_WEIGHTS)[0]
        name = chance.choice(script.callers)
        who = chance.randrange(10000)
        caller = Caller(
            name=name,
            mobile=_MOBILE.format(who) if channel in ("hotline", "chat") else "",
            email=f"user{who:04d}@example.com" if channel == "email" else "",
            handle=f"user{who:04d}" if channel == "social" else "",
        )
        priority: Priority = (
            "urgent" if case.category == "FRAUD" else chance.choices(("normal", "high", "low"), (8, 2, 1))[0]
        )
        return {
            "subject": case.subject.format_map(blanks),
            "text": case.text.format_map(blanks),
            "channel": channel,
            "category": case.category,
            "priority": priority,
            "caller": caller,
        }


class _Past:
    """The clock of a story: it only moves when told."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


def history(script: Script, *, count: int, seed: int, now: datetime, rules: ops.Rules = ops.NO_RULES) -> list[Ticket]:
    """``count`` tickets of the last fortnight in the order of their creation, without numbers.

    Older ones are mostly closed, the last hours' mostly open. Every ticket is what ``ops.apply`` made of operations,
    so the timeline, the due times and the states agree as they do in a real one.
    """
    scene = Scene(script, seed=seed)
    chance = scene.chance
    # Squared: more of them lately, as a queue looks in the middle of a day.
    ages = sorted((14 * 24 * 3600 * chance.random() ** 3 for _ in range(count)), reverse=True)
    return [_story(scene, start=now - timedelta(seconds=age + 5), now=now, rules=rules) for age in ages]


def _story(scene: Scene, *, start: datetime, now: datetime, rules: ops.Rules) -> Ticket:
    chance, script = scene.chance, scene.script
    clock = _Past(start.replace(microsecond=0))
    system = scene.author("hotline", clock)
    agent = scene.author(chance.choice(script.agents), clock)

    def go(ticket: Ticket | None, op: ops.AnyOp) -> Ticket:
        return ops.apply(ticket, op, clock.at, rules)

    def later(low: float, high: float) -> bool:
        """Moves the clock on by minutes; False where that is still to come."""
        after = clock.at + timedelta(minutes=chance.uniform(low, high))
        if after >= now:
            return False
        clock.at = after.replace(microsecond=0)
        return True

    ticket = go(None, system.new(**scene.contact()))
    age: Literal["old", "new"] = "old" if now - start > timedelta(hours=8) else "new"
    if chance.random() < (0.03 if age == "old" else 0.45) or not later(1, 25):
        return ticket
    ticket = go(ticket, agent.assign(ticket, agent.name))
    ticket = go(ticket, agent.note(ticket, chance.choice(script.notes)))
    if ticket.channel != "hotline" and later(1, 40):
        ticket = go(ticket, agent.reply(ticket, chance.choice(script.replies)))
    if chance.random() < 0.3 and later(20, 600):
        ticket = go(ticket, system.message(ticket, chance.choice(script.follow_ups)))
    if chance.random() < 0.2 and later(1, 10):
        due = clock.at + timedelta(hours=chance.choice((2, 4, 24)))
        ticket = go(ticket, agent.promise(ticket, chance.choice(script.promises), due))
    for promise in ticket.promises:
        # Kept in time, most of them; one that is due in the future stays open.
        if promise.due_at < now and chance.random() < 0.85:
            clock.at = max(clock.at, promise.due_at - timedelta(minutes=10))
            ticket = go(ticket, agent.settle(ticket, promise.id, kept=True))
    if chance.random() < (0.9 if age == "old" else 0.15) and later(5, 300):
        ending = _ENDINGS.get(ticket.category, "INFO_GIVEN")
        summary, override = chance.choice(script.summaries), chance.choice(script.overrides)
        return go(ticket, agent.close(ticket, ending, summary=summary, override=override))
    if chance.random() < 0.25 and later(1, 30):
        ticket = go(ticket, agent.status(ticket, "pending", reason=chance.choice(script.notes)))
    return ticket


async def people(database: str, past: list[Ticket], *, agents: tuple[str, ...]) -> dict[str, str]:
    """Puts the history into an empty database and signs everybody up; the tokens by user name.

    Besides the agents there are ``supervisor`` and ``hotline``, the callers' way in.
    """
    from . import history as changes
    from . import users
    from .clock import now
    from .db import Database

    db = Database(database)
    try:
        for start in range(0, len(past), _COMMIT):
            chunk = past[start : start + _COMMIT]
            await db.write(lambda conn, chunk=chunk: changes.commit(conn, now=now(), puts=chunk))  # type: ignore[misc]
    finally:
        await db.close()
    roles = {**dict.fromkeys(agents, "agent"), "supervisor": "supervisor", "hotline": "integration"}
    return {name: (await users.add_user(database, name, role)).token for name, role in roles.items()}
