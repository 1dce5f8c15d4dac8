"""Tier B in markets of another kind: contracts (the scenario `telecom`) and a buy-ten card (the scenario `coffee`)."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd

from sim import laws_fits
from sim.engine import Engine
from sim.laws_experiments import HORIZON, native_plan
from sim.laws_market import MARKET, YEAR
from sim.results import run
from sim.scenario import load_scenario
from sim.storage import put

CONTRACT, CARD = "telecom", "coffee"
STAMPS = 10
PERIODS, FITTED = 12, 7
WINDOW = 13  # weeks for which a card is valid


# ---------------------------------------------------------------- sBG: a cohort of contracts


def sbg_4(seed: int) -> float:
    """Mean relative error of the sBG, fitted to a cohort's first seven renewals, on the share left after 8 to 12.

    Contract market from its first day: everybody whose first contract with a firm begins in the first four weeks, all
    firms; who renews without a gap is still there.
    """
    plan = load_scenario(CONTRACT).plan(seed=seed, warm_up=0, weeks=(PERIODS + 2) * 4)
    engine, length = Engine(plan), plan.contract_weeks
    left = np.zeros(PERIODS + 1)
    signed = np.full(engine.n_customers, -1)
    firm = np.full(engine.n_customers, -1)
    is_there = np.zeros(engine.n_customers, bool)
    for week in range((PERIODS + 1) * length):
        engine.advance(1)
        holder = engine.column("contract_firm")
        if week < length:
            new = (signed < 0) & (holder >= 0)
            signed[new], firm[new], is_there[new] = week, holder[new], True
        is_there &= holder == firm
        period = week - signed
        for t in range(PERIODS + 1):
            left[t] += (is_there & (signed >= 0) & (period == t * length)).sum()
    survival = left / left[0]
    alpha, beta = laws_fits.fit_sbg(survival[: FITTED + 1])
    ahead = np.arange(FITTED + 1, PERIODS + 1)
    return float(np.mean(np.abs(laws_fits.sbg(ahead, alpha, beta) / survival[ahead] - 1.0)))


# ---------------------------------------------------------------- cards


def loy_1(seed: int) -> float:
    """Change of the mean time between purchases from the first two stamps of a card to its last two.

    The strategy `stamp_card` of the coffee market, two years; every card of ten stamps that was filled.
    """
    result = run(CARD, "stamp_card", seed=seed, weeks=HORIZON, is_recorded=True)
    sold = result.transactions
    sold = sold[sold["firm"] == result.plan.firms[0].name].sort_values(["customer_id", "week"], kind="stable")
    card, stamp = (part.to_numpy() for part in divmod(sold.groupby("customer_id").cumcount(), STAMPS))
    table = pd.DataFrame(
        {"customer_id": sold["customer_id"].to_numpy(), "card": card, "stamp": stamp, "week": sold["week"].to_numpy()}
    )
    filled = table.pivot(index=["customer_id", "card"], columns="stamp", values="week").dropna()
    first, last = (filled[1] - filled[0]).mean(), (filled[STAMPS - 1] - filled[STAMPS - 2]).mean()
    return float(last / first - 1.0)


@functools.lru_cache(maxsize=16)
def _redeemed(seed: int, stamps: int, given: int) -> float:
    """Share of the cards handed to a week's buyers of the first firm that are redeemed within a quarter."""
    plan = native_plan(seed)
    engine = Engine(plan)
    engine.advance(plan.warm_up)
    before = engine.column("purchases")[:, 0]
    engine.advance(1)
    who = engine.column("purchases")[:, 0] > before
    price = plan.lever("pricing.list_price", plan.warm_up)
    engine.decide(
        {"programme.points_per_purchase": 1, "programme.reward_points": stamps, "programme.reward_value": price}
    )
    points = engine.column("points")
    points[who, 0] = given
    put(engine.world.relations, "points", points)
    engine.advance(WINDOW)
    return float((engine.column("rewards")[who, 0] > 0).mean())


def loy_2(seed: int) -> float:
    """Share of ten-stamp cards with two stamps given that are redeemed within a quarter, default market.

    Handed to everybody who buys from the first firm in one week; the reward is one purchase free.
    """
    return _redeemed(seed, 10, 2)


def loy_3(seed: int) -> float:
    """Share of eight-stamp cards without a stamp that are redeemed within a quarter; the twins of LOY-2."""
    return _redeemed(seed, 8, 0)


def loy_6(seed: int) -> float:
    """Share of its buyers' purchases that a firm with a programme gets beyond what the Dirichlet expects, points.

    The default market; the first firm alone gives points as in strategy 4R. Last year; the Dirichlet has the category's
    purchases and each brand's share and penetration.
    """
    story = load_scenario(MARKET)
    programme = {name: value for name, value in story.strategies["4R"].levers.items() if name.startswith("programme.")}
    result = run(story, programme, seed=seed, weeks=HORIZON, is_recorded=True)
    sold = result.transactions[result.transactions["week"] >= HORIZON - YEAR]
    n, firms = len(result.customers), [firm.name for firm in result.plan.firms]
    shares = np.array([(sold["firm"] == firm).mean() for firm in firms])
    reached = np.array([sold.loc[sold["firm"] == firm, "customer_id"].nunique() / n for firm in firms])
    law = laws_fits.fit_dirichlet(len(sold) / n, sold["customer_id"].nunique() / n, shares, reached)
    own = sold["firm"] == firms[0]
    of_buyers = sold["customer_id"].isin(sold.loc[own, "customer_id"])
    return float(100.0 * (own.sum() / of_buyers.sum() - law.share_of_requirements(float(shares[0]))))
