"""Concentration of profit: read off by hand, in agreement with the outcome of the same name, and in loss."""

import numpy as np
import pytest

from sim.concentration import TIERS, concentration
from sim.engine import Engine
from sim.outcomes import best_fifth_share
from sim.scenario import load_scenario
from sim.storage import put


@pytest.fixture(scope="module")
def engine() -> Engine:
    made = Engine(load_scenario("coffee").plan("4P", customers=500, weeks=30))
    made.run()
    return made


def given(engine: Engine, earned: list[float]) -> Engine:
    """The market with books in which so many customers have bought, and contributed what is said."""
    copy = engine.copy()
    relations, n = copy.world.relations, copy.n_customers
    firsts = np.arange(n)[:, None] < len(earned)
    contribution = np.zeros((n, 1))
    contribution[: len(earned), 0] = earned
    for name in ("revenue", "cost_of_goods", "cost_to_serve", "cost_to_reach", "rewards"):
        put(relations, name, 0.0)
    put(relations, "revenue", 100.0 * firsts)
    put(relations, "cost_to_serve", (100.0 - contribution) * firsts)
    return copy


def test_twenty_eighty_thirty_is_read_off(engine: Engine) -> None:
    found = concentration(given(engine, [40, 40, 12, 8, 10, 6, 4, -10, -5, -5]))
    assert found.best == pytest.approx(0.8)
    assert found.worst == pytest.approx(-0.2)
    assert found.curve[70] == pytest.approx(1.2), "Before the worst it stands above the whole."
    assert (found.curve[0], found.curve[100]) == (0.0, pytest.approx(1.0))
    assert found.n.tolist() == [2, 3, 5]
    assert found.contribution.tolist() == [80, 30, -10]


def test_the_best_fifth_is_the_outcome_of_that_name(engine: Engine) -> None:
    assert concentration(engine).best == pytest.approx(best_fifth_share(engine)[0])


def test_tiers_take_in_all_buyers_and_all_their_money(engine: Engine) -> None:
    found, books = concentration(engine), engine.relations[:, 0]
    is_buyer = books["revenue"] > 0
    assert found.n.sum() == is_buyer.sum()
    assert found.revenue.sum() == pytest.approx(books["revenue"].sum())
    costs = found.goods + found.service + found.reach + found.rewards
    np.testing.assert_allclose(found.contribution, found.revenue - costs)
    assert (np.diff(found.contribution / found.n) <= 0).all(), "Tiers are in the order of what a customer brings."
    assert len(found.n) == len(TIERS)


def test_of_a_loss_nobody_has_a_share(engine: Engine) -> None:
    loss = concentration(given(engine, [5.0, -50.0]))
    assert np.isnan(loss.curve).all()
    nobody = concentration(given(engine, []))
    assert nobody.n.tolist() == [0, 0, 0]
    assert np.isnan(nobody.satisfaction).all()
