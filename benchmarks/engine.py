"""Speed and memory of the engine, in one run: `make bench` or `python -m benchmarks.engine [--quick]`.

Each figure stands beside what was aimed at. Ratios are steadier than seconds: machines differ and drift.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from rich.console import Console
from rich.progress import track
from rich.table import Table

SCENARIO, STRATEGY = "_baseline", "4C"


def best_of(action: Callable[[], object], times: int) -> float:
    """Fewest seconds that an action took."""
    spans = []
    for _ in range(times):
        start = time.perf_counter()
        action()
        spans.append(time.perf_counter() - start)
    return min(spans)


# Every mechanism at once, on top of the baseline's 4C.
EVERYTHING = {
    "programme.points_per_purchase": 1, "programme.reward_points": 10, "programme.reward_value": 4,
    "programme.referral_points": 2, "tiers.vip_share": 0.1, "tiers.key_share": 0.2, "tiers.privilege": 0.2,
    "tiers.priority": 0.5, "personal.depth": 0.1, "online.spend": 50, "crm.spend": 50, "training.spend": 50,
    "reseller.margin": 0.1, "acquisition.spend": 20, "acquisition.aim": 2, "winback.spend": 20, "wake.spend": 20,
    "retention.spend": 20, "campaign.holdout": 0.1, "range.addon_price": 3, "range.upgrade_premium": 0.2,
    "responsibility.spend": 20, "community.spend": 20, "service.self_service": 0.2, "service.let_go_loss": 50,
}  # fmt: skip


def engine_ns(
    customers: int, scenario: str = SCENARIO, times: int = 5, levers: dict[str, float] | None = None
) -> float:
    """Nanoseconds per customer-week on one thread, building the population not counted."""
    from sim.engine import Engine
    from sim.scenario import load_scenario

    plan = load_scenario(scenario).plan(STRATEGY, customers=customers, levers=levers)
    engines = [Engine(plan) for _ in range(times)]
    spans = []
    for engine in engines:
        start = time.perf_counter()
        engine.run()
        spans.append(time.perf_counter() - start)
    return min(spans) / (customers * (plan.warm_up + plan.weeks)) * 1e9


def reference_ns(customers: int = 300, weeks: int = 20) -> float:
    """Nanoseconds per customer-week of the plain engine of the tests, on the same market."""
    from sim.scenario import load_scenario
    from tests.reference import ReferenceMarket

    market = ReferenceMarket(load_scenario(SCENARIO).plan(STRATEGY, customers=customers, weeks=weeks, warm_up=0))
    return best_of(market.run, 1) / (customers * weeks) * 1e9


def threads_ratio(customers: int = 10_000) -> float:
    """Throughput of two runs on two threads over one run after the other."""
    from sim.engine import Engine
    from sim.scenario import load_scenario

    plan = load_scenario(SCENARIO).plan(STRATEGY, customers=customers)

    def one_after_the_other() -> None:
        for _ in range(2):
            Engine(plan).run()

    def side_by_side() -> None:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda _: Engine(plan).run(), range(2)))

    return best_of(one_after_the_other, 3) / best_of(side_by_side, 3)


def seconds_of(command: list[str], **environment: str) -> float:
    """Wall-clock seconds of a whole process."""
    start = time.perf_counter()
    subprocess.run([sys.executable, *command], check=True, capture_output=True, env=os.environ | environment)
    return time.perf_counter() - start


def large_run(customers: int) -> tuple[float, float]:
    """Seconds of `customers` × 104 weeks, population included, and peak bytes per customer above an idle engine."""
    code = (
        "import resource, time\n"
        "from sim.engine import Engine\n"
        "from sim.scenario import load_scenario\n"
        f"story = load_scenario('{SCENARIO}')\n"
        f"Engine(story.plan('{STRATEGY}', customers=1000, weeks=2, warm_up=0)).run()\n"
        "idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "start = time.perf_counter()\n"
        f"engine = Engine(story.plan('{STRATEGY}', customers={customers}, weeks=104, warm_up=0))\n"
        "engine.run()\n"
        "print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - idle)\n"
    )
    printed = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    seconds, kilobytes = map(float, printed.split()[-2:])
    return seconds, kilobytes * 1024 / customers


def main() -> None:
    """Measure everything and print one table."""
    is_quick = "--quick" in sys.argv[1:]
    large = 50_000 if is_quick else 1_000_000
    rows: list[tuple[str, str, str]] = []
    engine_ns(300, times=1)  # compiled, or loaded from the cache
    steps: list[Callable[[], list[tuple[str, str, str]]]] = [
        lambda: _engine_rows(2_000 if is_quick else 10_000),
        lambda: [("two threads against one after the other", f"{threads_ratio():.2f} ×", "≥ 1.7 ×")],
        lambda: _large_rows(large),
        lambda: _process_rows(is_quick),
    ]
    for step in track(steps, description="Measuring", console=Console(stderr=True)):
        rows += step()
    table = Table(title=f"The engine on {os.cpu_count()} cores, scenario {SCENARIO}, strategy {STRATEGY}")
    for head in ("Measured", "Here", "Aim"):
        table.add_column(head)
    for row in rows:
        table.add_row(*row)
    Console(width=110).print(table)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"Peak memory of this process: {peak:.0f} MB.")


def _engine_rows(customers: int) -> list[tuple[str, str, str]]:
    fast, slow = engine_ns(customers), reference_ns()
    rows = [(f"{SCENARIO}, {customers:,} customers, one thread", f"{fast:.0f} ns per customer-week", "≤ 120 ns")]
    everything = engine_ns(customers, times=3, levers=EVERYTHING)
    rows += [("the same with every mechanism on", f"{everything:.0f} ns per customer-week", "≤ 200 ns")]
    rows += [
        (
            f"{name}, {customers:,} customers, one thread",
            f"{engine_ns(customers, name, 3):.0f} ns per customer-week",
            "",
        )
        for name in ("coffee", "telecom", "grocer")
    ]
    return [*rows, ("against the plain engine of the tests", f"{slow / fast:.0f} × as fast", "≥ 60 ×")]


def _large_rows(customers: int) -> list[tuple[str, str, str]]:
    seconds, size = large_run(customers)
    return [
        (f"{customers:,} customers × 104 weeks", f"{seconds:.1f} s", "≤ 30 s"),
        ("peak memory of that run", f"{size:.0f} bytes per customer", "≤ 500 bytes"),
    ]


def _process_rows(is_quick: bool) -> list[tuple[str, str, str]]:
    whole = ["-m", "sim", "run", SCENARIO, "--customers", "10000", "--json"]
    rows = [
        (
            "import sim, beyond bare Python",
            f"{max(0.0, seconds_of(['-c', 'import sim']) - seconds_of(['-c', ''])):.2f} s",
            "≤ 0.8 s",
        ),
        ("crmsim run, 10,000 × 104, whole process", f"{min(seconds_of(whole) for _ in range(3)):.2f} s", "≤ 3 s"),
    ]
    if not is_quick:
        with tempfile.TemporaryDirectory() as empty:
            first = seconds_of([*whole[:-2], "300", "--json"], XDG_CACHE_HOME=empty)
        rows.append(("first run ever, compilation included", f"{first:.1f} s", "≤ 40 s"))
    return rows


if __name__ == "__main__":
    main()
