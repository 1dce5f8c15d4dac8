"""Phases 1 and 2, and the firm's half of phase 11: what happens to the market and to each firm in a week."""

from __future__ import annotations

from sim.compiled import compiled
from sim.policies import crm, pricing, programme, reposition, reseller, service, spending, tiers
from sim.rules import tell
from sim.storage import BLOCK
from sim.world import (
    ADVERTISING,
    COMMUNICATION,
    COMMUNITY,
    CONVENIENCE,
    CRM,
    IMAGE,
    INSIGHT,
    ONLINE,
    PLACE,
    PRODUCT,
    REPOSITION,
    RESPONSIBILITY,
    TRAINING,
)  # fmt: skip


@compiled
def events(world, week):
    """Phase 1: the books open on the day the strategy starts; dated events already stand in the tables of the week."""
    if week != world.market[0].warm_up:
        return
    for b in range(world.relations.shape[0]):
        for f in range(world.relations.shape[1]):
            relation = world.relations[b, f]
            for k in range(BLOCK):
                relation.revenue[k] = 0.0
                relation.cost_of_goods[k] = 0.0
                relation.cost_to_serve[k] = 0.0
                relation.cost_to_reach[k] = 0.0
                relation.rewards[k] = 0.0


@compiled
def act(world, week):
    """Phase 2: firms set prices, spend their budgets, build their stocks and staff the desk."""
    market, x = world.market[0], world.columns[0]
    market.is_online = 0
    for f in range(world.firms.size):
        firm, levers = world.firms[f], world.levers[week, f]
        is_here = week >= firm.entry
        decide(firm, levers, x)
        spend(world, f, levers, is_here)
        stand(world, f, levers)
        staff(world, f, levers[x.service_agents] if is_here else 0.0)
        price(world, week, f, levers)
        if not is_here:
            firm.place, firm.online, firm.reseller, firm.wait, firm.wait_share = -1.0, 0.0, 0.0, 0.0, 0.0
        if firm.online > 0.0:
            market.is_online = 1
        firm.is_plain = is_plain(firm)
        firm.new_contacts, firm.new_buyers, firm.new_discount, firm.new_sales = 0.0, 0.0, 0.0, 0.0


@compiled
def decide(firm, levers, x):
    """Levers that customers and books meet as they stand."""
    firm.promise = levers[x.advertising_promise]
    firm.points_per_purchase = levers[x.programme_points_per_purchase]
    firm.reward_points = levers[x.programme_reward_points]
    firm.reward_value = levers[x.programme_reward_value]
    firm.expiry_weeks = levers[x.programme_expiry_weeks]
    firm.endowed_points = levers[x.programme_endowed_points]
    firm.referral_points = levers[x.programme_referral_points]
    firm.recovery = levers[x.service_recovery]
    firm.let_go_loss = levers[x.service_let_go_loss]
    firm.self_service = levers[x.service_self_service]
    firm.device_price = levers[x.pricing_device_price]
    firm.personal_depth = levers[x.personal_depth]
    firm.reseller_margin = levers[x.reseller_margin]
    firm.addon_price = levers[x.range_addon_price]
    firm.upgrade_premium = levers[x.range_upgrade_premium]
    firm.vip_share = levers[x.tiers_vip_share]
    firm.key_share = levers[x.tiers_key_share]
    firm.privilege = levers[x.tiers_privilege]
    firm.priority = levers[x.tiers_priority]
    firm.holdout = levers[x.campaign_holdout]
    firm.acquisition_aim = levers[x.acquisition_aim]
    firm.acquisition_target = levers[x.acquisition_target]
    firm.acquisition_offer = levers[x.acquisition_offer]
    firm.acquisition_spend = levers[x.acquisition_spend]
    firm.winback_reasons = levers[x.winback_reasons]
    firm.winback_within = levers[x.winback_within_weeks]
    firm.winback_offer = levers[x.winback_offer]
    firm.winback_spend = levers[x.winback_spend]
    firm.wake_offer = levers[x.wake_offer]
    firm.wake_spend = levers[x.wake_spend]
    firm.retention_aim = levers[x.retention_aim]
    firm.retention_offer = levers[x.retention_offer]
    firm.retention_spend = levers[x.retention_spend]


@compiled
def spend(world, f, levers, is_here):
    """Money into stocks; what is spent on all customers, and what whoever comes or not."""
    firm, market, x = world.firms[f], world.market[0], world.columns[0]
    stocks, responses = world.stocks[f], world.responses
    spends = (
        levers[x.product_spend], levers[x.place_spend], levers[x.convenience_spend], levers[x.training_spend],
        levers[x.crm_spend], levers[x.online_spend], levers[x.reposition_spend],
        levers[x.advertising_spend], levers[x.communication_spend], levers[x.insight_spend],
        levers[x.image_spend], levers[x.responsibility_spend], levers[x.community_spend],
    )  # fmt: skip
    reach, fixed = 0.0, 0.0
    for k in range(len(spends)):
        money = spends[k] * market.scale if is_here else 0.0
        effect = spending.response(money / market.turnover, responses[k].half, responses[k].power)
        stocks[k] = spending.built(stocks[k], effect, responses[k].build)
        if k >= ADVERTISING:
            reach += money
        else:
            fixed += money
    firm.reach_share = reach / market.size
    firm.fixed = fixed


