"""Which lever made the difference: Shapley values checked by brute force, and in markets where the answer is known."""

from __future__ import annotations

import dataclasses
import itertools
import json
import os
from typing import Any

import numpy as np
import pandas as pd
import pytest
from bokeh.embed import json_item
from click.testing import CliRunner

from sim import attribute, compare, run
from sim.cli import cli
from sim.engine import Engine
from sim.outcomes import OUTCOMES
from sim.scenario import Faults, Scenario, load_scenario
from sim.shapley import EXACT_UP_TO, Attribution, exact, orders_for, sampled

SMALL: dict[str, Any] = {"customers": 120, "weeks": 10}
FEW = {"pricing.list_price": 3.5, "advertising.spend": 800, "service.recovery": 0.9}


@pytest.fixture(scope="module")
def story() -> Scenario:
    return load_scenario("coffee")


@pytest.fixture(scope="module")
def few(story: Scenario) -> Attribution:
    return attribute(story, "opening", FEW, seeds=3, **SMALL)


# ---------------------------------------------------------------- games


def game(n: int, seed: int = 3, outcomes: int = 2) -> np.ndarray:
    """What every set of n players is worth, by chance: (2^n, outcomes)."""
    return np.random.default_rng(seed).normal(size=(2**n, outcomes))


def by_brute_force(n: int, worth: np.ndarray) -> np.ndarray:
    """The mean of what each player adds over all n! orders."""
    sums, orders = np.zeros((n, worth.shape[1])), list(itertools.permutations(range(n)))
    for order in orders:
        members = 0
        for player in order:
            sums[player] += worth[members | 1 << player] - worth[members]
            members |= 1 << player
    return sums / len(orders)


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_exact_values_are_the_mean_over_all_orders(n: int) -> None:
    worth = game(n)
    np.testing.assert_allclose(exact(n, worth.__getitem__), by_brute_force(n, worth), atol=1e-12)


def test_values_sum_to_the_whole_and_respect_twins_and_idlers() -> None:
    n = 6
    worth = np.empty((2**n, 1))
    for members in range(2**n):  # players 0 and 1 are twins, player 5 idles, player 4 works alone
        is_in = [bool(members >> k & 1) for k in range(n)]
        twins = (is_in[0] + is_in[1] + 1) ** 2 * (1 + is_in[2]) - 3 * is_in[3] * is_in[0] * is_in[1]
        worth[members] = twins + 7 * is_in[4]
    values = exact(n, worth.__getitem__)[:, 0]
    assert values.sum() == pytest.approx(worth[-1, 0] - worth[0, 0], abs=1e-12)
    assert values[0] == pytest.approx(values[1], abs=1e-12)
    assert values[4] == pytest.approx(7.0, abs=1e-12)
    assert values[5] == 0.0


def test_nobody_and_one_alone() -> None:
    assert exact(0, game(0).__getitem__).shape == (0, 2)
    one = game(1)
    np.testing.assert_array_equal(exact(1, one.__getitem__), one[[1]] - one[[0]])


@pytest.mark.parametrize("n", [2, 5, 9])
def test_sampled_values_sum_to_the_whole_and_come_near_the_exact_ones(n: int) -> None:
    worth, orders = game(n), orders_for(n, 1)
    values = sampled(n, worth.__getitem__, orders)
    np.testing.assert_allclose(values.sum(axis=0), worth[-1] - worth[0], atol=1e-12)
    many = [order for seed in range(60) for order in orders_for(n, seed)]
    np.testing.assert_allclose(sampled(n, worth.__getitem__, many), exact(n, worth.__getitem__), atol=0.2)


def test_orders_come_in_pairs_and_are_the_same_for_the_same_seed() -> None:
    orders = orders_for(12, 4)
    assert orders == orders_for(12, 4) != orders_for(12, 5)
    assert len(orders) >= 4
    for one, other in zip(orders[::2], orders[1::2], strict=True):
        assert one == other[::-1]
        assert sorted(one) == list(range(12))


# ---------------------------------------------------------------- markets


