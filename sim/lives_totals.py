"""The causes of joining and leaving, counted over all customers: how firms came to be known, chosen and left."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim import lives_choice, lives_events
from sim.engine import Engine
from sim.lives_walk import Moment, Walk, walk_of
from sim.lives_words import REASONS

if TYPE_CHECKING:
    from sim.results import Run

HEARD, JOINED, LEFT, CAME_BACK = "heard", "joined", "left", "came back"
_INTRODUCED = "introduced by a campaign"
_SOURCES = ("known from the start", lives_events.ADVERTISING, lives_events.FRIENDS, lives_events.OTHERS, _INTRODUCED)
_Counts = Counter[tuple[int, str, str]]  # (firm, what, cause)


def reasons(life_of: Engine | Run) -> pd.DataFrame:
    """Why customers joined and left each firm in the reported weeks so far.

    A row for each firm, `what` and `cause`, with the number of `customers` and their `share` of those of the firm who
    did the same. What they did:

    heard : how those who joined had come to know the firm
    joined : bought for the first time; the cause is the part of delivered value that spoke most for the firm beside the
        best other one considered, or that no other was considered, or that luck decided against the better value
    left : for one of the five reasons
    came back : by the reason for which they had left

    The market is walked through once more, so this takes about as long as the run did.
    """
    engine = life_of if isinstance(life_of, Engine) else life_of.engine
    walk, counts = walk_of(engine), Counter[tuple[int, str, str]]()
    relations, aware_at = walk.world.relations, walk.world.constants[0]["stage_aware_at"]
    was_aware, was_lost_for = relations["awareness"] >= aware_at, relations["reason"].copy()
    source = np.zeros(relations.shape, np.int8)
    for moment in walk.moments(engine.weeks_done):
        is_reported = moment.week >= engine.plan.warm_up
        if moment.phase == "act":
            is_aware = relations["awareness"] >= aware_at
            source[is_aware & ~was_aware] = _SOURCES.index(_INTRODUCED)
            was_aware = is_aware
        elif moment.phase == "hear":
            is_aware = relations["awareness"] >= aware_at
            for i, f in np.argwhere(is_aware & ~was_aware):
                source[i, f] = _SOURCES.index(lives_events.how_heard(walk.world, moment.week, i, f)["cause"])
            was_aware = is_aware
        elif moment.phase == "choose" and is_reported:
            counts += _first_purchases(walk, moment, source)
        elif moment.phase == "leave":
            if is_reported:
                counts += _turns(relations, was_lost_for)
            was_aware = relations["awareness"] >= aware_at  # who comes back knows the firm
            was_lost_for = relations["reason"].copy()
    return _frame(counts, [firm.name for firm in engine.plan.firms])


def _first_purchases(walk: Walk, moment: Moment, source: Any) -> _Counts:
    """How shoppers who are about to buy from a firm for the first time know it, and what tipped their choice."""
    counts: _Counts = Counter()
    shoppers = walk.world.shoppers[: moment.shoppers]
    buyers = shoppers[shoppers["firm"] >= 0]
    is_first = walk.world.relations["purchases"][buyers["customer"], buyers["firm"]] == 0
    for shopper in buyers[is_first]:
        i, f = int(shopper["customer"]), int(shopper["firm"])
        cause = lives_choice.verdict(lives_choice.offers(walk.world, moment.week, i, moment.occasion), f).cause
        counts[f, JOINED, lives_choice.PARTS.get(cause, cause)] += 1
        counts[f, HEARD, _SOURCES[source[i, f]]] += 1
    return counts


def _turns(relations: Any, was_lost_for: Any) -> _Counts:
    """Who left and who came back this week; only buyers count."""
    now, has_bought = relations["reason"], relations["purchases"] > 0
    counts: _Counts = Counter()
    for reason, cause in REASONS.items():
        left = has_bought & (was_lost_for == 0) & (now == reason)
        back = (was_lost_for == reason) & (now == 0)
        for f in range(now.shape[1]):
            counts[f, LEFT, cause] = int(left[:, f].sum())
            counts[f, CAME_BACK, cause] = int(back[:, f].sum())
    return counts


def _frame(counts: _Counts, firms: list[str]) -> pd.DataFrame:
    order = (HEARD, JOINED, LEFT, CAME_BACK)
    whole: Counter[tuple[int, str]] = Counter()
    for (f, what, _), n in counts.items():
        whole[f, what] += n
    kept = sorted((f, order.index(what), -n, cause) for (f, what, cause), n in counts.items() if n)
    rows = [(firms[f], order[k], cause, -n, -n / whole[f, order[k]]) for f, k, n, cause in kept]
    return pd.DataFrame(rows, columns=["firm", "what", "cause", "customers", "share"])