@compiled
def stand(world, f, levers):
    """Where the firm stands this week: levels from stocks, ways to it, what it can do and who it is for."""
    firm, stocks, p, x = world.firms[f], world.stocks[f], world.constants[0], world.columns[0]
    firm.product = spending.level(firm.base_product, stocks[PRODUCT])
    firm.personnel = spending.level(firm.base_personnel, stocks[TRAINING])
    firm.place = spending.level(firm.base_place, stocks[PLACE])
    firm.convenience = spending.level(firm.base_convenience, stocks[CONVENIENCE])
    firm.online = spending.level(firm.base_online, stocks[ONLINE])
    firm.reseller, firm.distance = 0.0, p.channel_distance
    if firm.reseller_margin > 0.0:
        firm.reseller = firm.base_reseller * reseller.listing(firm.reseller_margin, p.channel_listing_half)
    firm.consistency = stocks[TRAINING]
    firm.capability = crm.capability(stocks[CRM], stocks[TRAINING])
    firm.advertising, firm.communication = stocks[ADVERTISING], stocks[COMMUNICATION]
    firm.insight, firm.community = stocks[INSIGHT], stocks[COMMUNITY]
    image = spending.level(firm.base_image, stocks[IMAGE])
    image = reposition.image_of_responsible(image, p.image_from_responsibility, stocks[RESPONSIBILITY])
    opened = levers[x.reposition_segment]
    if opened > 0.0:
        image = reposition.image_blurred(image, p.reposition_blur, stocks[REPOSITION])
    firm.image = image
    for s in range(world.fit.shape[0]):
        world.fit[s, f] = world.base_fit[s, f]
        if world.segments[s].group == opened:
            world.fit[s, f] = reposition.fit_adapted(world.base_fit[s, f], stocks[REPOSITION])
    worth = 0.0
    if firm.referral_points > 0.0 and firm.reward_points > 0.0:
        worth = min(1.0, firm.referral_points / firm.reward_points)
    firm.voice = tell.voice(p.tell_community, firm.community, p.tell_referral, worth)


@compiled
def staff(world, f, agents):
    """The service desk: how long customers wait. It is as large as in the scenario, whatever the market's size."""
    firm, market, p = world.firms[f], world.market[0], world.constants[0]
    firm.wait = service.waiting_minutes(
        service.contacts_at_desk(firm.contacts, firm.self_service, p.service_self_solved) / market.scale,
        agents,
        crm.minutes_needed(p.service_handling_minutes, p.crm_saving, firm.capability),
        p.service_agent_minutes,
        p.service_longest_wait,
    )
    firm.wait_share = firm.wait / p.service_longest_wait
    firm.service = firm.base_service * (1.0 - firm.wait_share)
    firm.fixed += agents * market.scale * p.service_wage


@compiled
def price(world, week, f, levers):
    """List price and promotion weeks; points, tiers and campaigns, scaled to the market."""
    firm, market, p, x = world.firms[f], world.market[0], world.constants[0], world.columns[0]
    firm.deal = pricing.deal_this_week(week, f, levers[x.pricing_promotion_depth], levers[x.pricing_promotion_every])
    firm.price = pricing.price_paid(levers[x.pricing_list_price], firm.deal)
    firm.vip_share = min(0.9, firm.vip_share)
    firm.has_tiers = firm.vip_share + firm.key_share > 0.0
    if firm.points_per_purchase + firm.endowed_points + firm.referral_points > 0.0:
        firm.has_points = 1.0  # and does not lose them when it stops giving any
    firm.privilege_bonus = tiers.privilege_bonus(firm.privilege, p.tiers_half, market.reference_price)
    firm.acquisition_spend *= market.scale
    firm.winback_spend *= market.scale
    firm.wake_spend *= market.scale
    firm.retention_spend *= market.scale
    contacting = firm.acquisition_spend + firm.winback_spend + firm.wake_spend + firm.retention_spend
    if contacting > 0.0 and week >= firm.entry:
        firm.has_campaigned = 1.0


@compiled
def is_plain(firm):
    """Whether a firm makes everybody the same offer, by one way only."""
    is_special = (firm.personal_depth > 0.0) | (firm.has_tiers > 0.0) | (firm.has_campaigned > 0.0)
    return not (is_special | (firm.online > 0.0) | (firm.reseller > 0.0))


@compiled
def close(world, week):
    """Phase 11, the firm's half: the desk's load and the buyers for next week, the liability, the week's profit."""
    for f in range(world.firms.size):
        firm, tally = world.firms[f], world.tally[week, f]
        firm.contacts = firm.new_contacts
        firm.mean_discount = firm.new_discount / firm.new_sales if firm.new_sales > 0.0 else 0.0
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
