"""A copy of the audit log shows every line that was changed, left out, moved or put in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from okpay_console.domain.auditchain import FIRST, Chain, Linked, check, link, milliseconds

AT = datetime(2026, 11, 22, 9, 0, 0, 123000, tzinfo=UTC)


def chain(count: int, *, first: int = 1) -> list[Linked]:
    made, prev = [], FIRST
    for number in range(first, first + count):
        at = AT + timedelta(seconds=number)
        own = link(prev, number, milliseconds(at), "li", "export", f"tickets {number}")
        made.append(Linked(number, at, "li", "export", f"tickets {number}", prev, own))
        prev = own
    return made


def test_a_whole_chain_is_whole_in_one_go_or_in_parts() -> None:
    lines = chain(9)
    found = check(lines)
    assert found == Chain(9, 1, 9, lines[-1].link)
    assert check(lines[4:], check(lines[:4])) == found


def test_a_part_is_checked_by_itself() -> None:
    assert check(chain(9)[4:]).broken == 0
    assert check(chain(9)[4:]).first == 5


@pytest.mark.parametrize(("name", "value"), [("who", "wang"), ("what", "x"), ("about", ""), ("at", AT), ("id", 5)])
def test_a_changed_line_is_found(name: str, value: object) -> None:
    lines = chain(9)
    lines[3] = replace(lines[3], **{name: value})
    assert (check(lines).broken, check(lines).why) == (4, "changed")


def test_a_line_that_is_left_out_or_moved_is_found() -> None:
    lines = chain(9)
    assert (check([*lines[:3], *lines[4:]]).broken, check([*lines[:3], *lines[4:]]).why) == (4, "gap")
    assert check([lines[1], lines[0], *lines[2:]]).broken == 2


def test_a_line_that_was_made_anew_with_its_own_hash_is_found_by_the_next() -> None:
    lines = chain(9)
    other = replace(lines[3], about="tickets 0")
    lines[3] = replace(
        other, link=link(other.prev, other.id, milliseconds(other.at), other.who, other.what, other.about)
    )
    assert (check(lines).broken, check(lines).why) == (5, "cut")


def test_a_log_that_does_not_begin_at_the_beginning_is_found() -> None:
    first = chain(1)[0]
    forged = replace(first, prev="1" * 64)
    forged = replace(forged, link=link("1" * 64, 1, milliseconds(first.at), first.who, first.what, first.about))
    assert check([forged]).why == "cut"