def test_contributions_of_each_seed_sum_to_its_difference(story: Scenario, few: Attribution) -> None:
    compared = compare(story, "opening", FEW, seeds=3, **SMALL)
    assert few.is_exact
    assert few.seeds == compared.seeds
    assert set(few.contributions) == set(OUTCOMES)
    n_checked = 0
    for name, values in few.contributions.items():
        a, b = compared.values[name]
        finite = np.isfinite(values).all(axis=1)
        np.testing.assert_allclose(values.sum(axis=1)[finite], (b - a)[finite], rtol=1e-9, atol=1e-9)
        n_checked += finite.sum()
        np.testing.assert_equal(vars(few.differences[name]), vars(compared.differences[name]))
    assert n_checked > 30


def test_contributions_are_those_of_single_runs(story: Scenario, few: Attribution) -> None:
    """All eight sets of levers run one by one by name, and every order gone through."""
    names = list(few.levers)
    assert set(names) == set(FEW)
    worth = np.empty((8, 1))
    for members in range(8):
        levers = {name: FEW[name] for k, name in enumerate(names) if members >> k & 1}
        worth[members] = run(story, levers, seed=2, **SMALL).outcomes["profit"]
    np.testing.assert_allclose(few.contributions["profit"][1], by_brute_force(3, worth)[:, 0], rtol=1e-9)


def test_a_lever_that_does_nothing_contributes_nothing_and_a_pair_that_acts_together_shares(story: Scenario) -> None:
    """Nobody collects points, so their expiry is idle; a promotion needs both its depth and its weeks."""
    deal = {"pricing.promotion_depth": 0.3, "pricing.promotion_every": 2, "programme.expiry_weeks": 7}
    result = attribute(story, "opening", deal, seeds=2, outcomes=["profit", "revenue"], **SMALL)
    place = {name: k for k, name in enumerate(result.levers)}
    for values in result.contributions.values():
        assert (values[:, place["programme.expiry_weeks"]] == 0.0).all()
        depth, every = values[:, place["pricing.promotion_depth"]], values[:, place["pricing.promotion_every"]]
        np.testing.assert_allclose(depth, every, rtol=1e-12)
        assert (depth != 0.0).all()


def test_the_one_lever_that_differs_has_it_all(story: Scenario) -> None:
    result = attribute(story, "opening", {"pricing.list_price": 3.9}, seeds=2, outcomes=["revenue"], **SMALL)
    assert result.levers == {"pricing.list_price": (4.5, 3.9)}
    (whole,) = result.of("revenue")
    total = result.differences["revenue"]
    assert (whole.difference, whole.low, whole.high) == (total.difference, total.low, total.high)


def test_beyond_eight_levers_orders_are_sampled_and_still_sum(story: Scenario) -> None:
    seen: list[tuple[int, int]] = []
    sizes = {"customers": 40, "weeks": 4}

    def hear(done: int, total: int) -> None:
        seen.append((done, total))

    result = attribute(story, "4P", "4C", seeds=2, outcomes=["profit"], progress=hear, **sizes)
    assert len(result.levers) > EXACT_UP_TO
    assert not result.is_exact
    assert result.n_orders == len(orders_for(len(result.levers), 1))
    assert f"{result.n_orders} sampled orders" in result.method
    a, b = compare(story, "4P", "4C", seeds=2, **sizes).values["profit"]
    np.testing.assert_allclose(result.contributions["profit"].sum(axis=1), b - a, rtol=1e-9)
    assert [done for done, _ in seen] == list(range(1, seen[0][1] + 1))
    again = attribute(story, "4P", "4C", seeds=2, outcomes=["profit"], **sizes)
    np.testing.assert_array_equal(result.contributions["profit"], again.contributions["profit"])


