"""D. What the firm is (D10 to D16): precise, reachable, positioned, in its time, and able."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.measures import MEASURES
from sim.results import Run
from tests.ideas.worlds import effect, falls, market, pairs, rises, stays, total, world


def cell(table: str, row: object, column: str) -> Any:
    return lambda one: float(MEASURES[table].table(one).at[row, column])


def test_d10_a_control_group_measures_what_a_campaign_really_does() -> None:
    """Response alone flatters: part of those who answer would have come anyway. The control group takes them off."""
    retention = {"retention.spend": 200, "retention.offer": 0.3, "retention.aim": 1}
    for seed in (1, 2):
        plain, tested = (
            world(market(), retention | {"campaign.holdout": share}, seed=seed, customers=2000) for share in (0, 0.5)
        )
        report = MEASURES["campaign_results"].table(tested).loc["retention"]
        assert report["response"] > report["control"] > 0
        assert report["response"] > 2 * report["uplift"] > 0
        assert np.isnan(MEASURES["campaign_results"].table(plain).at["retention", "control"])
    empty = {"retention.spend": 200, "retention.offer": 0, "campaign.holdout": 0.5, "hear.forget": 0}
    uplift = [
        cell("campaign_results", "retention", "uplift")(world(market(), empty, seed=s, customers=2000))
        for s in (1, 2, 3)
    ]
    response = cell("campaign_results", "retention", "response")(world(market(), empty))
    assert abs(np.mean(uplift)) < 0.1 * response, "A message with nothing in it is answered, but causes nothing."


def test_d11_waiting_is_a_cost_and_routing_decides_who_bears_it() -> None:
    """With fewer agents people wait and think worse of the firm; if nobody calls the number of agents is the same."""
    calls = {"experience.contact_rate": 0.4}
    thin = pairs({"service.agents": 2}, {"service.agents": 0.3}, always=calls)
    assert rises(thin, "waiting")
    assert falls(thin, "satisfaction")
    assert falls(thin, "active_customers")
    nobody = {"experience.contact_rate": 0, "experience.failure_rate": 0}
    assert stays(pairs({"service.agents": 2}, {"service.agents": 0.3}, always=nobody), "satisfaction")
    self_service = pairs({}, {"service.self_service": 0.8}, always=calls | {"service.agents": 0.8})
    assert falls(self_service, "waiting")
    tiers = {"tiers.vip_share": 0.1, "insight.spend": 400, "service.agents": 0.8}
    routed = pairs({}, {"tiers.priority": 0.9}, always=calls | tiers)
    assert falls(routed, cell("tier_report", "VIP", "wait"))


def test_d12_what_counts_changes_with_the_years() -> None:
    """As image comes to count for more and function for less, the firm with the name gains; else it does not."""
    name = {"famous": {"attributes": {"image": 0.9, "product": 0.5}}}
    still, moving = market(firms=name), market(firms=name, trends={"image": 2.5, "product": 0.5})

    def famous(one: Run) -> float:
        return float(one.courses["market_share"][-13:, 1].mean())

    worlds = [(world(still, seed=s, weeks=91), world(moving, seed=s, weeks=91)) for s in (1, 2)]
    assert rises(worlds, famous)
    weights = MEASURES["weights"].table(worlds[0][1]).loc["follower"]
    assert weights.at["now", "image"] > 2 * weights.at["first", "image"]
    fixed = MEASURES["weights"].table(worlds[0][0]).loc["follower"]
    assert fixed.at["now", "image"] == fixed.at["first", "image"]


GATES = ("people", "can_use", "can_afford", "trusts", "likes", "needs_now")
CAUSES = {
    "can_use": {"segments": {"savers": {"fit": {"ours": 0.2}}}},
    "can_afford": {"firms": {"ours": {"levers": {"pricing": {"list_price": 40}}}}},
    "trusts": {"firms": {"ours": {"awareness": 0.02, "levers": {"advertising": {"spend": 0}}}},
               "market": {"visibility": 0.0, "network": {"degree": 0}}},
    "likes": {"firms": {"ours": {"attributes": {"convenience": 0.0}}}},
    "needs_now": {"events": [{"label": {"en": "A holiday", "zh": "假期"}, "week": 20, "need": 0.1}]},
}  # fmt: skip


@pytest.mark.parametrize("gate", CAUSES)
def test_d13_each_gate_of_the_funnel_has_its_own_cause(gate: str) -> None:
    """Unfit, too dear, unknown, unliked or not needed: each stops customers at its own gate, and not before it."""
    usual, worse = (MEASURES["funnel"].table(world(story, weeks=21)) for story in (market(), market(**CAUSES[gate])))
    for table in (usual, worse):
        assert (table[list(GATES)].diff(axis=1).iloc[:, 1:] <= 0).all(axis=None), "A funnel only narrows."
    k = GATES.index(gate)

    def passing(table: Any, k: int) -> float:
        return table.at["all", GATES[k]] / table.at["all", GATES[k - 1]]

    drop = passing(usual, k) - passing(worse, k)
    assert drop > 0.02
    for earlier in range(1, k):  # experience does feed back on trust, a little
        assert abs(passing(worse, earlier) - passing(usual, earlier)) < 0.5 * drop


def test_d14_some_activity_can_stop_at_no_loss() -> None:
    """Reminding the best of what they would buy anyway is answered and adds nothing; stopping it saves its cost."""
    remind = {"retention.spend": 150, "retention.aim": 0, "retention.offer": 0, "hear.forget": 0}
    idle = pairs(remind, remind | {"retention.spend": 0})
    for busy, _ in idle:
        assert total("retention_answered")(busy) > 50
    assert stays(idle, "revenue")
    for (busy, _), gain in zip(idle, effect(idle, "profit"), strict=True):
        assert gain == pytest.approx(total("campaign_cost")(busy))
    offer = pairs(remind | {"retention.offer": 0.3, "retention.spend": 0}, remind | {"retention.offer": 0.3})
    assert rises(offer, total("purchases")), "With something in it the same message does change what people do."


def sold(one: Run) -> float:
    return float(one.engine.tally["purchases"][20:34, 0].sum())


EVENTS: dict[str, tuple[dict[str, Any], Any, int]] = {
    # what happens: (the event, what it moves, in which direction)
    "recession": ({"money": 1.6}, sold, -1),
    "scandal": ({"firm": "ours", "trust_shock": 0.6}, lambda one: one.courses["trust"][21:26, 0].mean(), -1),
    "price cut of a rival": (
        {"firm": "famous", "set": {"pricing.list_price": 7}}, sold, -1,
    ),
    "boom": ({"need": 1.5}, lambda one: one.courses["revenue"][21:34, 0].sum(), 1),
}  # fmt: skip


@pytest.mark.parametrize("event", EVENTS)
def test_d15_the_world_outside_breaks_in_on_a_date(event: str) -> None:
    """Economy, scandal and rivals move the market from their week on, and not a day before."""
    what, read, direction = EVENTS[event]
    story = market(events=[{"label": {"en": event, "zh": "事件"}, "week": 20, "weeks": 14} | what])
    worlds = [(world(market(), seed=s, weeks=40), world(story, seed=s, weeks=40)) for s in (1, 2)]
    assert (rises if direction > 0 else falls)(worlds, read)
    assert stays(worlds, lambda one: one.courses["revenue"][:20, 0].sum())


def test_d15_a_new_entrant_takes_its_share() -> None:
    """Before a firm enters it sells nothing; afterwards the others have less."""
    for seed in (1, 2):
        alone, entered = (world(market(firms={"cheap": {"enters": week}}), seed=seed, weeks=60) for week in (59, 20))
        assert entered.courses["revenue"][:20, 2].sum() == 0
        assert entered.courses["revenue"][40:, 2].sum() > 0
        assert entered.courses["revenue"][40:59, :2].sum() < alone.courses["revenue"][40:59, :2].sum()


def test_d16_crm_is_an_investment_that_needs_people_data_and_time() -> None:
    """A system without trained staff only costs; with staff and data the firm learns faster; and it takes weeks."""
    system = {"crm.spend": 600}
    bought_only = pairs({"training.spend": 0}, {"training.spend": 0} | system, always={"crm.build": 0.05}, story=market(
        firms={"ours": {"levers": {"training": {"spend": 0}}}}))  # fmt: skip
    assert stays(bought_only, "revenue")
    assert falls(bought_only, "profit")
    able = {"training.spend": 600, "insight.spend": 400}
    used = pairs(able, able | system)
    assert rises(used, "known_share")
    assert stays(pairs(able, able | system, always={"experience.learn": 0, "crm.saving": 0}), "revenue")
    early, late = (world(market(), able | system, weeks=weeks) for weeks in (4, 60))
    capability = cell("capability_report", 0, "capability")
    assert 0 < capability(early) < 0.4 * capability(late)
