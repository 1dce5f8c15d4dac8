"""The market as a Mesa model: stepping, collecting, batch runs, looking at one customer. Holds on Mesa 3.3 and 3.5."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import mesa
import numpy as np
import pandas as pd
import pytest

from sim import Market, run
from sim.engine import Engine
from sim.firm import Firm
from sim.market import COLLECTED
from sim.rules.stage import STAGES
from sim.scenario import Scenario, load_scenario

WEEKS = 6
SMALL = {"customers": 150, "weeks": WEEKS}


@pytest.fixture(scope="module")
def story() -> Scenario:
    return load_scenario("coffee")


@pytest.fixture
def market(story: Scenario) -> Market:
    return Market(story, "4C", seed=3, **SMALL)


def finished(market: Market) -> Market:
    while market.running:
        market.step()
    return market


def batch_run(seeds: list[int], **parameters: Any) -> list[dict[str, Any]]:
    """Mesa's batch_run over seeds: since 3.5 they are its `rng`, before that one of the model's parameters."""
    options: dict[str, Any] = {"max_steps": 100, "number_processes": 1, "display_progress": False}
    if "rng" in inspect.signature(mesa.batch_run).parameters:
        return mesa.batch_run(Market, parameters, rng=seeds, **options)
    return mesa.batch_run(Market, parameters | {"seed": seeds}, **options)


# ---------------------------------------------------------------- a model with agents


def test_a_market_is_a_mesa_model_and_its_firms_are_its_agents(market: Market) -> None:
    assert isinstance(market, mesa.Model)
    assert len(market.agents) == len(market.firms) == 3
    for index, firm in enumerate(market.firms):
        assert isinstance(firm, Firm)
        assert isinstance(firm, mesa.Agent)
        assert firm in market.agents
        assert firm.model is market
        assert firm.index == index
    assert [firm.name for firm in market.firms] == ["corner", "chain", "kiosk"]
    assert sorted(market.agents.get("name")) == ["chain", "corner", "kiosk"]
    assert list(market.agents_by_type) == [Firm]


def test_every_step_is_a_week_until_the_last_and_then_nothing_happens(market: Market) -> None:
    assert market.running
    assert (market.steps, market.week) == (0, 0), "A market begins on the day its strategy starts."
    for week in range(1, WEEKS + 1):
        assert market.running, f"The market stopped before week {week}."
        market.step()
        assert (market.steps, market.week) == (week, week)
    assert not market.running
    end = market.engine.relations
    market.step()
    assert market.week == WEEKS
    assert not market.running
    np.testing.assert_array_equal(market.engine.relations, end, "A week was lived after the last.")
    assert len(market.datacollector.get_model_vars_dataframe()) == WEEKS, "A week was collected after the last."


def test_a_market_lives_what_a_run_lives(market: Market, story: Scenario) -> None:
    result = run(story, "4C", seed=3, **SMALL)
    finished(market)
    np.testing.assert_array_equal(market.engine.tally, result.engine.tally)
    np.testing.assert_array_equal(market.engine.relations, result.engine.relations)
    assert market.plan.strategy == "4C"
    for name, values in market.outcomes().items():
        np.testing.assert_array_equal(values, result.numbers[name], f"The {name} of a market and a run differ.")


def test_run_model_goes_to_the_end(market: Market) -> None:
    market.run_model()
    assert market.week == WEEKS
    assert not market.running


def test_the_seed_can_be_given_under_both_of_mesa_s_names(story: Scenario) -> None:
    by_seed, by_rng = (finished(Market(story, **{name: 8}, **SMALL)) for name in ("seed", "rng"))
    assert by_seed.plan.seed == by_rng.plan.seed == 8
    np.testing.assert_array_equal(by_seed.engine.tally, by_rng.engine.tally)
    assert Market(story, **SMALL).plan.seed == story.seed


def test_mesa_s_own_generators_move_nothing(market: Market, story: Scenario) -> None:
    """Luck is a function of seed, week and customer; whoever draws from the model's generators changes no life."""
    market.rng.random(7)
    market.random.random()
    market.agents.shuffle()
    np.testing.assert_array_equal(
        finished(market).engine.tally, finished(Market(story, "4C", seed=3, **SMALL)).engine.tally
    )


def test_a_plan_makes_a_market_and_is_not_silently_another(story: Scenario) -> None:
    plan = story.plan("4C", seed=3, **SMALL)
    assert Market(plan).plan is plan
    with pytest.raises(ValueError, match="seed"):
        Market(plan, seed=99)


# ---------------------------------------------------------------- collecting


