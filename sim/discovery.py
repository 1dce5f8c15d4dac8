"""Scenario discovery: in which region of the assumptions does something happen? The patient rule induction method.

Source: Friedman & Fisher (1999), Bump hunting in high-dimensional data, Statistics and Computing 9:123-143; for
scenarios Bryant & Lempert (2010), Thinking inside the box, Technological Forecasting and Social Change 77:34-49.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

PEELED = 0.05  # of the points left, at most, at each step
LEAST = 20  # points that a box keeps, or a twentieth of all


@dataclass(frozen=True)
class Box:
    """A region: limits for some factors.

    density : share of its points where it happens   coverage : share of all cases that it holds
    mass : share of all points that lie in it
    """

    limits: dict[str, tuple[float, float]]
    density: float
    coverage: float
    mass: float

    def in_words(self) -> str:
        """The limits as a reader writes them."""
        if not self.limits:
            return "everywhere"
        return " and ".join(f"{name} from {low:.4g} to {high:.4g}" for name, (low, high) in self.limits.items())


def peel(names: Sequence[str], points: NDArray[np.float64], happens: NDArray[np.bool_]) -> list[Box]:
    """Boxes from everything down to the smallest, each the former with one side moved in where that gains most.

    points : (n, factors)   happens : (n,)
    """
    low, high = points.min(axis=0), points.max(axis=0)
    inside = np.ones(len(points), bool)
    least = max(LEAST, len(points) // 20)
    boxes = [_box(names, points, happens, inside, low, high)]
    while inside.sum() > least and 0 < boxes[-1].density < 1:
        best: tuple[float, int, bool, float] | None = None
        kept = boxes[-1].density
        for column in range(points.shape[1]):
            values = points[inside, column]
            for is_upper in (False, True):
                limit = _next_limit(values, is_upper)
                stays = inside & (points[:, column] <= limit if is_upper else points[:, column] >= limit)
                if not least <= stays.sum() < inside.sum():
                    continue
                gain = (happens[stays].mean() - kept) / (inside.sum() - stays.sum())
                if gain > 0 and (best is None or gain > best[0]):
                    best = (float(gain), column, is_upper, float(limit))
        if best is None:
            break
        _, column, is_upper, limit = best
        (high if is_upper else low)[column] = limit
        inside &= points[:, column] <= limit if is_upper else points[:, column] >= limit
        boxes.append(_box(names, points, happens, inside, low, high))
    return boxes


def chosen(boxes: Sequence[Box]) -> Box:
    """The box with the best balance of density and coverage (their harmonic mean)."""
    return max(boxes, key=lambda box: box.density * box.coverage / max(box.density + box.coverage, 1e-12))


def table(boxes: Sequence[Box]) -> pd.DataFrame:
    """The boxes, one a row, the chosen one marked."""
    best = chosen(boxes)
    columns = ["region", "density", "coverage", "mass", "is_chosen"]
    return pd.DataFrame([[b.in_words(), b.density, b.coverage, b.mass, b is best] for b in boxes], columns=columns)


def _next_limit(values: NDArray[np.float64], is_upper: bool) -> float:
    """Where a side moves to: past a twentieth of the points, or past one level where there are few."""
    levels = np.unique(values)
    if len(levels) < 1 / PEELED:
        return float(levels[-2 if is_upper else 1]) if len(levels) > 1 else float(levels[0])
    return float(np.quantile(values, 1 - PEELED if is_upper else PEELED))


def _box(
    names: Sequence[str], points: NDArray[np.float64], happens: NDArray[np.bool_], inside: NDArray[np.bool_],
    low: NDArray[np.float64], high: NDArray[np.float64],
) -> Box:  # fmt: skip
    whole_low, whole_high = points.min(axis=0), points.max(axis=0)
    limits = {
        name: (float(low[k]), float(high[k]))
        for k, name in enumerate(names)
        if low[k] > whole_low[k] or high[k] < whole_high[k]
    }
    cases = max(1, int(happens.sum()))
    return Box(limits, float(happens[inside].mean()), float(happens[inside].sum() / cases), float(inside.mean()))
