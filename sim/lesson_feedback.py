"""What the machine tells a student: which goal was missed, by how much, through which lever; skill apart from luck.

A goal counts as reached when the same decisions reach it on the average over many worlds that differ in luck alone.
What happened in the student's own world less that average is luck, shown but neither rewarded nor punished.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from sim.lesson_goals import Threshold, parse
from sim.lesson_worlds import Levers, Numbers, Progress, Worlds
from sim.outcomes import OUTCOMES
from sim.shapley import Attribution, attribute

COVERAGE = 0.8  # how often a stated interval should hold the outcome
_WORLDS_ATTRIBUTED = 2
_MOST_ATTRIBUTED = 500  # kept for a lesson; some kilobytes each


@dataclass(frozen=True)
class Goal:
    """How far one goal was reached.

    needed, value : in the student's own world     mean_needed, mean : on the average over worlds
    share : of the worlds in which it was reached
    margin : mean beyond what was needed, negative where it falls short
    luck : how much better (positive) the own world went than the average, towards the goal
    """

    name: str
    threshold: Threshold
    needed: float
    value: float
    mean_needed: float
    mean: float
    share: float
    margin: float
    luck: float

    @property
    def is_met(self) -> bool:
        """Whether the decisions reach the goal on the average: skill."""
        return self.threshold.is_met(self.mean, self.mean_needed)

    @property
    def is_met_here(self) -> bool:
        """Whether it was reached in the student's own world: skill and luck."""
        return self.threshold.is_met(self.value, self.needed)


@dataclass(frozen=True)
class Push:
    """What one lever, moved from the other strategy's value to the student's, added to an outcome."""

    lever: str
    before: float
    after: float
    added: float


@dataclass(frozen=True)
class Verdict:
    """One experiment judged: the levers handed in and how far each goal was reached."""

    experiment: str
    levers: dict[str, float]
    goals: tuple[Goal, ...]
    n_worlds: int

    @property
    def is_passed(self) -> bool:
        """Whether every goal is reached by skill."""
        return all(goal.is_met for goal in self.goals)

    @property
    def skill(self) -> float:
        """Share of goals reached, each as often as worlds reached it, 0 to 1."""
        return float(np.mean([goal.share for goal in self.goals]))


@dataclass(frozen=True)
class Calibration:
    """A stated interval against what came of it in all worlds.

    truth : mean over worlds, in the form that was asked     spread : its 10th and 90th percentile over worlds
    score : 1 for a narrow interval in the right place, 0 for one as bad as saying nothing (Gneiting & Raftery 2007)
    """

    name: str
    form: str
    low: float
    high: float
    truth: float
    spread: tuple[float, float]
    score: float

    @property
    def is_hit(self) -> bool:
        """Whether the interval holds the mean over worlds."""
        return bool(self.low <= self.truth <= self.high)


