"""What a batch will take: runs, time, memory, disk; measured on its first few runs."""

from __future__ import annotations

import io
import time
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from sim.batch_runs import Task, run_task, tasks_of
from sim.engine import Engine
from sim.experiments import Experiment

_IDLE = 250e6  # bytes of the process with its libraries
_RUNS = 3  # points or worlds that are timed
_SAMPLE = 200  # rows to measure a row's size on disk


@dataclass(frozen=True)
class Forecast:
    """What a batch will take. Times and sizes are estimates."""

    points: int
    runs: int
    tasks: int
    seconds: float
    memory: float  # bytes
    disk: float  # bytes


def forecast(experiment: Experiment, workers: int) -> Forecast:
    """Live a few runs, and reckon the rest from those after the first."""
    whole = next(tasks_of(experiment))
    first, next_ones = samples(experiment)
    run_task(experiment, first)  # compiled, and a start made
    begun = time.perf_counter()
    part = run_task(experiment, next_ones)
    seconds = (time.perf_counter() - begun) / next_ones.n_runs(experiment)
    world = Engine(experiment.plan(experiment.values(0), experiment.strategies[0], experiment.seeds[0])).world
    size = sum(array.nbytes for array in world)
    rows = whole.n_runs(experiment)
    series = 8 * (len(experiment.entry.series) + 1) * experiment.weeks if experiment.entry.series else 0
    memory = _IDLE + workers * (4 * size + 3 * rows * (series + 400))
    n_tasks = sum(1 for _ in tasks_of(experiment))
    per_run = _bytes(part.runs) + (series * 0.9)
    return Forecast(
        points=experiment.n_points,
        runs=experiment.n_runs,
        tasks=n_tasks,
        seconds=seconds * experiment.n_runs / workers,
        memory=memory,
        disk=n_tasks * 4096 + per_run * experiment.n_runs,
    )


def samples(experiment: Experiment) -> tuple[Task, Task]:
    """The first point in the first world, and what comes next, which shares with it what runs of the batch share."""
    values, combination = experiment.points.values, experiment.points.combination

    def some(points: range, replications: range) -> Task:
        rows = slice(points.start, points.stop)
        return Task(0, points, replications, values[rows], combination[rows])

    first = some(range(1), range(1))
    if experiment.n_points > 1:
        return first, some(range(1, min(1 + _RUNS, experiment.n_points)), range(1))
    if len(experiment.seeds) > 1:
        return first, some(range(1), range(1, min(1 + _RUNS, len(experiment.seeds))))
    return first, first


def _bytes(table: pa.Table) -> float:
    """Bytes on disk that a row takes beside many others."""
    many, few = (io.BytesIO() for _ in range(2))
    pq.write_table(pa.concat_tables([table] * _SAMPLE), many, use_dictionary=False, compression="none")
    pq.write_table(table, few, use_dictionary=False, compression="none")
    return (many.tell() - few.tell()) / (_SAMPLE * max(1, table.num_rows))
