"""Phases 3, 4 and 6: how a block of customers hears, trusts and experiences.

Rules decide; these loops only fetch, call and store. Every phase is phase(world, week, b) over all of block b or
phase(world, week, b, n, occasion) over the first n shoppers of that block; `relation.trust[k]` is the trust of its
customer k. What a loop needs of firms and numbers is read before it: the compiler cannot know that the loop leaves them
alone.
"""

from __future__ import annotations

import numpy as np

from sim import chance
from sim.chance import EXPERIENCE, HEAR
from sim.compiled import compiled
from sim.offer import offer_met, own_discount, quality_met
from sim.population import NO_SURPRISE
from sim.rules import channel as channels
from sim.rules import experience as service
from sim.rules import hear as hearing
from sim.rules import trust as trusting
from sim.storage import BLOCK

# Events of a sale, as bits.
FAILED, COMPLAINED, RECOVERED, CALLED, ON_DEAL, REWARDED, FIRST, ADDED, UPGRADED = 1, 2, 4, 8, 16, 32, 64, 128, 256
SALES, SALES_LOGGED, MESSAGES_LOGGED, FIRST_SALE = 0, 1, 2, 3  # places in World.counts


@compiled
def in_block(world, b):
    """How many customers block b holds: all but the last are full."""
    return min(BLOCK, world.offsets.size - 1 - b * BLOCK)


@compiled
def listed(world, b):
    """List in `world.who` the customers of block b whose `is_listed` is set. Returns how many."""
    is_listed, who, n = world.block[0].is_listed, world.who, 0
    for k in range(in_block(world, b)):
        who[n] = k  # overwritten by the next one unless it counts
        n += is_listed[k]
    return n


@compiled
def hear(world, week, b):
    """Phase 3: notice, forget, be reminded; believe promises."""
    for f in range(world.firms.size):
        notice(world, week, b, f, remind(world, week, b, f))


@compiled
def remind(world, week, b, f):
    """What a week without news does to those who know firm f; lists the others in `world.who` and returns how many.

    No branches: nobody could foresee who knows which firm.
    """
    customer, relation, news, own = (
        world.customers[b], world.relations[b, f], world.heard[week & 1, b, f], world.block[0],
    )  # fmt: skip
    firm, p = world.firms[f], world.constants[0]
    advertising, promise, aware_at = firm.advertising, firm.promise, p.stage_aware_at
    forget, reminding, inflate = p.hear_forget, p.hear_remind, p.hear_inflate
    for k in range(in_block(world, b)):
        awareness, expectation = float(relation.awareness[k]), float(relation.expectation[k])
        is_due = (news.adopted[k] | news.good[k] | news.bad[k] != 0) | (awareness < aware_at)
        is_plain = (week <= customer.week_of_moving[k]) & (not is_due)
        own.is_listed[k] = is_due
        kept = np.float32(hearing.awareness_kept(awareness, forget, reminding, advertising, 0.0))
        inflated = hearing.inflated_expectation(expectation, promise, inflate, advertising)
        relation.awareness[k] = kept if is_plain else awareness
        relation.expectation[k] = inflated if is_plain & (kept >= aware_at) else expectation
    return listed(world, b)


