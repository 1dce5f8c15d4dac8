"""C. Identify, differentiate, interact, customise: what the firm knows of its customers, and what it does about it."""

from __future__ import annotations

import numpy as np

from sim.measures import MEASURES
from sim.results import Run
from tests.ideas.worlds import TYPES, alike, effect, falls, level, market, pairs, rises, stays, total, world

KNOWING = {"insight.spend": 800}
TIERS = {"tiers.vip_share": 0.1, "tiers.key_share": 0.2}


def cell(table: str, row: object, column: str) -> object:
    return lambda one: float(MEASURES[table].table(one).at[row, column])


def test_c1_serving_reveals_new_targets() -> None:
    """A segment nobody aimed at shows up among the buyers; once the firm sees it, it aims there and wins more."""
    list_of_families = {"acquisition.spend": 60, "acquisition.aim": 1, "acquisition.target": 1}
    for seed in (1, 2):
        seen = MEASURES["segments_seen"].table(world(market(), list_of_families, seed=seed))
        assert seen.at["families", "is_aimed"]
        assert not seen.at["commuters", "is_aimed"]
        assert seen.at["commuters", "first_purchases"] > 5
    commuters = cell("segments_seen", "commuters", "first_purchases")
    assert rises(pairs(list_of_families, list_of_families | {"acquisition.target": 2}), commuters)
    unheard = market(firms={"ours": {"awareness": 0.0}}, market={"visibility": 0.0, "network": {"degree": 0}})
    one = world(unheard, list_of_families | {"advertising.spend": 0, "hear.reach": 0})
    assert MEASURES["segments_seen"].table(one).at["commuters", "first_purchases"] == 0, "Nobody told them."


def test_c2_what_the_firm_knows_is_not_what_is_true() -> None:
    """Data through every contact tell the best customers from the rest; without data the firm picks blindly."""
    found = cell("best_recognised", 0, "recognised")
    assert rises(pairs({"insight.spend": 0}, KNOWING), found)
    for seed in (1, 2):
        told = MEASURES["database"].table(world(market(), KNOWING, seed=seed))
        gap = (told["value_believed"] - told["value_true"]).abs()
        unknown = told["knowledge"] < told["knowledge"].median()
        assert gap[unknown].mean() > gap[~unknown].mean() > 0
        blind = MEASURES["best_recognised"].table(world(market(), seed=seed))
        assert abs(blind.at[0, "recognised"] - blind.at[0, "blind"]) < 0.15
    deaf = pairs({"insight.spend": 0}, KNOWING, always={"experience.learn": 0})
    assert stays(deaf, level("knowledge"))


def test_c3_letting_the_dearest_go_pays_and_is_talked_about() -> None:
    """Serving fewer earns more where some cost more than they bring; those who are let go tell their friends."""
    plastics = {"experience.contact_rate": 0.6, "service.contact_cost": 10, "service.agents": 3}
    go = {"service.let_go_loss": 5}
    cut = pairs({}, go, always=plastics)
    assert falls(cut, "active_customers")
    assert rises(cut, "profit")
    assert rises(cut, total("left_on_purpose"))
    assert falls(cut, "praise_share")
    assert rises(pairs(go | {"tell.let_go_rate": 0}, go, always=plastics), total("blame"))
    assert stays(pairs({}, go, always={"service.contact_cost": 0, "service.recovery_cost": 0}), "profit")


def best_fifth_brings(one: Run) -> float:
    """Share of what all buyers contribute, before they are reached, that the best fifth brings."""
    r = one.engine.relations[:, 0]
    earned = np.sort((r["revenue"] - r["cost_of_goods"] - r["cost_to_serve"] - r["rewards"])[r["revenue"] > 0])
    return float(earned[-round(0.2 * earned.size) :].sum() / earned.sum())


