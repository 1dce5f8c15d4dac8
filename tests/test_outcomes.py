"""Every outcome once more, from the customers and their purchases, by somebody who never saw the formulas."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sim import outcomes, results
from sim.engine import Engine
from sim.outcomes import OUTCOMES
from sim.plan import Plan
from sim.results import Run
from sim.scenario import load_scenario
from sim.world import TALLY

WARM_UP, WEEKS, QUARTER = 16, 30, 13
ACTIVE = {"buyer", "satisfied", "loyal", "advocate"}
FIXED = ("product", "place", "convenience", "training", "crm", "online", "reposition")
LEDGER = ("revenue", "cost_of_goods", "cost_to_serve", "cost_to_reach", "rewards")
ASKED_FOR = {
    "retention", "profit", "revenue", "active_customers", "market_share", "satisfaction", "trust",
    "net_promoter_score", "share_of_wallet", "lifetime_value", "customer_equity", "cost_per_acquisition",
    "top20_profit_share",
}  # fmt: skip


@dataclass
class Lived:
    """A recorded run, and every customer as they stood at the end of every week, warm-up included."""

    run: Run
    frames: list[pd.DataFrame]

    @property
    def plan(self) -> Plan:
        return self.run.plan

    @property
    def firms(self) -> list[str]:
        return [firm.name for firm in self.plan.firms]

    def after(self, week: int) -> pd.DataFrame:
        """The customers at the end of a reported week; those of the warm-up are negative."""
        return self.frames[WARM_UP + week]

    def active(self, week: int, firm: str) -> set[int]:
        frame = self.after(week)
        return set(frame.index[frame[f"{firm}.stage"].isin(ACTIVE)])

    def booked(self, week: int, firm: str, column: str) -> float:
        """Money entered in the customers' books in one reported week."""
        before = self.after(week - 1)[f"{firm}.{column}"].sum() if week > 0 else 0.0
        return float(self.after(week)[f"{firm}.{column}"].sum() - before)

    def late_mean(self, of_week: list[float]) -> float:
        return float(np.mean(of_week[-QUARTER:]))


@pytest.fixture(scope="module", params=[("coffee", "stamp_card"), ("telecom", "win_back")], ids=["coffee", "telecom"])
def lived(request: pytest.FixtureRequest) -> Lived:
    name, strategy = request.param
    plan = load_scenario(name).plan(strategy, customers=220, warm_up=WARM_UP, weeks=WEEKS, seed=7)
    engine, frames = Engine(plan), []
    while not engine.is_finished:
        engine.advance(1)
        frames.append(results.finished(engine).customers)
    return Lived(results.run_plan(plan, is_recorded=True), frames)


def assert_outcome(lived: Lived, name: str, expected: list[float], tolerance: float = 1e-9) -> None:
    """The outcome of every firm over the whole time is what was worked out here."""
    assert np.isfinite(expected).any(), f"No firm has a {name}, so that this compares nothing."
    np.testing.assert_allclose(lived.run.numbers[name], expected, rtol=tolerance, err_msg=f"{name} of the firms.")


def assert_course(lived: Lived, name: str, firm: str, expected: list[float], tolerance: float = 1e-9) -> None:
    """The weekly course of an outcome is what was worked out here, and stands in the weekly table."""
    weekly = lived.run.weekly
    course = weekly.loc[weekly["firm"] == firm].sort_values("week")[name]
    np.testing.assert_allclose(course, expected, rtol=tolerance, atol=1e-9, err_msg=f"{name} of {firm}, week by week.")


# ---------------------------------------------------------------- the books


def test_the_last_week_seen_by_stepping_is_the_end_of_the_run(lived: Lived) -> None:
    pd.testing.assert_frame_equal(lived.after(WEEKS - 1), lived.run.customers)


def test_revenue_is_the_price_of_everything_sold(lived: Lived) -> None:
    sales, end = lived.run.transactions, lived.run.customers
    assert len(sales) > 200
    totals = []
    for firm in lived.firms:
        paid = sales.loc[sales["firm"] == firm, "amount"].sum()
        totals.append(paid + end[f"{firm}.rewards"].sum())
        assert end[f"{firm}.revenue"].sum() == pytest.approx(totals[-1])
        assert_course(lived, "revenue", firm, [lived.booked(w, firm, "revenue") for w in range(WEEKS)])
    assert_outcome(lived, "revenue", totals)


