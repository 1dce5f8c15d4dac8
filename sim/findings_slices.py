"""A finished batch to look at from any side, without widgets: pick an outcome, hold some factors still, see the rest.

`Slice.of(place, shelf)` makes one of short texts, as an address holds them; whatever they say, a slice comes out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim import findings_pictures as pictures
from sim.findings import FEW, Findings, open_batch
from sim.outcomes import OUTCOMES
from sim.pictures import number


def shelf(folder: Path) -> dict[str, Path]:
    """The finished batches in a folder, by name: the folder itself or those in it."""
    manifests = [*folder.glob("manifest.json"), *sorted(folder.glob("*/manifest.json"))]
    return {one.parent.name: one.parent for one in manifests if (one.parent / "runs").is_dir()}


@dataclass(frozen=True)
class Choice:
    """A factor that can be held still: its values, or where it is a sampled range, thirds of it."""

    path: str
    labels: tuple[str, ...]
    limits: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Slice:
    """What is looked at: an outcome of a strategy or of a difference between two, over factor `x`, others held."""

    findings: Findings
    outcome: str
    what: str
    x: str
    held: dict[str, int]  # path → number of its choice

    @staticmethod
    def of(findings: Findings, place: Mapping[str, str]) -> Slice:
        """The slice that a place asks for; what it says wrongly or not at all is chosen for it."""
        whats = things(findings)
        outcome = place.get("outcome", "")
        outcome = outcome if outcome in findings.outcomes else findings.outcomes[0]
        what = place.get("what", "")
        what = what if what in whats else whats[0]
        x = place.get("x", "")
        x = x if x in findings.paths else next(iter(findings.ranked(outcome, what)), "")
        held = {}
        for choice in choices(findings):
            wanted = place.get(choice.path, "")
            if wanted in choice.labels and choice.path != x:
                held[choice.path] = choice.labels.index(wanted)
        return Slice(findings, outcome, what, x, held)

    @property
    def place(self) -> dict[str, str]:
        """The texts that lead back here."""
        every = {choice.path: choice for choice in choices(self.findings)}
        held = {path: every[path].labels[number] for path, number in self.held.items()}
        return {"outcome": self.outcome, "what": self.what, "x": self.x} | held

    @property
    def kept(self) -> Findings:
        """The findings with only the points that are held."""
        runs = self.findings.runs
        for choice in choices(self.findings):
            if choice.path in self.held:
                low, high = choice.limits[self.held[choice.path]]
                runs = runs[runs[choice.path].between(low, high)]
        return replace(self.findings, runs=runs)

    def table(self) -> pd.DataFrame:
        """Level of x → mean and interval. A batch in which nothing varies has one row."""
        if not self.x:
            frame = self.findings.by_point(self.outcome, self.what)
            return frame.assign(point=frame.index)[["point", "mean", "low", "high"]]
        return self.kept.curve(self.outcome, self.x, self.what)

    def picture(self) -> Any:
        """The curve as a Bokeh figure; None where nothing varies."""
        return pictures.curve(self.kept, self.outcome, self.x, (self.what,)) if self.x else None

    def sentence(self) -> str:
        """What the picture shows, for who does not see it."""
        table, unit = self.table(), OUTCOMES[self.outcome].unit
        if table.empty or not np.isfinite(table["mean"]).any():
            return "No run is left here: hold fewer factors."
        rows = table[np.isfinite(table["mean"])]
        first, last = rows.iloc[0], rows.iloc[-1]
        label = OUTCOMES[self.outcome].label["en"]
        if len(rows) == 1:
            return f"{label} ({self.what}): {number(float(first['mean']), unit)}."
        ends = f"{number(float(first['mean']), unit)} at {first.iloc[0]:.4g} to {number(float(last['mean']), unit)}"
        return f"{label} ({self.what}) goes from {ends} at {last.iloc[0]:.4g} of {self.x}."


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
    return Choice(path, tuple(f"{low:.3g} to {high:.3g}" for low, high in limits), limits)


def opened(shelf: Mapping[str, Path], name: str) -> Findings | str:
    """A batch of the shelf, or in words why it cannot be opened."""
    if name not in shelf:
        return "There is no such batch here."
    try:
        return open_batch(shelf[name])
    except ValueError as error:
        return str(error)
