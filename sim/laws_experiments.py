"""Tier B and C by experiment on the default market: prices, advertising, a friend's word, in paired worlds.

Twins share customers and luck and differ in one thing. Sales are counted in the firms' books.
"""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from sim.engine import Engine
from sim.laws_market import MARKET, YEAR
from sim.plan import Plan
from sim.scenario import load_scenario

MONTH = 4  # weeks, thirteen to a year
STEP = 0.05  # of price
PUSH, BURST = 1.1, 10.0  # of advertising
LIKELY = (0.3, 0.5)  # probability to buy before the message
LUCKS = 40  # repetitions of the week in which everybody needs something
HORIZON = 2 * YEAR


def native_plan(seed: int) -> Plan:
    """The default market as shipped, two years on record."""
    return load_scenario(MARKET).plan(seed=seed, weeks=HORIZON)


def with_lever(plan: Plan, firm: int, lever: str, factor: float, weeks: int = HORIZON) -> Plan:
    """The plan with one lever of one firm multiplied in the first reported weeks."""
    levers = plan.levers.copy()
    levers[plan.warm_up : plan.warm_up + weeks, firm, plan.lever_names.index(lever)] *= factor
    return replace(plan, levers=levers)


def units(plan: Plan, weeks: int = HORIZON) -> NDArray[np.float64]:
    """Units that each firm sells in each reported week, (weeks, firms)."""
    engine = Engine(plan)
    engine.advance(plan.warm_up + weeks)
    return engine.tally["purchases"]


@functools.lru_cache(maxsize=4)
def _as_shipped(seed: int) -> NDArray[np.float64]:
    return units(native_plan(seed))


# ---------------------------------------------------------------- price and advertising


@functools.lru_cache(maxsize=4)
def _elasticities(seed: int) -> tuple[float, float]:
    """Mean over firms of the elasticity of a year's unit sales to the firm's own list price, and to its advertising."""
    plan, before = native_plan(seed), _as_shipped(seed)[:YEAR].sum(axis=0)
    to_price, to_advertising = [], []
    for firm in range(len(plan.firms)):
        dearer, cheaper, louder = (
            units(with_lever(plan, firm, lever, factor), YEAR)[:, firm].sum()
            for lever, factor in (
                ("pricing.list_price", 1.0 + STEP), ("pricing.list_price", 1.0 - STEP), ("advertising.spend", PUSH),
            )
        )  # fmt: skip
        to_price.append(np.log(dearer / cheaper) / np.log((1.0 + STEP) / (1.0 - STEP)))
        to_advertising.append(np.log(louder / before[firm]) / np.log(PUSH))
    return float(np.mean(to_price)), float(np.mean(to_advertising))


def ela_1(seed: int) -> float:
    """Elasticity of a firm's unit sales in a year to its own list price, 5% up against 5% down; mean of the firms."""
    return _elasticities(seed)[0]


def ela_2(seed: int) -> float:
    """Elasticity of a firm's unit sales in a year to its advertising in that year, 10% up; mean of the firms."""
    return _elasticities(seed)[1]


def ela_4(seed: int) -> float:
    """Size of the price elasticity over the advertising elasticity: ELA-1 over ELA-2."""
    return abs(ela_1(seed)) / ela_2(seed)


def ela_5(seed: int) -> float:
    """Months until 90% of the effect of a month of tenfold advertising, by the geometric carry-over that fits it best.

    One firm after the other; their additional units of two years together, in months of four weeks. A carry-over of λ a
    month has done 90% of its work after ln(.1)/ln(λ) months: so the published durations were reckoned.
    """
    plan, extra, before = native_plan(seed), np.zeros(HORIZON), _as_shipped(seed)
    for firm in range(len(plan.firms)):
        extra += (units(with_lever(plan, firm, "advertising.spend", BURST, MONTH)) - before)[:, firm]
    monthly = extra.reshape(-1, MONTH).sum(axis=1)

    def decay(month: Any, first: float, carry_over: float) -> Any:
        return first * carry_over**month

    start, bounds = (max(monthly[0], 1.0), 0.7), ([0.0, 0.01], [np.inf, 0.999])
    (_, carry_over), _ = optimize.curve_fit(decay, np.arange(len(monthly)), monthly, p0=start, bounds=bounds)
    return float(np.log(0.1) / np.log(carry_over))


# ---------------------------------------------------------------- one message from a friend


def _next_choices(engine: Engine, luck: int, firm: int, messages: str = "", price: float = 1.0) -> NDArray[np.float64]:
    """Who would buy from a firm next if everybody needed one thing now, in some luck.

    messages : "good" or "bad" if everybody has just heard one from a friend   price : times the firm's list price
    """
    twin = engine.copy()
    world, week = twin.world, twin.weeks_done
    world.market["seed"] += np.uint64(1_000_003 * (luck + 1))
    world.market["contract_weeks"] = 1  # one occasion each
    world.climate["need"][week] = 1e6
    world.levers[week, firm, engine.plan.lever_names.index("pricing.list_price")] *= price
    if messages:
        world.heard[messages][week & 1, :, firm] += 1
    before = twin.column("purchases")[:, firm]
    twin.advance(1)
    return (twin.column("purchases")[:, firm] > before).astype(float)


@functools.lru_cache(maxsize=4)
def _shifts(seed: int) -> tuple[float, float]:
    """Mean change of the probability to buy by one good and by one bad message, of receivers who were in two minds."""
    engine, good, bad = Engine(native_plan(seed)), [], []
    engine.advance(engine.plan.warm_up + YEAR)
    for firm in range(len(engine.plan.firms)):
        prior, praised, blamed = (
            np.mean([_next_choices(engine, luck, firm, kind) for luck in range(LUCKS)], axis=0)
            for kind in ("", "good", "bad")
        )
        who = (prior >= LIKELY[0]) & (prior <= LIKELY[1])
        good.append((praised - prior)[who])
        bad.append((blamed - prior)[who])
    return float(np.concatenate(good).mean()), float(np.concatenate(bad).mean())


def wom_2(seed: int) -> float:
    """Change of the probability to buy from a firm next, after one more friend's praise.

    Customers of the default market after a year who would buy from it next with probability .3 to .5, each firm; the
    probabilities over repeated luck, the same with and without the message.
    """
    return _shifts(seed)[0]


def wom_3(seed: int) -> float:
    """Change of the probability to buy from a firm next, after one more friend's complaint; as WOM-2."""
    return _shifts(seed)[1]


# ---------------------------------------------------------------- willingness to pay


def sat_6(seed: int) -> float:
    """Cubic coefficient of willingness to pay on satisfaction, over tenths of the first firm's customers.

    Buyers of the first firm after a year, in tenths by satisfaction. Their willingness to pay is the area under their
    demand from half to twice the list price, in list prices; satisfaction in standard deviations.
    """
    engine = Engine(native_plan(seed))
    engine.advance(engine.plan.warm_up + YEAR)
    relation = engine.relations[:, 0]
    who = np.flatnonzero((relation["purchases"] > 0) & (relation["reason"] == 0))
    level = relation["satisfaction"][who].astype(float)
    prices = np.linspace(0.5, 2.0, 13)
    demand = np.array(
        [np.mean([_next_choices(engine, k, 0, price=price)[who] for k in range(6)], axis=0) for price in prices]
    )  # fmt: skip
    tenths = np.array_split(np.argsort(level, kind="stable"), 10)
    willing = [np.trapezoid(demand[:, part].mean(axis=1), prices) for part in tenths]
    x = (np.array([level[part].mean() for part in tenths]) - level.mean()) / level.std()
    return float(np.polyfit(x, willing, 3)[0])
