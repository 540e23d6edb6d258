"""How many agents a stretch of the hotline needs: Erlang C, where everybody waits, and Erlang A, where people hang up.

Sources: A. K. Erlang (1917) for B and C, C. Palm (1957) for A; the form by which A is computed here, with the offered wait as
the variable, is the M/M/N+G of Baccelli and Hebuterne (1981) and Mandelbaum and Zeltyn (2005), with exponential patience.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Final, Literal

import msgspec

from .patience import Offered, offered

Model = Literal["C", "A"]

MAX_LOAD: Final = 1_000_000.0
"""Erlangs; the recursion takes one step an agent, and no hotline is a hundredth of this."""


class Demand(msgspec.Struct, frozen=True, kw_only=True):
    """What comes in: ``calls`` in ``interval_s`` seconds, each taking ``aht_s`` of an agent; to be answered in ``target_s``.

    ``patience_s`` is the mean time after which a caller who waits hangs up, measured as the seconds waited by all callers
    divided by those who hung up (maximum likelihood of the exponential distribution); None assumes that nobody does.
    ``ValueError`` where a value can belong to no hotline.
    """

    calls: float
    interval_s: float
    aht_s: float
    target_s: float = 20.0
    patience_s: float | None = None

    def __post_init__(self) -> None:
        if not (0 <= self.calls < math.inf and 0 <= self.target_s < math.inf):
            raise ValueError("calls and target must be numbers of at least 0")
        if not (0 < self.interval_s < math.inf and 0 < self.aht_s < math.inf):
            raise ValueError("interval and AHT must be numbers above 0")
        if self.patience_s is not None and not 0 < self.patience_s < math.inf:
            raise ValueError("patience must be a number above 0")
        if self.load > MAX_LOAD:
            raise ValueError(f"the load must be at most {MAX_LOAD:.0f} erlangs")

    @property
    def load(self) -> float:
        """A = λ · AHT in erlangs: the agents that would be busy all the time."""
        return self.calls / self.interval_s * self.aht_s

    @property
    def model(self) -> Model:
        return "C" if self.patience_s is None else "A"


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """What ``agents`` achieve. Shares are fractions of 1 and seconds may be ``inf``.

    ``p_wait``: calls that do not find a free agent. ``service_level``: calls answered within the target, of all offered
    (the strict formula). ``asa_s``: mean wait of the answered; ``wait_s``: of all callers, those who hung up included.
    ``occupancy``: share of the agents' time with calls. ``p_abandon``: calls whose caller hung up.
    """

    model: Model
    agents: int
    p_wait: float
    service_level: float
    asa_s: float
    wait_s: float
    occupancy: float
    p_abandon: float


def erlang_b(load: float, agents: int) -> float:
    """Share of calls that find all agents busy where nobody can wait.

    B₀ = 1, Bₖ = A·Bₖ₋₁ / (k + A·Bₖ₋₁): no factorial and no power, so nothing overflows at any number of agents.
    """
    blocked = 1.0
    for busy in range(1, agents + 1):
        blocked *= load
        blocked /= busy + blocked
        if not blocked:
            break  # below the smallest float, and it only falls
    return blocked


def erlang_c(load: float, agents: int) -> float:
    """Share of calls that wait where everybody waits: N·B / (N − A·(1 − B)); 1 where N ≤ A, as the queue grows for ever."""
    if load == 0:
        return 0.0
    if agents <= load:
        return 1.0
    blocked = erlang_b(load, agents)
    return agents * blocked / (agents - load * (1 - blocked))


def point(demand: Demand, agents: int) -> Point:
    """What a number of agents achieves, by Erlang A where the demand has a patience, else by Erlang C."""
    if agents < 0:
        raise ValueError("agents must be at least 0")
    if demand.load == 0:
        # Nobody calls, so nobody waits, even with no agent at all.
        return Point(
            model=demand.model, agents=agents, p_wait=0.0, service_level=1.0, asa_s=0.0, wait_s=0.0, occupancy=0.0,
            p_abandon=0.0,
        )  # fmt: skip
    return _c(demand, agents) if demand.patience_s is None else _a(demand, agents, demand.patience_s)


def needed(demand: Demand, goal: float, *, max_occupancy: float = 1.0) -> int:
    """The fewest agents whose service level is at least ``goal`` and whose occupancy is at most ``max_occupancy``.

    Searched from zero agents upwards: a load below one erlang may need one agent only. ``ValueError`` unless
    0 < goal < 1 and 0 < max_occupancy ≤ 1.
    """
    if not (0 < goal < 1 and 0 < max_occupancy <= 1):
        raise ValueError("the goal must lie between 0 and 1, and the occupancy cap in (0, 1]")

    def enough(agents: int) -> bool:
        found = point(demand, agents)
        # A load of 8 in floats may stand a last digit above 8: ten agents at 80 % are not to become eleven for that.
        return found.service_level >= goal and found.occupancy <= max_occupancy * (1 + 1e-12)

    if enough(0):
        return 0
    # Both conditions only get easier with one more agent, so doubling and halving finds the first that meets them.
    short, fine = 0, max(1, math.ceil(demand.load))
    while not enough(fine):
        short, fine = fine, fine * 2
    while fine - short > 1:
        middle = (short + fine) // 2
        short, fine = (short, middle) if enough(middle) else (middle, fine)
    return fine


def rostered(agents: int, shrinkage: float) -> int:
    """Agents to put on the roster so that ``agents`` are there: ⌈N / (1 − s)⌉, with s the share away (breaks, training, sick).

    Exact in the decimals as written: 7 at 30 % are 10, not 11 for a rounding error. ``ValueError`` unless 0 ≤ s < 1.
    """
    if not 0 <= shrinkage < 1:
        raise ValueError("shrinkage must be at least 0 and below 1")
    return math.ceil(agents / (1 - Fraction(str(shrinkage))))


def _c(demand: Demand, agents: int) -> Point:
    """SL = 1 − Pw·e^{−(N−A)T/AHT}; ASA = Pw·AHT/(N−A); occupancy = A/N. Where N ≤ A: Pw = 1, SL = 0, ASA = ∞."""
    load = demand.load
    waiting = erlang_c(load, agents)
    free = agents - load
    stable = free > 0
    wait = waiting * demand.aht_s / free if stable else math.inf
    return Point(
        model="C",
        agents=agents,
        p_wait=waiting,
        service_level=1 - waiting * math.exp(-free * demand.target_s / demand.aht_s) if stable else 0.0,
        asa_s=wait,
        wait_s=wait,
        occupancy=load / agents if stable else 1.0,
        p_abandon=0.0,
    )


def _a(demand: Demand, agents: int, patience: float) -> Point:
    """Pw by PASTA, the rest from the distribution of the wait that is offered to those who find all agents busy."""
    if agents == 0:
        return Point(
            model="A", agents=0, p_wait=1.0, service_level=0.0, asa_s=math.inf, wait_s=patience, occupancy=1.0,
            p_abandon=1.0,
        )  # fmt: skip
    rate = demand.calls / demand.interval_s
    of: Offered = offered(rate=rate, service=agents / demand.aht_s, patience=patience, target=demand.target_s)
    waiting = _p_wait(erlang_b(demand.load, agents - 1), of.log_mass + math.log(rate))
    lost = waiting * of.lost
    return Point(
        model="A",
        agents=agents,
        p_wait=waiting,
        service_level=(1 - waiting) + waiting * of.answered_in_target,
        asa_s=waiting * of.wait_answered / (1 - lost) if lost < 1 else math.inf,
        wait_s=lost * patience,
        occupancy=min(1.0, demand.load * (1 - lost) / agents),
        p_abandon=lost,
    )


def _p_wait(blocked: float, log_mass: float) -> float:
    """λJ / (1/B_{N−1} + λJ), from B_{N−1} and ln λJ; λJ may be e^{1000} or more, so it is never formed."""
    if not blocked:
        return 0.0
    odds = math.log(blocked) + log_mass
    return 1 / (1 + math.exp(-odds)) if odds > 0 else math.exp(odds) / (1 + math.exp(odds))
