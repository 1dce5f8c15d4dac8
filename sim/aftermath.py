"""Phases 9 and 10 for a block of customers: telling friends, and staying or leaving."""

from __future__ import annotations

import numpy as np

from sim import chance
from sim.chance import RETURN, TELL
from sim.compiled import compiled
from sim.dormancy import is_silent
from sim.offer import grown_since, is_willing, way_to, worth
from sim.policies import campaign
from sim.rules import channel as channels
from sim.rules import leave as leaving
from sim.rules import tell as telling
from sim.week import MESSAGES_LOGGED

LEFT, RETURNED, TOLD = 5_000, 6_000, 1_000_000  # where the codes of these events begin in a customer's life


@compiled
def live(customer, event):
    """Add an event to what happened to a customer this week, so that two worlds can be told apart life by life."""
    customer.life = (np.uint64(customer.life) * np.uint64(1000003) + np.uint64(event)) & np.uint64(0xFFFFFFFF)


@compiled
def tell(world, week, first, last):
    """Phase 9: beyond the thresholds customers tell friends, who hear it next week."""
    customers, relations, block, heard = world.customers, world.relations, world.block, world.heard
    firms, offsets, friends = world.firms, world.offsets, world.friends
    log, counts = world.messages_log, world.counts
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
        tally, u0, u1, u2, u3 = tallies[week, f], 0.0, 0.0, 0.0, 0.0
        for tie in range(offsets[i + 1] - offsets[i]):
            u0, u1, u2, u3 = u1, u2, u3, u0
            if tie % 4 == 0:
                u0, u1, u2, u3 = chance.uniforms(market.seed, TELL, week, i, tie // 4)
            if u0 >= rate:
                continue
            news = heard[after, friends[offsets[i] + tie], f]
            if is_good:
                news.good = min(255, int(news.good) + 1)
                tally.praise += 1.0
            else:
                news.bad = min(255, int(news.bad) + 1)
                tally.blame += 1.0
            live(customer, TOLD + 2 * tie + is_good)
            if market.is_logged:
                note_message(log, counts, i, friends[offsets[i] + tie], f, is_good)


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
    is_asked = relation.campaign == campaign.WINBACK and relation.week_of_contact == week
    luck = chance.uniform(seed, RETURN, week, i, f)
    if luck >= p.leave_return_rate and not is_asked:  # will and memory only make it less likely than this
        return
    returning = leaving.chance_of_return(
        willing, leaving.memory_left(float(week - relation.week_of_turn), p.leave_memory_half_life),
        p.leave_return_rate, is_asked, p.winback_persuasion, p.winback_sweetener, float(relation.offer),
    )  # fmt: skip
    if luck >= returning:
        return
    relation.reason = 0
    relation.week_of_turn = week
    relation.awareness = 1.0
    relation.trust = max(float(relation.trust), p.trust_start)
    tally.returned += 1.0
    live(customer, RETURNED + f)


@compiled
def who_may_turn(world, week, f, first, last):
    """List in `world.who` the customers who may leave firm f or come back this week. Returns how many.

    No branches, for most weeks pass most relations by and nobody could foresee which.
    """
    customers, relations, block, who = world.customers, world.relations, world.block, world.who
    is_contract, silent_after, n = world.market[0].contract_weeks > 0, world.constants[0].leave_lost_at_least, 0
    may_let_go = world.firms[f].let_go_loss > 0.0
    for i in range(first, last):
        own, until, relation = block[i - first], customers[i].week_of_moving, relations[i, f]
        silence = week - max(relation.last_purchase, relation.week_of_turn)
        is_quiet = (own.switched == f) if is_contract else (silence >= silent_after)
        is_odd = (relation.reason != 0) | ((own.exits >> f) & 1 != 0) | may_let_go
        who[n] = i
        n += int((week == until) | ((week < until) & (relation.purchases > 0) & (is_quiet | is_odd)))
    return n


@compiled
def leave(world, week, first, last):
    """Phase 10: move away, come back, walk out, be let go, fall silent or switch, each with its reason."""
    for f in range(world.firms.size):
        turn(world, week, f, first, who_may_turn(world, week, f, first, last))


@compiled
def turn(world, week, f, first, n):
    """What becomes of the n customers of `world.who` and firm f."""
    customers, relations, firms = world.customers, world.relations, world.firms
    block, fit, tally = world.block, world.fit, world.tally[week, f]
    market, p, climate = world.market[0], world.constants[0], world.climate[week]
    is_contract = market.contract_weeks > 0
    for k in range(n):
        i = world.who[k]
        customer, own, relation, reason = customers[i], block[i - first], relations[i, f], 0
        if week >= customer.week_of_moving:
            reason = leaving.MOVED_AWAY if relation.reason == 0 else 0
        elif relation.reason != 0:
            come_back(customer, relation, tally, market.seed, week, i, f, p)
        elif (own.exits >> f) & 1:
            reason = leaving.NEEDS_UNMET
        elif is_let_go(relation, firms[f].let_go_loss):
            reason = leaving.PUSHED_ON_PURPOSE
            complain_of(world, week, i, f)
        elif is_away(customer, own, relation, f, week, is_contract, p):
            reason = why_left(customer, relations[i], firms, f, fit[customer.segment], market, climate, week, p)
        if reason > 0:
            relation.reason = reason
            relation.week_of_turn = week
            if customer.contract_firm == f:
                customer.contract_firm = -1
            if relation.purchases > 0:
                count_leaver(tally, reason)
                live(customer, LEFT + 8 * f + reason)


@compiled
def is_away(customer, own, relation, f, week, is_contract, p):
    """Whether a customer has gone without a word: a contract elsewhere, or silence longer than any rhythm explains."""
    if is_contract:
        return own.switched == f
    silence = week - max(relation.last_purchase, relation.week_of_turn)
    return (silence >= p.leave_lost_at_least) & is_silent(relation, customer.need_rate, week, p.leave_lost_after)


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
            if market.is_logged:
                note_message(world.messages_log, world.counts, i, friend, f, 0)


@compiled
def note_message(log, counts, sender, receiver, firm, is_good):
    """Keep a message of a recorded run."""
    message = log[counts[MESSAGES_LOGGED]]
    message.sender, message.receiver, message.firm, message.is_good = sender, receiver, firm, is_good
    counts[MESSAGES_LOGGED] += 1


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
