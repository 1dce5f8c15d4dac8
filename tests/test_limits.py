"""With everything else switched off the engine is Bass, NBD, BG/NBD, sBG, Dirichlet and the multinomial logit.

Each theory is reached by turning off what it leaves out, never by another engine. `tests/laws/checks.csv` holds the
figures to hit; a mean over five seeds must lie within the band of a single run. Next to them stand the closed forms.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import optimize, special, stats

from sim import parameters, schedule
from sim.plan import FirmPlan, Network, Plan, Segment, Spread
from sim.world import World, build
from tests.reading import ROOT

SEEDS = (1, 2, 3, 4, 5)
ENOUGH = 0.001  # the probability below which we no longer believe in bad luck
ALWAYS = 40.0  # needs per week that leave nobody without one

OFF = {
    "choose.consider_at": 0.0, "choose.habit_pull": 0.0, "choose.knowledge_pull": 0.0,
    "choose.commitment_pull": 0.0, "choose.points_pull": 0.0, "choose.halo": 0.0,
    "experience.variability": 0.0, "experience.contact_rate": 0.0, "experience.failure_rate": 0.0,
    "hear.forget": 0.0, "leave.lost_after": 1e9, "leave.lost_at_least": 1e9, "leave.return_rate": 0.0,
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
    world = build(plan)
    schedule.advance(world, 0, plan.weeks)
    return world


def beta(a: float, b: float) -> Spread:
    return Spread(a / (a + b), a + b)


# ---------------------------------------------------------------- Bass: one firm, one purchase, word of mouth by share

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


def bass(t: Any, p: float = P, q: float = Q) -> Any:
    """Share that has adopted by year t."""
    return -np.expm1(-(p + q) * t) / (1.0 + q / p * np.exp(-(p + q) * t))


@functools.cache
def bass_fitted(seed: int) -> tuple[float, float]:
    """Bass's p and q by non-linear least squares on yearly counts, with the market's size free."""
    year = np.arange(1, YEARS + 1)
    counts = adopters(seed)

    def in_year(t: Any, p: float, q: float, m: float) -> Any:
        return m * (bass(t, p, q) - bass(t - 1, p, q))

    (p, q, _), _ = optimize.curve_fit(in_year, year, counts, p0=(0.02, 0.3, counts.sum()), bounds=(1e-6, [1, 2, 1e5]))
    return float(p), float(q)


def test_adoption_follows_the_curve_of_bass() -> None:
    simulated = np.mean([adopters(seed).cumsum() / 5000.0 for seed in SEEDS], axis=0)
    off = np.abs(simulated - bass(np.arange(1, YEARS + 1)))
    assert off.max() < 0.02, f"In year {off.argmax() + 1} adoption is off by {off.max():.3f}."


# ---------------------------------------------------------------- sBG: a contract of a week, hazards that differ


@functools.cache
def survival(seed: int, alpha: float, beta_: float, customers: int = 1000, weeks: int = 13) -> NDArray[np.float64]:
    """Share of the customers of week 0 who still renew after t renewals."""
    segment = replace(PLAIN, moving=beta(alpha, beta_))
    renewals = lived(bare(customers, weeks, seed, segment=segment, contract_weeks=1)).tally["purchases"][:, 0]
    assert renewals[0] == customers, "Not everybody signs the first contract."
    return renewals / customers


def sbg(t: Any, alpha: float, beta_: float) -> Any:
    return np.exp(special.betaln(alpha, beta_ + t) - special.betaln(alpha, beta_))


def sbg_fitted(seed: int, alpha: float, beta_: float) -> float:
    """Alpha by maximum likelihood from the losses of the first seven years."""
    shares = survival(seed, alpha, beta_)[:8]

    def unlikelihood(log_numbers: NDArray[np.float64]) -> float:
        left = sbg(np.arange(8), *np.exp(log_numbers))
        return -float((-np.diff(shares) * np.log(-np.diff(left))).sum() + shares[7] * np.log(left[7]))

    fit = optimize.minimize(unlikelihood, np.zeros(2), method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-12})
    return float(np.exp(fit.x[0]))


@pytest.mark.parametrize(("alpha", "beta_"), [(0.704, 1.182), (0.668, 3.806)])
def test_survival_is_that_of_the_sbg(alpha: float, beta_: float) -> None:
    simulated, theory = survival(7, alpha, beta_, 20_000), sbg(np.arange(13), alpha, beta_)
    error = np.sqrt(theory * (1.0 - theory) / 20_000) + 1e-12
    assert (np.abs(simulated - theory) < 4.0 * error).all(), f"Survival is {simulated}, the theory says {theory}."


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
        relation = world.relations[:, 0]
        cohort.append(((relation["first_purchase"] == 0) & (relation["last_purchase"] == w)).sum())
    there = np.array(cohort)
    retention = there[1:] / there[:-1]
    assert 0.88 < retention[0] < 0.95, f"First-year retention is {retention[0]}, not nine tenths or a little more."
    return float(np.polyfit(np.arange(12), retention, 1, w=np.sqrt(there[:-1]))[0])


def test_loyalty_makes_retention_rise_where_its_absence_leaves_it_flat() -> None:
    flat, rising = slope_of_retention(1), slope_of_retention(1, habit_pull=3.0)
    assert rising > 0.003 > abs(flat), f"Retention rises by {rising} with habit and by {flat} without."


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
        counts.append(world.relations["purchases"][:, 0].astype(int))
    return np.array(counts)


@functools.cache
def cohort_of_a_quarter(seed: int) -> tuple[NDArray[np.int64], int]:
    """Customers who first buy evenly over 12 weeks: each one's repeats up to week 39, and those of weeks 40 to 78."""
    counts, customers = repeats(seed), np.arange(2357)
    age = np.round((39.0 - 12.0 * (customers + 0.5) / 2357) * PARTS).astype(int)
    early, late = counts[age, customers], counts[age + 39 * PARTS, customers]
    return early, int((late - early).sum())