@compiled
def notice(world, week, b, f, n):
    """The n customers of `world.who` notice firm f or do not, by advertising, by seeing others buy, by friends."""
    customer, relation, news, firm = (
        world.customers[b],
        world.relations[b, f],
        world.heard[week & 1, b, f],
        world.firms[f],
    )
    offsets, segments, who, draws = world.offsets, world.segments, world.who, world.draws
    market, p = world.market[0], world.constants[0]
    chance.uniforms_of(draws, n, market.seed, HEAR, week, b * BLOCK, who, f // 4)
    for j in range(n):
        k, adopted = who[j], int(news.adopted[who[j]])
        i = b * BLOCK + k
        if adopted > 0:
            relation.adopted_neighbours[k] = min(255, int(relation.adopted_neighbours[k]) + adopted)
        if week > customer.week_of_moving[k]:
            continue
        if adopted > 0 and firm.referral_points > 0.0 and relation.purchases[k] > 0 and relation.reason[k] == 0:
            given = firm.referral_points * adopted
            relation.points[k] += given
            world.tally[week, f].points_issued += given
        messages = int(news.good[k]) + int(news.bad[k])
        caught = hearing.caught(messages, p.hear_friend_reach) if messages > 0 else 0.0
        if relation.awareness[k] < p.stage_aware_at:
            ties = offsets[i + 1] - offsets[i]
            peers = relation.adopted_neighbours[k] / ties if ties > 0 else 0.0
            seen = market.visibility * (firm.buyers / market.size) + (1.0 - market.visibility) * peers
            segment = segments[customer.segment[k]]
            noticing = hearing.chance_of_noticing(
                firm.advertising, segment.innovativeness, p.hear_reach, seen, segment.susceptibility, caught
            )
            if draws[f % 4, j] >= noticing:
                continue
            relation.awareness[k] = 1.0
        else:
            relation.awareness[k] = hearing.awareness_kept(
                float(relation.awareness[k]), p.hear_forget, p.hear_remind, firm.advertising, caught
            )
        if relation.awareness[k] >= p.stage_aware_at:
            relation.expectation[k] = hearing.inflated_expectation(
                float(relation.expectation[k]), firm.promise, p.hear_inflate, firm.advertising
            )


@compiled
def trust(world, week, b):
    """Phase 4: dialogue, promises kept or broken last week, what friends said."""
    for f in range(world.firms.size):
        listen(world, week, b, f, digest(world, week, b, f))


@compiled
def digest(world, week, b, f):
    """Dialogue and last week's experience; lists those who have also heard something in `world.who`, returns how many.

    Whoever is listed is left as they were. No branches, as in `remind`.
    """
    customer, relation, news, own = (
        world.customers[b], world.relations[b, f], world.heard[week & 1, b, f], world.block[0],
    )  # fmt: skip
    firm, p = world.firms[f], world.constants[0]
    dialogue, tolerance, kept, broken = p.trust_dialogue, p.trust_tolerance, p.trust_kept, p.trust_broken
    communication, news_left, aware_at = firm.communication, 1.0 - world.trust_shock[week, f], p.stage_aware_at
    has_own_prices = (firm.personal_depth > 0.0) & (firm.mean_discount > 0.0)
    for k in range(in_block(world, b)):
        is_here = week <= customer.week_of_moving[k]
        has_heard = has_own_prices | (news.good[k] | news.bad[k] != 0)
        is_plain = is_here & (not has_heard)
        own.is_listed[k] = is_here & has_heard
        trust, surprise = float(relation.trust[k]), float(relation.surprise[k])
        level = trusting.trust_from_dialogue(trust, dialogue, communication)
        digested = trusting.trust_after_promise(level, surprise, tolerance, kept, broken)
        level = digested if surprise > NO_SURPRISE else level
        relation.trust[k] = level * news_left if is_plain & (relation.awareness[k] >= aware_at) else trust
        relation.surprise[k] = NO_SURPRISE if is_plain else surprise
    return listed(world, b)


@compiled
def listen(world, week, b, f, n):
    """Trust of the n customers of `world.who`, who have heard what friends say of firm f or what they pay there."""
    customer, relation, news, firm = (
        world.customers[b],
        world.relations[b, f],
        world.heard[week & 1, b, f],
        world.firms[f],
    )
    offsets, who, shock, p = world.offsets, world.who, world.trust_shock[week, f], world.constants[0]
    for j in range(n):
        k = who[j]
        good, bad = int(news.good[k]), int(news.bad[k])
        trust, surprise = float(relation.trust[k]), float(relation.surprise[k])
        level = trusting.trust_from_dialogue(trust, p.trust_dialogue, firm.communication)
        if surprise > NO_SURPRISE:
            level = trusting.trust_after_promise(level, surprise, p.trust_tolerance, p.trust_kept, p.trust_broken)
        if good + bad > 0:
            level = trusting.trust_after_talk(level, good, bad, p.trust_praise, p.trust_blame)
        if firm.personal_depth > 0.0 and relation.purchases[k] > 0 and firm.mean_discount > 0.0:
            i = b * BLOCK + k
            ties = offsets[i + 1] - offsets[i]
            level = trusting.trust_after_comparing(
                level, p.trust_unfair, relation.adopted_neighbours[k] / ties if ties > 0 else 0.0,
                firm.mean_discount, own_discount(customer, relation, k, firm),
            )  # fmt: skip
        relation.trust[k] = level * (1.0 - shock) if relation.awareness[k] >= p.stage_aware_at else trust
        relation.surprise[k] = NO_SURPRISE
    for k in range(in_block(world, b)):
        news.good[k], news.bad[k], news.adopted[k] = 0, 0, 0


@compiled
def sell(world, n):
    """Open a sale for each of n shoppers who has chosen a firm. Returns how many."""
    shoppers, sales, first, sold = world.shoppers, world.sales, world.counts[SALES], 0
    for j in range(n):
        shopper, sale = shoppers[j], sales[first + sold]
        sale.customer, sale.firm, sale.way = shopper.customer, shopper.firm, shopper.way
        shopper.sale = first + sold  # of nobody, and overwritten, unless it counts
        sold += int(shopper.firm >= 0)
    world.counts[FIRST_SALE], world.counts[SALES] = first, first + sold
    return sold


@compiled
def ways_used(bits):
    """How many of the three ways a customer has used."""
    return int(bits & channels.STORE != 0) + int(bits & channels.ONLINE != 0) + int(bits & channels.RESELLER != 0)


@compiled
def experience(world, week, b, n, occasion):
    """Phase 6: what was delivered, waiting, failure, complaint or silence, recovery or exit; the firm learns."""
    customer, firms, own, who = world.customers[b], world.firms, world.block[0], world.who
    fit, sales, first = world.fit, world.sales, world.counts[SALES]
    seed, p, climate, draws, luck = (
        world.market[0].seed, world.constants[0], world.climate[week], world.draws, world.luck,
    )  # fmt: skip
    n_buying = sell(world, n)
    for j in range(n_buying):
        who[j] = sales[first + j].customer
    chance.uniforms_of(draws, n_buying, seed, EXPERIENCE, week, 0, who, 2 * occasion)
    chance.normals_of(luck, n_buying, draws[0])
    for j in range(n_buying):
        sale = sales[first + j]
        i, f, way = sale.customer, sale.firm, sale.way
        relation, firm, k = world.relations[b, f], firms[f], i - b * BLOCK
        knowledge = float(relation.knowledge[k])
        discount = own_discount(customer, relation, k, firm)
        price, deal, attended, wait_share, _, personnel = offer_met(
            customer, relation, k, firm, way, week, p.campaign_window
        )
        met = quality_met(customer, k, firm, attended, personnel, fit[customer.segment[k], f], climate)
        perceived = service.tailored(met, p.experience_tailor, knowledge)
        spread = service.variability_left(p.experience_variability, p.experience_steadiness, firm.consistency)
        contact, failure, complaint = draws[1, j], draws[2, j], draws[3, j]
        if spread > 0.0:
            perceived += spread * luck[j]
        contacts, events = 0, 0
        if contact < p.experience_contact_rate:
            perceived -= p.experience_waiting_pain * wait_share
            if firm.self_service > 0.0:
                perceived -= p.experience_self_pain * firm.self_service * (1.0 - customer.digital[k])
            contacts += 1
            events |= CALLED
        if failure < service.chance_of_failure(p.experience_failure_rate, firm.product):
            recovery, exit, _, _ = chance.uniforms(seed, EXPERIENCE, week, i, 2 * occasion + 1)
            events |= FAILED
            perceived -= p.experience_severity
            if complaint < customer.complaint[k]:
                events |= COMPLAINED
                contacts += 1
                perceived -= p.experience_waiting_pain * wait_share
                if recovery < service.chance_of_recovery(firm.recovery, wait_share):
                    events |= RECOVERED
                    perceived += p.experience_severity * p.experience_recovery_gain
                else:
                    perceived -= p.experience_ignored_pain
            if not events & RECOVERED:
                leaving = service.chance_of_exit(
                    p.experience_exit_rate, float(customer.forgiveness[k]), float(relation.commitment[k]),
                    events & COMPLAINED != 0, p.experience_voice,
                )  # fmt: skip
                if exit < leaving:
                    own.exits[k] |= 1 << f
        if deal > 0.0:
            events |= ON_DEAL
        relation.channels[k] = int(relation.channels[k]) | way
        share = channels.share_learned(way, p.channel_online_learning, firm.capability, ways_used(relation.channels[k]))
        relation.knowledge[k] = service.knowledge_gained(
            knowledge, p.experience_learn, firm.insight, 1.0 + contacts, share
        )
        sale.contacts, sale.events, sale.perceived = contacts, events, min(1.0, max(0.0, perceived))
        sale.price, sale.deal, sale.discount = price, deal, discount
