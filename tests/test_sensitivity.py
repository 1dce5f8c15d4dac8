"""Indices are checked where the truth is known, and refused where they would mislead."""

from __future__ import annotations

import numpy as np
import pytest

from sim import discovery, sensitivity
from sim.designs import Factor, points_of
from sim.experiment_schema import DesignEntry

NAMES = ["x1", "x2", "x3"]
CUBE = [Factor(name, False, (), 0.0, 1.0) for name in NAMES]


def sample(kind: str, **entries: object) -> np.ndarray:
    return points_of(CUBE, DesignEntry(kind=kind, **entries)).unit


def ishigami(unit: np.ndarray) -> np.ndarray:
    x = np.pi * (2 * unit - 1)
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def test_the_ishigami_function_has_its_known_indices() -> None:
    unit = sample("sobol", points=4096, second_order=True)
    found = sensitivity.sobol_indices(NAMES, ishigami(unit), has_second_order=True)
    # In closed form, a = 7, b = 0.1: Saltelli, Chan & Scott (2000), Sensitivity Analysis.
    np.testing.assert_allclose(found["S1"], [0.3139, 0.4424, 0.0], atol=0.01)
    np.testing.assert_allclose(found["ST"], [0.5576, 0.4424, 0.2437], atol=0.01)
    assert (found[["S1_conf", "ST_conf"]] > 0).all().all()
    pairs = sensitivity.pairs_of_sobol(NAMES, ishigami(unit)).set_index(["factor", "with"])["S2"]
    np.testing.assert_allclose(pairs, [0.0, 0.2437, 0.0], atol=0.02)


def test_morris_ranks_a_linear_model_by_its_slopes() -> None:
    unit = sample("morris", trajectories=40)
    found = sensitivity.morris_indices(NAMES, unit, unit @ np.array([3.0, -1.0, 0.0]), 4)
    np.testing.assert_allclose(found["mu"], [3, -1, 0], atol=1e-9)
    np.testing.assert_allclose(found["mu_star"], [3, 1, 0], atol=1e-9)
    np.testing.assert_allclose(found["sigma"], 0, atol=1e-9)


def test_lifetime_value_has_the_indices_that_follow_from_its_formula() -> None:
    """m·r/(1 + i − r) with m and r independent: the variance of a product of independent parts is known."""
    factors = [Factor("margin", False, (), 5.0, 15.0), Factor("retention", False, (), 0.6, 0.9)]
    points = points_of(factors, DesignEntry(kind="sobol", points=4096)).values
    margin, retention = points.T
    value = margin * retention / (1.1 - retention)
    r = np.linspace(0.6, 0.9, 200_001)
    g = r / (1.1 - r)
    mean_g, variance_g = np.trapezoid(g, r) / 0.3, np.trapezoid(g * g, r) / 0.3 - (np.trapezoid(g, r) / 0.3) ** 2
    mean_m, variance_m = 10.0, 100.0 / 12
    total = variance_m * variance_g + variance_m * mean_g**2 + variance_g * mean_m**2
    found = sensitivity.sobol_indices(["margin", "retention"], value)
    np.testing.assert_allclose(found["S1"], [variance_m * mean_g**2 / total, variance_g * mean_m**2 / total], atol=0.01)
    both = variance_m * variance_g
    expected = [(variance_m * mean_g**2 + both) / total, (variance_g * mean_m**2 + both) / total]
    np.testing.assert_allclose(found["ST"], expected, atol=0.01)


def test_one_missing_value_is_refused_not_turned_into_zeros() -> None:
    unit = sample("sobol", points=64)
    values = ishigami(unit)
    values[17] = np.nan
    with pytest.raises(ValueError, match=r"no value in 1 of 320 points \(the first is point 17\)"):
        sensitivity.sobol_indices(NAMES, values)
    with pytest.raises(ValueError, match="no value in 1 of"):
        sensitivity.morris_indices(NAMES, sample("morris"), np.r_[np.nan, np.zeros(79)], 4)
    with pytest.raises(ValueError, match="the same at every point"):
        sensitivity.sobol_indices(NAMES, np.full(320, 2.0))


@pytest.mark.parametrize("is_paired", [True, False])
def test_luck_is_told_from_effect(is_paired: bool) -> None:
    luck = np.random.default_rng(5)
    effect = luck.normal(size=(4000, 1))
    noise = luck.normal(scale=2.0, size=(4000, 8))
    shared = luck.normal(scale=30.0, size=(1, 8)) if is_paired else 0.0  # what a world does to every point alike
    # The mean of 8 worlds has noise variance 4 / 8 beside an effect of variance 1.
    share = sensitivity.share_of_luck(effect + noise + shared, is_paired=is_paired)
    assert share == pytest.approx(0.5 / 1.5, abs=0.03)
    assert sensitivity.share_of_luck(effect + np.zeros((1, 8)), is_paired=is_paired) == pytest.approx(0)
    assert np.isnan(sensitivity.share_of_luck(effect, is_paired=is_paired))


def test_a_region_is_found_where_it_is() -> None:
    points = np.random.default_rng(1).random((2000, 3))
    happens = (points[:, 0] > 0.6) & (points[:, 1] < 0.5)
    boxes = discovery.peel(["a", "b", "c"], points, happens)
    best = discovery.chosen(boxes)
    assert boxes[0].limits == {}
    assert boxes[0].density == pytest.approx(0.2, abs=0.03)
    assert best.density > 0.95
    assert best.coverage > 0.9
    assert best.limits["a"][0] == pytest.approx(0.6, abs=0.05)
    assert best.limits["b"][1] == pytest.approx(0.5, abs=0.05)
    table = discovery.table(boxes)
    assert table["is_chosen"].sum() == 1
    assert "a from 0.6" in str(table.loc[table["is_chosen"], "region"].iloc[0]).replace("0.59", "0.6")


def test_a_region_of_few_levels_is_found_level_by_level() -> None:
    points = np.array([[a, b] for a in (1.0, 2.0, 3.0) for b in (0.0, 1.0) for _ in range(20)])
    best = discovery.chosen(discovery.peel(["a", "b"], points, points[:, 0] == 3))
    assert best.limits == {"a": (3.0, 3.0)}
    assert (best.density, best.coverage) == (1.0, 1.0)


@pytest.mark.parametrize("answer", [True, False])
def test_what_always_or_never_happens_has_no_region(answer: bool) -> None:
    points = np.random.default_rng(1).random((100, 2))
    boxes = discovery.peel(["a", "b"], points, np.full(100, answer))
    assert [box.limits for box in boxes] == [{}]
    assert boxes[0].density == float(answer)
