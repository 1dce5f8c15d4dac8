"""What a lesson will teach, found by running it: luck in its forecast, levers that do nothing, ids it cannot show."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from sim.lesson_worlds import Worlds
from sim.lessons import Lesson
from sim.lint import CLASS_SIZE, SLOW, Finding, Progress, dead_levers, listed, seconds_of_a_run, taken
from sim.lint_ids import ids_not_shown
from sim.outcomes import OUTCOMES
from sim.scenario_levers import all_levers

_WORLDS = 6
_MOST_LEVERS = 6


def lint_lesson(
    lesson: Lesson, class_size: int = CLASS_SIZE, progress: Progress | None = None
) -> list[Finding]:  # fmt: skip
    """Everything a class may stumble over in a lesson. `progress` hears what is being looked at."""
    steps = (
        ("run time", lambda: _time(lesson)),
        ("the forecast", lambda: _hidden(lesson, class_size)),
        ("levers", lambda: _levers_and_ids(lesson)),
    )
    return taken(steps, progress)


def _time(lesson: Lesson) -> Iterable[Finding]:
    seconds = seconds_of_a_run(lesson.scenario, lesson.entry.customers)
    n_runs = 2 * lesson.entry.worlds
    if seconds * n_runs / 2 > 10 * SLOW:
        values = {"seconds": f"{seconds:.1f}", "runs": str(n_runs), "minutes": f"{seconds * n_runs / 120:.1f}"}
        yield Finding("lesson_slow", values)


def _levers_and_ids(lesson: Lesson) -> Iterable[Finding]:
    """Levers that move nothing, experiments with too many, and ids that nothing can show."""
    unlocked = {name: list(entry.levers) for name, entry in lesson.entry.experiments.items()}
    every = sorted({path for paths in unlocked.values() for path in paths})
    dead = dead_levers(lesson.scenario, every)
    if dead:
        labels = [f"{all_levers()[path].label['en']} ({path})" for path in dead]
        yield Finding("dead", {"levers": listed(labels)})
    for name, paths in unlocked.items():
        if len(paths) > _MOST_LEVERS:
            values = {"experiment": name, "levers": str(len(paths)), "most": str(_MOST_LEVERS)}
            yield Finding("many_levers", values)
    missing = ids_not_shown(lesson.scenario, dead, lesson.covers)
    if missing:
        these = "it" if len(missing) == 1 else "them"
        yield Finding("ids", {"ids": listed(list(missing)), "these": these, "how": "; ".join(missing.values())})


def _hidden(lesson: Lesson, class_size: int) -> list[Finding]:
    """Outcomes that are forecast, though luck is larger than what the strategy does to them."""
    worlds, entry, found = Worlds(lesson), lesson.entry.forecast, []
    for guess in entry.outcomes:
        d = worlds.difference(entry.versus, entry.strategy, guess.outcome, n=_WORLDS)
        half = (d.high - d.low) / 2 * np.sqrt(_WORLDS / class_size)
        if not abs(d.difference) > half and d.difference != 0:
            values = {"students": str(class_size), "a": entry.versus, "b": entry.strategy}
            found.append(Finding("luck", values | {"measures": OUTCOMES[guess.outcome].label["en"].lower()}))
    return found
