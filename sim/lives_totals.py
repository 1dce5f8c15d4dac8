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
from sim.storage import BLOCK, column

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
    everybody = slice(0, walk.world.n_customers)

    def now(name: str, who: slice = everybody) -> Any:
        return column(walk.world.relations, name, who.stop)[who.start :]

    aware_at = walk.world.constants[0]["stage_aware_at"]
    was_aware, was_lost_for = now("awareness") >= aware_at, now("reason")
    source = np.zeros(was_aware.shape, np.int8)
    for moment in walk.moments(engine.weeks_done):
        is_reported, first = moment.week >= engine.plan.warm_up, moment.block * BLOCK
        who = everybody if first < 0 else slice(first, min(first + BLOCK, everybody.stop))
        if moment.phase == "act":
            is_aware = now("awareness") >= aware_at
            source[is_aware & ~was_aware] = _SOURCES.index(_INTRODUCED)
            was_aware = is_aware
        elif moment.phase == "hear":
            is_aware = now("awareness", who) >= aware_at
            for k, f in np.argwhere(is_aware & ~was_aware[who]):
                i = first + int(k)
                source[i, f] = _SOURCES.index(lives_events.how_heard(walk.world, moment.week, i, f)["cause"])
            was_aware[who] = is_aware
        elif moment.phase == "choose" and is_reported:
            counts += _first_purchases(walk, moment, source)
        elif moment.phase == "leave":
            lost_for = now("reason", who)
            if is_reported:
                counts += _turns(lost_for, was_lost_for[who], now("purchases", who) > 0)
            was_aware[who] = now("awareness", who) >= aware_at  # who comes back knows the firm
            was_lost_for[who] = lost_for
    return _frame(counts, [firm.name for firm in engine.plan.firms])


def _first_purchases(walk: Walk, moment: Moment, source: Any) -> _Counts:
    """How shoppers who are about to buy from a firm for the first time know it, and what tipped their choice."""
    counts: _Counts = Counter()
    shoppers = walk.world.shoppers[: moment.shoppers]
    buyers = shoppers[shoppers["firm"] >= 0]
    block, k = np.divmod(buyers["customer"], BLOCK)
    is_first = walk.world.relations["purchases"][block, buyers["firm"], k] == 0
    for shopper in buyers[is_first]:
        i, f = int(shopper["customer"]), int(shopper["firm"])
        cause = lives_choice.verdict(lives_choice.offers(walk.world, moment.week, i, moment.occasion), f).cause
        counts[f, JOINED, lives_choice.PARTS.get(cause, cause)] += 1
        counts[f, HEARD, _SOURCES[source[i, f]]] += 1
    return counts


def _turns(now: Any, was_lost_for: Any, has_bought: Any) -> _Counts:
    """Who left and who came back this week, by the reasons for which they are lost; only buyers count."""
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
