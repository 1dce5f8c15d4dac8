"""What the entries of an experiment owe its scenario: strategies and outcomes that exist, factors that can be varied.

Every check works on the entries as they stand, whatever else is wrong, so that all faults are told at once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any

from sim.designs import SAMPLED, Factor, number_of_points
from sim.experiment_schema import DesignEntry, ExperimentEntry
from sim.outcomes import OUTCOMES
from sim.parameters import Parameter
from sim.safe_yaml import Fault, Faults, Path
from sim.scenario import Scenario, load_scenario
from sim.scenario_changes import CHANGEABLE, changed, misplaced
from sim.scenario_checks import OPENING
from sim.scenario_faults import Places, described, number
from sim.scenario_files import nearest
from sim.scenario_levers import Terms, all_constants, all_levers, settle
from sim.scenario_plan import market_paths

MOST_RUNS = 10_000_000
_WIDE = 1000  # a range that many times wider than a parameter's value only guards against slips


def is_set(path: str) -> bool:
    """Whether a path is one that `--set` takes (lever, parameter, market), not a place in the scenario's file."""
    return path.partition(".")[0] not in CHANGEABLE


class Checks:
    """Collects the faults of an experiment, and its scenario and factors on the way."""

    def __init__(self, places: Places, folder: FilePath | None, entry: ExperimentEntry | None) -> None:
        self.places, self.folder, self.entry = places, folder, entry
        self.data: dict[str, Any] = places.root.data
        self.faults: list[Fault] = []
        self.scenario: Scenario | None = None
        self.factors: list[Factor] = []

    def all(self) -> list[Fault]:
        """Every fault found."""
        self.load()
        self.outcomes()
        if self.scenario is not None:
            self.strategies(self.scenario)
            self.sets(self.scenario)
            for section in ("levers", "uncertainties"):
                for path, value in self.mapping(section).items():
                    self.factor(self.scenario, section, path, value)
        if self.entry is not None:
            self.sample(self.entry.design)
        if self.entry is not None and self.scenario is not None and not self.faults:
            self.design(self.entry, self.scenario)
        return self.faults

    def fault(self, path: Path, message: str, suggestion: str, at_key: bool = False) -> None:
        """Notes a fault, unless one was reported at its place before."""
        fault = self.places.fault(path, message, suggestion, at_key)
        if fault is not None and fault not in self.faults:
            self.faults.append(fault)

    def mapping(self, key: str) -> dict[str, Any]:
        """An entry if it is a mapping; what else it is gets reported as such by the schema."""
        value = self.data.get(key)
        return value if isinstance(value, dict) else {}

    def listed(self, key: str) -> list[Any]:
        """An entry if it is a list."""
        value = self.data.get(key)
        return value if isinstance(value, list) else []

    def load(self) -> None:
        """The scenario exists and is free of faults."""
        name = self.data.get("scenario")
        if not isinstance(name, str):
            return
        for beside in [self.folder / name, self.folder / f"{name}.yaml"] if self.folder else []:
            if beside.is_file():
                name = str(beside)
                break
        try:
            self.scenario = load_scenario(name)
        except Faults as error:
            for fault in error.faults:
                if fault.line:
                    self.faults.append(fault)
                else:
                    self.fault(("scenario",), fault.message, fault.suggestion)

    def strategies(self, story: Scenario) -> None:
        """Strategies are the scenario's, each named once."""
        known = list(story.strategies)
        names = self.listed("strategies")
        for index, name in enumerate(names):
            if isinstance(name, str) and name not in known:
                self.fault(("strategies", index), f'{story.name} has no strategy "{name[:60]}".', nearest(name, known))
            elif name in names[:index]:
                self.fault(("strategies", index), f'"{name}" stands here twice.', "Keep one of the two.")

    def outcomes(self) -> None:
        """Outcomes exist; a series has a weekly course."""
        for key in ("outcomes", "series"):
            names = self.listed(key)
            for index, name in enumerate(names):
                if not isinstance(name, str):
                    continue
                if name not in OUTCOMES:
                    self.fault((key, index), f'There is no outcome "{name[:60]}".', nearest(name, OUTCOMES))
                elif key == "series" and OUTCOMES[name].weekly is None:
                    message = f"{name} has no weekly course."
                    self.fault((key, index), message, "Put it under outcomes, where it is told for the whole time.")
                elif name in names[:index]:
                    self.fault((key, index), f'"{name}" stands here twice.', "Keep one of the two.")

    def sets(self, story: Scenario) -> None:
        """What is put to a value exists and is in its range."""
        for path, value in self.mapping("set").items():
            self.tried(story, ("set", path), {path: value})

    def tried(self, story: Scenario, place: Path, values: Mapping[str, Any]) -> bool:
        """Whether a plan can be made with these values; if not its faults are noted at the place."""
        sets = {path: value for path, value in values.items() if is_set(path)}
        rest = {path: value for path, value in values.items() if path not in sets}
        try:
            if rest:
                changed(story.entry, rest)
            story.plan(OPENING, sets=sets, weeks=1, warm_up=0)
        except Faults as error:
            for fault in error.faults:
                self.fault(place, fault.message, fault.suggestion)
            return False
        return True

    def factor(self, story: Scenario, section: str, path: str, value: Any) -> None:
        """A factor exists, stands in the right section, and its values are in range."""
        place: Path = (section, path)
        is_lever = path in all_levers()
        if is_lever is not (section == "levers") and (is_lever or self.is_known(story, path)):
            what = "a lever: the firm chooses it" if is_lever else "no lever: the firm does not choose it"
            other = "levers" if is_lever else "uncertainties"
            self.fault(place, f"{path} is {what}.", f"Put it under {other}.", at_key=True)
            return
        if path in self.mapping("set") or (section == "uncertainties" and path in self.mapping("levers")):
            self.fault(place, f"{path} is given twice.", "Either vary it or set it.", at_key=True)
            return
        if not self.is_known(story, path):
            known = [*all_levers()] if section == "levers" else [*all_constants(), *self.market(story)]
            otherwise = f"Or name a place in the scenario's file, beginning with {', '.join(CHANGEABLE)}."
            message = f"There is nothing called {path[:80]} to vary."
            self.fault(place, message, nearest(path, known, otherwise), at_key=True)
            return
        lost = None if is_set(path) else misplaced(story.entry, path)
        if lost is not None:
            self.fault(place, lost.message, lost.suggestion, at_key=True)
            return
        self.varied(story, place, path, value)

    def varied(self, story: Scenario, place: Path, path: str, value: Any) -> None:
        """The values that a factor takes."""
        parameter = all_levers().get(path) or all_constants().get(path)
        is_lever, is_whole = path in all_levers(), bool(parameter and parameter.is_whole)
        if isinstance(value, list):
            levels = [self.level(story, (*place, k), path, one) for k, one in enumerate(value)]
            known = [level for level in levels if level is not None]
            if not value:
                self.fault(place, f"{path} has no values.", "List some, or leave the entry empty for its own range.")
            elif len(set(known)) < len(known):
                self.fault(place, f"{path} lists a value twice.", "Keep each once.")
            elif len(known) == len(value):
                self.factors.append(Factor(path, is_lever, tuple(known), is_whole=is_whole))
            return
        if value is not None and not isinstance(value, dict):
            message = f"{path} must be a list of values or a range, not {described(value)}."
            self.fault(place, message, "Write [1, 2, 3] or {from: 1, to: 3}.")
            return
        given = value or {}
        for key in given:
            if key not in ("from", "to", "steps"):
                self.fault((*place, key), f'A range has no entry called "{key[:40]}".', "It has from, to and steps.")
        low, high = self.own_range(story, parameter)
        if (low is None or high is None) and not {"from", "to"} <= set(given):
            message = f"{path} has no range of its own that would be worth varying."
            self.fault(place, message, "Write {from: …, to: …}.", at_key=True)
            return
        low = self.level(story, (*place, "from"), path, given["from"]) if "from" in given else low
        high = self.level(story, (*place, "to"), path, given["to"]) if "to" in given else high
        steps = given.get("steps", 5)
        if isinstance(steps, bool) or not isinstance(steps, int) or not 2 <= steps <= 1000:
            self.fault((*place, "steps"), "steps must be a whole number from 2 to 1000.", "Write for example 5.")
        elif low is not None and high is not None:
            if not low < high:
                message = f"The range of {path} goes from {number(low)} to {number(high)}."
                self.fault(place, message, "Let from be less than to.")
            else:
                self.factors.append(Factor(path, is_lever, (), low, high, steps, is_whole))

    def level(self, story: Scenario, place: Path, path: str, value: Any) -> float | None:
        """One value of a factor as a number, or None with a fault."""
        if path in all_levers():
            wage = story.wage
            terms = Terms(float(story.market.budget), float(story.market.reference_price), wage)
            settled, complaint = settle(path, value, terms)
            if complaint is not None:
                self.fault(place, *complaint)
            return settled
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            is_share = isinstance(value, str) and value.strip().endswith("%")
            advice = "Only levers take percentages. Write the number." if is_share else "Write digits, such as 12."
            self.fault(place, f"{path} must be a number, not {described(value)}.", advice)
            return None
        return float(value) if self.tried(story, place, {path: value}) else None

    @staticmethod
    def own_range(story: Scenario, parameter: Parameter | None) -> tuple[float | None, float | None]:
        """The range that the parameter files give; spending goes up to the scenario's budget."""
        if parameter is None:
            return None, None
        if parameter.percent_of == "budget" and parameter.path != "service.agents":
            return parameter.low, float(story.market.budget)
        is_wide = parameter.high - parameter.low > _WIDE * max(1.0, abs(parameter.value))
        return (None, None) if is_wide else (parameter.low, parameter.high)

    def is_known(self, story: Scenario, path: str) -> bool:
        """Whether a path names something that can be varied. A place in the scenario's file is told by trying it."""
        return path in all_levers() or path in all_constants() or path in self.market(story) or not is_set(path)

    @staticmethod
    def market(story: Scenario) -> list[str]:
        """Paths of the market's numbers."""
        return [path for path in market_paths(story.market.model_dump()) if path != "market.network.kind"]

    def settled_row(self, row: Mapping[str, Any]) -> dict[str, float]:
        """A row of a list with all its values as numbers; checked before."""
        assert self.scenario is not None
        return {p: value for p, v in row.items() if (value := self.level(self.scenario, (), p, v)) is not None}

    def sample(self, design: DesignEntry) -> None:
        """A Sobol' sample is balanced only in powers of two."""
        if design.kind == "sobol" and design.points & (design.points - 1):
            below = 1 << (design.points.bit_length() - 1)
            message = f"The base sample of a sobol design must be a power of 2, not {design.points}."
            self.fault(("design", "points"), message, f"Write {below} or {2 * below}.")

    def design(self, entry: ExperimentEntry, story: Scenario) -> None:
        """The design suits the factors, and is not larger than anybody could run."""
        design = entry.design
        ranges = [factor for factor in self.factors if not factor.is_listed]
        if design.kind == "list":
            self.rows(design, story)
        elif design.rows:
            self.fault(("design", "rows"), "Only the design list has rows.", "Write kind: list.", at_key=True)
        if design.kind in SAMPLED and not ranges:
            message = f"The design {design.kind} samples ranges, but every factor lists its values."
            self.fault(("design",), message, "Give a range to at least one factor, or use full_factorial.")
        n_seeds = len(entry.seeds.each) if entry.seeds.each else entry.seeds.count
        runs = number_of_points(self.factors, design) * len(entry.strategies) * n_seeds
        if runs > MOST_RUNS:
            message = f"The experiment has {runs:,} runs, more than {MOST_RUNS:,}."
            self.fault(("design",), message, "Take fewer values, points or seeds.")

    def rows(self, design: DesignEntry, story: Scenario) -> None:
        """The rows of a list name the same factors, with values in range."""
        if self.factors:
            message = "In a list the rows say what is varied, not levers and uncertainties."
            self.fault(("design",), message, "Leave out levers and uncertainties, or choose another design.")
            return
        if not design.rows or not design.rows[0]:
            self.fault(("design",), "The list has no rows.", "Write rows: [{pricing.list_price: 4}, …].")
            return
        for path in design.rows[0]:
            if self.is_known(story, path):
                parameter = all_levers().get(path) or all_constants().get(path)
                whole = bool(parameter and parameter.is_whole)
                self.factors.append(Factor(path, path in all_levers(), is_whole=whole))
            else:
                message = f"There is nothing called {path[:80]} to vary."
                known = [*all_levers(), *all_constants(), *self.market(story)]
                self.fault(("design", "rows", 0, path), message, nearest(path, known), at_key=True)
        for index, row in enumerate(design.rows):
            if set(row) != set(design.rows[0]):
                message = "This row names other factors than the first."
                self.fault(("design", "rows", index), message, "Let every row name the same.")
            else:
                for path, value in row.items():
                    if any(factor.path == path for factor in self.factors):
                        self.level(story, ("design", "rows", index, path), path, value)
