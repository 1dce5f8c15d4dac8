"""Small markets that between them exercise every rule of the page, for `plan_by_hand`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from sim.plan import Network

from .plans import FIRMS

PROGRAMME = {
    "programme.points_per_purchase": (2.0, 3.0, 0.0),
    "programme.reward_points": (8.0, 10.0, 10.0),
    "programme.reward_value": (4.0, 20.0, 0.0),
    "programme.expiry_weeks": (6.0, 9.0, 52.0),
}
DEALS = {"pricing.promotion_every": (4.0, 3.0, 0.0), "pricing.promotion_depth": (0.2, 0.3, 0.0)}
TALKATIVE = {
    "tell.praise_above": 0.5,
    "tell.praise_rate": 0.8,
    "tell.blame_below": 0.49,
    "tell.blame_rate": 0.9,
    "tell.curve": 0.5,
}
FICKLE = {
    "leave.lost_after": 1.0,
    "leave.lost_at_least": 4,
    "leave.unmet_below": 0.2,
    "leave.return_rate": 0.1,
    "experience.failure_rate": 0.5,
    "experience.exit_rate": 0.6,
}


def scandal(weeks: int = 34, firms: int = 3) -> np.ndarray:
    """A table with a scandal of the first firm in week 12."""
    table = np.zeros((weeks, firms))
    table[12, 0] = 0.6
    return table


def table_with(weeks: int, *, start: int, end: int, factor: float) -> np.ndarray:
    """A table of factors that differ from 1 in some weeks."""
    table = np.ones(weeks)
    table[start:end] = factor
    return table


def money_trend(weeks: int = 34) -> np.ndarray:
    """A table of the trend in which money weighs more from week 14 on."""
    table = np.ones((weeks, 8))
    table[14:, 4] = 1.6
    return table


MARKETS: dict[str, dict[str, Any]] = {
    "open": {},
    "two firms": {
        "firms": (replace(FIRMS[0], standing=0.4), replace(FIRMS[1], standing=0.6)),
        "network": Network("small_world", 0),
        "taste_concentration": None,
    },
    "programme and deals": {"levers": PROGRAMME | DEALS, "parameters": TALKATIVE},
    "contract": {
        "contract_weeks": 5,
        "levers": PROGRAMME | DEALS,
        "parameters": FICKLE,
        "outside_value": -3.0,
    },
    "events": {
        "need_factor": table_with(34, start=10, end=20, factor=2.5),
        "trend": money_trend(),
        "trust_shock": scandal(),
        "network": Network("scale_free", 4),
        "parameters": TALKATIVE,
    },
    "fickle": {"levers": DEALS, "parameters": FICKLE | TALKATIVE, "outside_value": 0.0},
    "letting go": {"levers": {"pricing.list_price": (5.0, 10.0, 8.0), "service.let_go_loss": (2.0, 0.0, 0.0)}},
    "well served": {
        "firms": tuple(replace(firm, attributes=(0.95,) * 7) for firm in FIRMS),
        "parameters": {"bond.commitment_speed": 0.5, "trust.start": 0.6, "judge.expectation_start": 0.3},
    },
    "larger than the scenario": {"scale": 2.0, "levers": DEALS},
}
