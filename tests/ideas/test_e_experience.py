"""E. Loyalty (E8 to E14): price or service, early losses, complaints, what decides, staff, programmes, delight."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.engine import Engine
from sim.measures import MEASURES
from sim.results import Run
from sim.scenario import load_scenario
from tests.ideas.worlds import TYPES, effect, falls, level, market, pairs, rises, stays, total, weighing, world


def cell(table: str, row: Any, column: str) -> Any:
    return lambda one: float(MEASURES[table].table(one).at[row, column])


def test_e8_the_grocer_gains_by_hours_and_delivery_not_by_price_ads() -> None:
    """A page of offers draws bargain hunters and costs profit; longer hours raise revenue and profit."""
    story = load_scenario("grocer")

    def beside_opening(strategy: str, changes: dict[str, float] | None = None) -> list[tuple[Run, Run]]:
        return [
            tuple(
                world(story, changes, strategy=s, seed=seed, customers=1000, weeks=104) for s in ("opening", strategy)
            )
            for seed in (1, 2)
        ]  # type: ignore[misc]

    hours, ads = beside_opening("longer_hours"), beside_opening("price_ads")
    assert rises(hours, "revenue")
    assert rises(hours, "profit")
    assert falls(ads, "profit")

    def drawn(one: Run, segment: str) -> float:
        groups = np.array([s.name.split("/")[0] for s in one.plan.segments])[one.engine.column("segment")]
        return float(one.engine.column("purchases")[groups == segment, 0].sum())

    hunters = effect(ads, lambda one: drawn(one, "hunters")) / [drawn(a, "hunters") for a, _ in ads]
    families = effect(ads, lambda one: drawn(one, "families")) / [drawn(a, "families") for a, _ in ads]
    assert (hunters > families).all(), "The best customers are less moved by offers than the bargain hunters."
    careless = beside_opening("longer_hours", {"convenience.half": 10, "place.half": 10})
    assert falls(careless, "profit"), "If hours and delivery changed nothing they would only cost."


def test_e9_won_early_at_a_loss_they_pay_years_later() -> None:
    """Students are won below cost; when their needs grow they stay and pay. If they never grew it would not pay."""

    def bank(factor: float) -> Any:
        young = {"need_rate": {"mean": 0.15}, "growth": {"factor": factor, "first": 30, "last": 50}}
        return market(segments={"families": young, "commuters": young, "savers": young},
                      firms={"ours": {"awareness": 0.3}})  # fmt: skip

    card = {"acquisition.spend": 300, "acquisition.offer": 0.6}

    def gained(factor: float, weeks: int) -> float:
        return float(effect(pairs({}, card, story=bank(factor), weeks=weeks), "profit").mean())

    assert gained(6.0, 26) < 0
    assert gained(6.0, 104) > gained(6.0, 26)
    assert gained(6.0, 104) > 0
    assert gained(1.0, 104) < 0


def test_e10_an_ignored_complaint_costs_more_than_the_product() -> None:
    """Left unmended, a failure loses the customer and is told to friends; each costs more than making it good would."""
    mend, ignore = {"service.recovery": 0.95}, {"service.recovery": 0.0}
    worlds = pairs(
        mend, ignore, customers=1500, weeks=104, always={"service.agents": 4, "experience.failure_rate": 0.25}
    )
    assert falls(worlds, "active_customers")
    assert falls(worlds, "trust")
    assert rises(worlds, total("blame"))
    lost = effect(worlds, "revenue").sum() / sum(b.outcomes["ignored_complaints"] for _, b in worlds)
    assert lost < -10, "An ignored complaint loses more revenue than the price of one purchase."
    flawless = pairs(mend, ignore, always={"experience.failure_rate": 0})
    assert stays(flawless, "profit")


def test_e11_a_survey_tells_what_decides() -> None:
    """A choice experiment finds the side that counts, and finds it for the best customers too."""

    def importance(weights: dict[str, float]) -> Any:
        story = market(**weighing(**weights))
        return MEASURES["attribute_importance"].table(world(story, customers=1500))

    for group in ("best", "others"):
        easy, plain = (importance(w).loc[group] for w in ({"time": 5.0, "energy": 5.0}, {}))
        assert easy["importance"].idxmax() == "convenience"
        assert plain.at["convenience", "importance"] < easy.at["convenience", "low"]
        assert plain["importance"].sum() == np.float64(1.0) or abs(plain["importance"].sum() - 1) < 1e-9
        indifferent = importance({"time": 0.0, "energy": 0.0}).loc[group]
        assert indifferent.at["convenience", "low"] < 0.03


def spread_of_performance(one: Engine) -> tuple[float, float]:
    """Mean and standard deviation of performance as perceived, over the purchases from us in the last weeks."""
    seen: list[float] = []
    while not one.is_finished:
        one.advance(1)
        sales = one.world.sales[: one.world.counts[0]]  # of the last block: so few customers are one block
        seen += list(sales["perceived"][(sales["firm"] == 0) & (sales["events"] & 1 == 0)])
    return float(np.mean(seen)), float(np.std(seen))


def test_e12_trained_staff_are_better_and_steadier() -> None:
    """Training raises what staff do and narrows how much it varies; it only raises it where nothing steadies."""

    def trained(spend: float, **parameters: float) -> tuple[float, float]:
        sets = {"training.spend": spend, "experience.contact_rate": 0, "experience.variability": 0.15}
        sets |= {f"experience.{name}": value for name, value in parameters.items()}
        story = market(types={t: {"weight_spread": 0.0, "need_rate": {"mean": 2.0}} for t in TYPES})
        return spread_of_performance(Engine(story.plan(sets=sets, customers=250, weeks=60, seed=1)))

    (mean, wide), (better, narrow) = trained(0), trained(4000)
    assert better > mean
    assert narrow < 0.9 * wide
    (_, wide), (_, unsteady) = trained(0, steadiness=0), trained(4000, steadiness=0)
    assert unsteady > 0.95 * wide


def test_e13_a_programme_has_points_friends_and_a_community() -> None:
    """Points bind and are owed; they are redeemed or lapse; referrals and a community make friends speak up."""
    card = {"programme.points_per_purchase": 1, "programme.reward_points": 6, "programme.reward_value": 6}
    bound = pairs({}, card)
    assert rises(bound, total("purchases"))
    assert rises(bound, "points_liability")
    for _, one in bound:
        told = MEASURES["programme_report"].table(one).iloc[0]
        assert told["redeemed"] > 0
        assert 0 < told["redemption"] < 1
    assert rises(pairs(card, card | {"programme.expiry_weeks": 8}), total("points_lapsed"))
    assert stays(pairs({}, card | {"programme.reward_value": 0}), total("purchases"))
    assert rises(pairs(card, card | {"programme.referral_points": 3}), total("points_issued"))
    liked = market(firms={"ours": {"attributes": {"service": 0.95, "personnel": 0.95, "product": 0.9}}})
    friends = pairs({}, {"community.spend": 1500}, story=liked)
    assert rises(friends, total("praise"))
    assert rises(friends, level("commitment"))
    nobody = {"tell.community": 0, "bond.from_community": 0}
    assert stays(pairs({}, {"community.spend": 1500}, story=liked, always=nobody), total("praise"))


def test_e14_delight_raises_the_next_expectation() -> None:
    """A leap in what is delivered delights at first; expectations catch up and the delight wears off: a treadmill."""
    leap = {"product.spend": 6000, "product.build": 0.5}

    def courses(changes: dict[str, float]) -> tuple[Any, Any]:
        ones = [world(market(), leap | changes, seed=s, customers=1500, weeks=104) for s in (1, 2)]
        gap = np.mean([o.courses["performance"][:, 0] - o.courses["expectation"][:, 0] for o in ones], axis=0)
        return gap, np.mean([o.courses["expectation"][:, 0] for o in ones], axis=0)

    gap, expected = courses({})
    assert gap[3:16].mean() > gap[-26:].mean() + 0.02, "Delight wears off."
    assert expected[-13:].mean() > expected[:3].mean() + 0.02, "because more is expected."
    still_gap, still = courses({"judge.expectation_speed": 0, "hear.inflate": 0})
    assert still_gap[-26:].mean() > gap[-26:].mean() + 0.02, "If nobody learnt to expect it, it would please for ever."
    assert abs(still[-13:].mean() - still[:3].mean()) < 0.01
