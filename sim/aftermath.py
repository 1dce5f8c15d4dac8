"""Phases 9 to 11 for a block of customers: telling friends, staying or leaving, and the books."""

from __future__ import annotations

import numpy as np

from sim import chance
from sim.chance import RETURN, TELL
from sim.compiled import compiled
from sim.dormancy import is_dormant, is_silent
from sim.offer import grown_since, is_willing, way_to, worth
from sim.policies import campaign, tiers
from sim.rules import channel as channels
from sim.rules import leave as leaving
from sim.rules import stage as stages
from sim.rules import tell as telling
from sim.week import (
    ADDED,
    COMPLAINED,
    FAILED,
    FIRST,
    MESSAGES_LOGGED,
    ON_DEAL,
    RECOVERED,
    REWARDED,
    SALES,
    SALES_LOGGED,
    UPGRADED,
    draw_block,
)  # fmt: skip

_QUARTER = 13
LEFT, RETURNED, TOLD = 5_000, 6_000, 1_000_000  # where the codes of these events begin in a customer's life


@compiled
def live(customer, event):
    """Add an event to what happened to a customer this week, so that two worlds can be told apart life by life."""
    customer.life = (np.uint64(customer.life) * np.uint64(1000003) + np.uint64(event)) & np.uint64(0xFFFFFFFF)


