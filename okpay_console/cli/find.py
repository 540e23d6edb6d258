"""From what people type to the ticket that they mean: a number, an id, or the beginning of one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from okpay_console.cli.output import Out
from okpay_console.domain.queue import Row
from okpay_console.errors import NotFound, Refused

_SHORTEST = 8


def find(typed: str, rows: Mapping[str, Row], out: Out) -> str:
    """The id of the one ticket that ``typed`` names.

    ``NotFound`` where there is none, ``Refused`` (code ``ambiguous``) telling how many there are: acting on a guess could
    put one caller's words into another's case.
    """
    found = list(_candidates(typed.strip(), rows))
    if len(found) == 1:
        return found[0]
    shown = typed[:60]
    if found:
        raise Refused(
            out.pick(f"“{shown}”对应 {len(found)} 张工单。", f"'{shown}' could be any of {len(found)} tickets."),
            out.pick("请多写几位，或用工单编号。", "Write more of the id, or use the ticket number."),
            code="ambiguous",
        )
    raise NotFound(
        out.pick(f"本机没有工单“{shown}”。", f"There is no ticket '{shown}' on this machine."),
        out.pick("请核对编号，或先运行 okpay-console sync。", "Check the number, or run okpay-console sync first."),
        code="no-such-ticket",
    )


def _candidates(typed: str, rows: Mapping[str, Row]) -> Iterable[str]:
    if typed in rows:
        return [typed]
    if re.fullmatch(r"#?[0-9]{1,12}", typed):
        number = int(typed.removeprefix("#"))
        exact = [key for key, row in rows.items() if row.number == number and number]
        if exact or typed.startswith("#"):
            return exact
    prefix = typed.lower()
    if len(prefix) < _SHORTEST:
        return []
    return [key for key in rows if key.startswith(prefix)]