def test_the_collected_frames_hold_the_tally_of_every_week_and_firm(market: Market) -> None:
    tally = finished(market).engine.tally
    of_model = market.datacollector.get_model_vars_dataframe()
    of_firms = market.datacollector.get_agent_vars_dataframe()
    assert list(of_model) == list(COLLECTED)
    assert list(of_firms) == ["firm", *COLLECTED]
    assert of_firms.index.names == ["Step", "AgentID"]
    assert len(of_firms) == WEEKS * 3
    for name in COLLECTED:
        np.testing.assert_array_equal(of_model[name], tally[name][:, 0], f"The model's {name} is not the first firm's.")
        by_firm = of_firms[name].to_numpy(float).reshape(WEEKS, 3)
        np.testing.assert_array_equal(by_firm, tally[name], f"The firms' {name} is not what was tallied.")
    profits = of_firms.groupby("firm")["profit"].sum()
    assert profits["corner"] == pytest.approx(market.outcomes()["profit"][0])
    assert of_firms["purchases"].sum() > 100


def test_a_collector_of_one_s_own_works(story: Scenario) -> None:
    collector = mesa.DataCollector(
        model_reporters={"trust": lambda m: float(m.customers.column("trust")[:, 0].mean()), "week": "week"},
        agent_reporters={"price": lambda firm: firm.latest("price"), "training": lambda firm: firm.stocks["training"]},
    )
    market = Market(story, "4C", seed=3, data_collector=collector, **SMALL)
    seen = []
    while market.running:
        market.step()
        seen.append(float(market.engine.column("trust")[:, 0].mean()))
    assert market.datacollector is collector
    frame = collector.get_model_vars_dataframe()
    assert frame["trust"].tolist() == seen
    assert frame["week"].tolist() == list(range(1, WEEKS + 1))
    prices = collector.get_agent_vars_dataframe()["price"].to_numpy(float).reshape(WEEKS, 3)
    np.testing.assert_array_equal(prices, market.engine.tally["price"])
    assert len(set(seen)) == WEEKS, "Trust never moved, so that this compares nothing."


# ---------------------------------------------------------------- batch runs


def test_a_batch_runs_every_strategy_with_every_seed_and_each_is_that_run(story: Scenario) -> None:
    rows = pd.DataFrame(batch_run([4, 5], scenario=story, strategy=["4P", "4C"], **SMALL))
    assert len(rows) == 2 * 2 * 3, "Two strategies, two seeds and three firms are twelve rows."
    for (strategy, seed), group in rows.groupby(["strategy", "seed"]):
        last = run(story, strategy, seed=seed, **SMALL).engine.tally[-1]
        group = group.sort_values("AgentID")
        assert group["firm"].tolist() == ["corner", "chain", "kiosk"]
        for name in COLLECTED:
            np.testing.assert_array_equal(
                group[name], last[name],
                f"{strategy}, seed {seed}: the batch's {name} are not those of the last week.",
            )  # fmt: skip


def test_a_batch_tells_seeds_apart_and_repeats_itself(story: Scenario) -> None:
    first, again = (batch_run([4, 5], scenario=story, strategy="4C", **SMALL) for _ in range(2))
    assert [row["revenue"] for row in first] == [row["revenue"] for row in again]
    by_seed = {
        seed: [row["revenue"] for row in first if row["seed"] == seed and row.get("AgentID") == 2] for seed in (4, 5)
    }
    assert by_seed[4] != by_seed[5], "Two seeds brought the same revenue."
    assert by_seed[4]


def test_a_batch_takes_levers_as_strategies(story: Scenario) -> None:
    offers = [{"pricing.list_price": 4.5}, {"pricing.list_price": 2.5}]
    rows = batch_run([4], scenario=story, strategy=offers, **SMALL)
    ours = [row["purchases"] for row in rows if row["firm"] == "corner"]
    assert len(ours) == 2
    assert ours[1] > ours[0], "A price lowered by almost half sold no more."


def test_a_batch_runs_a_scenario_by_name_for_as_many_steps_as_asked() -> None:
    options: dict[str, Any] = {"number_processes": 1, "display_progress": False, "data_collection_period": 1}
    rows = mesa.batch_run(Market, {"scenario": "coffee", "customers": 50, "weeks": 20}, max_steps=2, **options)
    steps = sorted({row["Step"] for row in rows})
    assert len(steps) in (2, 3), f"Mesa before 3.5 lives one step more than asked, and no version others: {steps}."
    assert len(rows) == 3 * len(steps), "Some step lacks the rows of the firms."


# ---------------------------------------------------------------- firms and customers


