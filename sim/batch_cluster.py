"""Runs a batch's tasks on the workers of a Dask cluster; `distributed` hands them out anew where a worker is lost.

Tasks carry all they need and results come back to this process, the only one that writes, so workers need neither the
folder nor each other.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import Callable, Generator, Sequence
from typing import Any

from sim.batch_runs import Part, Task, run_task
from sim.experiments import Experiment

PATIENCE = 30  # seconds to find the scheduler and its first worker
AHEAD = 2  # tasks handed out for each thread of the cluster


def parts_from_cluster(
    experiment: Experiment, tasks: Sequence[Task], address: str, count: Callable[[int], None]
) -> Generator[Part, None, None]:
    """The parts of the tasks as they are finished, in any order.

    Raises
    ------
    ValueError
        If `distributed` is not installed, nobody answers at the address, the cluster has another crmsim, or it loses
        its workers for good.
    """
    try:
        import distributed
    except ImportError:
        message = "--cluster needs Dask, which is not installed. Install it with: pip install 'crmsim[cluster]'."
        raise ValueError(message) from None
    if not tasks:
        return
    try:
        client = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, ImportError) as error:
        message = f"No Dask scheduler answers at {address} ({str(error).splitlines()[0][:120]})."
        raise ValueError(f"{message} Start one with `dask scheduler`, and workers with `dask worker`.") from None
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            message = f"The scheduler at {address} has no workers."
            raise ValueError(f"{message} Start some with `dask worker {address}`.") from None
        yield from _finished(client, distributed, experiment, tasks, count)


def _finished(
    client: Any, distributed: Any, experiment: Experiment, tasks: Sequence[Task], count: Callable[[int], None]
) -> Generator[Part, None, None]:
    """Hand out tasks as others finish, so that neither side holds more than a few."""
    queue = iter(tasks)
    threads = max(1, sum(client.nthreads().values()))

    def submit(task: Task) -> Any:
        name = f"crmsim-{experiment.identity[:12]}-{task.number}"
        return client.submit(run_task, experiment, task, key=name, pure=False)

    finished = distributed.as_completed(
        [submit(task) for _, task in zip(range(AHEAD * threads), queue, strict=False)],
        loop=client.loop,
        raise_errors=False,
    )
    sizes = {task.number: task.n_runs(experiment) for task in tasks}
    for future in finished:
        try:
            part = future.result()
        except (concurrent.futures.CancelledError, asyncio.CancelledError, distributed.comm.CommClosedError):
            message = "The cluster's scheduler is gone. What came back is kept; go on with --resume, there or here."
            raise ValueError(message) from None
        except (RuntimeError, ImportError, AttributeError) as error:  # what came over the wire was not understood
            why = str(error).partition("\n")[0].rstrip(".")[:200]
            message = f"The cluster does not understand what it is sent ({why})."
            raise ValueError(f"{message} Install the same crmsim and libraries on all machines.") from None
        except distributed.KilledWorker:
            raise ValueError(
                "Workers kept dying of the same task. See their logs: perhaps for want of memory."
            ) from None
        future.release()
        count(sizes[part.number])
        yield part
        task = next(queue, None)
        if task is not None:
            finished.add(submit(task))
