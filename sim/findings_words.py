"""The main findings of a batch in sentences, each with how sure it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from sim.outcomes import OUTCOMES
from sim.paired import NOT_TOLD_APART
from sim.pictures import number, signed

if TYPE_CHECKING:
    from sim.findings import Findings

MUCH_LUCK = 0.1  # share of the variance between points above which small indices are not to be believed


class _Row(NamedTuple):
    """A row of the effects."""

    outcome: str
    what: str
    before_level: str | float
    after_level: str | float
    before: float
    after: float
    difference: float
    low: float
    high: float
    verdict: str


def label(outcome: str) -> str:
    """An outcome as a reader knows it."""
    return OUTCOMES[outcome].label["en"]


def sentences(findings: Findings) -> list[str]:
    """What a reader should know first: effects of strategies, what else mattered, what failed."""
    told = []
    n_failed, n_worlds = len(findings.failures), findings.n_replications
    if n_failed:
        told.append(f"{n_failed:,} of {len(findings.runs):,} runs failed and are left out.")
    if n_worlds == 1:
        told.append("Only one world was run, so nothing here can be told apart from luck. Take more seeds.")
    effects = findings.effects()
    for row in map(_Row._make, effects.itertuples(index=False)):
        if row.what == "strategy":
            unit = OUTCOMES[row.outcome].unit
            difference, low, high = (signed(value, unit) for value in (row.difference, row.low, row.high))
            told.append(
                f"{label(row.outcome)}: {row.after_level} instead of {row.before_level} makes {difference} on average "
                f"(95% interval {low} to {high}{', ' + NOT_TOLD_APART if row.verdict == NOT_TOLD_APART else ''})."
            )
    for contrast in findings.contrasts:
        for outcome in findings.outcomes:
            told += _where(findings, outcome, contrast)
    of = findings.contrasts[0] if findings.contrasts else findings.strategies[0]
    for outcome in findings.outcomes:
        told += _what_matters(findings, outcome, of)
    return told


def _where(findings: Findings, outcome: str, contrast: str) -> list[str]:
    """At how many points one strategy beats the other."""
    if len(findings.points) < 2:
        return []
    points = findings.by_point(outcome, contrast)
    up, down = int((points["low"] > 0).sum()), int((points["high"] < 0).sum())
    rest = len(points) - up - down
    return [
        f"{label(outcome)}, {contrast}: above 0 at {up:,} of {len(points):,} points, below 0 at {down:,}, "
        f"{NOT_TOLD_APART} at {rest:,}."
    ]


def _what_matters(findings: Findings, outcome: str, of: str) -> list[str]:
    """Which factors the outcome depends on, by indices where the design gives them."""
    name = f"{label(outcome)} ({of})"
    if findings.design.kind not in ("sobol", "morris"):
        heavy = [(path, findings.weight(outcome, path, of)) for path in findings.ranked(outcome, of)[:3]]
        shown = ", ".join(f"{path} ({100 * weight:.0f}%)" for path, weight in heavy if weight >= 0.01)
        return [f"{name}: of the variance between points most goes with {shown}."] if shown else []
    try:
        indices = findings.indices(outcome, of)
    except ValueError as error:
        return [str(error)]
    key, width = ("ST", "ST_conf") if findings.design.kind == "sobol" else ("mu_star", "mu_star_conf")
    unit = OUTCOMES[outcome].unit if findings.design.kind == "morris" else ""
    mean = indices.groupby("factor")[[key, width]].mean().sort_values(key, ascending=False)
    shown = ", ".join(
        f"{path} ({number(row[key], unit)} ± {number(row[width], unit)})" for path, row in mean.head(4).iterrows()
    )
    what = "total Sobol' index" if findings.design.kind == "sobol" else "mean absolute effect from end to end"
    told = [f"{name} depends most on {shown}: {what}."]
    return told + luck_sentence(indices)


def luck_sentence(indices: pd.DataFrame) -> list[str]:
    """A warning where luck could pass for effect."""
    luck = float(np.nanmax(indices["luck"])) if indices["luck"].notna().any() else float("nan")
    if np.isnan(luck):
        return ["Luck and effect cannot be told apart with one world: take at least two seeds."]
    if luck > MUCH_LUCK:
        return [
            f"Luck could bring about {100 * luck:.0f}% of that variance: take more seeds before believing the rest."
        ]
    return [f"Luck could bring about {100 * luck:.1f}% of that variance."]
