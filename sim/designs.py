"""Which points an experiment runs: listed values are crossed, ranges are stepped through or sampled.

A sample lives in the unit cube and is stretched to the ranges, so that the analysis can ask how much of the cube each
factor explains. Sampling is SciPy's and SALib's, with the design's own seed: the same file gives the same points.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

SAMPLED = ("latin_hypercube", "sobol", "morris")
STEPS = 5  # of a range in a full factorial, if the file does not say


@dataclass(frozen=True)
class Factor:
    """Something that is varied: a lever or an uncertainty, over listed `levels` or from `low` to `high`."""

    path: str
    is_lever: bool
    levels: tuple[float, ...] = ()
    low: float = 0.0
    high: float = 0.0
    steps: int = STEPS
    is_whole: bool = False

    @property
    def is_listed(self) -> bool:
        """Whether its values are listed rather than a range."""
        return bool(self.levels)

    def stretched(self, unit: NDArray[np.float64]) -> NDArray[np.float64]:
        """Numbers in [0, 1] as values in the range; whole ones equally likely each."""
        if self.is_whole:
            return np.clip(np.floor(self.low + unit * (self.high - self.low + 1.0)), self.low, self.high)
        return self.low + unit * (self.high - self.low)


@dataclass(frozen=True)
class Points:
    """The points of an experiment.

    values : (points, factors)   combination : (points,) index of the crossed, listed values a point belongs to
    unit : (points of one combination, sampled factors) the sample, empty where nothing is sampled
    """

    values: NDArray[np.float64]
    combination: NDArray[np.int64]
    unit: NDArray[np.float64]


def points_of(factors: Sequence[Factor], design: Any) -> Points:
    """The points of a design (an `experiment_schema.DesignEntry`), in an order that never changes."""
    if design.kind == "list":
        rows = [[_number(row, factor.path) for factor in factors] for row in design.rows]
        values = np.array(rows, float).reshape(len(rows), len(factors))
        return Points(values, np.arange(len(rows)), np.zeros((0, 0)))
    listed = [factor for factor in factors if factor.is_listed or design.kind not in SAMPLED]
    sampled = [factor for factor in factors if factor not in listed]
    crossed = np.array(list(itertools.product(*map(levels_of, listed))), float)
    unit = _sample(len(sampled), design) if sampled else np.zeros((1, 0))
    combination = np.repeat(np.arange(len(crossed)), len(unit))
    values = np.empty((len(combination), len(factors)))
    for column, factor in enumerate(factors):
        if factor in listed:
            values[:, column] = np.repeat(crossed[:, listed.index(factor)], len(unit))
        else:
            values[:, column] = np.tile(factor.stretched(unit[:, sampled.index(factor)]), len(crossed))
    return Points(values, combination, unit if sampled else np.zeros((0, 0)))


def levels_of(factor: Factor) -> list[float]:
    """The values that a full factorial gives a factor."""
    if factor.is_listed:
        return list(factor.levels)
    steps = np.linspace(factor.low, factor.high, factor.steps)
    return sorted({float(value) for value in (np.rint(steps) if factor.is_whole else steps)})


def number_of_points(factors: Sequence[Factor], design: Any) -> int:
    """How many points a design has, without making them."""
    if design.kind == "list":
        return len(design.rows)
    is_sampled = design.kind in SAMPLED
    n = 1
    for factor in factors:
        n *= len(levels_of(factor)) if factor.is_listed or not is_sampled else 1
    dimensions = sum(not factor.is_listed for factor in factors)
    if not is_sampled or not dimensions:
        return n
    each = {
        "latin_hypercube": design.points,
        "sobol": design.points * (2 * dimensions + 2 if design.second_order else dimensions + 2),
        "morris": design.trajectories * (dimensions + 1),
    }
    return n * int(each[design.kind])


def problem(names: Sequence[str]) -> dict[str, Any]:
    """The unit cube as SALib describes it."""
    return {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}


def _sample(dimensions: int, design: Any) -> NDArray[np.float64]:
    """Points in the unit cube, (points, dimensions)."""
    cube = problem([str(k) for k in range(dimensions)])
    if design.kind == "sobol":
        from SALib.sample import sobol

        second = design.second_order and dimensions > 1
        return np.asarray(sobol.sample(cube, design.points, calc_second_order=second, seed=design.seed))
    if design.kind == "morris":
        from SALib.sample import morris

        return np.asarray(morris.sample(cube, design.trajectories, num_levels=design.grid, seed=design.seed))
    from scipy.stats import qmc

    return np.asarray(qmc.LatinHypercube(dimensions, rng=np.random.default_rng(design.seed)).random(design.points))


def _number(row: Mapping[str, Any], path: str) -> float:
    return float(row[path])