def test_margins_are_what_was_paid_less_the_goods(lived: Lived) -> None:
    sales, end = lived.run.transactions, lived.run.customers
    for firm, plan in zip(lived.firms, lived.plan.firms, strict=True):
        mine = sales[sales["firm"] == firm]
        np.testing.assert_allclose(mine["margin"], mine["amount"] - plan.unit_cost)
        assert end[f"{firm}.cost_of_goods"].sum() == pytest.approx(plan.unit_cost * len(mine))


def test_profit_is_revenue_less_every_cost_and_the_rise_of_the_points_owed(lived: Lived) -> None:
    plan, end = lived.plan, lived.run.customers
    profits = []
    for f, firm in enumerate(lived.firms):
        earned = {column: end[f"{firm}.{column}"].sum() for column in LEDGER}
        fixed = 0.0
        for week in range(WARM_UP, WARM_UP + WEEKS):
            spend = sum(plan.lever(f"{s}.spend", week, f) for s in FIXED)
            fixed += (spend + plan.lever("service.agents", week, f) * plan.parameters["service"]["wage"]) * plan.scale
        owed = []
        for week in (-1, WEEKS - 1):
            needed = plan.lever("programme.reward_points", WARM_UP + week, f)
            worth = plan.lever("programme.reward_value", WARM_UP + week, f)
            owed.append(lived.after(week)[f"{firm}.points"].sum() * worth / needed if needed else 0.0)
        costs = sum(earned[column] for column in LEDGER if column != "revenue")
        profits.append(earned["revenue"] - costs - fixed - (owed[1] - owed[0]))
    if lived.plan.scenario == "coffee":
        assert owed[1] == 0.0, "Only the first firm gives stamps."
        assert end["corner.rewards"].sum() > 0, "No card was ever full."
    assert_outcome(lived, "profit", profits, 1e-8)  # points are kept in single precision


# ---------------------------------------------------------------- customers


def test_active_customers_are_buyers_neither_lost_nor_dormant(lived: Lived) -> None:
    for firm in lived.firms:
        assert_course(lived, "active_customers", firm, [len(lived.active(w, firm)) for w in range(WEEKS)])
    assert_outcome(lived, "active_customers", [len(lived.active(WEEKS - 1, firm)) for firm in lived.firms])


def test_new_customers_bought_for_the_first_time(lived: Lived) -> None:
    end = lived.run.customers
    assert_outcome(lived, "new_customers", [(end[f"{firm}.first_purchase"] >= 0).sum() for firm in lived.firms])


def test_lost_customers_had_bought_and_left(lived: Lived) -> None:
    lost = []
    for firm in lived.firms:
        stages = pd.DataFrame({w: lived.after(w)[f"{firm}.stage"] for w in range(-1, WEEKS)})
        bought = pd.DataFrame({w: lived.after(w)[f"{firm}.purchases"] > 0 for w in range(-1, WEEKS)})
        gone = (stages == "lost") & bought
        lost.append(int((gone & ~(stages.shift(axis=1) == "lost")).iloc[:, 1:].sum().sum()))
    assert_outcome(lived, "lost_customers", lost)


def retention(lived: Lived, firm: str, week: int) -> float:
    before, now = lived.active(week - QUARTER, firm), lived.active(week, firm)
    return len(before & now) / len(before)


def test_retention_is_the_share_of_a_quarter_ago_s_active_who_are_active_now(lived: Lived) -> None:
    courses = {firm: [retention(lived, firm, week) for week in range(WEEKS)] for firm in lived.firms}
    for firm, course in courses.items():
        assert_course(lived, "retention", firm, course)
    assert_outcome(lived, "retention", [lived.late_mean(course) for course in courses.values()])


