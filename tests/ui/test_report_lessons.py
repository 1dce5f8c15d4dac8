"""Lessons in the report: what a student did comes out in words, comes back, and is read as hostile on the way."""

import json
from typing import Any

import pytest

from sim.lessons import shipped_lesson
from sim.scenario import load_scenario
from sim.ui import report_data, report_html, report_lessons
from sim.ui.desk import Answer
from sim.ui.lesson_shelf import Shelf, shelf_of
from sim.ui.lesson_state import LessonState
from sim.ui.report import Report
from sim.ui.runs import Runs
from sim.ui.state import LANGUAGES, LabState
from tests.ui.test_report_file import ATTACK, Nobody, Reader, Visitor, changed

NAME = "01_why_keep_customers"


@pytest.fixture
def worked() -> LessonState:
    """A lesson worked on, without a run: as a browser keeps it."""
    state = LessonState(shipped_lesson(NAME))
    state.forecast("active_customers", -20, -5)
    state.forecast("profit", -18.5, -3)
    state.because(1)
    state.make_forecast()
    state.move("pour", "pricing.list_price", 35)
    state.answer(0, 0)
    state.answer(1, 1)
    state.reflect(f"Fewer will leave.\n{ATTACK}")
    kept = state.as_dict() | {"handed_in": ["pour"], "judged": {"pour": {"pricing.list_price": 34}}, "points": 42.0}
    state.restore(kept)
    return state


@pytest.fixture(scope="module")
def lab() -> tuple[LabState, Answer]:
    state = LabState(load_scenario("coffee"))
    runs, question = Runs(), state.question
    return state, Answer(question, tuple(runs.course(question, side, 0, Nobody()) for side in range(2)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_lesson_is_told_in_words(worked: LessonState, language: str) -> None:
    html = report_lessons.chapters([worked.as_dict()], language)
    page = Reader(html)
    assert worked.lesson.title[language] in page.text
    assert "−18.5" in page.text
    assert "42" in page.text
    assert "$34" in page.text, "What was handed in, not where the levers stand."
    assert ATTACK in page.text
    assert not [tag for tag, _ in page.tags if tag in ("img", "script")]
    for choice in (worked.lesson.entry.forecast.reasons[1].says, worked.lesson.entry.questions[0].options[0].says):
        assert getattr(choice, language) in page.text


def test_lessons_come_back_with_the_report(worked: LessonState, lab: tuple[LabState, Answer]) -> None:
    page = Report(Visitor(*lab), {})
    page.desk.worked = [worked.as_dict(), {"lesson": "no such"}, None]
    page.desk._handle_msg({"do": "make"})
    text = page.desk.made["text"]
    assert [one["lesson"] for one in report_data.read(text, "en").lessons] == [NAME]
    fresh = LabState(lab[0].scenario)
    visitor = Visitor(fresh, Answer(fresh.question, ()))
    other = Report(visitor, {})
    other.desk._handle_msg({"do": "load", "text": text})
    assert other.desk.lessons == [worked.as_dict()], "The browser is given it to remember,"
    state = shelf_of(visitor).states[NAME]
    assert state.reflection == worked.reflection
    assert state.stated == worked.stated
    assert state.is_behind, "and what was handed in is judged again when the lesson is opened."


def test_what_is_open_here_counts_more_than_what_a_browser_remembers(worked: LessonState) -> None:
    shelf = Shelf()
    shelf.states[NAME] = worked
    (kept,) = report_lessons.collected([worked.as_dict() | {"reflection": "old"}], shelf)
    assert kept["reflection"] == worked.reflection
    assert report_lessons.collected("nonsense", Shelf()) == []
    assert (
        report_html._lessons(report_data.data_of(LabState(load_scenario("coffee")), "", "", [], "2026-11-22"), "en")
        == ""
    )


@pytest.mark.parametrize(
    "lessons",
    [
        [{"lesson": "../../etc", "format": 1}], [{"lesson": NAME, "format": 1, "stated": {"profit": [10**400, 5]}}],
        [{"lesson": NAME, "format": 1, "points": 10**400, "reflection": ["x"] * 9, "answers": {"9" * 50: [1]}}],
        [{}] * 60, [{"lesson": [NAME]}],
    ],
)  # fmt: skip
def test_changed_work_does_no_harm(worked: LessonState, lab: tuple[LabState, Answer], lessons: list[Any]) -> None:
    page = Report(Visitor(*lab), {})
    page.desk.worked = [worked.as_dict()]
    page.desk._handle_msg({"do": "make"})
    text = changed(page.desk.made["text"], lessons=lessons)
    fresh = LabState(lab[0].scenario)
    other = Report(Visitor(fresh, Answer(fresh.question, ())), {})
    other.desk._handle_msg({"do": "load", "text": text})
    assert "open" in other.desk.told
    for kept in other.desk.lessons:
        json.dumps(kept, allow_nan=False)
        assert 0 <= kept["points"] <= 100


@pytest.mark.parametrize("lessons", [{}, "x", [1], [[]], [{}] * 61])
def test_what_is_no_list_of_lessons_is_refused(lab: tuple[LabState, Answer], lessons: Any) -> None:
    page = Report(Visitor(*lab), {})
    page.desk._handle_msg({"do": "make"})
    with pytest.raises(ValueError, match=r"lessons"):
        report_data.read(changed(page.desk.made["text"], lessons=lessons), "en")
