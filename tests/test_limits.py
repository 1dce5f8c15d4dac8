"""With everything else switched off the engine is Bass, NBD, BG/NBD, sBG, Dirichlet and the multinomial logit.

Each theory is reached by turning off what it leaves out, never by another engine. The set-ups stand in
`sim/laws_theory.py`, the figures to hit in `sim/laws_data/laws.csv`; tests/test_laws.py holds the one to the other.
Here stand the closed forms.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import special, stats

from sim import parameters
from sim.laws_fits import Dirichlet, bass, sbg
from sim.laws_theory import (
    ALPHA,
    CONCENTRATION,
    MEAN,
    PARTS,
    PLAIN,
    SHAPE,
    SHARES,
    YEARS,
    A,
    B,
    R,
    adopters,
    bare,
    lifetime_value,
    lived,
    repeats,
    slope_of_retention,
    survival,
    toothpaste,
)  # fmt: skip
from sim.plan import FirmPlan

SEEDS = (1, 2, 3, 4, 5)
ENOUGH = 0.001  # the probability below which we no longer believe in bad luck


def test_adoption_follows_the_curve_of_bass() -> None:
    simulated = np.mean([adopters(seed).cumsum() / 5000.0 for seed in SEEDS], axis=0)
    off = np.abs(simulated - bass(np.arange(1, YEARS + 1)))
    assert off.max() < 0.02, f"In year {off.argmax() + 1} adoption is off by {off.max():.3f}."


@pytest.mark.parametrize(("alpha", "beta_"), [(0.704, 1.182), (0.668, 3.806)])
def test_survival_is_that_of_the_sbg(alpha: float, beta_: float) -> None:
    simulated, theory = survival(7, alpha, beta_, 20_000), sbg(np.arange(13), alpha, beta_)
    error = np.sqrt(theory * (1.0 - theory) / 20_000) + 1e-12
    assert (np.abs(simulated - theory) < 4.0 * error).all(), f"Survival is {simulated}, the theory says {theory}."


def test_loyalty_makes_retention_rise_where_its_absence_leaves_it_flat() -> None:
    flat, rising = slope_of_retention(1), slope_of_retention(1, habit_pull=3.0)
    assert rising > 0.003 > abs(flat), f"Retention rises by {rising} with habit and by {flat} without."


def test_repeat_buying_is_expected_as_by_the_bgnbd() -> None:
    t = np.array([13.0, 39.0, 78.0])
    counts = repeats(7, customers=20_000)[(t * PARTS).astype(int)]
    shrink = (ALPHA / (ALPHA + t)) ** R * special.hyp2f1(R, B, A + B - 1.0, t / (ALPHA + t))
    theory = (A + B - 1.0) / (A - 1.0) * (1.0 - shrink)
    error = counts.std(axis=1) / np.sqrt(20_000)
    assert (np.abs(counts.mean(axis=1) - theory) < 4.0 * error).all(), (
        f"Repeats per customer are {counts.mean(axis=1)}, the theory says {theory}."
    )


def test_needs_of_a_quarter_are_negative_binomial() -> None:
    needs = toothpaste(7, 20_000).sum(axis=1)
    law = stats.nbinom(SHAPE, SHAPE / (SHAPE + MEAN))
    expected = np.append(law.pmf(np.arange(10)), law.sf(9)) * needs.size
    found = np.bincount(np.minimum(needs, 10), minlength=11)
    assert stats.chisquare(found, expected).pvalue > ENOUGH, f"Counts are {found}, NBD says {expected.round()}."


def test_brands_reach_as_many_as_in_the_dirichlet_and_small_ones_lose_twice() -> None:
    bought = toothpaste(7, 20_000)
    law = Dirichlet(MEAN, SHAPE, CONCENTRATION)
    for f, share in enumerate(SHARES):
        theory = law.penetration(share)
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


def test_lifetime_value_is_the_formula() -> None:
    value = np.mean([lifetime_value(seed, 0.8) for seed in SEEDS])
    assert value == pytest.approx(4.0 * 0.8 / (1.1 - 0.8), rel=0.01), "m · r/(1 + i − r) is not what the books say."
