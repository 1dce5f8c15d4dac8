"""Phases 3 to 6: how a block of customers hears, trusts, chooses and experiences.

Rules decide; these loops only fetch, call and store. Every phase is phase(world, week, first, last) over customers
first … last − 1 of one block, or over the first n of its shoppers.
"""

from __future__ import annotations

from sim import chance
from sim.chance import CENTRE, CHANNEL, CHOOSE, EXPERIENCE, HEAR, NEED
from sim.compiled import compiled
from sim.offer import is_willing, offer_met, own_discount, quality_met, way_to, worth
from sim.population import NO_SURPRISE
from sim.rules import channel as channels
from sim.rules import experience as service
from sim.rules import hear as hearing
from sim.rules import trust as trusting

# Events of a sale, as bits.
FAILED, COMPLAINED, RECOVERED, CALLED, ON_DEAL, REWARDED, FIRST, ADDED, UPGRADED = 1, 2, 4, 8, 16, 32, 64, 128, 256
SALES, SALES_LOGGED, MESSAGES_LOGGED = 0, 1, 2  # places in World.counts


@compiled
def draw_block(draws, seed, purpose, week, i, block):
    """Write the four draws of a block to `draws`."""
    draws[0], draws[1], draws[2], draws[3] = chance.uniforms(seed, purpose, week, i, block)


@compiled
def hear(world, week, first, last):
    """Phase 3: notice, forget, be reminded; believe promises."""
    customers, relations, firms = world.customers, world.relations, world.firms
    heard, offsets, segments = world.heard, world.offsets, world.segments
    market, p, now = world.market[0], world.constants[0], week & 1
    for k in range(remind(world, week, first, last)):
        i, f = world.due[k, 0], world.due[k, 1]
        relation, firm, news = relations[i, f], firms[f], heard[now, i, f]
        if news.adopted > 0:
            relation.adopted_neighbours = min(255, int(relation.adopted_neighbours) + int(news.adopted))
        if week > customers[i].week_of_moving:
            continue
        if news.adopted > 0 and firm.referral_points > 0.0 and relation.purchases > 0 and relation.reason == 0:
            given = firm.referral_points * int(news.adopted)
            relation.points += given
            world.tally[week, f].points_issued += given
        messages = int(news.good) + int(news.bad)
        caught = hearing.caught(messages, p.hear_friend_reach) if messages > 0 else 0.0
        if relation.awareness < p.stage_aware_at:
            ties = offsets[i + 1] - offsets[i]
            peers = relation.adopted_neighbours / ties if ties > 0 else 0.0
            seen = market.visibility * (firm.buyers / market.size) + (1.0 - market.visibility) * peers
            segment = segments[customers[i].segment]
            noticing = hearing.chance_of_noticing(
                firm.advertising, segment.innovativeness, p.hear_reach, seen, segment.susceptibility, caught
            )
            if chance.uniform(market.seed, HEAR, week, i, f) >= noticing:
                continue
            relation.awareness = 1.0
        else:
            relation.awareness = hearing.awareness_kept(
                float(relation.awareness), p.hear_forget, p.hear_remind, firm.advertising, caught
            )
        if relation.awareness >= p.stage_aware_at:
            relation.expectation = hearing.inflated_expectation(
                float(relation.expectation), firm.promise, p.hear_inflate, firm.advertising
            )


@compiled
def remind(world, week, first, last):
    """What a week without news does to those who know a firm; lists the rest in `world.due` and returns how many.

    No branches: nobody could foresee who knows which firm.
    """
    customers, relations, firms, heard, due = world.customers, world.relations, world.firms, world.heard, world.due
    p, now, n = world.constants[0], week & 1, 0
    for i in range(first, last):
        is_here = week <= customers[i].week_of_moving
        for f in range(firms.size):
            relation, news, advertising = relations[i, f], heard[now, i, f], firms[f].advertising
            awareness, expectation = float(relation.awareness), float(relation.expectation)
            is_due = (news.adopted > 0) | (news.good > 0) | (news.bad > 0) | (awareness < p.stage_aware_at)
            due[n, 0], due[n, 1] = i, f
            n += int(is_due)
            is_plain = is_here & (not is_due)
            kept = hearing.awareness_kept(awareness, p.hear_forget, p.hear_remind, advertising, 0.0)
            relation.awareness = kept if is_plain else awareness
            inflated = hearing.inflated_expectation(expectation, firms[f].promise, p.hear_inflate, advertising)
            is_known = relation.awareness >= p.stage_aware_at
            relation.expectation = inflated if is_plain & is_known else expectation
    return n


