"""What the entries of a lesson owe one another: names that exist, rules that can be read, one right answer each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sim.lesson_goals import GRAMMAR, SPENDING, measures, parse
from sim.outcomes import OUTCOMES
from sim.safe_yaml import Fault, Faults, Path
from sim.scenario import Scenario
from sim.scenario_faults import Places, dotted
from sim.scenario_files import nearest
from sim.scenario_levers import Terms, all_levers, lever_complaint, settle


class LessonChecks:
    """Collects the faults of a lesson. Without a scenario, or its strategies' names, what needs them is left out."""

    def __init__(self, places: Places, scenario: Scenario | None, strategies: list[str] | None) -> None:
        self.places = places
        self.faults: list[Fault] = []
        self.data: dict[str, Any] = places.root.data
        self.scenario = scenario
        self.strategies = strategies
        self.experiments = list(_mapping(self.data.get("experiments")))

    def all(self) -> list[Fault]:
        """Every fault found."""
        self.forecast()
        for name, entry in _mapping(self.data.get("experiments")).items():
            self.experiment(name, _mapping(entry))
        self.questions()
        self.variants()
        self.debrief()
        return self.faults

    def fault(self, path: Path, message: str, suggestion: str, at_key: bool = False) -> None:
        """Notes a fault, unless one was reported at its place before."""
        found = self.places.fault(path, message, suggestion, at_key)
        if found is not None:
            self.faults.append(found)

    def known(self, path: Path, name: Any, names: list[str] | None, what: str, at_key: bool = False) -> None:
        """A name that is used has been defined."""
        if isinstance(name, str) and names is not None and name not in names:
            self.fault(path, f'There is no {what} called "{name[:60]}".', nearest(name, names), at_key)

    def forecast(self) -> None:
        """Strategies and outcomes exist, ranges have a width, and reasons can be tested."""
        entry = _mapping(self.data.get("forecast"))
        for key in ("strategy", "versus"):
            self.known(("forecast", key), entry.get(key), self.strategies, "strategy")
        for k, guess in _items(entry.get("outcomes")):
            path: Path = ("forecast", "outcomes", k)
            self.known((*path, "outcome"), guess.get("outcome"), list(OUTCOMES), "outcome")
            self.rising((*path, "range"), guess.get("range"))
        for k, reason in _items(entry.get("reasons")):
            self.rules(("forecast", "reasons", k, "holds"), reason.get("holds"), list(OUTCOMES))

    def experiment(self, name: str, entry: dict[str, Any]) -> None:
        """Strategies, levers and goals of an experiment; its name is no strategy's."""
        path: Path = ("experiments", name)
        if self.strategies is not None and name in self.strategies:
            message = f'The name "{name}" is that of a strategy.'
            self.fault(path, message, "Call the experiment otherwise, since a debrief may name both.", at_key=True)
        for key in ("versus", "start"):
            self.known((*path, key), entry.get(key), self.strategies, "strategy")
        given = entry.get("levers")
        levers = dict.fromkeys(given) if isinstance(given, list) else _mapping(given)
        for k, (lever, ends) in enumerate(levers.items()):
            place: Path = (*path, "levers", k if isinstance(given, list) else lever)
            complaint = lever_complaint(str(lever))
            if complaint is not None:
                self.fault(place, *complaint, at_key=not isinstance(given, list))
            elif isinstance(ends, list) and len(ends) == 2 and self.scenario is not None:
                self.ends(place, str(lever), ends, self.scenario)
        self.rules((*path, "goals"), entry.get("goals"), measures())

    def ends(self, path: Path, lever: str, ends: list[Any], scenario: Scenario) -> None:
        """A lever's range lies in what the lever allows, and has a width."""
        market = scenario.market
        terms = Terms(float(market.budget), float(market.reference_price), scenario.wage)
        numbers = []
        for k, end in enumerate(ends):
            value, complaint = settle(lever, end, terms)
            if complaint is not None:
                self.fault((*path, k), *complaint)
            elif value is not None:
                numbers.append(value)
        if len(numbers) == 2 and not numbers[0] < numbers[1]:
            self.fault(path, f"The range of {lever} does not rise.", "Write the lower end first.")

    def rules(self, path: Path, rules: Any, names: list[str]) -> None:
        """Measures exist, and their thresholds can be read and refer to strategies that exist."""
        for name, text in _mapping(rules).items():
            self.known((*path, name), name, names, "outcome", at_key=True)
            if not isinstance(text, str):
                continue
            threshold = parse(text)
            if threshold is None:
                self.fault((*path, name), f'"{text[:60]}" cannot be read as a goal.', f"Write it like: {GRAMMAR}.")
            elif threshold.reference:
                self.known((*path, name), threshold.reference, self.strategies, "strategy")

    def rising(self, path: Path, ends: Any) -> None:
        """A range has a width."""
        is_pair = isinstance(ends, list) and len(ends) == 2 and all(isinstance(end, int | float) for end in ends)
        if is_pair and not ends[0] < ends[1]:
            self.fault(path, f"{dotted(path)} does not rise.", "Write the lower end first.")

    def questions(self) -> None:
        """Each question has one right answer."""
        for k, question in _items(self.data.get("questions")):
            right = [option for _, option in _items(question.get("options")) if option.get("is_right") is True]
            if len(right) != 1:
                message = f"questions[{k}] has {len(right)} right answers."
                self.fault(("questions", k, "options"), message, "Mark exactly one with is_right: true.", at_key=True)

    def variants(self) -> None:
        """What a private world draws can be set, and both ends are allowed. Levers are the student's to set."""
        for path, ends in _mapping(self.data.get("variants")).items():
            place: Path = ("variants", path)
            if path in all_levers():
                self.fault(place, f"{path} is a lever, which students set.", "Vary parameters or the market.", True)
                continue
            self.rising(place, ends)
            for k, end in enumerate(ends if isinstance(ends, list) and self.scenario is not None else []):
                try:
                    self.scenario.plan(sets={path: end})  # type: ignore[union-attr]
                except Faults as error:
                    self.fault((*place, k), error.faults[0].message, error.faults[0].suggestion)

    def debrief(self) -> None:
        """Pairs name strategies or experiments, and outcomes."""
        names = None if self.strategies is None else [*self.strategies, *self.experiments]
        for k, pair in _items(self.data.get("debrief")):
            for side in ("a", "b"):
                self.known(("debrief", k, side), pair.get(side), names, "strategy or experiment")
            for n, outcome in enumerate(pair.get("outcomes") or []):
                known = [name for name in measures() if name != SPENDING]
                self.known(("debrief", k, "outcomes", n), outcome, known, "outcome")


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _items(value: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    for k, item in enumerate(value if isinstance(value, list) else []):
        yield k, _mapping(item)