def judge(
    worlds: Worlds,
    experiment: str,
    own: Levers,
    *,
    n: int | None = None,
    progress: Progress | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> Verdict:
    """Judge the levers a student chose in an experiment, over `n` worlds. Raises Stopped when called off."""
    entry, weeks = worlds.lesson.entry.experiments[experiment], worlds.lesson.weeks(experiment)
    rules = {name: threshold for name, text in entry.goals.items() if (threshold := parse(text)) is not None}
    references = dict.fromkeys([entry.versus, *(t.reference for t in rules.values() if t.reference)])
    names = list(references)
    runs = worlds.over([own, *names], weeks, n, progress=progress, is_cancelled=is_cancelled)
    goals = tuple(_goal(name, rule, runs[0], dict(zip(names, runs[1:], strict=True))) for name, rule in rules.items())
    return Verdict(experiment, dict(own), goals, len(runs[0]))


def _goal(name: str, rule: Threshold, own: list[Numbers], others: Mapping[str, list[Numbers]]) -> Goal:
    values = np.array([numbers[name] for numbers in own])
    levels = np.array([rule.level({key: those[k][name] for key, those in others.items()}) for k in range(len(own))])
    has_both = np.isfinite(values) & np.isfinite(levels)
    mean = float(values[has_both].mean()) if has_both.any() else math.nan
    level = float(levels[has_both].mean()) if has_both.any() else math.nan
    margin = rule.margin(mean, level)
    share = float(np.mean([rule.is_met(v, needed) for v, needed in zip(values, levels, strict=True)]))
    here = rule.margin(float(values[0]), float(levels[0]))
    return Goal(name, rule, float(levels[0]), float(values[0]), level, mean, share, margin, here - margin)


def pushes(worlds: Worlds, verdict: Verdict) -> dict[str, tuple[Push, ...]]:
    """For each outcome among the goals what every moved lever added to it (Shapley values), the greatest first."""
    entry, own = worlds.lesson.entry.experiments[verdict.experiment], verdict.levers
    asked = [goal.name for goal in verdict.goals if goal.name in OUTCOMES]
    before = worlds.levers(entry.versus)
    if not asked or all(own[path] == before[path] for path in before):
        return dict.fromkeys(asked, ())
    key = (verdict.experiment, tuple(sorted(own.items())))
    found: Attribution | None = worlds.attributed.get(key)
    if found is None:
        found = attribute(
            worlds.lesson.scenario, before, own, seeds=_WORLDS_ATTRIBUTED, seed=worlds.seed, outcomes=asked,
            customers=worlds.lesson.entry.customers, weeks=worlds.lesson.weeks(verdict.experiment), sets=worlds.sets,
        )  # fmt: skip
        if len(worlds.attributed) < _MOST_ATTRIBUTED:
            worlds.attributed[key] = found

    def push(name: str, added: float) -> Push:
        start, end = found.levers[name]
        return Push(name, start, end, added)

    return {name: tuple(push(d.name, d.difference) for d in found.of(name)) for name in asked}


def in_form(form: str, value: float, other: float) -> float:
    """An outcome as a forecast asks for it: its level, the change against another, or that change in percent."""
    if form == "level":
        return value
    if form == "change":
        return value - other
    return 100.0 * (value - other) / abs(other) if other else math.nan


def calibrate(
    worlds: Worlds, stated: Mapping[str, tuple[float, float]], n: int | None = None, progress: Progress | None = None
) -> list[Calibration]:
    """Each stated interval (outcome → low, high) against what came of the forecast strategy in all worlds."""
    entry = worlds.lesson.entry.forecast
    those, others = worlds.over([entry.strategy, entry.versus], None, n, progress=progress)
    found = []
    for guess in entry.outcomes:
        low, high = stated[guess.outcome]
        pairs = zip(those, others, strict=True)
        values = np.array([in_form(guess.form, x[guess.outcome], y[guess.outcome]) for x, y in pairs])
        values = values[np.isfinite(values)]
        if not values.size:
            continue
        truth = float(values.mean())
        miss = max(low - truth, truth - high, 0.0)
        width = guess.range[1] - guess.range[0]
        score = max(0.0, 1.0 - ((high - low) + 2 / (1 - COVERAGE) * miss) / width)
        spread = (float(np.quantile(values, 0.1)), float(np.quantile(values, 0.9)))
        found.append(Calibration(guess.outcome, guess.form, low, high, truth, spread, score))
    return found


def reasons_held(worlds: Worlds, n: int | None = None) -> list[bool]:
    """Of each reason offered, whether the runs bear it out."""
    entry = worlds.lesson.entry.forecast
    names = [entry.strategy, entry.versus]
    rules = [
        {name: t for name, text in reason.holds.items() if (t := parse(text)) is not None} for reason in entry.reasons
    ]
    names += [t.reference for rule in rules for t in rule.values() if t.reference]
    names = list(dict.fromkeys(names))
    runs = dict(zip(names, worlds.over(names, None, n), strict=True))
    return [
        all(_goal(name, t, runs[entry.strategy], runs).margin >= 0 for name, t in rule.items()) for rule in rules
    ]  # fmt: skip