def test_repeat_buying_is_expected_as_by_the_bgnbd() -> None:
    t = np.array([13.0, 39.0, 78.0])
    counts = repeats(7, customers=20_000)[(t * PARTS).astype(int)]
    shrink = (ALPHA / (ALPHA + t)) ** R * special.hyp2f1(R, B, A + B - 1.0, t / (ALPHA + t))
    theory = (A + B - 1.0) / (A - 1.0) * (1.0 - shrink)
    error = counts.std(axis=1) / np.sqrt(20_000)
    assert (np.abs(counts.mean(axis=1) - theory) < 4.0 * error).all(), (
        f"Repeats per customer are {counts.mean(axis=1)}, the theory says {theory}."
    )


# ---------------------------------------------------------------- NBD and Dirichlet: Gamma needs, Gamma tastes

MEAN, SHAPE, CONCENTRATION = 1.456, 0.779, 1.3
SHARES = (0.25, 0.19, 0.10, 0.10, 0.09, 0.08, 0.03, 0.16)  # toothpaste; the last are all other brands together


@functools.cache
def toothpaste(seed: int, customers: int = 5000) -> NDArray[np.int64]:
    """Purchases in a quarter, (customers, brands)."""
    firms = tuple(replace(ONLY, name=str(share), standing=share) for share in SHARES)
    segment = replace(PLAIN, need_rate=MEAN / 13.0, need_shape=SHAPE)
    plan = bare(customers, 13, seed, segment=segment, firms=firms, taste_concentration=CONCENTRATION)
    return lived(plan).relations["purchases"].astype(int)


def duplication(seed: int) -> float:
    """The coefficient D of b(Y|X) = D · b(Y), pooled over all pairs of named brands."""
    buys = toothpaste(seed)[:, :7] > 0
    reached = buys.mean(axis=0)
    both = (buys.T.astype(float) @ buys) / buys.sum(axis=0)[:, None]  # b(Y|X) in row X
    pairs = ~np.eye(7, dtype=bool)
    of_y = np.broadcast_to(reached, (7, 7))[pairs]
    return float((both[pairs] * of_y).sum() / (of_y**2).sum())


def test_needs_of_a_quarter_are_negative_binomial() -> None:
    needs = toothpaste(7, 20_000).sum(axis=1)
    law = stats.nbinom(SHAPE, SHAPE / (SHAPE + MEAN))
    expected = np.append(law.pmf(np.arange(10)), law.sf(9)) * needs.size
    found = np.bincount(np.minimum(needs, 10), minlength=11)
    assert stats.chisquare(found, expected).pvalue > ENOUGH, f"Counts are {found}, NBD says {expected.round()}."


def test_brands_reach_as_many_as_in_the_dirichlet_and_small_ones_lose_twice() -> None:
    bought = toothpaste(7, 20_000)
    n = np.arange(200)
    category = stats.nbinom(SHAPE, SHAPE / (SHAPE + MEAN)).pmf(n)
    for f, share in enumerate(SHARES):
        rest = CONCENTRATION * (1.0 - share)
        none = np.exp(special.betaln(CONCENTRATION * share, rest + n) - special.betaln(CONCENTRATION * share, rest))
        theory = 1.0 - (category * none).sum()
        reached = (bought[:, f] > 0).mean()
        assert abs(reached - theory) < 4.0 * np.sqrt(theory * (1.0 - theory) / 20_000), (
            f"A brand of share {share} reaches {reached:.4f}, the Dirichlet says {theory:.4f}."
        )
    often = bought[:, [0, 6]].sum(axis=0) / (bought[:, [0, 6]] > 0).sum(axis=0)
    assert often[0] > often[1], "The large brand is not bought more often by its buyers: no double jeopardy."


# ---------------------------------------------------------------- logit: unlike firms, customers alike