@pytest.mark.parametrize("name", ["satisfaction", "expectation", "trust"])
def test_feelings_are_means_over_active_customers(lived: Lived, name: str) -> None:
    means = []
    for firm in lived.firms:
        course = [
            lived.after(w).loc[sorted(lived.active(w, firm)), f"{firm}.{name}"].astype(float).mean()
            for w in range(WEEKS)
        ]
        assert_course(lived, name, firm, course, tolerance=1e-6)
        means.append(lived.late_mean(course))
    assert_outcome(lived, name, means, tolerance=1e-6)


def test_the_net_promoter_score_counts_answers_of_nine_and_of_six(lived: Lived) -> None:
    numbers = lived.plan.parameters["tell"]
    floor, weight = numbers["recommend_floor"], numbers["recommend_commitment"]
    scores = []
    for firm in lived.firms:
        course = []
        for week in range(WEEKS):
            who = lived.after(week).loc[sorted(lived.active(week, firm))]
            liking = (1 - weight) * who[f"{firm}.satisfaction"].astype(float)
            liking += weight * who[f"{firm}.commitment"].astype(float)
            answers = np.floor(10 * (floor + (1 - floor) * liking) + 0.5)
            course.append(100 * ((answers >= 9).mean() - (answers <= 6).mean()))
        assert_course(lived, "net_promoter_score", firm, course)
        scores.append(lived.late_mean(course))
    assert_outcome(lived, "net_promoter_score", scores)


def test_waiting_follows_last_week_s_contacts(lived: Lived) -> None:
    plan, tally, service = lived.plan, lived.run.engine.tally, lived.plan.parameters["service"]
    for f, firm in enumerate(lived.firms):
        course = lived.run.weekly.query("firm == @firm").sort_values("week")["waiting"].to_numpy()
        for week in range(1, WEEKS):
            agents = plan.lever("service.agents", WARM_UP + week, f)
            contacts = tally["contacts"][week - 1, f] / plan.scale
            load = contacts * service["handling_minutes"] / (agents * service["agent_minutes"])
            expected = service["longest_wait"]
            if load < 1:
                queue = load ** (math.sqrt(2 * (agents + 1)) - 1) / (agents * (1 - load))
                expected = min(expected, service["handling_minutes"] * queue)
            assert course[week] == pytest.approx(expected), f"Waiting at {firm} in week {week}."


# ---------------------------------------------------------------- shares and values


def test_the_market_share_is_of_all_firms_revenue(lived: Lived) -> None:
    revenue = np.array([[lived.booked(w, firm, "revenue") for firm in lived.firms] for w in range(WEEKS)])
    shares = revenue / revenue.sum(axis=1, keepdims=True)
    for f, firm in enumerate(lived.firms):
        assert_course(lived, "market_share", firm, shares[:, f].tolist())
    assert_outcome(lived, "market_share", shares[-QUARTER:].mean(axis=0).tolist())
    assert lived.run.numbers["market_share"].sum() == pytest.approx(1)


def test_the_share_of_wallet_is_of_what_active_customers_spent_anywhere(lived: Lived) -> None:
    end = lived.run.customers
    shares = []
    for firm in lived.firms:
        who = end.loc[sorted(lived.active(WEEKS - 1, firm))]
        shares.append(who[f"{firm}.revenue"].sum() / who[[f"{f}.revenue" for f in lived.firms]].sum().sum())
    assert_outcome(lived, "share_of_wallet", shares)


def test_the_cost_per_acquisition_is_spending_on_reach_over_first_purchases(lived: Lived) -> None:
    end, plan = lived.run.customers, lived.plan
    costs = []
    for f, firm in enumerate(lived.firms):
        reach = ("advertising", "communication", "insight", "image", "responsibility", "community")
        weeks = range(WARM_UP, WARM_UP + WEEKS)
        spent = sum(plan.lever(f"{name}.spend", week, f) for name in reach for week in weeks) * plan.scale
        spent += lived.run.engine.tally["campaign_cost"][:, f].sum()
        assert end[f"{firm}.cost_to_reach"].sum() == pytest.approx(spent), f"What {firm} spent is not what it booked."
        new = (end[f"{firm}.first_purchase"] >= 0).sum()
        costs.append(spent / new if new else math.nan)
    assert_outcome(lived, "cost_per_acquisition", costs)


