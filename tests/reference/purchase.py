"""One purchase, from what is delivered to what it leaves behind: section 2 of the page, phases 6 to 8."""

from __future__ import annotations

from statistics import NormalDist

from sim import chance

from .meeting import Meeting, is_in_window
from .relation import ACQUISITION, ONLINE, STORE, Purchase
from .single import clip, single

NORMAL = NormalDist()


def buy(customer, met: Meeting, k: int) -> Purchase:
    """Live through the purchase of occasion k: experience it, judge it, bond over it."""
    firm, relation = customer.model.firm_agents[met.firm], customer.relations[met.firm]
    purchase = Purchase(
        firm=met.firm,
        price=met.price,
        reward=met.reward or 0.0,
        personal_discount=met.personal_discount,
        channel=met.channel,
        is_first=relation.purchases == 0,
        contacts=0,
        is_recovered=False,
        is_ignored=False,
        is_exit=False,
    )
    perceived = experience(customer, firm, met, purchase, k)
    learn(customer, firm, purchase)
    judge(customer, firm, perceived)
    bond(customer, firm, met)
    keep_pace(customer, relation)
    if not purchase.is_first:
        buy_more(customer, firm, purchase, k)
    answer(customer, firm, purchase)
    collect_points(customer, firm, purchase, is_reward_due=met.reward is not None)
    count_purchase(customer, firm)
    return purchase


def delivered_quality(customer, firm, met: Meeting) -> float:
    """What the firm delivers to this customer on average, tailored to what it knows of them."""
    weights = customer.weights_now()[:4]
    product = firm.level["product"] * firm.fit_of(customer.segment)
    delivered = (product, met.service, met.personnel, firm.level["image"])
    total = sum(weights)
    if total == 0.0:
        quality = product
    else:
        quality = sum(w * d for w, d in zip(weights, delivered, strict=True)) / total
    knowledge = customer.relations[firm.number].knowledge
    return quality + customer.model.p.experience.tailor * knowledge * (1.0 - quality)


def experience(customer, firm, met: Meeting, purchase: Purchase, k: int) -> float:
    """What is perceived; what happened on the way is noted in the purchase."""
    p, traits, relation = customer.model.p.experience, customer.traits, customer.relations[firm.number]
    spread = p.variability * (1.0 - p.steadiness * firm.stock["training"])
    perceived = delivered_quality(customer, firm, met)
    perceived += spread * NORMAL.inv_cdf(customer.u(chance.EXPERIENCE, 8 * k))
    if customer.u(chance.EXPERIENCE, 8 * k + 1) < p.contact_rate:
        perceived -= p.waiting_pain * met.wait_share
        perceived -= p.self_pain * firm.lever("service.self_service") * (1.0 - traits.digital)
        purchase.contacts += 1
    if customer.u(chance.EXPERIENCE, 8 * k + 2) < p.failure_rate * (1.0 - firm.level["product"]):
        perceived -= p.severity
        if customer.u(chance.EXPERIENCE, 8 * k + 3) < traits.complaint:
            purchase.contacts += 1
            perceived -= p.waiting_pain * met.wait_share
            recovery = firm.lever("service.recovery") * (1.0 - met.wait_share)
            if customer.u(chance.EXPERIENCE, 8 * k + 4) < recovery:
                purchase.is_recovered = True
                perceived += p.severity * p.recovery_gain
            else:
                purchase.is_ignored = True
                perceived -= p.ignored_pain
        if not purchase.is_recovered:
            walking_out = (1.0 - traits.forgiveness) * p.exit_rate * (1.0 - relation.commitment)
            if purchase.is_ignored:
                walking_out *= 1.0 - p.voice
            purchase.is_exit = customer.u(chance.EXPERIENCE, 8 * k + 5) < walking_out
    return clip(perceived)


def learn(customer, firm, purchase: Purchase) -> None:
    """The firm learns about its customer what the channel lets it see and its system brings together."""
    p, relation = customer.model.p, customer.relations[firm.number]
    relation.channels |= purchase.channel
    seen = {STORE: 1.0, ONLINE: p.channel.online_learning}.get(purchase.channel, 0.0)
    integration = firm.capability + (1.0 - firm.capability) / relation.channels.bit_count()
    learned = p.experience.learn * firm.stock["insight"] * (1 + purchase.contacts)
    learned = min(1.0, learned * (1.0 + firm.capability) * seen * integration)
    relation.knowledge = single(relation.knowledge + (1.0 - relation.knowledge) * learned)


