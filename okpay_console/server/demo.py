"""The demo's past: a seeded history of tickets that went through the same operations as real ones."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from okpay_console.domain import ops
from okpay_console.domain.daybook import Line
from okpay_console.domain.ticket import Ticket

from .scene import Scene, Script, load_script
from .story import Story

__all__ = ["Scene", "Script", "history", "load_script", "people", "searches"]

_LOOKED = timedelta(minutes=2)
_COMMIT = 200  # tickets in one commit: a page of the feed holds whole commits


def history(script: Script, *, count: int, seed: int, now: datetime, rules: ops.Rules = ops.NO_RULES) -> list[Ticket]:
    """``count`` tickets of the last fortnight in the order of their creation, without numbers.

    Older ones are mostly closed, the last hours' mostly open. Every ticket is what ``ops.apply`` made of operations,
    so the timeline, the due times and the states agree as they do in a real one.
    """
    scene = Scene(script, seed=seed)
    chance = scene.chance
    # Squared: more of them lately, as a queue looks in the middle of a day.
    ages = sorted((14 * 24 * 3600 * chance.random() ** 3 for _ in range(count)), reverse=True)
    return [Story(scene, start=now - timedelta(seconds=age + 5), now=now, rules=rules).tell() for age in ages]


def searches(script: Script, past: Iterable[Ticket], *, now: datetime) -> list[Line]:
    """What agents of the past looked for in vain, two minutes into every second case of a matter that has such words."""
    found = []
    held = [one for one in past if one.assignee and one.created_at + _LOOKED < now]
    for place, vain in enumerate(script.searches):
        cases = [one for one in held if one.category == vain.category]
        for number, one in enumerate(cases[place % 2 :: 2]):
            uuid, at = f"demo-vain-{place}-{number}", one.created_at + _LOOKED
            found.append(
                Line(uuid=uuid, kind="missed", at=at, by=one.assignee or "", what=vain.category, words=vain.words)
            )
    return found


async def people(database: str, past: list[Ticket], *, agents: tuple[str, ...], script: Script) -> dict[str, str]:
    """Puts the history into an empty database and signs everybody up; the tokens by user name.

    Besides the agents there are ``supervisor`` and ``hotline``, the callers' way in.
    """
    from . import daybook, users
    from . import history as changes
    from .attendance import attendance
    from .clock import now
    from .db import Database

    db = Database(database)
    try:
        for start in range(0, len(past), _COMMIT):
            chunk = past[start : start + _COMMIT]
            await db.write(lambda conn, chunk=chunk: changes.commit(conn, now=now(), puts=chunk))  # type: ignore[misc]
        lines = [*attendance(past, now=now()), *searches(script, past, now=now())]
        await db.write(lambda conn: daybook.append(conn, lines, now=now()))
    finally:
        await db.close()
    roles = {**dict.fromkeys(agents, "agent"), "supervisor": "supervisor", "hotline": "integration"}
    return {name: (await users.add_user(database, name, role)).token for name, role in roles.items()}
