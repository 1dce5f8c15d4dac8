"""Texts and numbers as they are read: catalogue, units, verdicts, and the gate for text from files."""

import math
import re

import numpy as np
import pytest

from sim.outcomes import OUTCOMES
from sim.paired import NOT_TOLD_APART, Difference
from sim.parameters import levers
from sim.rules.stage import STAGES
from sim.scenario import scenario_from
from sim.ui import cards, charts, texts, theme
from sim.ui.bench import setup_of, sides_of
from sim.ui.desk import Answer, Parting
from sim.ui.numerals import NO_VALUE, scale_of
from sim.ui.runs import Course
from sim.ui.safe_text import safe
from sim.ui.state import GROUPS, LETTERS, LabState
from tests.reading import sources, tree

WEEKS = 20


def course(shift: float = 0.0) -> Course:
    weeks = np.arange(WEEKS)
    stages = np.zeros((WEEKS, len(STAGES)), np.int32)
    stages[:, 1] = 4000
    numbers = dict.fromkeys(OUTCOMES, 1.0 + shift)
    flat = np.full(WEEKS, 0.5 + shift)
    return Course(flat, 1000.0 * weeks * (1 + shift), flat, flat - 0.1, stages, numbers)


@pytest.fixture
def state() -> LabState:
    attack = "<img src=x onerror=alert(1)>"
    text = {"en": attack, "zh": attack}
    return LabState(
        scenario_from(
            {"extends": "coffee", "title": text, "story": text, "market": {"currency": "<b>"}}
            | {"strategies": {"4P": {"label": text}}}
        )
    )


@pytest.fixture
def answer(state: LabState) -> Answer:
    return Answer(state.question, (course(), course(0.1)))


def measured(answer: Answer, **changes: float) -> Answer:
    row = {"a": 1.0, "b": 2.0, "difference": 1.0, "low": 0.5, "high": 1.5} | changes
    every = {name: Difference(name, **row) for name in OUTCOMES}
    return Answer(answer.question, answer.courses, Parting(4000, 100, 5, 19), every)


def test_every_group_unit_and_stage_has_a_text() -> None:
    for lever in levers().values():
        assert lever.group in GROUPS, f"{lever.path} is in group {lever.group!r}; please add it to sim/ui/state.py."
        assert texts.has_text(f"unit_{lever.unit}"), f"Please give the unit {lever.unit!r} a text in sim/ui/texts.py."
    assert all(texts.has_text(f"group_{group}") for group in GROUPS)
    assert set(theme.STAGE_COLOURS) == set(STAGES)
    assert all(texts.has_text(f"stage_{stage}") for stage in STAGES)
    assert all(theme.COLOURS[letter] and theme.DASHES[letter] for letter in LETTERS)


def test_every_text_is_used_and_says_something() -> None:
    code = "".join(path.read_text() for path in sources("sim/ui") if path.name != "texts.py")
    starts = (
        "group_",
        "unit_",
        "zero_",
        "stage_",
        *(f"{name}_" for name in ("retention", "profit", "promise", "stages")),
    )
    unused = [key for key in texts.TEXTS if not key.startswith(starts) and f'"{key}"' not in code]
    assert not unused, f"Please remove {unused} from sim/ui/texts.py, or use them."
    assert all(text["en"].strip() or key == "unit_money" for key, text in texts.TEXTS.items())


def test_the_words_for_luck_are_those_of_the_command_line() -> None:
    assert texts.said("luck") == NOT_TOLD_APART


@pytest.mark.parametrize(
    ("unit", "largest", "number", "level", "difference"),
    [
        ("share", 1, 0.8864, "88.6%", "+88.6 pp"),
        ("share", 1, -0.00001, "0.0%", "0.0 pp"),
        ("money", 57, 57.456, "€57.46", "+€57.46"),
        ("money", 483, -482.31, "−€482.3", "−€482.3"),
        ("money", 54321, 1234.5, "€1,234", "+€1,234"),
        ("money", 365_900, 365_900, "€365.9 k", "+€365.9 k"),
        ("money", 2e7, -1.5e7, "−€15.00 M", "−€15.00 M"),
        ("customers", 5000, 1246.4, "1,246", "+1,246"),
        ("points", 30, -8.34, "−8.3", "−8.3"),
        ("level", 1, 0.604, "0.60", "+0.60"),
        ("money", 10, math.nan, NO_VALUE, NO_VALUE),
    ],
)
def test_numbers_have_units_groups_and_a_true_minus(
    unit: str, largest: float, number: float, level: str, difference: str
) -> None:
    scale = scale_of(unit, largest, "€")
    assert scale.value(number) == level
    assert scale.difference(number) == difference


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "B is ahead"),
        ({"difference": -1.0, "low": -2.0, "high": -0.5}, "A is ahead"),
        ({"low": -0.5, "high": 2.5}, NOT_TOLD_APART),
        ({"difference": 0.0, "low": 0.0, "high": 0.0}, "the same in every world"),
        ({"a": math.nan, "b": math.nan, "difference": math.nan, "low": math.nan, "high": math.nan}, "no value"),
    ],
)
def test_cards_say_in_words_what_a_difference_means(
    answer: Answer, state: LabState, changes: dict[str, float], words: str
) -> None:
    html = cards.cards(measured(answer, **changes), state)
    assert html.count(words) == len(cards.HEADLINES)
    assert html.count("<article") == len(cards.HEADLINES)


