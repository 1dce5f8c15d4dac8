"""Phases 3 to 6: how a block of customers hears, trusts, chooses and experiences.

Rules decide; these loops only fetch, call and store. Every phase is phase(world, week, first, last) over customers
first … last − 1 of one block, or over the first n of its shoppers.
"""

from __future__ import annotations

from sim import chance
from sim.chance import CENTRE, CHANNEL, CHOOSE, EXPERIENCE, HEAR, NEED
from sim.compiled import compiled
from sim.elementary import exp
from sim.offer import (
    is_willing,
    offer_met,
    own_discount,
    pulls_of,
    quality_met,
    terms_of,
    trend_of,
    way_to,
    worth,
)  # fmt: skip
from sim.population import NO_SURPRISE
from sim.rules import channel as channels
from sim.rules import experience as service
from sim.rules import hear as hearing
from sim.rules import trust as trusting

# Events of a sale, as bits.
FAILED, COMPLAINED, RECOVERED, CALLED, ON_DEAL, REWARDED, FIRST, ADDED, UPGRADED = 1, 2, 4, 8, 16, 32, 64, 128, 256
SALES, SALES_LOGGED, MESSAGES_LOGGED = 0, 1, 2  # places in World.counts


@compiled
def hear(world, week, first, last):
    """Phase 3: notice, forget, be reminded; believe promises."""
    for f in range(world.firms.size):
        notice(world, week, f, remind(world, week, f, first, last))


@compiled
def remind(world, week, f, first, last):
    """What a week without news does to those who know firm f; lists the others in `world.who` and returns how many.

    No branches: nobody could foresee who knows which firm.
    """
    customers, relations, heard, who = world.customers, world.relations, world.heard[week & 1], world.who
    firm, p = world.firms[f], world.constants[0]
    advertising, promise, aware_at = firm.advertising, firm.promise, p.stage_aware_at
    forget, reminding, inflate, n = p.hear_forget, p.hear_remind, p.hear_inflate, 0
    for i in range(first, last):
        relation, news = relations[i, f], heard[i, f]
        awareness, expectation = float(relation.awareness), float(relation.expectation)
        is_due = (news.adopted > 0) | (news.good > 0) | (news.bad > 0) | (awareness < aware_at)
        who[n] = i
        n += int(is_due)
        is_plain = (week <= customers[i].week_of_moving) & (not is_due)
        kept = hearing.awareness_kept(awareness, forget, reminding, advertising, 0.0)
        relation.awareness = kept if is_plain else awareness
        inflated = hearing.inflated_expectation(expectation, promise, inflate, advertising)
        is_known = relation.awareness >= aware_at
        relation.expectation = inflated if is_plain & is_known else expectation
    return n


