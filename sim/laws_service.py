"""Tier B and C by experiment on service: failures and four answers to them; lost customers asked to come back."""

from __future__ import annotations

import functools
import itertools

import numpy as np
from numpy.typing import NDArray

from sim.engine import Engine
from sim.laws_experiments import native_plan
from sim.laws_market import QUARTER, YEAR
from sim.rules.leave import LOWER_PRICE, NEEDS_UNMET

HALF_YEAR = 26
REBUY = (0.09, 0.19, 0.54, 0.82)  # TARP: silent, complained in vain, resolved, resolved quickly
_ALL = 1e9  # a failure rate that spares nobody


# ---------------------------------------------------------------- complaints


@functools.lru_cache(maxsize=16)
def _arm(seed: int, arm: str) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Satisfaction after a certain week and buying again in the half year after it, of all who bought in that week.

    They buy from the first firm. In arm "none" nobody is failed, nor waits; in the others every purchase of the week fails and the
    customers stay "silent", complain in vain ("unresolved"), are recovered with the desk's usual wait ("resolved") or
    without any ("quick"). The arms are twins.
    """
    engine = Engine(native_plan(seed))
    engine.advance(engine.plan.warm_up + YEAR)
    world, week, names = engine.world, engine.weeks_done, engine.plan.lever_names
    failure_rate, complaint = world.constants["experience_failure_rate"].copy(), world.customers["complaint"].copy()
    if arm != "none":
        world.constants["experience_failure_rate"] = _ALL
        world.customers["complaint"] = arm != "silent"
        # Twice the effort makes up for what the wait takes from the chance of recovery.
        recovery = {"resolved": 2.0, "quick": 1.0}.get(arm, 0.0)
        world.levers[week, 0, names.index("service.recovery")] = recovery
    if arm in ("none", "quick"):
        world.levers[week, 0, names.index("service.agents")] = _ALL
    relation = world.relations[:, 0]
    before = relation["purchases"].copy()
    engine.advance(1)
    hit, bought = relation["purchases"] > before, relation["purchases"].copy()
    felt = relation["satisfaction"][hit].astype(float)
    world.constants["experience_failure_rate"], world.customers["complaint"] = failure_rate, complaint
    engine.advance(HALF_YEAR)
    return felt, (relation["purchases"] > bought)[hit]


def rebuying(seed: int) -> tuple[float, ...]:
    """Share of those hit by a failure who buy from the firm again within half a year: silent, …, quick."""
    return tuple(float(_arm(seed, arm)[1].mean()) for arm in ("silent", "unresolved", "resolved", "quick"))


def cmp_1(seed: int) -> float:
    """Whether rebuying rises from silent to unresolved, resolved and quickly resolved complaints: 1 if so, else 0.

    All purchases of one week from the first firm fail, in four twins; rebuying within half a year.
    """
    rates = rebuying(seed)
    return float(all(a < b for a, b in itertools.pairwise(rates)))


def cmp_2(seed: int) -> float:
    """Largest distance of these rebuying rates from the published 9, 19, 54 and 82%, points; as CMP-1."""
    return 100.0 * max(abs(a - b) for a, b in zip(rebuying(seed), REBUY, strict=True))


def cmp_3(seed: int) -> float:
    """Satisfaction after a failure that was quickly made good less that of twins who were not failed, standard deviations.

    All who bought from the first firm in that week.
    """
    none, quick = _arm(seed, "none")[0], _arm(seed, "quick")[0]
    return float((quick.mean() - none.mean()) / none.std())


# ---------------------------------------------------------------- winning back


@functools.lru_cache(maxsize=16)
def _regained(seed: int) -> dict[str, float]:
    """Share of the first firm's lost customers, and of those who never bought, who buy in the quarter after an offer.

    The offer: after a year the firm spends a tenth of its budget on winning back, for a quarter. "recent" were lost in
    the quarter before, "older" in the one before that; customers who moved away or were let go are not asked.
    """
    plan = native_plan(seed)
    engine = Engine(plan)
    engine.advance(plan.warm_up + YEAR)
    relation, now = engine.world.relations[:, 0], engine.weeks_done
    asked = (relation["reason"] >= NEEDS_UNMET) & (relation["reason"] <= LOWER_PRICE) & (relation["purchases"] > 0)
    gone = now - relation["week_of_turn"]
    groups = {
        "lost": asked, "recent": asked & (gone <= QUARTER), "older": asked & (gone > QUARTER) & (gone <= 2 * QUARTER),
        "prospects": (relation["purchases"] == 0) & (relation["reason"] == 0),
    }  # fmt: skip
    before = relation["purchases"].copy()
    engine.decide({"winback.spend": 0.1 * plan.budget})
    engine.advance(QUARTER)
    has_bought = relation["purchases"] > before
    return {name: float(has_bought[who].mean()) for name, who in groups.items()}


def win_1(seed: int) -> float:
    """Share of the first firm's lost customers who buy again in the quarter in which they are asked to come back.

    A tenth of the budget is spent on asking, from the end of year one on.
    """
    return _regained(seed)["lost"]


def win_2(seed: int) -> float:
    """That share over the share of those who had never bought from the firm and do so in the same quarter."""
    return _regained(seed)["lost"] / _regained(seed)["prospects"]


def win_3(seed: int) -> float:
    """Share regained among those lost less than a quarter ago over that of those lost two quarters ago; as WIN-1."""
    rates = _regained(seed)
    return rates["recent"] / rates["older"] if rates["older"] else float("nan")
