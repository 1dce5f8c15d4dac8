"""The plans that scenarios become, the scenarios that are shipped, and files damaged at random."""

import pickle
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.parameters import levers
from sim.scenario import (
    Faults,
    Scenario,
    load_scenario,
    scenario_from,
    scenario_from_text,
    shipped_folder,
    shipped_scenarios,
    weekly_budget,
)

SHIPPED = ["_baseline", *shipped_scenarios()]


def extended(**changes: Any) -> Scenario:
    """The baseline with changes."""
    return scenario_from({"extends": "_baseline", **changes})


def faults_of(call: Callable[[], object]) -> list[str]:
    with pytest.raises(Faults) as caught:
        call()
    return [str(fault) for fault in caught.value.faults]


# ---------------------------------------------------------------- segments, strategies


def test_a_segment_of_several_types_is_taken_apart() -> None:
    one = extended(
        segments={
            "mixed": {
                "label": {"en": "Mixed", "zh": "混合"},
                "share": 0.404,
                "types": {"rational": 0.751, "follower": 0.251},
                "weights": {"money": 9},
                "moving": {"concentration": None},
                "fit": {"cheap": 0.5},
            },
            "pure": {"label": {"en": "Pure", "zh": "纯粹"}, "share": 0.6, "types": "rational"},
        }
    )
    first, second, pure = one.segments
    assert [s.name for s in one.segments] == ["mixed/rational", "mixed/follower", "pure"]
    assert [s.customer_type for s in one.segments] == ["rational", "follower", "rational"]
    assert first.share == pytest.approx(0.404 * 0.751 / 1.002 / 1.004)
    assert sum(s.share for s in one.segments) == pytest.approx(1)
    assert first.weights[4] == second.weights[4] == 9 != pure.weights[4]
    assert first.weights[0] == pure.weights[0] != second.weights[0]
    assert first.moving.concentration is None
    assert first.moving.mean == pure.moving.mean
    assert pure.moving.concentration == 500
    assert (first.fit, pure.fit) == ((1, 1, 0.5), (1, 1, 1))
    assert first.label == {"en": "Mixed · Rational", "zh": "混合 · 理性型"}
    assert pure.label["en"] == "Pure"


def test_percentages_are_shares_of_the_budget_and_the_price() -> None:
    given = {
        "advertising": {"spend": "25%"},
        "service": {"agents": "30 %"},
        "pricing": {"list_price": "95.5%"},
        "programme": {"reward_value": "100%"},
    }
    label = {"en": "A", "zh": "甲"}
    one = extended(
        market={"budget": 4000, "reference_price": 20},
        parameters={"service": {"wage": 400}},
        strategies={"4P": None, "4C": None, "4R": None, "mine": {"label": label, "levers": given}},
    )
    strategy = one.strategies["mine"]
    found = {path: strategy.levers[path] for path in strategy.given}
    wanted = {"advertising.spend": 1000, "service.agents": 3, "pricing.list_price": 19.1, "programme.reward_value": 20}
    assert found == pytest.approx(wanted)
    assert strategy.levers["product.spend"] == one.strategies["opening"].levers["product.spend"] == 600
    assert strategy.weekly_budget == weekly_budget(strategy.levers, 400) == 600 + 400 + 1000 + 1200 + 200
    assert one.wage == 400


# ---------------------------------------------------------------- plans


def column(name: str) -> int:
    return list(levers()).index(name)


def test_a_strategy_begins_after_the_warm_up() -> None:
    one = load_scenario("_baseline")
    plan = one.plan("4C", weeks=10, warm_up=4)
    assert plan.levers.shape == (14, 3, len(levers()))
    for name in plan.lever_names:
        week = plan.levers[:, 0, column(name)]
        assert set(week[:4]) == {one.strategies["opening"].levers[name]}
        assert set(week[4:]) == {one.strategies["4C"].levers[name]}
    rivals = one.plan("opening", weeks=10, warm_up=4).levers[:, 1:]
    assert np.array_equal(plan.levers[:, 1:], rivals)
    assert plan.lever("pricing.list_price", 5, 2) == 8.5
    assert (plan.strategy, plan.warm_up, plan.weeks, plan.seed) == ("4C", 4, 10, 1)


def test_a_run_of_another_size_keeps_its_levers_and_scales() -> None:
    plan = load_scenario("_baseline").plan(customers=500, seed=8)
    assert (plan.market_size, plan.scale, plan.seed) == (500, 0.1, 8)
    assert plan.levers[0, 1, column("advertising.spend")] == 400


