"""What the house owes: promises with a time, and the decisions that only people take."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal

from msgspec.structs import replace

from .. import errors
from . import codes
from .merging import Rules, fence, logged, said
from .operations import Decide, MakePromise, SettlePromise
from .ticket import Decision, Promise, PromiseState, Ticket

_KINDS = frozenset({"refund", "identity", "freeze"})
_VERDICTS = frozenset({"proposed", "approved", "rejected"})
_MONEY = frozenset({"refund"})
_AMOUNT = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,3})?")


def promise(ticket: Ticket, op: MakePromise, now: datetime, _: Rules) -> Ticket:
    made = Promise(op.uuid, said(op.text), op.due_at, op.by, now)
    log = logged(ticket, op, now, "promise", op.text, due=op.due_at.isoformat())
    return replace(ticket, promises=(*ticket.promises, made), timeline=log)


def settle(ticket: Ticket, op: SettlePromise, now: datetime, _: Rules) -> Ticket:
    """Kept or broken, once: a second opinion about a settled promise goes to review.

    Withdrawn by whoever made it and only while it is open: a broken promise cannot be made not to have been given.
    """
    found = next((promise for promise in ticket.promises if promise.id == op.promise), None)
    if found is None:
        raise errors.Refused("There is no such promise on this ticket.", "Look at its promises.", code="no-promise")
    state: PromiseState = "withdrawn" if op.withdrawn else "kept" if op.kept else "broken"
    if found.state == state:
        return ticket
    if op.withdrawn and found.made_by != op.by:
        raise errors.Refused(
            "Only who made a promise withdraws it.", "Settle it as kept or broken instead.", code="not-yours"
        )
    if found.state != "open":
        raise errors.NeedsReview(f"promises.{op.promise}", base="open", mine=state, theirs=found.state)
    settled = replace(found, state=state, settled_at=now)
    promises = tuple(settled if promise.id == op.promise else promise for promise in ticket.promises)
    log = logged(ticket, op, now, "promise", settled=state, promise=op.promise)
    return replace(ticket, promises=promises, timeline=log)


def decide(ticket: Ticket, op: Decide, now: datetime, _: Rules) -> Ticket:
    """Proposed, approved or rejected. Money is approved by somebody else than proposed it, in the very amount, and once."""
    if op.kind not in _KINDS or op.verdict not in _VERDICTS:
        raise errors.Refused("There is no such decision.", "Choose one of the list.", code="bad-decision")
    field = f"decisions.{op.kind}"
    standing = ticket.decisions.get(op.kind)
    if standing and _same(standing, op):
        return ticket
    mine = f"{op.verdict} {_money(op.amount, op.currency)}".strip()
    seen = standing.verdict if standing else ""
    if op.was.get(field) != seen:
        raise errors.NeedsReview(field, base=op.was.get(field), mine=mine, theirs=seen)
    sum_seen = _money(standing.amount, standing.currency) if standing else ""
    if op.was.get(f"{field}.amount", sum_seen) != sum_seen:
        raise errors.NeedsReview(f"{field}.amount", base=op.was[f"{field}.amount"], mine=mine, theirs=sum_seen)
    fence(ticket, op, mine=mine)
    decided = _money_decision(standing, op, now) if op.kind in _MONEY else _plain(op, now)
    log = logged(
        ticket, op, now, "decision", matter=op.kind, verdict=op.verdict, amount=op.amount, currency=op.currency
    )
    return replace(ticket, decisions={**ticket.decisions, op.kind: decided}, timeline=log)


def _plain(op: Decide, now: datetime) -> Decision:
    return Decision(op.verdict, op.by, now, op.amount, op.currency)


def _money_decision(standing: Decision | None, op: Decide, now: datetime) -> Decision:
    if standing and standing.verdict == "approved":
        raise errors.Refused("The money was approved already.", "Open a new ticket for a reversal.", code="decided")
    if op.verdict == "proposed":
        if not _AMOUNT.fullmatch(op.amount) or Decimal(op.amount) <= 0 or op.currency not in codes.CURRENCIES:
            raise errors.Refused("The amount or its currency is missing.", "Write both.", code="bad-amount")
        return _plain(op, now)
    if standing is None or standing.verdict != "proposed":
        raise errors.Refused("Nothing was proposed to decide on.", "Propose it first.", code="not-proposed")
    if op.verdict == "rejected":
        return replace(standing, verdict="rejected", by=op.by, at=now)
    if standing.by == op.by:
        raise errors.Refused("Money needs a second person.", "Ask a colleague to approve.", code="second-person")
    if (standing.amount, standing.currency) != (op.amount, op.currency):
        mine, theirs = _money(op.amount, op.currency), _money(standing.amount, standing.currency)
        raise errors.NeedsReview("decisions.refund.amount", base=mine, mine=mine, theirs=theirs)
    return replace(standing, verdict="approved", approved_by=op.by)


def _same(standing: Decision, op: Decide) -> bool:
    """Whether the same person says the same again: a proposal, or an approval of his own."""
    by = standing.approved_by or standing.by
    return (standing.verdict, standing.amount, standing.currency, by) == (op.verdict, op.amount, op.currency, op.by)


def _money(amount: str, currency: str) -> str:
    return f"{amount} {currency}".strip()
