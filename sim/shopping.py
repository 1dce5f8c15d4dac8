"""Phase 5: which customers of a block need something, and whose offer they take. They are the shoppers of an occasion.

Rules decide; these loops only fetch, call and store. A phase over shoppers is phase(world, week, b, n, occasion).
"""

from __future__ import annotations

from sim import chance
from sim.chance import CENTRE, CHANNEL, CHOOSE, NEED
from sim.compiled import compiled
from sim.elementary import exp
from sim.offer import is_willing, pulls_of, terms_of, trend_of, way_to, worth
from sim.rules import channel as channels
from sim.storage import BLOCK
from sim.week import SALES, in_block


@compiled
def need(world, week, b):
    """Phase 5, first half: on how many occasions each customer needs something. Returns the number of shoppers."""
    customer, own, shoppers, draws = world.customers[b], world.block[0], world.shoppers, world.draws
    contract_weeks, n = world.market[0].contract_weeks, 0
    draw_needs(world, week, b)
    world.counts[SALES] = 0
    for k in range(in_block(world, b)):
        own.switched[k], own.last_firm[k], own.exits[k], own.is_ignored[k] = -1, -1, 0, 0
    for k in range(in_block(world, b)):
        wanted = chance.poisson_beyond(draws[0, k], draws[1, k], draws[2, k])
        if contract_weeks > 0:
            is_due = (customer.contract_firm[k] < 0) & (wanted > 0)
            wanted = int(is_due | ((customer.contract_firm[k] >= 0) & (week >= customer.contract_until[k])))
        wanted = wanted if week <= customer.week_of_moving[k] else 0
        own.occasions[k] = wanted
        shoppers[n].customer = b * BLOCK + k  # overwritten by the next one unless it counts
        n += int(wanted > 0)
    return n


@compiled
def draw_needs(world, week, b):
    """For everybody in block b the draw of the week's need, its mean and the chance of none, in `world.draws`."""
    customer, who, draws, need_factor = world.customers[b], world.who, world.draws, world.climate[week].need
    n, means, nones, own = in_block(world, b), world.draws[1], world.draws[2], world.block[0]
    for k in range(n):
        who[k] = k
        own.need_interval[k] = 1.0 / customer.need_rate[k]
    chance.uniforms_of(draws, n, world.market[0].seed, NEED, week, b * BLOCK, who, 0)
    for k in range(n):
        means[k] = customer.need_rate[k] * need_factor
        nones[k] = exp(-means[k])


@compiled
def still_in_need(world, b, n, occasion):
    """Keep only those of n shoppers who have a further occasion. Returns how many."""
    shoppers, own, kept = world.shoppers, world.block[0], 0
    for j in range(n):
        shoppers[kept].customer = shoppers[j].customer
        kept += int(own.occasions[shoppers[j].customer - b * BLOCK] > occasion)
    return kept


@compiled
def draw_for_shoppers(world, n, purpose, week, block):
    """Draw a block of chance for each of n shoppers into `world.draws`."""
    shoppers, who = world.shoppers, world.who
    for j in range(n):
        who[j] = shoppers[j].customer
    chance.uniforms_of(world.draws, n, world.market[0].seed, purpose, week, 0, who, block)


@compiled
def luck_of_centre(luck, seed, week, i, slot, people):
    """Luck of an alternative where several people decide together: the mean of theirs, `luck` being the first one's."""
    for other in range(1, people):
        luck += chance.gumbel(chance.uniform(seed, CENTRE, week, i, 256 * other + slot))
    return luck / people


@compiled
def draw_luck(world, week, b, n, slot, occasion):
    """The luck of one alternative, 0 for going without or f + 1, for the n shoppers that `world.who` lists."""
    customer, shoppers, segments, seed = world.customers[b], world.shoppers, world.segments, world.market[0].seed
    luck, drawn, who = world.luck, world.draws[slot % 4], world.who
    for c in range(n):
        luck[c] = drawn[who[c]]
    for c in range(n):
        luck[c] = chance.gumbel(luck[c])
    for c in range(n if world.market[0].has_centres else 0):
        i = shoppers[who[c]].customer
        people = int(segments[customer.segment[i - b * BLOCK]].buying_centre)
        luck[c] = luck_of_centre(luck[c], seed, week, i, 16 * occasion + slot, people)


