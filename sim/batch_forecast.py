"""What a batch will take: runs, time, memory, disk; measured on its first run, twice lived."""

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
    """Live one run twice and reckon the rest from the second time."""
    whole = next(tasks_of(experiment))
    one = Task(0, range(1), range(1), whole.values[:1], whole.combination[:1])
    run_task(experiment, one)  # compiled, and the start made
    begun = time.perf_counter()
    part = run_task(experiment, one)
    seconds = (time.perf_counter() - begun) / len(experiment.strategies)
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


def _bytes(table: pa.Table) -> float:
    """Bytes on disk that a row takes beside many others."""
    many, few = (io.BytesIO() for _ in range(2))
    pq.write_table(pa.concat_tables([table] * _SAMPLE), many, use_dictionary=False, compression="none")
    pq.write_table(table, few, use_dictionary=False, compression="none")
    return (many.tell() - few.tell()) / (_SAMPLE * max(1, table.num_rows))
