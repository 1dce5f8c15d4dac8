"""What the entries of a scenario owe one another: names that exist, shares that add up, levers in range.

Every check works on the entries as they stand, whatever else is wrong with the scenario, so that all faults
are told at once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, TypeGuard

from sim.parameters import constants
from sim.safe_yaml import Fault, Path
from sim.scenario_faults import Places, dotted, number
from sim.scenario_files import nearest
from sim.scenario_levers import (
    AGENTS,
    WAGE,
    Terms,
    all_constants,
    all_levers,
    default_levers,
    lever_complaint,
    number_complaint,
    settle,
    weekly_budget,
)
from sim.scenario_schema import TypeEntry, WeightsEntry

OPENING = "opening"
COMPARABLE = ("4P", "4C", "4R")  # presets that must cost the same
TOLERANCE = 0.01
_NEEDED = {
    "weights": tuple(WeightsEntry.model_fields),
    "need_rate": ("mean",),
    "deal_proneness": ("mean",),
    "complaint": ("mean",),
    "forgiveness": ("mean",),
    "moving": ("mean",),
}


class Checks:
    """Collects the faults of a merged scenario."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.faults: list[Fault] = []
        self.data: dict[str, Any] = places.root.data
        self.opening: dict[str, float] | None = None
        self.firms = list(self.mapping(self.data.get("firms")))

    def all(self) -> list[Fault]:
        """Every fault found."""
        self.types()
        self.segments()
        self.parameters()
        self.firm_levers()
        self.strategies()
        self.events()
        return self.faults

    def fault(self, path: Path, message: str, suggestion: str, at_key: bool = False) -> None:
        """Notes a fault, unless one was reported at its place before."""
        fault = self.places.fault(path, message, suggestion, at_key)
        if fault is not None:
            self.faults.append(fault)

    @staticmethod
    def mapping(value: Any) -> dict[str, Any]:
        """The value if it is a mapping; other kinds have been reported."""
        return value if isinstance(value, dict) else {}

    def entries(self, *path: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """The entries of a mapping of mappings."""
        value: Any = self.data
        for step in path:
            value = self.mapping(value).get(step)
        for name, entry in self.mapping(value).items():
            yield name, self.mapping(entry)

    def types(self) -> None:
        """A type has every trait; a segment may leave them to its type."""
        for name, entry in self.entries("types"):
            for trait, field in TypeEntry.model_fields.items():
                if field.default is not None or trait == "label":  # it has a value of its own
                    continue
                value = entry.get(trait)
                if trait not in entry:
                    self.missing(("types", name, trait))
                for part in _NEEDED.get(trait, ()):
                    if isinstance(value, dict) and part not in value:
                        self.missing(("types", name, trait, part))

    def missing(self, path: Path) -> None:
        """A trait that a type lacks."""
        advice = "Give it, or extend _baseline and use the types there."
        self.fault(path, f"{dotted(path)} is missing.", advice, at_key=True)

    def segments(self) -> None:
        """Types and firms named exist; shares add up to 1."""
        known = list(self.mapping(self.data.get("types")))
        for name, entry in self.entries("segments"):
            path: Path = ("segments", name, "types")
            types = entry.get("types")
            if isinstance(types, str):
                self.known(path, types, known, "customer type")
            for one in self.mapping(types):
                self.known((*path, one), one, known, "customer type", at_key=True)
            self.adds_up(path, self.mapping(types))
            for firm in self.mapping(entry.get("fit")):
                self.known(("segments", name, "fit", firm), firm, self.firms, "firm", at_key=True)
            growth = self.mapping(entry.get("growth"))
            first, last = growth.get("first"), growth.get("last")
            if _is_number(first) and _is_number(last) and last < first:
                message = f"The growth of {name[:60]} ends in week {last}, before it begins in week {first}."
                self.fault(("segments", name, "growth", "last"), message, f"Give a week from {first} on.")
        shares = {name: entry.get("share") for name, entry in self.entries("segments")}
        self.adds_up(("segments",), shares)

    def known(self, path: Path, name: str, names: list[str], what: str, at_key: bool = False) -> None:
        """A name that is used has been defined."""
        if name not in names:
            self.fault(path, f'There is no {what} called "{name[:60]}".', nearest(name, names), at_key)

    def adds_up(self, path: Path, shares: dict[str, Any]) -> None:
        """Shares sum to 1, but for rounding."""
        if not shares or not all(_is_number(share) and share <= 1 for share in shares.values()):
            return
        total = sum(shares.values())
        if abs(total - 1) > TOLERANCE:
            what = "The shares of the segments" if path == ("segments",) else f"The shares in {dotted(path)}"
            change = f"{abs(total - 1):.4g} {'less' if total > 1 else 'more'}"
            message = f"{what} add up to {total:.4g}, not to 1."
            self.fault(path, message, f"Give them {change} in all.", at_key=True)

    def parameters(self) -> None:
        """Parameters exist and lie in their ranges."""
        files = constants()
        for stem, entries in self.mapping(self.data.get("parameters")).items():
            known_levers = [lever for lever in all_levers() if lever.startswith(f"{stem}.")]
            if stem not in files and not known_levers:
                message = f"There are no parameters called {stem[:60]}."
                self.fault(("parameters", stem), message, nearest(stem, files), at_key=True)
                continue
            for name, value in self.mapping(entries).items():
                path = ("parameters", stem, name)
                if f"{stem}.{name}" in known_levers:
                    message = f"{stem}.{name} is a lever, not a parameter."
                    self.fault(path, message, "Put it under the levers of a firm or strategy.", at_key=True)
                elif name not in files.get(stem, {}):
                    message = f"There is no parameter {stem}.{name[:60]}."
                    self.fault(path, message, nearest(name, files.get(stem, {})), at_key=True)
                elif complaint := number_complaint(files[stem][name], value):
                    self.fault(path, *complaint)

    def terms(self) -> Terms:
        """What percentages are shares of, as far as it can be told."""
        market = self.mapping(self.data.get("market"))
        wage = all_constants()[WAGE]
        given = self.mapping(self.mapping(self.data.get("parameters")).get("service")).get("wage", wage.value)

        def usable(value: Any) -> float | None:
            return float(value) if _is_number(value) and value <= 1e15 else None

        return Terms(usable(market.get("budget")), usable(market.get("reference_price")), usable(given))

    def levers(self, path: Path, tree: Any) -> dict[str, float] | None:
        """The levers in a tree as numbers; None when one of them has a fault."""
        values: dict[str, float] | None = {}
        for stem, entries in self.mapping(tree).items():
            if not any(known.startswith(f"{stem}.") for known in all_levers()):
                stems = dict.fromkeys(known.partition(".")[0] for known in all_levers())
                message = f"There are no levers called {stem[:60]}."
                self.fault((*path, stem), message, nearest(stem, stems), at_key=True)
                values = None
                continue
            for name, value in self.mapping(entries).items():
                settled = self.lever((*path, stem, name), f"{stem}.{name}", value)
                if settled is None or values is None:
                    values = None
                else:
                    values[f"{stem}.{name}"] = settled
        return values

    def lever(self, path: Path, lever: str, value: Any) -> float | None:
        """A lever's value as a number; None, with a fault, if it cannot be."""
        complaint = lever_complaint(lever)
        if complaint is not None:
            self.fault(path, *complaint, at_key=True)
            return None
        settled, complaint = settle(lever, value, self.terms())
        if complaint is not None:
            self.fault(path, *complaint)
        return settled

    def firm_levers(self) -> None:
        """Every firm's opening levers exist and lie in their ranges."""
        for index, (name, entry) in enumerate(self.entries("firms")):
            values = self.levers(("firms", name, "levers"), entry.get("levers"))
            if index == 0 and values is not None:
                self.opening = {**default_levers(), **values}
                self.affordable(("firms", name, "levers"), f'The opening of "{name[:40]}"', self.opening)

    def strategies(self) -> None:
        """Strategies can be paid for, and the comparable ones cost the same."""
        costs: dict[str, float] = {}
        for name, entry in self.entries("strategies"):
            path = ("strategies", name)
            if name == OPENING:
                message = 'The name "opening" is taken: it means the opening levers alone.'
                self.fault(path, message, "Choose another name.", at_key=True)
            values = self.levers((*path, "levers"), entry.get("levers"))
            if values is not None and self.opening is not None:
                whole = {**self.opening, **values}
                cost = self.affordable(path, f'The strategy "{name[:40]}"', whole)
                if cost is not None:
                    costs[name] = cost
        compared = {name: costs[name] for name in COMPARABLE if name in costs}
        for name, cost in compared.items():
            first = next(iter(compared))
            if abs(cost - compared[first]) > TOLERANCE * max(cost, compared[first]):
                message = f"{name} costs {number(cost)} a week, but {first} costs {number(compared[first])}."
                advice = "Strategies called 4P, 4C and 4R are compared at equal budgets: change their spending."
                self.fault(("strategies", name), message, advice, at_key=True)

    def affordable(self, path: Path, what: str, values: dict[str, float]) -> float | None:
        """The weekly cost of levers, which the market's budget must cover."""
        terms = self.terms()
        if terms.budget is None or terms.wage is None:
            return None
        cost = weekly_budget(values, terms.wage)
        if cost > terms.budget * (1 + TOLERANCE):
            message = f"{what} costs {number(cost)} a week, more than the budget of {number(terms.budget)}."
            advice = f"Spend {number(cost - terms.budget)} less, or raise market.budget"
            if values[AGENTS] * terms.wage > terms.budget / 2:
                agents = f"{number(values[AGENTS])} agents alone cost {number(values[AGENTS] * terms.wage)}"
                advice = f"{advice}: {agents}"
            advice += "."
            self.fault(path, message, advice, at_key=True)
        return cost

    def events(self) -> None:
        """Events fall into the horizon, concern firms that exist and levers in range."""
        events = self.data.get("events")
        weeks = self.mapping(self.data.get("market")).get("weeks")
        for index, event in enumerate(events if isinstance(events, list) else []):
            event = self.mapping(event)
            week, firm = event.get("week"), event.get("firm")
            if _is_number(week) and _is_number(weeks) and week >= weeks:
                message = f"This event begins in week {number(week)}, but the last week is {number(weeks - 1)}."
                self.fault(("events", index, "week"), message, "Choose an earlier week or more market.weeks.")
            if isinstance(firm, str):
                self.known(("events", index, "firm"), firm, self.firms, "firm")
            for lever, value in self.mapping(event.get("set")).items():
                self.lever(("events", index, "set", lever), lever, value)
            for lever in self.mapping(event.get("scale")):
                complaint = lever_complaint(lever)
                if complaint is not None:
                    self.fault(("events", index, "scale", lever), *complaint, at_key=True)


def _is_number(value: Any) -> TypeGuard[float]:
    is_plain = isinstance(value, int | float) and not isinstance(value, bool)
    return is_plain and abs(value) < 1e300 and math.isfinite(value) and value >= 0
