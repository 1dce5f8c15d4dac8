"""Phases 7 and 8: how a block's shoppers judge what they got, and what bonds grow from it and fade.

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
from sim.week import ADDED, COMPLAINED, FIRST, RECOVERED, REWARDED, UPGRADED


@compiled
def judge(world, week, first, n):
    """Phase 7: satisfaction moves with the gap to expectation, expectation moves with experience."""
    relations, shoppers, sales, p = world.relations, world.shoppers, world.sales, world.constants[0]
    for j in range(n):
        i, f = shoppers[j].customer, shoppers[j].firm
        if f < 0:
            continue
        relation, perceived = relations[i, f], sales[shoppers[j].sale].perceived
        expectation = float(relation.expectation)
        gap = perceived - expectation
        felt = judgement.felt_gap(gap, p.judge_loss_aversion)
        episode = judgement.episode_satisfaction(
            expectation, felt, p.judge_as_expected, p.judge_from_expectation, p.judge_from_gap
        )
        relation.satisfaction = judgement.moved_towards(
            float(relation.satisfaction), episode, p.judge_satisfaction_speed
        )
        relation.expectation = judgement.moved_towards(expectation, perceived, p.judge_expectation_speed)
        relation.surprise = gap


@compiled
def keep_pace(relation, week, speed):
    """The recent interval between purchases, as it is known after this one."""
    last = int(relation.last_purchase)
    if last < 0 or last >= week:
        return
    interval, gap = float(relation.interval), float(week - last)
    relation.interval = gap if interval == 0.0 else interval + speed * (gap - interval)


@compiled
def sell_more(seed, week, i, occasion, relation, firm, sale, p):
    """A known customer may take the add-on or the better version as well."""
    commitment = float(relation.commitment)
    adding = assortment.chance_of_add_on(p.range_addon_appeal, commitment, float(relation.knowledge))
    if firm.addon_price > 0.0 and chance.uniform(seed, EXTRA, week, i, 2 * occasion) < adding:
        sale.events |= ADDED
    upgrading = assortment.chance_of_upgrade(p.range_upgrade_appeal, commitment, float(relation.satisfaction))
    if firm.upgrade_premium > 0.0 and chance.uniform(seed, EXTRA, week, i, 2 * occasion + 1) < upgrading:
        sale.events |= UPGRADED


@compiled
def answer(tally, records, f, relation, week, window):
    """A purchase soon after a campaign's contact answers it; the firm's records learn from a prospect won."""
    kind = int(relation.campaign)
    if week - relation.week_of_contact < window:
        if kind > 0:
            contact.count(tally, kind, 0.0, 0.0, 1.0, 0.0)
        else:
            contact.count(tally, -kind, 0.0, 0.0, 0.0, 1.0)
        if kind == campaign.ACQUISITION and relation.purchases == 0:
            records[f, relation.cell].won += 1.0
        relation.campaign = 0


@compiled
def bond(world, week, first, n, occasion):
    """Phase 8 at a purchase: habit and commitment grow, points are redeemed and given, friends see a first purchase."""
    relations, firms, shoppers, sales = world.relations, world.firms, world.shoppers, world.sales
    offsets, friends, heard, block = world.offsets, world.friends, world.heard, world.block
    tallies, records = world.tally, world.records
    seed, p, after = world.market[0].seed, world.constants[0], (week + 1) & 1
    for j in range(n):
        i, f = shoppers[j].customer, shoppers[j].firm
        if f < 0:
            continue
        relation, firm, sale = relations[i, f], firms[f], sales[shoppers[j].sale]
        relation.habit = bonds.habit_built(float(relation.habit), p.bond_habit_gain, sale.deal)
        target = bonds.commitment_target(
            float(relation.satisfaction), float(relation.trust), firm.image, firm.community,
            p.bond_from_satisfaction, p.bond_from_trust, p.bond_from_image, p.bond_from_community,
        )  # fmt: skip
        relation.commitment = bonds.commitment_built(
            float(relation.commitment), target, p.bond_commitment_speed, sale.deal
        )
        if sale.deal > 0.0:
            relation.bargains += 1
        keep_pace(relation, week, p.stage_pace_speed)
        if relation.purchases > 0 and firm.addon_price + firm.upgrade_premium > 0.0:
            sell_more(seed, week, i, occasion, relation, firm, sale, p)
        if relation.campaign != 0:
            answer(tallies[week, f], records, f, relation, week, p.campaign_window)
        points = float(relation.points)
        sale.reward = programme.reward_due(points, firm.reward_points, firm.reward_value, sale.price)
        if firm.reward_points > 0.0 and points >= firm.reward_points:
            points -= firm.reward_points
            sale.events |= REWARDED
        relation.points = points + firm.points_per_purchase
        if relation.first_purchase < 0:
            relation.first_purchase = week
            sale.events |= FIRST
            relation.points += firm.endowed_points
            firm.new_buyers += 1.0
            for t in range(offsets[i], offsets[i + 1]):
                news = heard[after, friends[t], f]
                news.adopted = min(255, int(news.adopted) + 1)
        relation.awareness = 1.0
        relation.purchases += 1
        relation.last_purchase = week
        own = block[i - first]
        own.last_firm = f
        own.is_ignored = (sale.events & COMPLAINED) != 0 and (sale.events & RECOVERED) == 0


@compiled
def fade(world, week, first, last):
    """Phase 8 at the end of the week: habit and commitment fade, bought or not."""
    customers, relations, p = world.customers, world.relations, world.constants[0]
    habit_decay, commitment_decay = p.bond_habit_decay, p.bond_commitment_decay
    for f in range(relations.shape[1]):
        for i in range(first, last):
            relation, is_here = relations[i, f], week <= customers[i].week_of_moving
            habit, commitment = float(relation.habit), float(relation.commitment)
            relation.habit = bonds.faded(habit, habit_decay) if is_here else habit
            relation.commitment = bonds.faded(commitment, commitment_decay) if is_here else commitment
