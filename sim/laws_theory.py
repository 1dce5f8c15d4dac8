"""Tier A: with everything else switched off the engine is Bass, sBG, BG/NBD, Dirichlet and the lifetime-value formula.

Each theory is reached by turning off what it leaves out, never by another engine. A set-up in which nothing happens but
what is asked for is `bare`; the null mode of SBG-6 (identical customers, loyalty dynamics off) is `bare` with choice
left to luck. Every measure takes a seed; a mean over seeds must lie within the band of a single run.
"""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import laws_fits, parameters, schedule
from sim.plan import FirmPlan, Network, Plan, Segment, Spread
from sim.world import World, build

ALWAYS = 40.0  # needs per week that leave nobody without one

OFF = {
    "choose.consider_at": 0.0, "choose.habit_pull": 0.0, "choose.knowledge_pull": 0.0,
    "choose.commitment_pull": 0.0, "choose.points_pull": 0.0, "choose.halo": 0.0, "choose.salience_pull": 0.0,
    "experience.variability": 0.0, "experience.contact_rate": 0.0, "experience.failure_rate": 0.0,
    "hear.forget": 0.0, "leave.lost_after": 1e9, "leave.lost_at_least": 1e9, "leave.return_rate": 0.0,
    "trust.start_spread": 0.0,
}  # fmt: skip
PLAIN = Segment(
    name="alike", customer_type="any", share=1.0, need_rate=ALWAYS, need_shape=None, weights=(0.0,) * 8,
    weight_spread=0.0, innovativeness=0.0, susceptibility=0.0, deal_proneness=Spread(0.0), complaint=Spread(0.0),
    forgiveness=Spread(0.0), moving=Spread(0.0), fit=(1.0,),
)  # fmt: skip
ONLY = FirmPlan("Only", 1.0, awareness=1.0, unit_cost=6.0, attributes=(0.5, 0.5, 0.5, 0.5, 1.0, 0.5, 0.0))


def bare(
    customers: int, weeks: int, seed: int, *, segment: Segment = PLAIN, firms: tuple[FirmPlan, ...] = (ONLY,),
    switched_on: dict[str, float] | None = None, levers: dict[str, Any] | None = None, **changes: Any,
) -> Plan:  # fmt: skip
    """A market in which nothing happens but what is asked for: no spending, no talk, no failures, no bonds."""
    names = tuple(parameters.levers())
    table = np.zeros((weeks, len(firms), len(names)))
    for name, value in ({"pricing.list_price": 10.0} | (levers or {})).items():
        table[:, :, names.index(name)] = value
    numbers = {f: {n: float(e.value) for n, e in file.items()} for f, file in parameters.constants().items()}
    for path, value in (OFF | (switched_on or {})).items():
        file, name = path.split(".")
        numbers[file][name] = value
    rest: dict[str, Any] = {
        "contract_weeks": 0, "outside_value": -50.0, "visibility": 1.0, "taste_concentration": None,
        "reference_price": 10.0, "discount_rate": 0.1, "network": Network(degree=0),
    }  # fmt: skip
    return Plan(
        scenario="bare", strategy="bare", seed=seed, market_size=customers, scale=1.0, warm_up=0, weeks=weeks,
        segments=(replace(segment, fit=(1.0,) * len(firms)),), firms=firms, lever_names=names, levers=table,
        need_factor=np.ones(weeks), trend=np.ones((weeks, 8)), trust_shock=np.zeros((weeks, len(firms))),
        parameters=numbers, **(rest | changes),
    )  # fmt: skip


def lived(plan: Plan) -> World:
    """The world of a plan after all its weeks."""
    world = build(plan)
    schedule.advance(world, 0, plan.weeks)
    return world


def beta(a: float, b: float) -> Spread:
    """A trait that is Beta(a, b) over customers."""
    return Spread(a / (a + b), a + b)


P, Q, YEARS, STEPS = 0.03, 0.38, 20, 52


@functools.cache
def adopters(seed: int, p: float = P, q: float = Q, years: int = YEARS) -> NDArray[np.float64]:
    """First purchases in each year: those who notice buy once, by a contract that does not end."""
    segment = replace(PLAIN, innovativeness=p / STEPS, susceptibility=q / STEPS)
    plan = bare(
        5000, years * STEPS, seed, segment=segment, firms=(replace(ONLY, awareness=0.0),), contract_weeks=30_000,
        switched_on={"hear.reach": 1.0}, levers={"advertising.spend": 1e15},
    )  # fmt: skip
    return lived(plan).tally["first_purchases"][:, 0].reshape(years, STEPS).sum(axis=1)


