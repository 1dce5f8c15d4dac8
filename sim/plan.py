"""A plan: everything one run needs, in numbers. What a scenario becomes once a strategy, size and seed are chosen."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

VALUES = ("product", "service", "personnel", "image")
COSTS = ("money", "time", "energy", "mental")
ATTRIBUTES = ("product", "service", "personnel", "image", "place", "convenience", "online")


@dataclass(frozen=True)
class Spread:
    """A trait's distribution: its mean, and how alike customers are (None: all the same)."""

    mean: float
    concentration: float | None = None


@dataclass(frozen=True)
class Network:
    """Who knows whom: `small_world` (Watts & Strogatz 1998) or `scale_free` (Barabási & Albert 1999)."""

    kind: str = "small_world"
    degree: int = 6
    rewiring: float = 0.1


@dataclass(frozen=True)
class Segment:
    """Customers with the same distributions. A segment mixed of several customer types becomes one for each type."""

    name: str
    customer_type: str
    share: float
    need_rate: float  # mean needs per week
    need_shape: float | None  # Gamma shape; None: all alike
    weights: tuple[float, ...]  # of VALUES then COSTS
    weight_spread: float
    innovativeness: float  # Bass p, per week
    susceptibility: float  # Bass q, per week
    deal_proneness: Spread
    complaint: Spread
    forgiveness: Spread
    moving: Spread  # weekly hazard
    fit: tuple[float, ...]  # per firm
    basket: float = 1.0  # mean units bought at a time
    basket_shape: float | None = None  # Gamma shape; None: all alike
    growth: float = 1.0  # factor on baskets once a customer has grown
    growth_from: int = 0  # reported weeks between which customers grow
    growth_to: int = 0
    buying_centre: int = 1  # people who decide together
    group: int = 1  # number of the scenario's segment it was mixed from
    label: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FirmPlan:
    """A firm as the scenario describes it. Its decisions week by week stand in `Plan.levers`."""

    name: str
    standing: float  # prior share, summing to 1 over firms
    awareness: float  # share of customers who know it at week 0
    unit_cost: float  # money
    attributes: tuple[float, ...]  # base levels, in the order of ATTRIBUTES
    reseller: float = 0.0  # share of the customers out of reach whom resellers reach
    responsibility: float = 0.4  # level the public sees before any spending
    device_cost: float = 0.0  # money, once per customer
    entry: int = 0  # week of the run in which it enters the market
    label: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """Everything one run needs. `weeks` are reported; `warm_up` weeks with opening levers are run before them.

    levers : (warm_up + weeks, firms, len(lever_names)); before `scale` is applied
    need_factor : (warm_up + weeks,)   trust_shock : (warm_up + weeks, firms)
    trend : (warm_up + weeks, values and costs), factors on the weights
    parameters : file stem → name → value
    """

    scenario: str
    strategy: str
    seed: int
    market_size: int
    scale: float
    warm_up: int
    weeks: int
    reference_price: float
    contract_weeks: int
    outside_value: float
    visibility: float
    taste_concentration: float | None
    discount_rate: float
    network: Network
    segments: tuple[Segment, ...]
    firms: tuple[FirmPlan, ...]
    lever_names: tuple[str, ...]
    levers: NDArray[np.float64]
    need_factor: NDArray[np.float64]
    trend: NDArray[np.float64]
    trust_shock: NDArray[np.float64]
    parameters: dict[str, dict[str, float]]
    currency: str = ""
    budget: float = 0.0

    @functools.cached_property
    def turnover(self) -> float:
        """What the whole market would spend in a week at the reference price: the yardstick of a budget; money, > 0."""
        needs = sum(s.share * s.need_rate for s in self.segments)
        purchases = 1.0 / self.contract_weeks if self.contract_weeks > 0 else needs
        return max(self.market_size * purchases, 1.0) * self.reference_price

    def lever(self, name: str, week: int, firm: int = 0) -> float:
        """The value of one lever ("pricing.list_price") of one firm in one week of the run (warm-up included)."""
        return float(self.levers[week, firm, self.lever_names.index(name)])
