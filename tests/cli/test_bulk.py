"""``bulk``: what ``tickets --json`` names is changed at once, told first, and refused in words."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any


def test_tickets_are_piped_into_one_change_that_is_told_first_and_reaches_the_server(desk: Callable[..., Any]) -> None:
    """A supervisor assigns what a list names; one that is so already stays, and so does one that is nowhere."""
    lead, agent = desk("bulk-lead", "supervisor"), desk("bulk-agent")
    for number in range(3):
        made = lead("ticket", "new", "--subject", f"matter {number}", "--channel", "chat", "--json")
        assert made.status == 0, made.err
    listed = lead("tickets", "--json").out
    assert (
        lead("bulk", "assign", "bulk-agent", "--from-stdin", stdin=listed, OKPAY_SERVER="http://127.0.0.1:9").status
        == 3
    )
    assert lead("sync", "--json").status == 0
    first = json.loads(listed.splitlines()[0])["id"]
    told = lead("bulk", "priority", "urgent", first, "no-such-ticket", "--dry-run", "--json")
    assert told.status == 1
    assert [(one["state"], one.get("code", "")) for one in told.docs] == [("would", ""), ("stays", "no-ticket")]
    again = lead("bulk", "assign", "bulk-agent", "--from-stdin", "--json", stdin=listed)
    assert (again.status, {one["code"] for one in again.docs}) == (0, {"same"})
    moved = lead("bulk", "queue", "risk", "--from-stdin", "--json", stdin=listed)
    assert (moved.status, {one["state"] for one in moved.docs}) == (0, {"confirmed"})
    assert agent("sync", "--json").status == 0
    rows = [json.loads(line) for line in agent("tickets", "--json").out.splitlines()]
    assert {(one["assignee"], one["queue"], one["priority"]) for one in rows} == {("bulk-agent", "risk", "normal")}
    refused = agent("bulk", "assign", "bulk-lead", first, "--json")
    assert (refused.status, refused.doc["state"], refused.doc["code"]) == (1, "stays", "role")
    told = agent("bulk", "assign", "bulk-lead", first, "--dry-run", "--json")
    assert (told.status, told.doc["code"]) == (1, "role"), "said before anything is put on the disk"
    assert agent("sync", "--json").doc["pending"] == 0


def test_a_line_that_names_no_ticket_is_a_usage_error(desk: Callable[..., Any]) -> None:
    done = desk("bulk-lead", "supervisor")("bulk", "priority", "high", "--from-stdin", stdin='{"number": 1}\n')
    assert done.status == 2