def test_shares_are_the_multinomial_logit_of_delivered_value() -> None:
    """Utilities worked out here from section 5 of docs/model.md, for strangers who all weigh alike."""
    weights = (1.5, 1.0, 0.6, 0.4, 1.2, 0.5, 0.5, 0.6)
    prices, trust = np.array([10.0, 12.0, 7.0]), parameters.constants()["trust"]["start"].value
    attributes = np.array(
        [(0.5, 0.6, 0.5, 0.4, 1.0, 0.5, 0), (0.9, 0.5, 0.7, 0.8, 1.0, 0.6, 0), (0.2, 0.3, 0.4, 0.1, 1.0, 0.9, 0)]
    )
    standings = np.array([0.3, 0.5, 0.2])
    firms = tuple(FirmPlan(str(f), standings[f], 1.0, 6.0, tuple(attributes[f])) for f in range(3))
    plan = bare(
        50_000, 1, 7, segment=replace(PLAIN, weights=weights), firms=firms, contract_weeks=1, outside_value=-0.5,
        levers={"pricing.list_price": prices},
    )  # fmt: skip
    values = attributes[:, :4] @ weights[:4]
    money, time, effort, worry = prices / 10.0, 0.5 * (1.0 - attributes[:, 4]), 1.0 - attributes[:, 5], 1.0 - trust
    costs = weights[4] * money + weights[5] * time + weights[6] * effort + weights[7] * worry
    utility = values - costs + np.log(3.0 * standings)
    theory = special.softmax(np.append(utility, -0.5))
    bought = lived(plan).tally["purchases"][0]
    found = np.append(bought, 50_000 - bought.sum())
    assert stats.chisquare(found, theory * 50_000).pvalue > ENOUGH, f"Shares are {found / 50_000}, not {theory}."


# ---------------------------------------------------------------- lifetime value: a margin, a hazard, an interest


@functools.cache
def lifetime_value(seed: int, retention: float, interest: float = 0.1) -> float:
    """Discounted profit of a customer after the first purchase, from the books of the firm."""
    segment = replace(PLAIN, moving=Spread(1.0 - retention))
    profit = lived(bare(20_000, 90, seed, segment=segment, contract_weeks=1)).tally["profit"][:, 0]
    return float((profit[1:] / (1.0 + interest) ** np.arange(1, 90)).sum() / 20_000)


def elasticity_of_retention(seed: int) -> float:
    up, down = (np.log(lifetime_value(seed, 0.8 * step)) for step in (1.01, 0.99))
    return float((up - down) / np.log(1.01 / 0.99))


def test_lifetime_value_is_the_formula() -> None:
    value = np.mean([lifetime_value(seed, 0.8) for seed in SEEDS])
    assert value == pytest.approx(4.0 * 0.8 / (1.1 - 0.8), rel=0.01), "m · r/(1 + i − r) is not what the books say."


# ---------------------------------------------------------------- the figures to hit

MEASURES: dict[str, Callable[[int], float]] = {
    "BASS-1": lambda seed: float(adopters(seed).argmax() + 1),
    "BASS-2": lambda seed: adopters(seed).max() / 5000.0,
    "BASS-3": lambda seed: bass_fitted(seed)[0],
    "BASS-4": lambda seed: bass_fitted(seed)[1],
    # Ten times the advertising, so that the fall from year to year shows above the luck of 5,000 customers.
    "BASS-5": lambda seed: float(adopters(seed, p=10.0 * P, q=0.0, years=5).argmax() + 1),
    "SBG-1": lambda seed: survival(seed, 0.704, 1.182)[12],
    "SBG-2": lambda seed: sbg_fitted(seed, 0.704, 1.182),
    "SBG-3": lambda seed: survival(seed, 0.668, 3.806)[12],
    "SBG-6": slope_of_retention,
    "BGN-1": lambda seed: float((cohort_of_a_quarter(seed)[0] == 0).mean()),
    "BGN-2": lambda seed: float((cohort_of_a_quarter(seed)[0] >= 7).mean()),
    "BGN-3": lambda seed: float(cohort_of_a_quarter(seed)[1]),
    "DIR-1": duplication,
    "GLS-1": elasticity_of_retention,
    "RS-1": lambda seed: 100.0 * (lifetime_value(seed, 0.85) / lifetime_value(seed, 0.8) - 1.0),
}


def checks() -> list[dict[str, str]]:
    lines = (ROOT / "tests" / "laws" / "checks.csv").read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


@pytest.mark.parametrize("check", checks(), ids=lambda check: check["id"])
def test_the_figures_of_theory_are_hit(check: dict[str, str]) -> None:
    assert check["id"] in MEASURES, f"Nobody measures {check['id']}. Please add it to MEASURES."
    found = [MEASURES[check["id"]](seed) for seed in SEEDS]
    low, high, mean = float(check["low"]), float(check["high"]), float(np.mean(found))
    assert low <= mean <= high, (
        f"{check['id']}, {check['statistic']} ({check['setup']}): {mean:.4g} on average over seeds, "
        f"not within {low} to {high} (target {check['target']}). Single runs: {np.round(found, 4)}."
    )


def test_every_measure_has_its_figure() -> None:
    missing = set(MEASURES) - {check["id"] for check in checks()}
    assert not missing, f"tests/laws/checks.csv has no row {sorted(missing)}."
