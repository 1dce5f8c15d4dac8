"""What runs have in common is lived once: customers born alike, and weeks before the strategy that are the same.

Two plans of one seed that differ only in what the firm does from week 0 on have the same customers and the same
warm-up; two that differ in numbers of the model have at least the same customers, as long as no trait changes. The
engine that comes out is the one that `Engine(plan)` and its warm-up would have given, bit for bit: tests/test_starts.py
goes through every parameter and every lever. `started` does that for whoever runs a few plans; a batch has `Starts` of
its own for every thread.
"""

from __future__ import annotations

import operator
import threading
from collections import OrderedDict
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import population, storage, world
from sim.engine import Engine
from sim.plan import Plan

# Nothing in the weeks before the strategy depends on these.
_UNREAD = ("strategy", "budget", "currency", "discount_rate")
# What customers and their ties are made from, besides what firms are to them and the parameters below.
_TRAITS = ("seed", "market_size", "warm_up", "segments", "taste_concentration", "network")
_TRAIT_FILES = ("trust", "judge", "stage")
_READ = tuple(f.name for f in fields(Plan) if f.name not in _UNREAD)


MOST = 150_000_000  # bytes, roughly, of the starts that are kept, for all threads
LARGEST = 20_000  # customers; a larger market is not kept

_kept: OrderedDict[Any, tuple[threading.Lock, Starts, int]] = OrderedDict()
_lock = threading.Lock()


def started(plan: Plan) -> Engine:
    """The engine of a plan on the day its strategy starts. What it shares with plans met lately is not lived anew.

    For any thread: who asks for a world whose start somebody else is living waits for that.
    """
    if plan.market_size > LARGEST:
        engine = Engine(plan)
        engine.warm_up()
        return engine
    with _lock:
        key = plan.scenario, plan.seed, plan.market_size
        lock, starts, _ = _kept.setdefault(key, (threading.Lock(), Starts(), _bytes(plan)))
        _kept.move_to_end(key)
        while sum(size for _, _, size in _kept.values()) > MOST:
            _kept.popitem(last=False)
    with lock:
        return starts.engine(plan)


def _bytes(plan: Plan) -> int:
    """Roughly what the start of a plan takes to keep: customers when they were born, and on the day it starts."""
    cells = [storage.layout_of(columns).itemsize for columns in (population.CUSTOMER, population.RELATION)]
    return 2 * (plan.market_size + storage.BLOCK) * (cells[0] + len(plan.firms) * cells[1])


class Starts:
    """Engines on the day their strategy starts, as cheaply as the plan before allows. For one thread."""

    def __init__(self) -> None:
        self._opened: Engine | None = None
        self._moved: set[str] = set()  # what the warm-up has changed of the opened world
        self._born: tuple[Plan, world.People] | None = None

    def engine(self, plan: Plan) -> Engine:
        """The engine of a plan, its warm-up lived."""
        if self._opened is None or not _opens_alike(self._opened.plan, plan):
            self._open(plan)
        assert self._opened is not None
        engine = object.__new__(Engine)
        engine.plan, engine.weeks_done = plan, self._opened.weeks_done
        # What nobody has touched yet is as the plan says; what has changed is as the warm-up left it.
        people = self._shared(plan) if {"customers", "relations"} <= self._moved else self._people(plan)
        lived = {name: getattr(self._opened.world, name).copy() for name in self._moved}
        engine.world = world.build(plan, born=people)._replace(**lived)
        return engine

    def _open(self, plan: Plan) -> None:
        self._opened = Engine(plan, born=self._people(plan))
        before = world.World._make(array.copy() for array in self._opened.world)
        self._opened.warm_up()
        after = self._opened.world
        lasting = set(before._fields) - set(world.SCRATCH)
        self._moved = {name for name in lasting if not _same(getattr(before, name), getattr(after, name))}

    def _shared(self, plan: Plan) -> world.People:
        """The people of a plan, not to be changed."""
        if self._born is None or not _born_alike(self._born[0], plan):
            self._born = plan, world.people(plan)
        return self._born[1]

    def _people(self, plan: Plan) -> world.People:
        """The people of a plan, to be changed."""
        people = self._shared(plan)
        return people._replace(customers=people.customers.copy(), relations=people.relations.copy())


def _same(one: NDArray[Any], other: NDArray[Any]) -> bool:
    """Whether two arrays hold the same, byte by byte."""
    return np.array_equal(one.reshape(-1).view("u1"), other.reshape(-1).view("u1"))


def _opens_alike(one: Plan, other: Plan) -> bool:
    """Whether two plans have the same market on the day their strategies start."""
    if any(getattr(one, name) != getattr(other, name) for name in _READ if not _is_weekly(one, name)):
        return False
    weeks = max(one.warm_up, 1)  # stocks stand at week 0 where its spending would take them
    weekly = (name for name in _READ if _is_weekly(one, name))
    return all(np.array_equal(getattr(one, name)[:weeks], getattr(other, name)[:weeks]) for name in weekly)


def _is_weekly(plan: Plan, name: str) -> bool:
    """Whether an entry of a plan goes week by week: before the strategy starts only its first rows have been read."""
    return isinstance(getattr(plan, name), np.ndarray)


def _born_alike(one: Plan, other: Plan) -> bool:
    """Whether two plans have the same customers at week 0."""
    same = all(getattr(one, name) == getattr(other, name) for name in _TRAITS)
    firms = ([(firm.standing, firm.awareness) for firm in plan.firms] for plan in (one, other))
    return same and operator.eq(*firms) and all(one.parameters[file] == other.parameters[file] for file in _TRAIT_FILES)