@compiled
def trust(world, week, first, last):
    """Phase 4: dialogue, promises kept or broken last week, what friends said."""
    customers, relations, firms, heard = world.customers, world.relations, world.firms, world.heard
    offsets, shocks, p, now = world.offsets, world.trust_shock, world.constants[0], week & 1
    for i in range(first, last):
        is_gone = week > customers[i].week_of_moving
        for f in range(firms.size):
            relation, news = relations[i, f], heard[now, i, f]
            good, bad = int(news.good), int(news.bad)
            news.good, news.bad, news.adopted = 0, 0, 0
            if is_gone:
                continue
            trust, surprise = float(relation.trust), float(relation.surprise)
            level = trusting.trust_from_dialogue(trust, p.trust_dialogue, firms[f].communication)
            digested = trusting.trust_after_promise(level, surprise, p.trust_tolerance, p.trust_kept, p.trust_broken)
            level = digested if surprise > NO_SURPRISE else level
            if good + bad > 0:
                level = trusting.trust_after_talk(level, good, bad, p.trust_praise, p.trust_blame)
            if firms[f].personal_depth > 0.0 and relation.purchases > 0 and firms[f].mean_discount > 0.0:
                ties = offsets[i + 1] - offsets[i]
                level = trusting.trust_after_comparing(
                    level, p.trust_unfair, relation.adopted_neighbours / ties if ties > 0 else 0.0,
                    firms[f].mean_discount, own_discount(customers[i], relation, firms[f]),
                )  # fmt: skip
            relation.trust = level * (1.0 - shocks[week, f]) if relation.awareness >= p.stage_aware_at else trust
            relation.surprise = NO_SURPRISE


@compiled
def need(world, week, first, last):
    """Phase 5, first half: on how many occasions each customer needs something. Returns the number of shoppers."""
    customers, block, shoppers = world.customers, world.block, world.shoppers
    market, need_factor, n = world.market[0], world.climate[week].need, 0
    world.counts[SALES] = 0
    for i in range(first, last):
        customer, own = customers[i], block[i - first]
        own.occasions, own.switched, own.last_firm, own.exits, own.is_ignored = 0, -1, -1, 0, 0
        if week > customer.week_of_moving:
            continue
        if customer.contract_firm >= 0:
            own.occasions = 1 if week >= customer.contract_until else 0
        else:
            u = chance.uniform(market.seed, NEED, week, i, 0)
            wanted = chance.poisson(u, customer.need_rate * need_factor)
            own.occasions = min(1, wanted) if market.contract_weeks > 0 else wanted
        shoppers[n].customer = i  # overwritten by the next one unless it counts
        n += int(own.occasions > 0)
    return n


@compiled
def still_in_need(world, first, n, occasion):
    """Keep only those of n shoppers who have a further occasion. Returns how many."""
    shoppers, block, kept = world.shoppers, world.block, 0
    for j in range(n):
        shoppers[kept].customer = shoppers[j].customer
        kept += int(block[shoppers[j].customer - first].occasions > occasion)
    return kept


@compiled
def luck_of_centre(u, seed, week, i, slot, people):
    """Gumbel luck of an alternative: where several people decide together, the mean of theirs."""
    luck = chance.gumbel(u)
    if people > 1:
        for other in range(1, people):
            luck += chance.gumbel(chance.uniform(seed, CENTRE, week, i, 256 * other + slot))
        luck /= people
    return luck


