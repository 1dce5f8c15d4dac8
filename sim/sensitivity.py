"""Which inputs an output depends on: Sobol' and Morris indices by SALib, refused where they would mislead.

One missing value makes SALib's Sobol' indices zero without a word, and run noise passes for effect. So missing values
are refused, and `share_of_luck` says how much of what is to be explained luck alone could bring about.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.designs import problem

RESAMPLES = 500
SOBOL = ["S1", "S1_conf", "ST", "ST_conf"]
MORRIS = ["mu", "mu_star", "mu_star_conf", "sigma"]


def refuse_missing(values: NDArray[np.float64], name: str) -> None:
    """Raise ValueError where values are missing: indices of the rest would be wrong, not only less sure."""
    missing = np.flatnonzero(~np.isfinite(values))
    if missing.size:
        raise ValueError(
            f"{name} has no value in {missing.size} of {values.size} points (the first is point {missing[0]}), and "
            "one missing value would spoil every index. Narrow the ranges until all runs have one, or choose an "
            "outcome that always has a value."
        )


def sobol_indices(
    names: Sequence[str], values: NDArray[np.float64], *, has_second_order: bool = False, name: str = "The outcome"
) -> pd.DataFrame:
    """First-order and total Sobol' indices with 95% confidence half-widths, a row for each input.

    values : (points,) the output at each point of a Saltelli sample, in its order

    Raises ValueError if values are missing, or all the same.
    """
    from SALib.analyze import sobol

    refuse_missing(values, name)
    _refuse_constant(values, name)
    second = has_second_order and len(names) > 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own resampling
        found = sobol.analyze(
            problem(names), values - values.mean(), calc_second_order=second, num_resamples=RESAMPLES, seed=1
        )
    return pd.DataFrame({key: np.asarray(found[key]) for key in SOBOL}, index=pd.Index(names, name="factor"))


def pairs_of_sobol(names: Sequence[str], values: NDArray[np.float64], *, name: str = "The outcome") -> pd.DataFrame:
    """Second-order Sobol' indices of a sample drawn for them, a row for each pair of inputs."""
    from SALib.analyze import sobol

    refuse_missing(values, name)
    _refuse_constant(values, name)
    found = sobol.analyze(problem(names), values - values.mean(), num_resamples=RESAMPLES, seed=1)
    rows = [
        {"factor": names[i], "with": names[j], "S2": found["S2"][i, j], "S2_conf": found["S2_conf"][i, j]}
        for i in range(len(names))
        for j in range(i + 1, len(names))
    ]
    return pd.DataFrame(rows)


def morris_indices(
    names: Sequence[str], unit: NDArray[np.float64], values: NDArray[np.float64], grid: int, *,
    name: str = "The outcome",
) -> pd.DataFrame:  # fmt: skip
    """Morris' elementary effects, in units of the output from one end of a range to the other.

    unit : (points, inputs) the sample in the unit cube   values : (points,) the output, in its order

    Raises ValueError if values are missing.
    """
    from SALib.analyze import morris

    refuse_missing(values, name)
    found = morris.analyze(problem(names), unit, values, num_levels=grid, num_resamples=RESAMPLES, seed=1)
    return pd.DataFrame({key: np.asarray(found[key], float) for key in MORRIS}, index=pd.Index(names, name="factor"))


def share_of_luck(values: NDArray[np.float64], *, is_paired: bool) -> float:
    """Share of the variance between points that luck could bring about; NaN with a single world.

    values : (points, worlds). Where all points meet the same worlds, what a world does to all of them alike is no
    obstacle, so only what is left is counted.
    """
    points, worlds = values.shape
    between = values.mean(axis=1).var(ddof=1) if points > 1 else np.nan
    if worlds < 2 or not between > 0:
        return float("nan")
    left = values - values.mean(axis=1, keepdims=True)
    degrees = points * (worlds - 1)
    if is_paired:
        left = left - left.mean(axis=0)
        degrees = (points - 1) * (worlds - 1)
    return float(min(1.0, (left**2).sum() / degrees / worlds / between))


def _refuse_constant(values: NDArray[np.float64], name: str) -> None:
    if np.ptp(values) <= 1e-12 * max(1.0, float(np.abs(values).max())):
        raise ValueError(f"{name} is the same at every point, so there is nothing to divide among the factors.")


def table(parts: Sequence[tuple[dict[str, Any], pd.DataFrame]]) -> pd.DataFrame:
    """Indices of several outputs under one another, each labelled by its mapping."""
    frames = [indices.reset_index().assign(**about) for about, indices in parts]
    if not frames:
        return pd.DataFrame()
    whole = pd.concat(frames, ignore_index=True)
    first = list(parts[0][0])
    return whole[[*first, *(column for column in whole.columns if column not in first)]]
