"""Cohorts and survival: against SciPy's and lifelines' Kaplan–Meier, and against a market followed by hand."""

import numpy as np
import pytest
from scipy import stats

from sim.cohorts import Cohorts, Diary, kaplan_meier
from sim.engine import Engine
from sim.rules.stage import BUYER, LOST, STAGES
from sim.scenario import load_scenario

DURATIONS = np.array([1, 1, 2, 3, 3, 3, 5, 8, 8, 10, 12, 12])
HAS_LEFT = np.array([1, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1, 0], bool)
# week: (at risk, staying, low, high), as KaplanMeierFitter of lifelines 0.30.3 has them. It is not among the
# requirements because it holds pandas below 3.
LIFELINES = {
    1: (12, 0.833333, 0.481715, 0.955509), 2: (10, 0.833333, 0.481715, 0.955509), 3: (9, 0.648148, 0.309662, 0.851798),
    5: (6, 0.540123, 0.216561, 0.780364), 8: (5, 0.432099, 0.141010, 0.698076), 10: (3, 0.432099, 0.141010, 0.698076),
    12: (2, 0.216049, 0.014477, 0.574445),
}  # fmt: skip


def counted(durations: np.ndarray, has_left: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    most = int(durations.max()) + 1
    return np.bincount(durations[has_left], minlength=most), np.bincount(durations[~has_left], minlength=most)


def test_survival_is_that_of_lifelines() -> None:
    found = kaplan_meier(*counted(DURATIONS, HAS_LEFT))
    for week, expected in LIFELINES.items():
        got = found.at_risk[week], found.staying[week], found.low[week], found.high[week]
        assert got == pytest.approx(expected, abs=1e-6), f"week {week}"
    assert found.median == 8


@pytest.mark.parametrize("seed", range(5))
def test_survival_is_that_of_scipy(seed: int) -> None:
    random = np.random.default_rng(seed)
    durations, has_left = random.geometric(0.05, 300), random.random(300) < 0.7
    has_left[durations == durations.max()] = False
    found = kaplan_meier(*counted(durations, has_left))
    expected = stats.ecdf(stats.CensoredData.right_censored(durations, ~has_left)).sf
    interval = expected.confidence_interval(0.95, method="log-log")
    weeks = expected.quantiles.astype(int)
    np.testing.assert_allclose(found.staying[weeks], expected.probabilities)
    inner = (expected.probabilities > 0) & (expected.probabilities < 1)
    np.testing.assert_allclose(found.low[weeks][inner], interval.low.probabilities[inner])
    np.testing.assert_allclose(found.high[weeks][inner], interval.high.probabilities[inner])


def test_everybody_staying_or_nobody_there_is_no_error() -> None:
    nothing, ten = np.zeros(4, int), np.array([0, 0, 0, 10])
    assert kaplan_meier(nothing, ten).staying.tolist() == [1, 1, 1, 1]
    assert np.isnan(kaplan_meier(nothing, ten).median)
    assert np.isnan(kaplan_meier(nothing, nothing).staying).all()
    gone = kaplan_meier(ten, nothing)
    assert (gone.staying[-1], gone.low[-1], gone.high[-1]) == (0, 0, 0)


@pytest.fixture(scope="module", params=["coffee", "telecom"])
def followed(request: pytest.FixtureRequest) -> tuple[Cohorts, np.ndarray, np.ndarray, np.ndarray]:
    """Cohorts of a small market of 40 weeks; and week by week every customer's stage, purchases, first purchase."""
    plan = load_scenario(request.param).plan("4P", customers=400, weeks=40)
    engine = Engine(plan)
    engine.warm_up()
    diary = Diary(engine)
    stages, bought = [engine.column("stage")[:, 0]], [engine.column("purchases")[:, 0] > 0]
    while not engine.is_finished:
        engine.advance(1)
        diary.note(engine)
        stages.append(engine.column("stage")[:, 0])
        bought.append(engine.column("purchases")[:, 0] > 0)
    first = engine.column("first_purchase")[:, 0] - plan.warm_up
    return diary.cohorts(), np.array(stages), np.array(bought), first


def test_cohorts_are_those_who_first_bought_in_a_quarter(followed: tuple) -> None:
    cohorts, stages, bought, first = followed
    at_start = bought[0] & (stages[0] != LOST)
    expected = [int(at_start.sum())]
    expected += [int(((first >= low) & (first < low + 13)).sum()) for low in range(0, 40, 13)]
    assert cohorts.sizes.tolist() == expected
    assert sum(expected) > 20


def test_lives_end_in_the_first_week_lost(followed: tuple) -> None:
    cohorts, stages, bought, first = followed
    departures, cut_off = np.zeros((5, 41), int), np.zeros((5, 41), int)
    for i in range(stages.shape[1]):
        if bought[0, i] and stages[0, i] != LOST:
            cohort, start = 0, 0
        elif first[i] >= 0:
            cohort, start = 1 + first[i] // 13, first[i]
        else:
            continue
        lost = [week for week in range(start, 40) if stages[week + 1, i] == LOST]
        if lost:
            departures[cohort, lost[0] - start + 1] += 1
        else:
            cut_off[cohort, 40 - start] += 1
    np.testing.assert_array_equal(cohorts.departures, departures)
    np.testing.assert_array_equal(cohorts.cut_off, cut_off)


def test_retention_of_a_cohort_counts_its_active_members(followed: tuple) -> None:
    cohorts, stages, bought, first = followed
    is_second = (first >= 13) & (first < 26)
    active = (stages[39][is_second] >= BUYER).sum()  # at the end of week 38, the third quarter's last
    assert cohorts.retained[2, 1] == pytest.approx(active / is_second.sum())
    at_start = bought[0] & (stages[0] != LOST)
    assert cohorts.retained[0, 0] == pytest.approx((stages[13][at_start] >= BUYER).mean())
    assert np.isnan(cohorts.retained[2, 3])
    assert np.isnan(cohorts.active[2, 0])


def test_paths_lead_from_the_start_over_half_way_to_the_end(followed: tuple) -> None:
    cohorts, stages, _, _ = followed
    n = len(STAGES)
    np.testing.assert_array_equal(cohorts.paths[0].sum(axis=1), np.bincount(stages[0], minlength=n))
    np.testing.assert_array_equal(cohorts.paths[0].sum(axis=0), np.bincount(stages[20], minlength=n))
    np.testing.assert_array_equal(cohorts.paths[1].sum(axis=1), np.bincount(stages[20], minlength=n))
    np.testing.assert_array_equal(cohorts.paths[1].sum(axis=0), np.bincount(stages[40], minlength=n))
    assert cohorts.paths[1, BUYER, LOST] == ((stages[20] == BUYER) & (stages[40] == LOST)).sum()


def test_a_market_of_one_week_has_cohorts_too() -> None:
    engine = Engine(load_scenario("coffee").plan("4P", customers=50, weeks=1))
    engine.warm_up()
    diary = Diary(engine)
    engine.advance(1)
    diary.note(engine)
    assert diary.cohorts().paths.sum(axis=(1, 2)).tolist() == [50, 50]
    assert diary.cohorts().retained.shape == (2, 1)
