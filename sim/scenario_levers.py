"""Lever values as scenarios write them: numbers, or shares of the budget or reference price like "30%"."""

from __future__ import annotations

import difflib
import functools
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sim.parameters import Parameter, constants, levers
from sim.scenario_faults import described, number, number_advice
from sim.scenario_files import nearest

AGENTS = "service.agents"
WAGE = "service.wage"
_PERCENT = re.compile(r"\s*([-+]?[0-9]+(?:\.[0-9]+)?)\s*%\s*\Z")

# What is wrong with a value and the way out.
Complaint = tuple[str, str]


@dataclass(frozen=True)
class Terms:
    """What percentages are shares of. None: not known, since it is itself at fault."""

    budget: float | None
    reference_price: float | None
    wage: float | None


def all_levers() -> Mapping[str, Parameter]:
    """The levers by dotted name; `levers` is what a strategy's own are called here."""
    return levers()


@functools.cache
def all_constants() -> dict[str, Parameter]:
    """The other parameters by dotted name."""
    return {p.path: p for file in constants().values() for p in file.values()}


def default_levers() -> dict[str, float]:
    """Every lever at its default."""
    return {path: float(lever.value) for path, lever in all_levers().items()}


def weekly_budget(values: Mapping[str, float], wage: float) -> float:
    """Money a week that a firm spends by decision: all spending, and its service agents at their wage."""
    spend = sum(values.get(path, 0.0) for path, lever in all_levers().items() if lever.scales and path != AGENTS)
    return spend + values.get(AGENTS, 0.0) * wage


def lever_complaint(path: str) -> Complaint | None:
    """Why there is no such lever, or None when there is."""
    if path in all_levers():
        return None
    if path in all_constants():
        return f"{path} is a parameter of the model, not a lever.", "Put it under parameters."
    stem, _, name = path.partition(".")
    in_file = [known.partition(".")[2] for known in all_levers() if known.startswith(f"{stem}.")]
    if in_file:
        close = difflib.get_close_matches(name[:60], in_file, n=1)
        advice = f"Did you mean {close[0]}?" if close else f"{stem} has {', '.join(in_file)}."
    else:
        stems = dict.fromkeys(known.partition(".")[0] for known in all_levers())
        alike = difflib.get_close_matches(stem[:60], stems, n=1)
        in_file = [known for known in all_levers() if alike and known.startswith(f"{alike[0]}.")]
        advice = nearest(path, in_file, "" if in_file else f"Levers begin with {', '.join(stems)}.")
    return f"There is no lever {path[:80]}.", advice


def settle(path: str, value: Any, terms: Terms) -> tuple[float | None, Complaint | None]:
    """The number a lever's value stands for, and what is wrong with it. Both None: cannot be told yet."""
    lever = all_levers()[path]
    if isinstance(value, str):
        percent = _PERCENT.match(value)
        if percent is None:
            return None, (f"{path} must be a number, not {described(value)}.", number_advice(value))
        share = float(percent[1]) / 100
        if not lever.percent_of:
            why = f"{path} cannot be a percentage, since it is no share of the budget or the price."
            return None, (why, f"Write {number(share)} if you mean that number.")
        whole, complaint_of_whole = _whole(path, lever, terms)
        if whole is None:
            return None, complaint_of_whole
        value = share * whole
    complaint = number_complaint(lever, value)
    return (float(value), None) if complaint is None else (None, complaint)


def number_complaint(parameter: Parameter, value: Any) -> Complaint | None:
    """Why a lever or parameter cannot have this value, and the way out; or None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"{parameter.path} must be a number, not {described(value)}.", number_advice(value)
    if abs(value) > 1e15 and isinstance(value, int):
        value = 1e15 if value > 0 else -1e15  # beyond every range, and safe to compare and print
    complaint = parameter.fault(value)
    if complaint is None:
        return None
    if not math.isfinite(value):
        complaint = f"{parameter.path} must be a finite number, not {number(value)}."
    return complaint, advice_in_range(parameter, value)


def _whole(path: str, lever: Parameter, terms: Terms) -> tuple[float | None, Complaint | None]:
    """What 100% of a lever is."""
    if lever.percent_of == "reference_price":
        return terms.reference_price, None
    if path != AGENTS:
        return terms.budget, None
    if terms.wage == 0:
        complaint = f"{path} cannot be a share of the budget, since agents cost nothing here."
        return None, (complaint, "Write the number of agents.")
    if terms.budget is None or terms.wage is None:
        return None, None
    return terms.budget / terms.wage, None


def advice_in_range(parameter: Parameter, value: float) -> str:
    """The nearest value that a lever or parameter may have."""
    if value != value:
        return f"Write a number from {number(parameter.low)} to {number(parameter.high)}."
    close = min(max(value, parameter.low), parameter.high)
    if parameter.is_whole:
        close = round(close)
    return f"The nearest value allowed is {number(close)}."


def flat(tree: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
    """The dotted names and values in a tree of levers."""
    for stem, entries in tree.items():
        for name, value in entries.items():
            yield f"{stem}.{name}", value
