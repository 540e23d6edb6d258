"""How often a caller has been in touch: contacts, not messages, and counted to the latest one of the ticket."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from okpay_console.domain.ticket import Call, Entry, Mark, Ticket
from okpay_console.domain.visits import Visits, visits

NOW = datetime(2026, 11, 22, 6, 46, tzinfo=UTC)
YESTERDAY = NOW - timedelta(hours=22, minutes=26)


def ticket(name: str, *contacts: tuple[datetime, str], calls: tuple[Call, ...] = ()) -> Ticket:
    timeline = tuple(Entry(f"{name}{at}", kind, at) for at, kind in contacts)
    at = contacts[0][0]
    return Ticket(id=name, subject="s", channel="chat", timeline=timeline, calls=calls, created_at=at, updated_at=at)


def test_a_first_contact_has_none_before_it() -> None:
    assert visits(ticket("a", (NOW, "created")), []) == Visits(0, None)


def test_an_earlier_ticket_of_the_caller_makes_this_the_second_time() -> None:
    assert visits(ticket("b", (NOW, "created")), [ticket("a", (YESTERDAY, "created"))]) == Visits(1, YESTERDAY)


def test_messages_of_one_conversation_and_the_call_that_made_the_ticket_are_one_contact() -> None:
    call = Call("c", marks=(Mark("offered", NOW - timedelta(minutes=1)),))
    chat = [(NOW + timedelta(minutes=20 * step), "message") for step in range(1, 6)]
    assert visits(ticket("b", (NOW, "created"), *chat, calls=(call,)), []) == Visits(0, None)


def test_asking_again_about_the_same_ticket_counts_and_notes_of_colleagues_do_not() -> None:
    one = ticket("a", (YESTERDAY, "created"), (NOW - timedelta(hours=3), "note"), (NOW, "chase"))
    assert visits(one, [one]) == Visits(1, YESTERDAY)


def test_what_came_after_the_ticket_is_not_counted_for_it() -> None:
    assert visits(ticket("a", (YESTERDAY, "created")), [ticket("b", (NOW, "created"))]) == Visits(0, None)
