"""The week: what the schedule says of it, what the compiled loop does, and what the page about the model tells."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from sim import (
    act,
    aftermath,
    bonding,
    books,
    chance,
    contact,
    dormancy,
    network,
    offer,
    population,
    schedule,
    shopping,
    survey,
    week,
    world,
)
from sim.compiled import RULES
from sim.schedule import SCHEDULE, Phase
from tests.reading import ROOT, report

NAMES = [phase.name for phase in SCHEDULE]
DECLARED = {
    "customer": {c.name for c in population.CUSTOMER},
    "relation": {c.name for c in population.RELATION},
    "firm": set(world._FIRM),
    "news": {c.name for c in population.HEARD},
    "tally": set(world.TALLY),
}
# Arrays of records by the name that phases call them, and what one of their records is called.
TABLES = {
    "customers": "customer", "relations": "relation", "firms": "firm", "heard": "news", "tallies": "tally",
}  # fmt: skip
MODULES = (act, contact, offer, dormancy, week, shopping, bonding, aftermath, books)
OF_THE_WEEK = {module.__name__ for module in MODULES}
READ_OFF = {"loyalty"}  # rules that no phase calls: what they say is read off the customers afterwards


def syntax(function: Any) -> ast.Module:
    return ast.parse(textwrap.dedent(inspect.getsource(getattr(function, "py_func", function))))


def called(function: Any) -> Iterator[Any]:
    """What a function calls, in the order of its source, as far as it is compiled or from a module of ours."""
    there = getattr(function, "py_func", function).__globals__
    calls = [node.func for node in ast.walk(syntax(function)) if isinstance(node, ast.Call)]
    for target in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        if isinstance(target, ast.Name):
            found = there.get(target.id)
        elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
            owner = there.get(target.value.id)
            found = getattr(owner, target.attr, None) if isinstance(owner, ModuleType) else None
        else:
            continue
        if hasattr(found, "py_func"):
            yield found


def reached(*functions: Any) -> list[Any]:
    """Everything compiled that functions call, directly or not, themselves included."""
    found, waiting = [], list(functions)
    while waiting:
        function = waiting.pop()
        if function not in found:
            found.append(function)
            waiting += called(function)
    return found


def phase_of(step: Any) -> int | None:
    """The number of the phase that a function is a step of."""
    return next((number for number, phase in enumerate(SCHEDULE) if step in phase.steps), None)


def own(phase: Phase) -> list[Any]:
    """The steps of a phase and the helpers they call, but for what other phases are made of, and rules."""
    foreign = [step for other in SCHEDULE if other is not phase for step in other.steps]
    found, waiting = [], list(phase.steps)
    while waiting:
        function = waiting.pop()
        if function in found or function in foreign or function in RULES.values():
            continue
        if function.py_func.__module__ in OF_THE_WEEK:
            found.append(function)
            waiting += called(function)
    return found


def stems(functions: list[Any]) -> set[str]:
    """The files of those functions that are rules."""
    return {name.split(".")[0] for name, rule in RULES.items() if rule in functions}


def test_the_loop_walks_through_the_phases_in_the_order_of_the_schedule() -> None:
    steps = list(called(schedule.advance))
    at = steps.index(schedule.live)
    steps[at : at + 1] = called(schedule.live)
    order = [(step.py_func.__name__, phase_of(step)) for step in steps]
    bookkeeping = [step for step, number in order if number is None]
    assert bookkeeping == ["still_in_need"], f"{bookkeeping} is called in the week, but is no step of any phase."
    numbers = [number for _, number in order if number is not None]
    assert numbers == sorted(numbers), f"The loop leaves the order of the schedule: {order}."
    missing = [NAMES[number] for number in set(range(len(SCHEDULE))) - set(numbers)]
    assert not missing, f"The loop never comes to {missing}."


def test_every_step_of_a_phase_is_taken() -> None:
    walked = reached(schedule.advance)
    report(
        [
            f"{step.py_func.__name__} is a step of {phase.name}, but the loop never takes it."
            for phase in SCHEDULE
            for step in phase.steps
            if step not in walked
        ]
    )


def test_the_phases_are_eleven_and_each_asks_a_question() -> None:
    wanted = ["events", "act", "hear", "trust", "choose", "experience", "judge", "bond", "tell", "leave", "account"]
    assert wanted == NAMES, f"The week is {NAMES} instead of {wanted}."
    report([f"{p.name} asks {p.question!r}." for p in SCHEDULE if not p.question.endswith("?")])
    report([f"{p.name} covers no idea of the curriculum." for p in SCHEDULE if not p.covers])


def test_the_page_about_the_model_names_the_phases_in_their_order() -> None:
    page = (ROOT / "docs" / "model.md").read_text(encoding="utf-8")
    headings = re.findall(r"^### (\d+) (.+)$", page, re.MULTILINE)
    assert [int(number) for number, _ in headings] == list(range(1, len(SCHEDULE) + 1)), (
        "docs/model.md does not number the phases from 1 to 11."
    )
    report(
        [
            f"Phase {number} of docs/model.md is '{title}', but the schedule calls it {phase.name}."
            for phase, (number, title) in zip(SCHEDULE, headings, strict=True)
            if phase.name not in re.findall(r"\w+", title)
        ]
    )


# ---------------------------------------------------------------- what a phase touches


@pytest.mark.parametrize("phase", SCHEDULE, ids=NAMES)
def test_a_phase_writes_only_columns_that_are_declared(phase: Phase) -> None:
    assert phase.writes or phase.name == "choose", f"{phase.name} seems to write nothing."
    assert phase.reads or phase.name == "events", f"{phase.name} seems to read nothing."
    for touched in (*phase.reads, *phase.writes):
        owner, column = touched.split(".")
        assert column in DECLARED[owner], f"{phase.name} touches {touched}, which is declared nowhere."


def touched(phase: Phase) -> set[tuple[str, bool]]:
    """Columns a phase reads (False) or writes (True): firm.price, relation.trust[k], relations[f].trust[k]."""
    found = set()
    for function in own(phase):
        tree = syntax(function)
        cells = {id(node.value): node for node in ast.walk(tree) if isinstance(node, ast.Subscript)}
        for node in (node for node in ast.walk(tree) if isinstance(node, ast.Attribute)):
            owner = node.value
            if isinstance(owner, ast.Subscript):
                record = TABLES.get(getattr(owner.value, "id", getattr(owner.value, "attr", "")))
            else:
                record = owner.id if isinstance(owner, ast.Name) and owner.id in DECLARED else None
            if record is not None and node.attr in DECLARED[record]:
                context = cells[id(node)].ctx if id(node) in cells else node.ctx
                found.add((f"{record}.{node.attr}", isinstance(context, ast.Store)))
    return found


@pytest.mark.parametrize("phase", SCHEDULE, ids=NAMES)
def test_a_phase_tells_of_every_column_it_touches(phase: Phase) -> None:
    report(
        [
            f"{phase.name} {'writes' if is_written else 'reads'} {column} without telling."
            for column, is_written in sorted(touched(phase))
            if column not in (phase.writes if is_written else phase.reads)
        ]
    )


def test_what_firms_show_is_settled_before_anybody_chooses() -> None:
    shown = {"price", "deal", "product", "service", "personnel", "image", "place", "convenience", "wait_share"}
    report(
        [
            f"{phase.name} changes {column} while customers look at it."
            for phase in SCHEDULE
            if phase.name != "act"
            for column, is_written in sorted(touched(phase))
            if is_written and column.startswith("firm.") and column.removeprefix("firm.") in shown
        ]
    )


def test_everything_declared_is_changed_or_counted_by_some_phase() -> None:
    written = {column for phase in SCHEDULE for column, is_written in touched(phase) if is_written}
    drawn_at_birth = {"relation.taste", "relation.access"}
    states = {f"relation.{c.name}" for c in population.RELATION} - drawn_at_birth
    report([f"{name} is declared, but no phase ever changes it." for name in sorted(states - written)])
    counted = {f"tally.{name}" for name in world.TALLY}
    report([f"{name} is declared, but never counted." for name in sorted(counted - written)])


# ---------------------------------------------------------------- rules and luck


def test_no_rule_is_dead() -> None:
    living = reached(schedule.advance)
    dead = sorted(n for n, rule in RULES.items() if rule not in living and n.split(".")[0] not in READ_OFF)
    assert not dead, f"No phase ever calls {dead}. Please call it or remove it."


@pytest.mark.parametrize("phase", SCHEDULE, ids=NAMES)
def test_a_phase_uses_the_rules_it_says_it_does(phase: Phase) -> None:
    used = stems([rule for function in own(phase) for rule in called(function)])
    idle, silent = set(phase.rules) - used, used - set(phase.rules)
    assert not idle, f"{phase.name} names the rules of {sorted(idle)}, but never calls one."
    assert not silent, f"{phase.name} calls rules of {sorted(silent)} without saying so."


def test_every_rule_file_belongs_to_a_phase() -> None:
    named = {stem for phase in SCHEDULE for stem in phase.rules}
    there = {rule.split(".")[0] for rule in RULES}
    there -= READ_OFF
    assert named == there, f"{named ^ there} stands either in SCHEDULE or in a file of rules, not in both."


def test_every_purpose_of_chance_is_drawn_for() -> None:
    drawn = {purpose for phase in SCHEDULE for purpose in phase.draws}
    for module in (population, network, survey):
        text = ast.walk(ast.parse(inspect.getsource(module)))
        drawn |= {node.attr for node in text if isinstance(node, ast.Attribute)}
    unused = set(chance.PURPOSES) - drawn
    assert not unused, f"Nothing is ever drawn for {sorted(unused)}."


def test_what_is_drawn_in_the_week_is_told_by_its_phase() -> None:
    for phase in SCHEDULE:
        names = {n.id for f in own(phase) for n in ast.walk(syntax(f)) if isinstance(n, ast.Name)}
        silent = (names & set(chance.PURPOSES)) - set(phase.draws)
        assert not silent, f"{phase.name} draws for {sorted(silent)} without saying so."


def test_traits_are_drawn_at_birth_and_nowhere_else() -> None:
    in_the_week = {purpose for phase in SCHEDULE for purpose in phase.draws}
    source = ast.walk(ast.parse(inspect.getsource(population)))
    at_birth = {n.attr for n in source if isinstance(n, ast.Attribute)} & set(chance.PURPOSES)
    assert not in_the_week & at_birth, f"{in_the_week & at_birth} is luck of birth and of the week at once."
    for module in MODULES:
        assert "random" not in inspect.getsource(module), f"{module.__name__} has luck of its own."
