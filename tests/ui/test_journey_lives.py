"""One customer's two lives on the page: told in both languages, drawn, and never as active HTML."""

import re
from typing import Any

import numpy as np
import pytest

from sim import lives_words, lives_zh
from sim.engine import Engine
from sim.lives import witnessed
from sim.lives_words import Names
from sim.rules.stage import LOST
from sim.scenario import Scenario, load_scenario, scenario_from
from sim.ui import journey_timeline, journey_view
from sim.ui.journey import Journey
from sim.ui.journey_film import film_of
from sim.ui.journey_life import MARKS, Lives, lives_of
from sim.ui.runs import plan_of
from sim.ui.safe_text import safe
from sim.ui.state import LANGUAGES, LabState

ATTACK = "<img src=x onerror=alert(1)>"
PAIR, LETTERS = (0, 1), ("A", "B")


@pytest.fixture(scope="module")
def story() -> Scenario:
    return scenario_from({"extends": "coffee", "market": {"customers": 1200, "weeks": 80}})


@pytest.fixture(scope="module")
def state(story: Scenario) -> LabState:
    return LabState(story)


@pytest.fixture(scope="module")
def leaver(state: LabState) -> int:
    return int(film_of(state.question).left_here_stayed_there(0)[0])


@pytest.fixture(scope="module", params=LANGUAGES)
def lives(request: pytest.FixtureRequest, state: LabState, leaver: int) -> tuple[Lives, str]:
    return lives_of(state.question, PAIR, LETTERS, leaver, request.param), request.param


def test_the_lives_part_where_the_film_says(lives: tuple[Lives, str], state: LabState, leaver: int) -> None:
    film = film_of(state.question)
    assert lives[0].week_of_parting == film.parted[list(film.takes[0].customers).index(leaver)] >= 0
    assert lives[0].rule
    assert lives[0].rule in " ".join(lives[0].parting)
    assert lives[0].levers


def test_the_page_says_first_who_left_when_and_why(lives: tuple[Lives, str], state: LabState) -> None:
    found, language = lives
    (left, stayed) = found.told
    assert stayed.left is None
    assert left.left is not None
    week, why = left.left
    assert left.stages[week - 1] != LOST
    assert (left.stages[week:] == LOST).all()
    html = journey_view.lives(found, ("4P", "4C"), True, language)
    assert html.index(safe(why)) < html.index('<div class="parting">')


def test_the_courses_are_those_of_the_engine(lives: tuple[Lives, str], state: LabState, leaver: int) -> None:
    for side, told in enumerate(lives[0].told):
        engine = Engine(plan_of(state.question, side, 0))
        engine.run()
        relation = engine.relations[leaver, 0]
        assert len(told.stages) == engine.plan.weeks
        assert told.stages[-1] == relation["stage"]
        for name, course in told.courses.items():
            assert course[-1] == pytest.approx(float(relation[name]))
        bought = sum(mark.kind in ("bought", "reward") and mark.is_own for mark in told.marks)
        assert bought <= relation["purchases"]


def test_what_is_told_speaks_the_language(lives: tuple[Lives, str]) -> None:
    found, language = lives
    texts = [*found.person, *found.parting, *(text for told in found.told for _, text in (*told.rows, *told.whole))]
    texts += [text for told in found.told for text in told.ending]
    assert len(texts) > 20
    for text in texts:
        has_chinese = re.search("[\u4e00-\u9fff]", text) is not None
        assert has_chinese == (language == "zh"), text
    short, whole = (
        {week for week, _ in rows if week is not None} for rows in (found.told[0].rows, found.told[0].whole)
    )
    assert short <= whole


def test_the_panel_shows_both_lives_and_the_pictures(lives: tuple[Lives, str]) -> None:
    found, language = lives
    html = journey_view.lives(found, ["4P", "4C"], True, language, "?page=how")
    assert html.count("<svg viewBox") == 2
    assert html.count('role="img"') == 2
    assert html.count("<article") == 2
    assert str(found.week_of_parting) in html
    assert f'data-rule="{found.rule}"' in html


def test_every_mark_has_a_sign() -> None:
    assert set(MARKS) == set(journey_timeline.SIGNS)


