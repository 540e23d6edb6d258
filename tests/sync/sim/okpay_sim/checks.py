"""What must hold after every step, and how a world must end."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from okpay_console.domain import queue
from okpay_console.domain.daybook import Line, sees

from .console import Console
from .faults import Wrong

if TYPE_CHECKING:
    from .world import World

LASTING = {"ticket.new", "ticket.note", "ticket.message", "ticket.reply", "ticket.chase", "promise.make"}
NOTED = timedelta(seconds=121)


def told_the_truth(world: World, console: Console) -> None:
    """At any moment: what waits is counted, what was refused is in the tray, and nothing is called fresher than it is."""
    status = console.engine.status()
    waiting = console.db.table("outbox").raw()
    if status.pending != len(waiting) or any(doc.get("state", "pending") != "pending" for doc in waiting.values()):
        raise Wrong(f"{console.name} says that {status.pending} wait, and {len(waiting)} do")
    tray = set(console.db.table("reviews").raw())
    if status.reviews != len(tray) or {review.uuid for review in console.engine.reviews()} != tray:
        raise Wrong(f"{console.name} shows another tray than it holds")
    for uuid, doc in console.db.table("acked").raw().items():
        refused = doc["state"] in ("rejected", "review") and doc["item"]["name"] != "audit.witness"
        if refused and not doc.get("settled") and uuid not in tray:
            raise Wrong(f"{console.name} hides that {uuid} was refused")
    if console.unfinished() != {ticket: text for ticket, text in console.drafted.items() if text}:
        raise Wrong(f"{console.name} has lost a draft")
    if status.last_sync_at is not None and not console.misled and console.complete_at is not None:
        age = console.now() - status.last_sync_at
        # A new process with a wrong clock can only count from its own beginning, until the server has told it the time.
        known = console.complete_at >= console.opened_at or not console.wrong
        since = console.complete_at if known else console.opened_at
        true = timedelta(seconds=world.clock.seconds - since)
        if age + NOTED < true:
            raise Wrong(f"{console.name} says that it is {age} old, and it is {true}")

    _never_back(console)


def _never_back(console: Console) -> None:
    """What the server said is not taken back by what it said before, as long as its history is one."""
    revs = {key: int(doc["rev"]) for key, doc in console.db.table("tickets").raw().items()}
    history, before = console.standing
    if 0 < history == console.history:
        for key in revs.keys() & before.keys():
            if revs[key] < before[key]:
                raise Wrong(f"{console.name} has gone back on {key}")
    console.standing = (console.history, revs)


def ended_well(world: World) -> None:
    docs = {
        key: msgspec.json.decode(doc) for key, doc in world.server.rows("select id, doc from tickets where not gone")
    }
    people = {name: (role, frozenset(msgspec.json.decode(queues))) for name, role, queues in world.people()}
    for console in world.consoles:
        _same_tickets(console, docs, people[console.user][1])
    _once(docs)
    _nothing_lost(world, docs)
    _audited(world)
    _daybook(world, people)


def _same_tickets(console: Console, docs: dict[str, Any], queues: frozenset[str]) -> None:
    truth = {key: doc for key, doc in docs.items() if not queues or doc.get("queue", "general") in queues}
    held = {key: dict(doc) for key, doc in console.db.table("tickets").raw().items()}
    if held != truth:
        which = sorted(key for key in held.keys() | truth.keys() if held.get(key) != truth.get(key))
        raise Wrong(f"{console.name} differs in {which}: {held.get(which[0])} but {truth.get(which[0])}")
    if dict(console.engine.rows()) != {key: queue.row(doc) for key, doc in truth.items()}:
        raise Wrong(f"{console.name} shows other rows than it holds")
    if console.engine.status().state != "online" or console.engine.status().pending:
        raise Wrong(f"{console.name} is not at rest")


def _once(docs: dict[str, Any]) -> None:
    for doc in docs.values():
        ids = [entry["id"] for entry in doc["timeline"]]
        if len(ids) != len(set(ids)):
            raise Wrong(f"something happened twice on {doc['id']}")


def _nothing_lost(world: World, docs: dict[str, Any]) -> None:
    done = {entry["id"] for doc in docs.values() for entry in doc["timeline"]}
    tray = {review.uuid for console in world.consoles for review in console.engine.reviews()}
    outcomes = dict(world.server.rows("select uuid, state from mutations"))
    for uuid in world.intents.keys() - world.excused - done - tray:
        # What changed nothing leaves no mark on a ticket, but the server has written it down; words always leave one.
        recorded = outcomes.get(uuid) == "confirmed" or uuid in world.trimmed
        if world.intents[uuid] == "audit.witness" and outcomes.get(uuid) == "rejected":
            continue
        if world.intents[uuid] in LASTING or not recorded:
            raise Wrong(f"{world.intents[uuid]} {uuid} is neither on its ticket nor in front of anybody")
    for console in world.consoles:
        for uuid, doc in console.db.table("acked").raw().items():
            known = outcomes.get(uuid) == "confirmed" or uuid in done or uuid in world.trimmed or uuid in world.excused
            if doc["state"] == "confirmed" and not known:
                raise Wrong(f"{console.name} calls {uuid} confirmed, and the server does not know it")


def _audited(world: World) -> None:
    """Every witness stands in the audit log of the history that is left, once."""
    told = Counter(
        about.split()[-1] for (about,) in world.server.rows("select about from audit where what = 'secret-refused'")
    )
    for uuid, place in world.witnessed.items():
        if told[place] > 1:
            raise Wrong(f"witness {uuid} is told {told[place]} times")
        if not told[place] and uuid in world.intents and uuid not in world.excused:
            raise Wrong(f"witness {uuid} is lost")


def _daybook(world: World, people: dict[str, tuple[str, frozenset[str]]]) -> None:
    """Every line stands in the history that is left, once, and everybody knows those that he may see."""
    rows = world.server.rows("select seq, doc from daybook order by seq")
    if [seq for seq, _ in rows] != list(range(1, len(rows) + 1)):
        raise Wrong("the daybook's numbers have gaps")
    lines = [msgspec.json.decode(doc, type=Line) for _, doc in rows]
    refused = {own.line.uuid for console in world.consoles for own in console.engine.untold()}
    lost = world.told.keys() - world.excused - refused - {line.uuid for line in lines}
    if lost:
        raise Wrong(f"the lines {sorted(lost)} are lost")

    def queues_of(name: str) -> frozenset[str] | None:
        return people[name][1] if name in people else None

    for console in world.consoles:
        role, queues = people[console.user]
        # Whoever works in some queues is not told how many lines there are in the others.
        shown = (line for line in lines if sees(console.user, role, queues, line, queues_of))
        truth = {line.uuid: 1 if queues else line.seq for line in shown}
        # What was shown of a colleague before he went to other queues is not taken back.
        known = {
            line.uuid: line.seq
            for line in console.engine.daybook()
            if line.uuid in truth or line.by not in world.moved or line.uuid not in {one.uuid for one in lines}
        }
        if known != truth:
            raise Wrong(f"{console.name} knows {known} of the daybook, and the server shows it {truth}")
