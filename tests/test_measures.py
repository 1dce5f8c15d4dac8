"""The measures, worked out again the plain way from customers and purchases, and what they may not do."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim import survey
from sim.measure_value import value_by
from sim.measures import MEASURES
from sim.outcomes import OUTCOMES
from sim.results import Run, run

EVERYTHING = {
    "acquisition.spend": 200, "acquisition.aim": 2, "retention.spend": 100, "retention.offer": 0.1,
    "winback.spend": 100, "wake.spend": 50, "campaign.holdout": 0.3, "tiers.vip_share": 0.1, "tiers.key_share": 0.2,
    "tiers.privilege": 0.2, "range.addon_price": 3, "range.upgrade_premium": 0.2, "online.spend": 200,
    "insight.spend": 200, "programme.points_per_purchase": 1, "programme.reward_value": 5, "personal.depth": 0.2,
    "crm.spend": 100, "service.self_service": 0.2,
}  # fmt: skip


@pytest.fixture(scope="module")
def lived() -> Run:
    return run("_baseline", sets=EVERYTHING, customers=700, weeks=60, seed=3, is_recorded=True)


@pytest.mark.parametrize("name", MEASURES)
def test_a_measure_is_a_labelled_table_that_moves_nothing(name: str, lived: Run) -> None:
    measure = MEASURES[name]
    assert set(measure.label) == {"en", "zh"}
    assert any("\u4e00" <= c <= "\u9fff" for c in measure.label["zh"]) or measure.label["zh"][0].isdigit()
    assert measure.covers
    assert measure.meaning
    alike = [other for other in MEASURES.values() if other.label["en"] == measure.label["en"]]
    assert alike == [measure]
    before = [np.array(a, copy=True) for a in lived.engine.world]
    for firm in range(3):
        table = measure.table(lived, firm)
        assert isinstance(table, pd.DataFrame)
        assert not table.empty or name == "prospects"
        again = measure.table(lived.engine, firm)
        pd.testing.assert_frame_equal(table, again)
    for array, old, now in zip(lived.engine.world._fields, before, lived.engine.world, strict=True):
        np.testing.assert_array_equal(old, now, err_msg=f"{name} moved {array}.")


@pytest.mark.parametrize("name", MEASURES)
def test_a_measure_of_a_market_not_yet_begun_says_nothing_wrong(name: str) -> None:
    from sim.engine import Engine
    from sim.scenario import load_scenario

    engine = Engine(load_scenario("coffee").plan(customers=50, weeks=4))
    engine.warm_up()
    assert isinstance(MEASURES[name].table(engine), pd.DataFrame)


def ledger(lived: Run, firm: str = "ours") -> pd.DataFrame:
    end = lived.customers
    frame = pd.DataFrame({c: end[f"{firm}.{c}"] for c in ("revenue", "stage", "tier", "purchases", "reason")})
    costs = ("cost_of_goods", "cost_to_serve", "cost_to_reach", "rewards")
    frame["profit"] = frame["revenue"] - sum(end[f"{firm}.{c}"] for c in costs)
    return frame


def test_the_curve_is_read_off_customers_sorted_by_profit(lived: Run) -> None:
    books = ledger(lived)
    best = books.loc[books["revenue"] > 0, "profit"].sort_values(ascending=False).to_numpy()
    curve = MEASURES["concentration"].table(lived)["profit"].to_numpy()
    n = best.size
    for percent in (10, 20, 50, 70):
        assert curve[percent] == pytest.approx(best[: round(n * percent / 100)].sum() / best.sum())
    read = MEASURES["twenty_eighty_thirty"].table(lived).iloc[0]
    assert read["top20"] == pytest.approx(curve[20])
    assert read["top20"] == pytest.approx(lived.outcomes["top20_profit_share"]), "There is one best fifth, not two."
    others = best.sum() * curve[70]
    assert read["worst30"] == pytest.approx(max(0.0, (others - best.sum()) / others))
    assert read["peak"] == pytest.approx(curve.max())


def test_where_all_together_bring_a_loss_there_is_no_curve() -> None:
    poor = run("_baseline", sets={"pricing.list_price": 3}, customers=200, weeks=20)
    assert MEASURES["concentration"].table(poor)["profit"].isna().all()
    assert MEASURES["twenty_eighty_thirty"].table(poor).loc[0, ["top20", "worst30", "peak"]].isna().all()


@pytest.mark.parametrize("by", ["stage", "tenure", "tier", "phase", "segment", "type"])
def test_groups_add_up_to_all_buyers(by: str, lived: Run) -> None:
    books = ledger(lived)
    books = books[books["revenue"] > 0]
    table = value_by(lived, by)
    assert table["buyers"].sum() == len(books)
    assert table["profit"].sum() == pytest.approx(books["profit"].sum())
    assert table["profit_share"].sum() == pytest.approx(1.0)
    if by == "stage":
        np.testing.assert_allclose(
            table["profit"], books.groupby("stage")["profit"].sum().reindex(table.index).fillna(0)
        )


def test_customers_cannot_be_grouped_by_anything(lived: Run) -> None:
    with pytest.raises(ValueError, match="cannot be grouped by 'colour'"):
        value_by(lived, "colour")


def test_campaigns_are_what_the_weeks_counted(lived: Run) -> None:
    tally = lived.engine.tally[:, 0]
    table = MEASURES["campaign_results"].table(lived)
    for kind, row in table.iterrows():
        contacted, held = tally[f"{kind}_contacted"].sum(), tally[f"{kind}_held_out"].sum()
        assert (row["contacted"], row["held_out"]) == (contacted, held)
        assert contacted > 20
        control = tally[f"{kind}_unasked"].sum() / held
        assert row["control"] == pytest.approx(control)
        assert row["uplift"] == pytest.approx(tally[f"{kind}_answered"].sum() / contacted - control)
        assert row["incremental"] == pytest.approx(row["uplift"] * contacted)
    assert table["cost"].sum() == pytest.approx(tally["campaign_cost"].sum())
    assert lived.outcomes["contacted"] == table["contacted"].sum()
    assert lived.outcomes["incremental_responses"] == pytest.approx(table["incremental"].sum())


def test_without_a_control_group_nothing_is_said_of_what_a_campaign_caused() -> None:
    one = run("_baseline", sets={"retention.spend": 100}, customers=200, weeks=20)
    assert one.outcomes["contacted"] > 0
    assert np.isnan(one.outcomes["incremental_responses"])
    assert np.isnan(one.outcomes["cost_per_incremental_response"])


def test_weekly_outcomes_of_the_new_mechanisms_are_shares_of_what_was_counted(lived: Run) -> None:
    tally = lived.engine.tally[-13:, 0]
    end = lived.customers
    late = {
        "online_share": tally["online_purchases"] / tally["purchases"],
        "further_sales": (tally["add_ons"] + tally["upgrades"]) / tally["purchases"],
        "deal_share": tally["deal_purchases"] / tally["purchases"],
        "performance": tally["perceived"] / tally["purchases"],
        "known_share": tally["knowledge"] / tally["active"],
    }
    for name, course in late.items():
        assert lived.outcomes[name] == pytest.approx(course.mean())
        assert 0 < lived.outcomes[name] < 1
    here = end["ours.stage"].ne("lost") & end["ours.purchases"].gt(0)
    assert lived.outcomes["vip_customers"] == (here & end["ours.tier"].eq(2)).sum()
    assert lived.outcomes["key_customers"] == (here & end["ours.tier"].eq(1)).sum()
    assert lived.outcomes["points_liability"] == pytest.approx(end["ours.points"].sum() * 5 / 10)
    tallies = lived.engine.tally[:, 0]
    assert lived.outcomes["ignored_complaints"] == (tallies["complaints"] - tallies["recovered"]).sum()
    assert {"known_share", "online_share", "vip_customers"} <= set(OUTCOMES)


def test_standing_and_stages_count_everybody_once(lived: Run) -> None:
    end = lived.customers
    never = (end["ours.stage"] == "lost") & (end["ours.purchases"] == 0)
    table = MEASURES["standing"].table(lived)
    assert table["customers"].sum() == len(end) - never.sum()
    assert table.at["loyal", "customers"] == end["ours.stage"].isin(["loyal", "advocate"]).sum()
    assert table.at["potential", "customers"] == (end["ours.stage"] == "unaware").sum()
    stages = MEASURES["stage_report"].table(lived)
    assert stages["customers"].is_monotonic_decreasing
    assert stages.at["convert", "customers"] == (end["ours.purchases"] > 0).sum()


def test_the_funnel_counts_people_in_the_market() -> None:
    one = run("_baseline", sets={"market.outside_value": -12}, customers=400, weeks=30)
    table, end = MEASURES["funnel"].table(one), one.customers
    moved = end["week_of_moving"].le(29).fillna(False)
    assert table.at["all", "people"] == (~moved).sum()
    np.testing.assert_allclose(table.iloc[:-1].sum(), table.loc["all"])
    within = end["ours.access"].le(float(one.engine.world.firms[0]["place"])) & ~moved
    assert table.at["all", "can_use"] == within.sum(), "The product suits everybody here."
    assert table.at["all", "can_afford"] == within.sum(), "Anything is better than going without."
    willing = end["ours.reason"].eq("") & end["ours.awareness"].ge(0.1) & end["ours.trust"].ge(0.05) & within
    assert table.at["all", "trusts"] == willing.sum()
    sold = one.engine.tally["purchases"][-1, 0]
    assert table.at["all", "likes"] > table.at["all", "needs_now"] > 0
    assert sold > 0


def test_the_database_shows_what_is_believed_beside_the_truth(lived: Run) -> None:
    table, end = MEASURES["database"].table(lived), lived.customers
    mine = end[end["ours.purchases"].gt(0) & end["ours.reason"].eq("")]
    assert set(table.index) == set(mine["customer_id"])
    costs = mine["ours.cost_of_goods"] + mine["ours.cost_to_serve"] + mine["ours.rewards"]
    weeks = 59 - mine["ours.first_purchase"].astype(int).clip(lower=0) + 1
    true = ((mine["ours.revenue"] - costs) / weeks).astype(float)
    np.testing.assert_allclose(table["value_true"], true)
    known = mine["ours.knowledge"].to_numpy(float)
    np.testing.assert_allclose(table["value_believed"], known * true + (1 - known) * true.mean(), rtol=1e-6)


def test_share_of_customer_is_what_they_paid_us_of_all(lived: Run) -> None:
    end = lived.customers
    paid = np.array([end[f"{f}.revenue"] for f in ("ours", "famous", "cheap")])
    active = end["ours.stage"].isin(["buyer", "satisfied", "loyal", "advocate"]) & (paid[0] > 0)
    table = MEASURES["share_of_customer"].table(lived)
    assert table["customers"].sum() == active.sum()
    only_ours = active & (paid[1:].sum(axis=0) == 0)
    assert table["customers"].iloc[-1] >= only_ours.sum() > 0


# ---------------------------------------------------------------- surveys


def test_who_is_asked_is_a_sample_of_active_customers(lived: Run) -> None:
    active = set(lived.customers.index[lived.customers["ours.stage"].isin(["buyer", "satisfied", "loyal", "advocate"])])
    who = survey.sample(lived, asked=25)
    assert len(set(who)) == 25
    assert set(who) <= active
    assert set(who) < set(survey.sample(lived, asked=40)), "Asking more people asks the same ones too."
    assert set(survey.sample(lived, asked=10_000)) == active


def test_intervals_hold_the_truth_as_often_as_they_say(lived: Run) -> None:
    truth = lived.customers.loc[survey.sample(lived, asked=10_000), "ours.satisfaction"].to_numpy()
    generator, hits = np.random.default_rng(1), 0
    for _ in range(400):
        row = survey.estimated({"x": generator.choice(truth, 30, replace=False)}, truth.size).loc["x"]
        hits += row["low"] <= truth.mean() <= row["high"]
    assert 0.91 <= hits / 400 <= 0.98
    one = survey.estimated({"x": [0.4]}, 50).loc["x"]
    assert (one["low"], one["high"]) == (-np.inf, np.inf)


def test_the_net_promoter_score_of_everybody_is_the_outcome(lived: Run) -> None:
    everybody = survey.net_promoter_score(lived, asked=10_000)
    assert everybody.at["score", "mean"] == pytest.approx(lived.courses["net_promoter_score"][-1, 0])
    assert everybody.loc[["promoters", "passives", "detractors"], "mean"].sum() == pytest.approx(1.0)


def test_satisfaction_of_everybody_is_the_outcome(lived: Run) -> None:
    everybody = survey.satisfaction(lived, asked=10_000)
    assert everybody.at["overall", "mean"] == pytest.approx(lived.courses["satisfaction"][-1, 0])


def test_the_logit_recovers_the_weights_behind_the_choices() -> None:
    generator = np.random.default_rng(5)
    weights = np.array([3.0, 2.0, 0.5, 1.0, 0.0, 1.5])
    gaps = generator.choice([-0.6, 0.0, 0.6], (40_000, 6))
    taken = gaps @ weights + generator.logistic(size=40_000) > 0
    table = survey._importance(gaps, taken)
    np.testing.assert_allclose(table["importance"], weights / weights.sum(), atol=0.01)
    assert ((table["low"] <= weights / weights.sum()) & (weights / weights.sum() <= table["high"])).sum() >= 4


def test_a_firm_nobody_buys_from_can_be_surveyed_in_vain() -> None:
    nobody = run("_baseline", sets={"choose.consider_at": 1}, customers=60, weeks=3)
    for ask in (survey.satisfaction, survey.net_promoter_score, survey.loyalty_index):
        table = ask(nobody)
        assert table["mean"].isna().all()
        assert (table["asked"] == 0).all()
    assert survey.attribute_importance(nobody).empty
