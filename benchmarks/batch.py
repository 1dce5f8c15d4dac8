"""Speed of a batch from end to end, files written: `python -m benchmarks.batch [--quick]`.

Beside it, in the same run, Mesa's own batch runner over the plain engine of the tests, since ratios are
steadier than seconds.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

import mesa
from rich.console import Console
from rich.table import Table

from sim.batch import cores, run_batch
from sim.engine import Engine
from sim.experiments import Experiment, experiment
from sim.scenario import load_scenario
from tests.reference import ReferenceMarket

CUSTOMERS, WEEKS = 5000, 104


class Collected(ReferenceMarket):
    """The plain engine as Mesa's batch runner wants it."""

    def __init__(self, plan, rng=None):
        super().__init__(plan)
        self.datacollector = mesa.DataCollector(model_reporters={"week": "week"})

    def step(self):
        """Live one week and collect."""
        super().step()
        self.datacollector.collect(self)


def study(points: int, seeds: int, kind: str = "levers") -> Experiment:
    """Two strategies over `points` prices (or return rates, which change the warm-up too) and `seeds` worlds."""
    price = {"pricing.list_price": {"from": 9, "to": 11, "steps": points}}
    rate = {"leave.return_rate": {"from": 0, "to": 0.02, "steps": points}}
    return experiment(
        scenario="_baseline", customers=CUSTOMERS, weeks=WEEKS, seeds=seeds, strategies=["4P", "4C"],
        **({"levers": price} if kind == "levers" else {"uncertainties": rate}),
    )  # fmt: skip


def seconds_of_batch(made: Experiment, workers: int) -> float:
    """Wall-clock seconds of a batch into a new folder."""
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        run_batch(made, Path(folder) / "out", workers=workers)
        return time.perf_counter() - begun


def seconds_of_engine(made: Experiment, times: int = 8) -> float:
    """Mean seconds that the engine alone needs for the reported weeks of one run, on one thread."""
    engines = []
    for k in range(times):
        strategy = made.strategies[k % 2]
        engines.append(Engine(made.plan(made.values(k % made.n_points), strategy, made.seeds[k % len(made.seeds)])))
        engines[-1].warm_up()
    begun = time.perf_counter()
    for engine in engines:
        engine.run()
    return (time.perf_counter() - begun) / times


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
    whole, part = (study(5, 5), study(5, 2)) if is_quick else (study(25, 20), study(10, 5))
    seconds_of_batch(study(2, 1), 1)  # compiled, and all imported
    console = Console(stderr=True)
    console.print(f"{whole.n_runs:,} runs on {cores()} workers …")
    seconds = seconds_of_batch(whole, cores())
    rate = whole.n_runs * CUSTOMERS * WEEKS / seconds
    lived = whole.n_runs * CUSTOMERS * WEEKS + 20 * CUSTOMERS * (whole.weeks_lived - WEEKS)
    console.print("One worker against two, and the engine alone, in turn …")
    ones, twos, alone = [], [], []
    for _ in range(1 if is_quick else 3):
        alone.append(seconds_of_engine(part))
        ones.append(seconds_of_batch(part, 1))
        twos.append(seconds_of_batch(part, 2))
    overhead = min(ones) / part.n_runs - min(alone)
    assumptions = study(5, 2, "assumptions") if is_quick else study(10, 5, "assumptions")
    other = assumptions.n_runs * CUSTOMERS * WEEKS / seconds_of_batch(assumptions, cores())
    console.print("mesa.batch_run …")
    slow = mesa_rate()
    table = Table(title=f"A batch on {cores()} cores: {whole.n_runs:,} runs × {CUSTOMERS:,} customers × {WEEKS} weeks")
    for head in ("Measured", "Here", "Aim"):
        table.add_column(head)
    rows = [
        ("customer-weeks per second, files written", f"{rate / 1e6:.1f} million in {seconds:.0f} s", "≥ 12 million"),
        ("the engine alone, one thread", f"{CUSTOMERS * WEEKS / min(alone) / 1e6:.1f} million", ""),
        ("weeks lived per week reported (shared warm-ups counted once)", f"{lived / (rate * seconds):.3f}", ""),
        ("overhead per run beyond the engine", f"{1e3 * overhead:.1f} ms", "≤ 5 ms"),
        ("two workers against one", f"{min(ones) / min(twos):.2f} ×", "≥ 1.8 ×"),
        ("where assumptions change the warm-up", f"{other / 1e6:.1f} million", ""),
        ("against mesa.batch_run over the plain engine", f"{rate / slow:,.0f} ×", ""),
        ("peak memory", f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB", "≤ 1,500 MB"),
    ]
    for row in rows:
        table.add_row(*row)
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
