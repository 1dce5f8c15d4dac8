"""Staying, leaving and coming back: section 2 of the page, phase 10."""

from __future__ import annotations

from sim import chance

from .relation import BOUGHT_BY_PRICE, MOVED, PULLED_BY_VALUE, PUSHED_ON_PURPOSE, PUSHED_UNWILLINGLY, WINBACK
from .single import single
from .telling import tell_of_being_let_go
from .value import reason_for_leaving

NO_FIRM = -1


def stay_or_leave(customer, firm) -> None:
    """Come back, or leave for one of five reasons, or stay."""
    relation, week = customer.relations[firm.number], customer.model.week
    reason = 0
    if week >= customer.traits.week_of_moving:
        reason = MOVED if relation.reason == 0 else 0
    elif relation.reason != 0:
        may_come_back(customer, firm)
    elif relation.purchases == 0:
        return
    elif any(purchase.is_exit and purchase.firm == firm.number for purchase in customer.bought):
        reason = PUSHED_UNWILLINGLY
    elif is_let_go(customer, firm):
        reason = PUSHED_ON_PURPOSE
        tell_of_being_let_go(customer, firm)
    elif has_drifted_away(customer, firm):
        reason = reason_for_leaving(customer, firm)
    if reason != 0:
        relation.reason, relation.week_of_turn = reason, week
        if customer.contract_firm == firm.number:
            customer.contract_firm = NO_FIRM


def willingness_to_return(customer, firm) -> float:
    """How open someone lost for reason 2, 3 or 4 is to the firm: by reason, and fading as they forget it."""
    p, relation = customer.model.p.leave, customer.relations[firm.number]
    by_reason = {
        PUSHED_UNWILLINGLY: p.return_unmet,
        PULLED_BY_VALUE: p.return_value,
        BOUGHT_BY_PRICE: p.return_price,
    }
    memory = 0.5 ** ((customer.model.week - relation.week_of_turn) / p.memory_half_life)
    return by_reason.get(relation.reason, 0.0) * memory


def may_come_back(customer, firm) -> None:
    """Someone who left for reason 2, 3 or 4 may come back, by themselves or asked this week."""
    p, relation, week = customer.model.p, customer.relations[firm.number], customer.model.week
    if relation.purchases == 0:
        return
    asked = 0.0
    if relation.campaign == WINBACK and relation.week_of_contact == week:
        asked = p.winback.persuasion * (1.0 + p.winback.sweetener * relation.offer)
    rate = min(1.0, (p.leave.return_rate + asked) * willingness_to_return(customer, firm))
    if customer.u(chance.RETURN, firm.number) < rate:
        relation.reason, relation.week_of_turn = 0, week
        relation.awareness = 1.0
        relation.trust = max(relation.trust, single(p.trust.start))


def is_let_go(customer, firm) -> bool:
    """Whether the firm stops serving this customer for what they have cost it up to last week."""
    limit = firm.lever("service.let_go_loss")
    return limit > 0.0 and customer.relations[firm.number].earned() < -limit


def has_drifted_away(customer, firm) -> bool:
    """Whether the customer has switched (contract), or been silent for too long (no contract)."""
    model = customer.model
    if model.plan.contract_weeks > 0:
        return customer.switched_from == firm.number
    p, relation = model.p.leave, customer.relations[firm.number]
    is_long = relation.silence(model.week) >= p.lost_at_least
    return is_long and relation.is_silent(model.week, customer.traits.need_rate, p.lost_after)
