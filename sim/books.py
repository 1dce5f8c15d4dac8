"""Phase 11 for a block of customers: the sales go into the books, and where everybody stands is counted."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.aftermath import live
from sim.compiled import compiled
from sim.dormancy import is_dormant
from sim.policies import tiers
from sim.rules import channel as channels
from sim.rules import stage as stages
from sim.rules import tell as telling
from sim.week import ADDED, COMPLAINED, FAILED, FIRST, ON_DEAL, RECOVERED, REWARDED, SALES, SALES_LOGGED, UPGRADED

_QUARTER = 13


class Thresholds(NamedTuple):
    """Where one stage ends and the next begins; see `sim/params/stage.yaml`."""

    aware_at: float
    trusting_at: float
    satisfied_at: float
    loyal_at: float
    advocate_at: float
    dormant_after: float


@compiled
def account(world, week, first, last):
    """Phase 11, the customers' half: charge the reach, let points lapse, count where everybody stands."""
    relations, block = world.relations, world.block
    for i in range(first, last):
        wallet = 0.0
        for f in range(relations.shape[1]):
            wallet += relations[i, f].revenue
        block[i - first].wallet = wallet
    for f in range(relations.shape[1]):
        charge(world, week, f, first, last)
        if world.firms[f].has_tiers:
            treat(world, week, f, first, last)
        standing(world, week, f, first, last)
        count_active(world, week, f, first, last)


@compiled
def charge(world, week, f, first, last):
    """Everybody's share of what was spent on reaching them; points that lapse and points that are held."""
    relations, firm, tally = world.relations, world.firms[f], world.tally[week, f]
    reach, expiry_weeks, lapsed, held = firm.reach_share, firm.expiry_weeks, 0.0, 0.0
    for i in range(first, last):
        relation = relations[i, f]
        relation.cost_to_reach += reach
        points = float(relation.points)
        has_lapsed = (expiry_weeks > 0.0) & (week - relation.last_purchase > expiry_weeks)
        lapsed += points if has_lapsed else 0.0
        relation.points = 0.0 if has_lapsed else points
        held += 0.0 if has_lapsed else points
    tally.cost_to_reach += reach * (last - first)
    tally.points_lapsed += lapsed
    tally.points_held += held


@compiled
def treat(world, week, f, first, last):
    """What privileges cost, customer by customer."""
    customers, relations, firm, tally = world.customers, world.relations, world.firms[f], world.tally[week, f]
    privileges, vip, key = 0.0, 0, 0
    for i in range(first, last):
        relation = relations[i, f]
        if relation.tier > 0 and relation.reason == 0 and week <= customers[i].week_of_moving:
            treat = 0.5 * relation.tier * firm.privilege
            relation.cost_to_serve += treat
            privileges += treat
            vip += relation.tier == tiers.VIP
            key += relation.tier == tiers.KEY
    tally.cost_to_serve += privileges
    tally.privileges += privileges
    tally.vip += vip
    tally.key += key


@compiled
def standing(world, week, f, first, last):
    """The stage everybody has reached with firm f, and who came to it from where."""
    customers, relations, block, p = world.customers, world.relations, world.block, world.constants[0]
    flows, is_contract = world.flows[week, f], world.market[0].contract_weeks > 0
    at = Thresholds(
        p.stage_aware_at, p.stage_trusting_at, p.stage_satisfied_at, p.stage_loyal_at, p.stage_advocate_at,
        p.stage_dormant_after,
    )  # fmt: skip
    for i in range(first, last):
        relation = relations[i, f]
        block[i - first].stage = stage_now(customers[i], relation, week, f, is_contract, at)
    for i in range(first, last):
        relation, stage = relations[i, f], block[i - first].stage
        flows[relation.stage, stage] += 1
        relation.stage = stage


