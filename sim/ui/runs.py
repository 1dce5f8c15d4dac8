"""Single runs for all sessions: computed once, shared while under way, kept while there is room, stopped when idle."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from sim import outcomes
from sim.engine import Engine
from sim.plan import Plan
from sim.ui.measures import Measures, Watch
from sim.ui.state import Question

V = TypeVar("V")

MOST_OF_COURSES = 150_000_000  # bytes; a course takes some 20 KB, of the first world more
MOST_OPENINGS = 24
LONGEST_STEP_ASIDE = 1.0  # seconds
LONGEST_STRIDE = 13  # weeks run between two looks at whether anybody still waits
CUSTOMER_WEEKS_BETWEEN_LOOKS = 400_000
LARGEST_OPENING = 8_000_000  # bytes; a larger market is warmed up again rather than kept


class Waiter(Protocol):
    """Someone who waits for a run, and may have gone away."""

    @property
    def is_cancelled(self) -> bool:
        """Whether nobody waits any more."""


@dataclass(frozen=True)
class Course:
    """What one strategy brought the first firm in one world, week by week and in all."""

    weekly: dict[str, NDArray[np.float64]]  # outcome → (weeks,), of all that have a weekly course
    stages: NDArray[np.int32]  # (weeks, stages)
    numbers: dict[str, float]  # outcome → value over the horizon
    measures: Measures | None = None  # of the first world alone

    @property
    def bytes(self) -> int:
        """Roughly what it takes to keep."""
        arrays: list[NDArray[Any]] = [*self.weekly.values(), self.stages]
        return 2000 + sum(array.nbytes for array in arrays) + (self.measures.nbytes if self.measures else 0)


class Store(Generic[V]):
    """The most recently used values, up to a number, or up to a sum of what they weigh. For any thread."""

    def __init__(self, most: int, weight: Callable[[V], int] = lambda value: 1) -> None:
        self.most = most
        self.weight = weight
        self._total = 0
        self._values: OrderedDict[Hashable, V] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> V | None:
        """The value of a key, or None."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def put(self, key: Hashable, value: V) -> None:
        """Keep a value; the one used longest ago goes."""
        with self._lock:
            if key in self._values:
                self._total -= self.weight(self._values.pop(key))
            self._values[key] = value
            self._total += self.weight(value)
            while self._total > self.most and len(self._values) > 1:
                self._total -= self.weight(self._values.popitem(last=False)[1])

    def __len__(self) -> int:
        return len(self._values)


@dataclass
class _Job:
    """A run under way and those who wait for it."""

    waiters: list[Waiter]
    looks: list[Callable[[], None]] = field(default_factory=list)  # called now and then while it runs
    share: float = 0.0  # of the weeks that are done
    done: threading.Event = field(default_factory=threading.Event)

    @property
    def is_wanted(self) -> bool:
        return not all(waiter.is_cancelled for waiter in self.waiters)


class Runs:
    """The runs of a server. For any thread: the engine leaves the GIL while it works."""

    def __init__(self) -> None:
        self.begun = 0  # for those who wonder what was computed twice
        self._courses: Store[Course] = Store(MOST_OF_COURSES, lambda course: course.bytes)
        self._openings: Store[Engine] = Store(MOST_OPENINGS)
        self._jobs: dict[Hashable, _Job] = {}
        self._lock = threading.Lock()
        self._urgent = 0
        self._is_calm = threading.Event()
        self._is_calm.set()

    def known(self, question: Question, side: int, world: int) -> Course | None:
        """A run's course, if it is in the store."""
        return self._courses.get(_key(question, side, world))

    def share_done(self, question: Question, side: int, world: int) -> float:
        """How much of a run is done, 0 to 1."""
        key = _key(question, side, world)
        job = self._jobs.get(key)
        return job.share if job else float(self._courses.get(key) is not None)

    def course(
        self, question: Question, side: int, world: int, waiter: Waiter, look: Callable[[], None] = lambda: None
    ) -> Course | None:
        """One run, from the store, from whoever is at it, or run now. None only if the waiter went away.

        `look` is called now and then while the run is under way, from the thread that is at it. World 0, which somebody
        looks for on the screen, is urgent: the others step aside while such a run is under way.
        """
        key = _key(question, side, world)
        while not waiter.is_cancelled:
            with self._lock:
                known = self._courses.get(key)
                if known is not None:
                    return known
                job = self._jobs.get(key)
                if job is None:
                    job = self._jobs[key] = _Job([waiter], [look])
                    break
                job.waiters.append(waiter)
                job.looks.append(look)
            job.done.wait()
        else:
            return None
        is_urgent = world == 0
        self._count_urgent(is_urgent)
        try:
            plan = plan_of(question, side, world)
            every = max(1, min(LONGEST_STRIDE, CUSTOMER_WEEKS_BETWEEN_LOOKS // plan.market_size))
            engine = self._begin(plan, question.text_hash, job, every)
            if engine is None:
                return None
            self.begun += 1
            watch = Watch(engine) if world == 0 else None
            while True:
                (watch or engine).run(is_cancelled=lambda: self._must_stop(job, is_urgent, engine), every=every)
                with self._lock:  # Nobody may join between the decision to stop and the end of the job.
                    if engine.is_finished:
                        break
                    if not job.is_wanted:
                        del self._jobs[key]
                        return None
            course = _course_of(engine, watch)
            self._courses.put(key, course)
            return course
        finally:
            self._count_urgent(-is_urgent)
            with self._lock:
                if self._jobs.get(key) is job:
                    del self._jobs[key]
            job.done.set()

    def _count_urgent(self, change: int) -> None:
        with self._lock:
            self._urgent += change
            if self._urgent:
                self._is_calm.clear()
            else:
                self._is_calm.set()

    def _must_stop(self, job: _Job, is_urgent: bool, engine: Engine) -> bool:
        """Asked every few weeks of a run; the moment to let urgent ones go first, though not for ever."""
        if not is_urgent:
            self._is_calm.wait(LONGEST_STEP_ASIDE)
        job.share = engine.weeks_done / (engine.plan.warm_up + engine.plan.weeks)
        for look in list(job.looks):
            look()
        return not job.is_wanted

    def _begin(self, plan: Plan, text_hash: str, job: _Job, every: int) -> Engine | None:
        """An engine on the day the strategy starts; None if nobody waits any more.

        The weeks before are the same for all strategies of a world.
        """
        key = (text_hash, plan.seed)
        opening = self._openings.get(key)
        if opening is None:
            opening = Engine(plan)
            while opening.week < 0:
                if not job.is_wanted:
                    return None
                opening.advance(min(every, -opening.week))
            if sum(array.nbytes for array in opening.world) <= LARGEST_OPENING:
                self._openings.put(key, opening)
        engine = opening.copy()
        engine.plan = plan
        engine.world.levers[:] = plan.levers
        return engine


def _key(question: Question, side: int, world: int) -> Hashable:
    return question.text_hash, question.sides[side], question.seed + world


def plan_of(question: Question, side: int, world: int) -> Plan:
    """The plan of one strategy in one of the worlds; world 0 is the scenario's own."""
    return question.scenario.plan(dict(question.sides[side]), seed=question.seed + world)


def _course_of(engine: Engine, watch: Watch | None) -> Course:
    courses = outcomes.weekly(engine)
    numbers = outcomes.over_horizon(engine, courses)
    return Course(
        weekly={name: values[:, 0].copy() for name, values in courses.items()},
        stages=engine.flows[:, 0].sum(axis=1, dtype=np.int32),
        numbers={name: float(values[0]) for name, values in numbers.items()},
        measures=watch.taken() if watch else None,
    )
