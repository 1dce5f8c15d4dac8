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
from sim.storage import BLOCK
from sim.week import (
    ADDED,
    COMPLAINED,
    FAILED,
    FIRST,
    ON_DEAL,
    RECOVERED,
    REWARDED,
    SALES,
    SALES_LOGGED,
    UPGRADED,
    in_block,
    listed,
)  # fmt: skip

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
def account(world, week, b):
    """Phase 11, the customers' half: charge the reach, let points lapse, count where everybody stands."""
    own, firms = world.block[0], world.firms
    for k in range(in_block(world, b)):
        own.wallet[k] = 0.0
    for f in range(firms.size):
        relation = world.relations[b, f]
        for k in range(in_block(world, b)):
            own.wallet[k] += relation.revenue[k]
    for f in range(firms.size):
        charge(world, week, b, f)
        if firms[f].has_points:
            keep_points(world, week, b, f)
        if firms[f].has_tiers:
            treat(world, week, b, f)
        standing(world, week, b, f)
        count_active(world, week, b, f)


@compiled
def charge(world, week, b, f):
    """Everybody's share of what was spent on reaching them."""
    relation, reach, n = world.relations[b, f], world.firms[f].reach_share, in_block(world, b)
    for k in range(n):
        relation.cost_to_reach[k] += reach
    world.tally[week, f].cost_to_reach += reach * n


@compiled
def keep_points(world, week, b, f):
    """Points that lapse and points that are held."""
    relation, tally, expiry_weeks = world.relations[b, f], world.tally[week, f], world.firms[f].expiry_weeks
    lapsed, held = 0.0, 0.0
    for k in range(in_block(world, b)):
        points = float(relation.points[k])
        has_lapsed = (expiry_weeks > 0.0) & (week - relation.last_purchase[k] > expiry_weeks)
        lapsed += points if has_lapsed else 0.0
        relation.points[k] = 0.0 if has_lapsed else points
        held += 0.0 if has_lapsed else points
    tally.points_lapsed += lapsed
    tally.points_held += held


@compiled
def treat(world, week, b, f):
    """What privileges cost, customer by customer."""
    customer, relation, firm, tally = world.customers[b], world.relations[b, f], world.firms[f], world.tally[week, f]
    privileges, vip, key = 0.0, 0, 0
    for k in range(in_block(world, b)):
        if relation.tier[k] > 0 and relation.reason[k] == 0 and week <= customer.week_of_moving[k]:
            spent = 0.5 * relation.tier[k] * firm.privilege
            relation.cost_to_serve[k] += spent
            privileges += spent
            vip += relation.tier[k] == tiers.VIP
            key += relation.tier[k] == tiers.KEY
    tally.cost_to_serve += privileges
    tally.privileges += privileges
    tally.vip += vip
    tally.key += key


@compiled
def standing(world, week, b, f):
    """The stage everybody has reached with firm f, and who came to it from where."""
    customer, relation, own, p = world.customers[b], world.relations[b, f], world.block[0], world.constants[0]
    flows, moves, is_contract = world.flows[week, f], world.moves, world.market[0].contract_weeks > 0
    at = Thresholds(
        p.stage_aware_at, p.stage_trusting_at, p.stage_satisfied_at, p.stage_loyal_at, p.stage_advocate_at,
        p.stage_dormant_after,
    )  # fmt: skip
    for k in range(in_block(world, b)):
        own.stage[k] = stage_now(customer, relation, k, own.need_interval[k], week, f, is_contract, at)
    world.moves[:] = 0
    for k in range(in_block(world, b)):
        moves[k & 3, relation.stage[k], own.stage[k]] += 1  # four counts, so that none waits for the one before
    for part in range(4):
        flows += moves[part]
    for k in range(in_block(world, b)):
        relation.stage[k] = own.stage[k]


@compiled
def count_active(world, week, b, f):
    """Sums over the active customers of firm f, and who was active a quarter ago."""
    relation, own, tally, p = world.relations[b, f], world.block[0], world.tally[week, f], world.constants[0]
    who, floor, from_commitment = world.who, p.tell_recommend_floor, p.tell_recommend_commitment
    active, active_before, kept, promoters, detractors = 0, 0, 0, 0, 0
    satisfaction, expectation, trust, wallet_own, wallet_all, known = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for k in range(in_block(world, b)):
        is_active = int(relation.stage[k] >= stages.BUYER)
        history = (np.uint32(relation.activity[k]) << np.uint32(1)) | np.uint32(is_active)
        relation.activity[k] = history
        was_active = int((history >> np.uint32(_QUARTER)) & np.uint32(1))
        active += is_active
        active_before += was_active
        kept += was_active & is_active
        own.is_listed[k] = is_active
    for j in range(listed(world, b)):
        k = who[j]
        answer = telling.answer_to_recommend(
            float(relation.satisfaction[k]), float(relation.commitment[k]), floor, from_commitment
        )
        promoters += int(answer >= 9)
        detractors += int(answer <= 6)
        satisfaction += relation.satisfaction[k]
        expectation += relation.expectation[k]
        trust += relation.trust[k]
        known += relation.knowledge[k]
        wallet_own += relation.revenue[k]
        wallet_all += own.wallet[k]
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
def stage_now(customer, relation, k, need_interval, week, f, is_contract, at):
    """The stage of a customer towards firm f at the end of the week, as an index of `stage.STAGES`. at : Thresholds"""
    stranger = stages.stage_of_stranger(
        float(relation.awareness[k]), float(relation.trust[k]), at.aware_at, at.trusting_at
    )
    buyer = stages.stage_of_buyer(
        float(relation.satisfaction[k]), float(relation.commitment[k]), at.satisfied_at, at.loyal_at, at.advocate_at
    )
    is_asleep = is_dormant(customer, relation, k, need_interval, f, week, is_contract, at.dormant_after)
    stage = (stages.DORMANT if is_asleep else buyer) if relation.purchases[k] > 0 else stranger
    return stage if relation.reason[k] == 0 else stages.LOST


@compiled
def post_sales(world, week, b):
    """Phase 11, first: the sales of a block go into the customers' and the firms' books."""
    customer, firms, sales = world.customers[b], world.firms, world.sales
    log, counts, tallies = world.sales_log, world.counts, world.tally
    market, p = world.market[0], world.constants[0]
    for n in range(counts[SALES]):
        sale = sales[n]
        k, f, events = sale.customer - b * BLOCK, sale.firm, sale.events
        relation, firm, tally = world.relations[b, f], firms[f], tallies[week, f]
        basket = float(customer.basket[k])
        if week >= customer.week_of_growing[k]:
            basket *= world.segments[customer.segment[k]].growth
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
        relation.revenue[k] += revenue
        relation.cost_of_goods[k] += goods
        relation.cost_to_serve[k] += serve
        relation.rewards[k] += sale.reward
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
        live(customer, k, 512 * (f + 1) + events)  # below 5,000
        if market.is_logged:
            entry = log[counts[SALES_LOGGED]]
            entry.customer, entry.firm = sale.customer, f
            entry.amount = revenue - sale.reward
            entry.margin = revenue - goods - sale.reward
            counts[SALES_LOGGED] += 1
