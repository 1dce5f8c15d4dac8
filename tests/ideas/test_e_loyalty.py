"""E. Loyalty (E1 to E7): the path, the stages, its kinds and signs, and the ways to it."""

from __future__ import annotations

from typing import Any

import pytest

from sim.engine import Engine
from sim.measure import kinds_and_phases
from sim.measures import MEASURES
from sim.rules.loyalty import KINDS
from sim.survey import LOYALTY_INDEX, loyalty_index, satisfaction
from tests.ideas.worlds import effect, falls, market, pairs, rises, stays, total, weighing, world


def cell(table: str, row: Any, column: str) -> Any:
    return lambda one: float(MEASURES[table].table(one).at[row, column])


def test_e1_the_path_find_the_best_ask_what_decides_act_measure() -> None:
    """What the best customers say decides is where money works; the same money spent elsewhere does less."""
    hurried = market(**weighing(energy=5.0, time=5.0, image=0.1))
    sides = MEASURES["attribute_importance"].table(world(hurried)).loc["best"]["importance"]
    assert sides.idxmax() == "convenience"
    act, elsewhere = {"convenience.spend": 800}, {"image.spend": 800}
    assert rises(pairs(elsewhere, act, story=hurried, seeds=(1, 2, 3)), "active_customers")
    vain = market(**weighing(energy=0.1, time=0.1, image=4.0))
    assert MEASURES["attribute_importance"].table(world(vain)).loc["best"]["importance"].idxmin() == "convenience"
    assert falls(pairs(elsewhere, act, story=vain, seeds=(1, 2, 3)), "active_customers")


def test_e2_each_stage_in_the_firms_words_has_its_lever() -> None:
    """Advertising reaches, dialogue acquires, and better service makes loyal; each shows at its own stage."""
    unknown = market(firms={"ours": {"awareness": 0.1}}, market={"visibility": 0.0, "network": {"degree": 0}})
    loud = pairs({"advertising.spend": 0}, {"advertising.spend": 1000}, story=unknown)
    assert rises(loud, cell("stage_report", "reach", "customers"))
    deaf = pairs({"advertising.spend": 0}, {"advertising.spend": 1000}, story=unknown, always={"hear.reach": 0})
    assert stays(deaf, cell("stage_report", "reach", "customers"), 60)
    dialogue = pairs({}, {"communication.spend": 1500})
    assert rises(dialogue, cell("stage_report", "acquire", "of_previous"))
    mute = pairs({}, {"communication.spend": 1500}, always={"trust.dialogue": 0})
    assert stays(mute, cell("stage_report", "acquire", "of_previous"))
    kind = market(firms={"ours": {"attributes": {"service": 0.95, "personnel": 0.95}}})
    for seed in (1, 2):
        usual, good = (MEASURES["stage_report"].table(world(s, seed=seed)) for s in (market(), kind))
        assert good.at["loyalty", "of_previous"] > usual.at["loyalty", "of_previous"]


def kept_by_kind(shock: str) -> dict[str, float]:
    """By kind of loyalty: purchases in eight weeks after a shock, as a share of those without it."""
    bound = {"community.spend": 800, "communication.spend": 800}
    deals = {"pricing.promotion_depth": 0.25, "pricing.promotion_every": 3}
    usual, shocked = dict.fromkeys(KINDS, 0.0), dict.fromkeys(KINDS, 0.0)
    for seed in (1, 2):
        plan = market().plan(sets=deals | bound, customers=2000, weeks=68, seed=seed)
        engine = Engine(plan)
        engine.advance(26 + 60)
        kinds, before = kinds_and_phases(engine, 0)[0], engine.column("purchases")[:, 0]
        other = engine.copy()
        if shock == "rival's price cut":
            other.decide({"pricing.list_price": 5.0, "pricing.promotion_depth": 0.3, "pricing.promotion_every": 1}, 1)
        elif shock == "rival's better product":
            other.world.firms["base_product"][1], other.world.firms["base_service"][1] = 1.0, 1.0
        else:
            other.world.firms["base_place"][0] = 0.25
        for one, counts in ((engine, usual), (other, shocked)):
            one.advance(8)
            bought = one.column("purchases")[:, 0] - before
            for k, kind in enumerate(KINDS):
                counts[kind] += bought[kinds == k].sum()
    return {kind: shocked[kind] / usual[kind] for kind in KINDS if usual[kind] > 40}