@compiled
def count_active(world, week, f, first, last):
    """Sums over the active customers of firm f, and who was active a quarter ago."""
    relations, block, tally, p = world.relations, world.block, world.tally[week, f], world.constants[0]
    floor, from_commitment = p.tell_recommend_floor, p.tell_recommend_commitment
    active, active_before, kept, promoters, detractors = 0, 0, 0, 0, 0
    satisfaction, expectation, trust, wallet_own, wallet_all, known = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(first, last):
        relation = relations[i, f]
        is_active = int(relation.stage >= stages.BUYER)
        history = (np.uint64(relation.activity) << np.uint64(1)) | np.uint64(is_active)
        relation.activity = history
        was_active = int((history >> np.uint64(_QUARTER)) & np.uint64(1))
        active += is_active
        active_before += was_active
        kept += was_active & is_active
        satisfaction += is_active * relation.satisfaction
        expectation += is_active * relation.expectation
        trust += is_active * relation.trust
        known += is_active * relation.knowledge
        wallet_own += is_active * relation.revenue
        wallet_all += is_active * block[i - first].wallet
        answer = telling.answer_to_recommend(
            float(relation.satisfaction), float(relation.commitment), floor, from_commitment
        )
        promoters += is_active & int(answer >= 9)
        detractors += is_active & int(answer <= 6)
    tally.active += active
    tally.active_quarter_ago += active_before
    tally.kept_quarter += kept
    tally.promoters += promoters
    tally.detractors += detractors
    tally.satisfaction += satisfaction
    tally.expectation += expectation
    tally.trust += trust
    tally.knowledge += known
    tally.wallet_own += wallet_own
    tally.wallet_all += wallet_all


@compiled
def stage_now(customer, relation, week, f, is_contract, at):
    """The stage of a customer towards firm f at the end of the week, as an index of `stage.STAGES`. at : Thresholds"""
    stranger = stages.stage_of_stranger(float(relation.awareness), float(relation.trust), at.aware_at, at.trusting_at)
    buyer = stages.stage_of_buyer(
        float(relation.satisfaction), float(relation.commitment), at.satisfied_at, at.loyal_at, at.advocate_at
    )
    known = stages.DORMANT if is_dormant(customer, relation, f, week, is_contract, at.dormant_after) else buyer
    stage = known if relation.purchases > 0 else stranger
    return stage if relation.reason == 0 else stages.LOST


@compiled
def post_sales(world, week):
    """Phase 11, first: the sales of a block go into the customers' and the firms' books."""
    customers, relations, firms, sales = world.customers, world.relations, world.firms, world.sales
    log, counts, tallies = world.sales_log, world.counts, world.tally
    market, p = world.market[0], world.constants[0]
    for k in range(counts[SALES]):
        sale = sales[k]
        i, f, events = sale.customer, sale.firm, sale.events
        relation, firm, tally = relations[i, f], firms[f], tallies[week, f]
        basket = float(customers[i].basket)
        if week >= customers[i].week_of_growing:
            basket *= world.segments[customers[i].segment].growth
        revenue, goods = sale.price * basket, firm.unit_cost * basket
        serve = sale.contacts * p.service_contact_cost
        if events & RECOVERED:
            serve += p.service_recovery_cost * sale.price
        if sale.way == channels.ONLINE:
            serve += market.reference_price * p.channel_online_cost
            tally.online_purchases += 1.0
        elif sale.way == channels.RESELLER:
            serve += firm.reseller_margin * revenue
            tally.reseller_purchases += 1.0
        if events & UPGRADED:
            premium = revenue * firm.upgrade_premium
            revenue += premium
            goods += premium * p.range_upgrade_cost
            tally.upgrades += 1.0
        if events & ADDED:
            revenue += firm.addon_price
            goods += firm.addon_price * p.range_addon_cost
            tally.add_ons += 1.0
        if events & FIRST:
            revenue += firm.device_price
            goods += firm.device_cost
            tally.first_purchases += 1.0
            tally.points_issued += firm.endowed_points
        relation.revenue += revenue
        relation.cost_of_goods += goods
        relation.cost_to_serve += serve
        relation.rewards += sale.reward
        firm.new_contacts += sale.contacts
        firm.new_discount += sale.discount
        firm.new_sales += 1.0
        tally.purchases += 1.0
        tally.revenue += revenue
        tally.cost_of_goods += goods
        tally.cost_to_serve += serve
        tally.rewards += sale.reward
        tally.perceived += sale.perceived
        tally.points_issued += firm.points_per_purchase
        if events & ON_DEAL:
            tally.deal_purchases += 1.0
        if events & FAILED:
            tally.failures += 1.0
        if events & COMPLAINED:
            tally.complaints += 1.0
        if events & RECOVERED:
            tally.recovered += 1.0
        if events & REWARDED:
            tally.points_redeemed += firm.reward_points
        live(customers[i], 512 * (f + 1) + events)  # below 5,000
        if market.is_logged:
            entry = log[counts[SALES_LOGGED]]
            entry.customer, entry.firm = i, f
            entry.amount = revenue - sale.reward
            entry.margin = revenue - goods - sale.reward
            counts[SALES_LOGGED] += 1
