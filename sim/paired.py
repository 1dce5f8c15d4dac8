"""Paired worlds: two strategies, the same customers and luck. Differences with intervals; whose lives parted, when."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from sim import outcomes
from sim.engine import Engine
from sim.plan import Plan
from sim.scenario import Scenario, load_scenario
from sim.starts import started

Progress = Callable[[int, int], None]
CONFIDENCE = 0.95
NOT_TOLD_APART = "not told apart from luck"


@dataclass(frozen=True)
class Difference:
    """One outcome under two strategies: means over seeds, the paired difference B − A and its 95% interval."""

    name: str
    a: float
    b: float
    difference: float
    low: float
    high: float

    @property
    def is_told_apart(self) -> bool:
        """Whether the interval leaves out 0, so that the difference is more than luck."""
        return bool(self.low > 0.0 or self.high < 0.0)

    @property
    def verdict(self) -> str:
        """In words: which of the two is higher, or that luck could have done it."""
        if not np.isfinite(self.difference):
            return "no value"
        if self.low == self.high == 0.0:
            return "the same"
        if not self.is_told_apart:
            return NOT_TOLD_APART
        return "B is higher" if self.difference > 0 else "A is higher"


def paired_difference(name: str, a: Sequence[float], b: Sequence[float]) -> Difference:
    """The difference of paired values and its 95% t-interval over the pairs that have both values.

    With a single pair the interval is unbounded: one pair of worlds cannot tell a difference from luck.
    """
    x, y = np.asarray(a, float), np.asarray(b, float)
    has_both = np.isfinite(x) & np.isfinite(y)
    x, y = x[has_both], y[has_both]
    if not x.size:
        return Difference(name, np.nan, np.nan, np.nan, np.nan, np.nan)
    gaps = y - x
    if x.size == 1:
        half = np.inf if gaps[0] else 0.0
    else:
        half = float(stats.t.ppf((1 + CONFIDENCE) / 2, x.size - 1) * gaps.std(ddof=1) / np.sqrt(x.size))
    mean = float(gaps.mean())
    return Difference(name, float(x.mean()), float(y.mean()), mean, mean - half, mean + half)


@dataclass(frozen=True)
class Comparison:
    """Two strategies over the same seeds."""

    scenario: str
    a: str
    b: str
    seeds: tuple[int, ...]
    differences: dict[str, Difference]
    values: dict[str, NDArray[np.float64]]  # outcome → (2, seeds)
    parted: NDArray[np.int64]  # (customers,) first week the lives differ in the first seed; −1 never

    @property
    def table(self) -> pd.DataFrame:
        """Outcome by outcome: A, B, difference, low, high, verdict."""
        rows = {d.name: [d.a, d.b, d.difference, d.low, d.high, d.verdict] for d in self.differences.values()}
        columns = ["a", "b", "difference", "low", "high", "verdict"]
        frame = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
        return frame.rename_axis("outcome")

    @property
    def lives(self) -> pd.Series:
        """How many customers' lives had parted by the end of each week, in the first seed."""
        weeks = self.parted[self.parted >= 0]
        counts = np.bincount(weeks, minlength=int(weeks.max(initial=0)) + 1)
        return pd.Series(np.cumsum(counts), name="lives parted").rename_axis("week")

    def plot(self) -> Any:
        """A Bokeh picture of the differences with their intervals, in units of each outcome's level under A."""
        from sim import pictures

        return pictures.differences(self)

    def _repr_html_(self) -> str:
        from sim import pictures

        return pictures.comparison_html(self)


def compare(
    scenario: str | Path | Scenario,
    a: str | Mapping[str, Any],
    b: str | Mapping[str, Any],
    *,
    seeds: int = 20,
    customers: int | None = None,
    weeks: int | None = None,
    seed: int | None = None,
    sets: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Compare two strategies of the first firm in the same worlds: same customers, same luck.

    Parameters
    ----------
    a, b : names of strategies in the scenario, or dotted levers → values
    seeds : number of pairs of worlds; their seeds follow `seed` (by default the scenario's)
    progress : told (runs done, runs in all)

    Raises
    ------
    sim.Faults
        With everything that is wrong with the scenario or the request.
    ValueError
        If `seeds` is below 1.
    """
    if seeds < 1:
        raise ValueError(f"A comparison needs at least one seed, not {seeds}.")
    story = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    first = story.seed if seed is None else seed
    pairs = [
        tuple(story.plan(s, customers=customers, weeks=weeks, seed=first + k, sets=sets) for s in (a, b))
        for k in range(seeds)
    ]
    names = _names(a, b)
    return compare_plans(pairs, names, progress=progress)


def _names(a: Any, b: Any) -> tuple[str, str]:
    return (a if isinstance(a, str) else "A", b if isinstance(b, str) else "B")


def compare_plans(
    pairs: Sequence[tuple[Plan, ...]], names: tuple[str, str], *, progress: Progress | None = None
) -> Comparison:
    """Compare pairs of resolved plans that differ only in what the first firm does; see `compare`."""
    done, lock = 0, threading.Lock()

    def numbers(plan: Plan) -> dict[str, float]:
        nonlocal done
        engine = started(plan)
        engine.run()
        with lock:
            done += 1
            if progress is not None:
                progress(done, 2 * len(pairs))
        return {name: float(v[0]) for name, v in outcomes.over_horizon(engine).items()}

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        parting = pool.submit(first_partings, *pairs[0])
        results = list(pool.map(numbers, [plan for pair in pairs for plan in pair]))
        parted = parting.result()
    values = {name: np.array([[r[name] for r in results[side::2]] for side in (0, 1)]) for name in outcomes.OUTCOMES}
    return Comparison(
        scenario=pairs[0][0].scenario,
        a=names[0],
        b=names[1],
        seeds=tuple(pair[0].seed for pair in pairs),
        differences={name: paired_difference(name, *v) for name, v in values.items()},
        values=values,
        parted=parted,
    )


def first_partings(a: Plan, b: Plan) -> NDArray[np.int64]:
    """For each customer the first reported week in which their lives in A and B differ; −1 never.

    Whatever happens to a customer counts: a purchase or its failing, a contact, telling a friend, leaving, coming back.
    """
    one, other = Engine(a), Engine(b)
    one.warm_up()
    other.warm_up()
    parted = np.full(one.n_customers, -1, np.int64)
    while not one.is_finished:
        week = one.week
        one.advance(1)
        other.advance(1)
        differs = one.column("life") != other.column("life")
        parted[differs & (parted < 0)] = week
    return parted
