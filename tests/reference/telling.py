"""What a customer tells others: section 2 of the page, phase 9."""

from __future__ import annotations

from sim import chance

LET_GO_SLOT = 512


def tell(customer) -> None:
    """Speak of the firm bought from last to some of the friends, who hear it next week."""
    if not customer.bought:
        return
    last = customer.bought[-1]
    firm, relation = customer.model.firm_agents[last.firm], customer.relations[last.firm]
    p, satisfaction = customer.model.p.tell, relation.satisfaction
    is_good = satisfaction >= p.praise_above and not last.is_ignored
    if is_good:
        rate = p.praise_rate * ((satisfaction - p.praise_above) / (1.0 - p.praise_above)) ** p.curve
        rate *= 1.0 + p.ambassador * relation.commitment
        rate *= (1.0 + p.community * firm.stock["community"]) * (1.0 + p.referral * referral_share(firm))
    else:
        rate = 0.0
        if satisfaction <= p.blame_below:
            rate = p.blame_rate * ((p.blame_below - satisfaction) / p.blame_below) ** p.curve
        if last.is_ignored:
            rate = max(rate, p.ignored_rate)
    spread_word(customer, firm, is_good=is_good, rate=rate, slot=0)


def referral_share(firm) -> float:
    """How much of a reward the points for a referral are; 0 without either."""
    points, needed = firm.lever("programme.referral_points"), firm.lever("programme.reward_points")
    return min(1.0, points / needed) if points > 0.0 and needed > 0.0 else 0.0


def tell_of_being_let_go(customer, firm) -> None:
    """Warn some of the friends of a firm that did not want this customer any more (phase 10)."""
    spread_word(customer, firm, is_good=False, rate=customer.model.p.tell.let_go_rate, slot=LET_GO_SLOT)


def spread_word(customer, firm, *, is_good: bool, rate: float, slot: int) -> None:
    """Tell each tie by its own chance."""
    model = customer.model
    for t, other in enumerate(customer.ties):
        if customer.u(chance.TELL, slot + t) < min(1.0, rate):
            heard = model.customers[other].relations[firm.number]
            if is_good:
                heard.good_told += 1
            else:
                heard.bad_told += 1
            model.messages.append((model.week, customer.number, other, firm.number, int(is_good)))
