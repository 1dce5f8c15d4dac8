"""The numbers of the model: one YAML file for each rule or policy, read into frozen, range-checked parameters.

An entry has value, unit, range, label, meaning, evidence and source; `kind: lever` marks what a firm decides. The same
entry is the slider, the tooltip, the row of the documentation and the validation.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from pathlib import Path
from types import MappingProxyType

import yaml

FOLDER = Path(__file__).parent / "params"
EVIDENCE = ("measured", "literature", "illustrative")


@dataclass(frozen=True)
class Parameter:
    """One number of the model or one lever of a firm."""

    file: str
    name: str
    value: float
    unit: str
    low: float
    high: float
    label: dict[str, str]
    meaning: dict[str, str]
    evidence: str
    source: str
    is_lever: bool = False
    is_whole: bool = False  # takes whole numbers only
    scales: bool = False  # counted in money per week or staff: grows with the market
    percent_of: str = ""  # "budget" or "reference_price": what "30%" is a share of
    group: str = ""  # lever group in the app
    step: float = 0.0  # of the slider; 0 lets the app choose
    covers: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """The dotted name, e.g. `pricing.list_price`."""
        return f"{self.file}.{self.name}"

    @property
    def _unit_in_words(self) -> str:
        return "" if self.unit == "1" else f" ({self.unit})"

    def fault(self, value: object) -> str | None:
        """A sentence that says why a value is not allowed, or None when it is."""
        if isinstance(value, bool | str) or not isinstance(value, Real) or not math.isfinite(float(value)):
            return f"{self.path} must be a number, not {value!r}."
        value = float(value)
        if not self.low <= value <= self.high:
            return f"{self.path} is {value:g} but must lie between {self.low:g} and {self.high:g}{self._unit_in_words}."
        if self.is_whole and value != int(value):
            return f"{self.path} is {value:g} but must be a whole number."
        return None


def _load(path: Path) -> dict[str, Parameter]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    entries = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
    parameters = {}
    for name, entry in entries.items():
        low, high = entry["range"]
        parameters[name] = Parameter(
            file=path.stem,
            name=name,
            value=entry["value"],
            unit=entry["unit"],
            low=low,
            high=high,
            label=entry["label"],
            meaning=entry["meaning"],
            evidence=entry["evidence"],
            source=entry["source"],
            is_lever=entry.get("kind") == "lever",
            is_whole=entry.get("whole", False),
            scales=entry.get("scales", False),
            percent_of=entry.get("percent_of", ""),
            group=entry.get("group", ""),
            step=entry.get("step", 0.0),
            covers=tuple(entry.get("covers", ())),
        )
    return parameters


@functools.cache
def catalogue() -> dict[str, dict[str, Parameter]]:
    """Every parameter and lever: file stem → name → Parameter, in the order of the files."""
    return {path.stem: _load(path) for path in sorted(FOLDER.glob("*.yaml"))}


@functools.cache
def constants() -> Mapping[str, dict[str, Parameter]]:
    """The parameters that are not levers: what we do not choose."""
    return MappingProxyType(_select(is_lever=False))


@functools.cache
def levers() -> Mapping[str, Parameter]:
    """The levers by dotted name: what a firm chooses."""
    return MappingProxyType({p.path: p for file in _select(is_lever=True).values() for p in file.values()})


def _select(*, is_lever: bool) -> dict[str, dict[str, Parameter]]:
    kept = {stem: {name: p for name, p in file.items() if p.is_lever is is_lever} for stem, file in catalogue().items()}
    return {stem: file for stem, file in kept.items() if file}
