"""Tickets that this program has exported, on their way back in: guarded cells as they were, masked values refused."""

from __future__ import annotations

from okpay_console.cli.rows import Record
from okpay_console.config import Say
from okpay_console.domain.cells import unguarded
from okpay_console.domain.exporting import MARK, TICKETS, WHOLE
from okpay_console.errors import Refused


def returned(record: Record, *, tabular: bool, say: Say) -> Record:
    """The record as it was before the export, and any other record as it is.

    ``Refused`` where its values were masked on their way out: stars are nobody's number, and would be taken for one.
    """
    mark = record.values.get(MARK)
    if mark is None:
        return record
    if mark != WHOLE:
        raise Refused(
            say("是打码的导出，不能导回", "comes from a masked export and cannot come back"),
            say("请用 --unmask 导出。", "Export it with --unmask."),
            code="masked",
        )
    if not tabular:
        return record
    return record._replace(values={name: unguarded(value) for name, value in record.values.items()})


def known_of_exports(record: Record) -> frozenset[str]:
    """The columns of an export that an import passes over, because the new ticket gets its own."""
    return frozenset(TICKETS) if MARK in record.values else frozenset()
