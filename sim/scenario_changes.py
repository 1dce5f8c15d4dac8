"""Changes a scenario's numbers by their place in the file: `firms.grocer.unit_cost`, `types.*.need_rate.shape`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from sim.safe_yaml import Fault, Faults, node_of
from sim.scenario_faults import Places, schema_faults
from sim.scenario_files import nearest
from sim.scenario_schema import ScenarioEntry

CHANGEABLE = ("types", "segments", "firms")


def changed(entry: ScenarioEntry, values: Mapping[str, float]) -> ScenarioEntry:
    """The scenario with the numbers at some paths changed; `*` stands for every name. Shares are scaled to add up.

    Raises
    ------
    Faults
        Where a path leads nowhere, or a number cannot stand there.
    """
    data = entry.model_dump(exclude_unset=True)
    for path, value in values.items():
        for holder, key in _places(data, path):
            holder[key] = value
    try:
        return ScenarioEntry.model_validate(data)
    except ValidationError as error:
        raise Faults(schema_faults(error, ScenarioEntry, Places(node_of(data)))) from None


def misplaced(entry: ScenarioEntry, path: str) -> Fault | None:
    """What is wrong with the path itself, whatever number were to stand there; None where there is such a place."""
    data = entry.model_dump(exclude_unset=True)
    key = path.rpartition(".")[2]
    try:
        for holder, _ in _places(data, path):
            holder[key] = 1.0
        ScenarioEntry.model_validate(data)
    except Faults as error:
        return error.faults[0]
    except ValidationError as error:
        faults = schema_faults(error, ScenarioEntry, Places(node_of(data)))
        return next((fault for fault in faults if f'no entry called "{key[:40]}' in fault.message), None)
    return None


def _places(data: dict[str, Any], path: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Where the number of a path stands: the mappings that hold it, and its key there."""
    *steps, key = path.split(".")
    if len(steps) < 2 or steps[0] not in CHANGEABLE:
        advice = f"A path into the scenario begins with {', '.join(CHANGEABLE)}, such as types.*.need_rate.shape."
        raise Faults([Fault("", 0, 0, f"There is nothing called {path[:80]} to vary.", advice)])
    holders = [data]
    for depth, step in enumerate(steps):
        found = []
        for holder in holders:
            if step == "*":
                found += [one for one in holder.values() if isinstance(one, dict)]
            elif step in holder or depth > 1:  # a segment may leave a trait to its type
                found.append(holder.setdefault(step, {}))
            else:
                message = f"{path[:80]} leads nowhere: there is no {step[:40]} in {'.'.join(steps[:depth])}."
                raise Faults([Fault("", 0, 0, message, nearest(step, holder))])
        holders = [one for one in found if isinstance(one, dict)]
    for holder in holders:
        yield holder, key
