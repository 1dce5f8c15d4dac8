"""A. More customers: acquire, win back, open new segments."""

from __future__ import annotations

import pytest

from sim.measures import MEASURES
from sim.results import Run
from tests.ideas.worlds import effect, falls, market, one_segment, pairs, rises, stays, total, world

CAMPAIGN = {"acquisition.spend": 150, "campaign.holdout": 0.3}
WINBACK = {"winback.spend": 200, "winback.offer": 0.2, "winback.within_weeks": 26}


def results(one: Run, kind: str, column: str) -> float:
    return float(MEASURES["campaign_results"].table(one).at[kind, column])


def test_a1_winning_strangers_takes_being_introduced_and_aim() -> None:
    """A campaign wins people who would not have come by themselves; aimed by own records, each contact wins more."""
    spend = {"acquisition.spend": 150}
    campaign = pairs({}, spend)
    assert rises(campaign, "new_customers")
    nothing_to_say = {"campaign.introduction": 0, "hear.forget": 0}
    known_to_all = market(firms={"ours": {"awareness": 1.0}})
    assert stays(pairs({}, spend, story=known_to_all, always=nothing_to_say), "new_customers"), (
        "A campaign that tells nobody anything new wins nobody."
    )
    # As many contacts in both: one by scores costs more than one of the mass.
    mass = {"acquisition.aim": 0, "acquisition.spend": 15, "acquisition.offer": 0.1}
    scored = {"acquisition.aim": 2, "acquisition.spend": 50, "acquisition.offer": 0.1}
    aimed = pairs(mass, scored, seeds=range(1, 7))
    assert effect(aimed, lambda one: results(one, "acquisition", "response")).mean() > 0
    alike = market(**one_segment(), firms={"ours": {"awareness": 1.0}})
    same = {"market.network.degree": 0, "hear.forget": 0}
    blind = pairs(mass, scored, story=alike, always=same)
    assert stays(blind, lambda one: results(one, "acquisition", "response")), (
        "Where prospects do not differ in what the records hold, scores tell nothing."
    )


def test_a1_winning_costs_more_than_keeping() -> None:
    """At the same money, a first purchase costs more than a year of keeping a customer; yet some always leave."""
    same_money = {"advertising.spend": 300, "communication.spend": 150, "insight.spend": 150}

    def ratio(one: Run) -> float:
        return float(MEASURES["keep_versus_win"].table(one).at["ratio", "each"])

    for seed in (1, 2):
        early, late = (world(market(), same_money, seed=seed, customers=1500, weeks=weeks) for weeks in (13, 78))
        assert ratio(late) > 1
        assert ratio(early) < ratio(late), "The first are easily won: many do not know the firm yet."
        assert late.outcomes["lost_customers"] > 0
    quiet = {"advertising.spend": 0, "market.network.degree": 0, "market.visibility": 0}
    assert falls(pairs({"advertising.spend": 300}, quiet, customers=1500), "active_customers")


def test_a2_a_lost_customer_is_easier_won_than_a_stranger() -> None:
    """Who left still knows the firm, and the firm knows them: more of them answer, while they still remember."""
    back = pairs({}, WINBACK)
    assert rises(back, total("returned"))
    both = WINBACK | CAMPAIGN | {"acquisition.aim": 2, "acquisition.offer": 0.2}
    for seed in (1, 2):
        one = world(market(), both | {"insight.spend": 200}, seed=seed)
        won = total("returned")(one) / results(one, "winback", "contacted")
        assert won > results(one, "acquisition", "response")
        relations = one.engine.relations[:, 0]
        again = (relations["reason"] == 0) & (relations["week_of_turn"] >= 0)
        assert relations["knowledge"][again].mean() > relations["knowledge"][relations["purchases"] == 0].mean()
    forgetful = {"leave.memory_half_life": 1, "leave.return_rate": 0}
    forgotten = pairs({}, WINBACK, always=forgetful)
    assert effect(forgotten, total("returned")).mean() < 0.35 * effect(back, total("returned")).mean()


def test_a3_pushed_away_on_purpose() -> None:
    """Whoever costs more than they bring is let go; nobody is where nobody is dear to serve."""
    on_purpose = {"service.let_go_loss": 5}
    assert rises(pairs({}, on_purpose, always={"service.contact_cost": 8}), total("left_on_purpose"))
    cheap = {"service.contact_cost": 0, "service.recovery_cost": 0}
    assert stays(pairs({}, on_purpose, always=cheap), total("left_on_purpose"))


