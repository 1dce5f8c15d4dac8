"""What a finished batch shows: effects with intervals, indices, regions, curves, heat maps; as pandas or xarray.

>>> open_batch("results").effects()  # doctest: +SKIP
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from sim import discovery, sensitivity
from sim.designs import points_of
from sim.experiment_schema import DesignEntry
from sim.outcomes import OUTCOMES
from sim.paired import CONFIDENCE, paired_difference

if TYPE_CHECKING:
    import xarray

    from sim.designs import Factor

BINS = 8  # of a sampled range in curves and heat maps
FEW = 24  # levels that are still shown one by one
GAP = " − "  # between the names of two strategies: the difference of their outcomes


@dataclass(frozen=True)
class Findings:
    """A finished batch. `runs` has a row for each run, in order."""

    folder: Path
    manifest: dict[str, Any]
    runs: pd.DataFrame

    @property
    def entries(self) -> dict[str, Any]:
        """What the experiment file said."""
        return dict(self.manifest["entries"])

    @property
    def title(self) -> str:
        """The experiment's title."""
        return str(self.entries["title"]["en"])

    @property
    def outcomes(self) -> list[str]:
        """Outcomes that were kept."""
        return list(self.entries["outcomes"])

    @property
    def strategies(self) -> list[str]:
        """Strategies that every point was run under."""
        return list(self.entries["strategies"])

    @property
    def contrasts(self) -> list[str]:
        """Pairs of strategies as `B − A`, A the first."""
        return [f"{other}{GAP}{self.strategies[0]}" for other in self.strategies[1:]]

    @functools.cached_property
    def factors(self) -> list[Factor]:
        """What was varied."""
        from sim.designs import Factor

        return [
            Factor(
                path=f["path"],
                is_lever=f["kind"] == "lever",
                levels=tuple(f.get("levels", ())),
                low=f.get("from", 0.0),
                high=f.get("to", 0.0),
            )
            for f in self.manifest["factors"]
        ]

    @property
    def paths(self) -> list[str]:
        """Paths of what was varied."""
        return [factor.path for factor in self.factors]

    @property
    def design(self) -> DesignEntry:
        """The design."""
        return DesignEntry.model_validate(self.entries["design"])

    @property
    def failures(self) -> pd.DataFrame:
        """Runs that failed, with the reason."""
        return self.runs[self.runs["status"] != "ok"]

    @functools.cached_property
    def weeks(self) -> pd.DataFrame:
        """The series: a row for each run and week, with what the run was."""
        series = _tables(self.folder / "weeks")
        if series is None:
            raise ValueError(f"{self.title} kept no series. Name some under series: and run it again.")
        about = ["run", "point", "replication", "seed", "strategy", *self.paths]
        return series.merge(self.runs[about], on="run")

    @functools.cached_property
    def data(self) -> xarray.Dataset:
        """Every outcome as (point, strategy, replication), factors as coordinates along point."""
        import xarray

        shape = ("point", "strategy", "replication")
        points = self.runs.groupby("point")[[*self.paths, "combination"]].first()
        return xarray.Dataset(
            {name: (shape, self.values(name), {"unit": OUTCOMES[name].unit}) for name in self.outcomes},
            coords={
                "strategy": self.strategies,
                "replication": range(self.n_replications),
                **{path: ("point", points[path].to_numpy()) for path in points.columns},
            },
        )

    @property
    def n_replications(self) -> int:
        """Worlds that every point was run in."""
        return len(self.manifest["seeds"])

    def values(self, outcome: str, of: str | None = None) -> NDArray[np.float64]:
        """An outcome as (points, strategies, replications); `of` a strategy or contrast as (points, replications)."""
        if outcome not in self.outcomes:
            raise ValueError(f"{outcome} was not kept. There is {', '.join(self.outcomes)}.")
        cube = self.runs[outcome].to_numpy(float).reshape(-1, len(self.strategies), self.n_replications)
        if of is None:
            return cube
        names = of.split(GAP) if of in self.contrasts else [of]
        if any(name not in self.strategies for name in names):
            raise ValueError(f"There is no {of}. There is {', '.join([*self.strategies, *self.contrasts])}.")
        sides = [cube[:, self.strategies.index(name)] for name in names]
        return sides[0] - sides[1] if len(sides) == 2 else sides[0]

    @functools.cached_property
    def points(self) -> pd.DataFrame:
        """The points: a row for each, with its factors."""
        return self.runs.groupby("point")[["combination", *self.paths]].first()

    def effects(self) -> pd.DataFrame:
        """What a change of strategy or of a listed factor does to each outcome, with 95% intervals from paired worlds.

        Each row compares two levels over all points that differ in nothing else, world by world.
        """
        rows = []
        for outcome in self.outcomes:
            cube = self.values(outcome)
            for k, other in enumerate(self.strategies[1:], start=1):
                rows.append(_effect(outcome, "strategy", self.strategies[0], other, cube[:, 0], cube[:, k]))
            if self.design.kind == "list":
                for point in range(1, len(cube)):
                    rows.append(_effect(outcome, "row", 0, point, cube[0], cube[point]))
                continue
            for path in self.paths:
                levels = np.unique(self.points[path])
                if len(levels) > FEW or (self.design.kind != "full_factorial" and not self._is_listed(path)):
                    continue
                flat = cube.reshape(len(cube), -1)
                # Sorted by the level, then by all else: rows of equal rank differ in nothing but the level.
                places = self.points.reset_index(drop=True)  # of rows: some points may have been left out
                ordered = places.sort_values([path, *self._others(path)]).index.to_numpy()
                blocks = flat[ordered].reshape(len(levels), -1, self.n_replications)
                for level, moved in zip(levels[1:], blocks[1:], strict=True):
                    rows.append(_effect(outcome, path, levels[0], level, blocks[0], moved))
        numbers = ["before", "after", "difference", "low", "high"]
        frame = pd.DataFrame(rows, columns=["outcome", "what", "from", "to", *numbers, "verdict"])
        return frame.astype(dict.fromkeys(numbers, float))  # also where nothing is compared and no row says so

    def _others(self, path: str) -> list[str]:
        return [other for other in self.paths if other != path]

    def _is_listed(self, path: str) -> bool:
        return any(factor.path == path and factor.is_listed for factor in self.factors)

    def by_point(self, outcome: str, of: str) -> pd.DataFrame:
        """An outcome of a strategy or contrast at each point: mean over worlds and its 95% interval."""
        mean, low, high = _interval(self.values(outcome, of))
        return self.points.drop(columns="combination").assign(mean=mean, low=low, high=high)

    def curve(self, outcome: str, path: str, of: str) -> pd.DataFrame:
        """How an outcome responds to a factor, all others as they come: level → mean and 95% interval over worlds."""
        groups = self._groups(path)
        rows = []
        for level in sorted(set(groups)):
            mean, low, high = _interval(_nanmean(self.values(outcome, of)[groups == level], axis=0)[None])
            rows.append([level, float(mean[0]), float(low[0]), float(high[0])])
        return pd.DataFrame(rows, columns=[path, "mean", "low", "high"])

    def heat_map(self, outcome: str, x: str, y: str, of: str) -> xarray.DataArray:
        """Mean of an outcome over two factors, all others as they come, as (y, x)."""
        import xarray

        frame = pd.DataFrame({x: self._groups(x), y: self._groups(y), "z": self.values(outcome, of).mean(axis=1)})
        table = frame.pivot_table(index=y, columns=x, values="z")
        return xarray.DataArray(
            table.to_numpy(), coords={y: table.index.to_numpy(), x: table.columns.to_numpy()}, dims=(y, x), name=outcome
        )

    def _groups(self, path: str) -> NDArray[np.float64]:
        """For each point the level of a factor, or the middle of the bin it lies in."""
        if path not in self.paths:
            raise ValueError(f"{path} was not varied. There is {', '.join(self.paths) or 'nothing that was'}.")
        values = self.points[path].to_numpy(float)
        if len(np.unique(values)) <= FEW:
            return values
        edges = np.linspace(values.min(), values.max(), BINS + 1)
        bins = np.clip(np.digitize(values, edges) - 1, 0, BINS - 1)
        return (edges[bins] + edges[bins + 1]) / 2

    def weight(self, outcome: str, path: str, of: str) -> float:
        """Share of the variance between points that a factor's curve explains, 0 to 1."""
        means = self.values(outcome, of).mean(axis=1)
        groups = self._groups(path)
        fitted = pd.Series(means).groupby(groups).transform("mean").to_numpy()
        total = np.nanvar(means)
        return float(np.nanvar(fitted) / total) if total > 0 else 0.0

    def ranked(self, outcome: str, of: str) -> list[str]:
        """Factors by the weight of their curves, the heaviest first."""
        return sorted(self.paths, key=lambda path: -self.weight(outcome, path, of))

    def indices(self, outcome: str, of: str) -> pd.DataFrame:
        """Sobol' or Morris indices with confidence, for each combination of listed values.

        `luck` is the share of the variance between points that luck could bring about: where it is not small, take more
        seeds before believing small indices.

        Raises
        ------
        ValueError
            If the design gives none, or a value is missing, in a sentence that says the way out.
        """
        design = self.design
        if design.kind not in ("sobol", "morris"):
            raise ValueError(f"The design {design.kind} gives no indices. Use sobol or morris.")
        sampled = [factor.path for factor in self.factors if not factor.is_listed]
        unit = points_of(self.factors, design).unit
        values, parts = self.values(outcome, of), []
        for combination, rows in self.points.groupby("combination").groups.items():
            here = values[np.asarray(rows)]
            mean, name = here.mean(axis=1), f"{outcome} ({of})"
            if design.kind == "sobol":
                found = sensitivity.sobol_indices(sampled, mean, has_second_order=design.second_order, name=name)
            else:
                found = sensitivity.morris_indices(sampled, unit, mean, design.grid, name=name)
            about = {"outcome": outcome, "of": of} | {
                factor.path: float(self.points.loc[rows[0], factor.path]) for factor in self.factors if factor.is_listed
            }
            luck = sensitivity.share_of_luck(here, is_paired=bool(self.entries["paired"]))
            parts.append((about | {"combination": combination}, found.assign(luck=luck)))
        return sensitivity.table(parts)

    def regions(self, outcome: str, contrast: str) -> list[discovery.Box]:
        """Where among the points one strategy beats another by more than luck (with one world: at all)."""
        mean, low, high = _interval(self.values(outcome, contrast))
        better = OUTCOMES[outcome].better
        wins = (high < 0 if better == "down" else low > 0) if self.n_replications > 1 else mean > 0
        return discovery.peel(self.paths, self.points[self.paths].to_numpy(float), np.asarray(wins, bool))

    def summary(self) -> list[str]:
        """The main findings in sentences."""
        from sim.findings_words import sentences

        return sentences(self)


