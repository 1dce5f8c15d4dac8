"""What a customer is born with: section 1 of the page, 'A customer's traits (drawn once)'."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, floor, inf, lgamma, log, log1p
from statistics import NormalDist

from scipy.special import betaincinv, gammaincinv

from sim import chance
from sim.plan import Plan, Segment, Spread

from .single import single

NEVER = 32_000
NORMAL = NormalDist()


@dataclass(slots=True)
class Traits:
    """One customer's traits, already rounded as they are stored."""

    segment: int
    need_rate: float
    weights: list[float]
    deal_proneness: float
    complaint: float
    forgiveness: float
    week_of_moving: int
    taste: list[float]
    access: list[float]
    basket: float
    digital: float
    week_of_growing: int


def draw_traits(plan: Plan, customer: int) -> Traits:
    """Draw every trait of one customer; all draws are those of week 0."""

    def u(purpose: int, slot: int = 0) -> float:
        return chance.uniform(plan.seed, purpose, 0, customer, slot)

    number = which_segment(plan, u(chance.SEGMENT))
    segment = plan.segments[number]
    firms = range(len(plan.firms))
    return Traits(
        segment=number,
        need_rate=single(gamma(segment.need_rate, segment.need_shape, u(chance.NEED_RATE))),
        weights=[single(weight(segment, k, u(chance.WEIGHT, k))) for k in range(8)],
        deal_proneness=single(from_spread(segment.deal_proneness, u(chance.DEAL))),
        complaint=single(from_spread(segment.complaint, u(chance.COMPLAINT))),
        forgiveness=single(from_spread(segment.forgiveness, u(chance.FORGIVENESS))),
        week_of_moving=week_of_moving(from_spread(segment.moving, u(chance.MOVING_HAZARD)), u(chance.MOVING)),
        taste=[single(taste(plan, f, u(chance.TASTE, f))) for f in firms],
        access=[single(u(chance.ACCESS, f)) for f in firms],
        basket=single(gamma(segment.basket, segment.basket_shape, u(chance.BASKET))),
        digital=single(u(chance.DIGITAL)),
        week_of_growing=week_of_growing(plan, segment, u(chance.GROWTH)),
    )


def which_segment(plan: Plan, u: float) -> int:
    """The first segment whose cumulative share exceeds the draw; the last if rounding leaves none."""
    cumulative = 0.0
    for number, segment in enumerate(plan.segments):
        cumulative += segment.share
        if cumulative > u:
            return number
    return len(plan.segments) - 1


def gamma(mean: float, shape: float | None, u: float) -> float:
    """A Gamma draw with this mean and shape; the mean when all are alike."""
    if shape is None:
        return mean
    return mean / shape * float(gammaincinv(shape, u))


def weight(segment: Segment, k: int, u: float) -> float:
    """The weight of one value or cost: lognormal around the segment's, with the segment's as its mean."""
    spread = segment.weight_spread
    if spread == 0.0:
        return segment.weights[k]
    return segment.weights[k] * exp(spread * NORMAL.inv_cdf(u) - spread**2 / 2.0)


def from_spread(spread: Spread, u: float) -> float:
    """A level drawn from a Beta with this mean and concentration; the mean when all are alike."""
    mean, alike = spread.mean, spread.concentration
    if alike is None or mean == 0.0 or mean == 1.0:
        return mean
    return float(betaincinv(mean * alike, (1.0 - mean) * alike, u))


def week_of_moving(hazard: float, u: float) -> int:
    """The last week a customer lives here, geometric in the weekly hazard."""
    if hazard <= 0.0:
        return NEVER
    if hazard >= 1.0:
        return 0
    weeks = log1p(-u) / log1p(-hazard)
    return NEVER if weeks >= NEVER else floor(weeks)


def week_of_growing(plan: Plan, segment: Segment, u: float) -> int:
    """The week from which a customer's baskets are multiplied: spread evenly over the segment's weeks of growth."""
    if segment.growth == 1.0:
        return NEVER
    first, last = segment.growth_from, segment.growth_to
    return plan.warm_up + floor(first + (last - first + 1) * u)


def taste(plan: Plan, firm: int, u: float) -> float:
    """How much a customer happens to like a firm: the log of a gamma draw, or of the firm's standing."""
    count = len(plan.firms)
    standing = plan.firms[firm].standing / sum(f.standing for f in plan.firms)
    if standing == 0.0:
        return -inf
    if plan.taste_concentration is None:
        return log(count * standing)
    a = plan.taste_concentration * standing
    g = float(gammaincinv(a, u))
    if g < 1e-30:
        log_g = (log(u) + lgamma(a + 1.0)) / a
    else:
        log_g = log(g)
    return log(count) + log_g - log(plan.taste_concentration)