def test_threads_do_not_change_the_answer(story: Scenario, few: Attribution, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    alone = attribute(story, "opening", FEW, seeds=3, **SMALL)
    for name, values in few.contributions.items():
        np.testing.assert_array_equal(values, alone.contributions[name])


# ---------------------------------------------------------------- what is shown


def test_the_table_has_every_outcome_and_lever_with_its_interval(few: Attribution) -> None:
    table = few.table
    assert isinstance(table, pd.DataFrame)
    assert table.index.names == ["outcome", "lever"]
    assert len(table) == len(OUTCOMES) * 3
    profit = table.loc["profit"]
    assert profit["contribution"].abs().is_monotonic_decreasing
    assert profit["contribution"].sum() == pytest.approx(few.differences["profit"].difference)
    assert (profit["low"] <= profit["contribution"]).all()
    assert (profit["contribution"] <= profit["high"]).all()


def test_the_waterfall_goes_from_a_to_b(few: Attribution) -> None:
    item = json_item(few.plot("profit"))
    json.dumps(item)
    picture = few.plot("profit")
    data = picture.renderers[0].data_source.data
    total = few.differences["profit"]
    assert data["left"][0] == pytest.approx(total.a)
    assert data["right"][-1] == pytest.approx(total.b)
    np.testing.assert_allclose(data["left"][1:], data["right"][:-1])
    with pytest.raises(ValueError, match="There is no outcome proft here"):
        few.plot("proft")


def test_html_escapes_the_names_of_strategies(story: Scenario) -> None:
    result = attribute(story, "opening", {"pricing.list_price": 3.9}, seeds=1, outcomes=["profit"], **SMALL)
    html = dataclasses.replace(result, b="<b>")._repr_html_()
    assert "&lt;b&gt;" in html
    assert "<b>" not in html
    assert "all together" in html


def test_requests_that_cannot_be_met_are_refused(story: Scenario) -> None:
    with pytest.raises(ValueError, match="at least one seed, not 0"):
        attribute(story, "4P", "4C", seeds=0)
    with pytest.raises(ValueError, match="There is no outcome retentoin here"):
        attribute(story, "4P", "4C", outcomes=["retentoin"])
    with pytest.raises(Faults, match="There is no strategy 4D"):
        attribute(story, "4P", "4D")


# ---------------------------------------------------------------- the command


def crmsim(*arguments: str) -> Any:
    return CliRunner().invoke(cli, ["attribute", *arguments], prog_name="crmsim")


TINY = ("--customers", "60", "--weeks", "5", "--seeds", "2")


def test_the_command_prints_what_the_function_finds(story: Scenario) -> None:
    result = attribute(story, "opening", "posters", seeds=2, customers=60, weeks=5, outcomes=["profit", "retention"])
    data = json.loads(crmsim("coffee", "opening", "posters", "--outcome", "profit", *TINY, "--json").stdout)
    assert list(data["outcomes"]) == ["profit"]
    assert data["is_exact"] is True
    for d in result.of("profit"):
        assert data["outcomes"]["profit"]["levers"][d.name]["contribution"] == d.difference
    shown = crmsim("coffee", "opening", "posters", *TINY)
    assert shown.exit_code == 0, shown.output
    assert "Profit: from opening (A) to posters (B) in coffee" in shown.stdout
    assert "Retention per quarter" in shown.stdout
    assert shown.stdout.count("All together") == 3
    assert "Exact Shapley values over all 32 sets of 5 levers, in 2 seeds." in shown.stdout
    assert all(name in shown.stdout for name in result.levers)


def test_the_command_refuses_in_sentences_and_says_when_there_is_nothing_to_say() -> None:
    done = crmsim("coffee", "4P", "4D", *TINY)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "There is no strategy 4D" in done.stderr
    done = crmsim("coffee", "4P", "4C", "--outcome", "proft", *TINY)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.strip() == "There is no outcome proft here. Did you mean profit?"
    same = crmsim("coffee", "4P", "4P", *TINY)
    assert same.stdout.strip() == "4P and 4P set every lever alike, so there is nothing to attribute."


def test_calling_it_off_from_progress_begins_no_further_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = []
    run = Engine.run
    monkeypatch.setattr(Engine, "run", lambda self, **more: (begun.append(1), run(self, **more)))

    def call_off(done: int, everything: int) -> None:
        assert everything > 100
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        attribute("coffee", "4P", "4C", seeds=1, customers=200, weeks=52, progress=call_off)
    assert len(begun) < 50
