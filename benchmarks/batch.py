"""Speed of a batch from end to end, files written: `python -m benchmarks.batch [--quick]`.

Beside it, in the same run, Mesa's own batch runner over the plain engine of the tests, since ratios are
steadier than seconds.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import mesa
from rich.console import Console
from rich.table import Table

from sim.batch import cores, run_batch
from sim.engine import Engine
from sim.experiments import Experiment, experiment
from sim.scenario import load_scenario
from sim.starts import Starts
from tests.reference import ReferenceMarket

CUSTOMERS, WEEKS = 5000, 104


class Collected(ReferenceMarket):
    """The plain engine as Mesa's batch runner wants it."""

    def __init__(self, plan, rng=None):
        super().__init__(plan)
        self.datacollector = mesa.DataCollector(model_reporters={"week": "week"})

    def step(self):
        """Live one week and collect; Mesa 3.3 asks for one week more than the plan has."""
        super().step()
        self.running = self.week < self.plan.warm_up + self.plan.weeks
        self.datacollector.collect(self)


def study(points: int, seeds: int, kind: str = "levers") -> Experiment:
    """Two strategies over `points` prices (or return rates, which change the warm-up too) and `seeds` worlds."""
    price = {"pricing.list_price": {"from": 9, "to": 11, "steps": points}}
    rate = {"leave.return_rate": {"from": 0, "to": 0.02, "steps": points}}
    return experiment(
        scenario="_baseline", customers=CUSTOMERS, weeks=WEEKS, seeds=seeds, strategies=["4P", "4C"],
        **({"levers": price} if kind == "levers" else {"uncertainties": rate}),
    )  # fmt: skip


class Span(NamedTuple):
    """Seconds by the clock on the wall, and of processor time, which other programs on the machine hardly touch."""

    wall: float
    processor: float


def timed(action: Callable[[], object]) -> Span:
    """How long an action takes, all threads together."""
    wall, processor = time.perf_counter(), time.process_time()
    action()
    return Span(time.perf_counter() - wall, time.process_time() - processor)


def span_of_batch(made: Experiment, workers: int) -> Span:
    """How long a batch into a new folder takes."""
    with tempfile.TemporaryDirectory() as folder:
        return timed(lambda: run_batch(made, Path(folder) / "out", workers=workers))


def seconds_of_engine(made: Experiment, times: int = 8) -> tuple[float, float]:
    """Mean processor seconds that the engine alone needs: for birth and warm-up, and for the reported weeks."""
    plans = [made.plan(made.values(k % made.n_points), made.strategies[k % 2], made.seeds[0] + k) for k in range(times)]
    engines: list[Engine] = []

    def start() -> None:
        for plan in plans:
            engines.append(Engine(plan))
            engines[-1].warm_up()

    begun = timed(start).processor
    return begun / times, timed(lambda: [engine.run() for engine in engines]).processor / times


def span_beyond_the_engine(made: Experiment, workers: int) -> tuple[Span, float]:
    """How long a batch takes; and what of that, per run, is spent neither in weeks nor in birth: processor seconds."""
    inside: list[float] = []

    def counting(action: Callable[..., None]) -> Callable[..., None]:
        def counted(*args: Any) -> None:
            begun = time.thread_time()
            action(*args)
            inside.append(time.thread_time() - begun)

        return counted

    with patch.object(Engine, "run", counting(Engine.run)), patch.object(Starts, "_open", counting(Starts._open)):
        span = span_of_batch(made, workers)
    return span, (span.processor - sum(inside)) / made.n_runs


def mesa_rate(customers: int = 300, weeks: int = 20, runs: int = 4) -> float:
    """Customer-weeks per second of mesa.batch_run over the plain engine, on as many processes as there are cores."""
    story = load_scenario("_baseline")
    plans = [story.plan("4C", customers=customers, weeks=weeks, warm_up=0, seed=k + 1) for k in range(runs)]
    begun = time.perf_counter()
    mesa.batch_run(
        Collected, {"plan": plans}, iterations=1, number_processes=cores(), max_steps=weeks, display_progress=False
    )
    return runs * customers * weeks / (time.perf_counter() - begun)


def main() -> None:
    """Measure everything and print one table."""
    is_quick = "--quick" in sys.argv[1:]
    whole, part = (study(10, 5), study(10, 3)) if is_quick else (study(25, 20), study(10, 5))
    span_of_batch(study(2, 1), 1)  # compiled, and all imported
    console = Console(stderr=True)
    console.print(f"{whole.n_runs:,} runs on {cores()} workers …")
    span, overhead = span_beyond_the_engine(whole, cores())
    work = whole.n_runs * CUSTOMERS * WEEKS
    console.print("One worker against two, and the engine alone, in turn …")
    ones, twos, alone = [], [], []
    for _ in range(1 if is_quick else 3):
        alone.append(seconds_of_engine(part))
        ones.append(span_of_batch(part, 1))
        twos.append(span_of_batch(part, 2))
    start, weeks = (min(seconds) for seconds in zip(*alone, strict=True))
    assumptions = study(5, 2, "assumptions") if is_quick else study(10, 5, "assumptions")
    other = assumptions.n_runs * CUSTOMERS * WEEKS / span_of_batch(assumptions, cores()).processor
    console.print("mesa.batch_run …")
    slow = mesa_rate()
    table = Table(title=f"A batch on {cores()} cores: {whole.n_runs:,} runs × {CUSTOMERS:,} customers × {WEEKS} weeks")
    for head in ("Measured", "Here", "Aim"):
        table.add_column(head)
    million = "million customer-weeks per second"
    rows = [
        (f"{million}, files written", f"{work / span.wall / 1e6:.1f} in {span.wall:.0f} s", "≥ 12"),
        ("the same per second of processor time", f"{work / span.processor / 1e6:.1f}", "≥ 6"),
        ("the engine alone, per second of processor time", f"{CUSTOMERS * WEEKS / weeks / 1e6:.1f}", ""),
        ("where assumptions change the warm-up, likewise", f"{other / 1e6:.1f}", ""),
        ("birth and warm-up, made once for each world", f"{1e3 * start:.0f} ms", ""),
        ("overhead per run beyond the engine, processor time", f"{1e3 * overhead:.1f} ms", "≤ 5 ms"),
        (
            "two workers against one",
            f"{min(one.wall for one in ones) / min(two.wall for two in twos):.2f} ×",
            "≥ 1.8 ×",
        ),
        ("against mesa.batch_run over the plain engine", f"{work / span.wall / slow:,.0f} ×", ""),
        ("peak memory", f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB", "≤ 1,500 MB"),
    ]
    for row in rows:
        table.add_row(*row)
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
