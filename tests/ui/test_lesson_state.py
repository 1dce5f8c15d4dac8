"""One student in one lesson: the order that teaches, what is refused, and what a browser may send."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.authoring import new_lesson
from sim.lesson_goals import parse
from sim.lessons import Lesson, load_lesson, shipped_lesson
from sim.ui.lesson_state import LessonState, Refusal
from sim.ui.lesson_words import as_html, dynamic, refusal_text, static

SMALL = "minutes: 75\ncustomers: 150\nworlds: 4"


@pytest.fixture(scope="module")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> Lesson:
    """A new lesson, made small."""
    path = new_lesson("small", tmp_path_factory.mktemp("lessons"))[0]
    path.write_text(path.read_text(encoding="utf-8").replace("minutes: 75", SMALL), encoding="utf-8")
    return load_lesson(path.parent)


@pytest.fixture
def state(lesson: Lesson) -> LessonState:
    return LessonState(lesson)


def forecast(state: LessonState) -> None:
    state.forecast("satisfaction", 0.0, 0.1)
    state.forecast("profit", -20, 20)
    state.because(0)
    state.make_forecast()


def refused(call: Any, *arguments: Any) -> str:
    with pytest.raises(Refusal) as caught:
        call(*arguments)
    return caught.value.key


def test_the_forecast_comes_first_and_stays(state: LessonState) -> None:
    assert refused(state.run, "please") == "forecast_first"
    assert refused(state.hand_in, "please") == "forecast_first"
    assert refused(state.make_forecast) == "forecast_unfinished"
    forecast(state)
    assert refused(state.forecast, "profit", 0, 1) == "forecast_is_made"
    assert refused(state.because, 1) == "forecast_is_made"
    state.run("please")
    state.check_forecast()
    assert len(state.calibration) == 2
    assert all(0 <= one.score <= 1 for one in state.calibration)


def test_only_unlocked_levers_move_and_only_as_far_as_they_go(state: LessonState) -> None:
    assert refused(state.move, "please", "pricing.list_price", 5) == "locked"
    assert refused(state.move, "nowhere", "training.spend", 5) == "no_such_experiment"
    assert refused(state.move, "please", "training.spend", "lots") == "locked"
    state.move("please", "training.spend", 1e9)
    assert state.decisions["please"]["training.spend"] == pytest.approx(240), "30% of 800"
    state.reset("please")
    assert state.decisions["please"]["training.spend"] == 40


def test_what_cannot_be_paid_for_is_not_run(state: LessonState) -> None:
    forecast(state)
    for path, value in {"advertising.spend": 320, "training.spend": 240}.items():
        state.move("please", path, value)
    assert state.spending("please") > state.budget
    with pytest.raises(Refusal) as caught:
        state.run("please")
    for language in ("en", "zh"):
        told = refusal_text(caught.value, state, language)
        assert "1,000" in told
        assert told[-1] in ".。"


def test_skill_is_told_from_luck(state: LessonState) -> None:
    forecast(state)
    state.move("please", "training.spend", 120)
    tried = state.run("please")
    verdict = state.hand_in("please")
    for goal in verdict.goals:
        values = state.worlds.values(tried.levers, goal.name, None, 4)
        assert goal.mean == pytest.approx(values.mean())
        assert goal.value == values[0]
        sign = 1 if goal.threshold.is_least else -1
        own = sign * ((goal.value - goal.needed) - (goal.mean - goal.mean_needed))
        assert goal.luck == pytest.approx(own)
    assert 0 <= verdict.skill <= 1
    pushes = state.explain("please")
    assert {push.lever for those in pushes.values() for push in those} == {"training.spend"}


def test_the_first_answer_counts(state: LessonState) -> None:
    assert state.answer(0, 0) is False
    assert state.answer(0, 1) is True
    assert state.grade().parts["questions"] == 0
    state.answer(1, 0)
    assert state.grade().parts["questions"] == 12.5
    assert refused(state.answer, 9, 0) == "no_such_question"
    assert refused(state.answer, 0, True) == "no_such_answer"


def test_the_page_has_words_for_everything_in_both_languages(state: LessonState) -> None:
    forecast(state)
    state.check_forecast()
    state.run("please")
    state.hand_in("please")
    state.explain("please")
    state.answer(0, 0)
    for language in ("en", "zh"):
        told = json.dumps([static(state, language), dynamic(state, language)], ensure_ascii=False)
        assert "NaN" not in told
        assert told.count("{") == told.replace("{value}", "").count("{") + told.count("{value}")
    english, chinese = (dynamic(state, language)["experiments"]["please"] for language in ("en", "zh"))
    assert "Training spending" in english["pushes"][0] or "Training" in english["pushes"][0] or english["pushes"]
    assert english["told"] != chinese["told"]


def test_text_from_elsewhere_runs_nothing() -> None:
    hostile = "<script>x</script> [a](javascript:x) ![p](http://a/b.png) <img src=x onerror=x> **b**"
    shown = as_html(hostile)
    for bad in ("<script", "<img", 'href="javascript', "onerror=x>"):
        assert bad not in shown or "&lt;" in shown
    assert "<script" not in shown
    assert "<img" not in shown
    assert 'href="javascript' not in shown
    assert "<strong>b</strong>" in shown


def test_a_reload_judges_what_was_handed_in_and_not_where_the_levers_stand(state: LessonState) -> None:
    forecast(state)
    state.check_forecast()
    state.move("please", "training.spend", 120)
    state.run("please")
    verdict = state.hand_in("please")
    state.move("please", "training.spend", 60)
    kept = json.loads(json.dumps(state.as_dict()))
    again = LessonState(state.lesson)
    again.restore(kept)
    assert again.is_behind
    assert again.as_dict() == kept, "Points stay what they were until everything has been judged again."
    again.catch_up()
    assert not again.is_behind
    assert again.verdicts["please"].goals == verdict.goals
    assert again.decisions["please"]["training.spend"] == 60
    assert again.tries["please"][-1].levers["training.spend"] == 120
    assert again.as_dict() == kept


def test_a_reload_drops_what_can_no_longer_be_paid_for(state: LessonState) -> None:
    forecast(state)
    too_much = {"advertising.spend": 320, "training.spend": 240}
    kept = state.as_dict() | {"handed_in": ["please"], "judged": {"please": too_much}, "tried": {"please": too_much}}
    again = LessonState(state.lesson)
    again.restore(kept)
    again.catch_up()
    assert not again.is_behind
    assert (again.verdicts, again.tries["please"]) == ({}, [])


def test_the_debrief_names_who_left_and_why(state: LessonState) -> None:
    forecast(state)
    state.move("please", "training.spend", 0)
    state.move("please", "service.recovery", 0)
    state.run("please")
    state.look_at(0)
    found, weeks = state.leavers(0), state.lesson.weeks("please")
    engines = [state.worlds.engine(state.side(name), weeks) for name in ("opening", "please")]
    for engine in engines:
        engine.run()
    reasons = [engine.relations[:, 0]["reason"] for engine in engines]
    for side, counts in enumerate(found.counts):
        alone = (reasons[side] > 0) & (reasons[1 - side] == 0)
        assert sum(counts.values()) <= alone.sum()
    assert found.named
    for one in found.named:
        assert reasons[one.side][one.customer] == one.event.numbers["reason"]
        assert reasons[1 - one.side][one.customer] == 0
        turn = engines[one.side].relations[one.customer, 0]["week_of_turn"]
        assert turn == one.week + engines[one.side].plan.warm_up
    for language in ("en", "zh"):
        told = dynamic(state, language)["pairs"]["0"]["left"]
        assert len(told["stories"]) == len(found.named) > 0
        assert str(found.named[0].customer) in told["stories"][0]
        for side, counts in enumerate(found.counts, 1):
            assert (
                sum(int(row[side]) for row in told["rows"][:-1]) == int(told["rows"][-1][side]) == sum(counts.values())
            )


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
keys = (
    "code", "stated", "reason", "is_forecast_made", "decisions", "handed_in", "answers", "reflection", "lesson",
    "judged", "tried", "points", "hits",
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(kept=junk | st.dictionaries(st.sampled_from(keys), junk))
def test_whatever_a_browser_kept_does_no_harm(lesson: Lesson, kept: Any) -> None:
    state = LessonState(lesson)
    state.restore(kept)
    state.restore({"format": 1, "lesson": "small", **kept} if isinstance(kept, dict) else kept)
    again = LessonState(lesson)
    again.restore(json.loads(json.dumps(state.as_dict())))
    assert again.as_dict() == state.as_dict()


@pytest.mark.parametrize(
    ("text", "references", "level"),
    [
        ("at least opening + 5%", {"opening": 200.0}, 210.0),
        ("at least opening + 5%", {"opening": -200.0}, -190.0),
        ("at most 4P - 0.02", {"4P": 0.5}, 0.48),
        ("at least 90% of opening", {"opening": 50.0}, 45.0),
        ("at most 3", {}, 3.0),
        ("at least -4.5", {}, -4.5),
    ],
)
def test_a_goal_means_what_it_says(text: str, references: dict[str, float], level: float) -> None:
    rule = parse(text)
    assert rule is not None
    assert rule.level(references) == pytest.approx(level)
    assert rule.is_met(level, level)
    assert rule.is_met(level + 1, level) is rule.is_least
    assert not rule.is_met(float("nan"), level)


@pytest.mark.parametrize(
    "text", ["", "opening", "at least", "more than 5", "at least opening + ", "at least opening * 2", "5"]
)
def test_what_is_no_goal_is_not_guessed(text: str, tmp_path: Path) -> None:
    assert parse(text) is None


def test_a_slider_reaches_both_ends_and_round_amounts_between() -> None:
    state = LessonState(shipped_lesson("15_acquiring"))
    one = next(s for s in state.sliders("ask") if s.lever.path == "advertising.spend")
    assert (one.low, one.high, one.step) == (75, 450, 10), "An end that is no multiple of the step."
    asked = (0, 75, 76, 80, 83, 85, 225, 449, 450, 9999)
    assert [one.snap(value) for value in asked] == [75, 75, 75, 80, 80, 90, 230, 450, 450, 450]
    assert one.snap("much") is None


def test_half_a_step_goes_up_also_where_its_binary_fraction_is_a_little_less() -> None:
    state = LessonState(shipped_lesson("03_four_p_four_c"))
    one = next(s for s in state.sliders("cs") if s.lever.path == "service.agents")
    assert one.step == 0.1
    for k in range(6, 29):
        low = k / 10
        assert one.snap(low + 0.05) == one.snap(float(f"{low + 0.05:.6g}")) == (k + 1) / 10
