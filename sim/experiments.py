"""Experiments: a scenario, what is varied in it, in which worlds, and what is kept. Read from a file or from Python.

`load_experiment("price_or_convenience")` is a shipped study, `load_experiment("mine.yaml")` a file, and
`experiment(scenario="coffee", …)` the same in Python. Every fault is told at once, with file, line and column.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from sim.designs import Factor, Points, points_of
from sim.experiment_checks import Checks, is_set
from sim.experiment_schema import SHORT, ExperimentEntry
from sim.plan import Plan
from sim.safe_yaml import Document, Fault, Faults, Node, node_of
from sim.scenario import Scenario, load_scenario
from sim.scenario_changes import changed
from sim.scenario_faults import Places, schema_faults
from sim.scenario_files import nearest, read_file, shipped_folder
from sim.scenario_plan import build_plan


@dataclass(frozen=True)
class Experiment:
    """An experiment that has been checked. A *run* is one point under one strategy in one world."""

    name: str
    file: str
    text: str
    entry: ExperimentEntry
    scenario: Scenario
    factors: tuple[Factor, ...]
    seeds: tuple[int, ...]

    @property
    def strategies(self) -> tuple[str, ...]:
        """Strategies that every point is run under; the first is what the others are compared with."""
        return tuple(self.entry.strategies)

    @property
    def levers(self) -> tuple[Factor, ...]:
        """What the firm chooses."""
        return tuple(factor for factor in self.factors if factor.is_lever)

    @property
    def uncertainties(self) -> tuple[Factor, ...]:
        """What it does not choose."""
        return tuple(factor for factor in self.factors if not factor.is_lever)

    @functools.cached_property
    def points(self) -> Points:
        """The design's points."""
        return points_of(self.factors, self.entry.design)

    @property
    def n_points(self) -> int:
        """How many points are run."""
        return len(self.points.values)

    @property
    def n_runs(self) -> int:
        """How many runs there are: points × strategies × seeds."""
        return self.n_points * len(self.strategies) * len(self.seeds)

    @property
    def customers(self) -> int:
        """Customers in each run."""
        return int(self.entry.customers or self.scenario.market.customers)

    @property
    def weeks(self) -> int:
        """Reported weeks of each run."""
        return int(self.entry.weeks or self.scenario.market.weeks)

    @property
    def weeks_lived(self) -> int:
        """Weeks of each run, warm-up included."""
        return self.weeks + int(self.scenario.market.warm_up)

    def seed(self, point: int, replication: int) -> int:
        """The seed of a run: that of its replication, or where points are not paired one of its own."""
        seed = self.seeds[replication]
        if self.entry.paired:
            return seed
        sequence = np.random.SeedSequence(seed, spawn_key=(point, replication))
        return int(sequence.generate_state(1, np.uint64)[0] >> np.uint64(1))

    def plan(self, values: Mapping[str, float], strategy: str, seed: int) -> Plan:
        """The plan of one run. Raises Faults where a point asks for what cannot be."""
        sets = {path: value for path, value in values.items() if is_set(path)}
        rest = {path: value for path, value in values.items() if path not in sets}
        entry = changed(self.scenario.entry, rest) if rest else self.scenario.entry
        return build_plan(
            entry,
            self.scenario.name,
            strategy,
            customers=self.entry.customers,
            weeks=self.entry.weeks,
            warm_up=None,
            seed=seed,
            sets={**self.entry.set, **sets},
            levers={},
        )

    def values(self, point: int) -> dict[str, float]:
        """Path → value of one point."""
        return {f.path: float(v) for f, v in zip(self.factors, self.points.values[point], strict=True)}

    @functools.cached_property
    def identity(self) -> str:
        """What decides the results, as one hash: the experiment, its scenario and its points."""
        digest = hashlib.sha256(self.entry.model_dump_json(exclude={"title", "question", "covers"}).encode())
        digest.update(self.scenario.text_hash.encode())
        digest.update(np.ascontiguousarray(self.points.values).tobytes())
        return digest.hexdigest()

    def __getstate__(self) -> dict[str, Any]:
        """Without the points: a worker is sent those it runs."""
        _ = self.identity  # which a worker could not tell without them
        kept = ("identity", "name", "file", "text", "entry", "scenario", "factors", "seeds")
        return {name: getattr(self, name) for name in kept}