def test_less_is_better_where_an_outcome_says_so(answer: Answer) -> None:
    told = measured(answer)
    assert told.differences
    assert cards.verdict(OUTCOMES["waiting"], told.differences["waiting"], told, "en") == "A is ahead"
    assert cards.verdict(OUTCOMES["expectation"], told.differences["expectation"], told, "en") == "B is higher"


def test_one_world_has_no_interval(answer: Answer, state: LabState) -> None:
    html = cards.cards(answer, state)
    assert "±" not in html
    assert html.count("in one world so far") == len(cards.HEADLINES)
    assert "Measuring luck: 1 of 20" in cards.status(answer, "en")


def test_an_empty_bench_is_drawn_while_nothing_is_known(state: LabState) -> None:
    nothing = Answer(state.question, ())
    assert "simulating" in cards.cards(nothing, state)
    assert "Simulating" in cards.status(nothing, "en")
    assert "Following every customer" in cards.lives(nothing, "en")
    charts.Charts("en").show(nothing)


def test_lives_are_counted_in_words(answer: Answer) -> None:
    assert "100 of 4,000 customers" in cards.lives(measured(answer), "en")
    nobody = Answer(answer.question, answer.courses, Parting(4000, 0, None, None))
    assert "Not one of the 4,000" in cards.lives(nobody, "en")


def test_a_failure_is_said_in_a_sentence(answer: Answer) -> None:
    failed = Answer(answer.question, (), has_failed=True)
    assert failed.is_complete
    assert "could not be simulated" in cards.status(failed, "en")


def test_text_from_files_cannot_become_html(answer: Answer, state: LabState) -> None:
    told = measured(answer)
    everything = cards.story(state) + cards.cards(told, state) + cards.status(told, "en") + cards.lives(told, "en")
    assert "<img" not in everything
    assert "<b>1" not in everything
    assert safe("<img src=x onerror=alert(1)>") in everything
    assert safe("\"'<>&") == "&quot;&#x27;&lt;&gt;&amp;"


def test_only_the_gate_escapes_and_no_script_writes_html() -> None:
    for path in sources("sim/ui"):
        imported = {getattr(node, "module", None) for node in tree(path).body}
        assert "html" not in imported or path.name == "safe_text.py", f"{path.name} escapes on its own; use safe()."
    script = next(path for path in (sources("sim/ui")[0].parent).glob("bench.js"))
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", script.read_text())


def test_charts_are_patched_and_never_rebuilt(answer: Answer) -> None:
    drawn = charts.Charts("en")
    drawn.show(answer)
    models = {id(model) for model in drawn.retention.plot.references()}
    other = Answer(answer.question, (course(0.2), course(-0.3)))
    drawn.show(other)
    assert {id(model) for model in drawn.retention.plot.references()} == models
    assert drawn.retention.lines.data["retention A"][0] == pytest.approx(0.7)
    assert drawn.profit.plot.y_range.start <= 0 <= drawn.profit.plot.y_range.end
    bands = drawn.stages["B"].bands.data
    assert len(bands["y"]) == len(STAGES)
    assert max(map(max, bands["y"])) == 4000


def test_courses_without_values_are_drawn_as_nothing(state: LabState) -> None:
    nothing = np.full(WEEKS, np.nan)
    empty = Course(nothing, nothing, nothing, nothing, course().stages, dict.fromkeys(OUTCOMES, math.nan))
    drawn = charts.Charts("en")
    drawn.show(Answer(state.question, (empty, course())))
    drawn.show(Answer(state.question, (empty, empty)))
    assert "–" in cards.cards(Answer(state.question, (empty, empty)), state)


def test_letters_at_the_ends_of_lines_step_aside() -> None:
    assert charts._shifts([0.50, 0.51], 1.0) == [8.0, -8.0]
    assert charts._shifts([0.2, 0.8], 1.0) == [0.0, 0.0]
    assert charts._shifts([math.nan, 0.8], 1.0) == [0.0, 0.0]


def test_the_bench_is_told_everything_in_plain_numbers(state: LabState) -> None:
    setup, sides = setup_of(state), sides_of(state, 3)
    assert {lever["path"] for group in setup["groups"] for lever in group["levers"]} == set(levers())
    assert sides["seen"] == 3
    assert [row["letter"] for row in sides["rows"]] == list(LETTERS)
    costs = {lever["path"]: lever["cost"] for group in setup["groups"] for lever in group["levers"]}
    for letter, row in zip(LETTERS, sides["rows"], strict=True):
        assert sum(costs[path] * value for path, value in row["levers"].items()) == pytest.approx(
            state.spending(letter)
        )
