"""What a student can choose, and what follows from it. No browser, no widgets."""

import math
import subprocess
import sys

import pytest

from sim.parameters import levers
from sim.scenario import load_scenario, scenario_from, shipped_scenarios
from sim.ui.state import GROUPS, LabState, nice, presets, slider, sliders
from tests.reading import ROOT


@pytest.fixture
def state() -> LabState:
    return LabState(load_scenario("coffee"))


def test_it_knows_no_widgets() -> None:
    program = "import sys, sim.ui.state; print(*{'panel', 'bokeh'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not done.stdout.split()


def test_it_begins_with_4p_against_4c(state: LabState) -> None:
    assert [(side.letter, side.preset) for side in state.sides] == [("A", "4P"), ("B", "4C")]
    assert not any(side.changed for side in state.sides)


def test_a_scenario_without_these_presets_begins_with_what_it_has() -> None:
    own = dict.fromkeys(("4P", "4C", "4R"))
    lonely = LabState(scenario_from({"extends": "_baseline", "strategies": own}))
    assert [side.preset for side in lonely.sides] == ["opening", "opening"]


@pytest.mark.parametrize("name", shipped_scenarios())
def test_every_lever_has_a_slider_that_makes_sense(name: str) -> None:
    scenario = load_scenario(name)
    rows = sliders(scenario)
    assert list(rows) == [group for group in GROUPS if group in rows]
    assert {one.lever.path for row in rows.values() for one in row} == set(levers())
    for row in rows.values():
        for one in row:
            lever = one.lever
            assert lever.low <= one.low < one.high <= lever.high, lever.path
            least = 1 if lever.unit in ("choice", "number") else 5
            assert least <= (one.high - one.low) / one.step <= 500, f"{lever.path}: a slider of {one}"
            for strategy in scenario.strategies.values():
                assert one.low <= strategy.levers[lever.path] <= one.high, f"{lever.path} in {strategy.name}"
            if lever.scales and lever.path != "service.agents":
                assert one.high == pytest.approx(scenario.market.budget, rel=0.02)
                assert one.cost == 1.0
    price = slider(scenario, "pricing.list_price")
    assert price.low == pytest.approx(0.5 * scenario.market.reference_price, rel=0.05)
    assert price.high == pytest.approx(1.5 * scenario.market.reference_price, rel=0.05)
    assert slider(scenario, "service.agents").cost == scenario.wage


def test_a_market_without_budget_or_wage_still_has_sliders() -> None:
    levels = dict.fromkeys(("product", "service", "personnel", "image", "place", "convenience"), 0.5)
    firm = {"label": {"en": "O", "zh": "O"}, "standing": 1, "awareness": 0.5, "unit_cost": 1, "attributes": levels}
    poor = scenario_from(
        {
            "extends": "_baseline",
            "market": {"budget": 0},
            "parameters": {"service": {"wage": 0}},
            "firms": {"ours": firm},
            "strategies": dict.fromkeys(("4P", "4C", "4R")),
        }
    )
    for row in sliders(poor).values():
        assert all(one.low < one.high and one.step > 0 for one in row)


@pytest.mark.parametrize(
    ("step", "expected"),
    [(18, 10), (80, 50), (45, 20), (0.075, 0.05), (1, 1), (0.1, 0.1), (0.2, 0.2), (0, 1), (math.inf, 1)],
)
def test_steps_are_round_numbers(step: float, expected: float) -> None:
    assert nice(step) == expected


def test_moving_a_lever_changes_one_strategy_and_the_question(state: LabState) -> None:
    before, other = state.question, state.side("A")
    state.move("B", "service.agents", 2)
    assert state.side("B").levers["service.agents"] == 2.0
    assert state.side("B").changed == ("service.agents",)
    assert state.side("A") is other
    assert state.question != before
    assert state.question.sides[0] == before.sides[0]
    state.put_back("B", "service.agents")
    assert state.question == before


