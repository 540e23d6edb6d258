"""Every cell of role × route × queues, and of role × operation × queues, asked from outside over real HTTP."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import httpx
import msgspec
import pytest

from okpay_console.domain import ops, wire
from okpay_console.domain.author import Author
from okpay_console.domain.ticket import Ticket, from_doc
from okpay_console.server import clock, users
from okpay_console.server.app import create_app
from okpay_console.server.policy import ALLOWED, ROLES
from okpay_console.server.rights import OPEN, ROUTES
from okpay_console.server.run import ServerConfig, start_in_thread

from .test_policy import MADE

CANARY = "kingfisher"
"""A word in everything that belongs to the queue "cards", and nowhere else."""
NOWHERE = "00000000-0000-7000-8000-000000000000"
QUEUES = {"all": (), "own": ("cards",), "other": ("vip",)}
MARKDOWN = (
    "---\nid: kf\ntitle: Hello\nlang: en\nkeywords: hello\n---\nFor a caller.\n\n1. Say hello.\n\n"
    "## Spoken\nHello.\n\n## Written\nHello.\n"
)


class Seat(NamedTuple):
    """Somebody of a role who works in some queues."""

    role: str
    reach: str
    name: str
    http: httpx.Client


class Asked(NamedTuple):
    """One request; ``shows`` says that its answer is to hold the canary where the asker may see it."""

    method: str
    path: str
    body: Any = None
    headers: Mapping[str, str] = MappingProxyType({})
    shows: bool = False


ASK: dict[str, Callable[[str], Asked]] = {
    "GET /v1/me": lambda _: Asked("GET", "/v1/me"),
    "GET /v1/sessions": lambda _: Asked("GET", "/v1/sessions"),
    "DELETE /v1/sessions/{session}": lambda _: Asked("DELETE", "/v1/sessions/nobodys"),
    "GET /v1/events": lambda _: Asked("GET", "/v1/events"),
    "GET /v1/sync": lambda _: Asked("GET", "/v1/sync", shows=True),
    "POST /v1/mutations": lambda it: Asked("POST", "/v1/mutations", _note(it)),
    "GET /v1/tickets": lambda _: Asked("GET", "/v1/tickets", shows=True),
    "POST /v1/tickets": lambda _: Asked(
        "POST", "/v1/tickets", {"subject": "kingfisher 2", "channel": "chat", "queue": "cards"}, {"Idempotency-Key": "k"}
    ),
    "POST /v1/tickets/batch": lambda _: Asked(
        "POST", "/v1/tickets/batch",
        {"items": [{"subject": "x", "channel": "chat", "queue": queue, "external_id": "ZD-1"} for queue in ("cards", "vip")]},
    ),
    "GET /v1/tickets/{ticket}": lambda it: Asked("GET", f"/v1/tickets/{it}", shows=True),
    "PATCH /v1/tickets/{ticket}": lambda it: Asked(
        "PATCH", f"/v1/tickets/{it}", {"subject": "kingfisher now"}, {"If-Match": '"1"'}, shows=True
    ),
    "POST /v1/tickets/{ticket}/claim": lambda it: Asked("POST", f"/v1/tickets/{it}/claim"),
    "POST /v1/tickets/{ticket}/renew": lambda it: Asked("POST", f"/v1/tickets/{it}/renew"),
    "POST /v1/queue/next": lambda _: Asked("POST", "/v1/queue/next?queue=cards&queue=vip"),
    "POST /v1/presence": lambda it: Asked("POST", "/v1/presence", {"ticket": it, "left": [NOWHERE]}),
    "POST /v1/daybook": lambda _: Asked("POST", "/v1/daybook", {"lines": [], "alive": False}),
    "GET /v1/daybook": lambda _: Asked("GET", "/v1/daybook", shows=True),
    "GET /v1/answers": lambda _: Asked("GET", "/v1/answers"),
    "GET /v1/answers/drafts": lambda _: Asked("GET", "/v1/answers/drafts"),
    "GET /v1/answers/{name}/{lang}/history": lambda _: Asked("GET", "/v1/answers/kf/en/history"),
    "GET /v1/answers/{name}/{lang}/versions/{number}": lambda _: Asked("GET", "/v1/answers/kf/en/versions/1"),
    "PUT /v1/answers/{name}/{lang}": lambda _: Asked("PUT", "/v1/answers/kf/en", {"markdown": MARKDOWN}),
    "POST /v1/answers/{name}/{lang}/publish": lambda _: Asked("POST", "/v1/answers/kf/en/publish"),
    "POST /v1/answers/{name}/{lang}/retire": lambda _: Asked("POST", "/v1/answers/kf/en/retire"),
    "GET /v1/wall": lambda _: Asked("GET", "/v1/wall"),
    "GET /v1/alarms": lambda _: Asked("GET", "/v1/alarms", shows=True),
    "GET /v1/alarms/deliveries": lambda _: Asked("GET", "/v1/alarms/deliveries"),
    "PUT /v1/alarms/{name}": lambda _: Asked("PUT", "/v1/alarms/kingfisher", _alarm()),
    "DELETE /v1/alarms/{name}": lambda _: Asked("DELETE", "/v1/alarms/nobodys"),
    "GET /v1/audit": lambda _: Asked("GET", "/v1/audit"),
}  # fmt: skip


def _note(ticket: str) -> dict[str, Any]:
    item = wire.to_item(Author("x", clock.new_id, clock.now).note(_blank(ticket), "noted"), mid=1, prev="")
    return msgspec.to_builtins(wire.Push("client-" + clock.new_id(), [item]))


def _blank(ticket: str) -> Ticket:
    """A ticket of which nothing but the id is known."""
    made = Author("x", clock.new_id, clock.now).new(subject="x", channel="chat")
    return msgspec.structs.replace(ops.apply(None, made, clock.now(), ops.NO_RULES), id=ticket)


def _alarm() -> dict[str, Any]:
    return {"metric": "groups.queue.cards.open", "above": 5, "queue": "cards", "words": CANARY}


class House(NamedTuple):
    """A server that listens, one seat for each role and reach, and the ticket of "cards" that holds the canary."""

    seats: list[Seat]
    ticket: str

    def seat(self, role: str, reach: str) -> Seat:
        return next(seat for seat in self.seats if (seat.role, seat.reach) == (role, reach))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    database = str(tmp_path_factory.mktemp("rights") / "server.db")
    with start_in_thread(ServerConfig(database=database, port=0)) as running:
        seats = []
        for role in ROLES:
            for reach, queues in QUEUES.items():
                name = f"{role}-{reach}"
                token = asyncio.run(users.add_user(database, name, role, queues)).token
                http = httpx.Client(base_url=running.url, headers={"Authorization": f"Bearer {token}"}, timeout=30)
                seats.append(Seat(role, reach, name, http))
        made = House(seats, "")
        boss = made.seat("admin", "all")
        draft = {
            "subject": CANARY, "channel": "chat", "queue": "cards", "text": CANARY, "external_id": "ZD-1",
            "tags": [CANARY], "caller": {"name": CANARY},
        }  # fmt: skip
        [item] = boss.http.post("/v1/tickets/batch", json={"items": [draft]}).json()["items"]
        notice = {"uuid": clock.new_id(), "kind": "notice", "at": clock.now().isoformat(), "by": boss.name}
        told = {"lines": [{**notice, "queue": "cards", "words": CANARY}]}
        assert boss.http.post("/v1/daybook", json=told).json()["lines"][0]["state"] == "kept"
        assert boss.http.put("/v1/alarms/kingfisher", json=_alarm()).status_code == 200
        assert boss.http.put("/v1/answers/kf/en", json={"markdown": MARKDOWN}).status_code == 200
        try:
            yield made._replace(ticket=item["id"])
        finally:
            for seat in seats:
                seat.http.close()


def ask(seat: Seat, asked: Asked) -> tuple[int, str, str]:
    """Status, problem code ("" for none) and body."""
    body = None if asked.body is None else json.dumps(asked.body)
    with seat.http.stream(asked.method, asked.path, content=body, headers=asked.headers) as reply:
        if reply.headers.get("content-type", "").startswith("text/event-stream"):
            return reply.status_code, "", next(reply.iter_text())
        reply.read()
    code = reply.json()["type"].rpartition("/")[2] if reply.status_code >= 400 else ""
    return reply.status_code, code, reply.text


def test_every_route_of_the_application_is_in_the_table_and_in_this_test(tmp_path: Path) -> None:
    app = create_app(ServerConfig(database=str(tmp_path / "x.db")))
    there = {
        f"{method} {route.path_format}" for route in app.routes for method in getattr(route, "methods", ())
        if method not in ("OPTIONS", "HEAD")
    }  # fmt: skip
    assert there - OPEN == set(ROUTES) == set(ASK)
    assert all(not route.startswith(("GET /v1", "POST /v1")) for route in OPEN)


def test_every_route_answers_who_may_use_it_and_tells_nothing_of_other_queues(house: House) -> None:
    wrong = []
    for route, seat in itertools.product(ROUTES, house.seats):
        right = ROUTES[route]
        asked = ASK[route](house.ticket)
        status, code, body = ask(seat, asked)
        found = CANARY in body or house.ticket in body
        if seat.role not in right.roles:
            fine = (status, code) == (403, "forbidden") and not found
        elif right.reach == "house" and seat.reach != "all":
            fine = (status, code) == (403, "no-queue")
        elif seat.reach == "other" and right.reach == "ticket":
            missing = ask(seat, ASK[route](NOWHERE))
            fine = (status, code) == missing[:2] and not (found and CANARY in body)
            fine = fine and _alike(body, house.ticket) == _alike(missing[2], NOWHERE)
        elif seat.reach == "other" and right.reach == "queues":
            fine = not found and (status < 300 or code in ("no-queue", "not-found"))
        else:
            fine = status not in (401, 403, 500) and (
                status < 400 or code in ("held", "not-held", "changed", "not-found")
            )
            fine = fine and (found or not asked.shows or status == 412)
            fine = fine and not (status == 404 and right.reach == "ticket")
        if not fine:
            wrong.append((route, seat.role, seat.reach, status, code, body[:300]))
    assert wrong == []


def _alike(body: str, ticket: str) -> Any:
    """A reply without what differs from one request to the next: the id that was asked for, clocks and fresh ids."""
    told = json.loads(body.replace(ticket, "ID"))
    for outcome in told.get("outcomes", ()):
        outcome.pop("uuid")
    for key in ("now", "last"):
        told.pop(key, None)
    return told


@pytest.mark.parametrize("role", ROLES)
def test_an_operation_on_a_ticket_of_others_queues_is_answered_like_one_on_a_ticket_that_is_not_there(
    house: House, role: str
) -> None:
    boss, near, far = house.seat("admin", "all"), house.seat(role, "own"), house.seat(role, "other")
    there = from_doc(boss.http.get(f"/v1/tickets/{house.ticket}").json())
    missing = msgspec.structs.replace(there, id=NOWHERE)
    drafts = [{"subject": "x", "channel": "chat", "queue": "cards"} for _ in MADE]
    made = boss.http.post("/v1/tickets/batch", json={"items": drafts}).json()["items"]
    wrong = []
    for (kind, make), fresh in zip(MADE.items(), made, strict=True):
        said = {}
        here = msgspec.structs.replace(there, id=fresh["id"])
        for key, seat, ticket, other in (
            ("own", near, here, NOWHERE), ("other", far, there, house.ticket), ("missing", far, missing, NOWHERE),
        ):  # fmt: skip
            op = make(Author(seat.name, clock.new_id, clock.now), ticket, other)
            if isinstance(op, ops.NewTicket):
                op = msgspec.structs.replace(op, queue="cards")
            item = wire.to_item(op, mid=1, prev="")
            pushed = seat.http.post("/v1/mutations", content=msgspec.json.encode(wire.Push(clock.new_id(), [item])))
            [outcome] = pushed.json()["outcomes"]
            said[key] = {name: outcome.get(name, "") for name in ("state", "code", "what", "advice")}
        allowed = role in ALLOWED[kind]
        code = "no-queue" if kind is ops.NewTicket else "no-ticket"
        if said["other"] != said["missing"]:
            wrong.append((kind.__name__, "differs", said))
        if kind is not ops.Witness and said["other"]["code"] != (code if allowed else "forbidden"):
            wrong.append((kind.__name__, "other", said["other"]))
        if (said["own"]["code"] == "forbidden") is allowed and not (role == "integration" and kind is ops.MarkCall):
            wrong.append((kind.__name__, "own", said["own"]))
        if said["own"]["code"] in ("no-ticket", "no-queue") and kind is not ops.MergeTicket:
            wrong.append((kind.__name__, "own", said["own"]))
    assert wrong == []


def test_a_link_or_a_merge_does_not_tell_whether_the_other_ticket_is_there(house: House) -> None:
    far = house.seat("agent", "other")
    author = Author(far.name, clock.new_id, clock.now)
    mine = author.new(subject="mine", channel="chat", queue="vip")
    push = [mine]
    seen = msgspec.structs.replace(ops.apply(None, mine, clock.now(), ops.NO_RULES), rev=1)
    for other in (house.ticket, NOWHERE):
        push += [author.merge(seen, other), msgspec.structs.replace(author.link(seen, other), kind="merged"),
                 author.link(seen, other)]  # fmt: skip
    items, prev = [], ""
    for mid, op in enumerate(push, start=1):
        items.append(wire.to_item(op, mid=mid, prev=prev))
        prev = op.uuid
    reply = far.http.post("/v1/mutations", content=msgspec.json.encode(wire.Push(clock.new_id(), items))).json()
    _, *rest = [(outcome["state"], outcome.get("code", "")) for outcome in reply["outcomes"]]
    assert rest[:3] == rest[3:] == [("rejected", "no-ticket"), ("rejected", "not-merged"), ("confirmed", "")]


def test_an_external_id_of_others_queues_is_free_here_and_stays_ones_own(house: House) -> None:
    far = house.seat("integration", "other")
    draft = {"subject": "x", "channel": "chat", "queue": "vip", "external_id": "ZD-77"}
    boss = house.seat("admin", "all")
    [theirs] = boss.http.post("/v1/tickets/batch", json={"items": [{**draft, "queue": "cards"}]}).json()["items"]
    [mine] = far.http.post("/v1/tickets/batch", json={"items": [draft]}).json()["items"]
    [again] = far.http.post("/v1/tickets/batch", json={"items": [draft]}).json()["items"]
    assert (theirs["state"], mine["state"], again["state"]) == ("created", "created", "exists")
    assert again["id"] == mine["id"] != theirs["id"]
    # What one has brought in is one's own to know, also when somebody has moved it where one does not see it.
    seen = from_doc(boss.http.get(f"/v1/tickets/{mine['id']}").json())
    moved = wire.to_item(Author("x", clock.new_id, clock.now).queue(seen, "cards"), mid=1, prev="")
    boss.http.post("/v1/mutations", content=msgspec.json.encode(wire.Push(clock.new_id(), [moved])))
    [later] = far.http.post("/v1/tickets/batch", json={"items": [draft]}).json()["items"]
    assert (later["state"], later["id"]) == ("exists", mine["id"])


@pytest.mark.parametrize("header", ["Forwarded", "X-Forwarded-For", "Via"])
def test_the_counters_of_the_house_are_not_passed_on_by_a_proxy(house: House, header: str) -> None:
    http = house.seats[0].http
    assert http.get("/metrics").status_code == 200
    assert http.get("/metrics", headers={header: "10.0.0.1"}).status_code == 403
