"""How many calls a half-hour will bring: what the same half-hour of the same weekday brought in the weeks before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """The mean of ``days`` days, with the fewest and the most of them; all None where there was no such day."""

    label: str
    calls: float | None
    least: float | None
    most: float | None
    days: int


def expected(labels: Sequence[str], days: Sequence[Mapping[str, float]]) -> tuple[Expected, ...]:
    """The forecast of half-hours named by the local clock; each of ``days`` says what its half-hours brought.

    A plain mean: no trend, no holidays, no weights. The half-hours that a day did not have (the clocks went forward) say
    nothing about it; one that it had without a call counts as 0.
    """
    found = []
    for label in labels:
        told = [day[label] for day in days if label in day]
        mean = sum(told) / len(told) if told else None
        least, most = (min(told), max(told)) if told else (None, None)
        found.append(Expected(label=label, calls=mean, least=least, most=most, days=len(told)))
    return tuple(found)
