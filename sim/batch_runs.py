"""The runs of a batch, task by task: what one worker does, on this machine or another.

A task is a rectangle of points × worlds, large enough that starting it costs nothing beside running it, and carries all
it needs. Its result is the same whoever runs it, and in whatever order.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim import compiled, outcomes
from sim.engine import Engine
from sim.experiments import Experiment
from sim.plan import Plan
from sim.safe_yaml import Faults
from sim.starts import Starts

WORK = 20_000_000  # customer-weeks in a task: seconds, so that little is lost with a worker
MOST = 1000  # runs in a task
PLANS = 256  # that a thread keeps, since the next task may need them too
SHARES = 32  # tasks at least, where there are enough runs, so that workers finish together
OK, FAILED = "ok", "failed"
_here = threading.local()


class Cancelled(Exception):
    """The batch is being stopped."""


@dataclass(frozen=True)
class Task:
    """Points × seeds of an experiment, under all its strategies. `values` : (points, factors)."""

    number: int
    points: range
    replications: range
    values: NDArray[np.float64]
    combination: NDArray[np.int64]

    def n_runs(self, experiment: Experiment) -> int:
        """How many runs it holds."""
        return len(self.points) * len(self.replications) * len(experiment.strategies)


@dataclass(frozen=True)
class Part:
    """What a task left: one row for each run, and one for each run and week where series were asked for."""

    number: int
    runs: pa.Table
    weeks: pa.Table | None
    engine: str  # which version of the compiled model ran


def tasks_of(experiment: Experiment) -> Iterator[Task]:
    """The tasks of an experiment, the same and in the same order every time."""
    per_run = experiment.customers * experiment.weeks_lived
    per_task = max(1, min(MOST, WORK // per_run, experiment.n_runs // SHARES))
    width = max(1, per_task // len(experiment.strategies))
    if width * 2 >= experiment.n_points:  # a world in one piece, so that what its runs share is made once
        width = experiment.n_points
    height = max(1, per_task // (width * len(experiment.strategies))) if width == experiment.n_points else 1
    number, points = 0, experiment.points
    for first_seed in range(0, len(experiment.seeds), height):
        replications = range(first_seed, min(first_seed + height, len(experiment.seeds)))
        for first in range(0, experiment.n_points, width):
            which = range(first, min(first + width, experiment.n_points))
            rows = slice(which.start, which.stop)
            yield Task(number, which, replications, points.values[rows], points.combination[rows])
            number += 1


def run_task(
    experiment: Experiment,
    task: Task,
    progress: Callable[[int], None] | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> Part:
    """Run a task. A run that fails is recorded with the reason; the rest go on.

    Only what no run is to blame for is raised: no memory, no space, or being cancelled.
    """
    memory = _memory(experiment)
    columns = _Columns(experiment)
    for replication in task.replications:
        for row, point in enumerate(task.points):
            values = {f.path: float(v) for f, v in zip(experiment.factors, task.values[row], strict=True)}
            seed = experiment.seed(point, replication)
            for index, strategy in enumerate(experiment.strategies):
                if is_cancelled is not None and is_cancelled():
                    raise Cancelled
                plan = memory.plan(experiment, point, values, strategy)
                run = (point * len(experiment.strategies) + index) * len(experiment.seeds) + replication
                about = [run, point, int(task.combination[row]), replication, seed, strategy, *values.values()]
                columns.add(about, *_outcome(memory.starts, plan, seed))
                if progress is not None:
                    progress(1)
    return Part(task.number, columns.runs(), columns.weeks(), compiled.CACHE_FOLDER.name)


class _Memory:
    """What a thread keeps from task to task: the last start, and the latest plans."""

    def __init__(self, identity: str) -> None:
        self.identity = identity
        self.starts = Starts()
        self.plans: dict[tuple[int, str], Plan | str] = {}

    def plan(self, experiment: Experiment, point: int, values: dict[str, float], strategy: str) -> Plan | str:
        """The plan of a point, whatever its seed; or in words why there is none."""
        if (point, strategy) not in self.plans:
            if len(self.plans) >= PLANS:
                self.plans.clear()
            try:
                self.plans[point, strategy] = experiment.plan(values, strategy, experiment.seeds[0])
            except Faults as faults:
                self.plans[point, strategy] = " ".join(str(fault) for fault in faults.faults)
        return self.plans[point, strategy]


def _memory(experiment: Experiment) -> _Memory:
    """This thread's memory of this experiment."""
    memory: _Memory | None = getattr(_here, "memory", None)
    if memory is None or memory.identity != experiment.identity:
        memory = _here.memory = _Memory(experiment.identity)
    return memory


def _outcome(starts: Starts, plan: Plan | str, seed: int) -> tuple[Engine | None, str]:
    """The finished engine of a run, or why it has none."""
    if isinstance(plan, str):
        return None, plan
    try:
        engine = starts.engine(replace(plan, seed=seed))
        engine.run()
    except (MemoryError, OSError):
        raise
    except Exception as error:  # whatever the model trips over belongs to this run alone
        return None, f"{type(error).__name__}: {error}"
    return engine, ""


class _Columns:
    """The rows of a part as they come in."""

    def __init__(self, experiment: Experiment) -> None:
        self.entry = experiment.entry
        self.asked = list(dict.fromkeys([*self.entry.outcomes, *self.entry.series]))
        self.schema = schema_of(experiment)
        self.rows: list[list[Any]] = []
        self.courses: list[tuple[int, list[NDArray[np.float64]]]] = []

    def add(self, about: list[Any], engine: Engine | None, reason: str) -> None:
        """A run: what it was, and what came of it."""
        if engine is None:
            nothing = [float("nan")] * len(self.entry.outcomes)
            self.rows.append([*about, *nothing, FAILED, reason])
            return
        courses = outcomes.weekly(engine, self.asked)
        numbers = outcomes.over_horizon(engine, courses, self.asked)
        self.rows.append([*about, *(float(numbers[name][0]) for name in self.entry.outcomes), OK, ""])
        if self.entry.series:
            self.courses.append((about[0], [courses[name][:, 0].copy() for name in self.entry.series]))

    def runs(self) -> pa.Table:
        """One row for each run."""
        arrays = [pa.array(list(column), field.type) for column, field in zip(zip(*self.rows), self.schema)]  # noqa: B905
        return pa.Table.from_arrays(arrays, schema=self.schema)

    def weeks(self) -> pa.Table | None:
        """One row for each run and week."""
        if not self.entry.series:
            return None
        columns: dict[str, Any] = {
            "run": np.concatenate(
                [np.full(len(c[0]), run, np.int64) for run, c in self.courses] or [np.zeros(0, "i8")]
            ),
            "week": np.concatenate([np.arange(len(c[0]), dtype="i4") for _, c in self.courses] or [np.zeros(0, "i4")]),
        }
        for k, name in enumerate(self.entry.series):
            columns[name] = np.concatenate([c[k] for _, c in self.courses] or [np.zeros(0)])
        return pa.table(columns)


def schema_of(experiment: Experiment) -> pa.Schema:
    """The columns of the table of runs."""
    fields = [("run", pa.int64()), ("point", pa.int32()), ("combination", pa.int32()), ("replication", pa.int32())]
    fields += [("seed", pa.int64()), ("strategy", pa.string())]
    fields += [(factor.path, pa.float64()) for factor in experiment.factors]
    fields += [(name, pa.float64()) for name in experiment.entry.outcomes]
    return pa.schema([*fields, ("status", pa.string()), ("reason", pa.string())])