def open_batch(folder: str | Path) -> Findings:
    """The findings of a batch's folder.

    Raises
    ------
    ValueError
        If the folder holds no batch, or one that is not finished.
    """
    folder = Path(folder)
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        expected = int(manifest["runs"])
        manifest["entries"]["outcomes"]
    except (OSError, ValueError, KeyError, TypeError):
        message = f"{folder} holds no batch: there is no manifest of one."
        raise ValueError(f"{message} Make one with: crmsim batch EXPERIMENT --out {folder}") from None
    try:
        runs = _tables(folder / "runs")
    except (OSError, ValueError):  # a part that a power cut left behind; pyarrow's errors are of these kinds
        runs = None
    found = 0 if runs is None else len(runs)
    if runs is None or found != expected:
        there = f"{found:,} of {expected:,} runs are there" if found else "parts are missing or cannot be read"
        message = f"The batch in {folder} is not finished: {there}."
        raise ValueError(f"{message} Go on with it by --resume.")
    return Findings(folder, manifest, runs.sort_values("run", ignore_index=True))


def _tables(folder: Path) -> pd.DataFrame | None:
    """The parts in a folder as one frame; None without any."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    parts = sorted(folder.glob("part-*.parquet"))
    return pa.concat_tables(pq.read_table(part) for part in parts).to_pandas() if parts else None


def _effect(outcome: str, what: str, before: Any, after: Any, a: Any, b: Any) -> list[Any]:
    """A row of the effects: two blocks of (points, worlds), averaged over points that both have, world by world."""
    a = a.reshape(-1, a.shape[-1])
    gone = ~np.isfinite(a) | ~np.isfinite(b)
    a, b = np.where(gone, np.nan, a), np.where(gone, np.nan, b)
    d = paired_difference(outcome, _nanmean(a, axis=0).tolist(), _nanmean(b, axis=0).tolist())
    verdict = {"A is higher": "lower", "B is higher": "higher"}.get(d.verdict, d.verdict)
    return [outcome, what, before, after, d.a, d.b, d.difference, d.low, d.high, verdict]


def _nanmean(values: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """The mean of what is there; NaN where nothing is."""
    n = np.isfinite(values).sum(axis=axis)
    return np.divide(np.nansum(values, axis=axis), n, out=np.full(n.shape, np.nan), where=n > 0)


def _interval(values: NDArray[np.float64]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Mean over worlds of (points, worlds) and its 95% t-interval; unbounded with a single world."""
    n = np.isfinite(values).sum(axis=1)
    mean = _nanmean(values, axis=1)
    squares = np.nansum((values - mean[:, None]) ** 2, axis=1)
    half = np.full(len(values), np.inf)
    some = n > 1
    half[some] = stats.t.ppf((1 + CONFIDENCE) / 2, n[some] - 1) * np.sqrt(squares[some] / (n[some] - 1) / n[some])
    return mean, mean - half, mean + half