def test_settings_reach_levers_parameters_and_the_market() -> None:
    one = load_scenario("_baseline")
    sets: Mapping[str, Any] = {
        "advertising.spend": "50%",
        "pricing.list_price": np.float64(9),
        "leave.return_rate": 0.02,
        "market.budget": 1000,
        "market.outside_value": -3,
        "market.taste_concentration": None,
        "market.network.kind": "scale_free",
        "service.wage": 300,
    }
    plan = one.plan("4P", sets=sets, levers={"pricing.list_price": 12, "place.spend": 7}, warm_up=1)
    assert plan.lever("advertising.spend", 1) == 500
    assert plan.lever("advertising.spend", 0) == 200
    assert plan.lever("service.agents", 1) == pytest.approx(0.3 * 1000 / 300)
    assert (plan.lever("pricing.list_price", 1), plan.lever("place.spend", 1)) == (9, 7)
    assert plan.parameters["leave"]["return_rate"] == 0.02
    assert one.plan().parameters["leave"]["return_rate"] == 0.01
    assert (plan.budget, plan.outside_value, plan.taste_concentration) == (1000, -3, None)
    assert plan.network.kind == "scale_free"
    own = one.plan({"product.spend": 5}, warm_up=0)
    assert (own.strategy, own.lever("product.spend", 0)) == ("own", 5)


def test_everything_wrong_with_a_request_is_told_at_once() -> None:
    one = load_scenario("_baseline")
    faults = faults_of(
        lambda: one.plan(
            "4D",
            customers=0,
            weeks=2.5,  # type: ignore[arg-type]
            warm_up=True,
            seed=-1,
            levers={"advertising.spnd": 3, "leave.return_rate": 0.1},
            sets={
                "advertising.spend": "lots",
                "pricing.promotion_depth": 0.9,
                "leave.return_rate": 3,
                "market.visibility": 9,
                "market.visbility": 0.9,
                "market.customers": 3,
                "market.network.degree": 3,
                "product.spend": float("nan"),
                "place.spend": None,
            },
        )
    )
    assert faults == [
        "leave.return_rate is 3 but must lie between 0 and 1 (1/week). The nearest value allowed is 1.",
        "There is nothing called market.visbility to set. Did you mean market.visibility?",
        "market.customers cannot be set like this. Give customers by itself (--customers).",
        "market.visibility is 9 but must lie between 0 and 1. The nearest value allowed is 1.",
        "market.network.degree is 3 but must be even. Write 2 or 4.",
        "customers is 0 but must lie between 1 and 2000000. Leave it out for the scenario's 5000.",
        "weeks must be a whole number, not 2.5. Leave it out for the scenario's 104.",
        "warm_up must be a whole number, not true. Leave it out for the scenario's 26.",
        "seed is -1 but must lie between 0 and 9223372036854775807. Leave it out for the scenario's 1.",
        "There is no strategy 4D. Known here: opening, 4P, 4C, 4R.",
        "There is no lever advertising.spnd. Did you mean spend?",
        "leave.return_rate is a parameter of the model, not a lever. Put it under parameters.",
        'advertising.spend must be a number, not the text "lots". Write digits, such as 12.',
        "pricing.promotion_depth is 0.9 but must lie between 0 and 0.7 (share of price). "
        "The nearest value allowed is 0.7.",
        "product.spend must be a finite number, not .nan. Write a number from 0 to 10000000.",
        "place.spend must be a number, not empty. Write digits, such as 12.",
    ]


def test_events_change_the_weeks_they_last() -> None:
    label = {"en": "A", "zh": "甲"}
    one = extended(
        events=[
            {"label": label, "week": 2, "weeks": 3, "firm": "cheap", "set": {"pricing.list_price": "50%"}},
            {"label": label, "week": 3, "scale": {"pricing.list_price": 2, "pricing.promotion_every": 0.5}},
            {"label": label, "week": 1, "weeks": 2, "need": 0.5, "money": 2},
            {"label": label, "week": 2, "weeks": 90, "need": 0.5, "trust_shock": 0.5},
            {"label": label, "week": 2, "firm": "ours", "trust_shock": 0.2},
            {"label": label, "week": 50, "scale": {"pricing.list_price": 100}},
        ]
    )
    plan = one.plan(weeks=6, warm_up=2)
    price = plan.levers[:, :, column("pricing.list_price")]
    assert list(price[:, 0]) == [10, 10, 10, 10, 10, 20, 20, 20]
    assert list(price[:, 2]) == [8.5, 8.5, 8.5, 8.5, 5, 10, 10, 17]
    assert list(plan.levers[:, 2, column("pricing.promotion_every")]) == [5, 5, 5, 5, 5, 2, 2, 2]
    assert list(plan.need_factor) == [1, 1, 1, 0.5, 0.25, 0.5, 0.5, 0.5]
    assert list(plan.trend[:, 4]) == [1, 1, 1, 2, 2, 1, 1, 1]
    assert plan.trust_shock[4] == pytest.approx([0.6, 0.5, 0.5])
    assert plan.trust_shock.sum() == pytest.approx(1.6)
    far = one.plan(weeks=60, warm_up=0)
    assert far.lever("pricing.list_price", 59) == 2000
    assert extended(
        events=[{"label": label, "week": 0, "scale": {"advertising.spend": 100}}],
        firms={"big": {**one.entry.firms["ours"].model_dump(), "levers": {"advertising": {"spend": 900}}}},
        segments={"all": {"label": label, "share": 1, "types": "rational"}},
        market={"budget": 1e9},
        strategies={"4P": None, "4C": None, "4R": None},
    ).plan().levers.max() <= max(lever.high for lever in levers().values())


