"""Phases 7 and 8: how a block's buyers judge what they got, and what bonds grow from it and fade.

Rules decide; these loops only fetch, call and store.
"""

from __future__ import annotations

from sim import chance, contact
from sim.chance import EXTRA
from sim.compiled import compiled
from sim.policies import campaign, programme
from sim.policies import range as assortment
from sim.rules import bond as bonds
from sim.rules import judge as judgement
from sim.storage import BLOCK
from sim.week import ADDED, COMPLAINED, FIRST, FIRST_SALE, RECOVERED, REWARDED, SALES, UPGRADED, in_block


@compiled
def judge(world, week, b):
    """Phase 7: satisfaction moves with the gap to expectation, expectation moves with experience."""
    sales, p = world.sales, world.constants[0]
    for s in range(world.counts[FIRST_SALE], world.counts[SALES]):
        k, perceived = sales[s].customer - b * BLOCK, sales[s].perceived
        relation = world.relations[b, sales[s].firm]
        expectation = float(relation.expectation[k])
        gap = perceived - expectation
        felt = judgement.felt_gap(gap, p.judge_loss_aversion)
        episode = judgement.episode_satisfaction(
            expectation, felt, p.judge_as_expected, p.judge_from_expectation, p.judge_from_gap
        )
        relation.satisfaction[k] = judgement.moved_towards(
            float(relation.satisfaction[k]), episode, p.judge_satisfaction_speed
        )
        relation.expectation[k] = judgement.moved_towards(expectation, perceived, p.judge_expectation_speed)
        relation.surprise[k] = gap


@compiled
def keep_pace(relation, k, week, speed):
    """The recent interval between purchases, as it is known after this one."""
    last = int(relation.last_purchase[k])
    if last < 0 or last >= week:
        return
    interval, gap = float(relation.interval[k]), float(week - last)
    relation.interval[k] = gap if interval == 0.0 else interval + speed * (gap - interval)


@compiled
def sell_more(seed, week, b, k, occasion, relation, firm, sale, p):
    """A known customer may take the add-on or the better version as well."""
    commitment = float(relation.commitment[k])
    adding = assortment.chance_of_add_on(p.range_addon_appeal, commitment, float(relation.knowledge[k]))
    if firm.addon_price > 0.0 and chance.uniform(seed, EXTRA, week, b * BLOCK + k, 2 * occasion) < adding:
        sale.events |= ADDED
    upgrading = assortment.chance_of_upgrade(p.range_upgrade_appeal, commitment, float(relation.satisfaction[k]))
    if firm.upgrade_premium > 0.0 and chance.uniform(seed, EXTRA, week, b * BLOCK + k, 2 * occasion + 1) < upgrading:
        sale.events |= UPGRADED


@compiled
def answer(tally, records, f, relation, k, week, window):
    """A purchase soon after a campaign's contact answers it; the firm's records learn from a prospect won."""
    kind = int(relation.campaign[k])
    if week - relation.week_of_contact[k] < window:
        if kind > 0:
            contact.count(tally, kind, 0.0, 0.0, 1.0, 0.0)
        else:
            contact.count(tally, -kind, 0.0, 0.0, 0.0, 1.0)
        if kind == campaign.ACQUISITION and relation.purchases[k] == 0:
            records[f, relation.cell[k]].won += 1.0
        relation.campaign[k] = 0


@compiled
def bond(world, week, b, occasion):
    """Phase 8 at a purchase: habit and commitment grow, points are redeemed and given, friends see a first purchase."""
    firms, sales, own = world.firms, world.sales, world.block[0]
    offsets, friends, heard = world.offsets, world.friends, world.heard
    tallies, records = world.tally, world.records
    seed, p, after = world.market[0].seed, world.constants[0], (week + 1) & 1
    for s in range(world.counts[FIRST_SALE], world.counts[SALES]):
        sale = sales[s]
        i, f, k = sale.customer, sale.firm, sale.customer - b * BLOCK
        relation, firm = world.relations[b, f], firms[f]
        relation.habit[k] = bonds.habit_built(float(relation.habit[k]), p.bond_habit_gain, sale.deal)
        target = bonds.commitment_target(
            float(relation.satisfaction[k]), float(relation.trust[k]), firm.image, firm.community,
            p.bond_from_satisfaction, p.bond_from_trust, p.bond_from_image, p.bond_from_community,
        )  # fmt: skip
        relation.commitment[k] = bonds.commitment_built(
            float(relation.commitment[k]), target, p.bond_commitment_speed, sale.deal
        )
        if sale.deal > 0.0:
            relation.bargains[k] += 1
        keep_pace(relation, k, week, p.stage_pace_speed)
        if relation.purchases[k] > 0 and firm.addon_price + firm.upgrade_premium > 0.0:
            sell_more(seed, week, b, k, occasion, relation, firm, sale, p)
        if relation.campaign[k] != 0:
            answer(tallies[week, f], records, f, relation, k, week, p.campaign_window)
        points = float(relation.points[k])
        sale.reward = programme.reward_due(points, firm.reward_points, firm.reward_value, sale.price)
        if firm.reward_points > 0.0 and points >= firm.reward_points:
            points -= firm.reward_points
            sale.events |= REWARDED
        relation.points[k] = points + firm.points_per_purchase
        if relation.first_purchase[k] < 0:
            relation.first_purchase[k] = week
            sale.events |= FIRST
            relation.points[k] += firm.endowed_points
            firm.new_buyers += 1.0
            for t in range(offsets[i], offsets[i + 1]):
                there = friends[t] % BLOCK
                news = heard[after, friends[t] // BLOCK, f]
                news.adopted[there] = min(255, int(news.adopted[there]) + 1)
        relation.awareness[k] = 1.0
        relation.purchases[k] += 1
        relation.last_purchase[k] = week
        own.last_firm[k] = f
        own.is_ignored[k] = (sale.events & COMPLAINED) != 0 and (sale.events & RECOVERED) == 0


@compiled
def fade(world, week, b):
    """Phase 8 at the end of the week: habit and commitment fade, bought or not."""
    customer, p = world.customers[b], world.constants[0]
    habit_decay, commitment_decay = p.bond_habit_decay, p.bond_commitment_decay
    for f in range(world.firms.size):
        relation = world.relations[b, f]
        for k in range(in_block(world, b)):
            is_here = week <= customer.week_of_moving[k]
            habit, commitment = float(relation.habit[k]), float(relation.commitment[k])
            relation.habit[k] = bonds.faded(habit, habit_decay) if is_here else habit
            relation.commitment[k] = bonds.faded(commitment, commitment_decay) if is_here else commitment