def shipped_experiments() -> list[str]:
    """The names of the shipped studies, in order."""
    return sorted(path.stem for path in (shipped_folder() / "experiments").glob("*.yaml"))


def load_experiment(name_or_path: str | Path) -> Experiment:
    """A shipped study by its name, or an experiment from a file.

    Raises
    ------
    Faults
        With everything that is wrong, including that there is no such experiment.
    """
    path = Path(name_or_path)
    shipped = shipped_folder() / "experiments" / f"{name_or_path}.yaml"
    if not path.suffix and shipped.is_file():
        path = shipped
    if not path.is_file():
        beside = [one.name for one in sorted(path.parent.glob("*.yaml"))[:200]] if path.parent.is_dir() else []
        message = f"There is no experiment {str(name_or_path)[:80]}."
        raise Faults([Fault("", 0, 0, message, nearest(path.name, [*shipped_experiments(), *beside]))])
    document, text = read_file(path)
    return _made(document, path.stem, text.decode("utf-8", "replace"), path.parent)


def experiment(name: str = "experiment", folder: str | Path | None = None, **entries: Any) -> Experiment:
    """An experiment from Python: keywords are the entries of an experiment file, checked in the same way.

    Only `scenario` must be given. `scenario` may be a shipped name, a path, or the name of a file in `folder`; a
    keyword may be any mapping, list or number that the file could hold.

    Raises
    ------
    Faults
        With everything that is wrong.
    """
    data = {"title": name, **{key: value for key, value in entries.items() if value is not None}}
    data = {key: str(value) if isinstance(value, Path) else value for key, value in data.items()}
    root = node_of(data, name)
    return _made(Document(name, root, []), name, "", None if folder is None else Path(folder))


def check(path: str | Path) -> list[Fault]:
    """Everything that is wrong with a file, be it an experiment (which names a `scenario`) or a scenario."""
    try:
        if is_experiment(path):
            load_experiment(path)
        else:
            load_scenario(path)
    except Faults as error:
        return error.faults
    return []


def is_experiment(path: str | Path) -> bool:
    """Whether a file is an experiment: one that names the `scenario` it varies."""
    root = read_file(Path(path))[0].root if Path(path).is_file() else None
    return root is not None and isinstance(root.content, dict) and "scenario" in root.content


def _made(document: Document, name: str, text: str, folder: Path | None) -> Experiment:
    """The experiment of a document, or all its faults."""
    faults = list(document.faults)
    root = document.root
    if root is None or not isinstance(root.content, dict):
        if not faults:
            at = (1, 1) if root is None else root.at
            is_empty = root is None or root.content is None
            message = (
                "The file is empty." if is_empty else "An experiment is a mapping of entries, but this is not one."
            )
            faults.append(Fault(document.file, *at, message, "Begin with a title, a scenario and what is varied."))
        raise Faults(faults)
    root = _spelled_out(root)
    places, entry = Places(root), None
    try:
        entry = ExperimentEntry.model_validate(root.data)
    except ValidationError as error:
        faults += [
            replace(fault, message=fault.message.replace("The scenario has", "The experiment has"))
            for fault in schema_faults(error, ExperimentEntry, places)
        ]
    checks = Checks(places, folder, entry)
    faults += checks.all()
    if faults or entry is None or checks.scenario is None:
        raise Faults(sorted(faults, key=lambda fault: (fault.file != document.file, fault.line, fault.column)))
    first = checks.scenario.seed if entry.seeds.first is None else entry.seeds.first
    seeds = entry.seeds.each or range(first, first + entry.seeds.count)
    made = Experiment(name, document.file, text, entry, checks.scenario, tuple(checks.factors), tuple(seeds))
    if entry.design.kind == "list":
        rows = [checks.settled_row(row) for row in entry.design.rows]
        design = entry.design.model_copy(update={"rows": rows})
        made = replace(made, entry=entry.model_copy(update={"design": design}))
    return made


def _spelled_out(root: Node) -> Node:
    """The root with short forms as the mappings they stand for; what they hold keeps its place in the file."""
    content = dict(root.content)
    for (name, kind), key in SHORT.items():
        node = content.get(name)
        if node is not None and isinstance(node.content, kind) and not isinstance(node.content, bool):
            content[name] = Node({key: node}, node.file, node.at, node.key_at, node.is_faulty)
    return replace(root, content=content)
