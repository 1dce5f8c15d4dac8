"""Texts and numbers as they are read: catalogue, units, verdicts, and the gate for text from files."""

import math
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sim.outcomes import OUTCOMES
from sim.paired import NOT_TOLD_APART, Difference
from sim.parameters import levers
from sim.rules.stage import STAGES
from sim.scenario import load_scenario, scenario_from
from sim.ui import cards, texts, theme
from sim.ui.bench import group_title, setup_of, sides_of, unit_pattern
from sim.ui.desk import Answer, Parting, Progress
from sim.ui.differs import changes, differs
from sim.ui.lab_bars import StatusBar, status_of
from sim.ui.numerals import NO_VALUE, scale_of
from sim.ui.runs import Course
from sim.ui.safe_text import safe
from sim.ui.state import LANGUAGES, LETTERS, LabState
from tests.reading import sources, tree

WEEKS = 20


def course(shift: float = 0.0) -> Course:
    stages = np.zeros((WEEKS, len(STAGES)), np.int32)
    stages[:, 1] = 4000
    return Course({"retention": np.full(WEEKS, 0.5 + shift)}, stages, dict.fromkeys(OUTCOMES, 1.0 + shift))


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
    return Answer(answer.question, answer.courses, {"B": Parting(4000, 100, 5, 19)}, {"B": every})


