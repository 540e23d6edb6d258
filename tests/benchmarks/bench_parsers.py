"""Hunts patterns that take more than their share: text pumped with the letters each repeats, and how the time grows.

python tests/benchmarks/bench_parsers.py [--length 4000]      every pattern of the domain, by the functions that use it
python tests/benchmarks/bench_parsers.py --sizes              every parser of tests/faults/parsers, at n, 2n and 4n
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import importlib.util
import pkgutil
import re
import re._parser as parsed  # type: ignore[import-not-found]
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import okpay_console.domain
from okpay_console.content.rules import load_rules
from okpay_console.domain import gleaning, moments, money, numerals, secret, veil, views

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
CLASSES = {
    "CATEGORY_DIGIT": "1",
    "CATEGORY_SPACE": " ",
    "CATEGORY_WORD": "a",
    "CATEGORY_NOT_SPACE": "a",
    "CATEGORY_NOT_DIGIT": "a",
}
MUCH = 24


def pumps(pattern: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """For each long repeat: the shortest text that leads to it, and each letter that it may take."""
    flags = pattern.flags if isinstance(pattern.pattern, str) else pattern.flags & ~re.UNICODE
    yield from _pumped(parsed.parse(pattern.pattern, flags), "")


def _pumped(tree: Any, before: str) -> Iterator[tuple[str, str]]:
    for op, value in tree:
        match str(op):
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                if value[1] == parsed.MAXREPEAT or value[1] > MUCH:
                    yield from ((before, letter) for letter in dict.fromkeys(_first(value[2])))
                yield from _pumped(value[2], before)
            case "SUBPATTERN":
                yield from _pumped(value[3], before)
            case "BRANCH":
                for branch in value[1]:
                    yield from _pumped(branch, before)
            case "ATOMIC_GROUP":
                yield from _pumped(value, before)
        before += _least([(op, value)])


def _first(tree: Any) -> Iterator[str]:
    """Texts of one turn of what is repeated."""
    op, value = tree[0]
    match str(op):
        case "IN":
            yield from [one for one in map(_one, value[:6]) if one]
        case "BRANCH":
            for branch in value[1]:
                yield from _first(branch) if len(branch) == 1 else [_least(branch)]
        case "SUBPATTERN" if len(tree) == 1:
            yield from _first(value[3])
        case _:
            yield _least(tree) or "x"


def _least(tree: Any) -> str:
    """A short text that the tree takes, as far as it can be told."""
    made = ""
    for op, value in tree:
        match str(op):
            case "LITERAL":
                made += chr(value)
            case "IN":
                made += _one(value[0]) if value[0][0] is not parsed.NEGATE else "a"
            case "ANY" | "NOT_LITERAL":
                made += "x"
            case "BRANCH":
                made += _least(value[1][0])
            case "SUBPATTERN":
                made += _least(value[3])
            case "ATOMIC_GROUP":
                made += _least(value)
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                made += _least(value[2]) * min(value[0], 40)
    return made


def _one(item: Any) -> str:
    kind, value = item
    match str(kind):
        case "LITERAL":
            return chr(value)
        case "RANGE":
            return chr(value[0])
        case "CATEGORY":
            return CLASSES.get(str(value), "a")
    return "a"


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    for found in pkgutil.iter_modules(okpay_console.domain.__path__, "okpay_console.domain."):
        for name, value in vars(importlib.import_module(found.name)).items():
            if isinstance(value, re.Pattern):
                yield f"{found.name.rpartition('.')[2]}.{name}", value


def readers() -> dict[str, Callable[[str], object]]:
    """What caller text goes through, as it does."""
    listed = load_rules().checklists["TXN"]
    return {
        "secret": secret.find,
        "joined": lambda text: secret.joined("密码是", text),
        "veil": veil.veil,
        "free line": lambda text: gleaning.propose(text, listed=listed, answers={}, now=NOW),
        "moments": lambda text: (moments.read(text, now=NOW), moments.read_span(text, now=NOW)),
        "money": lambda text: list(money.sums(text)),
        "numerals": numerals.read,
        "filter": views.is_filter,
    }


def cost(read: Callable[[str], object], text: str) -> float:
    begin = time.process_time()
    read(text)
    return time.process_time() - begin


def hunt(length: int) -> int:
    wanted = sorted({pump for _, pattern in patterns() for pump in pumps(pattern)})
    print(f"{len(wanted)} pumps, {length} characters against {length // 4}")
    worse = 0
    for name, read in readers().items():
        for before, unit in wanted:
            # 密码 opens the doors of the guard behind which most of its patterns stand.
            for prefix in (before, f"密码，{before}"):
                short, long = (prefix + (unit * size)[:size] for size in (length // 4, length))
                first = cost(read, short)
                if first * 4 < 0.002:
                    continue
                then = min(cost(read, long), cost(read, long))
                first = min(first, cost(read, short))
                if then > 0.03 and then > 8 * first:
                    worse += 1
                    print(
                        f"{name:<10} {prefix!r:<30} {unit!r:<8} {first * 1e3:8.1f} ms {then * 1e3:9.1f} ms  x{then / first:.1f}",
                        flush=True,
                    )
    return worse


def sizes() -> None:
    for name in ("hostile", "table"):
        path = Path(__file__).parents[1] / "faults" / "parsers" / f"{name}.py"
        spec = importlib.util.spec_from_file_location(f"okpay_parsers_{name}", path)
        assert spec and spec.loader
        sys.modules[spec.name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[spec.name])
    for parser in sys.modules["okpay_parsers_table"].PARSERS:
        spent = []
        for size in (1 << 14, 1 << 15, 1 << 16):
            data = parser.sized(size)
            begin = time.process_time()
            with contextlib.suppress(parser.may):
                parser.read(data)
            spent.append(time.process_time() - begin)
        print(
            f"{parser.name:<24} {' '.join(f'{one * 1e3:9.2f} ms' for one in spent)}  x{spent[2] / max(spent[0], 1e-6):.1f} for x4"
        )


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--length", type=int, default=4000)
    options.add_argument("--sizes", action="store_true")
    given = options.parse_args()
    if given.sizes:
        sizes()
    else:
        print(f"{hunt(given.length)} grow by more than twice a doubling")
