"""A choice taken apart: what each part of delivered value contributed, and which parts outweighed which.

The parts are worked out with the rules of `sim/rules/choose.py`, one by one, from the same stored numbers; they sum to
what `week.worth` gives the engine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sim import chance, week
from sim.policies import programme
from sim.rules import choose as rules
from sim.world import World

NOBODY = -1  # going without
# The parts of delivered value by name, and how a reader knows them.
PARTS = {
    "product": "product", "service": "service", "personnel": "staff", "image": "image", "price": "price",
    "time": "time", "effort": "effort", "worry": "trust", "deal": "the bargain", "habit": "habit",
    "knowledge": "being known there", "commitment": "attachment", "points": "points on the card",
    "taste": "personal liking", "need": "the need itself",
}  # fmt: skip
OF_PRICE = ("price", "deal")  # what equal prices would even out


@dataclass(frozen=True)
class Offer:
    """What one alternative was worth to a customer: its parts (utility), their sum, and the luck of the occasion."""

    firm: int  # NOBODY for going without
    parts: dict[str, float]
    value: float
    luck: float = 0.0

    @property
    def total(self) -> float:
        """Value and luck together: what the choice goes by."""
        return self.value + self.luck


@dataclass(frozen=True)
class Verdict:
    """Why one offer was taken: beside which other, what each part said for it (the greatest first), what luck did.

    The other is the best other firm considered; going without where there is none.
    """

    chosen: Offer
    other: Offer
    gaps: dict[str, float]  # the chosen's parts less the other's; they sum to the gap in value
    by_value: Offer  # what would have been taken if luck had kept out of it

    @property
    def is_luck(self) -> bool:
        """Whether luck alone decided: by value they would have taken something else."""
        return self.by_value.firm != self.chosen.firm

    @property
    def cause(self) -> str:
        """The part that spoke most for it, or `luck`, or `no other firm` where no other was considered."""
        if self.is_luck:
            return "luck"
        return "no other firm" if self.other.firm == NOBODY else max(self.gaps, key=lambda part: self.gaps[part])


def offer(world: World, w: int, i: int, f: int, relation: Any = None, luck: float = 0.0) -> Offer:
    """What firm f is worth to customer i in week w as things stand, or as `relation` has it."""
    customer, firm, market, p = world.customers[i], world.firms[f], world.market[0], world.constants[0]
    relation = world.relations[i, f] if relation is None else relation
    fit, money_factor = float(world.fit[customer["segment"], f]), float(world.climate[w]["money"])
    reference = float(market["reference_price"])
    parts = parts_of(_floats(customer), _floats(relation), _floats(firm), fit, reference, money_factor, _floats(p))
    value, _, _ = week.worth(customer, relation, firm, fit, reference, money_factor, p)
    return Offer(f, parts, float(value), luck)


def nothing(world: World, luck: float = 0.0) -> Offer:
    """Going without: what it is worth to leave the need unmet."""
    value = float(world.market[0]["outside_value"])
    return Offer(NOBODY, {"need": value}, value, luck)


def parts_of(
    customer: dict[str, float], relation: dict[str, float], firm: dict[str, float],
    fit: float, reference: float, money_factor: float, p: dict[str, float],
) -> dict[str, float]:  # fmt: skip
    """The parts of delivered value, each by its own rule; costs count negative."""
    halo, satisfaction, has_bought = p["choose_halo"], relation["satisfaction"], relation["purchases"] > 0
    knowledge, points = relation["knowledge"], relation["points"]

    def seen(name: str) -> float:
        return rules.value_seen(firm[name], halo, satisfaction, has_bought)

    def kept(habit: float, known: float, commitment: float, stake: float) -> float:
        pulls = (p[f"choose_{name}_pull"] for name in ("habit", "knowledge", "commitment", "points"))
        return rules.switching_cost(habit, known, commitment, stake, *pulls)

    reward = programme.reward_due(points, firm["reward_points"], firm["reward_value"], firm["price"])
    stake = programme.stake(points, firm["reward_points"], firm["reward_value"], reference)
    return {
        "product": customer["weight_product"] * (seen("product") * fit),
        "service": customer["weight_service"] * seen("service"),
        "personnel": customer["weight_personnel"] * seen("personnel"),
        "image": customer["weight_image"] * firm["image"],
        "price": -customer["weight_money"] * money_factor * rules.money_cost(firm["price"], reward, reference),
        "time": -customer["weight_time"] * rules.time_cost(firm["place"], firm["wait_share"]),
        "effort": -customer["weight_energy"] * rules.energy_cost(firm["convenience"], p["choose_relief"], knowledge),
        "worry": -customer["weight_mental"] * rules.mental_cost(relation["trust"], relation["awareness"]),
        "deal": rules.pull_of_deal(customer["deal_proneness"], p["choose_deal_pull"], firm["deal"]),
        "habit": kept(relation["habit"], 0.0, 0.0, 0.0),
        "knowledge": kept(0.0, knowledge, 0.0, 0.0),
        "commitment": kept(0.0, 0.0, relation["commitment"], 0.0),
        "points": kept(0.0, 0.0, 0.0, stake),
        "taste": relation["taste"],
    }


def _floats(record: Any) -> dict[str, float]:
    return dict(zip(record.dtype.names, map(float, record.tolist()), strict=True))


def is_considered(world: World, i: int, f: int, relation: Any = None) -> bool:
    """Whether customer i considers firm f: not lost to it, aware of it, trusting enough, within reach."""
    relation = world.relations[i, f] if relation is None else relation
    return bool(week.is_considered(relation, world.firms[f], world.constants[0]))


def why_not(world: World, i: int, f: int) -> str:
    """The first hurdle that keeps customer i from considering firm f; empty when there is none."""
    relation, firm, p = world.relations[i, f], world.firms[f], world.constants[0]
    if relation["reason"] != 0:
        return "left it before"
    if relation["awareness"] < p["stage_aware_at"]:
        return "did not know it"
    if relation["trust"] < p["choose_consider_at"]:
        return "did not trust it enough"
    return "could not reach it" if relation["access"] > firm["place"] else ""


def luck(world: World, w: int, i: int, f: int, occasion: int) -> float:
    """The luck of an occasion for one alternative: the same draw that the engine makes."""
    seed = world.market[0]["seed"]
    return float(chance.gumbel(chance.uniform(seed, chance.CHOOSE, w, i, 16 * occasion + 1 + f)))


def offers(world: World, w: int, i: int, occasion: int) -> list[Offer]:
    """Everything customer i could take on an occasion: going without first, then the firms considered."""
    firms = [f for f in range(world.firms.size) if is_considered(world, i, f)]
    going_without = nothing(world, luck(world, w, i, NOBODY, occasion))
    return [going_without, *(offer(world, w, i, f, luck=luck(world, w, i, f, occasion)) for f in firms)]


def verdict(those: list[Offer], taken: int) -> Verdict:
    """Why the offer of firm `taken` was taken out of all (`offers`)."""
    chosen = next(one for one in those if one.firm == taken)
    others = [one for one in those if one.firm not in (taken, NOBODY)] or [one for one in those if one.firm != taken]
    other = best_of(others) if others else chosen
    gaps = gaps_between(chosen, other)
    by_value = max(those, key=lambda one: one.value)
    return Verdict(chosen, other, gaps, by_value)


def gaps_between(one: Offer, other: Offer) -> dict[str, float]:
    """Part by part what `one` has over `other`, the greatest first; together the gap in value."""
    gaps = {part: one.parts.get(part, 0.0) - other.parts.get(part, 0.0) for part in PARTS}
    return dict(sorted(gaps.items(), key=lambda item: -item[1]))


def best_of(those: list[Offer]) -> Offer:
    """The greatest value plus luck; ties go to the first."""
    return max(those, key=lambda one: one.total)
