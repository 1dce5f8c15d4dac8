"""What the journey shows is what the engine did: the film of a thousand customers, and what is sent of it."""

import base64
import zlib
from typing import Any

import numpy as np
import pytest

from sim.engine import Engine
from sim.paired import first_partings
from sim.rules import leave, stage
from sim.scenario import Scenario, scenario_from
from sim.ui import journey_film
from sim.ui.journey_film import Film, film_of, sample, take_of
from sim.ui.runs import plan_of
from sim.ui.state import LabState, Question


@pytest.fixture(scope="module")
def story() -> Scenario:
    return scenario_from({"extends": "coffee", "market": {"customers": 1500, "weeks": 80}})


@pytest.fixture(scope="module")
def question(story: Scenario) -> Question:
    found: Question = LabState(story).question
    return found


@pytest.fixture(scope="module")
def film(question: Question) -> Film:
    return film_of(question)


def test_the_film_shows_the_stages_of_the_very_run(story: Scenario) -> None:
    plan = story.plan("4P", customers=400)
    take, engine = take_of(plan), Engine(plan)
    engine.run()
    assert take.customers.tolist() == list(range(400))
    for week in range(plan.weeks):
        counted = np.bincount(take.stages[:, week + 1], minlength=len(stage.STAGES))
        assert counted.tolist() == engine.flows[week, 0].sum(axis=0).tolist(), f"week {week}"
    relations = engine.relations[:, 0]
    assert np.abs(take.satisfaction[:, -1] / 255 - relations["satisfaction"]).max() <= 0.5 / 255 + 1e-6
    costs = sum(relations[name] for name in ("cost_of_goods", "cost_to_serve", "cost_to_reach", "rewards"))
    np.testing.assert_allclose(take.value[:, -1], relations["revenue"] - costs, rtol=1e-5, atol=1e-3)


def test_the_sample_goes_by_the_seed_and_not_by_the_strategy(story: Scenario) -> None:
    a, b, other = (sample(story.plan(name, seed=seed)) for name, seed in (("4P", 5), ("4C", 5), ("4P", 6)))
    assert a.tolist() == b.tolist() == sorted(set(a.tolist()))
    assert len(a) == journey_film.SAMPLED
    assert a.tolist() != other.tolist()


def test_both_worlds_begin_alike_and_part_when_the_comparison_says(film: Film, question: Question) -> None:
    one, other = film.takes
    for name in ("customers", "segments"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist()
    assert one.stages[:, 0].tolist() == other.stages[:, 0].tolist()
    weeks = first_partings(plan_of(question, 0, 0), plan_of(question, 1, 0))
    assert film.parted.tolist() == weeks[one.customers].tolist()
    assert (film.parted >= 0).any()


@pytest.mark.parametrize("here", [0, 1])
def test_whoever_is_found_left_here_and_stayed_there(film: Film, question: Question, here: int) -> None:
    ends = []
    for side in (0, 1):
        engine = Engine(plan_of(question, side, 0))
        engine.run()
        ends.append(engine.relations[:, 0])
    found = film.left_here_stayed_there(here)
    gone, kept = ends[here], ends[1 - here]
    is_lost = (gone["stage"] == stage.LOST) & (gone["reason"] != leave.MOVED_AWAY) & (gone["purchases"] > 0)
    true = np.flatnonzero(is_lost & (kept["stage"] > stage.DORMANT))
    assert set(found.tolist()) <= set(true.tolist())
    shown = set(film.takes[0].customers.tolist()) & set(true.tolist())
    left_before = shown - set(found.tolist())  # bought and left before the strategies began
    assert all(not (film.takes[here].stages[film.takes[0].customers == i] > stage.DORMANT).any() for i in left_before)
    assert len(found), "Nobody is found, so that the button would be tried by no test."


def unpacked(packed: str, columns: int) -> Any:
    steps = np.frombuffer(zlib.decompress(base64.b64decode(packed)), np.uint8).reshape(-1, columns)
    return np.cumsum(steps, axis=1, dtype=np.uint8)


def test_what_is_sent_is_what_was_recorded_and_is_small(film: Film) -> None:
    sent = film.sent
    frames = sent["weeks"] + 1
    for world, take in zip(sent["worlds"], film.takes, strict=True):
        assert (unpacked(world["stages"], frames) == take.stages).all()
        assert (unpacked(world["satisfaction"], frames) == take.satisfaction).all()
        value = (unpacked(world["value"], frames).astype(float) - 128) / 127 * sent["extreme"]
        inside = np.abs(take.value) < sent["extreme"]
        assert np.abs(value - take.value)[inside].max() <= sent["extreme"] / 127
    assert sum(len(text) for world in sent["worlds"] for text in world.values()) < 300_000


def test_a_film_is_recorded_once(film: Film, question: Question, monkeypatch: pytest.MonkeyPatch) -> None:
    def again(*_: Any) -> None:
        raise AssertionError("The film is recorded a second time.")

    monkeypatch.setattr(journey_film, "take_of", again)
    assert film_of(question) is film
    assert journey_film.known(question) is film


def test_a_strategy_that_both_films_share_is_run_once(story: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    state = LabState(story)
    film_of(state.question)
    state.move("B", "pricing.list_price", 4.0)
    runs = []
    honest = journey_film.take_of
    monkeypatch.setattr(journey_film, "take_of", lambda plan: runs.append(plan) or honest(plan))
    film_of(state.question)
    assert len(runs) == 1