def test_every_stage_has_a_colour_and_every_letter_a_look() -> None:
    assert set(theme.STAGE_COLOURS) == set(STAGES)
    assert all(texts.has_text(f"stage_{stage}") for stage in STAGES)
    assert all(theme.COLOURS[letter] and theme.DASHES[letter] and theme.DARK_COLOURS[letter] for letter in LETTERS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_groups_and_units_that_no_catalogue_knows_still_show_up(language: str) -> None:
    assert group_title("word_of_mouth", language) == "Word of mouth"
    assert unit_pattern("litres", language).format(value="3") == "3 litres"
    assert unit_pattern("1", language).format(value="3") == "3"
    assert group_title("price", "zh") == "价格"


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
    pair, found = ("A", "B"), told.differences["B"]
    assert cards.verdict(OUTCOMES["waiting"], found["waiting"], told, "en", pair) == "A is ahead"
    assert cards.verdict(OUTCOMES["expectation"], found["expectation"], told, "en", pair) == "B is higher"
    assert cards.verdict(OUTCOMES["waiting"], found["waiting"], told, "zh", pair) == "A 领先"


def test_one_world_has_no_interval(answer: Answer, state: LabState) -> None:
    html = cards.cards(answer, state)
    assert "±" not in html
    assert html.count("in one world so far") == len(cards.HEADLINES)
    assert "Measuring luck: 1 of 20" in status_of(answer, "en")["text"]


def test_an_empty_bench_is_drawn_while_nothing_is_known(state: LabState) -> None:
    nothing = Answer(state.question, ())
    assert "simulating" in cards.cards(nothing, state)
    assert "Simulating 104 weeks in the lives of 4,000 customers" in status_of(nothing, "en")["text"]
    assert "Following every customer" in cards.lives(nothing, "en")


def test_lives_are_counted_in_words(answer: Answer) -> None:
    assert "100 of 4,000 customers" in cards.lives(measured(answer), "en")
    nobody = Answer(answer.question, answer.courses, {"B": Parting(4000, 0, None, None)})
    assert "Not one of the 4,000" in cards.lives(nobody, "en")


def test_a_failure_is_said_in_a_sentence(answer: Answer) -> None:
    failed = Answer(answer.question, (), has_failed=True)
    assert failed.is_complete
    told = status_of(failed, "en")
    assert "could not be simulated" in told["text"]
    assert told["button"] == "run"


def test_a_long_run_tells_the_week_and_the_time_left_and_can_be_called_off(answer: Answer) -> None:
    under_way = Answer(answer.question, (), progress=Progress(0.25, 12.3))
    told = status_of(under_way, "en")
    assert "week 26 of 104, about 12 s left" in told["text"]
    assert (told["share"], told["button"], told["label"]) == (0.25, "stop", "Cancel")
    stopped = replace(under_way, progress=None, is_stopped=True)
    assert stopped.is_complete
    assert status_of(stopped, "en")["button"] == "run"
    assert status_of(measured(answer), "en")["button"] == ""


def test_text_from_files_cannot_become_html(answer: Answer, state: LabState) -> None:
    told = measured(answer)
    everything = cards.story(state) + cards.cards(told, state) + cards.lives(told, "en") + differs(state)
    assert "<img" not in everything
    assert "<b>1" not in everything
    assert safe("<img src=x onerror=alert(1)>") in everything
    assert safe("\"'<>&") == "&quot;&#x27;&lt;&gt;&amp;"


def test_only_the_gate_escapes_and_no_script_writes_html() -> None:
    for path in sources("sim/ui"):
        imported = {getattr(node, "module", None) for node in tree(path).body}
        assert "html" not in imported or path.name == "safe_text.py", f"{path.name} escapes on its own; use safe()."
    for script in Path(cards.__file__).parent.glob("*.js"):
        found = re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", script.read_text())
        # What lessons.js writes is Markdown that the server renders with HTML switched off.
        assert not found or script.name == "lessons.js", (
            f"{script.name} writes HTML by {found}; please use textContent."
        )


def test_the_bench_is_told_everything_in_plain_numbers(state: LabState) -> None:
    state.add("A")
    setup, sides = setup_of(Visitor(state)), sides_of(state, 3)
    assert {lever["path"] for group in setup["groups"] for lever in group["levers"]} == set(levers())
    assert [row["name"] for row in setup["scenarios"]] == ["coffee"]
    assert sides["seen"] == 3
    assert sides["can"] == {"undo": True, "redo": False, "add": True}
    assert [row["letter"] for row in sides["rows"]] == list(state.letters)
    costs = {lever["path"]: lever["cost"] for group in setup["groups"] for lever in group["levers"]}
    for letter, row in zip(state.letters, sides["rows"], strict=True):
        assert sum(costs[path] * value for path, value in row["levers"].items()) == pytest.approx(
            state.spending(letter)
        )


class Visitor:
    """As much of a visit as the bench looks at."""

    def __init__(self, state: LabState) -> None:
        self.state, self.language = state, str(state.language)
        self.scenarios = {"coffee": state.scenario}


def test_what_differs_is_told_in_the_units_of_the_levers() -> None:
    state = LabState(load_scenario("coffee"))
    state.copy("A", "B")
    assert "is equal to A" in differs(state)
    state.move("B", "pricing.list_price", 4.275)
    state.move("B", "service.agents", 2.6)
    state.move("B", "product.spend", 500)
    state.move("B", "pricing.promotion_depth", 0.2)
    assert changes(state, "B") == [
        "Product spending +$50 a week", "List price −5.0%", "Promotion depth +5% off", "Service agents +1.5 people",
    ]  # fmt: skip
    state.language = "zh"
    assert changes(state, "B")[0] == "产品投入 每周 +$50"
    state.choose_preset("B", "4C")
    assert "<details>" in differs(state), "A long list unfolds."


def test_a_browser_that_missed_something_while_it_drew_the_page_is_told_again() -> None:
    told: list[str] = []
    visit: Any = SimpleNamespace(
        answer=Answer(LabState(load_scenario("coffee")).question, ()), language="en", later=lambda call: call()
    )
    bar = StatusBar(visit)
    bar.on_missed = lambda: told.append("again")
    bar._handle_msg({"seen": bar.told["text"]})
    assert not told
    bar._handle_msg({"seen": "of some time ago"})
    assert told == ["again"]
    bar._handle_msg(["seen"])
    bar._handle_msg(None)
    assert told == ["again"]
