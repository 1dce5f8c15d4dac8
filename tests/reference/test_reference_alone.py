"""What must hold in any market, asserted on the plain engine by itself."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from math import floor, sqrt

import numpy as np
import pytest

from sim import chance
from sim.plan import FirmPlan, Network, Spread

from . import plans
from .firm import COLUMNS, STOCKS
from .market import LEVELS, ReferenceMarket
from .markets import DEALS, FICKLE, MARKETS, scandal, table_with
from .mechanisms import MECHANISMS
from .plans import plan_by_hand
from .ties import make_ties

STAGES = ("unaware", "aware", "trusting", "buyer", "satisfied", "loyal", "advocate", "dormant", "lost")


# Of the markets of one mechanism each, those that have them all are enough here.
EVERY_MARKET = MARKETS | {name: changes for name, changes in MECHANISMS.items() if name.startswith("everything")}


@pytest.fixture(params=EVERY_MARKET)
def market(request) -> ReferenceMarket:
    """One of the small markets, at its first week."""
    return ReferenceMarket(plan_by_hand(**EVERY_MARKET[request.param]))


def run(**changes) -> ReferenceMarket:
    """A market made by hand, lived to its end."""
    return ReferenceMarket(plan_by_hand(**changes)).run()


def test_books_balance_every_week(market):
    plan, profit, opening_liability = market.plan, 0.0, None
    fixed = 0.0
    while market.week < plan.warm_up + plan.weeks:
        if market.week == plan.warm_up:
            opening_liability = [firm.points_liability for firm in market.firm_agents]
            profit, fixed = np.zeros(len(plan.firms)), np.zeros(len(plan.firms))
        market.step()
        state, firms = market.state(), market.firms()
        for column in COLUMNS:
            of_firms = [firm.books[column] for firm in market.firm_agents]
            np.testing.assert_allclose(state[column].sum(axis=0), of_firms, rtol=1e-9, atol=1e-9)
        profit, fixed = profit + firms["profit"], fixed + firms["fixed"]
    earned = state["revenue"] - sum(state[column] for column in COLUMNS[1:])
    rise = np.array([firm.points_liability for firm in market.firm_agents]) - opening_liability
    np.testing.assert_allclose(profit, earned.sum(axis=0) - fixed - rise, rtol=1e-9)


def test_transactions_are_the_revenue_and_the_purchases(market):
    market.run()
    state, warm_up = market.state(), market.plan.warm_up
    paid = np.zeros_like(state["revenue"])
    count = np.zeros_like(state["purchases"])
    for customer, week, firm, amount, _ in market.transactions:
        count[customer, firm] += 1
        if week >= warm_up:
            paid[customer, firm] += amount
    np.testing.assert_array_equal(count, state["purchases"])
    np.testing.assert_allclose(paid, state["revenue"] - state["rewards"], atol=1e-9)


def test_levels_are_stored_in_single_precision_within_their_bounds(market):
    for _ in range(20):
        market.step()
    state, firms = market.state(), market.firms()
    for values in (state[name] for name in LEVELS):
        np.testing.assert_array_equal(values, values.astype(np.float32).astype(float))
    for values in [*(state[name] for name in LEVELS[:7]), *(firms[name] for name in STOCKS)]:
        assert values.min() >= 0.0
        assert values.max() <= 1.0


def test_stages_agree_with_reasons_and_purchases(market):
    market.run()
    state = market.state()
    np.testing.assert_array_equal(state["stage"] == "lost", state["reason"] != 0)
    before_buying = np.isin(state["stage"], ("unaware", "aware", "trusting"))
    stayed = state["reason"] == 0
    np.testing.assert_array_equal(before_buying & stayed, (state["purchases"] == 0) & stayed)


def test_every_stage_and_every_reason_can_be_reached():
    stages, reasons = Counter(), Counter()
    for changes in MARKETS.values():
        market = ReferenceMarket(plan_by_hand(**changes))
        while market.week < market.plan.warm_up + market.plan.weeks:
            market.step()
            state = market.state()
            stages.update(state["stage"].ravel().tolist())
            reasons.update(state["reason"].ravel().tolist())
    assert set(reasons) == {0, 1, 2, 3, 4, 5}
    assert set(stages) == set(STAGES)


def test_every_mechanism_is_met():
    """Kinds of campaign (negative: control group), tiers, channels, kinds of loyalty, phases, further sales."""
    met = {name: set() for name in ("campaign", "tier", "channels", "loyalty", "phase", "bargains", "offer")}
    for changes in MECHANISMS.values():
        market = ReferenceMarket(plan_by_hand(**changes))
        while market.week < market.plan.warm_up + market.plan.weeks:
            market.step()
            state = market.state()
            for name, values in met.items():
                values.update(state[name].ravel().tolist())
    assert met["campaign"] == set(range(-4, 5))
    assert met["tier"] == {0, 1, 2}
    assert met["channels"] >= set(range(7))
    assert met["loyalty"] == {"none", "impulse", "affective", "cognitive", "behavioural"}
    assert met["phase"] == {"none", "exploration", "formation", "stability", "decline"}
    assert max(met["bargains"]) > 5
    assert max(met["offer"]) > 0.3


def test_campaigns_spend_no_more_than_they_may_and_leave_the_control_group_alone():
    market, windows = ReferenceMarket(plan_by_hand(**MECHANISMS["acquisition with control groups"])), 4
    cost = np.array([0.03, 0.08, 0.1]) * 10.0
    most = np.floor(np.array([2.0, 2.5, 4.0]) / cost)
    contacts, before = np.zeros(3), market.state()["week_of_contact"]
    while market.week < 34:
        market.step()
        state = market.state()
        is_meant = (state["week_of_contact"] == market.week - 1) & (np.abs(state["campaign"]) == 1)
        assert (is_meant.sum(axis=0) <= most).all()
        assert ((before[is_meant] == -1) | (market.week - 1 - before[is_meant] >= windows)).all()
        before = state["week_of_contact"]
        contacts += is_meant.sum(axis=0)
    assert (contacts > 20).all()
    in_control_group = state["campaign"] == -1
    assert in_control_group.any()
    assert (state["offer"][in_control_group] == 0.0).all()


def test_tiers_are_the_shares_of_the_buyers_that_were_asked_for():
    market = ReferenceMarket(plan_by_hand(**MECHANISMS["tiers"]))
    while market.week < 16:
        market.step()
    state = market.state()
    buyers = ((state["purchases"] > 0) & (state["reason"] == 0)).sum(axis=0)
    market.step()
    tier = market.state()["tier"]
    np.testing.assert_array_equal((tier == 2).sum(axis=0), np.floor(np.array([0.1, 0.5, 0.0]) * buyers + 0.5))
    assert abs((tier[:, 2] == 1).sum() - 0.3 * buyers[2]) <= 0.5
    assert (tier[:, 1] == 0).sum() >= 100 - buyers[1]


def test_a_firm_that_enters_later_sells_nothing_before():
    first_week = {}
    for _, week, firm, *_ in sorted(run(**MECHANISMS["late entrants"]).transactions, key=lambda sale: -sale[1]):
        first_week[firm] = week
    assert first_week[0] == 0
    assert 9 <= first_week[1] <= 12
    assert 4 <= first_week[2] <= 8


def test_win_back_brings_people_back():
    def returned(spend: float) -> int:
        changes = MARKETS["fickle"] | {"levers": {"winback.spend": spend}}
        market, count = ReferenceMarket(plan_by_hand(**changes)), 0
        before = market.state()["reason"]
        while market.week < 34:
            market.step()
            now = market.state()["reason"]
            count += int(((before != 0) & (now == 0)).sum())
            before = now
        return count

    assert returned(500.0) > returned(0.0) > 0


def test_only_unprofitable_customers_are_let_go():
    market = ReferenceMarket(plan_by_hand(**MARKETS["letting go"]))
    before = market.state()
    for _ in range(34):
        is_new_ledger = market.week == market.plan.warm_up
        market.step()
        state = market.state()
        let_go = (state["reason"] == 1) & (before["reason"] != 1)
        assert not let_go[:, 1:].any()
        earned = before["revenue"] - before["cost_of_goods"] - before["cost_to_serve"] - before["rewards"]
        assert not let_go.any() or (not is_new_ledger and earned[let_go].max() < -2.0)
        before = state
    assert (state["reason"][:, 0] == 1).any()


@pytest.mark.parametrize("name", EVERY_MARKET)
def test_the_order_of_customers_does_not_matter(name):
    plan = plan_by_hand(**EVERY_MARKET[name])
    forwards, backwards = ReferenceMarket(plan), ReferenceMarket(plan)
    backwards.visiting_order.reverse()
    for _ in range(plan.warm_up + plan.weeks):
        forwards.step()
        backwards.step()
    for mine, other in [
        (forwards.state(), backwards.state()),
        (forwards.firms(), backwards.firms()),
    ]:
        for key in mine:
            np.testing.assert_array_equal(mine[key], other[key], err_msg=key)
    assert sorted(forwards.transactions) == sorted(backwards.transactions)
    assert sorted(forwards.messages) == sorted(backwards.messages)


def test_a_lever_changes_no_draw():
    one, other = run(), run(levers=DEALS | {"advertising.spend": 400.0, "pricing.list_price": 4.0})
    for name in ("segment", "need_rate", "weights", "week_of_moving", "taste", "access", "complaint"):
        np.testing.assert_array_equal(one.state()[name], other.state()[name])
    assert [customer.ties for customer in one.customers] == [customer.ties for customer in other.customers]


def test_a_lower_price_only_wins_customers_in_the_first_week():
    def first_choices(price: float) -> dict[int, int]:
        market = ReferenceMarket(plan_by_hand(market_size=400, levers={"pricing.list_price": (price, 10.0, 7.5)}))
        market.step()
        return {customer: firm for customer, _, firm, *_ in reversed(market.transactions)}

    dear, cheap = first_choices(12.0), first_choices(8.0)
    assert {c for c, firm in dear.items() if firm == 0} < {c for c, firm in cheap.items() if firm == 0}
    assert all(cheap[c] in (firm, 0) for c, firm in dear.items())


def test_isolated_customers_change_no_traits_and_know_nobody():
    plan = plan_by_hand()
    alone, joined = ReferenceMarket(plan), ReferenceMarket(plan, isolated=7)
    assert len(joined.customers) == plan.market_size + 7
    assert [c.ties for c in joined.customers] == [c.ties for c in alone.customers] + [[]] * 7
    np.testing.assert_array_equal(joined.state()["weights"][:-7], alone.state()["weights"])
    joined.run()
    assert all(max(sent, to) < plan.market_size for _, sent, to, *_ in joined.messages)


@pytest.mark.parametrize("name", ["programme and deals", "contract"])
def test_points_issued_are_held_redeemed_or_lapsed(name):
    market = ReferenceMarket(plan_by_hand(**MARKETS[name]))
    for _ in range(34):
        market.step()
        for firm in market.firm_agents:
            gone = firm.points_redeemed + firm.points_lapsed
            assert firm.points_issued == market.points_held(firm) + gone
    assert market.firm_agents[0].points_redeemed > 0
    assert market.firm_agents[0].points_lapsed > 0


def test_what_is_heard_is_what_was_told_along_ties(market):
    while market.week < market.plan.warm_up + market.plan.weeks:
        market.step()
        told = [message for message in market.messages if message[0] == market.week - 1]
        state = market.state()
        heard = {"good": np.zeros_like(state["good"]), "bad": np.zeros_like(state["bad"])}
        for _, sender, to, firm, is_good in told:
            heard["good" if is_good else "bad"][to, firm] += 1
            assert to in market.customers[sender].ties
        for tone in ("good", "bad"):
            np.testing.assert_array_equal(state[tone], heard[tone])


def test_both_good_and_bad_words_are_told():
    tones = Counter(message[4] for message in run(**MARKETS["programme and deals"]).messages)
    assert tones[0] > 0
    assert tones[1] > 0


def test_neighbours_and_buyers_who_adopted_are_counted(market):
    market.run()
    has_bought = market.state()["purchases"] > 0
    for customer in market.customers:
        for f, relation in enumerate(customer.relations):
            assert relation.adopted_neighbours == sum(has_bought[other, f] for other in customer.ties)
    np.testing.assert_array_equal(market.firms()["buyers"], has_bought.sum(axis=0))


def test_a_contract_is_kept_for_its_weeks_by_those_who_do_not_walk_out():
    weeks = {}
    patient = MARKETS["contract"] | {"parameters": FICKLE | {"experience.exit_rate": 0.0}}
    for customer, week, *_ in sorted(run(**patient).transactions):
        assert week - weeks.get(customer, -99) >= 5
        weeks[customer] = week


def test_events_are_felt():
    plan = plan_by_hand(need_factor=table_with(34, start=10, end=20, factor=0.0), trust_shock=scandal())
    market = ReferenceMarket(plan)
    while market.week < 12:
        market.step()
    before = market.state()["trust"][:, 0].mean()
    market.step()
    assert market.state()["trust"][:, 0].mean() < 0.6 * before
    market.run()
    bought_in = {week for _, week, *_ in market.transactions}
    assert bought_in.isdisjoint(range(10, 20))
    assert {9, 20} <= bought_in


def test_those_who_move_are_gone():
    segment = replace(plans.SEGMENTS[0], share=1.0, moving=Spread(0.1))
    market = run(segments=(segment,), levers={"winback.spend": 0.0})
    moved = market.state()["week_of_moving"]
    assert all(week <= moved[customer] for customer, week, *_ in market.transactions)
    state = market.state()
    assert set(state["reason"][moved <= 33].ravel().tolist()) <= {0, 2, 3, 4, 5}
    never_bought = (state["purchases"] == 0) & (moved <= 33)[:, None]
    assert (state["reason"][never_bought] == 5).all()
    np.testing.assert_array_equal(np.unique(state["cost_to_reach"], axis=0).shape[0], 1)


def test_networks_are_built_as_described():
    ring = make_ties(plan_by_hand(market_size=10, network=Network("small_world", 4, 0.0)))
    assert all(sorted((o - i) % 10 for o in others) == [1, 2, 8, 9] for i, others in enumerate(ring))
    assert ring[3] == [1, 2, 4, 5]  # in the order in which edges were made: those of 1 and 2 come first
    rewired = make_ties(plan_by_hand(market_size=10, network=Network("small_world", 4, 1.0)))
    for i, j in ((0, 1), (4, 2)):
        anybody = floor(chance.uniform(11, chance.NETWORK, 0, i, 2 * j + 1) * 10)
        assert (anybody if anybody != i else i + j) in rewired[i]
    free = make_ties(plan_by_hand(market_size=200, network=Network("scale_free", 6)))
    assert sum(len(others) for others in free) == 2 * (1 + 2 + 3 * 197)
    assert max(len(others) for others in free) > 30


def test_one_purchase_worked_with_a_pencil():
    """One firm of which everything is known, nothing spent, no luck: the numbers are worked out by hand."""
    firm = FirmPlan("Only", 1.0, 1.0, 6.0, (0.8, 0.6, 0.4, 0.2, 1.0, 0.5, 0.0))
    weights = (1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0)
    segment = replace(plans.SEGMENTS[1], share=1.0, weights=weights, need_rate=40.0, fit=(1.0,))
    nothing = {name: 0.0 for name in plans.LEVERS if name.endswith(".spend")}
    market = ReferenceMarket(
        plan_by_hand(
            market_size=1,
            firms=(firm,),
            segments=(segment,),
            contract_weeks=2,
            outside_value=-99.0,
            levers=nothing | {"service.agents": 1.0, "advertising.promise": 0.0},
            parameters={
                "trust.start_spread": 0.0,
                "trust.start": 0.3,
                "judge.as_expected": 0.65,
                "experience.variability": 0.0,
                "experience.contact_rate": 1.0,
                "experience.failure_rate": 0.0,
            },
        )
    )
    market.step()
    relation = market.customers[0].relations[0]
    # Quality is (0.8 + 0.6 + 0.4 + 0.2) / 4 = 0.5, just what was expected, which satisfies to 0.65.
    satisfaction = 0.5 + 0.35 * (0.65 - 0.5)
    assert relation.satisfaction == pytest.approx(satisfaction, rel=1e-6)
    assert relation.expectation == 0.5
    assert relation.surprise == pytest.approx(0.0, abs=1e-12)
    target = 0.5 * satisfaction + 0.35 * 0.3 + 0.15 * 0.2
    assert relation.commitment == pytest.approx(0.1 * target * 0.995, rel=1e-6)
    assert relation.habit == pytest.approx(0.12 * 0.97, rel=1e-6)
    assert market.firms()["profit"][0] == pytest.approx(10.0 - 6.0 - 1.0 - 600.0)
    market.step()
    load = 4.0 / 1800.0
    assert market.firms()["wait"][0] == pytest.approx(4.0 * load ** (sqrt(4.0) - 1.0) / (1.0 - load))
    assert relation.trust == pytest.approx(0.3 + 0.08 * 0.7, rel=1e-6)
