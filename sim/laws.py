"""Published regularities beside what the market does: one row for each law, measured by the function of its name.

`sim/laws_data/laws.csv` holds what was published: the number, its band and its source. The functions that measure stand
in `laws_theory` (limits of the model), `laws_market` (records of the default market) and `laws_experiments` (paired
worlds): `bgn_4` measures BGN-4, and its docstring says how.
"""

from __future__ import annotations

import csv
import functools
import inspect
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np

from sim import laws_contract, laws_experiments, laws_market, laws_satisfaction, laws_service, laws_theory

DATA = Path(__file__).parent / "laws_data"
SEEDS = (1, 2, 3, 4, 5)  # of the table in docs/laws.md and of the tests
ENOUGH = 0.85  # share of the laws of tier B that must hold
TIERS = {"A": "exact theory", "B": "the market as shipped", "C": "shape or disputed figure"}
Measure = Callable[[int], float]
Progress = Callable[[int, int], None]
_MODULES: tuple[ModuleType, ...] = (
    laws_theory, laws_market, laws_satisfaction, laws_contract, laws_experiments, laws_service,
)  # fmt: skip


@dataclass(frozen=True)
class Law:
    """One row of the table of published numbers.

    low, high : the published band, two-sided; never widened here
    market : the scenario it is measured in, or "limit" where all else is switched off
    basis : "theory", "calibrated" (parameters were chosen with this row in view) or "prediction"
    nature : "imposed" where a rule or a set-up puts it in, "emerges" where it follows from other rules
    reason : why it does not hold, where it does not
    """

    id: str
    law: str
    tier: str
    setup: str
    statistic: str
    target: str
    low: float
    high: float
    tolerance_basis: str
    source: str
    market: str
    basis: str
    nature: str
    reason: str

    @property
    def measure(self) -> Measure:
        """The function that measures it from a seed."""
        return measures()[self.id]

    @property
    def how(self) -> str:
        """How it is measured: the first paragraph of the function's docstring, as one line."""
        return " ".join((inspect.getdoc(self.measure) or "").split("\n\n")[0].split())


@dataclass(frozen=True)
class Finding:
    """A law, and what the market did: one number for each seed."""

    law: Law
    values: tuple[float, ...]

    @property
    def simulated(self) -> float:
        """The mean over seeds; not a number where there is none."""
        return float(np.mean(self.values))

    @property
    def holds(self) -> bool:
        """Whether the mean lies within the published band."""
        return self.law.low <= self.simulated <= self.law.high

    @property
    def verdict(self) -> str:
        """In words: holds, or does not."""
        return "holds" if self.holds else "does not hold"

    @property
    def nature(self) -> str:
        """Imposed (put in), emerges, or not reproduced."""
        return self.law.nature if self.holds else "not reproduced"


@functools.cache
def catalogue() -> dict[str, Law]:
    """Every law by its id, in the order of the table."""
    lines = (DATA / "laws.csv").read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    laws = [Law(**row | {"low": float(row["low"]), "high": float(row["high"])}) for row in rows]  # type: ignore[arg-type]
    return {law.id: law for law in laws}


@functools.cache
def measures() -> dict[str, Measure]:
    """The function that measures each law, by the law's id: `bgn_4` for BGN-4."""
    found: dict[str, Measure] = {}
    for module in _MODULES:
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and re.fullmatch(r"[a-z]+_\d+", name):
                found[name.upper().replace("_", "-")] = function
    return found


def chosen(ids: Iterable[str]) -> list[Law]:
    """The laws of some ids or of whole groups ("BGN", "BGN-4", in any case); all of them for none.

    Raises ValueError that names every id nobody knows.
    """
    wanted = [one.upper() for one in ids]
    known = catalogue()
    groups = {law.split("-")[0] for law in known}
    unknown = [one for one in wanted if one not in known and one not in groups]
    if unknown:
        raise ValueError(
            f"There is no law {', '.join(unknown)}. Laws are written like BGN-4; "
            f"the groups are {', '.join(sorted(groups))}."
        )
    return [law for law in known.values() if not wanted or law.id in wanted or law.id.split("-")[0] in wanted]


def measured(laws: Sequence[Law], seeds: Sequence[int] = SEEDS, progress: Progress | None = None) -> dict[str, Finding]:
    """What the market does about each law. Seed by seed, so that laws share the runs they read.

    Raises ValueError without a seed.
    """
    if not seeds:
        raise ValueError("Laws are measured on at least one seed.")
    values: dict[str, list[float]] = {law.id: [] for law in laws}
    for k, seed in enumerate(seeds):
        for j, law in enumerate(laws):
            values[law.id].append(law.measure(seed))
            if progress is not None:
                progress(k * len(laws) + j + 1, len(seeds) * len(laws))
    return {law.id: Finding(law, tuple(values[law.id])) for law in laws}


def holding(findings: Iterable[Finding], tier: str) -> tuple[int, int]:
    """How many findings of a tier hold, and how many there are."""
    of_tier = [finding.holds for finding in findings if finding.law.tier == tier]
    return sum(of_tier), len(of_tier)