@compiled
def tell(world, week, first, last):
    """Phase 9: beyond the thresholds customers tell friends, who hear it next week."""
    customers, relations, block, heard = world.customers, world.relations, world.block, world.heard
    firms, offsets, friends, draws = world.firms, world.offsets, world.friends, world.draws
    tallies, market, p, after = world.tally, world.market[0], world.constants[0], (week + 1) & 1
    for i in range(first, last):
        customer, f = customers[i], block[i - first].last_firm
        customer.life = 0
        if f < 0:
            continue
        satisfaction = float(relations[i, f].satisfaction)
        is_good = satisfaction >= p.tell_praise_above and not block[i - first].is_ignored
        if is_good:
            rate = telling.rate_of_praise(
                satisfaction, float(relations[i, f].commitment),
                p.tell_praise_above, p.tell_praise_rate, p.tell_curve, p.tell_ambassador,
            ) * firms[f].voice  # fmt: skip
        else:
            rate = telling.rate_of_blame(satisfaction, p.tell_blame_below, p.tell_blame_rate, p.tell_curve)
            if block[i - first].is_ignored:
                rate = max(rate, p.tell_ignored_rate)
        if rate <= 0.0:
            continue
        tally = tallies[week, f]
        for tie in range(offsets[i + 1] - offsets[i]):
            if tie % 4 == 0:
                draw_block(draws, 0, market.seed, TELL, week, i, tie // 4)
            if draws[tie % 4] >= rate:
                continue
            news = heard[after, friends[offsets[i] + tie], f]
            if is_good:
                news.good = min(255, int(news.good) + 1)
                tally.praise += 1.0
            else:
                news.bad = min(255, int(news.bad) + 1)
                tally.blame += 1.0
            live(customer, TOLD + 2 * tie + is_good)
            note_message(world, i, friends[offsets[i] + tie], f, is_good)


@compiled
def why_left(customer, relations, firms, f, fit, market, climate, week, p):
    """The reason a customer leaves firm f: the best alternative of this moment, and what equal prices would have done.

    What binds them to either is left out: it has grown since, and would hide what drew them away.

    relations, firms, fit : the customer's row of relations, all firms, the fit of each firm to the customer's segment
    """
    way = max(channels.STORE, way_to(customer, relations[f], firms[f], 1.0))
    own, own_money, own_deal = worth(
        customer, relations[f], firms[f], way, fit[f], climate, week, market.reference_price, p
    )
    own -= grown_since(relations[f], firms[f], market.reference_price, p)
    rival, price_part, is_rival = market.outside_value, 0.0, False
    for g in range(firms.size):
        way = way_to(customer, relations[g], firms[g], 1.0)
        if g != f and way != channels.NOWHERE and is_willing(relations[g], p):
            value, money, deal = worth(
                customer, relations[g], firms[g], way, fit[g], climate, week, market.reference_price, p
            )
            value -= grown_since(relations[g], firms[g], market.reference_price, p)
            if value > rival:
                rival, price_part, is_rival = value, own_money - money + deal - own_deal, True
    return leaving.reason_for_leaving(
        float(relations[f].satisfaction), p.leave_unmet_below, is_rival, own, rival, price_part
    )


@compiled
def come_back(customer, relation, tally, seed, week, i, f, p):
    """A lost customer may return, asked or unasked; they keep what they remember and the firm keeps what it knows."""
    willing = leaving.willingness_to_return(
        int(relation.reason), p.leave_return_unmet, p.leave_return_value, p.leave_return_price
    )
    if willing <= 0.0:
        return
    returning = leaving.chance_of_return(
        willing, leaving.memory_left(float(week - relation.week_of_turn), p.leave_memory_half_life),
        p.leave_return_rate, relation.campaign == campaign.WINBACK and relation.week_of_contact == week,
        p.winback_persuasion, p.winback_sweetener, float(relation.offer),
    )  # fmt: skip
    if returning <= 0.0 or chance.uniform(seed, RETURN, week, i, f) >= returning:
        return
    relation.reason = 0
    relation.week_of_turn = week
    relation.awareness = 1.0
    relation.trust = max(float(relation.trust), p.trust_start)
    tally.returned += 1.0
    live(customer, RETURNED + f)


@compiled
def leave(world, week, first, last):
    """Phase 10: move away, come back, walk out, be let go, fall silent or switch, each with its reason."""
    customers, relations, firms = world.customers, world.relations, world.firms
    block, fit, tallies = world.block, world.fit, world.tally
    market, p, climate = world.market[0], world.constants[0], world.climate[week]
    is_contract = market.contract_weeks > 0
    for i in range(first, last):
        customer = customers[i]
        if week > customer.week_of_moving:
            continue
        is_moving = week >= customer.week_of_moving
        for f in range(firms.size):
            relation, reason = relations[i, f], 0
            if is_moving:
                reason = leaving.MOVED_AWAY if relation.reason == 0 else 0
            elif relation.purchases == 0:
                continue
            elif relation.reason != 0:
                come_back(customer, relation, tallies[week, f], market.seed, week, i, f, p)
            elif (block[i - first].exits >> f) & 1:
                reason = leaving.NEEDS_UNMET
            elif is_let_go(relation, firms[f].let_go_loss):
                reason = leaving.PUSHED_ON_PURPOSE
                complain_of(world, week, i, f)
            elif is_contract:
                if block[i - first].switched == f:
                    reason = why_left(customer, relations[i], firms, f, fit[customer.segment], market, climate, week, p)
            elif week - max(relation.last_purchase, relation.week_of_turn) >= p.leave_lost_at_least and is_silent(
                relation, customer.need_rate, week, p.leave_lost_after
            ):
                reason = why_left(customer, relations[i], firms, f, fit[customer.segment], market, climate, week, p)
            if reason > 0:
                relation.reason = reason
                relation.week_of_turn = week
                if customer.contract_firm == f:
                    customer.contract_firm = -1
                if relation.purchases > 0:
                    count_leaver(tallies[week, f], reason)
                    live(customer, LEFT + 8 * f + reason)


@compiled
def complain_of(world, week, i, f):
    """Whoever is let go tells some of their friends, who hear it next week."""
    offsets, tally, market = world.offsets, world.tally[week, f], world.market[0]
    for tie in range(offsets[i + 1] - offsets[i]):
        if chance.uniform(market.seed, TELL, week, i, 512 + tie) < world.constants[0].tell_let_go_rate:
            friend = world.friends[offsets[i] + tie]
            news = world.heard[(week + 1) & 1, friend, f]
            news.bad = min(255, int(news.bad) + 1)
            tally.blame += 1.0
            live(world.customers[i], TOLD + 2 * tie)
            note_message(world, i, friend, f, 0)


@compiled
def note_message(world, sender, receiver, firm, is_good):
    """Keep a message where the run is recorded."""
    if world.market[0].is_logged:
        message = world.messages_log[world.counts[MESSAGES_LOGGED]]
        message.sender, message.receiver, message.firm, message.is_good = sender, receiver, firm, is_good
        world.counts[MESSAGES_LOGGED] += 1


@compiled
def is_let_go(relation, let_go_loss):
    """Whether a firm stops serving a customer who has cost it more than it can bear; never where the limit is 0."""
    if let_go_loss <= 0.0:
        return False
    earned = relation.revenue - relation.cost_of_goods - relation.cost_to_serve - relation.rewards
    return earned < -let_go_loss


@compiled
def count_leaver(tally, reason):
    """Count a departure under its reason."""
    if reason == leaving.PUSHED_ON_PURPOSE:
        tally.left_on_purpose += 1.0
    elif reason == leaving.NEEDS_UNMET:
        tally.left_unmet += 1.0
    elif reason == leaving.BETTER_VALUE:
        tally.left_value += 1.0
    elif reason == leaving.LOWER_PRICE:
        tally.left_price += 1.0
    else:
        tally.left_moved += 1.0


@compiled
def account(world, week, first, last):
    """Phase 11, the customers' half: charge the reach, let points lapse, count where everybody stands."""
    customers, relations, firms, block = world.customers, world.relations, world.firms, world.block
    flows, tallies = world.flows, world.tally
    is_contract, p = world.market[0].contract_weeks > 0, world.constants[0]
    for i in range(first, last):
        wallet = 0.0
        for f in range(firms.size):
            wallet += relations[i, f].revenue
        block[i - first].wallet = wallet
    for f in range(firms.size):
        firm, tally = firms[f], tallies[week, f]
        reach = firm.reach_share
        lapsed, held, privileges, known, vip, key = 0.0, 0.0, 0.0, 0.0, 0, 0
        active, active_before, kept, promoters, detractors = 0, 0, 0, 0, 0
        satisfaction, expectation, trust, wallet_own, wallet_all = 0.0, 0.0, 0.0, 0.0, 0.0
        for i in range(first, last):
            relation = relations[i, f]
            relation.cost_to_reach += reach
            if relation.points > 0.0:
                if firm.expiry_weeks > 0.0 and week - relation.last_purchase > firm.expiry_weeks:
                    lapsed += relation.points
                    relation.points = 0.0
                held += relation.points
            if firm.has_tiers and relation.tier > 0 and relation.reason == 0 and week <= customers[i].week_of_moving:
                treat = 0.5 * relation.tier * firm.privilege
                relation.cost_to_serve += treat
                privileges += treat
                vip += relation.tier == tiers.VIP
                key += relation.tier == tiers.KEY
            stage = stage_now(customers[i], relation, week, f, is_contract, p)
            flows[week, f, relation.stage, stage] += 1
            relation.stage = stage
            is_active = stage >= stages.BUYER
            history = (np.uint64(relation.activity) << np.uint64(1)) | np.uint64(is_active)
            relation.activity = history
            was_active = (history >> np.uint64(_QUARTER)) & np.uint64(1)
            active_before += was_active
            kept += was_active & np.uint64(is_active)
            if is_active:
                active += 1
                satisfaction += relation.satisfaction
                expectation += relation.expectation
                trust += relation.trust
                known += relation.knowledge
                wallet_own += relation.revenue
                wallet_all += block[i - first].wallet
                answer = telling.answer_to_recommend(
                    float(relation.satisfaction), float(relation.commitment),
                    p.tell_recommend_floor, p.tell_recommend_commitment,
                )  # fmt: skip
                promoters += answer >= 9
                detractors += answer <= 6
        tally.cost_to_reach += reach * (last - first)
        tally.points_lapsed += lapsed
        tally.points_held += held
        tally.active += active
        tally.active_quarter_ago += active_before
        tally.kept_quarter += kept
        tally.promoters += promoters
        tally.detractors += detractors
        tally.satisfaction += satisfaction
        tally.expectation += expectation
        tally.trust += trust
        tally.knowledge += known
        tally.cost_to_serve += privileges
        tally.privileges += privileges
        tally.vip += vip
        tally.key += key
        tally.wallet_own += wallet_own
        tally.wallet_all += wallet_all


@compiled
def stage_now(customer, relation, week, f, is_contract, p):
    """The stage of a customer towards firm f at the end of the week, as an index of `stage.STAGES`."""
    if relation.reason != 0:
        return stages.LOST
    if relation.purchases == 0:
        return stages.stage_of_stranger(
            float(relation.awareness), float(relation.trust), p.stage_aware_at, p.stage_trusting_at
        )
    if is_dormant(customer, relation, f, week, is_contract, p):
        return stages.DORMANT
    return stages.stage_of_buyer(
        float(relation.satisfaction), float(relation.commitment),
        p.stage_satisfied_at, p.stage_loyal_at, p.stage_advocate_at,
    )  # fmt: skip


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
