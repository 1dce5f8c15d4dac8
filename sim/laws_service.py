"""Tier B and C by experiment on service: failures and four answers to them; lost customers asked to come back."""

from __future__ import annotations

import functools
import itertools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from sim.engine import Engine
from sim.laws_experiments import native_plan
from sim.laws_market import QUARTER, YEAR
from sim.policies.service import waiting_minutes
from sim.rules.leave import LOWER_PRICE, NEEDS_UNMET
from sim.storage import put

HALF_YEAR = 26
REBUY = (0.09, 0.19, 0.54, 0.82)  # TARP: silent, complained in vain, resolved, resolved quickly
_ALL = 1e9  # a failure rate that spares nobody


# ---------------------------------------------------------------- complaints


class _Arm(NamedTuple):
    """Of each customer and firm: bought in the week of failures, satisfaction after it, bought again in half a year."""

    hit: NDArray[np.bool_]
    felt: NDArray[np.float64]
    again: NDArray[np.bool_]


@functools.lru_cache(maxsize=16)
def _arm(seed: int, arm: str) -> _Arm:
    """One of five twins, which part in the week after year one.

    In arm "none" nobody is failed; in the others every purchase of the week fails and the customers stay "silent",
    complain in vain ("unresolved"), or are recovered after half of the longest wait ("resolved") or at once ("quick");
    but for "resolved" nobody waits.
    """
    engine = Engine(native_plan(seed))
    engine.advance(engine.plan.warm_up + YEAR)
    world, week, names = engine.world, engine.weeks_done, engine.plan.lever_names
    failure_rate, complaint = world.constants["experience_failure_rate"].copy(), engine.column("complaint")
    if arm != "none":
        world.constants["experience_failure_rate"] = _ALL
        put(world.customers, "complaint", float(arm != "silent"))
        # Twice the effort makes up for what half of the longest wait takes from the chance of recovery.
        recovery = {"resolved": 2.0, "quick": 1.0}.get(arm, 0.0)
        world.levers[week, :, names.index("service.recovery")] = recovery
    for firm in range(len(engine.plan.firms)):
        agents = _agents_for_half_the_wait(engine, firm) if arm == "resolved" else _ALL
        world.levers[week, firm, names.index("service.agents")] = agents
    before = engine.column("purchases")
    engine.advance(1)
    bought = engine.column("purchases")
    felt = engine.column("satisfaction").astype(float)
    world.constants["experience_failure_rate"] = failure_rate
    put(world.customers, "complaint", complaint)
    engine.advance(HALF_YEAR)
    return _Arm(bought > before, felt, engine.column("purchases") > bought)


def _agents_for_half_the_wait(engine: Engine, firm: int) -> float:
    """How many agents let a firm's customers wait for half of the longest wait, next week."""
    numbers = engine.plan.parameters["service"]
    contacts = float(engine.world.firms["contacts"][firm] / engine.plan.scale)
    longest, minutes = numbers["longest_wait"], numbers["agent_minutes"]

    def too_long(agents: float) -> float:
        return waiting_minutes(contacts, agents, numbers["handling_minutes"], minutes, longest) - longest / 2.0

    return float(optimize.brentq(too_long, 1e-9, _ALL))


def rebuying(seed: int) -> tuple[float, ...]:
    """Share of those hit by a failure who buy from the firm again within half a year: silent, …, quick.

    Only who bought from the firm in that week in all four twins is counted, so that the arms hold the same people.
    """
    arms = [_arm(seed, arm) for arm in ("silent", "unresolved", "resolved", "quick")]
    in_all = np.logical_and.reduce([arm.hit for arm in arms])
    return tuple(float(arm.again[in_all].mean()) for arm in arms)


def cmp_1(seed: int) -> float:
    """Whether rebuying rises from silent to unresolved, resolved and quickly resolved complaints: 1 if so, else 0.

    All purchases of one week fail, at every firm, in four twins; rebuying within half a year.
    """
    rates = rebuying(seed)
    return float(all(a < b for a, b in itertools.pairwise(rates)))


def cmp_2(seed: int) -> float:
    """Largest distance of these rebuying rates from the published 9, 19, 54 and 82%, points; as CMP-1."""
    return 100.0 * max(abs(a - b) for a, b in zip(rebuying(seed), REBUY, strict=True))


def cmp_3(seed: int) -> float:
    """Satisfaction after a failure quickly made good less that of twins who were not failed, in standard deviations.

    All who bought from a firm in that week, and nobody waits.
    """
    none, quick = _arm(seed, "none"), _arm(seed, "quick")
    who = none.hit & quick.hit
    return float((quick.felt[who].mean() - none.felt[who].mean()) / none.felt[who].std())


# ---------------------------------------------------------------- winning back


@functools.lru_cache(maxsize=16)
def _regained(seed: int) -> dict[str, float]:
    """Share of the lost customers, and of those who never bought, who buy in the quarter after one offer to each.

    After a year every firm sends one offer to each of its lost customers and to everybody who never bought from it.
    "recent" were lost in the quarter before, "older" in the one before that; customers who moved away or were let go
    are not asked. All firms together.
    """
    plan = native_plan(seed)
    engine = Engine(plan)
    engine.advance(plan.warm_up + YEAR)
    relations, now, week = engine.relations, engine.weeks_done, engine.weeks_done
    asked = (relations["reason"] >= NEEDS_UNMET) & (relations["reason"] <= LOWER_PRICE) & (relations["purchases"] > 0)
    gone = now - relations["week_of_turn"]
    groups = {
        "lost": asked, "recent": asked & (gone <= QUARTER), "older": asked & (gone > QUARTER) & (gone <= 2 * QUARTER),
        "prospects": (relations["purchases"] == 0) & (relations["reason"] == 0),
    }  # fmt: skip
    before = relations["purchases"]
    for lever in ("winback.spend", "acquisition.spend"):
        engine.world.levers[week, :, plan.lever_names.index(lever)] = _ALL
    engine.advance(QUARTER)
    has_bought = engine.column("purchases") > before
    return {name: float(has_bought[who].mean()) for name, who in groups.items()}


def win_1(seed: int) -> float:
    """Share of lost customers who buy again in the quarter after one offer; all firms, after a year."""
    return _regained(seed)["lost"]


def win_2(seed: int) -> float:
    """That share over the share of those never won who buy in the quarter after one offer."""
    return _regained(seed)["lost"] / _regained(seed)["prospects"]


def win_3(seed: int) -> float:
    """Share regained among those lost less than a quarter ago over that of those lost two quarters ago; as WIN-1."""
    return _regained(seed)["recent"] / _regained(seed)["older"]
