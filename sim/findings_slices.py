"""A finished batch to look at from any side, without widgets: pick an outcome, hold some factors still, see the rest.

`Slice.of(findings, place)` makes one of short texts, as an address holds them; whatever they say, a slice comes out.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim.findings import FEW, Findings

if TYPE_CHECKING:
    import xarray

INDICES = ("ST", "ST_conf", "S1", "S1_conf", "mu_star", "mu_star_conf", "luck")


def shelf(*folders: Path) -> dict[str, Path]:
    """The batches in some folders, by name: a folder itself or those in it. What is called alike is numbered."""
    found: dict[str, Path] = {}
    for folder in (one.resolve() for one in folders):
        for manifest in (*folder.glob("manifest.json"), *sorted(folder.glob("*/manifest.json"))):
            if not (manifest.parent / "runs").is_dir() or manifest.parent in found.values():
                continue
            name, number = manifest.parent.name, 1
            while name in found:
                number += 1
                name = f"{manifest.parent.name} ({number})"
            found[name] = manifest.parent
    return found


@dataclass(frozen=True)
class Choice:
    """A factor that can be held still: its values, or where it is a sampled range, thirds of it."""

    path: str
    labels: tuple[str, ...]
    limits: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Slice:
    """What is looked at: an outcome of a strategy or of a difference between two, over factors x and y, others held.

    x, y : paths; empty where too little varies, or where the design is too thin for means over all else
    """

    findings: Findings
    outcome: str
    what: str
    x: str
    y: str
    held: dict[str, int]  # path → number of its choice

    @staticmethod
    def of(findings: Findings, place: Mapping[str, str]) -> Slice:
        """The slice that a place asks for; what it says wrongly or not at all is chosen for it."""
        whats = things(findings)
        outcome = place.get("outcome", "")
        outcome = outcome if outcome in findings.outcomes else findings.outcomes[0]
        what = place.get("what", "")
        what = what if what in whats else whats[0]
        if not has_curves(findings):
            return Slice(findings, outcome, what, "", "", {})
        wanted = [place[axis] for axis in ("x", "y") if place.get(axis) in findings.paths]
        x, y = [*dict.fromkeys([*wanted, *findings.ranked(outcome, what)]), "", ""][:2]
        held = {
            choice.path: choice.labels.index(label)
            for choice in choices(findings)
            if choice.path not in (x, y) and (label := place.get(choice.path, "")) in choice.labels
        }
        return Slice(findings, outcome, what, x, y, held)

    @property
    def place(self) -> dict[str, str]:
        """The texts that lead back here."""
        every = {choice.path: choice for choice in choices(self.findings)}
        held = {path: every[path].labels[number] for path, number in self.held.items()}
        axes = {axis: path for axis, path in (("x", self.x), ("y", self.y)) if path}
        return {"outcome": self.outcome, "what": self.what} | axes | held

    @functools.cached_property
    def kept(self) -> Findings:
        """The findings with only the points that are held."""
        runs = self.findings.runs
        for choice in choices(self.findings):
            if choice.path in self.held:
                low, high = choice.limits[self.held[choice.path]]
                runs = runs[runs[choice.path].between(low, high)]
        return replace(self.findings, runs=runs)

    def curve(self) -> pd.DataFrame:
        """Level of x → mean and 95% interval over worlds; empty without an x."""
        if not self.x or self.kept.runs.empty:
            return pd.DataFrame(columns=["level", "mean", "low", "high"], dtype=float)
        return self.kept.curve(self.outcome, self.x, self.what).rename(columns={self.x: "level"})

    def heat_map(self) -> xarray.DataArray | None:
        """Means over x and y; None without a y."""
        if not self.y or self.kept.runs.empty:
            return None
        return self.kept.heat_map(self.outcome, self.x, self.y, self.what)

    def effects(self) -> pd.DataFrame:
        """What a change of strategy or of a listed factor does to the outcome, among what is held."""
        found = self.kept.effects() if not self.kept.runs.empty else self.findings.effects().head(0)
        return found[found["outcome"] == self.outcome].drop(columns="outcome")

    def indices(self) -> pd.DataFrame:
        """Sobol' or Morris indices with confidence: a row for each factor, of the whole batch. See Findings.indices."""
        found = self.findings.indices(self.outcome, self.what)
        kept = [name for name in INDICES if name in found]
        return found.groupby("factor", sort=False)[kept].mean().reset_index()


def has_curves(findings: Findings) -> bool:
    """Whether means over all other factors make sense: not for rows of a list, nor for a Morris sample."""
    return bool(findings.paths) and findings.design.kind not in ("list", "morris")


def things(findings: Findings) -> list[str]:
    """What can be looked at: differences between strategies first, then each strategy."""
    return [*findings.contrasts, *findings.strategies]


def choices(findings: Findings) -> list[Choice]:
    """How each factor can be held still."""
    return [_choice(path, findings.points[path].to_numpy(float)) for path in findings.paths]


def _choice(path: str, values: Any) -> Choice:
    levels = np.unique(values)
    if len(levels) <= FEW:
        return Choice(path, tuple(f"{v:.6g}" for v in levels), tuple((float(v), float(v)) for v in levels))
    edges = np.quantile(values, [0, 1 / 3, 2 / 3, 1])
    limits = tuple((float(low), float(high)) for low, high in pairwise(edges))
    return Choice(path, tuple(f"{low:.3g} … {high:.3g}" for low, high in limits), limits)
