"""The link as a table: what each error makes of each state, and when it is tried again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from okpay_console import errors
from okpay_console.sync import link

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
LATER = NOW + timedelta(seconds=5)


def highest(_, high):
    return high


def after(state, error, *, attempts=0, uniform=highest):
    before = link.Link(state, NOW, attempts=attempts)
    return link.failed(before, error, now=LATER, monotonic=100.0, uniform=uniform)


@pytest.mark.parametrize(
    ("error", "state", "wait"),
    [
        (errors.Offline("x"), "offline", 1),
        (errors.Unavailable("x"), "offline", 1),
        (errors.Unavailable("x", retry_after=40), "offline", 41),
        (errors.Unavailable("x", retry_after=1e9), "offline", 601),
        (errors.SignedOut("x"), "signed-out", None),
        (errors.StoreForeign("x"), "refused", None),
        (errors.BadReply("x", code="protocol"), "refused", 60),
        (errors.Forbidden("x"), "refused", 60),
        (errors.Gone("x"), "refused", 60),
        (errors.Forked("x"), "refused", 60),
        (errors.Refused("x"), "refused", 60),
    ],
)
@pytest.mark.parametrize("before", ["online", "connecting", "offline", "signed-out", "refused"])
def test_each_error_leads_to_one_state_from_everywhere(before, error, state, wait):
    link_after = after(before, error)
    assert link_after.state == state
    assert link_after.retry_at == (None if wait is None else 100 + wait)
    assert link_after.since == (NOW if state == before else LATER)
    assert (link_after.message, link_after.code, link_after.attempts) == ("x", error.code, 1)


@pytest.mark.parametrize("before", ["online", "connecting", "offline"])
def test_a_full_disk_is_not_the_links_fault(before):
    assert after(before, errors.StoreFull("full")).state == before


def test_the_bound_doubles_from_one_to_thirty_seconds_and_the_jitter_is_full():
    bounds = [after("offline", errors.Offline("x"), attempts=n).retry_at - 100 for n in range(8)]
    assert bounds == [1, 2, 4, 8, 16, 30, 30, 30]
    assert after("offline", errors.Offline("x"), attempts=2000).retry_at == 130
    assert after("offline", errors.Offline("x"), attempts=5, uniform=lambda low, _: low).retry_at == 100


def test_success_clears_the_error_and_keeps_since():
    online = link.succeeded(after("offline", errors.Offline("x")), LATER)
    assert online == link.Link("online", LATER)
    assert link.succeeded(link.Link("online", NOW, attempts=2, message="disk"), LATER) == link.Link("online", NOW)


@pytest.mark.parametrize("gone", [errors.SignedOut("revoked"), errors.SignedOut("disabled", code="disabled")])
@pytest.mark.parametrize("then", [errors.Offline("no route"), errors.Unavailable("too many", retry_after=40)])
def test_a_token_that_the_server_turned_away_stays_so_while_nobody_can_be_asked(gone, then):
    told = after("online", gone)
    later = link.failed(told, then, now=LATER, monotonic=100.0, uniform=highest)
    assert (later.state, later.code, later.message, later.retry_at) == ("signed-out", gone.code, gone.what, None)
    assert later.since == told.since
    tried = link.again(told, LATER)
    assert (tried.state, tried.may_try(0.0)) == ("connecting", True)
    assert link.failed(tried, then, now=LATER, monotonic=100.0, uniform=highest).state == "signed-out"
    assert link.succeeded(tried, LATER) == link.Link("online", LATER)
    fresh = link.start(LATER)
    assert link.failed(fresh, then, now=LATER, monotonic=100.0, uniform=highest).state == "offline"


def test_a_human_may_try_at_once_whatever_it_waits_for():
    for error in (errors.SignedOut("x"), errors.StoreForeign("x"), errors.Offline("x")):
        waiting = after("online", error)
        assert not waiting.may_try(100.5)
        assert link.again(waiting, LATER).may_try(0.0)
    online = link.Link("online", NOW)
    assert link.again(online, LATER) is online
