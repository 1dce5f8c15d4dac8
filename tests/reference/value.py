"""Delivered value, and what would have kept a customer: section 2, phases 5 and 10."""

from __future__ import annotations

from .relation import BOUGHT_BY_PRICE, PULLED_BY_VALUE, PUSHED_UNWILLINGLY
from .single import clip

PRODUCT, SERVICE, PERSONNEL, IMAGE, MONEY, TIME, ENERGY, MENTAL = range(8)


def is_considered(customer, firm) -> bool:
    """Whether a customer considers a firm: not lost, known, trusted and within reach."""
    p, relation = customer.model.p, customer.relations[firm.number]
    return (
        relation.reason == 0
        and relation.awareness >= p.stage.aware_at
        and relation.trust >= p.choose.consider_at
        and customer.traits.access[firm.number] <= firm.level["place"]
    )


def money_cost(customer, firm) -> float:
    """The price less a reward that is due, in reference prices."""
    reward = firm.reward_due(customer.relations[firm.number].points)
    return (firm.price - (reward or 0.0)) / customer.model.plan.reference_price


def delivered_value(customer, firm) -> float:
    """V of a firm for a customer as things now stand, without noise."""
    model, traits, relation = customer.model, customer.traits, customer.relations[firm.number]
    choose, weights, level = model.p.choose, traits.weights, firm.level
    halo = choose.halo * (relation.satisfaction - 0.5) if relation.purchases > 0 else 0.0
    fit = customer.segment.fit[firm.number]
    values = (
        weights[PRODUCT] * clip(level["product"] + halo) * fit
        + weights[SERVICE] * clip(level["service"] + halo)
        + weights[PERSONNEL] * clip(level["personnel"] + halo)
        + weights[IMAGE] * clip(level["image"])
    )
    time_cost = 0.5 * (1.0 - level["place"]) + 0.5 * firm.wait_share
    energy_cost = (1.0 - level["convenience"]) * (1.0 - choose.relief * relation.knowledge)
    mental_cost = 1.0 - relation.trust
    costs = (
        weights[MONEY] * model.money_factor * money_cost(customer, firm)
        + weights[TIME] * time_cost
        + weights[ENERGY] * energy_cost
        + weights[MENTAL] * mental_cost
    )
    deal = traits.deal_proneness * choose.deal_pull * firm.deal
    switching = (
        choose.habit_pull * relation.habit
        + choose.knowledge_pull * relation.knowledge
        + choose.commitment_pull * relation.commitment
        + choose.points_pull * firm.stake(relation.points)
    )
    return values - costs + deal + switching + traits.taste[firm.number]


def reason_for_leaving(customer, firm) -> int:
    """Ask what would have kept them: met needs (2), better value (3) or an equal price (4)."""
    model, traits = customer.model, customer.traits
    own = delivered_value(customer, firm)
    rival, best = None, model.plan.outside_value
    for other in model.firm_agents:
        if other is not firm and is_considered(customer, other):
            value = delivered_value(customer, other)
            if value > best:
                rival, best = other, value
    is_unmet = customer.relations[firm.number].satisfaction < model.p.leave.unmet_below
    if is_unmet or rival is None or own >= best:
        return PUSHED_UNWILLINGLY
    dearer = money_cost(customer, firm) - money_cost(customer, rival)
    price_part = (
        dearer * traits.weights[MONEY] * model.money_factor
        + (rival.deal - firm.deal) * traits.deal_proneness * model.p.choose.deal_pull
    )
    return BOUGHT_BY_PRICE if own + price_part >= best else PULLED_BY_VALUE
