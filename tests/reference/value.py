"""Delivered value, and what would have kept a customer: section 2, phases 5 and 10."""

from __future__ import annotations

from .meeting import Meeting, meet
from .relation import BOUGHT_BY_PRICE, NO_CHANNEL, PULLED_BY_VALUE, PUSHED_UNWILLINGLY
from .single import clip

PRODUCT, SERVICE, PERSONNEL, IMAGE, MONEY, TIME, ENERGY, MENTAL = range(8)


def is_considered(customer, met: Meeting) -> bool:
    """Whether a customer considers a firm: not lost, known, trusted and within reach."""
    p, relation = customer.model.p, customer.relations[met.firm]
    return (
        relation.reason == 0
        and relation.awareness >= p.stage.aware_at
        and relation.trust >= p.choose.consider_at
        and met.channel != NO_CHANNEL
    )


def money_cost(customer, met: Meeting) -> float:
    """What is paid, less a reward that is due, in reference prices."""
    return (met.entry_price - (met.reward or 0.0)) / customer.model.plan.reference_price


def delivered_value(customer, met: Meeting) -> float:
    """V of a firm for a customer as it is met, without noise."""
    model, traits, relation = customer.model, customer.traits, customer.relations[met.firm]
    firm, choose, weights = model.firm_agents[met.firm], model.p.choose, customer.weights_now()
    halo = choose.halo * (relation.satisfaction - 0.5) if relation.purchases > 0 else 0.0
    values = (
        weights[PRODUCT] * clip(firm.level["product"] + halo) * firm.fit_of(customer.segment)
        + weights[SERVICE] * clip(met.service + halo)
        + weights[PERSONNEL] * clip(met.personnel + halo)
        + weights[IMAGE] * clip(firm.level["image"])
    )
    time_cost = 0.5 * (1.0 - met.place) + 0.5 * met.wait_share
    energy_cost = (1.0 - firm.level["convenience"]) * (1.0 - choose.relief * relation.knowledge)
    mental_cost = 1.0 - relation.trust
    costs = (
        weights[MONEY] * money_cost(customer, met)
        + weights[TIME] * time_cost
        + weights[ENERGY] * energy_cost
        + weights[MENTAL] * mental_cost
    )
    deal = traits.deal_proneness * choose.deal_pull * met.deal
    switching = switching_cost(customer, met)
    salience = choose.salience_pull * relation.awareness
    return values - costs + deal + switching + salience + traits.taste[met.firm]


def switching_cost(customer, met: Meeting) -> float:
    """What binds the customer to the firm: habit, being known, attachment, points at stake."""
    choose, relation = customer.model.p.choose, customer.relations[met.firm]
    return (
        choose.habit_pull * relation.habit
        + choose.knowledge_pull * relation.knowledge
        + choose.commitment_pull * relation.commitment
        + choose.points_pull * customer.model.firm_agents[met.firm].stake(relation.points)
    )


def grown_since(customer, met: Meeting) -> float:
    """What speaks for a firm because the customer buys there: the bond, and that it comes to mind."""
    salience = customer.model.p.choose.salience_pull * customer.relations[met.firm].awareness
    return switching_cost(customer, met) + salience


def reason_for_leaving(customer, firm) -> int:
    """Ask what would have kept them: met needs (2), better value (3) or an equal price (4)."""
    model, traits = customer.model, customer.traits
    left = meet(customer, firm)
    own = delivered_value(customer, left) - grown_since(customer, left)
    rival, best = None, model.plan.outside_value
    for other in model.firm_agents:
        met = meet(customer, other)
        if other is not firm and is_considered(customer, met):
            value = delivered_value(customer, met) - grown_since(customer, met)
            if value > best:
                rival, best = met, value
    is_unmet = customer.relations[firm.number].satisfaction < model.p.leave.unmet_below
    if is_unmet or rival is None or own >= best:
        return PUSHED_UNWILLINGLY
    dearer = money_cost(customer, left) - money_cost(customer, rival)
    price_part = (
        dearer * customer.weights_now()[MONEY]
        + (rival.deal - left.deal) * traits.deal_proneness * model.p.choose.deal_pull
    )
    return BOUGHT_BY_PRICE if own + price_part >= best else PULLED_BY_VALUE
