"""B. Value and satisfaction (B6 to B10): talk, satisfaction, the life of a sale, sleeping, one record."""

from __future__ import annotations

import numpy as np

from sim.measures import MEASURES
from sim.results import Run
from tests.ideas.worlds import effect, falls, level, market, pairs, rises, stays, total, world


def talk(quality: float, what: str, changes: dict[str, float] | None = None) -> float:
    """Messages per purchase of a firm all of whose levels are the same."""
    levels = dict.fromkeys(("product", "service", "personnel", "image"), quality)
    one = world(market(firms={"ours": {"attributes": levels}}), changes)
    return total(what)(one) / total("purchases")(one)


def test_b6_word_of_mouth_multiplies_beyond_its_limits() -> None:
    """Between very bad and very good hardly anybody speaks; beyond, each step of quality adds more than the last."""
    sober = {"experience.failure_rate": 0, "product.spend": 0, "training.spend": 0}
    praise = [talk(q, "praise", sober) for q in (0.35, 0.5, 0.65, 0.8)]
    blame = [talk(q, "blame", sober) for q in (0.65, 0.35, 0.2, 0.05)]
    for louder in (praise, blame):
        assert louder[0] < 0.01, "Who got about what is usual has nothing to tell."
        assert all(np.diff(louder) > 0)
        assert all(np.diff(louder, 2) > 0), "Each step says more than the last."
    mute = sober | {"tell.praise_rate": 0}
    assert talk(0.95, "praise", mute) == 0
    delight = market(firms={"ours": {"attributes": {"service": 0.95, "personnel": 0.95, "product": 0.9}}})
    heard = pairs({"market.network.degree": 0}, {}, story=delight, always={"market.visibility": 0})
    assert rises(heard, "new_customers"), "Praise wins customers, if there is anybody to hear it."


def survey(one: Run, row: str) -> float:
    return float(MEASURES["satisfaction"].table(one).at[row, "mean"])


def test_b7_satisfaction_is_what_was_met_less_what_was_expected() -> None:
    """A promise too great disappoints with the same offer; if promises are not believed it does not."""
    boast = {"advertising.promise": 1.0}
    assert falls(pairs({}, boast), "satisfaction")
    assert rises(pairs({}, boast), "expectation")
    assert stays(pairs({}, boast, always={"hear.inflate": 0}), "satisfaction")


def test_b7_satisfaction_has_layers_and_objects() -> None:
    """Acting responsibly raises the social layer most; a better product the material one and the product itself."""
    clean = pairs({}, {"responsibility.spend": 1500})
    assert (
        effect(clean, lambda one: survey(one, "social")).min()
        > effect(clean, lambda one: survey(one, "material")).max() + 0.05
    )
    better = pairs({}, {"product.spend": 3000})
    for row in ("material", "product"):
        assert (
            effect(better, lambda one, row=row: survey(one, row)).min()
            > effect(better, lambda one: survey(one, "social")).max()
        )
    no_effect = {"responsibility.half": 10}
    assert stays(pairs({}, {"responsibility.spend": 1500}, always=no_effect), lambda one: survey(one, "social"), 0.01)


def test_b8_a_sale_goes_on_to_repeats_add_ons_and_upgrades() -> None:
    """Known and committed customers take the add-on and the better version; nobody does where nothing appeals."""
    more = {"range.addon_price": 4, "range.upgrade_premium": 0.3}
    sold = pairs({}, more)
    assert rises(sold, "further_sales")
    assert rises(sold, "profit")
    assert stays(pairs({}, more, always={"range.addon_appeal": 0, "range.upgrade_appeal": 0}), "profit")


def test_b8_the_device_at_cost_earns_on_what_it_consumes() -> None:
    """A cheap device wins more customers; it pays because they come back, and does not where nobody needs refills."""
    machine = market(firms={"ours": {"device_cost": 20}})
    at_cost, dear = {"pricing.device_price": 4}, {"pricing.device_price": 20}
    cheap = pairs(dear, at_cost, story=machine, weeks=104)
    assert rises(cheap, "new_customers")
    assert rises(cheap, "profit")
    no_margin = market(firms={"ours": {"device_cost": 20, "unit_cost": 10}})
    assert falls(pairs(dear, at_cost, story=no_margin, weeks=104), "profit"), "It was the refills that paid."


def test_b9_silence_is_judged_by_each_customers_own_rhythm() -> None:
    """After the same weeks of silence those who buy often count as asleep, those who buy rarely do not."""
    engine = world(market(), customers=1500).engine
    r, need = engine.relations[:, 0], engine.column("need_rate")
    silence = engine.weeks_done - 1 - np.maximum(r["last_purchase"], r["week_of_turn"])
    quiet = (r["purchases"] > 3) & (r["reason"] == 0) & (silence >= 6) & (silence <= 14)
    asleep = quiet & (r["stage"] == 4)
    rate = r["purchases"] / (engine.weeks_done - r["first_purchase"])
    assert asleep.sum() > 5
    assert (quiet & ~asleep).sum() > 5
    assert rate[asleep].min() > 0.9 * rate[quiet & ~asleep].max() / 4
    assert np.median(rate[asleep]) > 1.5 * np.median(rate[quiet & ~asleep])
    assert need[asleep].mean() > need[quiet & ~asleep].mean()


def test_b9_the_dormant_can_be_woken() -> None:
    """An offer wakes some who would have slept on; a message without anything in it wakes nobody."""
    wake = {"wake.spend": 100, "wake.offer": 0.3, "campaign.holdout": 0.5}
    uplift = [
        MEASURES["campaign_results"].table(world(market(), wake, seed=s, customers=2000)).at["wake", "uplift"]
        for s in (1, 2, 3)
    ]
    assert np.mean(uplift) > 0.01
    empty = {"wake.spend": 100, "wake.offer": 0}
    assert stays(pairs({}, empty, always={"hear.forget": 0}), total("purchases"))


def test_b10_one_record_whoever_the_customer_talks_to() -> None:
    """Each contact teaches the firm, and more where systems and people join the channels into one record."""
    ways = {"online.spend": 600, "insight.spend": 600}
    joined = {"crm.spend": 600, "training.spend": 600}
    assert rises(pairs(ways, ways | joined), "known_share")
    apart, one_way = (world(market(), ways | {"online.spend": spend}) for spend in (600, 0))
    assert MEASURES["channel_report"].table(apart).at["several_ways", "customers"] > 0
    assert MEASURES["channel_report"].table(one_way).at["several_ways", "customers"] == 0
    talkative = pairs(
        {"experience.contact_rate": 0},
        {"experience.contact_rate": 0.5},
        always={"insight.spend": 600, "service.agents": 20},
    )
    assert rises(talkative, level("knowledge"))
    for nothing_noted in ({"experience.learn": 0}, {"insight.spend": 0}):
        assert stays(pairs({}, joined, always=ways | nothing_noted), "known_share")
