"""Which effect each operation has on a ticket: one pure function per operation, found by its type."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from . import (
    effects_calls,
    effects_course,
    effects_details,
    effects_duties,
    effects_hands,
    effects_talk,
    effects_ties,
    operations,
)
from .effects_talk import new_ticket
from .merging import Rules
from .operations import Op
from .ticket import Ticket

__all__ = ["APPLIERS", "Rules", "new_ticket"]

APPLIERS: dict[type[Op], Callable[[Ticket, Any, datetime, Rules], Ticket]] = {
    operations.AddMessage: effects_talk.message,
    operations.AddNote: effects_talk.note,
    operations.AddReply: effects_talk.reply,
    operations.SetField: effects_details.field,
    operations.SetCategory: effects_details.category,
    operations.SetPriority: effects_details.priority,
    operations.SetSubject: effects_details.subject,
    operations.ChangeTags: effects_details.tags,
    operations.Reveal: effects_details.reveal,
    operations.TickStep: effects_details.step,
    operations.RateAnswer: effects_details.rate,
    operations.LinkTicket: effects_ties.link,
    operations.MergeTicket: effects_ties.merge,
    operations.Chase: effects_ties.chase,
    operations.SetQueue: effects_hands.queue,
    operations.HandOver: effects_hands.handover,
    operations.Escalate: effects_hands.escalate,
    operations.MarkCall: effects_calls.mark,
    operations.WrapUp: effects_calls.wrapup,
    operations.SetStatus: effects_course.status,
    operations.Assign: effects_course.assign,
    operations.Release: effects_course.release,
    operations.Close: effects_course.close,
    operations.Reopen: effects_course.reopen,
    operations.MakePromise: effects_duties.promise,
    operations.SettlePromise: effects_duties.settle,
    operations.Decide: effects_duties.decide,
}
"""Every operation on a ticket that exists; a first contact has ``new_ticket``, and a ``Witness`` changes none.

Each returns the same ticket for no change.
"""
