"""The desk: answers are right, told in order, computed once, and stopped when nobody waits."""

import threading

import numpy as np
import pytest

from sim.engine import Engine
from sim.outcomes import OUTCOMES, over_horizon, weekly
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
        got, wanted = last.differences["B"][name], expected.differences[name]
        np.testing.assert_allclose(
            [got.a, got.b, got.difference, got.low, got.high],
            [wanted.a, wanted.b, wanted.difference, wanted.low, wanted.high],
            rtol=1e-9,
            atol=1e-12,
            err_msg=name,
        )
    parting = last.partings["B"]
    assert parting.parted == int((expected.parted >= 0).sum())
    assert parting.week_of_last == int(expected.parted.max())
    assert parting.customers == 300


def test_four_strategies_are_each_compared_with_the_first(desk: Desk, scenario: Scenario) -> None:
    state = LabState(scenario)
    state.add("A")
    state.choose_preset("C", "4R")
    state.add("B")
    state.remove("B")
    last = answer_to(desk, state)[-1]
    assert last.letters == ("A", "C", "D")
    assert list(last.partings) == ["C", "D"]
    for letter, preset in (("C", "4R"), ("D", "4C")):
        expected = compare(scenario, "4P", preset, seeds=N_WORLDS)
        got, wanted = last.differences[letter]["profit"], expected.differences["profit"]
        assert (got.difference, got.low) == pytest.approx((wanted.difference, wanted.low))
        assert last.partings[letter].parted == int((expected.parted >= 0).sum())


def test_bands_hold_the_courses_of_every_world(desk: Desk, scenario: Scenario) -> None:
    state = LabState(scenario)
    last = answer_to(desk, state)[-1]
    for side, letter in enumerate("AB"):
        courses = [outcomes_of(state, side, world)["profit"] for world in range(N_WORLDS)]
        low, high = last.bands[letter]["profit"]
        np.testing.assert_allclose(low, np.min(courses, axis=0))
        np.testing.assert_allclose(high, np.max(courses, axis=0))
        assert (low < high).any(), "Luck makes a difference."


def outcomes_of(state: LabState, side: int, world: int) -> dict[str, np.ndarray]:
    engine = Engine(plan_of(state.question, side, world))
    engine.run()
    return {name: values[:, 0] for name, values in weekly(engine).items()}


def test_a_long_run_tells_how_far_it_is(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.ui.desk.SECONDS_BEFORE_PROGRESS", 0.0)
    monkeypatch.setattr("sim.ui.desk.SECONDS_BETWEEN_TELLINGS", 0.0)
    desk = Desk(n_worlds=2, workers=1, seconds_to_draw=0.0)
    told = answer_to(desk, LabState(scenario))
    desk.close()
    shares = [answer.progress.share for answer in told if answer.progress is not None]
    assert len(shares) > 5
    assert shares == sorted(shares)
    assert 0 < shares[0] < 0.5 < shares[-1] < 1
    assert all(answer.progress is None for answer in told if answer.courses), "Then there are pictures instead."


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
        assert course.weekly["profit"].sum() == pytest.approx(expected["profit"])


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


def test_a_store_may_be_bounded_by_weight() -> None:
    store: Store[int] = Store(10, weight=lambda value: value)
    for key, weight in enumerate((4, 4, 3, 9, 50)):
        store.put(key, weight)
    assert (len(store), store.get(4)) == (1, 50), "The last one stays, however heavy."
    store.put(4, 1)
    store.put(5, 9)
    assert len(store) == 2, "What is replaced no longer weighs."


def test_work_for_a_page_is_done_and_told_unless_it_is_unwanted(desk: Desk) -> None:
    told: list[int] = []
    is_told = threading.Event()

    def tell(result: int) -> None:
        told.append(result)
        is_told.set()

    desk.work(lambda: 1, told.append, lambda: False)
    desk.work(lambda: 1 // 0, told.append, lambda: True)  # goes into the log, and no further
    desk.work(lambda: 2, tell, lambda: True)
    assert is_told.wait(SECONDS)
    assert told == [2]
