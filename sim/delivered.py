"""What every firm delivers to every segment, part by part, and how many customers pass each gate on the way to buying.

Delivered value is worked out with the rules of `sim/rules/choose.py`, for the week that was run last.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim import offer
from sim.compiled import compiled, making_arrays
from sim.engine import Engine
from sim.plan import COSTS, VALUES
from sim.policies import programme
from sim.rules import choose as choice
from sim.rules.channel import NOWHERE, STORE
from sim.storage import BLOCK

PARTS = (*VALUES, *COSTS)
LEAST_FIT = 0.5  # of a product that somebody can use
GATES = ("market", "can_use", "can_afford", "trusts", "likes", "needs_now")


@dataclass(frozen=True)
class Delivered:
    """How firms stand with segments in one week. Segments are the scenario's, their customer types put together.

    segments : their names
    parts : (segments, firms, PARTS) mean weighted values, then costs (above 0), as seen by those who know the firm; NaN
        where nobody does
    n_aware : (segments, firms) customers who know the firm
    gates : (segments, firms, GATES) customers who have passed this gate and all before it, the positioning funnel
        (curriculum D13). market: have not moved away; can_use: the product suits them at least half (LEAST_FIT) and
        they can reach the firm; can_afford: the best conceivable product would be worth the firm's price; trusts: know
        the firm, trust it enough to consider it and have not left it; likes: its delivered value is above that of
        going without; needs_now: need something this week, the number to be expected. Somebody may come through to
        several firms; whom they choose among these, the gates do not say
    """

    segments: tuple[str, ...]
    parts: NDArray[np.float64]
    n_aware: NDArray[np.float64]
    gates: NDArray[np.float64]


def delivered(engine: Engine) -> Delivered:
    """How firms stand with segments in the week that was run last."""
    names = [segment.name.split("/")[0] for segment in engine.plan.segments]
    segments = tuple(dict.fromkeys(names))
    place = np.array([segments.index(name) for name in names])
    shape = (len(segments), len(engine.plan.firms))
    parts, n_aware, gates = np.zeros((*shape, len(PARTS))), np.zeros(shape), np.zeros((*shape, len(GATES)))
    _add_up(engine.world, max(0, engine.weeks_done - 1), place, parts, n_aware, gates)
    with np.errstate(invalid="ignore"):
        return Delivered(segments, parts / n_aware[..., None], n_aware, gates)


def together(found: Delivered) -> Delivered:
    """All segments as one."""
    with np.errstate(invalid="ignore"):
        n_aware = found.n_aware.sum(axis=0, keepdims=True)
        sums = np.nansum(found.parts * found.n_aware[..., None], axis=0, keepdims=True)
        return Delivered(("",), sums / n_aware[..., None], n_aware, found.gates.sum(axis=0, keepdims=True))


@making_arrays
def _add_up(world, w, place, parts, n_aware, gates):
    """Sum parts and count gates over all customers who are still in the market; see `Delivered`."""
    firms, p = world.firms, world.constants[0]
    market, climate = world.market[0], world.climate[w]
    reference = market.reference_price
    own = np.zeros(8)
    for i in range(world.offsets.size - 1):
        customer, k = world.customers[i // BLOCK], i % BLOCK
        if w >= customer.week_of_moving[k]:
            continue
        s = place[customer.segment[k]]
        if customer.contract_firm[k] >= 0:
            needing = 1.0 if w + 1 >= customer.contract_until[k] else 0.0
        else:
            needing = 1.0 - np.exp(-customer.need_rate[k] * climate.need)
        best = (
            customer.weight_product[k] * climate.product + customer.weight_service[k] * climate.service
            + customer.weight_personnel[k] * climate.personnel + customer.weight_image[k] * climate.image
        )  # fmt: skip
        for f in range(firms.size):
            relation, firm, fit = world.relations[i // BLOCK, f], firms[f], world.fit[customer.segment[k], f]
            way = offer.way_to(customer, relation, k, firm, 1.0)
            _part(customer, relation, k, firm, way, fit, climate, w, reference, p, own)
            if relation.awareness[k] >= p.stage_aware_at:
                n_aware[s, f] += 1.0
                for part in range(8):
                    parts[s, f, part] += own[part]
            gates[s, f, 0] += 1.0
            if way == NOWHERE or fit < LEAST_FIT:
                continue
            gates[s, f, 1] += 1.0
            if best - own[4] < market.outside_value:
                continue
            gates[s, f, 2] += 1.0
            if not offer.is_willing(relation, k, p):
                continue
            gates[s, f, 3] += 1.0
            value, _, _ = offer.worth(customer, relation, k, firm, way, fit, climate, w, reference, p)
            if value <= market.outside_value:
                continue
            gates[s, f, 4] += 1.0
            gates[s, f, 5] += needing


@compiled
def _part(customer, relation, k, firm, way, fit, climate, w, reference, p, own):
    """The four values and four costs of a firm to a customer, each times its weight, written to `own`."""
    has_bought, satisfaction = relation.purchases[k] > 0, float(relation.satisfaction[k])
    price, _, service, wait_share, place, personnel = offer.offer_met(
        customer, relation, k, firm, max(STORE, way), w, p.campaign_window
    )
    reward = programme.reward_due(float(relation.points[k]), firm.reward_points, firm.reward_value, price)
    if not has_bought:
        price += firm.device_price
    own[0] = customer.weight_product[k] * (
        choice.value_seen(firm.product, p.choose_halo, satisfaction, has_bought) * fit
    )
    own[1] = customer.weight_service[k] * choice.value_seen(service, p.choose_halo, satisfaction, has_bought)
    own[2] = customer.weight_personnel[k] * choice.value_seen(personnel, p.choose_halo, satisfaction, has_bought)
    own[3] = customer.weight_image[k] * firm.image
    own[4] = customer.weight_money[k] * choice.money_cost(price, reward, reference)
    own[5] = customer.weight_time[k] * choice.time_cost(place, wait_share)
    own[6] = customer.weight_energy[k] * choice.energy_cost(
        firm.convenience, p.choose_relief, float(relation.knowledge[k])
    )
    own[7] = customer.weight_mental[k] * choice.mental_cost(float(relation.trust[k]))
    trend = (
        climate.product, climate.service, climate.personnel, climate.image,
        climate.money, climate.time, climate.energy, climate.mental,
    )  # fmt: skip
    for part in range(8):
        own[part] *= trend[part]
