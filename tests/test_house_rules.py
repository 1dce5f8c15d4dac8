"""Reads whether every behaviour is complete: rule, numbers and cases, three files with one stem."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.reading import ROOT, files, name, read_yaml, report, sources, tree

PARAMETER_KEYS = ("value", "unit", "range", "label", "meaning", "evidence", "source")
EVIDENCE = {"measured", "literature", "illustrative"}


def rule_files() -> list[Path]:
    return [path for path in sources("sim/rules") if path.name != "__init__.py"]


def rules_in(path: Path) -> list[ast.FunctionDef]:
    """The functions of one file that carry `@rule`, called or not, qualified or not."""

    def is_rule(decorator: ast.expr) -> bool:
        bare = decorator.func if isinstance(decorator, ast.Call) else decorator
        return ast.unparse(bare).split(".")[-1] == "rule"

    functions = (node for node in tree(path).body if isinstance(node, ast.FunctionDef))
    return [function for function in functions if any(map(is_rule, function.decorator_list))]


def test_every_rule_has_its_numbers_and_its_cases() -> None:
    faults = []
    stems = {path.stem for path in rule_files()}
    for folder in ("sim/params", "tests/cases"):
        there = {path.stem for path in files() if name(path.parent) == folder and path.suffix == ".yaml"}
        faults += [f"sim/rules/{stem}.py has no {folder}/{stem}.yaml. Please add it." for stem in stems - there]
    report(sorted(faults))


def test_every_rule_names_its_source_and_uses_all_its_arguments() -> None:
    faults = [
        f"{name(path)} has no function marked @rule. Please mark the one that states the behaviour."
        for path in rule_files()
        if not rules_in(path)
    ]
    for path in sources():
        for function in rules_in(path):
            where = f"{name(path)}, line {function.lineno}: {function.name}"
            if not re.search(r"^\s*Source: *\S", ast.get_docstring(function) or "", re.MULTILINE):
                faults.append(f"{where} names no source. Please add a line 'Source: …' to its docstring.")
            given = function.args
            arguments = [one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
            body = ast.Module(function.body, type_ignores=[])
            used = {node.id for node in ast.walk(body) if isinstance(node, ast.Name)}
            faults += [
                f"{where} never uses its argument {argument}. Please use it or take it out."
                for argument in arguments
                if argument not in used
            ]
    report(faults)


def test_every_rule_is_expected_in_a_case() -> None:
    faults = []
    for path in filter(rules_in, sources()):  # Policies have rules too.
        cases_path = ROOT / "tests" / "cases" / f"{path.stem}.yaml"
        cases = read_yaml(cases_path) if cases_path.is_file() else []
        if not (isinstance(cases, list) and all(isinstance(case, dict) for case in cases)):
            faults.append(f"{name(cases_path)} is not a list of cases. Please write '- name: …' for each.")
            continue
        for number, case in enumerate(cases, 1):
            missing = [key for key in ("name", "given", "expect") if not case.get(key)]
            if missing:
                faults.append(f"{name(cases_path)}, case {number}, lacks {', '.join(missing)}. Please fill it in.")
        expected = {function for case in cases for function in case.get("expect") or ()}
        faults += [
            f"{name(path)}: {function.name} is expected in no case of {name(cases_path)}. Please add one."
            for function in rules_in(path)
            if function.name not in expected
        ]
    report(faults)


def numbers_in(value: object) -> Iterator[object]:
    """The single values in a number, a list or a mapping of them."""
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from numbers_in(inner)
    else:
        yield value


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def faults_of_range(value: object, allowed: object) -> Iterator[str]:
    """What is wrong with a value and its range: [low, high] with null for no limit, or the words allowed."""
    values = list(numbers_in(value))
    if not isinstance(allowed, list) or not allowed:
        yield f"has the range {allowed!r}. Please write [low, high], with null for no limit"
    elif all(map(is_number, values)):
        if len(allowed) != 2 or not all(bound is None or is_number(bound) for bound in allowed):
            yield f"has the range {allowed!r}. Please write [low, high], with null for no limit"
            return
        low, high = (limit if bound is None else bound for bound, limit in zip(allowed, (-1e999, 1e999), strict=True))
        if not low <= high:
            yield f"has the range {allowed!r}, whose low end is above its high end"
        yield from (
            f"has the value {one}, outside of its range {allowed!r}" for one in values if not low <= one <= high
        )
    else:
        yield from (f"has the value {one!r}, which is not in {allowed!r}" for one in values if one not in allowed)


def faults_of_parameter(entry: object) -> Iterator[str]:
    if not isinstance(entry, dict):
        yield f"is {entry!r}. Please give it {', '.join(PARAMETER_KEYS)}"
        return
    missing = [key for key in PARAMETER_KEYS if entry.get(key) in (None, "", {}, [])]
    if missing:
        yield f"lacks {', '.join(missing)}. Please fill it in"
    label = entry.get("label")
    for language in ("en", "zh"):
        if not (isinstance(label, dict) and label.get(language)):
            yield f"has no label in {language}. Please write label: {{en: …, zh: …}}"
    if "evidence" not in missing and entry.get("evidence") not in EVIDENCE:
        yield f"has the evidence {entry.get('evidence')!r}. Please choose from {', '.join(sorted(EVIDENCE))}"
    if not {"value", "range"} & set(missing):
        yield from faults_of_range(entry["value"], entry["range"])


def test_every_parameter_is_complete_and_within_its_range() -> None:
    faults = []
    for path in files():
        if name(path.parent) != "sim/params" or path.suffix != ".yaml":
            continue
        entries = read_yaml(path) or {}
        if not isinstance(entries, dict):
            faults.append(f"{name(path)} is not a mapping of names to parameters. Please write 'name:' before each.")
            continue
        for parameter, entry in entries.items():
            faults += [f"{name(path)}: {parameter} {fault}." for fault in faults_of_parameter(entry)]
    report(faults)
