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
from sim.storage import BLOCK
from sim.week import MESSAGES_LOGGED, in_block, listed

LEFT, RETURNED, TOLD = 5_000, 6_000, 1_000_000  # where the codes of these events begin in a customer's life


@compiled
def live(customer, k, event):
    """Add an event to what happened to a customer this week, so that two worlds can be told apart life by life."""
    customer.life[k] = (np.uint64(customer.life[k]) * np.uint64(1000003) + np.uint64(event)) & np.uint64(0xFFFFFFFF)


@compiled
def tell(world, week, b):
    """Phase 9: beyond the thresholds customers tell friends, who hear it next week."""
    customer, offsets, who, draws = world.customers[b], world.offsets, world.who, world.draws
    for k in range(in_block(world, b)):
        customer.life[k] = 0
    n, tie = tellers(world, b), 0
    while n > 0:
        chance.uniforms_of(draws, n, world.market[0].seed, TELL, week, b * BLOCK, who, tie // 4)
        for j in range(n):
            talk(world, week, b, j, tie)
        tie, left = tie + 4, 0
        for j in range(n):
            i = b * BLOCK + who[j]
            who[left] = who[j]
            left += int(offsets[i + 1] - offsets[i] > tie)
        n = left


@compiled
def tellers(world, b):
    """How likely it is that customers of block b tell a friend of the firm where they bought last, in `own.telling`.

    Lists those who might in `world.who` and returns how many.
    """
    own, firms, p, who, n = world.block[0], world.firms, world.constants[0], world.who, 0
    for k in range(in_block(world, b)):
        own.is_listed[k] = own.last_firm[k] >= 0
    for j in range(listed(world, b)):
        k = who[j]
        f, is_ignored = own.last_firm[k], own.is_ignored[k]
        satisfaction = float(world.relations[b, f].satisfaction[k])
        praise = telling.rate_of_praise(
            satisfaction, float(world.relations[b, f].commitment[k]),
            p.tell_praise_above, p.tell_praise_rate, p.tell_curve, p.tell_ambassador,
        ) * firms[f].voice  # fmt: skip
        blame = telling.rate_of_blame(satisfaction, p.tell_blame_below, p.tell_blame_rate, p.tell_curve)
        blame = max(blame, p.tell_ignored_rate) if is_ignored else blame
        own.telling[k] = praise if is_praise(satisfaction, is_ignored, p.tell_praise_above) else blame
        who[n] = k
        n += int(own.telling[k] > 0.0)
    return n


@compiled
def is_praise(satisfaction, is_ignored, praise_above):
    """Whether what a customer has to tell is good."""
    return (satisfaction >= praise_above) & (not is_ignored)


@compiled
def talk(world, week, b, j, tie):
    """What the j-th of `world.who` tells the friends at four ties from `tie` on, of the firm where they bought last."""
    own, offsets, friends, draws, k = world.block[0], world.offsets, world.friends, world.draws, world.who[j]
    i, rate, f = b * BLOCK + k, own.telling[k], own.last_firm[k]
    for t in range(min(4, offsets[i + 1] - offsets[i] - tie)):
        if draws[t, j] >= rate:
            continue
        friend = friends[offsets[i] + tie + t]
        news, there = world.heard[(week + 1) & 1, friend // BLOCK, f], friend % BLOCK
        tally = world.tally[week, f]
        satisfaction = float(world.relations[b, f].satisfaction[k])
        is_good = is_praise(satisfaction, own.is_ignored[k], world.constants[0].tell_praise_above)
        if is_good:
            news.good[there] = min(255, int(news.good[there]) + 1)
            tally.praise += 1.0
        else:
            news.bad[there] = min(255, int(news.bad[there]) + 1)
            tally.blame += 1.0
        live(world.customers[b], k, TOLD + 2 * (tie + t) + is_good)
        if world.market[0].is_logged:
            note_message(world.messages_log, world.counts, i, friend, f, is_good)


@compiled
def why_left(customer, relations, k, firms, f, fit, market, climate, week, p):
    """The reason a customer leaves firm f: the best alternative of this moment, and what equal prices would have done.

    What binds them to either is left out: it has grown since, and would hide what drew them away.

    relations, firms, fit : of every firm those of the customer's block, all firms, their fit to the customer's segment
    """
    reference_price = market.reference_price
    way = max(channels.STORE, way_to(customer, relations[f], k, firms[f], 1.0))
    own, own_money, own_deal = worth(
        customer, relations[f], k, firms[f], way, fit[f], climate, week, reference_price, p
    )
    own -= grown_since(relations[f], k, firms[f], reference_price, p)
    rival, price_part, is_rival = market.outside_value, 0.0, False
    for g in range(firms.size):
        way = way_to(customer, relations[g], k, firms[g], 1.0)
        if g != f and way != channels.NOWHERE and is_willing(relations[g], k, p):
            value, money, deal = worth(
                customer, relations[g], k, firms[g], way, fit[g], climate, week, reference_price, p
            )
            value -= grown_since(relations[g], k, firms[g], reference_price, p)
            if value > rival:
                rival, price_part, is_rival = value, own_money - money + deal - own_deal, True
    return leaving.reason_for_leaving(
        float(relations[f].satisfaction[k]), p.leave_unmet_below, is_rival, own, rival, price_part
    )


@compiled
def come_back(customer, relation, k, tally, luck, week, f, p):
    """A lost customer may return, asked or unasked; they keep what they remember and the firm keeps what it knows.

    luck : the week's draw for it
    """
    willing = leaving.willingness_to_return(
        int(relation.reason[k]), p.leave_return_unmet, p.leave_return_value, p.leave_return_price
    )
    if willing <= 0.0:
        return
    is_asked = relation.campaign[k] == campaign.WINBACK and relation.week_of_contact[k] == week
    if luck >= p.leave_return_rate and not is_asked:  # will and memory only make it less likely than this
        return
    returning = leaving.chance_of_return(
        willing, leaving.memory_left(float(week - relation.week_of_turn[k]), p.leave_memory_half_life),
        p.leave_return_rate, is_asked, p.winback_persuasion, p.winback_sweetener, float(relation.offer[k]),
    )  # fmt: skip
    if luck >= returning:
        return
    relation.reason[k] = 0
    relation.week_of_turn[k] = week
    relation.awareness[k] = 1.0
    relation.trust[k] = max(float(relation.trust[k]), p.trust_start)
    tally.returned += 1.0
    live(customer, k, RETURNED + f)


@compiled
def who_may_turn(world, week, b, f):
    """List in `world.who` the customers who may leave firm f or come back this week. Returns how many.

    No branches, for most weeks pass most relations by and nobody could foresee which.
    """
    customer, relation, own, p = world.customers[b], world.relations[b, f], world.block[0], world.constants[0]
    is_contract, may_let_go = world.market[0].contract_weeks > 0, world.firms[f].let_go_loss > 0.0
    at_least, after = p.leave_lost_at_least, p.leave_lost_after
    for k in range(in_block(world, b)):
        until = customer.week_of_moving[k]
        is_quiet = is_away(customer, own, relation, k, f, week, is_contract, at_least, after)
        is_odd = (relation.reason[k] != 0) | ((own.exits[k] >> f) & 1 != 0) | may_let_go
        own.is_listed[k] = (week == until) | ((week < until) & (relation.purchases[k] > 0) & (is_quiet | is_odd))
    return listed(world, b)


@compiled
def leave(world, week, b):
    """Phase 10: move away, come back, walk out, be let go, fall silent or switch, each with its reason."""
    for f in range(world.firms.size):
        turn(world, week, b, f, who_may_turn(world, week, b, f))


@compiled
def turn(world, week, b, f, n):
    """What becomes of the n customers of `world.who` and firm f."""
    customer, relation, own, firms = world.customers[b], world.relations[b, f], world.block[0], world.firms
    market, p, climate, tally = world.market[0], world.constants[0], world.climate[week], world.tally[week, f]
    is_contract, who, draws = market.contract_weeks > 0, world.who, world.draws
    chance.uniforms_of(draws, n, market.seed, RETURN, week, b * BLOCK, who, f // 4)
    for j in range(n):
        k, reason = who[j], 0
        if week >= customer.week_of_moving[k]:
            reason = leaving.MOVED_AWAY if relation.reason[k] == 0 else 0
        elif relation.reason[k] != 0:
            come_back(customer, relation, k, tally, draws[f % 4, j], week, f, p)
        elif (own.exits[k] >> f) & 1:
            reason = leaving.NEEDS_UNMET
        elif is_let_go(relation, k, firms[f].let_go_loss):
            reason = leaving.PUSHED_ON_PURPOSE
            complain_of(world, week, b, k, f)
        elif is_away(customer, own, relation, k, f, week, is_contract, p.leave_lost_at_least, p.leave_lost_after):
            fit = world.fit[customer.segment[k]]
            reason = why_left(customer, world.relations[b], k, firms, f, fit, market, climate, week, p)
        if reason > 0:
            relation.reason[k] = reason
            relation.week_of_turn[k] = week
            if customer.contract_firm[k] == f:
                customer.contract_firm[k] = -1
            if relation.purchases[k] > 0:
                count_leaver(tally, reason)
                live(customer, k, LEFT + 8 * f + reason)


@compiled
def is_away(customer, own, relation, k, f, week, is_contract, at_least, after):
    """Whether a customer has gone without a word: a contract elsewhere, or silence longer than any rhythm explains."""
    if is_contract:
        return own.switched[k] == f
    silence = week - max(relation.last_purchase[k], relation.week_of_turn[k])
    return (silence >= at_least) & is_silent(relation, k, own.need_interval[k], week, after)


@compiled
def complain_of(world, week, b, k, f):
    """Whoever is let go tells some of their friends, who hear it next week."""
    offsets, tally, market, i = world.offsets, world.tally[week, f], world.market[0], b * BLOCK + k
    for tie in range(offsets[i + 1] - offsets[i]):
        if chance.uniform(market.seed, TELL, week, i, 512 + tie) < world.constants[0].tell_let_go_rate:
            friend = world.friends[offsets[i] + tie]
            news, there = world.heard[(week + 1) & 1, friend // BLOCK, f], friend % BLOCK
            news.bad[there] = min(255, int(news.bad[there]) + 1)
            tally.blame += 1.0
            live(world.customers[b], k, TOLD + 2 * tie)
            if market.is_logged:
                note_message(world.messages_log, world.counts, i, friend, f, 0)


@compiled
def note_message(log, counts, sender, receiver, firm, is_good):
    """Keep a message of a recorded run."""
    message = log[counts[MESSAGES_LOGGED]]
    message.sender, message.receiver, message.firm, message.is_good = sender, receiver, firm, is_good
    counts[MESSAGES_LOGGED] += 1


@compiled
def is_let_go(relation, k, let_go_loss):
    """Whether a firm stops serving a customer who has cost it more than it can bear; never where the limit is 0."""
    if let_go_loss <= 0.0:
        return False
    earned = relation.revenue[k] - relation.cost_of_goods[k] - relation.cost_to_serve[k] - relation.rewards[k]
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
