"""B. Value and satisfaction (B1 to B5): what customers get, what they are worth, and how unevenly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.measures import MEASURES
from sim.results import Run
from sim.scenario import load_scenario, shipped_scenarios, weekly_budget
from tests.ideas.worlds import alike, effect, falls, market, pairs, rises, stays, world


@pytest.mark.parametrize("name", shipped_scenarios())
def test_b1_4p_and_4c_are_two_ways_to_spend_the_same_money(name: str) -> None:
    """Every scenario has both presets, and they cost the same."""
    story = load_scenario(name)
    costs = [weekly_budget(story.strategies[preset].levers, story.wage) for preset in ("4P", "4C")]
    assert costs[0] == pytest.approx(costs[1], rel=0.02)


def test_b1_they_move_different_things() -> None:
    """4C speaks with customers and makes buying easy; without what dialogue does, they trust it no more than 4P."""

    def trust_at_first_hand(one: Run) -> float:
        r = one.engine.relations[:, 0]
        return float(r["trust"][(r["purchases"] == 0) & (r["awareness"] > 0.1)].mean())

    def both(**parameters: float) -> list[tuple[Run, Run]]:
        sets = {name.replace("__", "."): value for name, value in parameters.items()}
        return [tuple(world(market(), sets, strategy=s, seed=seed) for s in ("4P", "4C")) for seed in (1, 2)]  # type: ignore[misc]

    def ease(one: Run) -> float:
        return float(one.engine.world.firms[0]["convenience"])

    assert rises(both(), trust_at_first_hand)
    assert rises(both(), ease)
    silent = both(trust__dialogue=0)
    assert effect(silent, trust_at_first_hand).max() < 0.3 * effect(both(), trust_at_first_hand).min()


VALUES_AND_COSTS = {
    # weight: what we do better than the rivals
    "product": {"firms": {"ours": {"attributes": {"product": 0.9}}}},
    "service": {"firms": {"ours": {"attributes": {"service": 0.95}}}},
    "personnel": {"firms": {"ours": {"attributes": {"personnel": 0.95}}}},
    "image": {"firms": {"ours": {"attributes": {"image": 0.9}}}},
    "money": {"firms": {"ours": {"levers": {"pricing": {"list_price": 7}}}}},
    "energy": {"firms": {"ours": {"attributes": {"convenience": 0.9}}}},
    "mental": {"events": [
        {"label": {"en": "A scandal", "zh": "丑闻"}, "week": 0, "firm": rival, "trust_shock": 0.8}
        for rival in ("famous", "cheap")
    ]},
}  # fmt: skip


@pytest.mark.parametrize("weight", VALUES_AND_COSTS)
def test_b2_customers_take_the_greatest_delivered_value(weight: str) -> None:
    """Each of the four values and four costs moves the choice, and none does with customers who do not weigh it."""
    quiet = {  # what else a better offer would do, by experience
        "experience.failure_rate": 0, "choose.halo": 0, "choose.habit_pull": 0, "choose.commitment_pull": 0,
        "experience.contact_rate": 0, "choose.consider_at": 0, "choose.knowledge_pull": 0,
        "market.network.degree": 0,
    }  # fmt: skip

    def share(weights: dict[str, float], cause: dict[str, Any]) -> float:
        one = world(alike(**cause, types={"rational": {"weights": weights}}), quiet, weeks=3, customers=1500)
        tally = one.engine.tally["purchases"]
        return float(tally[:, 0].sum() / tally.sum())

    cause = VALUES_AND_COSTS[weight]
    assert share({}, cause) > share({}, {}) + 0.01
    assert share({weight: 0.0}, cause) == share({weight: 0.0}, {})


def test_b2_time_is_a_cost_as_well() -> None:
    """Long waits at the rivals bring customers to us; where time does not count they only matter as bad service."""
    waits = {f: {"levers": {"service": {"agents": 0}}} for f in ("famous", "cheap")}
    calls = {"experience.contact_rate": 0.5, "experience.waiting_pain": 0, "experience.failure_rate": 0}

    def gained(**weights: float) -> float:
        traits = {"types": {"rational": {"weights": {"service": 0.0} | weights}}}
        with_waits, without = (world(alike(**traits, **more), calls) for more in ({"firms": waits}, {}))
        return with_waits.outcomes["market_share"] - without.outcomes["market_share"]

    assert gained() > 0.01
    assert gained(time=0.0) == 0.0


def test_b3_a_customer_is_worth_what_the_relationship_brings() -> None:
    """Everything bought and everything it cost stands in the customer's own books; together they are the firm's."""
    one = world(market(), {"service.contact_cost": 4, "retention.spend": 50})
    relations, tally = one.engine.relations[:, 0], one.engine.tally[:, 0]
    for column in ("revenue", "cost_of_goods", "cost_to_serve", "cost_to_reach", "rewards"):
        assert relations[column].sum() == pytest.approx(tally[column].sum())

    def dearest_to_serve(one: Run) -> float:
        r = one.engine.relations[:, 0]
        return float((r["cost_to_serve"] / np.maximum(r["revenue"], 1))[r["purchases"] > 5].max())

    dear = pairs({"service.contact_cost": 0}, {"service.contact_cost": 6})
    assert rises(dear, dearest_to_serve)
    assert falls(dear, "profit")
    assert stays(dear, "revenue"), "What a sale brings is the same; what the customer brings is not."
    assert stays(pairs({"service.contact_cost": 0}, {"service.contact_cost": 6},
                       always={"experience.contact_rate": 0, "experience.failure_rate": 0}), "profit")  # fmt: skip


def concentration(one: Run, column: str) -> float:
    return float(MEASURES["twenty_eighty_thirty"].table(one).at[0, column])


SERVING = {"experience.contact_rate": 0.3, "service.contact_cost": 5}
LARGE_AND_SMALL = {"need_rate": {"shape": 0.6}, "basket": {"mean": 1.0, "shape": 1.0}}


def test_b4_twenty_eighty_thirty_emerges_from_differences_and_the_cost_to_serve() -> None:
    """A fifth of the customers earn most of the profit and the worst lose part of it: where they differ and cost."""
    differing = market(types=dict.fromkeys(("lighthouse", "follower", "rational", "profit_seeking"), LARGE_AND_SMALL))
    for seed in (1, 2):
        real = world(differing, SERVING, seed=seed, customers=1500)
        assert concentration(real, "top20") > 0.75
        assert concentration(real, "peak") > 1.03, "The curve rises above the whole before it falls back."
        assert concentration(real, "worst30") > 0.03
        twins = world(alike(), SERVING, seed=seed, customers=1500)
        assert concentration(twins, "top20") < 0.55, "Between customers who are alike only luck makes a difference."
        free = {"service.contact_cost": 0, "service.recovery_cost": 0, "advertising.spend": 0}
        harmless = world(differing, free, seed=seed, customers=1500)
        assert concentration(harmless, "peak") == pytest.approx(1.0), "Nobody costs more than they bring."


def test_b5_who_does_not_pay_yet_may_pay_later() -> None:
    """A customer won with a device below cost is in the red at first: letting such customers go destroys profit."""
    phone = market(firms={"ours": {"device_cost": 25}})
    cut = {"service.let_go_loss": 10}
    assert falls(pairs({}, cut, story=phone, weeks=104), "profit")
    assert stays(pairs({}, cut, weeks=104), "profit"), "Where nobody begins in the red the rule cuts nobody."
    for seed in (1, 2):
        value = MEASURES["value_by_stage"].table(world(phone, seed=seed, weeks=104))["profit_each"]
        assert value["loyal"] > value["buyer"]
        phases = MEASURES["phases"].table(world(phone, seed=seed, weeks=104))["profit_each"]
        assert phases["exploration"] < 0 < phases["stability"]