def test_e3_four_loyalties_leave_for_different_reasons() -> None:
    """A rival's price cut, a better product, a closed shop: bargain hunters, friends and habit answer differently."""
    price, product, place = (
        kept_by_kind(s) for s in ("rival's price cut", "rival's better product", "a shop that is far")
    )
    assert {"impulse", "affective", "behavioural"} <= set(price)
    assert price["impulse"] < min(price["affective"], price["behavioural"]) - 0.1, "Who came for deals goes for a deal."

    def advantage(kept: dict[str, float]) -> float:
        return kept["behavioural"] - kept["impulse"]

    for kept in (product, place):
        assert max(kept.values()) < 1, "No kind of loyalty is proof against everything."
        assert advantage(kept) < 0.6 * advantage(price), "Habit holds against a price, less against the other two."


LINKS = {
    # link taken out: (parameters or levers, what can no longer happen)
    "awareness": ({"hear.reach": 0, "market.visibility": 0, "market.network.degree": 0, "stage.aware_at": 1},
                  total("purchases")),
    "trust": ({"choose.consider_at": 1}, total("purchases")),
    "satisfaction": ({f"bond.from_{part}": 0 for part in ("satisfaction", "trust", "image", "community")},
                     lambda one: float((one.engine.column("stage")[:, 0] >= 7).sum())),
    "loyalty": ({"tell.praise_above": 0.99, "tell.blame_below": 0.01, "tell.ignored_rate": 0}, total("praise")),
}  # fmt: skip


@pytest.mark.parametrize("link", LINKS)
def test_e4_the_chain_holds_link_by_link(link: str) -> None:
    """Awareness, trust, transaction, satisfaction, loyalty, word of mouth: without a link nothing follows on it."""
    out, what_follows = LINKS[link]
    unknown = market(firms={"ours": {"awareness": 0.0 if link == "awareness" else 0.35}})
    for seed in (1, 2):
        whole, broken = (world(unknown, changes, seed=seed) for changes in ({}, out))
        assert what_follows(whole) > 5
        assert what_follows(broken) == 0


def test_e5_the_loyalty_index_is_a_sample_of_five_answers() -> None:
    """Five parts and their mean, with an interval that closes as more are asked; a better firm has a higher index."""
    one = world(market(), customers=1500)
    few, many, everybody = (loyalty_index(one, asked=n) for n in (30, 150, 10_000))
    assert list(many.index) == ["index", *LOYALTY_INDEX]
    width = [(t["high"] - t["low"])["index"] for t in (few, many, everybody)]
    assert width[0] > width[1] > width[2] == 0
    assert few.at["index", "low"] - 2 < everybody.at["index", "mean"] < few.at["index", "high"] + 2
    assert many.at["index", "mean"] == pytest.approx(100 * many.loc[list(LOYALTY_INDEX), "mean"].mean())
    bad = market(firms={"ours": {"attributes": {"service": 0.2, "personnel": 0.2, "product": 0.3}}})
    worlds = [(world(bad, seed=s), world(market(), seed=s)) for s in (1, 2)]
    for row in ("index", *LOYALTY_INDEX):
        assert effect(worlds, lambda w, row=row: float(loyalty_index(w).at[row, "mean"])).mean() > 0, row
    assert satisfaction(one, asked=10_000).at["overall", "high"] == satisfaction(one, asked=10_000).at["overall", "low"]


def test_e6_the_loyal_trust_buy_forgive_and_recommend_more() -> None:
    """Each holds beside the other customers; where no commitment grows nobody is loyal."""
    for seed in (1, 2):
        table = MEASURES["loyal_beside_others"].table(world(market(), seed=seed, customers=1500))
        loyal, others = table.loc["loyal"], table.loc["others"]
        for sign in ("trust", "purchases_a_week", "recommends", "share_of_wallet"):
            assert loyal[sign] > others[sign], sign
        assert loyal["walks_out"] < others["walks_out"]
        cold = world(market(), {"bond.commitment_speed": 0}, seed=seed)
        assert MEASURES["loyal_beside_others"].table(cold).at["loyal", "customers"] == 0


def test_e7_customers_across_channels() -> None:
    """Online reaches who lives too far from the shop and serves who does not; who uses both ways is worth more."""
    far = market(firms={"ours": {"attributes": {"place": 0.3}}})
    opened = pairs({}, {"online.spend": 1000}, story=far)
    assert rises(opened, "online_share")
    assert rises(opened, "new_customers")
    for _, both in opened:
        ways = MEASURES["channel_report"].table(both)
        assert ways.at["several_ways", "profit_each"] > ways.at["one_way", "profit_each"]
    assert rises(pairs({"channel.online_cost": 0}, {"channel.online_cost": 0.2}, always={"online.spend": 1000}),
                 lambda one: total("cost_to_serve")(one) / total("purchases")(one))  # fmt: skip
    shut = {"online.half": 10, "online.spend": 0}
    assert stays(pairs({}, shut), "online_share")
    assert all(one.outcomes["online_share"] == 0 for one in (world(market(), shut),))
