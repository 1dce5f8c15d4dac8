"""Every rule as a reader should meet it: its sentence, its code, its source, its arguments and how far each can go.

All of it is read from the rule itself, from where the week calls it and from the parameter files, so that nothing here
can be out of date. A rule's curve is drawn by the rule's own, uncompiled function.
"""

from __future__ import annotations

import ast
import csv
import functools
import inspect
import math
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim import parameters
from sim.compiled import RULES
from sim.measure import DESCRIBE
from sim.parameters import Parameter
from sim.schedule import SCHEDULE, reached

ROOT = Path(__file__).parents[2]
PHASES = (*SCHEDULE, DESCRIBE)
STEPS = 80  # points of a curve, less one
_MOVES = 0.6  # of the greatest span: an argument that moves a rule about as much as any
WIDE = 4.0  # times its value: as far as the slider of a wide-ranging parameter goes
MOST = 20.0  # as far as it goes where the value is nothing
_LAWS = ("sim/laws_data/laws.csv", "tests/laws/checks.csv")
# How far an argument goes that neither a parameter file nor an interval in the rule's own words bounds.
_USUAL = (
    ("money", (0.0, 20.0)), ("per week", (0.0, 0.5)), ("weekly turnover", (0.0, 0.3)), ("weeks", (0.0, 52.0)),
    ("intervals", (0.0, 20.0)), ("minute", (0.0, 30.0)), ("utility", (-3.0, 3.0)), ("purchases", (0.0, 20.0)),
    ("count", (0.0, 20.0)), ("points", (0.0, 20.0)), ("≥ 1", (1.0, 10.0)),
)  # fmt: skip
_WHOLE = re.compile(r"\b(weeks|counts?|whether|only buyers|purchases|\d+ to \d+)\b")


@dataclass(frozen=True)
class Argument:
    """One argument of a rule. `parameter` is the number of the model that the week passes in, where it is one."""

    name: str
    meaning: str
    low: float
    high: float
    value: float
    step: float
    parameter: Parameter | None = None


@dataclass(frozen=True)
class RuleText:
    """A rule in words. `sentence` is the first paragraph of its docstring, `code` what it computes."""

    name: str
    sentence: str
    code: str
    result: str
    source: str
    file: str
    line: int
    evidence: str
    arguments: tuple[Argument, ...]


@functools.cache
def rules() -> dict[str, RuleText]:
    """All rules by name, in the order in which they were registered."""
    return {name: _text(name, rule.py_func) for name, rule in RULES.items()}


def phase_rules() -> dict[str, list[str]]:
    """The rules of each phase by the phase's name. `Phase.rules` says whose files it calls; this, which rules."""
    found = {}
    for phase in PHASES:
        called = {id(function) for function in reached(phase.steps)}
        found[phase.name] = [name for name, rule in RULES.items() if id(rule) in called]
    return found


def curve(name: str, values: Mapping[str, float], along: str) -> list[tuple[float, float | None]]:
    """What the rule gives as one argument goes through its range; None where it has no value."""
    text, function = rules()[name], RULES[name].py_func
    varied = next(one for one in text.arguments if one.name == along)
    n = min(STEPS, round((varied.high - varied.low) / varied.step)) if varied.step >= 1 else STEPS
    points = []
    for k in range(n + 1):
        x = varied.low + (varied.high - varied.low) * k / max(1, n)
        given = {one.name: values.get(one.name, one.value) for one in text.arguments} | {along: x}
        points.append((x, _value(function, given)))
    return points


def most_telling(name: str) -> str:
    """The argument to draw a rule along: the first of those that move it most, states before numbers of the model."""
    states_first = sorted(rules()[name].arguments, key=lambda one: one.parameter is not None)
    spans = {}
    for one in states_first:
        values = [y for _, y in curve(name, {}, one.name) if y is not None]
        spans[one.name] = max(values, default=0.0) - min(values, default=0.0)
    states = {one.name: spans[one.name] for one in states_first if one.parameter is None}
    among = states if any(states.values()) else spans
    return next(argument for argument, span in among.items() if span >= _MOVES * max(among.values()))


def settled(name: str, values: Mapping[str, Any]) -> dict[str, float]:
    """What a browser asks for, kept to the rule's own arguments and their ranges."""
    found = {}
    for one in rules()[name].arguments:
        value = values.get(one.name, one.value)
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        found[one.name] = min(max(float(value), one.low), one.high) if is_number else one.value
    return found


def laws() -> list[dict[str, str]]:
    """The published regularities that the model is held against, as rows; none where this installation has no table."""
    path = next((ROOT / name for name in _LAWS if (ROOT / name).is_file()), None)
    if path is None:
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


# ---------------------------------------------------------------- one rule


def _value(function: Any, given: Mapping[str, float]) -> float | None:
    try:
        value = float(function(*(_passed(x) for x in given.values())))
    except (ZeroDivisionError, OverflowError, ValueError):
        return None
    except TypeError:  # a power of a negative number is complex
        return None
    return value if math.isfinite(value) else None


def _passed(value: float) -> float:
    """Whole numbers as such: some rules count with them."""
    return int(value) if float(value).is_integer() else value


