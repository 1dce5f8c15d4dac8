"""A choice taken apart: what each part of delivered value contributed, and which parts outweighed which.

The parts are worked out with the rules of `sim/rules/choose.py`, one by one, from the same stored numbers; they sum to
what `offer.worth` gives the engine.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sim import chance, offer, shopping, storage
from sim.policies import programme
from sim.rules import choose as rules
from sim.rules.channel import NOWHERE, STORE
from sim.world import World

NOBODY = -1  # going without
# The parts of delivered value by name, and how a reader knows them.
PARTS = {
    "product": "product", "service": "service", "personnel": "staff", "image": "image", "price": "price",
    "time": "time", "effort": "effort", "worry": "trust", "deal": "the bargain", "habit": "habit",
    "knowledge": "being known there", "commitment": "attachment", "salience": "coming to mind",
    "points": "points on the card", "taste": "personal liking", "need": "the need itself",
}  # fmt: skip
OF_PRICE = ("price", "deal")  # what equal prices would even out
OF_BONDS = ("habit", "knowledge", "commitment", "points", "salience")


@dataclass(frozen=True)
class Offer:
    """What one alternative was worth to a customer: its parts (utility), their sum, and the luck of the occasion."""

    firm: int  # NOBODY for going without
    parts: dict[str, float]
    value: float
    luck: float = 0.0
    price: float = 0.0  # what they would pay for one unit, before a reward

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


def offered(world: World, w: int, i: int, f: int, relation: Any = None, luck: float = 0.0, mood: float = 1.0) -> Offer:
    """What firm f is worth to customer i in week w as things stand, or as `relation` has it."""
    customer, firm, market, p = world.customer(i), world.firms[f], world.market[0], world.constants[0]
    relation = world.relations_of(i)[f] if relation is None else relation
    fit, climate, reference = (
        float(world.fit[customer["segment"], f]),
        world.climate[w],
        float(market["reference_price"]),
    )
    alone = storage.alone(customer), storage.alone(relation), 0
    way = max(STORE, int(offer.way_to(*alone, firm, mood)))
    met = _met(customer, relation, firm, way, w, p)
    weights = {name: factor for name, factor in _floats(climate).items() if name != "need"}
    parts = parts_of(_floats(customer), _floats(relation), _floats(firm) | met, fit, reference, weights, _floats(p))
    value, _, _ = offer.worth(*alone, firm, way, fit, climate, w, reference, p)
    return Offer(f, parts, float(value), luck, met["price"])


def _met(customer: Any, relation: Any, firm: Any, way: int, w: int, p: Any) -> dict[str, float]:
    """What a customer meets at a firm, under the names that the firm has for what it offers everybody."""
    names = ("price", "deal", "service", "wait_share", "place", "personnel")
    alone = storage.alone(customer), storage.alone(relation), 0
    met = offer.offer_met(*alone, firm, way, w, float(p["campaign_window"]))
    return dict(zip(names, map(float, met), strict=True))


def unbound(one: Offer) -> Offer:
    """An offer without what binds the customer to the firm: what it would be worth to somebody new to it."""
    parts = {part: 0.0 if part in OF_BONDS else value for part, value in one.parts.items()}
    return replace(one, parts=parts, value=one.value - sum(one.parts[part] for part in OF_BONDS))


def nothing(world: World, luck: float = 0.0) -> Offer:
    """Going without: what it is worth to leave the need unmet."""
    value = float(world.market[0]["outside_value"])
    return Offer(NOBODY, {"need": value}, value, luck)


def parts_of(
    customer: dict[str, float], relation: dict[str, float], firm: dict[str, float],
    fit: float, reference: float, trend: dict[str, float], p: dict[str, float],
) -> dict[str, float]:  # fmt: skip
    """The parts of delivered value, each by its own rule; costs count negative."""
    halo, satisfaction, has_bought = p["choose_halo"], relation["satisfaction"], relation["purchases"] > 0
    knowledge, points = relation["knowledge"], relation["points"]

    def seen(name: str) -> float:
        return rules.value_seen(firm[name], halo, satisfaction, has_bought)

    def kept(habit: float, known: float, commitment: float, stake: float) -> float:
        pulls = (p[f"choose_{name}_pull"] for name in ("habit", "knowledge", "commitment", "points"))
        return rules.switching_cost(habit, known, commitment, stake, *pulls)

    def weight(name: str) -> float:
        return customer[f"weight_{name}"] * trend[name]

    entry_price = firm["price"] if has_bought else firm["price"] + firm["device_price"]
    reward = programme.reward_due(points, firm["reward_points"], firm["reward_value"], firm["price"])
    stake = programme.stake(points, firm["reward_points"], firm["reward_value"], reference)
    return {
        "product": weight("product") * (seen("product") * fit),
        "service": weight("service") * seen("service"),
        "personnel": weight("personnel") * seen("personnel"),
        "image": weight("image") * firm["image"],
        "price": -weight("money") * rules.money_cost(entry_price, reward, reference),
        "time": -weight("time") * rules.time_cost(firm["place"], firm["wait_share"]),
        "effort": -weight("energy") * rules.energy_cost(firm["convenience"], p["choose_relief"], knowledge),
        "worry": -weight("mental") * rules.mental_cost(relation["trust"]),
        "deal": rules.pull_of_deal(customer["deal_proneness"], p["choose_deal_pull"], firm["deal"]),
        "habit": kept(relation["habit"], 0.0, 0.0, 0.0),
        "knowledge": kept(0.0, knowledge, 0.0, 0.0),
        "commitment": kept(0.0, 0.0, relation["commitment"], 0.0),
        "points": kept(0.0, 0.0, 0.0, stake),
        "salience": rules.salience(p["choose_salience_pull"], relation["awareness"]),
        "taste": relation["taste"],
    }


def _floats(record: Any) -> dict[str, float]:
    return dict(zip(record.dtype.names, map(float, record.tolist()), strict=True))


def mood_of(world: World, w: int, i: int, occasion: int) -> float:
    """How little a customer is in the mood for buying online on an occasion: the draw that the engine makes."""
    market = world.market[0]
    return float(chance.uniform(market["seed"], chance.CHANNEL, w, i, occasion)) if market["is_online"] else 1.0


def is_considered(world: World, i: int, f: int, relation: Any = None, mood: float = 1.0) -> bool:
    """Whether customer i considers firm f: not lost to it, aware of it, trusting enough, within reach."""
    relation = world.relations_of(i)[f] if relation is None else relation
    alone = storage.alone(relation)
    way = offer.way_to(storage.alone(world.customer(i)), alone, 0, world.firms[f], mood)
    return way != NOWHERE and bool(offer.is_willing(alone, 0, world.constants[0]))


def why_not(world: World, i: int, f: int, mood: float = 1.0) -> str:
    """The first hurdle that keeps customer i from considering firm f; empty when there is none."""
    relation, firm, p = world.relations_of(i)[f], world.firms[f], world.constants[0]
    if relation["reason"] != 0:
        return "left it before"
    if relation["awareness"] < p["stage_aware_at"]:
        return "did not know it"
    if relation["trust"] < p["choose_consider_at"]:
        return "did not trust it enough"
    way = offer.way_to(storage.alone(world.customer(i)), storage.alone(relation), 0, firm, mood)
    return "could not reach it" if way == NOWHERE else ""


def luck(world: World, w: int, i: int, f: int, occasion: int) -> float:
    """The luck of an occasion for one alternative: the same draw that the engine makes."""
    seed, slot = world.market[0]["seed"], 16 * occasion + 1 + f
    people = int(world.segments[world.customer(i)["segment"]]["buying_centre"])
    own = chance.gumbel(chance.uniform(seed, chance.CHOOSE, w, i, slot))
    return float(shopping.luck_of_centre(own, seed, w, i, slot, people))


def offers(world: World, w: int, i: int, occasion: int) -> list[Offer]:
    """Everything customer i could take on an occasion: going without first, then the firms considered."""
    mood = mood_of(world, w, i, occasion)
    firms = [f for f in range(world.firms.size) if is_considered(world, i, f, mood=mood)]
    going_without = nothing(world, luck(world, w, i, NOBODY, occasion))
    return [going_without, *(offered(world, w, i, f, None, luck(world, w, i, f, occasion), mood) for f in firms)]


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
