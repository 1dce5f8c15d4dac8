"""The bridge from one strategy's outcome to another's: right, on demand, and stopped when nobody waits."""

import itertools
import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from sim.scenario import scenario_from
from sim.ui import chart_bridge
from sim.ui.bridges import Bridges
from sim.ui.charts import chart
from sim.ui.state import LabState
from tests.ui.test_charts import SECONDS, answered, shown, small_market


class Visitor:
    """Stands in for a visit: what is to be called later waits until the test has time."""

    def __init__(self) -> None:
        self.calls: queue.SimpleQueue = queue.SimpleQueue()
        self.later = self.calls.put

    def wait_for(self, condition: Callable[[], bool]) -> None:
        while not condition():
            self.calls.get(timeout=SECONDS)()


@pytest.fixture
def small() -> Iterator[LabState]:
    made = LabState(scenario_from(small_market("coffee", customers=60, weeks=8, warm_up=2)))
    made.choose_preset("B", "4P")
    for path, value in {"pricing.list_price": 5.0, "service.agents": 0.0}.items():
        made.move("B", path, value)
    yield made
    chart_bridge.bridges.cache_clear()


def test_the_bridge_leads_from_one_profit_to_the_other(small: LabState) -> None:
    answer = answered(small)
    visitor = Visitor()
    drawn = chart("bridge", "en", visitor)
    drawn.show(answer)
    assert "4 runs" in drawn.view.task["words"]
    assert drawn.view.empty
    drawn.view._handle_msg({"do": "start"})
    visitor.wait_for(lambda: not drawn.view.empty)
    assert drawn.view.task == {}
    rows = {row[0]: row for row in drawn.table(answer).rows}
    assert rows["All together"][1] == pytest.approx(answer.courses[0].numbers["profit"])
    assert rows["All together"][2] == pytest.approx(answer.courses[1].numbers["profit"])
    assert rows["List price"][3] + rows["Service agents"][3] == pytest.approx(rows["All together"][3])
    assert len(drawn.view.findings) == 2
    drawn.view.choice = {"outcome": "revenue"}
    assert drawn.table(answer).rows[-1][2] == pytest.approx(answer.courses[1].numbers["revenue"])
    again = chart("bridge", "zh", Visitor())
    again.show(answer)
    assert again.view.empty == "", "What has been worked out once is known."


def test_the_bridge_can_be_called_off_and_stops_when_the_question_changes(small: LabState) -> None:
    answer = answered(small)
    drawn = chart("bridge", "en", Visitor())
    drawn.show(answer)
    for end in (lambda: drawn.view._handle_msg({"do": "cancel"}), drawn.close):
        drawn.view._handle_msg({"do": "start"})
        request = drawn.request
        assert request is not None
        end()
        assert request.is_cancelled
        assert drawn.request is None
    drawn.view._handle_msg({"do": "start"})
    request = drawn.request
    assert request is not None
    drawn.show(replace(answer, question=replace(answer.question, seed=99)))
    assert request.is_cancelled


def test_closing_calls_off_what_is_under_way_and_what_waits(small: LabState, monkeypatch: pytest.MonkeyPatch) -> None:
    has_begun, has_ended = threading.Event(), threading.Event()

    def endless(*_: object, progress: Callable[[int, int], None], **__: object) -> None:
        try:
            for done in itertools.count(1):
                has_begun.set()
                progress(done, 10**9)
        finally:
            has_ended.set()

    monkeypatch.setattr("sim.ui.bridges.attribute", endless)
    made, told = Bridges(), []
    made.ask(small.question, 1, lambda request: None)
    made.ask(replace(small.question, seed=99), 1, told.append)
    assert has_begun.wait(SECONDS)
    made.close()
    assert has_ended.wait(SECONDS)
    made.ask(small.question, 1, told.append)
    assert not told, "What waited is not begun, and nothing more is taken on."


def test_there_is_no_bridge_where_nothing_differs(small: LabState) -> None:
    small.choose_preset("B", "4P")
    answer = answered(small)
    drawn = shown("bridge", answer)
    assert drawn.view.empty == "The two strategies do not differ in any lever."
    assert drawn.view.task == {}


def test_a_bridge_that_fails_says_so(small: LabState, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("no room")

    monkeypatch.setattr("sim.ui.bridges.attribute", fail)
    visitor = Visitor()
    drawn = chart("bridge", "en", visitor)
    drawn.show(answered(small))
    drawn.view._handle_msg({"do": "start"})
    visitor.wait_for(lambda: "could not" in drawn.view.task.get("words", ""))
