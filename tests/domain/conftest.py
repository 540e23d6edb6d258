"""A fixed moment, ids that count, two authors, and the shipped rules."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import settings

from okpay_console.content.rules import load_rules
from okpay_console.domain import ops
from okpay_console.domain.author import Author
from okpay_console.domain.ticket import Ticket

# A slow machine is no failure of the rule under test.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 22, 6, 46, tzinfo=UTC)


@pytest.fixture
def rules() -> ops.Rules:
    return load_rules()


@pytest.fixture
def author(now: datetime) -> Callable[[str], Author]:
    """Makes an author by name; ids are unique over all of them."""
    count = itertools.count(1)
    return lambda name: Author(name, lambda: f"id-{next(count)}", lambda: now)


@pytest.fixture
def wang(author: Callable[[str], Author]) -> Author:
    return author("wang")


@pytest.fixture
def li(author: Callable[[str], Author]) -> Author:
    return author("li")


@pytest.fixture
def ticket(wang: Author, now: datetime) -> Ticket:
    """A fresh call about a payment that did not arrive."""
    return ops.apply(None, wang.new(subject="已扣款未到账", channel="hotline", category="TXN", text="钱扣了"), now)
