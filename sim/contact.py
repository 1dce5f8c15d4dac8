"""Phase 2b: what firms do about single customers on the strength of their own records: rank them, contact them."""

from __future__ import annotations

import numpy as np

from sim import chance
from sim.chance import CONTACT, HOLDOUT
from sim.compiled import compiled, making_arrays
from sim.dormancy import interval_of, is_dormant
from sim.policies import campaign as campaigns
from sim.policies import tiers
from sim.rules import leave as leaving
from sim.storage import BLOCK

_NOBODY = -np.inf
_LOTTERY = 1e-6  # breaks ties between equal scores
_OWN_SLOTS = 8  # of the draws: 0 the tiers, 1 to 4 the campaigns


@compiled
def contact(world, week):
    """Phase 2b: each firm ranks its customers where the quarter ends, and runs its campaigns."""
    firms, market = world.firms, world.market[0]
    for f in range(firms.size):
        firm = firms[f]
        if week < firm.entry:
            continue
        is_due = firm.has_tiers and (week + 1 - market.warm_up) % tiers.EVERY == 0
        has_campaign = firm.acquisition_spend + firm.winback_spend + firm.wake_spend + firm.retention_spend > 0.0
        if not (is_due or has_campaign):
            continue
        mean = mean_value(world, week, f)
        if is_due:
            rank(world, week, f, mean)
        campaign(world, week, f, campaigns.ACQUISITION, firm.acquisition_spend, firm.acquisition_offer, mean)
        campaign(world, week, f, campaigns.WINBACK, firm.winback_spend, firm.winback_offer, mean)
        campaign(world, week, f, campaigns.WAKE, firm.wake_spend, firm.wake_offer, mean)
        campaign(world, week, f, campaigns.RETENTION, firm.retention_spend, firm.retention_offer, mean)


@compiled
def earned_in_a_week(relation, k, week, warm_up):
    """What a buyer has contributed per week since the books were opened or they first bought."""
    since = int(relation.first_purchase[k])
    if week >= warm_up:
        since = max(since, warm_up)
    earned = relation.revenue[k] - relation.cost_of_goods[k] - relation.cost_to_serve[k] - relation.rewards[k]
    return earned / (week - since + 1)


