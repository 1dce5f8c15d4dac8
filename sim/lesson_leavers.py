"""Who left in one of two paired worlds and stayed in the other, why, and one or two of them by number.

Both worlds hold the same customers with the same luck; only the levers differ. So whoever left in one of them alone
left because of the levers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine import Engine
from sim.lesson_worlds import Worlds
from sim.lives_events import Event, Witness
from sim.lives_walk import Walk
from sim.plan import Plan
from sim.rules import leave

REASONS = (leave.PUSHED_ON_PURPOSE, leave.NEEDS_UNMET, leave.BETTER_VALUE, leave.LOWER_PRICE, leave.MOVED_AWAY)
_FIRM = 0
_NAMED = 2


@dataclass(frozen=True)
class Leaver:
    """A customer who left in one world (that of strategy 0 or 1), and what became of them in the other."""

    customer: int
    segment: Mapping[str, str]
    side: int
    week: int
    event: Event
    purchases_elsewhere: int  # in the other world, from week 0 on


@dataclass(frozen=True)
class Leavers:
    """Customers who left in one world only, by reason: those of A alone and those of B alone; and some of them."""

    counts: tuple[dict[int, int], dict[int, int]]
    named: tuple[Leaver, ...]
    plan: Plan


def leavers_of(worlds: Worlds, a: Mapping[str, float], b: Mapping[str, float], weeks: int) -> Leavers:
    """Run both strategies in the student's own world, and see who left in one of them alone."""
    engines, early = [], []
    for levers in (a, b):
        engine = worlds.engine(levers, weeks)
        engine.warm_up()
        early.append(engine.relations[:, _FIRM]["purchases"].copy())
        engine.run()
        engines.append(engine)
    ends = [engine.relations[:, _FIRM] for engine in engines]
    gone = [_left_since(end, engines[0].plan.warm_up) for end in ends]
    only = [gone[0] & (ends[1]["reason"] == 0), gone[1] & (ends[0]["reason"] == 0)]
    counts = tuple(_by_reason(end["reason"][those]) for end, those in zip(ends, only, strict=True))
    side = 0 if only[0].sum() > only[1].sum() else 1
    since = ends[1 - side]["purchases"] - early[1 - side]
    chosen = _chosen(ends[side]["reason"], only[side], since)
    named = _watched(engines[side], chosen, side, since) if chosen else ()
    return Leavers((counts[0], counts[1]), named, engines[0].plan)


def _left_since(end: Any, start: int) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = (end["reason"] != 0) & (end["purchases"] > 0) & (end["week_of_turn"] >= start)
    return found


def _by_reason(reasons: NDArray[np.int64]) -> dict[int, int]:
    return {reason: int(n) for reason in REASONS if (n := (reasons == reason).sum())}


def _chosen(reasons: NDArray[np.int64], those: NDArray[np.bool_], purchases: NDArray[np.int64]) -> list[int]:
    """Of the most frequent reasons one customer each: the one who bought most where they stayed."""
    counted = sorted(_by_reason(reasons[those]).items(), key=lambda item: -item[1])
    chosen = []
    for reason, _ in counted[:_NAMED]:
        candidates = np.flatnonzero(those & (reasons == reason))
        chosen.append(int(candidates[np.argmax(purchases[candidates])]))
    return chosen


def _watched(engine: Engine, customers: list[int], side: int, purchases: NDArray[np.int64]) -> tuple[Leaver, ...]:
    """Walk through the weeks once more, and see these customers leave."""
    walk, plan = Walk(engine.plan), engine.plan
    witnesses = [Witness(walk, i) for i in customers]
    for moment in walk.moments(customers=customers):
        for witness in witnesses:
            witness.see(moment)
    named = []
    for one in witnesses:
        left = [
            (w - plan.warm_up, event)
            for w, events in enumerate(one.weeks)
            for event in events
            if event.kind == "left" and event.firm == _FIRM
        ]
        if left:
            segment = plan.segments[walk.world.customer(one.i)["segment"]].label
            named.append(Leaver(one.i, segment, side, *left[-1], int(purchases[one.i])))
    return tuple(named)
