"""Numbers on a command line: one function per range, for argparse, which names it in its message."""

from __future__ import annotations


def natural(text: str) -> int:
    value = int(text)
    if value < 0:
        raise ValueError(text)
    return value


def port(text: str) -> int:
    value = natural(text)
    if value > 65535:
        raise ValueError(text)
    return value


def positive(text: str) -> int:
    value = natural(text)
    if value < 1:
        raise ValueError(text)
    return value


def amount(text: str) -> float:
    value = float(text)
    # Neither "nan" nor "inf": a demo that never ends, or never begins, is not what anybody asked for.
    if not 0 < value <= 1e6:
        raise ValueError(text)
    return value


def quantity(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1e9:
        raise ValueError(text)
    return value


def above_zero(text: str) -> float:
    value = quantity(text)
    if not value:
        raise ValueError(text)
    return value


def share(text: str) -> float:
    value = float(text)
    if not 0 < value < 1:
        raise ValueError(text)
    return value


def share_or_0(text: str) -> float:
    return share(text) if float(text) else 0.0


def share_or_1(text: str) -> float:
    return 1.0 if float(text) == 1 else share(text)


# argparse names the type in its message.
natural.__name__ = port.__name__ = positive.__name__ = amount.__name__ = "number"
quantity.__name__ = above_zero.__name__ = "number"
share.__name__ = share_or_0.__name__ = share_or_1.__name__ = "share of 1, such as 0.8"


def real(text: str) -> float:
    value = float(text)
    if not abs(value) <= 1e12:
        raise ValueError(text)
    return value