@compiled
def notice(world, week, f, n):
    """The n customers of `world.who` notice firm f or do not, by advertising, by seeing others buy, by friends."""
    customers, relations, firm, heard = world.customers, world.relations, world.firms[f], world.heard[week & 1]
    offsets, segments, who, draws = world.offsets, world.segments, world.who, world.draws
    market, p = world.market[0], world.constants[0]
    chance.uniforms_of(draws, n, market.seed, HEAR, week, who, f // 4)
    for j in range(n):
        i = who[j]
        relation, news = relations[i, f], heard[i, f]
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
            if draws[f % 4, j] >= noticing:
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
def trust(world, week, first, last):
    """Phase 4: dialogue, promises kept or broken last week, what friends said."""
    for f in range(world.firms.size):
        listen(world, week, f, digest(world, week, f, first, last))


@compiled
def digest(world, week, f, first, last):
    """Dialogue and last week's experience; lists those who have also heard something in `world.who`, returns how many.

    Whoever is listed is left as they were. No branches, as in `remind`.
    """
    customers, relations, heard, who = world.customers, world.relations, world.heard[week & 1], world.who
    firm, p, n = world.firms[f], world.constants[0], 0
    dialogue, tolerance, kept, broken = p.trust_dialogue, p.trust_tolerance, p.trust_kept, p.trust_broken
    communication, news_left, aware_at = firm.communication, 1.0 - world.trust_shock[week, f], p.stage_aware_at
    has_own_prices = (firm.personal_depth > 0.0) & (firm.mean_discount > 0.0)
    for i in range(first, last):
        relation, news = relations[i, f], heard[i, f]
        is_here = week <= customers[i].week_of_moving
        is_due = is_here & (has_own_prices | (news.good > 0) | (news.bad > 0))
        who[n] = i
        n += int(is_due)
        news.good = news.good if is_due else 0
        news.bad = news.bad if is_due else 0
        news.adopted = 0
        trust, surprise = float(relation.trust), float(relation.surprise)
        level = trusting.trust_from_dialogue(trust, dialogue, communication)
        digested = trusting.trust_after_promise(level, surprise, tolerance, kept, broken)
        level = digested if surprise > NO_SURPRISE else level
        is_plain = is_here & (not is_due)
        relation.trust = level * news_left if is_plain & (relation.awareness >= aware_at) else trust
        relation.surprise = NO_SURPRISE if is_plain else surprise
    return n


@compiled
def listen(world, week, f, n):
    """Trust of the n customers of `world.who`, who have heard what friends say of firm f or what they pay there."""
    customers, relations, firm, heard = world.customers, world.relations, world.firms[f], world.heard[week & 1]
    offsets, who, shock, p = world.offsets, world.who, world.trust_shock[week, f], world.constants[0]
    for j in range(n):
        i = who[j]
        relation, news = relations[i, f], heard[i, f]
        good, bad = int(news.good), int(news.bad)
        news.good, news.bad = 0, 0
        trust, surprise = float(relation.trust), float(relation.surprise)
        level = trusting.trust_from_dialogue(trust, p.trust_dialogue, firm.communication)
        if surprise > NO_SURPRISE:
            level = trusting.trust_after_promise(level, surprise, p.trust_tolerance, p.trust_kept, p.trust_broken)
        if good + bad > 0:
            level = trusting.trust_after_talk(level, good, bad, p.trust_praise, p.trust_blame)
        if firm.personal_depth > 0.0 and relation.purchases > 0 and firm.mean_discount > 0.0:
            ties = offsets[i + 1] - offsets[i]
            level = trusting.trust_after_comparing(
                level, p.trust_unfair, relation.adopted_neighbours / ties if ties > 0 else 0.0,
                firm.mean_discount, own_discount(customers[i], relation, firm),
            )  # fmt: skip
        relation.trust = level * (1.0 - shock) if relation.awareness >= p.stage_aware_at else trust
        relation.surprise = NO_SURPRISE


@compiled
def need(world, week, first, last):
    """Phase 5, first half: on how many occasions each customer needs something. Returns the number of shoppers."""
    customers, block, shoppers, draws = world.customers, world.block, world.shoppers, world.draws
    contract_weeks, n = world.market[0].contract_weeks, 0
    draw_needs(world, week, first, last)
    world.counts[SALES] = 0
    for i in range(first, last):
        customer, own, j = customers[i], block[i - first], i - first
        wanted = chance.poisson_beyond(draws[0, j], draws[1, j], draws[2, j])
        if contract_weeks > 0:
            is_due = (customer.contract_firm < 0) & (wanted > 0)
            wanted = int(is_due | ((customer.contract_firm >= 0) & (week >= customer.contract_until)))
        own.occasions = wanted if week <= customer.week_of_moving else 0
        own.switched, own.last_firm, own.exits, own.is_ignored = -1, -1, 0, 0
        shoppers[n].customer = i  # overwritten by the next one unless it counts
        n += int(own.occasions > 0)
    return n


@compiled
def draw_needs(world, week, first, last):
    """For everybody in the block the draw of the week's need, its mean and the chance of none, in `world.draws`."""
    customers, who, draws, need_factor = world.customers, world.who, world.draws, world.climate[week].need
    for i in range(first, last):
        who[i - first] = i
    chance.uniforms_of(draws, last - first, world.market[0].seed, NEED, week, who, 0)
    means, nones = draws[1], draws[2]
    for i in range(first, last):
        means[i - first] = customers[i].need_rate * need_factor
    for j in range(last - first):
        nones[j] = exp(-means[j])


@compiled
def still_in_need(world, first, n, occasion):
    """Keep only those of n shoppers who have a further occasion. Returns how many."""
    shoppers, block, kept = world.shoppers, world.block, 0
    for j in range(n):
        shoppers[kept].customer = shoppers[j].customer
        kept += int(block[shoppers[j].customer - first].occasions > occasion)
    return kept


@compiled
def draw_for_shoppers(world, n, purpose, week, block):
    """Draw a block of chance for each of n shoppers into `world.draws`."""
    shoppers, who = world.shoppers, world.who
    for j in range(n):
        who[j] = shoppers[j].customer
    chance.uniforms_of(world.draws, n, world.market[0].seed, purpose, week, who, block)


@compiled
def luck_of_centre(luck, seed, week, i, slot, people):
    """Luck of an alternative where several people decide together: the mean of theirs, `luck` being the first one's."""
    for other in range(1, people):
        luck += chance.gumbel(chance.uniform(seed, CENTRE, week, i, 256 * other + slot))
    return luck / people


@compiled
def draw_luck(world, week, n, occasion):
    """The luck of going without and of every firm, for each of n shoppers."""
    customers, shoppers, segments, seed = world.customers, world.shoppers, world.segments, world.market[0].seed
    for slot in range(world.luck.shape[0]):
        if slot % 4 == 0:
            draw_for_shoppers(world, n, CHOOSE, week, 4 * occasion + slot // 4)
        drawn, luck = world.draws[slot % 4], world.luck[slot]
        for j in range(n):
            luck[j] = chance.gumbel(drawn[j])
        for j in range(n if world.market[0].has_centres else 0):
            i = shoppers[j].customer
            people = int(segments[customers[i].segment].buying_centre)
            luck[j] = luck_of_centre(luck[j], seed, week, i, 16 * occasion + slot, people)


@compiled
def choose(world, week, first, n, occasion):
    """Phase 5, second half: each of n shoppers takes the greatest delivered value plus luck, or goes without."""
    customers, shoppers, block, market = world.customers, world.shoppers, world.block, world.market[0]
    draw_luck(world, week, n, occasion)
    outside, luck, draws = market.outside_value, world.luck[0], world.draws
    for j in range(n):
        shoppers[j].firm, shoppers[j].way, shoppers[j].best = -1, channels.NOWHERE, outside + luck[j]
    if market.is_online:
        draw_for_shoppers(world, n, CHANNEL, week, occasion // 4)
    else:
        draws[occasion % 4, :n] = 1.0  # in no mood for it
    for f in range(world.firms.size):
        consider(world, week, f, n, draws[occasion % 4])
    if market.contract_weeks > 0:
        for j in range(n):
            customer, chosen = customers[shoppers[j].customer], shoppers[j].firm
            former = customer.contract_firm
            if former >= 0 and former != chosen:
                block[shoppers[j].customer - first].switched = former
            customer.contract_firm = chosen
            if chosen >= 0:
                customer.contract_until = week + market.contract_weeks


@compiled
def consider(world, week, f, n, moods):
    """Each of n shoppers looks at firm f, if they would consider it, and takes its offer if it is the best so far.

    No branches: nobody could foresee who prefers what.
    """
    customers, relations, shoppers, luck = world.customers, world.relations, world.shoppers, world.luck[f + 1]
    fit, reference_price = world.fit, world.market[0].reference_price
    firm, pulls, trend = terms_of(world.firms[f]), pulls_of(world.constants[0]), trend_of(world.climate[week])
    for j in range(n):
        shopper, customer, relation = shoppers[j], customers[shoppers[j].customer], relations[shoppers[j].customer, f]
        way = way_to(customer, relation, firm, moods[j])
        value, _, _ = worth(
            customer, relation, firm, way, fit[customer.segment, f], trend, week, reference_price, pulls
        )
        total = value + luck[j]
        is_best = (way != channels.NOWHERE) & is_willing(relation, pulls) & (total > shopper.best)
        shopper.firm = f if is_best else shopper.firm
        shopper.way = way if is_best else shopper.way
        shopper.best = total if is_best else shopper.best


@compiled
def ways_used(bits):
    """How many of the three ways a customer has used."""
    return int(bits & channels.STORE != 0) + int(bits & channels.ONLINE != 0) + int(bits & channels.RESELLER != 0)


@compiled
def experience(world, week, first, n, occasion):
    """Phase 6: what was delivered, waiting, failure, complaint or silence, recovery or exit; the firm learns."""
    customers, relations, firms, shoppers = world.customers, world.relations, world.firms, world.shoppers
    fit, block, sales, counts = world.fit, world.block, world.sales, world.counts
    seed, p, climate, draws = world.market[0].seed, world.constants[0], world.climate[week], world.draws
    draw_for_shoppers(world, n, EXPERIENCE, week, 2 * occasion)
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
        luck, contact, failure, complaint = draws[0, j], draws[1, j], draws[2, j], draws[3, j]
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