def test_a3_pushed_away_unwillingly() -> None:
    """Failures that nobody mends drive people out; where all is mended, failing more costs far fewer."""
    bad = {"experience.failure_rate": 0.5}
    ignored = pairs({}, bad, always={"service.recovery": 0})
    assert rises(ignored, total("left_unmet"))
    harmless = {
        "experience.severity": 0,
        "experience.ignored_pain": 0,
        "experience.exit_rate": 0,
        "tell.ignored_rate": 0,
    }
    assert (
        effect(pairs({}, bad, always=harmless), total("left_unmet")).mean()
        < 0.1 * effect(ignored, total("left_unmet")).mean()
    )


def test_a3_pulled_away_by_better_value_and_bought_away_by_price() -> None:
    """A better rival pulls customers away; a cheaper one buys them. Equal offers do neither."""

    def rival(**attributes: float) -> dict[str, object]:
        return {"firms": {"famous": {"attributes": attributes}}}

    better, cut = rival(product=0.95, service=0.95), [
        {"label": {"en": "A price cut", "zh": "降价"}, "week": 0, "firm": "famous", "set": {"pricing.list_price": 6}}
    ]  # fmt: skip
    seeds = (1, 2)
    plain = [world(market(), seed=s) for s in seeds]
    pulled = [(a, world(market(**better), seed=s)) for a, s in zip(plain, seeds, strict=True)]
    bought = [(a, world(market(events=cut), seed=s)) for a, s in zip(plain, seeds, strict=True)]
    assert rises(pulled, total("left_value"))
    assert rises(bought, total("left_price"))
    assert effect(bought, total("left_price")).mean() > effect(pulled, total("left_price")).mean()


def test_a3_moved_away_and_the_reason_is_never_drawn() -> None:
    """Life takes people away whatever the firm does; without moving nobody leaves for that reason."""
    movers = market(types={t: {"moving": {"mean": 0.01}} for t in ("lighthouse", "follower", "rational")})
    stayers = market(
        types={t: {"moving": {"mean": 0.0}} for t in ("lighthouse", "follower", "rational", "profit_seeking")}
    )
    for seed in (1, 2):
        assert total("left_moved")(world(movers, seed=seed)) > 10
        assert total("left_moved")(world(stayers, seed=seed)) == 0


def test_a3_chasing_price_seekers_loses_money() -> None:
    """Won back below cost from a cheaper rival, they are soon gone again: a contact loses more than with the others."""
    like = {"product": 0.6, "service": 0.6, "personnel": 0.55, "image": 0.4, "place": 0.6, "convenience": 0.4}
    twins = {"standing": 1.0, "awareness": 0.9, "attributes": like}
    cut = {"label": {"en": "A price cut", "zh": "降价"}, "week": 0, "firm": "famous", "set": {"pricing.list_price": 6}}
    story = market(
        market={"taste_concentration": 20},
        firms={
            "ours": twins | {"unit_cost": 8.5},
            "famous": twins | {"levers": {"pricing": {"list_price": 10}}},
            "cheap": None,
        },
        events=[cut],
        **one_segment(types={"rational": 0.5, "profit_seeking": 0.5}, need_rate={"mean": 1.0, "shape": 3}),
    )

    def chase(reasons: int, offer: float) -> tuple[float, float]:
        """Profit gained by chasing those who left for some reasons: in all, and for each contact."""
        on = {"winback.spend": 100, "winback.reasons": reasons, "winback.offer": offer}
        worlds = pairs({}, on, story=story, seeds=(1, 2, 3), customers=1000)
        gained = effect(worlds, "profit").sum()
        return gained, gained / sum(total("winback_contacted")(b) for _, b in worlds)

    seekers, others = chase(2, 0.4), chase(1, 0.4)
    assert seekers[0] < 0
    assert seekers[1] < others[1]
    assert chase(2, 0.0)[1] > seekers[1], "It is the discount that loses the money."


@pytest.mark.parametrize("fit", [0.2, 1.0])
def test_a4_a_product_can_be_made_to_fit_another_group(fit: float) -> None:
    """Repositioned for savers, the firm sells to more of them, and means a little less to everybody else."""
    story = market(segments={"savers": {"fit": {"ours": fit}}})
    opened = pairs({}, {"reposition.segment": 3, "reposition.spend": 800}, story=story)

    def savers(one: Run) -> float:
        return float(MEASURES["value_by_segment"].table(one).at["savers", "revenue"])

    def image(one: Run) -> float:
        return float(one.engine.world.firms[0]["image"])

    assert falls(opened, image), "The image blurs."
    if fit < 1.0:
        assert rises(opened, savers)
        unblurred = pairs(
            {}, {"reposition.segment": 3, "reposition.spend": 800}, story=story, always={"reposition.blur": 0}
        )
        assert stays(unblurred, image)
    else:
        assert not rises(opened, savers), "It fitted them before: there is nothing to gain."
