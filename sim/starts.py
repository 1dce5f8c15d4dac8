"""What runs have in common is lived once: customers born alike, and weeks before the strategy that are the same.

Two plans of one seed that differ only in what the firm does from week 0 on have the same customers and the same
warm-up; two that differ in numbers of the model have at least the same customers, as long as no trait changes. The
engine that comes out is the one that `Engine(plan)` and its warm-up would have given, bit for bit: tests/test_starts.py
goes through every parameter and every lever.
"""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from sim import world
from sim.engine import Engine
from sim.plan import COSTS, VALUES, Plan

# Tables that go week by week: before the strategy starts only their first rows have been read.
_WEEKLY = ("levers", "need_factor", "trend", "trust_shock")
# Nothing in the weeks before the strategy depends on these.
_UNREAD = ("strategy", "budget", "currency", "discount_rate")
# What customers and their ties are made from, besides the parameters below.
_TRAITS = ("seed", "market_size", "segments", "firms", "taste_concentration", "network")
_TRAIT_FILES = ("trust", "judge", "stage")
_OTHERS = tuple(f.name for f in fields(Plan) if f.name not in (*_WEEKLY, *_UNREAD))


class Starts:
    """Engines on the day their strategy starts, as cheaply as the plan before allows. For one thread."""

    def __init__(self) -> None:
        self._opened: Engine | None = None
        self._born: tuple[Plan, world.People] | None = None

    def engine(self, plan: Plan) -> Engine:
        """The engine of a plan, its warm-up lived."""
        if self._opened is None or not _opens_alike(self._opened.plan, plan):
            self._opened = Engine(plan, born=self._people(plan))
            self._opened.warm_up()
        engine = self._opened.copy()
        engine.plan = plan
        engine.world.levers[:] = plan.levers
        engine.world.climate["need"] = plan.need_factor
        for name, course in zip((*VALUES, *COSTS), plan.trend.T, strict=True):
            engine.world.climate[name] = course
        engine.world.trust_shock[:] = plan.trust_shock
        return engine

    def _people(self, plan: Plan) -> world.People:
        if self._born is None or not _born_alike(self._born[0], plan):
            self._born = plan, world.people(plan)
        people = self._born[1]
        return people._replace(customers=people.customers.copy(), relations=people.relations.copy())


def _opens_alike(one: Plan, other: Plan) -> bool:
    """Whether two plans have the same market on the day their strategies start."""
    if any(getattr(one, name) != getattr(other, name) for name in _OTHERS):
        return False
    weeks = max(one.warm_up, 1)  # stocks stand at week 0 where its spending would take them
    return all(np.array_equal(getattr(one, name)[:weeks], getattr(other, name)[:weeks]) for name in _WEEKLY)


def _born_alike(one: Plan, other: Plan) -> bool:
    """Whether two plans have the same customers at week 0."""
    same = all(getattr(one, name) == getattr(other, name) for name in _TRAITS)
    return same and all(one.parameters[file] == other.parameters[file] for file in _TRAIT_FILES)
