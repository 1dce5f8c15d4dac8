"""Small plans made by hand, for tests that need a market without a scenario."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from sim import parameters
from sim.plan import FirmPlan, Network, Plan, Segment, Spread

FIRMS = (
    FirmPlan("Ours", 0.3, 0.5, 6.0, (0.50, 0.60, 0.50, 0.40, 0.80, 0.50, 0.2), reseller=0.5),
    FirmPlan("Rival", 0.5, 0.8, 6.5, (0.55, 0.50, 0.50, 0.60, 0.90, 0.60, 0.1)),
    FirmPlan("Cheap", 0.2, 0.3, 4.0, (0.35, 0.40, 0.40, 0.20, 0.70, 0.40, 0.0)),
)

SEGMENTS = (
    Segment(
        name="regulars",
        customer_type="rational",
        share=0.6,
        need_rate=0.5,
        need_shape=1.2,
        weights=(1.5, 1.0, 0.6, 0.4, 1.2, 0.5, 0.5, 0.6),
        weight_spread=0.3,
        innovativeness=0.02,
        susceptibility=0.3,
        deal_proneness=Spread(0.3, 5.0),
        complaint=Spread(0.4, 4.0),
        forgiveness=Spread(0.5, 4.0),
        moving=Spread(0.002, 50.0),
        fit=(1.0, 1.1, 0.9),
        group=1,
    ),
    Segment(
        name="bargain hunters",
        customer_type="profit-seeking",
        share=0.4,
        need_rate=0.3,
        need_shape=None,
        weights=(0.8, 0.5, 0.3, 0.2, 2.0, 0.4, 0.4, 0.3),
        weight_spread=0.0,
        innovativeness=0.05,
        susceptibility=0.4,
        deal_proneness=Spread(0.8),
        complaint=Spread(0.6),
        forgiveness=Spread(0.2, 8.0),
        moving=Spread(0.0),
        fit=(1.0, 0.9, 1.1),
        group=2,
    ),
)

# Some of everything, so that no stock stays empty. Money per week per 100 customers.
LEVERS: dict[str, Any] = {
    "advertising.spend": (30.0, 40.0, 10.0),
    "advertising.promise": (0.6, 0.7, 0.4),
    "communication.spend": 15.0,
    "image.spend": (10.0, 30.0, 0.0),
    "insight.spend": (20.0, 5.0, 0.0),
    "place.spend": 10.0,
    "convenience.spend": 10.0,
    "product.spend": (25.0, 25.0, 5.0),
    "training.spend": (20.0, 10.0, 0.0),
    "winback.spend": (15.0, 5.0, 0.0),
    "service.agents": (0.05, 0.08, 0.02),
    "pricing.list_price": (10.0, 10.5, 7.5),
}


def plan_by_hand(
    *, levers: dict[str, Any] | None = None, parameters: dict[str, float] | None = None, **changes: Any
) -> Plan:
    """A plan of 100 customers and three firms, with changes.

    levers : by dotted name; one number, or one for each firm, or an array (weeks, firms), warm-up included.
    parameters : by dotted name.
    changes : any other field of `Plan`. Firms beyond the given segments' fit are not allowed; fewer are.
    """
    firms = changes.get("firms", FIRMS)
    weeks = changes.get("warm_up", 4) + changes.get("weeks", 30)
    default: dict[str, Any] = {
        "scenario": "by hand",
        "strategy": "by hand",
        "seed": 11,
        "market_size": 100,
        "scale": 1.0,
        "warm_up": 4,
        "weeks": 30,
        "reference_price": 10.0,
        "contract_weeks": 0,
        "outside_value": -1.0,
        "visibility": 0.4,
        "taste_concentration": 6.0,
        "discount_rate": 0.002,
        "network": Network("small_world", 4, 0.1),
        "segments": SEGMENTS,
        "firms": firms,
        "need_factor": np.ones(weeks),
        "trend": np.ones((weeks, 8)),
        "trust_shock": np.zeros((weeks, len(firms))),
    }
    names, table = lever_table(weeks, len(firms), levers or {})
    return Plan(**(default | changes), lever_names=names, levers=table, parameters=constants_with(parameters or {}))


def lever_table(weeks: int, firms: int, changes: dict[str, Any]) -> tuple[tuple[str, ...], np.ndarray]:
    """The names of all levers and their values by week, firm and lever."""
    known = parameters.levers()
    unknown = set(changes) - set(known)
    if unknown:
        raise KeyError(f"There is no lever {unknown.pop()!r}.")
    table = np.empty((weeks, firms, len(known)))
    for number, (name, lever) in enumerate(known.items()):
        value = np.asarray(changes.get(name, LEVERS.get(name, lever.value)), dtype=float)
        table[:, :, number] = value[:firms] if value.ndim == 1 else value
    return tuple(known), table


def constants_with(changes: dict[str, float]) -> dict[str, dict[str, float]]:
    """Every parameter that is not a lever at its own value, but for the changes."""
    values = copy.deepcopy(
        {
            file: {name: float(entry.value) for name, entry in entries.items()}
            for file, entries in parameters.constants().items()
        }
    )
    for path, value in changes.items():
        file, name = path.split(".")
        if name not in values[file]:
            raise KeyError(f"There is no parameter {path!r}.")
        values[file][name] = float(value)
    return values