def test_a_firm_shows_its_levers_stocks_and_outcomes(market: Market) -> None:
    ours = market.firms[0]
    assert np.isnan(ours.latest("profit")), "Before the first week there is no profit."
    market.step()
    assert ours.latest("profit") == market.engine.tally["profit"][0, 0]
    assert ours.levers["pricing.list_price"] == market.plan.lever("pricing.list_price", market.plan.warm_up)
    assert all(0 <= level <= 1 for level in ours.stocks.values())
    assert ours.outcomes["revenue"] == market.outcomes()["revenue"][0]


def test_a_firm_decides_from_the_next_week_on(market: Market) -> None:
    market.step()
    market.firms[1].decide({"pricing.list_price": 2.0})
    assert market.firms[1].levers["pricing.list_price"] == 2.0
    market.step()
    prices = market.engine.tally["price"]
    assert prices[0, 1] != 2.0
    assert prices[1, 1] == 2.0
    assert prices[1, 0] == prices[0, 0], "The decision of one firm reached another."
    with pytest.raises(ValueError, match="list_prise"):
        market.firms[1].decide({"pricing.list_prise": 2.0})


def test_a_customer_reads_like_an_agent(market: Market) -> None:
    market.step()
    customer, world = market.customers[42], market.engine.world
    assert len(market.customers) == 150
    assert isinstance(customer.need_rate, float)
    assert customer.need_rate == pytest.approx(float(world.column("need_rate")[42]))
    np.testing.assert_array_equal(customer.trust, world.column("trust")[42])
    assert customer.segment_name == market.plan.segments[world.column("segment")[42]].name
    assert list(customer.stages) == ["corner", "chain", "kiosk"]
    assert [STAGES.index(stage) for stage in customer.stages.values()] == world.column("stage")[42].tolist()
    assert "Customer 42" in repr(customer)
    assert market.customers[-1].index == 149
    for friend in customer.friends:
        assert 42 in market.customers[int(friend)].friends, f"Customer {friend} does not know customer 42 back."
    assert len(customer.friends) > 0


def test_looking_at_a_customer_changes_nobody(market: Market) -> None:
    before = market.engine.relations
    market.customers[42].trust[:] = 0.0
    market.customers[42].friends[:] = 0
    np.testing.assert_array_equal(market.engine.relations, before)


def test_customers_and_columns_that_do_not_exist_are_named(market: Market) -> None:
    with pytest.raises(IndexError, match=r"no customer 150.*150"):
        market.customers[150]
    with pytest.raises(AttributeError, match="no 'trusst'"):
        _ = market.customers[42].trusst


def test_columns_of_all_customers_are_copies(market: Market) -> None:
    column = market.customers.column("satisfaction")
    assert column.shape == (150, 3)
    column[:] = -1.0
    assert (market.customers.column("satisfaction") >= 0.0).all(), "A reader has changed the market."
    assert market.customers.column("need_rate").shape == (150,)


# ---------------------------------------------------------------- saving


@pytest.mark.parametrize("weeks", [0, 4, WEEKS])
def test_a_saved_market_goes_on_to_the_same_end(market: Market, weeks: int, tmp_path: Path) -> None:
    for _ in range(weeks):
        market.step()
    market.save(tmp_path / "market")
    restored = Market.restore(tmp_path / "market")
    assert isinstance(restored, Market)
    assert restored.week == weeks
    assert restored.running is (weeks < WEEKS)
    assert restored.plan.strategy == "4C"
    assert len(restored.agents) == 3
    finished(market)
    finished(restored)
    np.testing.assert_array_equal(restored.engine.tally, market.engine.tally)
    np.testing.assert_array_equal(restored.engine.relations, market.engine.relations)
    assert restored.firms[1].latest("profit") == market.firms[1].latest("profit")
    np.testing.assert_array_equal(restored.customers[42].trust, market.customers[42].trust)
    collected = restored.datacollector.get_model_vars_dataframe()
    assert collected["profit"].tolist() == market.engine.tally["profit"][weeks:, 0].tolist()


def test_restoring_lives_no_week_twice(market: Market, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    market.save(tmp_path / "market")
    lived: list[int] = []
    monkeypatch.setattr(Engine, "advance", lambda engine, weeks=1: lived.append(weeks))
    Market.restore(tmp_path / "market")
    assert not lived, f"Restoring a market lived {sum(lived)} weeks of another one first."


def test_a_foreign_file_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "market").write_text("not a market", encoding="utf-8")
    with pytest.raises(ValueError, match="is not a market saved by this version of crmsim"):
        Market.restore(tmp_path / "market")
