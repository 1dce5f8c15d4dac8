"""One purchase, from what is delivered to what it leaves behind: section 2 of the page, phases 6 to 8."""

from __future__ import annotations

from statistics import NormalDist

from sim import chance

from .relation import Purchase
from .single import clip, single

NORMAL = NormalDist()


def buy(customer, firm, k: int) -> Purchase:
    """Live through the purchase of occasion k: experience it, judge it, bond over it."""
    price, reward = firm.price, firm.reward_due(customer.relations[firm.number].points)
    perceived, contacts, is_recovered, is_exit = experience(customer, firm, k)
    judge(customer, firm, perceived)
    bond(customer, firm)
    collect_points(customer, firm, reward is not None)
    count_purchase(customer, firm)
    return Purchase(firm.number, price, reward or 0.0, contacts, is_recovered, is_exit)


def delivered_quality(customer, firm) -> float:
    """What the firm delivers to this customer on average, tailored to what it knows of them."""
    weights, level = customer.traits.weights[:4], firm.level
    product = level["product"] * customer.segment.fit[firm.number]
    delivered = (product, level["service"], level["personnel"], level["image"])
    total = sum(weights)
    if total == 0.0:
        quality = product
    else:
        quality = sum(w * d for w, d in zip(weights, delivered, strict=True)) / total
    knowledge = customer.relations[firm.number].knowledge
    return quality + customer.model.p.experience.tailor * knowledge * (1.0 - quality)


def experience(customer, firm, k: int) -> tuple[float, int, bool, bool]:
    """What is perceived, contacts with the desk, whether a failure was made good, whether they walk out."""
    p, traits, relation = customer.model.p.experience, customer.traits, customer.relations[firm.number]
    spread = p.variability * (1.0 - p.steadiness * firm.stock["training"])
    perceived = delivered_quality(customer, firm)
    perceived += spread * NORMAL.inv_cdf(customer.u(chance.EXPERIENCE, 8 * k))
    contacts, is_recovered, is_exit = 0, False, False
    if customer.u(chance.EXPERIENCE, 8 * k + 1) < p.contact_rate:
        perceived -= p.waiting_pain * firm.wait_share
        contacts += 1
    if customer.u(chance.EXPERIENCE, 8 * k + 2) < p.failure_rate * (1.0 - firm.level["product"]):
        perceived -= p.severity
        if customer.u(chance.EXPERIENCE, 8 * k + 3) < traits.complaint:
            contacts += 1
            recovery = firm.lever("service.recovery") * (1.0 - firm.wait_share)
            if customer.u(chance.EXPERIENCE, 8 * k + 4) < recovery:
                is_recovered = True
                perceived += p.severity * p.recovery_gain
            else:
                perceived -= p.ignored_pain
        if not is_recovered:
            walking_out = (1.0 - traits.forgiveness) * p.exit_rate * (1.0 - relation.commitment)
            is_exit = customer.u(chance.EXPERIENCE, 8 * k + 5) < walking_out
    learned = min(1.0, p.learn * firm.stock["insight"] * (1 + contacts))
    relation.knowledge = single(relation.knowledge + (1.0 - relation.knowledge) * learned)
    return clip(perceived), contacts, is_recovered, is_exit


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


def bond(customer, firm) -> None:
    """Grow habit and commitment, unless it was a deal."""
    if firm.deal != 0.0:
        return
    p, relation = customer.model.p.bond, customer.relations[firm.number]
    relation.habit = single(relation.habit + p.habit_gain * (1.0 - relation.habit))
    target = (
        p.from_satisfaction * relation.satisfaction + p.from_trust * relation.trust + p.from_image * firm.level["image"]
    )
    target = min(1.0, target)
    relation.commitment = single(relation.commitment + p.commitment_speed * (target - relation.commitment))


def collect_points(customer, firm, is_reward_due: bool) -> None:
    """Redeem the points of a reward that is due, then add those of this purchase."""
    relation = customer.relations[firm.number]
    points = relation.points
    if is_reward_due:
        points -= firm.lever("programme.reward_points")
        firm.points_redeemed += firm.lever("programme.reward_points")
    points += firm.lever("programme.points_per_purchase")
    firm.points_issued += firm.lever("programme.points_per_purchase")
    relation.points = single(points)


def count_purchase(customer, firm) -> None:
    """Count the purchase; a first one counts with the firm and with every neighbour from next week."""
    relation = customer.relations[firm.number]
    relation.purchases += 1
    relation.last_purchase = customer.model.week
    if relation.first_purchase == -1:
        relation.first_purchase = customer.model.week
        firm.first_buyers_this_week += 1
        for other in customer.ties:
            customer.model.customers[other].relations[firm.number].neighbours_adopting += 1
