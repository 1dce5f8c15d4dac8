"""Results are a contract: the outcomes of every shipped scenario, kept beside the tests.

When a change moves them on purpose: `make baselines`, and say *Results changed* and why in CHANGELOG.md.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

import pytest
import yaml

from sim.results import run
from sim.scenario import shipped_scenarios

FOLDER = Path(__file__).parent / "baselines"
STRATEGIES = ("4P", "4C", "4R")
SIZE = {"customers": 600, "weeks": 52, "seed": 1}
TOLERANCE = 1e-6  # relative: machines may round the last digits differently
NAMES = ["_baseline", *shipped_scenarios()]


def measured(name: str) -> dict[str, dict[str, float | None]]:
    """Every outcome of the first firm under each preset; None where it has no value."""
    outcomes = {strategy: run(name, strategy, **SIZE).outcomes for strategy in STRATEGIES}
    return {
        strategy: {key: float(f"{value:.10g}") if math.isfinite(value) else None for key, value in values.items()}
        for strategy, values in outcomes.items()
    }


@pytest.mark.parametrize("name", NAMES)
def test_results_have_not_moved(name: str) -> None:
    kept = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    moved = [
        f"{strategy}.{key}: {kept[strategy].get(key)} before, {value} now"
        for strategy, values in measured(name).items()
        for key, value in values.items()
        if not _same(kept[strategy].get(key), value)
    ]
    assert not moved, (
        f"Results of {name} moved:\n  " + "\n  ".join(moved) + "\nIf that is meant, run `make baselines` and write "
        "'Results changed' with the reason into CHANGELOG.md."
    )


def _same(before: float | None, now: float | None) -> bool:
    if before is None or now is None:
        return before is now
    return math.isclose(before, now, rel_tol=TOLERANCE, abs_tol=1e-9)


def test_every_baseline_belongs_to_a_scenario() -> None:
    strays = {path.stem for path in FOLDER.glob("*.yaml")} - set(NAMES)
    assert not strays, f"There is no scenario for the baselines of {sorted(strays)}. Please delete them."


if __name__ == "__main__":
    for scenario in NAMES:
        text = yaml.safe_dump(measured(scenario), sort_keys=False)
        (FOLDER / f"{scenario}.yaml").write_text(text, encoding="utf-8")
        print(f"Kept the results of {scenario}.", file=sys.stderr)