@pytest.mark.parametrize("name", ["coffee", "telecom"])
def test_chinese_knows_every_kind_of_event_that_happens(name: str) -> None:
    plan = load_scenario(name).plan("4R", customers=300, weeks=30)
    names, kinds = Names(tuple(f"firm{f}" for f in range(len(plan.firms))), "$"), set()
    for customer in range(0, 300, 50):
        walk, witness, _ = witnessed(plan, customer)
        for events in witness.weeks:
            told = lives_zh.sentences(events, names)
            assert len(told) == len(events)
            for event, text in zip(events, told, strict=True):
                kinds.add(event.kind)
                assert text.endswith("。"), text
                numbers = set(re.findall(r"\d+\.\d\d", lives_words.sentence(event, names)))
                if event.kind in ("trust", "met", "stage"):  # the same numbers stand behind both languages
                    assert set(re.findall(r"\d+\.\d\d", text)) & numbers or not numbers, text
        assert all(text.endswith("。") for text in lives_zh.person(walk, customer, names))
        assert all(text.endswith("。") for text in lives_zh.ending(walk, customer, names))
    assert {"bought", "met", "trust"} <= kinds
    missing = [kind for kind in kinds if not hasattr(lives_zh, f"_{kind}")]
    assert not missing, f"sim/lives_zh.py cannot tell of {missing}, so these would be told in English."


# ---------------------------------------------------------------- the page


class Visitor:
    """A visit whose work is done at once."""

    def __init__(self, state: LabState, language: str = "en") -> None:
        self.state, self.language, self.opened = state, language, []

    def work(self, task: Any, then: Any, name: str = "") -> None:
        then(task())

    def open(self, key: str, place: Any = None) -> None:
        self.opened.append((key, place))


def test_a_click_tells_the_life_and_is_written_into_the_address(state: LabState, leaver: int) -> None:
    page = Journey(Visitor(state), {})
    assert page.place == {}
    page.map._handle_msg({"do": "choose", "customer": leaver})
    assert page.place == {"customer": str(leaver)}
    assert f"Customer {leaver}" in page.life.object
    page.map.week = 7
    again = Journey(Visitor(state), page.place)
    assert again.map.week == 7
    assert f"Customer {leaver}" in again.life.object
    page.go({})
    assert page.place == {}
    assert "parting" not in page.life.object


@pytest.mark.parametrize("customer", ["3", None, True, -4, 1.5, 10**9, [1], {"a": 1}])
def test_a_number_of_nobody_is_answered_in_words(state: LabState, customer: Any) -> None:
    page = Journey(Visitor(state), {})
    page.map._handle_msg({"do": "choose", "customer": customer})
    assert 'class="life"' not in page.life.object
    page.map._handle_msg("nonsense")
    page.map._handle_msg({"do": "pair", "letter": ["A"]})


def test_an_address_from_a_stranger_does_no_harm(state: LabState) -> None:
    page = Journey(Visitor(state), {"customer": ATTACK, "week": "²", "colour": ATTACK, "with": ATTACK})
    assert page.place == {}
    assert "<img" not in page.life.object


def test_another_strategy_can_stand_beside_the_first(story: Scenario) -> None:
    state = LabState(story)
    state.add("B")
    page = Journey(Visitor(state), {})
    state.move("C", "pricing.list_price", 5.5)
    page.changed({"sides", "question"})
    page.map._handle_msg({"do": "pair", "letter": "C"})
    assert [one["letter"] for one in page.map.setup["letters"]] == ["A", "C"]
    assert page.place == {"with": "C"}
    film = film_of(state.question, (0, 2))
    assert page.map.film["parted"] == film.parted.tolist()
    state.remove("C")
    page.changed({"sides", "question"})
    assert [one["letter"] for one in page.map.setup["letters"]] == ["A", "B"]


def test_hostile_words_stay_text() -> None:
    hostile = scenario_from(
        {
            "extends": "coffee",
            "market": {"customers": 300, "weeks": 80, "currency": "<b>$</b>"},
            "strategies": {"4P": {"label": {"en": ATTACK, "zh": ATTACK}}},
        }
    )
    told = Journey(Visitor(LabState(hostile)), {"customer": "3"}).life.object
    assert "&lt;img" in told
    assert "&lt;b&gt;$" in told
    assert "<img" not in told
    assert "<b>$" not in told


def test_colours_by_satisfaction_need_no_purchase(state: LabState) -> None:
    setup = Journey(Visitor(state), {}).map.setup
    names = [one["name"] for one in setup["stages"]]
    assert {names[k] for k in setup["strangers"]} == {"unaware", "aware", "trusting"}
    assert sorted([*setup["way"], *setup["aside"]]) == sorted(names)
    assert len(setup["segments"]) == len(state.scenario.segments)
    assert np.array(setup["segments"]).max(axis=0).tolist() == [len(setup["groups"]) - 1, len(setup["kinds"]) - 1]
