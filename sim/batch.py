"""Runs an experiment into a folder: on threads here, or on the workers of a Dask cluster; and goes on after a stop.

Threads, because the compiled market lets go of the interpreter: they share its memory, start at once and cannot outlive
the process. One process writes, so that a full disk or a lost worker has one place to be noticed.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sim import compiled
from sim.batch_folder import BatchFolder
from sim.batch_runs import FAILED, Cancelled, Part, Task, run_task, tasks_of
from sim.experiments import Experiment

Progress = Callable[[int, int], None]
WAITING = 2  # tasks handed out for each worker: the next one is there when it finishes, and memory stays bounded


@dataclass(frozen=True)
class Summary:
    """What a batch came to."""

    folder: Path
    runs: int
    found: int  # runs that were there before
    failed: int
    seconds: float


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_batch(
    experiment: Experiment,
    out: str | Path,
    *,
    workers: int | None = None,
    cluster: str | None = None,
    is_resumed: bool = False,
    progress: Progress | None = None,
) -> Summary:
    """Run an experiment into the folder `out`.

    Parameters
    ----------
    workers : threads; as many as processors if not given
    cluster : address of a Dask scheduler, such as tcp://host:8786, whose workers do the running instead
    is_resumed : go on with what the folder holds
    progress : told (runs done, runs in all)

    Raises
    ------
    ValueError
        If the folder holds something else, is in use, or the cluster cannot be used.
    OSError
        If the folder cannot be written, for want of space or otherwise; resume when it can.
    """
    folder = BatchFolder(Path(out))
    begun, done, lock = time.perf_counter(), 0, threading.Lock()

    def count(runs: int) -> None:
        nonlocal done
        with lock:
            done += runs
            if progress is not None:
                progress(done, experiment.n_runs)

    with folder.locked():
        folder.begin(experiment, is_resumed=is_resumed)
        waiting, found = [], 0
        for task in tasks_of(experiment):
            if is_resumed and folder.is_done(task, experiment):
                found += task.n_runs(experiment)
            else:
                waiting.append(task)
        if found:
            count(found)
        failed = 0
        if cluster is not None:
            from sim.batch_cluster import parts_from_cluster

            parts = parts_from_cluster(experiment, waiting, cluster, count)
        else:
            parts = _parts_from_threads(experiment, waiting, workers or cores(), count)
        with closing(parts):  # where the writer cannot go on, the workers stop at once
            for part in parts:
                if part.engine != compiled.CACHE_FOLDER.name:
                    raise ValueError(
                        "The workers run another version of crmsim than this one. Install the same on all."
                    )
                folder.keep(part)
                failed += part.runs["status"].to_pylist().count(FAILED)
        folder.finish()
    return Summary(folder.path, experiment.n_runs, found, failed, time.perf_counter() - begun)


def _parts_from_threads(
    experiment: Experiment, tasks: Iterable[Task], workers: int, count: Callable[[int], None]
) -> Generator[Part, None, None]:
    """The parts of the tasks as they are finished, a bounded number of them at a time."""
    stopped = threading.Event()
    queue = iter(tasks)
    with ThreadPoolExecutor(workers, thread_name_prefix="crmsim") as pool:
        running: set[Future[Part]] = set()
        try:
            while True:
                while len(running) < WAITING * workers and (task := next(queue, None)) is not None:
                    running.add(pool.submit(run_task, experiment, task, count, stopped.is_set))
                if not running:
                    return
                finished, running = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    yield future.result()
        finally:  # also when the writer could not go on
            stopped.set()
            pool.shutdown(cancel_futures=True)


__all__ = ["Cancelled", "Summary", "cores", "run_batch"]