@compiled
def choose(world, week, b, n, occasion):
    """Phase 5, second half: each of n shoppers takes the greatest delivered value plus luck, or goes without."""
    draw_moods(world, week, n, occasion)
    for slot in range(1 + world.firms.size):
        if slot % 4 == 0:
            draw_for_shoppers(world, n, CHOOSE, week, 4 * occasion + slot // 4)
        if slot == 0:
            go_without(world, week, b, n, occasion)
        else:
            consider(world, week, b, slot - 1, n, occasion)
    if world.market[0].contract_weeks > 0:
        sign(world, week, b, n)


@compiled
def draw_moods(world, week, n, occasion):
    """The draw of each of n shoppers' mood for buying online, in `world.moods`: the smaller, the readier."""
    moods, is_online = world.moods, world.market[0].is_online
    if is_online:
        draw_for_shoppers(world, n, CHANNEL, week, occasion // 4)
    drawn = world.draws[occasion % 4]
    for j in range(n):
        moods[j] = drawn[j] if is_online else 1.0  # in no mood for it


@compiled
def go_without(world, week, b, n, occasion):
    """The first alternative of each of n shoppers: to buy nothing."""
    shoppers, who, luck, outside = world.shoppers, world.who, world.luck, world.market[0].outside_value
    for j in range(n):
        who[j] = j
    draw_luck(world, week, b, n, 0, occasion)
    for j in range(n):
        shoppers[j].firm, shoppers[j].way, shoppers[j].best = -1, channels.NOWHERE, outside + luck[j]


@compiled
def consider(world, week, b, f, n, occasion):
    """Each of n shoppers looks at firm f, if they would consider it, and takes its offer if it is the best so far."""
    customer, relation, shoppers, luck = world.customers[b], world.relations[b, f], world.shoppers, world.luck
    fit, reference_price, who, moods = world.fit, world.market[0].reference_price, world.who, world.moods
    firm, pulls, trend = terms_of(world.firms[f]), pulls_of(world.constants[0]), trend_of(world.climate[week])
    n_considering = who_would_consider(world, b, f, n)
    draw_luck(world, week, b, n_considering, f + 1, occasion)
    for c in range(n_considering):
        j = who[c]
        shopper, k = shoppers[j], shoppers[j].customer - b * BLOCK
        way = way_to(customer, relation, k, firm, moods[j])
        value, _, _ = worth(
            customer, relation, k, firm, way, fit[customer.segment[k], f], trend, week, reference_price, pulls
        )
        is_best = value + luck[c] > shopper.best  # no branch: nobody could foresee who prefers what
        shopper.firm = f if is_best else shopper.firm
        shopper.way = way if is_best else shopper.way
        shopper.best = value + luck[c] if is_best else shopper.best


@compiled
def who_would_consider(world, b, f, n):
    """List in `world.who` which of n shoppers can reach firm f and would consider it. Returns how many."""
    customer, relation, shoppers, who = world.customers[b], world.relations[b, f], world.shoppers, world.who
    firm, pulls, moods, listed = terms_of(world.firms[f]), pulls_of(world.constants[0]), world.moods, 0
    for j in range(n):
        k = shoppers[j].customer - b * BLOCK
        can_reach = way_to(customer, relation, k, firm, moods[j]) != channels.NOWHERE
        who[listed] = j  # overwritten by the next one unless it counts
        listed += int(can_reach & is_willing(relation, k, pulls))
    return listed


@compiled
def sign(world, week, b, n):
    """In a market of contracts each of n shoppers signs with the firm chosen, or with none."""
    customer, own, shoppers, contract_weeks = (
        world.customers[b], world.block[0], world.shoppers, world.market[0].contract_weeks,
    )  # fmt: skip
    for j in range(n):
        k, chosen = shoppers[j].customer - b * BLOCK, shoppers[j].firm
        former = customer.contract_firm[k]
        if former >= 0 and former != chosen:
            own.switched[k] = former
        customer.contract_firm[k] = chosen
        if chosen >= 0:
            customer.contract_until[k] = week + contract_weeks
