"""What a measure is: a table read off a finished market, with a name, labels and the ideas it lets a student read.

Outcomes (`sim/outcomes.py`) are single numbers with a weekly course. Measures are tables, worked out when asked for;
they read a market and never change it. `sim/measures.py` lists them all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.engine import Engine
from sim.results import Run
from sim.rules import leave, loyalty
from sim.rules.stage import BUYER, DORMANT
from sim.schedule import Phase

Market = Run | Engine
Table = pd.DataFrame

# Not of the week: the rules by which measures describe customers when it is over. They change nothing.
DESCRIBE = Phase(
    "measure", "What do we call the customers we have now?",
    (loyalty.kind_of_loyalty, loyalty.relationship_phase), ("B5", "D7", "E3"),
)  # fmt: skip


class _Asked(Protocol):
    def __call__(self, market: Market, firm: int = 0) -> Table: ...


@dataclass(frozen=True)
class Measure:
    """A table that can be asked of a market for one of its firms."""

    name: str
    label: dict[str, str]
    covers: tuple[str, ...]
    meaning: str
    table: _Asked


MEASURES: dict[str, Measure] = {}


def measure(en: str, zh: str, covers: str) -> Callable[[Any], Any]:
    """Enter a function (market, firm) → table among the measures. `covers` names curriculum ids, e.g. "B4, C4"."""

    def enter(function: Any) -> Any:
        meaning = (function.__doc__ or "").strip().splitlines()[0]
        ids = tuple(covers.split(", "))
        MEASURES[function.__name__] = Measure(function.__name__, {"en": en, "zh": zh}, ids, meaning, function)
        return function

    return enter


def engine_of(market: Market) -> Engine:
    """The engine behind a run, or the engine itself."""
    return market.engine if isinstance(market, Run) else market


def week_of(engine: Engine) -> int:
    """The last week that was run, warm-up included; −1 before the first."""
    return engine.weeks_done - 1


def years(engine: Engine) -> float:
    """How long the books have been kept."""
    return max(1, engine.week) / 52.0


def earned(relations: NDArray[Any]) -> NDArray[np.float64]:
    """What each customer has contributed: revenue less goods, service, reach and rewards; money."""
    costs = ("cost_of_goods", "cost_to_serve", "cost_to_reach", "rewards")
    return relations["revenue"] - np.sum([relations[name] for name in costs], axis=0)


def is_here(engine: Engine) -> NDArray[np.bool_]:
    """Customers who have not moved away."""
    return week_of(engine) < engine.column("week_of_moving")


def rhythm(engine: Engine, firm: int) -> NDArray[np.float64]:
    """Weeks between purchases of each customer, at least 1; not a number for those who never bought."""
    relations, need = engine.relations[:, firm], engine.column("need_rate")
    weeks = np.full(relations.size, np.nan)
    who = np.flatnonzero(relations["purchases"] > 0)
    r = relations[who]
    first, last, n = (r[name].astype(float) for name in ("first_purchase", "last_purchase", "purchases"))
    between_needs = 1.0 / need[who].astype(float)  # of buyers alone: whoever needs nothing has none
    weeks[who] = [max(1.0, leave.rhythm(*four)) for four in zip(first, last, n, between_needs, strict=True)]
    return weeks


def kinds_and_phases(engine: Engine, firm: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Kind of loyalty and phase of each customer's relationship with a firm, as the rules of `loyalty` give them.

    Indexes of `loyalty.KINDS` (0 for who is not active) and of `loyalty.PHASES` (−1 for who never bought).
    """
    relations, p = engine.relations[:, firm], engine.plan.parameters["loyalty"]
    pace, week = rhythm(engine, firm), week_of(engine)
    kinds, phases = np.zeros(relations.size, np.int64), np.full(relations.size, -1)
    for i in np.flatnonzero(relations["purchases"] > 0):
        r = relations[i]
        if r["stage"] >= BUYER:
            levels = (float(r[name]) for name in ("commitment", "trust", "knowledge", "habit"))
            kinds[i] = loyalty.kind_of_loyalty(
                float(r["purchases"]), float(r["bargains"]), *levels, p["trial"], p["least"]
            )
        phases[i] = loyalty.relationship_phase(
            int(r["purchases"]), week - int(r["first_purchase"]), float(r["interval"]), pace[i],
            bool(r["stage"] <= DORMANT), p["trial"], p["stable_after"], p["slowing"],
        )  # fmt: skip
    return kinds, phases


def share(part: Any, whole: Any) -> Any:
    """part / whole, element by element; not a number where there is nothing to divide by."""
    part, whole = np.asarray(part, float), np.asarray(whole, float)
    out = np.full(np.broadcast(part, whole).shape, np.nan)
    divided = np.divide(part, whole, out=out, where=whole != 0)
    return float(divided) if divided.ndim == 0 else divided
