"""Small markets, each with one more of the page's mechanisms switched on, and some with all of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from .markets import DEALS, FICKLE, PROGRAMME, TALKATIVE
from .plans import FIRMS, SEGMENTS

WEEKS = 34  # 4 of warm-up and 30 reported

# The second of these three is of the first's group, as two types of customers in one segment are.
GROUPS = (
    replace(SEGMENTS[0], share=0.3),
    replace(SEGMENTS[0], share=0.3, name="shy regulars", innovativeness=0.001, weight_spread=0.6, fit=(0.5, 1.0, 0.7)),
    replace(SEGMENTS[1], fit=(0.6, 0.9, 1.1)),
)
BASKETS = (replace(SEGMENTS[0], basket=2.5, basket_shape=1.5), replace(SEGMENTS[1], basket=0.5))
GROWING = (
    replace(SEGMENTS[0], growth=2.5, growth_from=3, growth_to=12),
    replace(SEGMENTS[1], growth=0.3, growth_from=-2, growth_to=-2),
)
CENTRES = (replace(SEGMENTS[0], buying_centre=4), replace(SEGMENTS[1], buying_centre=2))
EVERYTHING = (
    replace(GROUPS[0], basket=2.5, basket_shape=1.5, growth=2.0, growth_from=3, growth_to=12),
    replace(GROUPS[1], basket=0.7, buying_centre=3),
    replace(GROUPS[2], growth=0.5, growth_from=0, growth_to=6, buying_centre=2),
)

LATE = (FIRMS[0], replace(FIRMS[1], entry=9), replace(FIRMS[2], entry=4, reseller=0.9))
SOLD_EVERYWHERE = (
    replace(FIRMS[0], attributes=(0.50, 0.60, 0.50, 0.40, 0.30, 0.50, 0.5), reseller=0.8),
    replace(FIRMS[1], attributes=(0.55, 0.50, 0.50, 0.60, 0.40, 0.60, 0.0), reseller=0.6),
    replace(FIRMS[2], attributes=(0.35, 0.40, 0.40, 0.20, 0.50, 0.40, 0.9)),
)
WITH_DEVICES = (replace(FIRMS[0], device_cost=6.0), replace(FIRMS[1], device_cost=2.5), FIRMS[2])

ACQUISITION = {
    "acquisition.spend": (2.0, 2.5, 4.0),
    "acquisition.aim": (0.0, 1.0, 2.0),
    "acquisition.target": (1.0, 2.0, 1.0),
    "acquisition.offer": (0.0, 0.2, 0.35),
}
WINBACK = {
    "winback.spend": (9.0, 2.0, 5.0),
    "winback.reasons": (0.0, 1.0, 2.0),
    "winback.within_weeks": (0.0, 9.0, 5.0),
    "winback.offer": (0.25, 0.0, 0.1),
}
WAKE = {"wake.spend": (4.0, 2.0, 9.0), "wake.offer": (0.15, 0.0, 0.3)}
RETENTION = {"retention.spend": (4.0, 6.0, 2.0), "retention.aim": (0.0, 1.0, 0.0), "retention.offer": (0.1, 0.2, 0.0)}
HOLDOUT = {"campaign.holdout": (0.3, 0.0, 0.5)}
TIERS = {
    "tiers.vip_share": (0.1, 0.5, 0.0),
    "tiers.key_share": (0.2, 0.5, 0.3),
    "tiers.privilege": (1.5, 0.0, 0.8),
    "tiers.priority": (0.6, 1.0, 0.5),
}
CROWDED_DESK = {"service.agents": (0.02, 0.02, 0.01)}
CHANNELS = {
    "online.spend": (10.0, 0.0, 5.0),
    "reseller.margin": (0.2, 0.1, 0.3),
    "crm.spend": (30.0, 0.0, 10.0),
    "insight.spend": (60.0, 60.0, 60.0),
}
PERSONAL = {"personal.depth": (0.6, 0.3, 0.0), "insight.spend": (400.0, 100.0, 30.0)}
KNOWING = {"experience.learn": 1.0}
FURTHER = {"range.addon_price": (3.0, 0.0, 1.5), "range.upgrade_premium": (0.5, 0.8, 0.0)}
APPEALING = {
    "range.addon_appeal": 1.0,
    "range.upgrade_appeal": 1.0,
    "bond.commitment_speed": 0.4,
    "experience.learn": 1.0,
}
GOOD_CITIZENS = {
    "responsibility.spend": (30.0, 5.0, 0.0),
    "community.spend": (40.0, 0.0, 10.0),
    "crm.spend": (25.0, 10.0, 0.0),
}
REFERRAL = {"programme.referral_points": (3.0, 20.0, 1.0), "programme.endowed_points": (2.0, 0.0, 5.0)}
REPOSITION = {"reposition.segment": (1.0, 2.0, 0.0), "reposition.spend": (40.0, 20.0, 30.0)}
SELF_SERVICE = {"service.self_service": (0.5, 1.0, 0.0)}
UNHAPPY = {"experience.failure_rate": 0.8, "tell.ignored_rate": 0.7, "tell.let_go_rate": 0.6}


def by_week(**change: tuple[float, float]) -> dict[str, np.ndarray]:
    """Levers of every firm that stand at one value until week 18 and at another from then on."""
    table = {}
    for name, (before, after) in change.items():
        table[name.replace("__", ".")] = np.full((WEEKS, 3), before)
        table[name.replace("__", ".")][18:] = after
    return table


def trend() -> np.ndarray:
    """All eight weights drift, each in its own way."""
    return np.linspace(1.0, 2.0, WEEKS)[:, None] ** np.array([1.0, -1.0, 0.5, 2.0, -0.5, 1.0, -2.0, 0.7])


def dear_money() -> np.ndarray:
    """Money weighs three times as much from week 8 on, so that prices part customers from firms."""
    table = np.ones((WEEKS, 8))
    table[8:, 4] = 3.0
    return table


CAMPAIGNS = ACQUISITION | WINBACK | WAKE | RETENTION | HOLDOUT
ALL_LEVERS = (
    PROGRAMME | DEALS | CAMPAIGNS | TIERS | CROWDED_DESK | CHANNELS | PERSONAL | FURTHER | GOOD_CITIZENS | REFERRAL
    | REPOSITION | SELF_SERVICE | {"pricing.device_price": (4.0, 1.0, 0.0), "service.let_go_loss": (0.0, 6.0, 3.0)}
)  # fmt: skip
ALL_CONSTANTS = FICKLE | TALKATIVE | APPEALING | UNHAPPY | {"experience.failure_rate": 0.4, "trust.start_spread": 0.2}

MECHANISMS: dict[str, dict[str, Any]] = {
    "acquisition": {"levers": ACQUISITION, "segments": GROUPS, "parameters": {"trust.start": 0.05}},
    "acquisition with control groups": {"levers": ACQUISITION | HOLDOUT, "segments": GROUPS},
    "win-back": {"levers": WINBACK | HOLDOUT, "parameters": FICKLE},
    "waking": {"levers": WAKE | HOLDOUT, "parameters": {"stage.dormant_after": 1.0}},
    "waking those without a contract": {"levers": WAKE | RETENTION, "contract_weeks": 4, "outside_value": 1.0},
    "retention": {"levers": RETENTION, "parameters": KNOWING | {"campaign.window": 2}},
    "campaigns that begin": {
        "levers": by_week(acquisition__spend=(0.0, 3.0), retention__spend=(2.0, 0.0), acquisition__aim=(0.0, 2.0)),
        "segments": GROUPS,
    },
    "tiers": {"levers": TIERS | CROWDED_DESK, "parameters": KNOWING, "weeks": 40},
    "tiers that end": {"levers": by_week(tiers__vip_share=(0.2, 0.0), tiers__privilege=(2.0, 1.0)) | CROWDED_DESK},
    "channels": {"levers": CHANNELS, "firms": SOLD_EVERYWHERE, "parameters": KNOWING},
    "personal prices": {"levers": PERSONAL, "parameters": KNOWING | {"trust.unfair": 5.0}},
    "baskets": {"segments": BASKETS, "levers": DEALS},
    "growth": {"segments": GROWING},
    "buying centres": {"segments": CENTRES},
    "devices": {"firms": WITH_DEVICES, "levers": {"pricing.device_price": (5.0, 2.0, 0.0)}, "parameters": FICKLE},
    "add-ons and upgrades": {"levers": FURTHER, "parameters": APPEALING},
    "good citizens": {"levers": GOOD_CITIZENS | CROWDED_DESK, "parameters": TALKATIVE | KNOWING},
    "referral": {"levers": PROGRAMME | REFERRAL, "parameters": TALKATIVE},
    "repositioning": {"levers": REPOSITION, "segments": GROUPS},
    "repositioning where it suits already": {
        "levers": REPOSITION | {"reposition.segment": (2.0, 1.0, 2.0)},
        "segments": GROUPS,
    },
    "late entrants": {"firms": LATE, "levers": CHANNELS | ACQUISITION | TIERS},
    "dear money": {
        "trend": dear_money(),
        "levers": DEALS | {"pricing.list_price": (13.0, 10.0, 7.0)},
        "parameters": {"leave.lost_after": 1.0, "leave.lost_at_least": 3, "leave.unmet_below": 0.0},
        "outside_value": -9.0,
    },
    "trends": {"trend": trend(), "levers": DEALS, "parameters": FICKLE},
    "ignored and let go": {
        "levers": {"service.let_go_loss": (1.0, 2.0, 0.0), "service.recovery": 0.1},
        "parameters": UNHAPPY,
    },
    "short memories": {"levers": WINBACK, "parameters": FICKLE | {"leave.memory_half_life": 3}},
    "unlike trust": {"parameters": {"trust.start_spread": 0.3}},
    "self-service": {"levers": SELF_SERVICE | CROWDED_DESK, "parameters": {"experience.contact_rate": 0.6}},
    "everything": {
        "levers": ALL_LEVERS,
        "parameters": ALL_CONSTANTS,
        "segments": EVERYTHING,
        "firms": SOLD_EVERYWHERE,
        "trend": trend(),
    },
    "everything under contract": {
        "levers": ALL_LEVERS,
        "parameters": ALL_CONSTANTS | {"experience.exit_rate": 0.2},
        "segments": EVERYTHING,
        "firms": tuple(replace(firm, device_cost=3.0) for firm in LATE),
        "contract_weeks": 3,
    },
    "everything on another scale": {
        "levers": ALL_LEVERS | {"service.let_go_loss": 0.0},
        "parameters": ALL_CONSTANTS | {"leave.lost_at_least": 9},
        "segments": EVERYTHING,
        "firms": WITH_DEVICES,
        "scale": 2.0,
        "visibility": 1.0,
    },
}