@functools.cache
def _bass_fitted(seed: int) -> tuple[float, float]:
    return laws_fits.fit_bass(adopters(seed))


def bass_1(seed: int) -> float:
    """The year with most first purchases."""
    return float(adopters(seed).argmax() + 1)


def bass_2(seed: int) -> float:
    """First purchases in that year, as a share of everybody."""
    return float(adopters(seed).max() / 5000.0)


def bass_3(seed: int) -> float:
    """Bass's p by non-linear least squares on yearly counts."""
    return _bass_fitted(seed)[0]


def bass_4(seed: int) -> float:
    """Bass's q by non-linear least squares on yearly counts."""
    return _bass_fitted(seed)[1]


def bass_5(seed: int) -> float:
    """The year with most first purchases without imitation.

    With ten times the advertising, so that the fall from year to year shows above the luck of 5,000 customers.
    """
    return float(adopters(seed, p=10.0 * P, q=0.0, years=5).argmax() + 1)


# ---------------------------------------------------------------- sBG: a contract of a week, hazards that differ


@functools.cache
def survival(seed: int, alpha: float, beta_: float, customers: int = 1000, weeks: int = 13) -> NDArray[np.float64]:
    """Share of the customers of week 0 who still renew after t renewals."""
    segment = replace(PLAIN, moving=beta(alpha, beta_))
    renewals = lived(bare(customers, weeks, seed, segment=segment, contract_weeks=1)).tally["purchases"][:, 0]
    assert renewals[0] == customers, "Not everybody signs the first contract."
    return renewals / customers


def sbg_1(seed: int) -> float:
    """Share of 1,000 customers with leaving chances Beta(.704, 1.182) who renew twelve times."""
    return float(survival(seed, 0.704, 1.182)[12])


def sbg_2(seed: int) -> float:
    """Alpha by maximum likelihood from the first seven renewals of those customers."""
    return laws_fits.fit_sbg(survival(seed, 0.704, 1.182)[:8])[0]


def sbg_3(seed: int) -> float:
    """Share of 1,000 customers with leaving chances Beta(.668, 3.806) who renew twelve times."""
    return float(survival(seed, 0.668, 3.806)[12])


@functools.cache
def slope_of_retention(seed: int, habit_pull: float = 0.0) -> float:
    """Slope of retention on tenure for identical customers who stay or go by choice, weighted by how many there are."""
    plan = bare(
        20_000, 13, seed, contract_weeks=1, outside_value=float(-np.log(9.0)),
        switched_on={"choose.habit_pull": habit_pull},
    )  # fmt: skip
    world, cohort = build(plan), []
    for w in range(13):
        schedule.advance(world, w, w + 1)
        first, last = (world.column(name)[:, 0] for name in ("first_purchase", "last_purchase"))
        cohort.append(((first == 0) & (last == w)).sum())
    there = np.array(cohort)
    retention = there[1:] / there[:-1]
    assert 0.88 < retention[0] < 0.95, f"First-year retention is {retention[0]}, not nine tenths or a little more."
    return float(np.polyfit(np.arange(12), retention, 1, w=np.sqrt(there[:-1]))[0])


def sbg_6(seed: int) -> float:
    """Slope of a cohort's retention on its tenure in the null mode: identical customers, loyalty dynamics off."""
    return slope_of_retention(seed)


# ---------------------------------------------------------------- BG/NBD: every purchase fails, a Beta share walks out

R, ALPHA, A, B = 0.243, 4.414, 0.793, 2.426
PARTS = 4  # the engine walks through a week of the theory in so many steps, so that nobody buys again before leaving


@functools.cache
def repeats(seed: int, customers: int = 2357, weeks: int = 78) -> NDArray[np.int64]:
    """Purchases after the first one by each part of a week, (1 + weeks · PARTS, customers), cumulated."""
    segment = replace(PLAIN, need_rate=R / ALPHA / PARTS, need_shape=R, forgiveness=beta(B, A))
    firm = replace(ONLY, attributes=(0.0, *ONLY.attributes[1:]))
    always_fails = {"experience.failure_rate": 1.0, "experience.exit_rate": 1.0, "bond.commitment_speed": 0.0}
    plan = bare(customers, weeks * PARTS, seed, segment=segment, firms=(firm,), switched_on=always_fails)
    world, counts = build(plan), [np.zeros(customers, int)]
    for w in range(plan.weeks):
        schedule.advance(world, w, w + 1)
        counts.append(world.column("purchases")[:, 0].astype(int))
    return np.array(counts)