def test_lifetime_value_and_customer_equity_by_hand(lived: Lived) -> None:
    interest = (1 + lived.plan.discount_rate) ** (13 / 52) - 1
    values, equities = [], []
    for firm in lived.firms:
        weeks = range(WEEKS - QUARTER, WEEKS)
        earned = sum(lived.booked(w, firm, "revenue") for w in weeks)
        earned -= sum(lived.booked(w, firm, c) for w in weeks for c in ("cost_of_goods", "cost_to_serve", "rewards"))
        customer_weeks = sum(len(lived.active(w, firm)) for w in weeks)
        kept = retention(lived, firm, WEEKS - 1)
        values.append(13 * earned / customer_weeks * kept / (1 + interest - kept))
        equities.append(values[-1] * len(lived.active(WEEKS - 1, firm)))
    assert_outcome(lived, "lifetime_value", values)
    assert_outcome(lived, "customer_equity", equities)


def test_the_best_fifth_s_share_by_pandas(lived: Lived) -> None:
    shares = []
    for firm in lived.firms:
        books = lived.run.customers[[f"{firm}.{column}" for column in LEDGER]].set_axis(LEDGER, axis=1)
        books = books[books["revenue"] > 0]
        earned = 2 * books["revenue"] - books.sum(axis=1)
        shares.append(earned.nlargest(round(len(earned) / 5)).sum() / earned.sum())
        last = lived.run.weekly.query("firm == @firm")["top20_profit_share"].iloc[-1]
        assert last == pytest.approx(shares[-1])
    assert_outcome(lived, "top20_profit_share", shares)


# ---------------------------------------------------------------- where there is no value


def test_where_everybody_stays_and_nothing_is_discounted_there_is_no_lifetime_value() -> None:
    tally = np.zeros((3, 1), [(name, "f8") for name in TALLY])
    for name, value in (("revenue", 9.0), ("active", 2.0), ("active_quarter_ago", 2.0), ("kept_quarter", 2.0)):
        tally[name] = value
    undiscounted = SimpleNamespace(plan=SimpleNamespace(discount_rate=0.0))
    discounted = SimpleNamespace(plan=SimpleNamespace(discount_rate=0.21550625))  # 5% a quarter
    value = OUTCOMES["lifetime_value"].weekly
    assert value is not None
    assert np.isnan(value(tally, undiscounted)).all()  # type: ignore[arg-type]
    np.testing.assert_allclose(value(tally, discounted), 13 * 4.5 / 0.05)  # type: ignore[arg-type]


def test_of_a_loss_nobody_brings_a_share() -> None:
    plan = load_scenario("coffee").plan("opening", customers=100, weeks=5, sets={"pricing.list_price": 0.5})
    run = results.run_plan(plan)
    assert run.customers["corner.revenue"].sum() > 0
    assert math.isnan(run.outcomes["top20_profit_share"])


def test_weeks_without_a_value_do_not_spoil_the_mean_of_the_quarter() -> None:
    engine = Engine(load_scenario("coffee").plan(customers=60, warm_up=0, weeks=20))
    engine.run()
    course = outcomes.weekly(engine)["retention"]
    assert np.isnan(course[:QUARTER]).all(), "Nobody was active before the first week."
    expected = course[QUARTER:].mean(axis=0)
    np.testing.assert_allclose(outcomes.over_horizon(engine)["retention"], expected)


def test_before_the_first_week_there_is_no_value() -> None:
    engine = Engine(load_scenario("coffee").plan(customers=60, weeks=2))
    engine.warm_up()
    values = outcomes.over_horizon(engine)
    assert set(values) == set(OUTCOMES)
    assert all(np.isnan(numbers).all() and numbers.shape == (3,) for numbers in values.values())


# ---------------------------------------------------------------- what is said of them


def test_the_outcomes_that_were_asked_for_exist() -> None:
    assert set(OUTCOMES) >= ASKED_FOR


