"""The worlds of a lesson: the common one or a student's private one, and others like it with other luck.

Every run is done once and only its outcomes are kept, so a class that works on one lesson shares its runs.
"""

from __future__ import annotations

import functools
import hashlib
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import outcomes
from sim.engine import Engine
from sim.lesson_goals import SPENDING
from sim.lessons import Lesson
from sim.paired import Difference, paired_difference
from sim.plan import Plan
from sim.scenario import weekly_budget
from sim.starts import started

Levers = Mapping[str, float]
Numbers = dict[str, float]
Progress = Callable[[int, int], None]
_MOST_RUNS = 4000  # kept for a lesson; a few hundred bytes each


class Stopped(Exception):
    """Nobody waits for the runs any more."""


class Worlds:
    """The worlds of one lesson and one code. The code "" is the common world, any other a private one."""

    def __init__(self, lesson: Lesson, code: str = "") -> None:
        self.lesson = lesson
        self.code = code
        self.sets, self.seed = variant(lesson, code)
        self._known: dict[Any, Numbers] = {}
        self.attributed: dict[Any, Any] = {}  # what levers added to goals, kept by lesson_feedback.pushes
        self._lock = threading.Lock()

    def levers(self, strategy: str | Levers) -> dict[str, float]:
        """All levers of a strategy, given by its name or by its levers."""
        return self.lesson.strategy(strategy) if isinstance(strategy, str) else dict(strategy)

    def spending(self, strategy: str | Levers) -> float:
        """Money a week that a strategy spends, at the scenario's number of customers."""
        wage = float(self.sets.get("service.wage", self.lesson.scenario.wage))
        return weekly_budget(self.levers(strategy), wage)

    def engine(self, strategy: str | Levers, weeks: int, world: int = 0) -> Engine:
        """A market in which the strategy has not begun yet."""
        return Engine(self.plan(strategy, weeks, world))

    def plan(self, strategy: str | Levers, weeks: int, world: int = 0) -> Plan:
        """The plan of a strategy in one world."""
        return self.lesson.scenario.plan(
            self.levers(strategy), customers=self.lesson.entry.customers, weeks=weeks, seed=self.seed + world,
            sets=self.sets,
        )  # fmt: skip

    def numbers(self, strategy: str | Levers, weeks: int | None = None, world: int = 0) -> Numbers:
        """Outcomes of the first firm in one world, and what the strategy spends; NaN where there is no value."""
        levers = self.levers(strategy)
        weeks = weeks or self.lesson.weeks()
        key = (tuple(sorted(levers.items())), weeks, world)
        known = self._known.get(key)
        if known is None:
            engine = started(self.plan(levers, weeks, world))
            engine.run()
            known = {name: float(values[0]) for name, values in outcomes.over_horizon(engine).items()}
            known[SPENDING] = self.spending(levers)
            with self._lock:
                if len(self._known) >= _MOST_RUNS:
                    self._known.clear()
                self._known[key] = known
        return known

    def over(
        self,
        strategies: Sequence[str | Levers],
        weeks: int | None = None,
        n: int | None = None,
        *,
        progress: Progress | None = None,
        is_cancelled: Callable[[], bool] | None = None,
    ) -> list[list[Numbers]]:
        """For each strategy its outcomes in each of the first `n` worlds (by default as many as the lesson says).

        Raises Stopped when `is_cancelled()` says so.
        """
        n = n or self.lesson.entry.worlds
        jobs = [(strategy, world) for world in range(n) for strategy in strategies]
        done = 0

        def one(job: tuple[str | Levers, int]) -> Numbers:
            nonlocal done
            if is_cancelled is not None and is_cancelled():
                raise Stopped
            numbers = self.numbers(job[0], weeks, job[1])
            with self._lock:
                done += 1
                if progress is not None:
                    progress(done, len(jobs))
            return numbers

        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            found = list(pool.map(one, jobs))
        return [found[k :: len(strategies)] for k in range(len(strategies))]

    def mean(self, strategy: str | Levers, name: str, weeks: int | None = None, n: int | None = None) -> float:
        """Mean of an outcome over worlds, over those in which it has a value."""
        return float(np.nanmean(self.values(strategy, name, weeks, n)))

    def values(
        self, strategy: str | Levers, name: str, weeks: int | None = None, n: int | None = None
    ) -> NDArray[np.float64]:
        """An outcome in each world, (n,)."""
        return np.array([numbers[name] for numbers in self.over([strategy], weeks, n)[0]])

    def difference(
        self, a: str | Levers, b: str | Levers, name: str, weeks: int | None = None, n: int | None = None
    ) -> Difference:
        """B − A of an outcome over paired worlds, with its interval."""
        one, other = self.over([a, b], weeks, n)
        return paired_difference(name, [x[name] for x in one], [x[name] for x in other])


@functools.lru_cache(maxsize=64)
def worlds_of(lesson: Lesson, code: str = "") -> Worlds:
    """The worlds of a lesson, shared by all who ask for the same code."""
    return Worlds(lesson, code)


def tidy_code(code: str) -> str:
    """A code as it counts: letters and digits alone, in lower case, at most 40."""
    return "".join(c for c in code.casefold() if c.isalnum())[:40]


def variant(lesson: Lesson, code: str) -> tuple[dict[str, float], int]:
    """What a code sets in the lesson's market, and the seed of its luck. The common world sets nothing.

    Each path's share of its range is a hash of lesson, code and path: anybody can draw it again, and adding a range
    changes no other.
    """
    seed = lesson.scenario.seed
    if not code:
        return {}, seed
    sets = {}
    for path, (low, high) in lesson.entry.variants.items():
        value = low + (high - low) * _share(lesson.name, code, path)
        sets[path] = float(f"{value:.3g}") if low < float(f"{value:.3g}") < high else value
    return sets, 1 + int(_share(lesson.name, code, "seed") * 1_000_000) * 1000


def _share(*parts: str) -> float:
    """A number in [0, 1) that follows from some texts."""
    digest = hashlib.sha256("\0".join(parts).encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48