def test_reset_returns_to_the_preset_and_presets_can_be_changed(state: LabState) -> None:
    before = state.question
    state.move("A", "product.spend", 0)
    state.move("A", "pricing.list_price", 5)
    assert set(state.side("A").changed) == {"product.spend", "pricing.list_price"}
    state.reset("A")
    assert state.question == before
    state.choose_preset("A", "4R")
    assert dict(state.side("A").levers) == state.scenario.strategies["4R"].levers


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("product.spend", 1e12, 1800.0),
        ("product.spend", -5, 0.0),
        ("pricing.promotion_every", 3.4, 3.0),
        ("product.spend", math.nan, None),
        ("product.spend", math.inf, None),
        ("product.spend", "700", None),
        ("product.spend", True, None),
        ("product.spend", None, None),
        ("leave.base", 1, None),
        ("no.lever", 1, None),
    ],
)
def test_nothing_a_browser_sends_breaks_it(state: LabState, path: str, value: object, expected: float | None) -> None:
    before = state.question
    state.move("A", path, value)
    state.choose_preset("A", "no such preset")
    state.move("Z", "product.spend", 1)
    if expected is None:
        assert state.question == before
    else:
        assert state.side("A").levers[path] == expected
        state.scenario.plan(dict(state.side("A").levers))  # The engine takes it.


def test_the_budget_counts_wages(state: LabState) -> None:
    assert state.spending("A") == pytest.approx(1800)
    state.move("A", "service.agents", 3)
    staffed = state.scenario.strategies["4P"].levers["service.agents"]
    assert state.spending("A") == pytest.approx(1800 + (3 - staffed) * state.scenario.wage)


def test_another_scenario_brings_its_own_levers_in_one_step(state: LabState) -> None:
    heard: list[int] = []
    state.param.watch(lambda *events: heard.append(len(events)), ["scenario", "sides", "question"])
    state.move("A", "product.spend", 0)
    state.choose_scenario(load_scenario("telecom"))
    assert len(heard) == 2, "A change is told once, not once for each part of it."
    assert state.question.text_hash == state.scenario.text_hash
    assert dict(state.side("A").levers) == state.scenario.strategies["4P"].levers


def test_the_opening_is_offered_last() -> None:
    scenario = load_scenario("coffee")
    assert presets(scenario)[-1] == "opening"
    assert set(presets(scenario)) == set(scenario.strategies)


def test_steps_go_back_and_forward(state: LabState) -> None:
    first = state.choice
    assert not state.can_undo
    state.move("A", "product.spend", 0)
    state.choose_seed(7)
    state.choose_scenario(load_scenario("telecom"))
    for seed, name in ((7, "coffee"), (first.seed, "coffee")):
        state.undo()
        assert (state.seed, state.scenario.name) == (seed, name)
    state.undo()
    assert state.choice == first
    assert not state.can_undo
    state.undo()
    for _ in range(4):
        state.redo()
    assert state.scenario.name == "telecom"
    assert not state.can_redo
    state.undo()
    state.move("A", "product.spend", 5)
    assert not state.can_redo, "A new step ends the way forward."


def test_what_changes_nothing_is_no_step(state: LabState) -> None:
    state.reset("A")
    state.put_back("B", "pricing.list_price")
    state.copy("A", "A")
    state.choose_seed(state.seed)
    assert not state.can_undo


def test_strategies_come_and_go_and_keep_their_letters(state: LabState) -> None:
    state.move("B", "product.spend", 77)
    state.add("B")
    assert state.letters == ("A", "B", "C")
    assert state.side("C").levers == state.side("B").levers
    state.add("A")
    state.add("A")
    assert state.letters == ("A", "B", "C", "D"), "Four are the most."
    state.remove("B")
    assert state.letters == state.question.letters == ("A", "C", "D")
    state.add("A")
    assert state.letters == ("A", "B", "C", "D")
    for letter in "ABCD":
        state.remove(letter)
    assert state.letters == ("C", "D"), "Two always stay."


def test_a_strategy_can_be_made_equal_to_another(state: LabState) -> None:
    state.move("A", "product.spend", 77)
    state.copy("A", "B")
    assert state.side("B").levers == state.side("A").levers
    assert state.side("B").letter == "B"
    assert state.side("B").changed == ("product.spend",)
    state.copy("Z", "B")
    state.undo()
    assert state.side("B").preset == "4C"


@pytest.mark.parametrize("seed", [-1, 2**31, 1.5, True, "7", None])
def test_worlds_have_whole_numbers(state: LabState, seed: object) -> None:
    before = state.question
    state.choose_seed(seed)
    assert state.question == before
    state.choose_seed(12)
    assert state.question.seed == 12