def test_c4_differentiation_pays_only_where_profit_is_concentrated() -> None:
    """The same privileges for the best tenth pay where a fifth bring over half the profit, not among people alike."""
    bonds = ("habit_pull", "commitment_pull", "knowledge_pull", "halo")  # which would make the same people unequal
    tenth = {"tiers.vip_share": 0.1, "tiers.privilege": 2, "insight.spend": 400} | {f"choose.{b}": 0 for b in bonds}
    firm = {"ours": {"standing": 0.6, "unit_cost": 4, "attributes": {"service": 0.3}}}
    keen = {"weights": {"service": 4.0}}
    uneven = keen | {"need_rate": {"shape": 0.5}, "basket": {"mean": 1.0, "shape": 0.8}}
    shares, gains = [], []
    for story in (alike(types={"rational": keen}, firms=firm), market(types=dict.fromkeys(TYPES, uneven), firms=firm)):
        worlds = pairs(tenth | {"tiers.vip_share": 0}, tenth, story=story, seeds=(1, 2, 3), customers=800)
        shares.append(np.mean([best_fifth_brings(a) for a, _ in worlds]))
        gains.append(effect(worlds, "profit"))
    assert shares[0] < 0.5 < shares[1]
    assert gains[0].max() < 0 < gains[1].min()


def test_c5_the_best_get_more_and_the_others_are_not_punished() -> None:
    """Privileges raise what VIP customers meet and feel; nobody else waits or is served any worse."""
    privilege = {"tiers.privilege": 2}
    plain = market(firms={"ours": {"attributes": {"service": 0.3}}})
    treated = pairs(TIERS, TIERS | privilege, always=KNOWING, story=plain, customers=2500)

    def gain(without: Run, having: Run, tier: int) -> float:
        """What privileges add to the satisfaction of the same customers: those in a tier where they are given."""
        a, b = (one.engine.relations[:, 0] for one in (without, having))
        same = (b["tier"] == tier) & (b["purchases"] > 3) & (a["purchases"] > 3)
        return float(b["satisfaction"][same].mean() - a["satisfaction"][same].mean())

    for without, having in treated:
        assert gain(without, having, 2) > max(0.005, 2 * abs(gain(without, having, 0)))
    assert stays(treated, cell("tier_report", "ordinary", "service"), 0.02)
    assert rises(treated, cell("tier_report", "VIP", "cost_to_serve_each"))
    for without, having in pairs(TIERS, TIERS | privilege, always=KNOWING | {"tiers.half": 1000}):
        assert abs(gain(without, having, 2)) < 0.003, "Privileges that nobody notices please nobody."
    busy = {"service.agents": 1.2, "experience.contact_rate": 0.5}
    jump = pairs(TIERS, TIERS | {"tiers.priority": 1}, always=KNOWING | busy)
    assert falls(jump, cell("tier_report", "VIP", "wait"))
    assert rises(jump, cell("tier_report", "ordinary", "wait")), "Whoever jumps the queue jumps it past somebody."


def test_c6_personal_prices_sell_more_and_offend_who_pays_more() -> None:
    """A price of one's own sells to bargain lovers; friends compare. Without knowledge there is nothing personal."""
    own = {"personal.depth": 0.4}
    known = KNOWING | {"programme.points_per_purchase": 0}
    forgiving = pairs({}, own, always=known | {"trust.unfair": 0})
    assert rises(forgiving, total("purchases"))
    assert rises(forgiving, cell("personal_prices", 4, "discount"))
    unfair = pairs(own | {"trust.unfair": 0}, own | {"trust.unfair": 3}, always=known)
    assert falls(unfair, "trust")
    loners = pairs(own | {"trust.unfair": 0}, own | {"trust.unfair": 3}, always=known | {"market.network.degree": 0})
    assert stays(loners, "trust"), "Who knows nobody compares with nobody."
    assert stays(pairs({}, own, always={"insight.spend": 0, "experience.learn": 0}), "profit")


def test_c7_each_exchange_teaches_and_what_was_taught_would_be_lost_elsewhere() -> None:
    """Being known saves effort and holds customers; where it neither fits nor saves nor binds it holds nobody."""
    learning = pairs({"insight.spend": 0}, KNOWING)
    assert rises(learning, "share_of_wallet")
    assert rises(learning, "satisfaction")
    for seed in (1, 2):
        table = MEASURES["learning_relationship"].table(world(market(), KNOWING, seed=seed))
        held = table[table["customers"] > 0]
        assert held["effort"].is_monotonic_decreasing
        assert held["share_of_wallet"].iloc[-1] > held["share_of_wallet"].iloc[0]
    useless = {"choose.knowledge_pull": 0, "choose.relief": 0, "experience.tailor": 0}
    assert stays(pairs({"insight.spend": 0}, KNOWING, always=useless), "share_of_wallet")
