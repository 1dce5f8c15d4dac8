"""Who earns the money: how unevenly customers contribute to a firm's profit, and what tiers of value they form."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sim.engine import Engine
from sim.rules.stage import BUYER

BEST, WORST = 0.2, 0.3  # the shares of 20/80/30
TIERS = ("vip", "key", "ordinary")
TIER_ENDS = (0.2, 0.5, 1.0)  # the best fifth, the next three tenths, the other half
POINTS = 100  # steps of the curve


@dataclass(frozen=True)
class Concentration:
    """How the contribution of a firm's buyers adds up, the best first. Contribution is before fixed cost.

    curve : (POINTS + 1,) share of the whole contribution that the best 0%, 1%, … bring; NaN where the whole is no gain
    n : (tiers,) buyers of each tier   active : (tiers,) of these, active at the end
    satisfaction : (tiers,) their mean satisfaction, [0, 1]
    revenue, goods, service, reach, rewards, contribution : (tiers,) money
    """

    curve: NDArray[np.float64]
    n: NDArray[np.int64]
    active: NDArray[np.int64]
    satisfaction: NDArray[np.float64]
    revenue: NDArray[np.float64]
    goods: NDArray[np.float64]
    service: NDArray[np.float64]
    reach: NDArray[np.float64]
    rewards: NDArray[np.float64]
    contribution: NDArray[np.float64]

    @property
    def best(self) -> float:
        """Share of the contribution that the best fifth brings."""
        return float(self.curve[round(BEST * POINTS)])

    @property
    def worst(self) -> float:
        """Share of the contribution that the worst three tenths bring; below 0 where they cost more than they bring."""
        return 1.0 - float(self.curve[round((1 - WORST) * POINTS)])


def concentration(engine: Engine, firm: int = 0) -> Concentration:
    """How unevenly the buyers of a firm contribute since the strategy started."""
    books = engine.relations[:, firm]
    books = books[books["revenue"] > 0]
    earned = books["revenue"] - books["cost_of_goods"] - books["cost_to_serve"] - books["cost_to_reach"]
    earned = earned - books["rewards"]
    order = np.argsort(-earned, kind="stable")
    ends = [0, *(_counted(share, earned.size) for share in TIER_ENDS)]
    tiers = [books[order[first:last]] for first, last in pairwise(ends)]

    def sums(name: str) -> NDArray[np.float64]:
        return np.array([tier[name].sum() for tier in tiers])

    means = [tier["satisfaction"].mean() if tier.size else np.nan for tier in tiers]
    return Concentration(
        curve=curve_of(earned[order]),
        n=np.array([tier.size for tier in tiers]),
        active=np.array([int((tier["stage"] >= BUYER).sum()) for tier in tiers]),
        satisfaction=np.array(means, float),
        revenue=sums("revenue"),
        goods=sums("cost_of_goods"),
        service=sums("cost_to_serve"),
        reach=sums("cost_to_reach"),
        rewards=sums("rewards"),
        contribution=np.array([earned[order[first:last]].sum() for first, last in pairwise(ends)]),
    )


def _counted(share: float, n: int) -> int:
    """How many of n a share is: at least one, if there is anyone."""
    return min(n, max(1, round(share * n)))


def curve_of(best_first: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of the whole that the best 0%, 1%, … of customers bring, (POINTS + 1,); NaN where the whole is no gain."""
    total = best_first.sum()
    if total <= 0:  # of a loss nobody has a share
        return np.full(POINTS + 1, np.nan)
    sums = np.concatenate([[0.0], np.cumsum(best_first)])
    places = [0, *(_counted(k / POINTS, best_first.size) for k in range(1, POINTS + 1))]
    return sums[places] / total
