"""Which idea of the curriculum is where: rules, levers, measures, scenarios and lessons, read from the files.

Every rule names its ids in a docstring line `Covers: A1, E4`; parameters, levers, outcomes, measures, scenarios and
lessons name theirs in `covers`. Nothing is listed by hand.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path

import yaml

from sim import parameters
from sim.measures import MEASURES
from sim.outcomes import OUTCOMES
from sim.scenario import load_scenario, shipped_folder, shipped_scenarios

# The rows of the curriculum: A1 to A4, B1 to B10, …
IDS = tuple(f"{row}{n}" for row, last in zip("ABCDE", (4, 10, 7, 16, 14), strict=True) for n in range(1, last + 1))
_RULE_FOLDERS = ("rules", "policies")
_COVERS = re.compile(r"^\s*Covers: *(.+?)\s*$", re.MULTILINE)


@dataclass
class Coverage:
    """Where one idea of the curriculum is found: names in each kind of file, in the order of the files."""

    rules: list[str] = field(default_factory=list)
    levers: list[str] = field(default_factory=list)
    parameters: list[str] = field(default_factory=list)
    measures: list[str] = field(default_factory=list)
    scenarios: list[str] = field(default_factory=list)
    lessons: list[str] = field(default_factory=list)


KINDS = tuple(one.name for one in fields(Coverage))


def coverage() -> dict[str, Coverage]:
    """Curriculum id → where it is found, for every id from A1 to E14.

    Raises
    ------
    ValueError
        If a file names an id that the curriculum does not have; every such file is told.
    """
    table = {one: Coverage() for one in IDS}
    strangers = []
    for kind, name, ids in _found():
        for one in ids:
            if one in table:
                getattr(table[one], kind).append(name)
            else:
                strangers.append(f"{name} ({kind}) covers '{one}', which is not in the curriculum (A1 to E14).")
    if strangers:
        raise ValueError("\n".join(strangers))
    return table


def rules_and_ids() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every rule by its qualified name, e.g. `leave.memory_left`, with the ids its docstring names (maybe none)."""
    for folder in _RULE_FOLDERS:
        for path in sorted((Path(__file__).parent / folder).glob("*.py")):
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.FunctionDef) and "rule" in map(ast.unparse, node.decorator_list):
                    named = _COVERS.search(ast.get_docstring(node) or "")
                    yield f"{path.stem}.{node.name}", _ids(named.group(1).split(",") if named else ())


def _found() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """(kind, name, ids) of everything that names ids."""
    for name, ids in rules_and_ids():
        yield "rules", name, ids
    for file in parameters.catalogue().values():
        for one in file.values():
            yield ("levers" if one.is_lever else "parameters"), one.path, one.covers
    for name, outcome in OUTCOMES.items():
        yield "measures", name, outcome.covers
    for name, measure in MEASURES.items():
        yield "measures", name, measure.covers
    for name in shipped_scenarios():
        yield "scenarios", name, load_scenario(name).covers
    for path in sorted(shipped_folder().with_name("lessons").glob("*/lesson.yaml")):
        lesson = yaml.safe_load(path.read_text(encoding="utf-8"))
        yield "lessons", path.parent.name, _ids(lesson.get("covers") or ())


def _ids(texts: Iterable[object]) -> tuple[str, ...]:
    return tuple(str(text).strip() for text in texts)