@functools.cache
def cohort_of_a_quarter(seed: int) -> tuple[NDArray[np.int64], int]:
    """Customers who first buy evenly over 12 weeks: each one's repeats up to week 39, and those of weeks 40 to 78."""
    counts, customers = repeats(seed), np.arange(2357)
    age = np.round((39.0 - 12.0 * (customers + 0.5) / 2357) * PARTS).astype(int)
    early, late = counts[age, customers], counts[age + 39 * PARTS, customers]
    return early, int((late - early).sum())


def bgn_1(seed: int) -> float:
    """Share of the published generator's 2,357 customers who have not bought again by week 39."""
    return float((cohort_of_a_quarter(seed)[0] == 0).mean())


def bgn_2(seed: int) -> float:
    """Share of those customers with seven repeat purchases or more by week 39."""
    return float((cohort_of_a_quarter(seed)[0] >= 7).mean())


def bgn_3(seed: int) -> float:
    """Repeat purchases of those customers in weeks 40 to 78."""
    return float(cohort_of_a_quarter(seed)[1])


# ---------------------------------------------------------------- NBD and Dirichlet: Gamma needs, Gamma tastes

MEAN, SHAPE, CONCENTRATION = 1.456, 0.779, 1.3
SHARES = (0.25, 0.19, 0.10, 0.10, 0.09, 0.08, 0.03, 0.16)  # toothpaste; the last are all other brands together


@functools.cache
def toothpaste(seed: int, customers: int = 5000) -> NDArray[np.int64]:
    """Purchases in a quarter, (customers, brands)."""
    firms = tuple(replace(ONLY, name=str(share), standing=share) for share in SHARES)
    segment = replace(PLAIN, need_rate=MEAN / 13.0, need_shape=SHAPE)
    plan = bare(customers, 13, seed, segment=segment, firms=firms, taste_concentration=CONCENTRATION)
    return lived(plan).column("purchases").astype(int)


def duplication(seed: int) -> float:
    """The coefficient D of b(Y|X) = D · b(Y), pooled over all pairs of named brands."""
    buys = toothpaste(seed)[:, :7] > 0
    reached = buys.mean(axis=0)
    both = (buys.T.astype(float) @ buys) / buys.sum(axis=0)[:, None]  # b(Y|X) in row X
    pairs = ~np.eye(7, dtype=bool)
    of_y = np.broadcast_to(reached, (7, 7))[pairs]
    return float((both[pairs] * of_y).sum() / (of_y**2).sum())


def dir_1(seed: int) -> float:
    """Coefficient of duplication over all pairs of eight toothpaste brands, one quarter."""
    return duplication(seed)


# ---------------------------------------------------------------- lifetime value: a margin, a hazard, an interest


@functools.cache
def lifetime_value(seed: int, retention: float, interest: float = 0.1) -> float:
    """Discounted profit of a customer after the first purchase, from the books of the firm."""
    segment = replace(PLAIN, moving=Spread(1.0 - retention))
    profit = lived(bare(20_000, 90, seed, segment=segment, contract_weeks=1)).tally["profit"][:, 0]
    return float((profit[1:] / (1.0 + interest) ** np.arange(1, 90)).sum() / 20_000)


def elasticity_of_retention(seed: int) -> float:
    """Elasticity of the lifetime value with respect to retention, around r = .8."""
    up, down = (np.log(lifetime_value(seed, 0.8 * step)) for step in (1.01, 0.99))
    return float((up - down) / np.log(1.01 / 0.99))


def gls_1(seed: int) -> float:
    """Elasticity of the lifetime value in the firm's books with respect to retention, at r = .8 and i = .1."""
    return elasticity_of_retention(seed)


def rs_1(seed: int) -> float:
    """Gain of the lifetime value in the firm's books when retention goes from .80 to .85, percent."""
    return 100.0 * (lifetime_value(seed, 0.85) / lifetime_value(seed, 0.8) - 1.0)
