"""D. Who customers are (D1 to D9): relation, importance, standing, what they seek, phase, worth, share."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.measures import MEASURES
from sim.results import Run
from tests.ideas.worlds import (
    TYPES,
    alike,
    effect,
    falls,
    level,
    market,
    one_segment,
    pairs,
    rises,
    stays,
    total,
    world,
)

KNOWING = {"insight.spend": 800}


def cell(table: str, row: object, column: str) -> Any:
    return lambda one: float(MEASURES[table].table(one).at[row, column])


def test_d1_where_several_decide_luck_matters_less() -> None:
    """A buying centre of six takes the better offer more surely than one person; where offers are alike it cannot."""

    even = {"standing": 1.0, "levers": {"pricing": {"list_price": 10, "promotion_every": 0}}}
    even["attributes"] = dict.fromkeys(("product", "service", "personnel", "image", "convenience"), 0.5)

    def share(people: int, service: float) -> float:
        firms = dict.fromkeys(("famous", "cheap"), even)
        firms["ours"] = even | {"attributes": even["attributes"] | {"service": service}}
        story = alike(segments={"everybody": {"buying_centre": people}}, firms=firms)
        spends = dict.fromkeys(("product.spend", "place.spend", "advertising.spend", "training.spend"), 0)
        return float(np.mean([world(story, spends, weeks=13, seed=s).outcomes["market_share"] for s in (1, 2)]))

    assert share(6, 0.9) > share(1, 0.9) + 0.02
    assert abs(share(6, 0.5) - share(1, 0.5)) < 0.02


def test_d1_resellers_reach_whom_the_shop_does_not() -> None:
    """For a margin resellers carry the product to customers out of reach; without one they carry nothing."""
    listed = market(firms={"ours": {"attributes": {"reseller": 0.9, "place": 0.3}}})
    channel = pairs({}, {"reseller.margin": 0.3}, story=listed)
    assert rises(channel, total("reseller_purchases"))
    assert rises(channel, "new_customers")
    assert stays(pairs({}, {"reseller.margin": 0.3}, story=market(firms={"ours": {"attributes": {"place": 0.3}}})),
                 "profit"), "There is no reseller."  # fmt: skip


def test_d2_tiers_follow_value_as_far_as_it_is_known() -> None:
    """The VIP are worth more than the key customers, and these more than the rest; blind, tiers are a lottery."""
    ranked = {"tiers.vip_share": 0.1, "tiers.key_share": 0.2}
    for seed in (1, 2):
        one = world(market(), ranked | KNOWING, seed=seed, customers=1500)
        report = MEASURES["tier_report"].table(one)
        assert report["profit_each"].is_monotonic_increasing
        assert min(report.attrs["moves"].values()) > 0, "Customers move up and down."
        blind = MEASURES["tier_report"].table(world(market(), ranked, seed=seed, customers=1500))
        assert blind.at["VIP", "profit_each"] < 0.5 * report.at["VIP", "profit_each"]


def test_d3_customers_go_from_potential_to_loyal_or_are_lost() -> None:
    """Who never hears of the firm stays a potential customer; advertising makes targets and buyers of them."""
    silent = {"advertising.spend": 0, "market.visibility": 0, "market.network.degree": 0}
    loud = silent | {"advertising.spend": 800}
    assert falls(pairs(silent, loud), cell("standing", "potential", "customers"))
    assert rises(pairs(silent, loud), cell("stage_report", "convert", "customers"))
    deaf = pairs(silent, loud, always={"hear.reach": 0, "hear.remind": 0, "hear.inflate": 0})
    assert stays(deaf, cell("stage_report", "convert", "customers"))
    for seed in (1, 2):
        table = MEASURES["standing"].table(world(market(), seed=seed))["customers"]
        assert (table > 0).all()


def test_d4_each_type_answers_to_another_lever() -> None:
    """A new product moves the lighthouse customers most, image the followers, a bargain the profit-seeking."""
    quarters = {"everybody": {"types": dict.fromkeys(TYPES, 0.25)}}

    def gains(changes: dict[str, float] | None = None, **parts: Any) -> dict[str, float]:
        """By type, our share of what it spends: the change in logits that a lever makes."""
        found = {}
        plain, moved = (
            [world(market(**one_segment(**quarters["everybody"]), **p), c, seed=s, customers=2000) for s in (1, 2)]
            for p, c in (({}, {}), (parts, changes or {}))
        )
        for kind in TYPES:
            logits = []
            for worlds in (plain, moved):
                own, everything = 0.0, 0.0
                for one in worlds:
                    types = np.array([s.customer_type for s in one.plan.segments])
                    inside = types[one.engine.column("segment")] == kind
                    bought = one.engine.column("purchases")[inside].sum(axis=0)
                    own, everything = own + bought[0], everything + bought.sum()
                logits.append(np.log(own / (everything - own)))
            found[kind] = logits[1] - logits[0]
        return found

    product = gains(firms={"ours": {"attributes": {"product": 0.95}}})
    image = gains(firms={"ours": {"attributes": {"image": 0.95}}})
    bargain = gains({"pricing.promotion_depth": 0.3, "pricing.promotion_every": 2})
    assert product["lighthouse"] > product["follower"]
    assert max(image, key=lambda kind: image[kind]) == "follower"
    assert max(bargain, key=lambda kind: bargain[kind]) == "profit_seeking"
    blind = gains({"pricing.promotion_depth": 0.3, "pricing.promotion_every": 2, "choose.deal_pull": 0})
    assert blind["profit_seeking"] < bargain["profit_seeking"], "It is the bargain they love, not the money alone."


SCHOOLS = {
    "production": {"pricing.list_price": 8.5, "place.spend": 800, "advertising.spend": 100},
    "product": {"product.spend": 900},
    "selling": {"advertising.spend": 900, "advertising.promise": 1.0},
    "marketing": {"communication.spend": 350, "insight.spend": 300, "convenience.spend": 250},
}


def test_d5_schools_of_management_steer_by_different_things() -> None:
    """Selling wins first purchases and disappoints, marketing is trusted, the product school has the best product."""
    for seed in (1, 2):
        base = {"product.spend": 0, "place.spend": 0, "advertising.spend": 0, "training.spend": 0}
        rivals = {name: world(market(), base | levers, seed=seed, customers=1500) for name, levers in SCHOOLS.items()}
        values = {
            what: {name: one.outcomes[what] for name, one in rivals.items()}
            for what in ("new_customers", "satisfaction", "performance", "trust", "profit")
        }
        best = {what: max(by_school, key=lambda name: by_school[name]) for what, by_school in values.items()}
        assert best["new_customers"] in {"selling", "production"}
        assert best["trust"] == "marketing"
        assert best["performance"] in {"product", "marketing"}
        assert values["satisfaction"]["selling"] == min(values["satisfaction"].values()), "It promises too much."
        assert values["profit"]["marketing"] > values["profit"]["selling"]
    shy = [world(market(), SCHOOLS[name] | {"hear.inflate": 0}, seed=1) for name in ("selling", "production")]
    assert abs(shy[0].outcomes["satisfaction"] - shy[1].outcomes["satisfaction"]) < 0.04


def test_d6_4r_is_a_third_way_to_spend_the_same_money() -> None:
    """Relationship, reaction, relevance and reward: 4R knows customers, mends what fails and rewards who returns."""

    def presets(changes: dict[str, float]) -> list[tuple[Run, Run]]:
        return [tuple(world(market(), changes, strategy=p, seed=s) for p in ("4P", "4R")) for s in (1, 2)]  # type: ignore[misc]

    plain = presets({})
    assert rises(plain, "known_share")
    assert rises(plain, total("rewards"))
    assert falls(plain, lambda one: one.outcomes["ignored_complaints"] / total("purchases")(one))
    off = presets({"experience.learn": 0, "experience.failure_rate": 0, "programme.reward_value": 0})
    assert stays(off, "known_share")
    assert stays(off, total("rewards"))
    assert stays(off, "ignored_complaints")


def test_d7_relationships_form_settle_and_decline() -> None:
    """All four phases are found; the stable bring most; when needs fall away more relationships are in decline."""
    drought = {"label": {"en": "Nobody needs it any more", "zh": "需求消失"}, "week": 40, "need": 0.35}
    for seed in (1, 2):
        usual, dry = (world(story, seed=seed, customers=1500) for story in (market(), market(events=[drought])))
        phases = MEASURES["phases"].table(usual)
        assert (phases["customers"] > 0).all()
        assert phases["profit_each"].idxmax() == "stability"

        def declining(one: Run) -> float:
            r, table = one.engine.relations[:, 0], MEASURES["phases"].table(one)["customers"]
            return (table["decline"] - (r["reason"] > 0).sum()) / (table.sum() - (r["reason"] > 0).sum())

        assert declining(dry) > declining(usual) + 0.05


def test_d8_lifetime_value_rests_on_margin_and_retention() -> None:
    """Cheaper goods and patience with failures raise a customer's lifetime value, each by its own term."""
    cheaper = [(world(market(), seed=s), world(market(firms={"ours": {"unit_cost": 4}}), seed=s)) for s in (1, 2)]
    often = {"experience.failure_rate": 0.5, "service.recovery": 0}
    sounder = pairs({"experience.exit_rate": 1.0}, {"experience.exit_rate": 0.0}, customers=1500, always=often)
    for worlds, moved in ((cheaper, "margin"), (cheaper, "realised"), (sounder, "retention")):
        for row in (moved, "formula_for_life"):
            assert rises(worlds, cell("lifetime_values", row, "value")), (moved, row)
    assert stays(cheaper, cell("lifetime_values", "retention", "value"))


