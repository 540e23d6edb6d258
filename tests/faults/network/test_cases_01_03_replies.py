"""Cases 1 to 3: replies that are lost, requests that come twice, replies that come late or out of order."""

from __future__ import annotations

from typing import Any

import pytest

PUSH, PULL = "POST /v1/mutations", "GET /v1/sync"


@pytest.mark.parametrize("how", ["lost_reply", "swallowed", "half_request"])
def test_case_01_a_push_whose_answer_never_comes_is_done_once(case: Any, faults: Any, how: str) -> None:
    """The agent sees: offline, one waiting, words kept; later online and confirmed, whether the server had heard it or not."""
    fault = getattr(faults, how)
    case.proxy.on(PUSH, fault(120) if how.startswith("half") else fault)
    done = (case.agent.hurried() if how == "swallowed" else case.agent).new()
    assert (done.status, len(done.docs[0]["pending"]), case.agent.waiting()) == (3, 1, 1)
    assert done.says("offline")
    case.quiet(case.agent)
    assert case.proxy.heard(PUSH) == 2


def test_case_01_a_page_that_breaks_off_is_fetched_again(case: Any, faults: Any) -> None:
    """The agent sees: offline, and the words still waiting, for nobody has shown their effect; nothing of half a page."""
    case.proxy.on(PULL, faults.half_reply(-3))
    done = case.agent.new()
    assert (done.status, len(done.docs[0]["pending"])) == (3, 1)
    assert case.agent.holds() == {}
    case.quiet(case.agent)


def test_case_02_requests_that_arrive_twice_at_once_are_done_once(case: Any, faults: Any) -> None:
    """The agent sees nothing of it."""
    ticket = case.house.ticket(case.agent.who)
    case.proxy.on(PUSH, faults.twice, times=None)
    case.proxy.on(PULL, faults.twice, times=None)
    done = case.agent.note(ticket, count=20)
    assert (done.status, len(case.agent.written)) == (0, 20)
    case.quiet(case.agent)


def test_case_03_replies_that_come_late_or_crossed_change_nothing(case: Any, faults: Any) -> None:
    """Two agents write on one ticket, their replies are made in one order and come in the other, one after its time.

    They see: whoever gave up waiting is offline with one waiting ("连不上服务器…"), the other is told that it is confirmed.
    """
    other = case.hire()
    ticket = case.house.ticket(case.agent.who)
    case.proxy.on(PUSH, faults.late, times=2)
    first = case.agent.hurried().begin("ticket", "note", ticket, "先到服务器的备注")
    case.proxy.wait(PUSH, 1)
    second = other.begin("ticket", "note", ticket, "后到服务器的备注")
    case.proxy.wait(PUSH, 2)
    gave_up = case.agent.end(first)
    case.proxy.release()
    case.house.ticket(case.agent.who)
    heard = other.end(second)
    assert (gave_up.status, gave_up.docs[0]["state"], gave_up.says("offline")) == (3, "queued", True)
    case.agent.written.append((ticket, "先到服务器的备注"))
    # The second may have been late as well: what it says is true in either case.
    assert heard.docs[0]["state"] in ("queued", "confirmed")
    other.written.append((ticket, "后到服务器的备注"))
    case.quiet(case.agent, other)


class Kept:
    """A page of the server that somebody on the way keeps, and gives out again when another one is asked for."""

    def __init__(self) -> None:
        self.reply = b""

    async def take(self, turn: Any) -> None:
        """The page is made and does not arrive."""
        self.reply = await turn.ask()
        turn.reset()

    async def give(self, turn: Any) -> None:
        """The server hears the question, and the answer is the page of then."""
        await turn.ask()
        await turn.send(self.reply)


def test_case_03_a_page_that_comes_after_a_newer_one_takes_nothing_back_for_good(case: Any) -> None:
    """Two pages in the wrong order: the first is made, the second arrives, and then the first, as the answer to a third question.

    The agent sees: offline once ("连不上服务器…"), then online; what he had been told is confirmed still is, nothing twice.
    """
    ticket = case.house.ticket(case.agent.who)
    case.agent.sync()
    colleague = case.house.hire(f"colleague-of-{case.agent.who}")
    known = case.known(ticket)
    first, second = Kept(), Kept()
    case.house.tell(colleague, lambda author: author.note(known, "先说的"))
    case.proxy.on(PULL, first.take)
    cut = case.agent.sync()
    assert (cut.status, cut.docs[0]["link"], cut.says("offline")) == (3, "offline", True)
    case.house.tell(colleague, lambda author: author.note(known, "后说的"))
    assert case.agent.note(ticket).status == 0
    held = case.agent.holds()[ticket]["rev"]
    case.proxy.on(PULL, first.give)
    case.agent.sync()
    assert case.agent.holds()[ticket]["rev"] == held, (
        "it says less of this agent than he knows, so he asks again at once"
    )
    case.proxy.on(PULL, second.take)
    case.agent.sync()
    case.proxy.on(PULL, second.give, times=2)
    case.agent.note(ticket)
    case.agent.written += [(ticket, "先说的"), (ticket, "后说的")]
    case.quiet(case.agent)
