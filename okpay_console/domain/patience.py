"""The wait that a queue offers where callers lose patience: its distribution, integrated without under- or overflow.

With arrivals λ, N agents of service rate μ each and exponential patience of mean 1/θ, the wait v offered to a call that finds
all agents busy has a density proportional to e^{h(v)}, h(v) = λ/θ·(1 − e^{−θv}) − Nμv (Mandelbaum and Zeltyn 2005). h is
concave; its peak may stand at e^{1000}, so everything is measured from the peak, where the integrand is 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Final

import msgspec

# Gauss–Legendre with ten points on (−1, 1): abscissae and weights (Abramowitz and Stegun, table 25.4), mirrored at 0.
_NODES: Final = (
    (0.1488743389816312, 0.2955242247147529),
    (0.4333953941292472, 0.2692667193099963),
    (0.6794095682990244, 0.2190863625159820),
    (0.8650633666889845, 0.1494513491505806),
    (0.9739065285171717, 0.0666713443086881),
)
_DEPTH: Final = 45.0
"""Where the integrand is below e^{−45} of its peak it adds nothing to a float."""
_PANELS: Final = 24


class Offered(msgspec.Struct, frozen=True, kw_only=True):
    """Of the calls that find all agents busy. ``log_mass`` is ln J, J = ∫ e^{h(v)} dv in seconds.

    ``lost``: share whose caller hangs up before an agent is free. ``answered_in_target``: share answered by then.
    ``wait_answered``: seconds waited by those answered, divided by all that found the agents busy.
    """

    log_mass: float
    lost: float
    answered_in_target: float
    wait_answered: float


def offered(*, rate: float, service: float, patience: float, target: float) -> Offered:
    """The wait offered at ``rate`` λ arrivals a second, ``service`` Nμ calls a second, ``patience`` 1/θ seconds; all above 0."""
    overload = math.log(rate / service)
    peak = max(0.0, overload) * patience
    height = 0.0 if overload <= 0 else patience * (rate - service) - service * peak
    # At the peak λe^{−θv} = Nμ, so h(peak + u) − h(peak) needs no difference of large numbers.
    pull = min(rate, service)

    def fall(u: float) -> float:
        """h(peak + u) − h(peak), never above 0."""
        return -pull * patience * math.expm1(-u / patience) - service * u

    low = -_edge(lambda u: fall(-u), start=patience, most=peak) if peak else 0.0
    high = _edge(fall, start=patience, most=math.inf)
    edges = {low + (high - low) * step / _PANELS for step in range(_PANELS)} | {high, 0.0, target - peak}
    # Patience far shorter than service: who hangs up is settled in a corner that even panels would step over.
    edges |= {step * patience - peak for step in range(0, 40, 2)}
    marks = sorted(edge for edge in edges if low <= edge <= high)

    mass = lost = in_target = waited = 0.0
    for left, right in pairwise(marks):
        middle, half = (left + right) / 2, (right - left) / 2
        for node, weight in _NODES:
            for u in (middle - half * node, middle + half * node):
                dense = weight * half * math.exp(fall(u))
                wait = peak + u
                stay = math.exp(-wait / patience)
                mass += dense
                lost -= dense * math.expm1(-wait / patience)
                waited += dense * stay * wait
                if right <= target - peak:
                    in_target += dense * stay
    return Offered(
        log_mass=math.log(mass) + height,
        lost=min(1.0, lost / mass),
        answered_in_target=in_target / mass,
        wait_answered=waited / mass,
    )


def _edge(fall: Callable[[float], float], *, start: float, most: float) -> float:
    """How far from the peak the integrand stays above e^{−45}, found to an eighth; at most ``most``."""
    far = start
    while far < most and fall(far) > -_DEPTH:
        far *= 2
    near = far = min(far, most)
    while fall(near) < -_DEPTH:
        near /= 2
    far = min(far, near * 2)
    while far > near * 1.125:
        middle = (near + far) / 2
        near, far = (middle, far) if fall(middle) > -_DEPTH else (near, middle)
    return far