@compiled
def draw_luck(world, week, n, occasion):
    """The luck of going without and of every firm, for each of n shoppers."""
    customers, shoppers, draws, luck = world.customers, world.shoppers, world.draws, world.luck
    seed, segments = world.market[0].seed, world.segments
    for j in range(n):
        i = shoppers[j].customer
        people = int(segments[customers[i].segment].buying_centre)
        for slot in range(luck.shape[1]):
            if slot % 4 == 0:
                draw_block(draws, seed, CHOOSE, week, i, 4 * occasion + slot // 4)
            luck[j, slot] = luck_of_centre(draws[slot % 4], seed, week, i, 16 * occasion + slot, people)


@compiled
def choose(world, week, first, n, occasion):
    """Phase 5, second half: each of n shoppers takes the greatest delivered value plus luck, or goes without."""
    customers, relations, firms, shoppers = world.customers, world.relations, world.firms, world.shoppers
    fit, block, luck = world.fit, world.block, world.luck
    market, p, climate = world.market[0], world.constants[0], world.climate[week]
    draw_luck(world, week, n, occasion)
    for j in range(n):
        i = shoppers[j].customer
        customer = customers[i]
        mood = chance.uniform(market.seed, CHANNEL, week, i, occasion) if market.is_online else 1.0
        best, chosen, way_chosen = market.outside_value + luck[j, 0], -1, 0
        for f in range(firms.size):
            relation, firm = relations[i, f], firms[f]
            way = way_to(customer, relation, firm, mood)
            is_open = (way != channels.NOWHERE) & is_willing(relation, p)
            value, _, _ = worth(
                customer, relation, firm, way, fit[customer.segment, f], climate, week, market.reference_price, p
            )
            total = value + luck[j, f + 1]
            is_best = is_open & (total > best)
            best, chosen, way_chosen = (total, f, way) if is_best else (best, chosen, way_chosen)
        shoppers[j].firm, shoppers[j].way = chosen, way_chosen
        if market.contract_weeks > 0:
            former = customer.contract_firm
            if former >= 0 and former != chosen:
                block[i - first].switched = former
            customer.contract_firm = chosen
            if chosen >= 0:
                customer.contract_until = week + market.contract_weeks


@compiled
def ways_used(bits):
    """How many of the three ways a customer has used."""
    return int(bits & channels.STORE != 0) + int(bits & channels.ONLINE != 0) + int(bits & channels.RESELLER != 0)


@compiled
def experience(world, week, first, n, occasion):
    """Phase 6: what was delivered, waiting, failure, complaint or silence, recovery or exit; the firm learns."""
    customers, relations, firms, shoppers = world.customers, world.relations, world.firms, world.shoppers
    fit, block, sales, counts = world.fit, world.block, world.sales, world.counts
    seed, p, climate = world.market[0].seed, world.constants[0], world.climate[week]
    for j in range(n):
        i, f, way = shoppers[j].customer, shoppers[j].firm, shoppers[j].way
        if f < 0:
            continue
        customer, relation, firm = customers[i], relations[i, f], firms[f]
        knowledge = float(relation.knowledge)
        discount = own_discount(customer, relation, firm)
        price, deal, attended, wait_share, _, personnel = offer_met(
            customer, relation, firm, way, week, p.campaign_window
        )
        met = quality_met(customer, firm, attended, personnel, fit[customer.segment, f], climate)
        perceived = service.tailored(met, p.experience_tailor, knowledge)
        spread = service.variability_left(p.experience_variability, p.experience_steadiness, firm.consistency)
        luck, contact, failure, complaint = chance.uniforms(seed, EXPERIENCE, week, i, 2 * occasion)
        if spread > 0.0:
            perceived += spread * chance.normal(luck)
        contacts, events = 0, 0
        if contact < p.experience_contact_rate:
            perceived -= p.experience_waiting_pain * wait_share
            if firm.self_service > 0.0:
                perceived -= p.experience_self_pain * firm.self_service * (1.0 - customer.digital)
            contacts += 1
            events |= CALLED
        if failure < service.chance_of_failure(p.experience_failure_rate, firm.product):
            recovery, exit, _, _ = chance.uniforms(seed, EXPERIENCE, week, i, 2 * occasion + 1)
            events |= FAILED
            perceived -= p.experience_severity
            if complaint < customer.complaint:
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
                    p.experience_exit_rate, float(customer.forgiveness), float(relation.commitment),
                    events & COMPLAINED != 0, p.experience_voice,
                )  # fmt: skip
                if exit < leaving:
                    block[i - first].exits |= 1 << f
        if deal > 0.0:
            events |= ON_DEAL
        relation.channels = int(relation.channels) | way
        share = channels.share_learned(way, p.channel_online_learning, firm.capability, ways_used(relation.channels))
        relation.knowledge = service.knowledge_gained(
            knowledge, p.experience_learn, firm.insight, 1.0 + contacts, share
        )
        shoppers[j].sale = counts[SALES]
        sale = sales[counts[SALES]]
        counts[SALES] += 1
        sale.customer, sale.firm, sale.contacts, sale.events = i, f, contacts, events
        sale.perceived = min(1.0, max(0.0, perceived))
        sale.way, sale.price, sale.deal, sale.discount = way, price, deal, discount