def test_plans_share_nothing_and_scenarios_travel() -> None:
    one = load_scenario("coffee")
    first, again = one.plan(), one.plan()
    first.levers[:] = 0
    first.parameters["leave"]["return_rate"] = 1
    assert again.levers.max() > 0
    assert one.plan().parameters["leave"]["return_rate"] == again.parameters["leave"]["return_rate"] != 1
    assert pickle.loads(pickle.dumps(one)).plan("4R").levers.sum() == one.plan("4R").levers.sum()


# ---------------------------------------------------------------- what is shipped


def test_the_shipped_scenarios_are_the_agreed_ones() -> None:
    assert {"coffee", "grocer", "telecom"} <= set(shipped_scenarios())
    assert all(not name.startswith("_") for name in shipped_scenarios())


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_scenario_is_complete(name: str) -> None:
    one = load_scenario(name)
    assert one.covers
    assert re.search("[一-鿿]", one.title["zh"] + one.story["zh"])
    if name != "_baseline":
        assert one.story != load_scenario("_baseline").story
        assert one.entry.events
    costs = {preset: one.strategies[preset].weekly_budget for preset in ("4P", "4C", "4R")}
    assert max(costs.values()) == pytest.approx(min(costs.values()), rel=0.01)
    for strategy in one.strategies:
        plan = one.plan(strategy)
        for index, lever in enumerate(levers().values()):
            values = plan.levers[:, :, index]
            assert lever.low <= values.min() <= values.max() <= lever.high, (strategy, lever.path)
        assert plan.need_factor.min() > 0
        assert sum(firm.standing for firm in plan.firms) == pytest.approx(1)
        assert sum(segment.share for segment in plan.segments) == pytest.approx(1)
        assert all(firm.unit_cost < plan.lever("pricing.list_price", 0, f) for f, firm in enumerate(plan.firms))


@pytest.mark.parametrize("name", SHIPPED)
def test_a_budget_is_of_the_order_of_a_twentieth_to_two_fifths_of_revenue(name: str) -> None:
    one = load_scenario(name)
    needs = sum(segment.share * segment.need_rate * segment.basket for segment in one.segments)
    if one.market.contract_weeks:
        needs = 1 / one.market.contract_weeks
    firms_share = one.firms[0].standing
    revenue = one.market.customers * needs * firms_share * one.market.reference_price
    assert 0.05 < one.market.budget / revenue < 0.42


# ---------------------------------------------------------------- fuzz

SOURCES = [(shipped_folder() / f"{name}.yaml").read_text(encoding="utf-8") for name in SHIPPED]
WORDS = [
    "null", "no", "-1", "1e9", ".nan", ".inf", "012", "[]", "{}", "[1]", "{a: 1}", "x", "''", "true", "30%", "-5%",
    "1e308%", "1" + "0" * 30, "2024-01-01", "&a", "*a", "!x", "\t", "<<: 1", "_baseline", "coffee", "0", "0.5",
]  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A shipped file in which values, lines or characters have been changed."""
    lines = draw(st.sampled_from(SOURCES)).splitlines()
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(lines) - 1))
        kind = draw(st.integers(0, 4))
        if kind == 0:
            lines[at] = re.sub(r": [^{}].*$", lambda _: f": {draw(st.sampled_from(WORDS))}", lines[at])
        elif kind == 1:
            numbers = list(re.finditer(r"[\d.]+%?", lines[at]))
            if numbers:
                number = draw(st.sampled_from(numbers))
                lines[at] = lines[at][: number.start()] + draw(st.sampled_from(WORDS)) + lines[at][number.end() :]
        elif kind == 2:
            lines[at : at + 1] = []
            lines = lines or [""]
        elif kind == 3:
            lines.insert(at, draw(st.sampled_from(lines)))
        else:
            cut = draw(st.integers(0, len(lines[at])))
            lines[at] = lines[at][:cut] + draw(st.text(max_size=3)) + lines[at][cut:]
    return "\n".join(lines)


@given(damaged() | st.text(max_size=60).map("extends: _baseline\n{}".format))
@settings(deadline=timedelta(seconds=3), max_examples=150)
def test_a_damaged_file_gives_a_scenario_or_faults(text: str) -> None:
    told_badly = []
    try:
        one = scenario_from_text(text, "a")
        for strategy in one.strategies:
            assert np.isfinite(one.plan(strategy).levers).all()
    except Faults as error:
        told_badly = [f for f in error.faults if not re.search(r"[.?]$", str(f)) or (f.file and f.line < 1)]
    assert not told_badly