@compiled
def mean_value(world, week, f):
    """Mean weekly contribution of a firm's customers; 0 where it has none."""
    market, total, n = world.market[0], 0.0, 0
    for i in range(int(market.size)):
        customer, relation, k = world.customers[i // BLOCK], world.relations[i // BLOCK, f], i % BLOCK
        if week <= customer.week_of_moving[k] and relation.purchases[k] > 0 and relation.reason[k] == 0:
            total += earned_in_a_week(relation, k, week, market.warm_up)
            n += 1
    return total / n if n > 0 else 0.0


@compiled
def value_believed(relation, k, week, warm_up, mean):
    """The firm's estimate of what a customer brings in a week."""
    earned = earned_in_a_week(relation, k, week, warm_up)
    return campaigns.estimated_value(float(relation.knowledge[k]), earned, mean)


@compiled
def rank(world, week, f, mean):
    """Sort a firm's customers into tiers by estimated value."""
    keys, meant, firm, market, tally = world.keys, world.meant, world.firms[f], world.market[0], world.tally[week, f]
    n = 0
    for i in range(int(market.size)):
        customer, relation, k = world.customers[i // BLOCK], world.relations[i // BLOCK, f], i % BLOCK
        if week <= customer.week_of_moving[k] and relation.purchases[k] > 0 and relation.reason[k] == 0:
            lottery = chance.uniform(market.seed, CONTACT, week, i, _OWN_SLOTS * f)
            keys[n], meant[n] = value_believed(relation, k, week, market.warm_up, mean) + _LOTTERY * lottery, i
            n += 1
        else:
            tally.tier_down += relation.tier[k] > tiers.ORDINARY
            relation.tier[k] = tiers.ORDINARY
    n_vip = min(n, int(firm.vip_share * n + 0.5))
    n_upper = min(n, n_vip + int(firm.key_share * n + 0.5))
    least_vip, least_upper = least_of(keys[:n], n_vip), least_of(keys[:n], n_upper)
    for j in range(n):
        relation, k = world.relations[meant[j] // BLOCK, f], meant[j] % BLOCK
        before = int(relation.tier[k])
        tier = tiers.VIP if keys[j] >= least_vip else tiers.KEY if keys[j] >= least_upper else tiers.ORDINARY
        relation.tier[k] = tier
        tally.tier_up += tier > before
        tally.tier_down += tier < before


@making_arrays
def least_of(keys, n):
    """The smallest of the n greatest keys; infinity for n = 0, −∞ where there are not more than n."""
    if n <= 0:
        return np.inf
    if n >= keys.size:
        return _NOBODY
    return np.partition(keys, keys.size - n)[keys.size - n]


@compiled
def cost_of_contact(firm, kind, reference_price, p):
    """What one contact of a campaign costs, in money."""
    if kind == campaigns.ACQUISITION and firm.acquisition_aim == campaigns.ANYBODY:
        return reference_price * p.campaign_cost_mass
    if kind == campaigns.ACQUISITION and firm.acquisition_aim == campaigns.LISTED:
        return reference_price * p.campaign_cost_list
    return reference_price * p.campaign_cost_scored


@compiled
def cell_of(segment, relation, k, aware_at):
    """The cell of the firm's records for a prospect: segment, whether they know it, whether a friend buys."""
    return 4 * int(segment) + 2 * (relation.awareness[k] >= aware_at) + (relation.adopted_neighbours[k] > 0)


@compiled
def score(customer, relation, k, firm, f, segment, records, week, market, kind, mean, base, p):
    """How promising a customer is for a campaign of firm f; −∞ for those it is not meant for."""
    if week > customer.week_of_moving[k]:
        return _NOBODY
    if relation.week_of_contact[k] >= 0 and week - relation.week_of_contact[k] < p.campaign_window:
        return _NOBODY
    if kind == campaigns.ACQUISITION:
        if relation.purchases[k] > 0 or relation.reason[k] != 0:
            return _NOBODY
        if firm.acquisition_aim == campaigns.ANYBODY:
            return 0.0
        if firm.acquisition_aim == campaigns.LISTED:
            return 1.0 if segment.group == firm.acquisition_target else 0.0
        cell = cell_of(customer.segment[k], relation, k, p.stage_aware_at)
        return campaigns.estimated_chance(records[cell].won, records[cell].tried, base, p.campaign_prior)
    if relation.purchases[k] == 0:
        return _NOBODY
    if kind == campaigns.WINBACK:
        reason = int(relation.reason[k])
        is_by_price = reason == leaving.LOWER_PRICE
        if reason < leaving.NEEDS_UNMET or reason > leaving.LOWER_PRICE:
            return _NOBODY
        if (firm.winback_reasons == 1.0 and is_by_price) or (firm.winback_reasons == 2.0 and not is_by_price):
            return _NOBODY
        gone = week - relation.week_of_turn[k]
        if firm.winback_within > 0.0 and gone > firm.winback_within:
            return _NOBODY
        willing = leaving.willingness_to_return(
            reason, p.leave_return_unmet, p.leave_return_value, p.leave_return_price
        )
        memory = leaving.memory_left(float(gone), p.leave_memory_half_life)
        value = value_believed(relation, k, week, market.warm_up, mean)
        return campaigns.second_lifetime_score(value, willing, memory)
    if relation.reason[k] != 0:
        return _NOBODY
    need_interval = 1.0 / customer.need_rate[k]
    dormant = is_dormant(
        customer, relation, k, need_interval, f, week, market.contract_weeks > 0, p.stage_dormant_after
    )
    if dormant != (kind == campaigns.WAKE):
        return _NOBODY
    if kind == campaigns.RETENTION and firm.retention_aim == 1.0:
        silence = week - max(relation.last_purchase[k], relation.week_of_turn[k])
        return silence / max(1.0, interval_of(relation, k, need_interval))
    return value_believed(relation, k, week, market.warm_up, mean)


@compiled
def campaign(world, week, f, kind, spend, offer, mean):
    """One campaign of one firm in one week: choose whom to contact, hold a control group out, contact the others."""
    if spend <= 0.0:
        return
    firm, segments, keys, meant = world.firms[f], world.segments, world.keys, world.meant
    p, market, tally = world.constants[0], world.market[0], world.tally[week, f]
    records, base = world.records[f], 0.0
    if kind == campaigns.ACQUISITION:
        won, tried = 0.0, 0.0
        for cell in range(records.size):
            won += records[cell].won
            tried += records[cell].tried
        base = (won + 1.0) / (tried + 20.0)
    n = 0
    for i in range(int(market.size)):
        customer, relation, k = world.customers[i // BLOCK], world.relations[i // BLOCK, f], i % BLOCK
        segment = segments[customer.segment[k]]
        promise = score(customer, relation, k, firm, f, segment, records, week, market, kind, mean, base, p)
        if promise > _NOBODY:
            lottery = chance.uniform(market.seed, CONTACT, week, i, _OWN_SLOTS * f + kind)
            keys[n], meant[n] = promise + _LOTTERY * lottery, i
            n += 1
    cost = cost_of_contact(firm, kind, market.reference_price, p)
    least = least_of(keys[:n], int(spend / cost))
    for j in range(n):
        if keys[j] < least:
            continue
        i = meant[j]
        customer, relation, k = world.customers[i // BLOCK], world.relations[i // BLOCK, f], i % BLOCK
        relation.week_of_contact[k] = week
        if kind == campaigns.ACQUISITION:
            relation.cell[k] = cell_of(customer.segment[k], relation, k, p.stage_aware_at)
        if chance.uniform(market.seed, HOLDOUT, 0, i, f) < firm.holdout:
            relation.campaign[k] = -kind
            count(tally, kind, 0.0, 1.0, 0.0, 0.0)
            continue
        relation.campaign[k] = kind
        relation.offer[k] = offer
        relation.awareness[k] = 1.0
        relation.cost_to_reach[k] += cost
        tally.cost_to_reach += cost
        tally.campaign_cost += cost
        count(tally, kind, 1.0, 0.0, 0.0, 0.0)
        if kind == campaigns.ACQUISITION:
            relation.trust[k] = campaigns.trust_introduced(float(relation.trust[k]), p.campaign_introduction)
            records[relation.cell[k]].tried += 1.0


@compiled
def count(tally, kind, contacted, held_out, answered, answered_unasked):
    """Count people contacted and held out by a campaign, and those of both who then bought."""
    if kind == campaigns.ACQUISITION:
        tally.acquisition_contacted += contacted
        tally.acquisition_held_out += held_out
        tally.acquisition_answered += answered
        tally.acquisition_unasked += answered_unasked
    elif kind == campaigns.WINBACK:
        tally.winback_contacted += contacted
        tally.winback_held_out += held_out
        tally.winback_answered += answered
        tally.winback_unasked += answered_unasked
    elif kind == campaigns.WAKE:
        tally.wake_contacted += contacted
        tally.wake_held_out += held_out
        tally.wake_answered += answered
        tally.wake_unasked += answered_unasked
    else:
        tally.retention_contacted += contacted
        tally.retention_held_out += held_out
        tally.retention_answered += answered
        tally.retention_unasked += answered_unasked
