"""Two consoles and a server, any operations in any order of arrival: one end, and every word is somewhere."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from okpay_console import errors
from okpay_console.content.rules import load_rules
from okpay_console.domain import ops
from okpay_console.domain.author import Author
from okpay_console.domain.merging import Rules
from okpay_console.domain.operations import texts
from okpay_console.domain.overlay import overlay
from okpay_console.domain.ticket import Ticket, to_doc

NOW = datetime(2026, 11, 22, 6, 46, tzinfo=UTC)
RULES: Rules = load_rules()

_FIELDS = ["txn_no", "mobile", "currency"]
KINDS = 31
# Words that nothing else on a ticket contains, so that finding them again proves that they were kept.
_WORDS = itertools.count(1)


def word(kind: str) -> str:
    return f"«{kind}{next(_WORDS)}»"


def act(author: Author, seen: Ticket, choice: int, pick: int) -> ops.AnyOp:
    """One of every kind of operation, by what the author sees."""
    first = seen.promises[0].id if seen.promises else "nobody's"
    field = _FIELDS[pick % 3]
    makers = [
        lambda: author.note(seen, word("note")),
        lambda: author.message(seen, word("message")),
        lambda: author.reply(seen, word("reply")),
        lambda: author.field(seen, field, word("value")),
        lambda: author.field(seen, field, "", state="unknown"),
        lambda: author.category(seen, ["TXN", "ACC", "REFUND"][pick % 3]),
        lambda: author.priority(seen, "urgent" if pick % 2 else "low"),
        lambda: author.subject(seen, word("subject")),
        lambda: author.tags(seen, add=(word("tag"),), remove=seen.tags[:1]),
        lambda: author.link(seen, word("link")),
        lambda: author.link(seen, (seen.links or ("nothing",))[0], gone=True),
        lambda: author.queue(seen, "risk" if pick % 2 else "general"),
        lambda: author.merge(seen, word("into")),
        lambda: author.chase(seen, text=word("chase"), other=word("contact")),
        lambda: author.handover(seen, note=word("handover"), to="li" if pick % 2 else "", queue="l2"),
        lambda: author.escalate(seen, ["l2-transactions", "lead", "clearing"][pick % 3], note=word("escalate")),
        lambda: author.reveal(seen, field, reason=word("reason")),
        lambda: author.rate(seen, "guide", helped=bool(pick % 2)),
        lambda: author.mark(seen, "call-1", ["offered", "answered", "held", "resumed", "ended", "wrapped"][pick]),
        lambda: author.mark(seen, "call-1", ["abandoned", "muted", "unmuted", "callback", "offered", "answered"][pick]),
        lambda: author.wrapup(
            seen,
            ["INFO_GIVEN", "PENDING_CUSTOMER", "WRAPUP_TIMEOUT"][pick % 3],
            call="call-1" if pick > 2 else "",
            summary=word("wrapup"),
            override=word("override"),
        ),
        lambda: author.witness(word("what")),
        lambda: author.status(seen, "pending" if pick % 2 else "open", reason=word("reason")),
        lambda: author.assign(seen, "wang" if pick % 2 else "li"),
        lambda: author.release(seen),
        lambda: author.promise(seen, word("promise"), NOW + timedelta(hours=pick)),
        lambda: author.settle(seen, first, kept=bool(pick % 2), withdrawn=pick > 3),
        lambda: author.step(seen, "guide", str(pick), done=pick < 4),
        lambda: author.decide(
            seen, "refund", ["proposed", "approved", "rejected"][pick % 3], amount="5", currency="CNY"
        ),
        lambda: author.close(seen, "INFO_GIVEN", summary=word("summary"), override=word("override")),
        lambda: author.reopen(seen, reason=word("reopen")),
    ]
    assert len(makers) == KINDS
    return makers[choice]()


class World:
    """The server's ticket, and for each author the last version that he has pulled and his unconfirmed operations."""

    def __init__(self) -> None:
        count = itertools.count(1)
        self.authors = [Author(name, lambda: f"id-{next(count)}", lambda: NOW) for name in ("wang", "li")]
        self.server = ops.apply(None, self.authors[0].new(subject="s", channel="chat", category="TXN"), NOW, RULES)
        self.bases = [self.server, self.server]
        self.outboxes: list[list[ops.AnyOp]] = [[], []]
        self.all: list[ops.AnyOp] = []
        self.told: list[Any] = []

    def seen(self, who: int) -> Ticket:
        ticket = overlay(self.bases[who], self.outboxes[who], RULES).ticket
        assert ticket is not None
        return ticket

    def write(self, who: int, choice: int, pick: int) -> None:
        op = act(self.authors[who], self.seen(who), choice, pick)
        self.outboxes[who].append(op)
        self.all.append(op)

    def push(self, who: int) -> None:
        """The server judges the oldest unconfirmed operation, twice: a repeated delivery must change nothing."""
        if not self.outboxes[who]:
            return
        op = self.outboxes[who].pop(0)
        if ops.is_witness(op):
            self.told.append(texts(op))  # for the log of what was seen, not for the ticket
            return
        try:
            self.server = ops.apply(self.server, op, NOW, RULES)
        except errors.NeedsReview as review:
            self.told += [review.mine, review.theirs]
            return
        except errors.Refused:
            self.told.append(texts(op))  # a refused operation stays whole with its author
            return
        assert ops.apply(self.server, op, NOW, RULES) == self.server

    def pull(self, who: int) -> None:
        self.bases[who] = self.server


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["write", "write", "push", "pull"]),
        st.integers(0, 1),
        st.integers(0, KINDS - 1),
        st.integers(0, 5),
    ),
    max_size=30,
)


@settings(max_examples=300)
@given(STEPS)
def test_any_interleaving_ends_the_same_everywhere_and_loses_no_word(steps: list[tuple[str, int, int, int]]) -> None:
    world = World()
    for what, who, choice, pick in steps:
        match what:
            case "write":
                world.write(who, choice, pick)
            case "push":
                world.push(who)
            case _:
                world.pull(who)
    while any(world.outboxes):
        world.push(0)
        world.push(1)
    world.pull(0)
    world.pull(1)
    assert world.seen(0) == world.seen(1) == world.server
    # A value that was overwritten knowingly is gone by intent, a removed tag too; every other word must be found again.
    kept = msgspec.json.encode(to_doc(world.server)).decode() + str(world.told)
    for op in world.all:
        spoken = [text for _, text in texts(op) if text.startswith("«")]
        if not isinstance(op, ops.SetField):
            assert all(text in kept for text in spoken), op


@settings(max_examples=200)
@given(st.integers(0, KINDS - 1), st.integers(0, 5), st.integers(0, KINDS - 1), st.integers(0, 5))
def test_both_orders_of_two_operations_are_judged_without_breaking_and_keep_all_words(
    first: int, pick: int, second: int, other: int
) -> None:
    for order in ((0, 1), (1, 0)):
        world = World()
        world.write(0, first, pick)
        world.write(1, second, other)
        for who in order:
            world.push(who)
        kept = msgspec.json.encode(to_doc(world.server)).decode() + str(world.told)
        for op in world.all:
            assert all(text in kept for _, text in texts(op) if text.startswith("«"))