def judge(customer, firm, perceived: float) -> None:
    """Compare what was perceived with what was expected, and move satisfaction and expectation."""
    p, relation = customer.model.p.judge, customer.relations[firm.number]
    expected = relation.expectation
    gap = perceived - expected
    felt = gap if gap >= 0.0 else p.loss_aversion * gap
    episode = clip(p.as_expected + p.from_expectation * (expected - 0.5) + p.from_gap * felt)
    relation.satisfaction = single(relation.satisfaction + p.satisfaction_speed * (episode - relation.satisfaction))
    relation.expectation = single(expected + p.expectation_speed * (perceived - expected))
    relation.surprise = single(gap)


def bond(customer, firm, met: Meeting) -> None:
    """Grow habit and commitment, unless it was a deal."""
    p, relation = customer.model.p.bond, customer.relations[firm.number]
    if met.deal != 0.0:
        relation.bargains += 1
        return
    relation.habit = single(relation.habit + p.habit_gain * (1.0 - relation.habit))
    target = (
        p.from_satisfaction * relation.satisfaction
        + p.from_trust * relation.trust
        + p.from_image * firm.level["image"]
        + p.from_community * firm.stock["community"]
    )
    target = min(1.0, target)
    relation.commitment = single(relation.commitment + p.commitment_speed * (target - relation.commitment))


def keep_pace(customer, relation) -> None:
    """Note the weeks since the purchase before, the more recent the weightier."""
    weeks = customer.model.week - relation.last_purchase
    if relation.last_purchase < 0 or weeks == 0:
        return
    interval = relation.interval
    if interval == 0.0:
        relation.interval = float(weeks)
    else:
        relation.interval = single(interval + customer.model.p.stage.pace_speed * (weeks - interval))


def buy_more(customer, firm, purchase: Purchase, k: int) -> None:
    """Perhaps take an add-on or an upgrade too."""
    p, relation = customer.model.p.range, customer.relations[firm.number]
    if firm.lever("range.addon_price") > 0.0:
        appeal = p.addon_appeal * (relation.commitment + relation.knowledge) / 2.0
        purchase.is_addon = customer.u(chance.EXTRA, 2 * k) < appeal
    if firm.lever("range.upgrade_premium") > 0.0:
        appeal = p.upgrade_appeal * relation.commitment * relation.satisfaction
        purchase.is_upgrade = customer.u(chance.EXTRA, 2 * k + 1) < appeal


def answer(customer, firm, purchase: Purchase) -> None:
    """A purchase soon after a contact answers it; a first one counts in the firm's records of prospects."""
    relation = customer.relations[firm.number]
    if relation.campaign == 0 or not is_in_window(customer, relation):
        return
    if purchase.is_first and relation.campaign == ACQUISITION:
        firm.won[relation.cell] += 1
    relation.campaign = 0


def collect_points(customer, firm, purchase: Purchase, *, is_reward_due: bool) -> None:
    """Redeem the points of a reward that is due, then add those of this purchase."""
    relation = customer.relations[firm.number]
    points, issued = relation.points, firm.lever("programme.points_per_purchase")
    if is_reward_due:
        points -= firm.lever("programme.reward_points")
        firm.points_redeemed += firm.lever("programme.reward_points")
    if purchase.is_first:
        issued += firm.lever("programme.endowed_points")
    firm.points_issued += issued
    relation.points = single(points + issued)


def count_purchase(customer, firm) -> None:
    """Count the purchase; a first one counts with the firm and with every neighbour from next week."""
    relation = customer.relations[firm.number]
    relation.awareness = 1.0
    relation.purchases += 1
    relation.last_purchase = customer.model.week
    if relation.first_purchase == -1:
        relation.first_purchase = customer.model.week
        firm.first_buyers_this_week += 1
        for other in customer.ties:
            customer.model.customers[other].relations[firm.number].neighbours_adopting += 1
