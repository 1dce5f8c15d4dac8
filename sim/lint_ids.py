"""Which curriculum ids a scenario can show: through the model's phases and measures, and through what is in it."""

from __future__ import annotations

from collections.abc import Iterable

from sim.measures import MEASURES
from sim.outcomes import OUTCOMES
from sim.parameters import constants
from sim.scenario import Scenario
from sim.scenario_levers import all_levers
from sim.schedule import SCHEDULE


def shown_by() -> dict[str, dict[str, list[str]]]:
    """Id → "phase", "measure", "parameter" or "lever" → what covers it there, read from the model itself."""
    found: dict[str, dict[str, list[str]]] = {}

    def note(ids: Iterable[str], kind: str, name: str) -> None:
        for one in ids:
            found.setdefault(one, {}).setdefault(kind, []).append(name)

    for phase in SCHEDULE:
        note(phase.covers, "phase", phase.name)
    for name, outcome in OUTCOMES.items():
        note(outcome.covers, "measure", name)
    for name, measure in MEASURES.items():
        note(measure.covers, "measure", name)
    for entries in constants().values():
        for parameter in entries.values():
            note(parameter.covers, "parameter", parameter.path)
    for path, lever in all_levers().items():
        note(lever.covers, "lever", path)
    return found


def ids_not_shown(
    scenario: Scenario, dead: Iterable[str], covers: Iterable[str] | None = None
) -> dict[str, str]:  # fmt: skip
    """Ids that are claimed (by the scenario, unless others are given) and cannot be shown → what would show them."""
    known, missing, dead = shown_by(), {}, set(dead)
    types = {segment.customer_type for segment in scenario.segments}
    for one in scenario.covers if covers is None else covers:
        by = known.get(one, {})
        levers = by.get("lever", [])
        if one == "D15" and not scenario.entry.events:
            missing[one] = "an event on a date"
        elif one == "D12" and not scenario.entry.trends:
            missing[one] = "a trend of some weight over the years"
        elif one == "D4" and len(types) < 2:
            missing[one] = "segments of more than one customer type"
        elif not by:
            missing[one] = f"nothing in the model shows {one} yet"
        elif levers and set(levers) <= dead and set(by) == {"lever"}:
            missing[one] = f"a market in which {levers[0]} matters"
    return missing