def _text(name: str, function: Any) -> RuleText:
    told = (inspect.getdoc(function) or "").split("\n\n", 1)
    sentence, rest = " ".join(told[0].split()), told[1] if len(told) > 1 else ""
    units, _, source = rest.partition("Source:")
    source = " ".join(source.split())
    result = " ".join(units.partition("→")[2].split())
    meanings = _meanings(units.partition("→")[0])
    evidence = "definition" if source.startswith("definition") else "illustrative" if source.startswith(
        "illustrative") else "literature"  # fmt: skip
    file = Path(inspect.getsourcefile(function) or "")
    arguments = tuple(_argument(name, one, meanings) for one in inspect.signature(function).parameters)
    return RuleText(
        name, sentence, _code(function), result, source, file.relative_to(ROOT).as_posix(),
        function.__code__.co_firstlineno, evidence, arguments,
    )  # fmt: skip


def _code(function: Any) -> str:
    """The rule's own statements, without signature and docstring."""
    source = inspect.cleandoc("\n" + inspect.getsource(function))
    body = ast.parse(source).body[0].body[1:]  # type: ignore[attr-defined]
    return inspect.cleandoc("\n" + "\n".join(source.splitlines()[body[0].lineno - 1 :]))


def _meanings(units: str) -> dict[str, str]:
    """Argument → what the docstring says of it, e.g. "share per week, [0, 1]"; "" for those it names as the rest."""
    found: dict[str, str] = {}
    for names, meaning in re.findall(r"([\w][\w, ]*?) : (.*?)(?=   |\n|$)", units):
        for name in names.split(", "):
            found[name.strip()] = meaning.strip()
    return found


def _argument(rule: str, name: str, meanings: Mapping[str, str]) -> Argument:
    rest = next((text for key, text in meanings.items() if key in ("all", "both") or name.endswith(_one(key))), "")
    meaning = meanings.get(name, rest)
    known = _parameters().get((rule, name)) or _named(rule.split(".")[0], name)
    low, high = _range(name, meaning, known)
    is_flag = name.startswith(("is_", "has_"))
    is_whole = known.is_whole if known else is_flag or _WHOLE.search(meaning) is not None
    if known is not None and known.value:
        value = float(known.value)
    elif known is not None:
        value = low + 0.25 * (high - low)  # where a lever is not in use, its rule would have nothing to show
    else:
        value = high if is_flag else low if "discount" in meaning else low + 0.5 * (high - low)
    value = min(max(round(value) if is_whole else value, low), high)
    return Argument(name, meaning, low, high, value, 1.0 if is_whole else (high - low) / 100, known)


def _one(key: str) -> str:
    """How the names end that a word such as "pulls" or "thresholds" stands for."""
    return {"thresholds": "_at", "pulls": "_pull"}.get(key, "\0")


def _range(name: str, meaning: str, known: Parameter | None) -> tuple[float, float]:
    """By the parameter file; else the interval that the docstring gives; else what is usual for such a number."""
    if known is not None:
        low, high, value = float(known.low), float(known.high), float(known.value)
        return (low, high) if high - low <= 2.0 else (low, min(high, max(WIDE * value, low + 1.0) if value else MOST))
    if interval := re.search(r"\[([−\d.]+), ([−\d.]+)\]", meaning):
        low, high = (float(end.replace("−", "-")) for end in interval.groups())
        return low, high
    if codes := re.search(r"(\d+) to (\d+)", meaning):
        return float(codes[1]), float(codes[2])
    if name.startswith(("is_", "has_")):
        return 0.0, 1.0
    low, high = next((reach for word, reach in _USUAL if word in meaning), (0.0, 1.0))
    return (high / 100.0 if low == 0.0 and "> 0" in meaning else low), high


# ---------------------------------------------------------------- where the numbers come from


def _named(stem: str, name: str) -> Parameter | None:
    """A number of that name in the rule's own file; of rules that several files share, the first one's."""
    files = parameters.catalogue()
    shared = (file[name] for file in files.values() if name in file)
    return files[stem].get(name) if stem in files else next(shared, None)


@functools.cache
def _parameters() -> dict[tuple[str, str], Parameter]:
    """(rule, argument) → the parameter that the week passes in there, read from the calls in the phases' modules."""
    known = {p.path.replace(".", "_"): p for file in parameters.catalogue().values() for p in file.values()}
    names = {id(rule): name for name, rule in RULES.items()}
    found: dict[tuple[str, str], Parameter] = {}
    steps: list[Any] = [step for phase in PHASES for step in phase.steps]  # compiled, so with a `py_func`
    for module in {step.py_func.__module__ for step in steps}:
        here = vars(sys.modules[module])
        for call in ast.walk(ast.parse(inspect.getsource(sys.modules[module]))):
            name = names.get(id(_called(call, here))) if isinstance(call, ast.Call) else None
            if name is None or not isinstance(call, ast.Call):
                continue
            arguments = list(inspect.signature(RULES[name].py_func).parameters)
            for argument, given in zip(arguments, call.args, strict=False):
                words = [node.attr for node in ast.walk(given) if isinstance(node, ast.Attribute)]
                if len(words) == 1 and words[0] in known:
                    found.setdefault((name, argument), known[words[0]])
    return found


def _called(call: ast.Call, here: Mapping[str, Any]) -> Any:
    target = call.func
    if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
        return getattr(here.get(target.value.id), target.attr, None)
    return here.get(target.id) if isinstance(target, ast.Name) else None