@pytest.mark.parametrize("name", OUTCOMES)
def test_every_outcome_says_what_it_is_in_both_languages(name: str) -> None:
    outcome = OUTCOMES[name]
    assert outcome.name == name
    for texts in (outcome.label, outcome.meaning):
        assert set(texts) == {"en", "zh"}
        assert all(text.strip() for text in texts.values())
        assert any("\u4e00" <= c <= "\u9fff" for c in texts["zh"]), f"{name}: {texts['zh']} is no Chinese."
    assert outcome.meaning["en"].endswith("."), f"The meaning of {name} is not a whole sentence."
    assert outcome.unit
    assert outcome.better in {"up", "down", "neither"}
    assert outcome.over_weeks in {"sum", "last", "late"}
    assert outcome.covers
    alike = [other.name for other in OUTCOMES.values() for k in ("en", "zh") if other.label[k] == outcome.label[k]]
    assert alike == [name, name], f"{name} shares its label."


def test_the_weekly_table_has_a_column_for_every_outcome_and_a_row_for_every_week_and_firm(lived: Lived) -> None:
    weekly = lived.run.weekly
    assert [name for name in weekly if name in OUTCOMES] == list(OUTCOMES)
    assert len(weekly) == WEEKS * 3
    assert set(zip(weekly["week"], weekly["firm"], strict=True)) == {(w, f) for w in range(WEEKS) for f in lived.firms}
    stages = weekly[[name for name in weekly if name.startswith("stage_")]].sum(axis=1)
    assert (stages == 220).all(), "In some week some customer stands at no stage, or at two."


# ---------------------------------------------------------------- the tables of customers


def test_weeks_in_the_table_of_customers_are_reported_weeks(lived: Lived) -> None:
    end, sales = lived.run.customers, lived.run.transactions
    for firm in lived.firms:
        mine = sales[sales["firm"] == firm].groupby("customer_id")["week"]
        last = end[f"{firm}.last_purchase"].dropna()
        assert mine.max().to_dict() == last[last >= 0].astype(int).to_dict()
        first = end[f"{firm}.first_purchase"].dropna()
        new = first[first >= 0].astype(int).to_dict()
        assert {who: week for who, week in mine.min().items() if who in new} == new
        assert end.loc[end[f"{firm}.purchases"] == 0, f"{firm}.first_purchase"].isna().all()
    moved = end["week_of_moving"].dropna()
    assert (moved >= -WARM_UP).all()
    assert moved.max() < 32_000 - WARM_UP, "Who never moves has a week of moving."
    gone = end.index[(end["week_of_moving"] < WEEKS).fillna(False)]
    assert (end.loc[gone, f"{lived.firms[0]}.stage"] == "lost").all()
    assert len(gone)


def test_contracts_in_the_table_of_customers_name_their_firm(lived: Lived) -> None:
    end = lived.run.customers
    if not lived.plan.contract_weeks:
        assert (end["contract_firm"] == "").all()
        assert end["contract_until"].isna().all()
        return
    held = end[end["contract_firm"] != ""]
    assert set(held["contract_firm"]) == set(lived.firms)
    assert held["contract_until"].between(WEEKS - 1, WEEKS - 1 + lived.plan.contract_weeks).all()
    assert end.loc[end["contract_firm"] == "", "contract_until"].isna().all()


def test_messages_are_the_praise_and_blame_that_was_counted(lived: Lived) -> None:
    told, tally = lived.run.messages_told, lived.run.engine.tally
    counted = told.groupby(["week", "firm", "positive"]).size()
    for f, firm in enumerate(lived.firms):
        for positive, name in ((1, "praise"), (0, "blame")):
            course = [counted.get((week, firm, positive), 0) for week in range(WEEKS)]
            assert course == tally[name][:, f].tolist(), f"The {name} of {firm}."
    assert set(told["positive"]) == {0, 1}


def test_a_shorter_run_is_the_beginning_of_a_longer_one(lived: Lived) -> None:
    tables = ("levers", "need_factor", "trend", "trust_shock")
    cut = {name: getattr(lived.plan, name)[: WARM_UP + 9] for name in tables}
    short = results.run_plan(replace(lived.plan, weeks=9, **cut))
    pd.testing.assert_frame_equal(short.customers, lived.after(8))
