"""The desk: answers are right, told in order, computed once, and stopped when nobody waits."""

import threading

import numpy as np
import pytest

from sim.engine import Engine
from sim.outcomes import OUTCOMES, over_horizon
from sim.paired import compare
from sim.scenario import Scenario, load_scenario, scenario_from
from sim.ui.desk import Answer, Desk
from sim.ui.runs import Runs, Store, plan_of
from sim.ui.state import LabState

SECONDS = 60
N_WORLDS = 4


@pytest.fixture
def scenario() -> Scenario:
    # With events, so that sharing the weeks before the strategy starts is put to the test.
    base = load_scenario("coffee")
    assert base.entry.events
    return scenario_from({"extends": "coffee", "market": {"customers": 300, "warm_up": 5}})


@pytest.fixture
def desk() -> Desk:
    made = Desk(n_worlds=N_WORLDS, workers=2, seconds_to_draw=0.0)
    yield made
    made.close()


class Somebody:
    """Whoever asks and listens."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.is_told = threading.Event()
        self.is_complete = threading.Event()

    def hear(self, answer: Answer) -> None:
        self.answers.append(answer)
        self.is_told.set()
        if answer.is_complete:
            self.is_complete.set()


def answer_to(desk: Desk, state: LabState) -> list[Answer]:
    somebody = Somebody()
    desk.ask(state.question, somebody.hear)
    assert somebody.is_complete.wait(SECONDS)
    return somebody.answers


def test_answers_agree_with_compare(desk: Desk, scenario: Scenario) -> None:
    last = answer_to(desk, LabState(scenario))[-1]
    expected = compare(scenario, "4P", "4C", seeds=N_WORLDS)
    for name in OUTCOMES:
        assert last.differences is not None
        got, wanted = last.differences[name], expected.differences[name]
        np.testing.assert_allclose(
            [got.a, got.b, got.difference, got.low, got.high],
            [wanted.a, wanted.b, wanted.difference, wanted.low, wanted.high],
            rtol=1e-9,
            atol=1e-12,
            err_msg=name,
        )
    assert last.parting is not None
    assert last.parting.parted == int((expected.parted >= 0).sum())
    assert last.parting.week_of_last == int(expected.parted.max())
    assert last.parting.customers == 300


def test_sharing_the_opening_changes_nothing(scenario: Scenario) -> None:
    class Patient:
        is_cancelled = False

    runs, question = Runs(), LabState(scenario).question
    for side in (0, 1):
        course = runs.course(question, side, 0, Patient())
        engine = Engine(plan_of(question, side, 0))
        engine.run()
        expected = {name: float(values[0]) for name, values in over_horizon(engine).items()}
        assert course is not None
        np.testing.assert_equal(course.numbers, expected)
        assert (course.stages.sum(axis=1) == 300).all()
        assert course.cumulative_profit[-1] == pytest.approx(expected["profit"])


def test_the_first_world_is_told_at_once_and_luck_later(desk: Desk, scenario: Scenario) -> None:
    answers = answer_to(desk, LabState(scenario))
    assert answers[0].courses
    assert answers[0].differences is None
    assert answers[-1].worlds == N_WORLDS
    assert [answer.worlds for answer in answers] == sorted(answer.worlds for answer in answers)


def test_what_is_known_is_not_run_again(desk: Desk, scenario: Scenario) -> None:
    state = LabState(scenario)
    assert not desk.answered(state.question).courses
    answer_to(desk, state)
    assert desk._runs.begun == 2 * N_WORLDS
    assert desk.answered(state.question).is_complete
    answer_to(desk, state)
    assert desk._runs.begun == 2 * N_WORLDS
    state.move("B", "product.spend", 500)
    answer_to(desk, state)
    assert desk._runs.begun == 3 * N_WORLDS, "Strategy A did not move, so its worlds are known."


def test_equal_questions_at_the_same_time_are_answered_once(desk: Desk, scenario: Scenario) -> None:
    state, visitors = LabState(scenario), [Somebody() for _ in range(6)]
    for visitor in visitors:
        desk.ask(state.question, visitor.hear)
    assert all(visitor.is_complete.wait(SECONDS) for visitor in visitors)
    assert desk._runs.begun == 2 * N_WORLDS


def test_a_question_called_off_is_told_nothing_more(desk: Desk, scenario: Scenario) -> None:
    somebody = Somebody()
    ticket = desk.ask(LabState(scenario).question, somebody.hear)
    assert somebody.is_told.wait(SECONDS)
    ticket.cancel()
    n = len(somebody.answers)
    other = LabState(scenario)
    other.move("A", "product.spend", 0)
    answer_to(desk, other)
    assert len(somebody.answers) <= n + 1, "At most what was being said while it was called off."
    assert not somebody.is_complete.is_set()


def test_one_who_leaves_does_not_take_the_run_from_one_who_stays(scenario: Scenario) -> None:
    class Waiter:
        is_cancelled = False

    runs, question = Runs(), LabState(scenario).question
    leaver, stayer, results = Waiter(), Waiter(), {}

    def wait(name: str, waiter: Waiter) -> None:
        results[name] = runs.course(question, 0, 0, waiter)

    threads = [threading.Thread(target=wait, args=pair) for pair in (("leaver", leaver), ("stayer", stayer))]
    for thread in threads:
        thread.start()
    leaver.is_cancelled = True
    for thread in threads:
        thread.join(SECONDS)
    assert results["stayer"] is not None
    assert not runs._jobs


def test_luck_steps_aside_while_somebody_waits_for_a_picture(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Waiter:
        is_cancelled = False

    monkeypatch.setattr("sim.ui.runs.LONGEST_STEP_ASIDE", SECONDS)
    runs, question, order = Runs(), LabState(scenario).question, []
    runs._count_urgent(1)

    def measure() -> None:
        runs.course(question, 0, 1, Waiter())
        order.append("luck")

    thread = threading.Thread(target=measure)
    thread.start()
    runs.course(question, 0, 0, Waiter())
    order.append("picture")
    runs._count_urgent(-1)
    thread.join(SECONDS)
    assert order == ["picture", "luck"]


def test_a_fault_is_told_and_does_not_stop_the_desk(
    desk: Desk, scenario: Scenario, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("on purpose")

    with monkeypatch.context() as patch:
        patch.setattr("sim.ui.runs.plan_of", fail)
        assert answer_to(desk, LabState(scenario))[-1].has_failed
    assert "on purpose" in caplog.text
    assert not answer_to(desk, LabState(scenario))[-1].has_failed


def test_a_closed_desk_calls_questions_off(scenario: Scenario) -> None:
    desk, somebody = Desk(n_worlds=2, workers=1), Somebody()
    desk.close()
    assert desk.ask(LabState(scenario).question, somebody.hear).is_cancelled


@pytest.mark.parametrize("most", [1, 3])
def test_stores_are_bounded_and_keep_what_was_used_last(most: int) -> None:
    store: Store[int] = Store(most)
    for key in range(10):
        store.put(key, key)
        store.get(0)
    assert len(store) == most
    assert store.get(9) == 9
    if most > 1:
        assert store.get(0) == 0
