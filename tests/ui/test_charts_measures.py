"""What is measured for the charts while a run goes on: watching changes nothing, stops when asked, and adds up."""

import numpy as np
import pytest

from sim.engine import Engine
from sim.scenario import load_scenario
from sim.ui.measures import REASONS, Measures, Watch


def at_start(name: str = "coffee") -> Engine:
    engine = Engine(load_scenario(name).plan("4C", customers=300, weeks=30))
    engine.warm_up()
    return engine


@pytest.fixture(scope="module")
def watched() -> tuple[Engine, Measures]:
    watch = Watch(at_start())
    watch.run()
    return watch.engine, watch.taken()


def test_watching_changes_nothing(watched: tuple[Engine, Measures]) -> None:
    plain = at_start()
    plain.run()
    np.testing.assert_array_equal(watched[0].tally, plain.tally)
    np.testing.assert_array_equal(watched[0].flows, plain.flows)


def test_a_watched_run_stops_when_nobody_waits() -> None:
    watch, asked = Watch(at_start()), []
    watch.run(is_cancelled=lambda: len(asked) == 2 or asked.append(watch.engine.week) is not None, every=7)
    assert asked == [0, 7]
    assert watch.engine.week == 14
    watch.run(is_cancelled=lambda: False)
    assert watch.engine.is_finished, "It goes on where it stopped."
    assert watch.taken().cohorts.sizes.sum() > 0


def test_measures_are_the_sums_of_the_weeks(watched: tuple[Engine, Measures]) -> None:
    engine, measures = watched
    tally = engine.tally[:, 0]
    for k, reason in enumerate(REASONS):
        np.testing.assert_array_equal(measures.left[:, k], tally[f"left_{reason}"])
    assert measures.moves.sum() == 30 * 300
    np.testing.assert_array_equal(measures.praise, tally["praise"])
    revenue = engine.tally["revenue"]
    np.testing.assert_allclose(measures.market_shares[20], revenue[8:21].sum(axis=0) / revenue[8:21].sum())
    np.testing.assert_allclose(measures.market_shares.sum(axis=1), 1.0)


def test_they_weigh_little_and_say_how_much(watched: tuple[Engine, Measures]) -> None:
    measures = watched[1]
    assert measures.left.nbytes + measures.delivered.parts.nbytes < measures.nbytes < 100_000
