"""crmsim: a teaching simulator of customer relationships.

>>> from sim import load_scenario, run, compare
>>> compare("coffee", "4P", "4C", seeds=5).table  # doctest: +SKIP

The names below are the public surface; they are imported when first used, so `import sim` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.engine import Engine
    from sim.lives import explain
    from sim.market import Market
    from sim.outcomes import OUTCOMES
    from sim.paired import Comparison, compare
    from sim.results import Run, run
    from sim.scenario import Faults, Scenario, load_scenario, scenario_from, shipped_scenarios
    from sim.schedule import SCHEDULE
    from sim.shapley import attribute

__version__ = "0.1.0"

_HOMES = {
    "Comparison": "paired", "compare": "paired", "Engine": "engine", "Market": "market", "OUTCOMES": "outcomes",
    "Run": "results", "run": "results", "Faults": "scenario", "Scenario": "scenario", "load_scenario": "scenario",
    "scenario_from": "scenario", "shipped_scenarios": "scenario", "SCHEDULE": "schedule", "explain": "lives",
    "attribute": "shapley",
}  # fmt: skip

__all__ = [
    "OUTCOMES", "SCHEDULE", "Comparison", "Engine", "Faults", "Market", "Run", "Scenario", "attribute", "compare",
    "explain", "load_scenario", "run", "scenario_from", "shipped_scenarios",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'sim' has no attribute '{name}'")
    value = getattr(importlib.import_module(f"sim.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
