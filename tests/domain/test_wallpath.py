"""A dotted path finds the number that the wall shows, and one that leads nowhere is known before it is kept."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from okpay_console.domain import calls, walltally
from okpay_console.domain.wallnumbers import Group, House, Wall
from okpay_console.domain.wallpath import known, number, within
from okpay_console.domain.watch import Watch

NOW = datetime(2026, 11, 22, 6, 46, tzinfo=UTC)


def wall(**queues: int) -> Wall:
    group = {
        name: Group(open=open_now, overdue=0, calls=calls.numbers(calls.Tally())) for name, open_now in queues.items()
    }
    found = walltally.numbers(Watch(House()), NOW)
    return replace(found, ringing=3, groups={**found.groups, "queue": group})


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("ringing", 3), ("house.goal", 0.8), ("groups.queue.vip.open", 7), ("groups.queue.a.b.open", 5),
        ("calls.offered", 0), ("levers.0.rostered", None), ("halves.now.offered", 0), ("halves.99.offered", None),
        ("groups.queue.vip.calls.service_level.strict", None), ("promises.share", None), ("longest_ring_s", None),
    ],
)  # fmt: skip
def test_a_path_gives_the_number_that_stands_there_and_none_where_nobody_can_tell(path: str, value: Any) -> None:
    assert number(wall(vip=7, **{"a.b": 5}), path) == value


@pytest.mark.parametrize("path", ["groups.queue.gone.open", "groups.queue.a.b.open", "tickets.by_queue.gone"])
def test_a_queue_in_which_nothing_stands_has_nothing_and_not_no_data(path: str) -> None:
    """Else an alarm on its open tickets would stay up for ever once the last of them is closed."""
    assert (known(path), number(wall(), path)) == (True, 0)
    assert number(wall(), "groups.queue.gone.calls.asa_s") is None


def test_a_queue_named_like_a_number_of_another_hides_it_not() -> None:
    assert number(wall(a=2, **{"a.open": 9}), "groups.queue.a.open") == 2
    assert number(wall(a=2, **{"a.open": 9}), "groups.queue.a.open.open") == 9


@pytest.mark.parametrize(
    "path",
    ["", ".", "ringing.", "nix", "calls", "as_of", "house.formula", "house.rule", "groups.nix.vip.open", "groups.queue.vip",
     "__class__", "calls.__doc__", "halves.then.offered", "ringing.real", "x" * 300],
)  # fmt: skip
def test_a_path_to_no_number_is_known_as_such(path: str) -> None:
    assert not known(path)


@pytest.mark.parametrize(
    ("path", "queue", "inside"),
    [
        ("groups.queue.vip.open", "vip", True), ("groups.queue.vip.calls.asa_s", "vip", True),
        ("tickets.by_queue.vip", "vip", True), ("tickets.by_queue.vip2", "vip", False),
        ("groups.queue.vip.x.open", "vip", False), ("groups.queue.vip.x.open", "vip.x", True), ("ringing", "vip", False),
        ("groups.category.vip.open", "vip", False),
    ],
)  # fmt: skip
def test_a_number_is_within_a_queue_only_if_it_is_of_that_queue_alone(path: str, queue: str, inside: bool) -> None:
    assert within(path, queue) is inside