def test_d8_the_formula_takes_everybody_for_the_average() -> None:
    """Newcomers buy less than those who came first, so they bring less than the formula says; twins do not."""

    def lived_over_formula(story: Any) -> float:
        tables = [MEASURES["lifetime_values"].table(world(story, seed=s, customers=1500, weeks=104)) for s in (1, 2)]
        return float(np.mean([t.at["realised", "value"] / t.at["formula_to_date", "value"] for t in tables]))

    twins = alike(firms={"ours": {"awareness": 0.3}})
    assert lived_over_formula(market()) < lived_over_formula(twins) - 0.1


def test_d9_share_of_customer_is_another_goal_than_share_of_market() -> None:
    """A stamp card wins more of what each customer spends; the number of customers is another matter."""
    card = {"programme.points_per_purchase": 1, "programme.reward_points": 8, "programme.reward_value": 8}
    assert rises(pairs({}, card, customers=1500), "share_of_wallet")
    nothing = card | {"programme.reward_value": 0}
    assert stays(pairs({}, nothing), "share_of_wallet")
    crowd = pairs({}, {"advertising.spend": 1500}, customers=1500)
    assert rises(crowd, "new_customers")
    assert rises(crowd, "market_share")
    assert effect(crowd, "share_of_wallet").mean() < effect(pairs({}, card, customers=1500), "share_of_wallet").mean()
    last = cell("share_of_customer", 9, "customers")
    assert level("revenue")(world(market())) > 0
    assert last(world(market())) > 0
