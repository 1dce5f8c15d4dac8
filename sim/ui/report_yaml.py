"""The scenario file and the commands that bring a report's numbers about again, outside of the lab."""

from __future__ import annotations

from typing import Any

import yaml

from sim.parameters import levers
from sim.scenario import OPENING, Scenario, shipped_scenarios, weekly_budget
from sim.scenario_checks import TOLERANCE
from sim.ui.state import LabState, Side
from sim.ui.texts import label, said

FILE = "report.yaml"


def scenario_yaml(state: LabState) -> str:
    """A scenario that extends the report's, with its seed and, by letter, the strategies that a file may hold.

    A file with a strategy beyond the budget is refused; `commands` reaches those from their presets, lever by lever.
    """
    scenario = state.scenario
    plain = {
        "extends": scenario.name,
        "seed": int(state.seed),
        "strategies": {
            side.letter: _strategy(side, scenario) for side in state.sides if _is_affordable(side, scenario)
        },
    }
    head = said("report_yaml_head", state.language, file=FILE)
    if scenario.name not in shipped_scenarios():
        head += " " + said("report_yaml_own", state.language, file=f"{scenario.name}.yaml")
    body = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=1000, default_flow_style=False)
    return f"# {head}\n{body}"


def commands(state: LabState, worlds: int) -> list[str]:
    """What to type, strategy by strategy, and the comparisons."""
    found = []
    for side in state.sides:
        if _is_affordable(side, state.scenario):
            found.append(f"crmsim run {FILE} --strategy {side.letter} --seed {state.seed}")
        else:
            sets = " ".join(f"--set {path}={side.levers[path]:.10g}" for path in side.changed)
            found.append(f"crmsim run {state.scenario.name} --strategy {side.preset} --seed {state.seed} {sets}")
    letters = [side.letter for side in state.sides if _is_affordable(side, state.scenario)]
    return [*found, *(f"crmsim compare {FILE} {letters[0]} {other} --seeds {worlds}" for other in letters[1:])]


def _is_affordable(side: Side, scenario: Scenario) -> bool:
    return weekly_budget(side.levers, scenario.wage) <= float(scenario.market.budget) * (1.0 + TOLERANCE)


def _strategy(side: Side, scenario: Scenario) -> dict[str, Any]:
    """The levers that stand elsewhere than at the opening, as a tree."""
    opening, tree = scenario.strategies[OPENING].levers, dict[str, dict[str, float]]()
    for path, value in side.levers.items():
        if value != opening[path]:
            file, name = path.split(".")
            number = int(value) if levers()[path].is_whole or float(value).is_integer() else float(value)
            tree.setdefault(file, {})[name] = number
    known = scenario.strategies[side.preset].label
    return {"label": {language: f"{side.letter}: {label(known, language)}" for language in known}, "levers": tree}
