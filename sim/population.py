"""Customers as columns: every trait and state declared once, drawn once at birth."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, gammaincinv, gammaln, ndtri

from sim import chance
from sim.plan import COSTS, VALUES, Plan, Segment, Spread
from sim.rules import stage
from sim.storage import Column, blocks_of, column, layout_of, put

NEVER = 32_000  # a week that does not come
NO_SURPRISE = -9.0  # nothing to digest


CUSTOMER = (
    Column("segment", "i2", 0, "index", "segment the customer belongs to"),
    Column("need_rate", "f4", 0, "1/week", "needs arising per week"),
    *(Column(f"weight_{v}", "f4", 0, "utility", f"weight of {v} value") for v in VALUES),
    *(Column(f"weight_{c}", "f4", 0, "utility", f"weight of {c} cost") for c in COSTS),
    Column("deal_proneness", "f4", 0, "level", "love of a bargain"),
    Column("complaint", "f4", 0, "level", "chance of complaining after a failure"),
    Column("forgiveness", "f4", 0, "level", "readiness to forgive a failure"),
    Column("basket", "f4", 1, "units", "units bought at a time"),
    Column("digital", "f4", 0, "level", "how readily the customer buys online"),
    Column("week_of_growing", "i2", NEVER, "week", "week from which baskets are multiplied by the segment's growth"),
    Column("week_of_moving", "i2", NEVER, "week", "week in which life takes the customer out of the market"),
    Column("contract_firm", "i2", -1, "index", "firm the customer is under contract with; -1 none"),
    Column("contract_until", "i2", 0, "week", "week in which the contract is up for renewal"),
    Column("life", "u4", 0, "code", "what happened to the customer this week; no rule reads it"),
)
RELATION = (
    Column("taste", "f4", 0, "utility", "how much the customer happens to like the firm"),
    Column("access", "f4", 0, "level", "how far the firm is: reachable when the firm's place is at least this"),
    Column("awareness", "f4", 0, "level", "how well the firm is remembered"),
    Column("trust", "f4", 0, "level", "trust in the firm"),
    Column("expectation", "f4", 0.5, "level", "performance expected"),
    Column("satisfaction", "f4", 0.5, "level", "overall satisfaction; 0.5 is neither way"),
    Column("commitment", "f4", 0, "level", "affective attachment"),
    Column("habit", "f4", 0, "level", "strength of the habit"),
    Column("knowledge", "f4", 0, "level", "what the firm knows about the customer"),
    Column("points", "f4", 0, "points", "points held"),
    Column("surprise", "f4", NO_SURPRISE, "level", "last gap of the week, not yet digested into trust"),
    Column("offer", "f4", 0, "share of price", "discount of the last campaign's offer"),
    Column("interval", "f4", 0, "weeks", "recent weeks between purchases; 0 not known yet"),
    Column("purchases", "i4", 0, "count", "purchases so far"),
    Column("bargains", "i4", 0, "count", "purchases made on a deal"),
    Column("first_purchase", "i2", -1, "week", "week of the first purchase; -1 never"),
    Column("last_purchase", "i2", -1, "week", "week of the last purchase; -1 never"),
    Column("week_of_turn", "i2", -1, "week", "week the customer last left or came back; -1 never"),
    Column("week_of_contact", "i2", -1, "week", "week of the last campaign meant for the customer; -1 never"),
    Column("cell", "i2", 0, "index", "kind of prospect the customer was when an acquisition campaign met them"),
    Column("reason", "i1", 0, "code", "why the customer is lost to the firm: 1 to 5; 0 not lost"),
    Column("tier", "i1", 0, "index", "how the firm ranks the customer: 0 ordinary, 1 key, 2 VIP"),
    Column("campaign", "i1", 0, "code", "kind of the unanswered campaign, 1 to 4; negative in its control group"),
    Column("channels", "u1", 0, "bits", "ways used so far: 1 store, 2 online, 4 reseller"),
    Column("adopted_neighbours", "u1", 0, "count", "friends who have ever bought from the firm"),
    Column("activity", "u4", 0, "bits", "active in the last 32 weeks, this week in the lowest bit; no rule reads it"),
    Column("stage", "i1", stage.UNAWARE, "index", "stage when last recorded; no rule reads it"),
    Column("revenue", "f8", 0, "money", "price of what the customer bought, before rewards"),
    Column("cost_of_goods", "f8", 0, "money", "cost of the goods bought"),
    Column("cost_to_serve", "f8", 0, "money", "contacts and recoveries"),
    Column("cost_to_reach", "f8", 0, "money", "the customer's share of spending on reaching the market"),
    Column("rewards", "f8", 0, "money", "rewards redeemed"),
)
LEDGER = ("revenue", "cost_of_goods", "cost_to_serve", "cost_to_reach", "rewards")
HEARD = (
    Column("good", "u1", 0, "count", "friends who praised the firm"),
    Column("bad", "u1", 0, "count", "friends who complained of the firm"),
    Column("adopted", "u1", 0, "count", "friends who bought from the firm for the first time"),
)


def born(plan: Plan, isolated: int = 0) -> tuple[NDArray[Any], NDArray[Any]]:
    """The customers of a plan at week 0: blocks (blocks,) of customers and (blocks, firms) of relations.

    `isolated` adds customers beyond the market's size; nobody else's draws change.
    """
    n = plan.market_size + isolated
    customers, relations = blocks_of(CUSTOMER, n), blocks_of(RELATION, n, len(plan.firms))
    traits = _traits(plan, n)
    for name in traits.dtype.names or ():
        put(customers, name, traits[name])
    del traits
    for f, firm in enumerate(plan.firms):  # one by one, since a large market's columns weigh
        to_firm = relations[:, f]
        put(to_firm, "taste", _taste(plan, f, n))
        put(to_firm, "access", _uniforms(plan.seed, chance.ACCESS, f, n))
        put(to_firm, "awareness", _uniforms(plan.seed, chance.START, f, n) < firm.awareness)
        put(to_firm, "trust", _opening_trust(plan, f, n))
        put(to_firm, "expectation", plan.parameters["judge"]["expectation_start"])
        put(to_firm, "stage", _opening_stage(to_firm, plan, n))
    return customers, relations


def _opening_trust(plan: Plan, firm: int, n: int) -> Any:
    """Trust of strangers in a firm, (customers,), or the same of all."""
    start, spread = (plan.parameters["trust"][name] for name in ("start", "start_spread"))
    if spread <= 0.0:
        return start
    return np.clip(start + spread * ndtri(_uniforms(plan.seed, chance.TRUST, firm, n)), 0.0, 1.0)


def _opening_stage(to_firm: NDArray[Any], plan: Plan, n: int) -> NDArray[Any]:
    """Stages of strangers, as the rule `stage_of_stranger` gives them, (customers,)."""
    numbers = plan.parameters["stage"]
    trust, awareness = (column(to_firm, name, n).astype(float) for name in ("trust", "awareness"))
    known = np.where(trust < numbers["trusting_at"], stage.AWARE, stage.TRUSTING)
    return np.where(awareness < numbers["aware_at"], stage.UNAWARE, known)


def _uniforms(seed: int, purpose: int, slot: int, customers: int) -> NDArray[np.float64]:
    out = np.empty(customers)
    chance.uniform_column(np.uint64(seed), purpose, slot, 0, out)
    return out


def _traits(plan: Plan, n: int) -> NDArray[Any]:
    """Records of the traits of n customers."""
    customers = np.zeros(n, layout_of(CUSTOMER))
    for c in CUSTOMER:
        customers[c.name] = c.start
    shares = np.cumsum([s.share for s in plan.segments])
    u = _uniforms(plan.seed, chance.SEGMENT, 0, customers.size)
    customers["segment"] = np.minimum(np.searchsorted(shares, u, side="right"), len(shares) - 1)
    for s, segment in enumerate(plan.segments):
        _draw_segment(customers, plan, segment, np.flatnonzero(customers["segment"] == s))
    return customers


def _draw_segment(customers: NDArray[Any], plan: Plan, segment: Segment, who: NDArray[Any]) -> None:
    def u(purpose: int, slot: int = 0) -> NDArray[np.float64]:
        return _uniforms(plan.seed, purpose, slot, customers.size)[who]

    customers["need_rate"][who] = _gamma(segment.need_rate, segment.need_shape, lambda: u(chance.NEED_RATE))
    customers["basket"][who] = _gamma(segment.basket, segment.basket_shape, lambda: u(chance.BASKET))
    customers["digital"][who] = u(chance.DIGITAL)
    if segment.growth != 1.0:
        span = segment.growth_to - segment.growth_from + 1
        week = plan.warm_up + segment.growth_from + np.floor(span * u(chance.GROWTH))
        customers["week_of_growing"][who] = np.minimum(week, NEVER)
    names = [*(f"weight_{v}" for v in VALUES), *(f"weight_{c}" for c in COSTS)]
    spread = segment.weight_spread
    for k, (name, weight) in enumerate(zip(names, segment.weights, strict=True)):
        factor = np.exp(spread * ndtri(u(chance.WEIGHT, k)) - spread * spread / 2.0) if spread > 0.0 else 1.0
        customers[name][who] = weight * factor
    for name, purpose in (
        ("deal_proneness", chance.DEAL),
        ("complaint", chance.COMPLAINT),
        ("forgiveness", chance.FORGIVENESS),
    ):
        customers[name][who] = _beta(getattr(segment, name), lambda purpose=purpose: u(purpose))
    hazard = _beta(segment.moving, lambda: u(chance.MOVING_HAZARD))
    customers["week_of_moving"][who] = _week_of_moving(np.broadcast_to(hazard, who.shape), u(chance.MOVING))


def _gamma(mean: float, shape: float | None, u: Any) -> Any:
    """Gamma quantiles of a trait, or its mean where customers are all alike. `u` is called only if needed."""
    return mean if shape is None else mean / shape * gammaincinv(shape, u())


def _beta(trait: Spread, u: Any) -> Any:
    """Beta quantiles of a trait, or its mean where customers are all alike. `u` is called only if needed."""
    if trait.concentration is None or trait.mean <= 0.0 or trait.mean >= 1.0:
        return trait.mean
    return betaincinv(trait.mean * trait.concentration, (1.0 - trait.mean) * trait.concentration, u())


def _week_of_moving(hazard: NDArray[np.float64], u: NDArray[np.float64]) -> NDArray[np.int16]:
    """Geometric week of moving away at weekly hazards: floor(ln(1 − u)/ln(1 − h)); `NEVER` at most."""
    week = np.full(hazard.shape, float(NEVER))
    week[hazard >= 1.0] = 0.0
    between = (hazard > 0.0) & (hazard < 1.0)
    if between.any():
        with np.errstate(over="ignore"):  # a hazard next to nothing: a week that does not come
            week[between] = np.floor(np.log1p(-u[between]) / np.log1p(-hazard[between]))
    return np.minimum(week, NEVER).astype(np.int16)


def _taste(plan: Plan, firm: int, n: int) -> Any:
    """Log-Gamma tastes: with Gumbel noise they make choice shares Dirichlet (Goodhardt, Ehrenberg & Chatfield 1984).

    (customers,), or the same of all.
    """
    firms, concentration, standing = len(plan.firms), plan.taste_concentration, plan.firms[firm].standing
    if concentration is None:
        return np.log(firms * standing)
    shape = concentration * standing
    u = _uniforms(plan.seed, chance.TASTE, firm, n)
    draw = gammaincinv(shape, u)
    tiny = draw < 1e-30
    log_draw = np.log(np.where(tiny, 1.0, draw))
    log_draw[tiny] = (np.log(u[tiny]) + gammaln(shape + 1.0)) / shape
    return log_draw + np.log(firms / concentration)
