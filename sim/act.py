"""Phases 1 and 2, and the firm's half of phase 11: what happens to the market and to each firm in a week."""

from __future__ import annotations

from sim.compiled import compiled
from sim.policies import pricing, programme, service, spending
from sim.world import (
    ADVERTISING,
    COMMUNICATION,
    CONVENIENCE,
    IMAGE,
    INSIGHT,
    PLACE,
    PRODUCT,
    TRAINING,
    WINBACK,
)  # fmt: skip


@compiled
def events(world, week):
    """Phase 1: the books open on the day the strategy starts; dated events already stand in the tables of the week."""
    if week != world.market[0].warm_up:
        return
    relations = world.relations
    for i in range(relations.shape[0]):
        for f in range(relations.shape[1]):
            relation = relations[i, f]
            relation.revenue = 0.0
            relation.cost_of_goods = 0.0
            relation.cost_to_serve = 0.0
            relation.cost_to_reach = 0.0
            relation.rewards = 0.0


@compiled
def act(world, week):
    """Phase 2: firms set prices, spend their budgets, build their stocks and staff the desk."""
    firms, market, p, x = world.firms, world.market[0], world.constants[0], world.columns[0]
    stocks, responses = world.stocks, world.responses
    for f in range(firms.size):
        firm, levers = firms[f], world.levers[week, f]
        spend = (
            levers[x.product_spend], levers[x.place_spend], levers[x.convenience_spend], levers[x.training_spend],
            levers[x.advertising_spend], levers[x.communication_spend], levers[x.insight_spend],
            levers[x.image_spend], levers[x.winback_spend],
        )  # fmt: skip
        reach, fixed = 0.0, 0.0
        for k in range(len(spend)):
            money = spend[k] * market.scale
            effect = spending.response(money / market.turnover, responses[k].half, responses[k].power)
            stocks[f, k] = spending.built(stocks[f, k], effect, responses[k].build)
            if k >= ADVERTISING:
                reach += money
            else:
                fixed += money
        firm.product = spending.level(firm.base_product, stocks[f, PRODUCT])
        firm.personnel = spending.level(firm.base_personnel, stocks[f, TRAINING])
        firm.image = spending.level(firm.base_image, stocks[f, IMAGE])
        firm.place = spending.level(firm.base_place, stocks[f, PLACE])
        firm.convenience = spending.level(firm.base_convenience, stocks[f, CONVENIENCE])
        firm.consistency = stocks[f, TRAINING]
        firm.advertising = stocks[f, ADVERTISING]
        firm.communication = stocks[f, COMMUNICATION]
        firm.insight = stocks[f, INSIGHT]
        firm.winback = stocks[f, WINBACK]
        firm.deal = pricing.deal_this_week(
            week, f, levers[x.pricing_promotion_depth], levers[x.pricing_promotion_every]
        )
        firm.price = pricing.price_paid(levers[x.pricing_list_price], firm.deal)
        agents = levers[x.service_agents]  # a desk of the scenario's size, whatever the size of this market
        firm.wait = service.waiting_minutes(
            firm.contacts / market.scale,
            agents,
            p.service_handling_minutes,
            p.service_agent_minutes,
            p.service_longest_wait,
        )
        firm.wait_share = firm.wait / p.service_longest_wait
        firm.service = firm.base_service * (1.0 - firm.wait_share)
        firm.promise = levers[x.advertising_promise]
        firm.points_per_purchase = levers[x.programme_points_per_purchase]
        firm.reward_points = levers[x.programme_reward_points]
        firm.reward_value = levers[x.programme_reward_value]
        firm.expiry_weeks = levers[x.programme_expiry_weeks]
        firm.recovery = levers[x.service_recovery]
        firm.let_go_loss = levers[x.service_let_go_loss]
        firm.reach_share = reach / market.size
        firm.fixed = fixed + agents * market.scale * p.service_wage
        firm.new_contacts = 0.0
        firm.new_buyers = 0.0


@compiled
def close(world, week):
    """Phase 11, the firm's half: the desk's load and the buyers for next week, the liability, the week's profit."""
    for f in range(world.firms.size):
        firm, tally = world.firms[f], world.tally[week, f]
        firm.contacts = firm.new_contacts
        firm.buyers += firm.new_buyers
        owed = programme.liability(tally.points_held, firm.reward_points, firm.reward_value)
        tally.contacts = firm.contacts
        tally.fixed = firm.fixed
        tally.liability = owed
        tally.wait = firm.wait
        tally.price = firm.price
        costs = tally.cost_of_goods + tally.cost_to_serve + tally.cost_to_reach + tally.rewards + tally.fixed
        tally.profit = tally.revenue - costs - (owed - firm.liability)
        firm.liability = owed
