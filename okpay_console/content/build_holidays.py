"""Writes the table of China's holidays that the calendars ship; run as ``python -m okpay_console.content.build_holidays``.

Needs holidays (extra ``dev``), which the program itself never imports: server and consoles must reckon by the same days, and
not by whichever release of a library each of them has.
"""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any, Final

TARGET: Final = Path(__file__).with_name("holidays.json")
FIRST, LAST = 2004, 2036
"""From the first year with records of the exchanged days to ten beyond those announced: festivals of the moon included."""

_EXCHANGED: Final = {"zh_CN": "调休", "en_US": "exchanged day off"}
_DETAIL: Final = re.compile(r"\s*[（(].*?[)）]")


def table() -> dict[str, Any]:
    """The table as the library knows it today.

    ``announced``: the last year whose exchanged days are published; ``off``: holidays by year, month-day to the place of
    their name in ``names`` (Chinese, English); ``work``: the weekend days worked in exchange.
    """
    from holidays.countries.china import China

    span = range(FIRST, LAST + 1)
    zh, en = (China(years=span, language=lang) for lang in ("zh_CN", "en_US"))  # type: ignore[no-untyped-call]
    names: list[tuple[str, str]] = []
    off: dict[str, dict[str, int]] = {str(year): {} for year in span}
    for day in sorted(day for day in zh if day.year in span):
        pair = _plain(zh[day], "zh_CN"), _plain(en[day], "en_US")
        if pair not in names:
            names.append(pair)
        off[str(day.year)][f"{day:%m-%d}"] = names.index(pair)
    worked = sorted(day for day in zh.weekend_workdays if day.year in span)
    work: dict[str, list[str]] = {}
    for day in worked:
        work.setdefault(str(day.year), []).append(f"{day:%m-%d}")
    return {"announced": max(worked, default=date.min).year, "names": names, "off": off, "work": work}


def _plain(name: str, lang: str) -> str:
    """The holiday's name without the day that it was exchanged for; two on one day are both named."""
    if re.match(r"休息日|Day off", name):
        return _EXCHANGED[lang]
    return _DETAIL.sub("", name).replace("; ", "、" if lang == "zh_CN" else " / ")


def main() -> None:
    """Write the table, a year a line."""
    found = table()
    rows = [f'"announced": {found["announced"]}', f'"names": {json.dumps(found["names"], ensure_ascii=False)}']
    for part in ("off", "work"):
        years = ",\n".join(f'  "{year}": {json.dumps(days)}' for year, days in found[part].items())
        rows.append(f'"{part}": {{\n{years}\n}}')
    TARGET.write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
