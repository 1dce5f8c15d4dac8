"""Lessons: the list, and one lesson from reading to reflection; and a page for its teacher."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import panel as pn
import param
from panel.custom import JSComponent
from panel.viewable import Viewable

from sim.lesson_worlds import tidy_code
from sim.lessons import Lesson, shipped_lesson, shipped_lessons
from sim.safe_yaml import Faults
from sim.ui import lesson_words as words
from sim.ui import theme
from sim.ui.lesson_state import LessonState, Refusal
from sim.ui.pages import Page
from sim.ui.safe_text import safe
from sim.ui.texts import label, said

log = logging.getLogger(__name__)

STEPS = ("read", "forecast", "experiments", "questions", "debrief", "reflect", "teacher")
_FOLDER = Path(__file__).parent
_TEXTS = (
    *(f"step_{step}" for step in STEPS), "back", "minutes", "objectives", "code", "code_hint", "begin_anew",
    "low", "high", "interval_hint", "why", "make", "made", "run", "hand_in", "hand_in_hint", "reset", "goals", "before",
    "after", "change", "nothing_tried", "verdict", "pushes", "working", "right", "wrong", "show_pair",
    "difference", "reflect_hint", "done", "open", "reason_held", "reason_not",
    "locked", "first_counts", "calibration_all",
)  # fmt: skip


class LessonDesk(JSComponent):
    """The whole page; sends what the student does, and keeps in the browser what `kept` says."""

    texts = param.Dict(default={}, doc="Texts by key.")
    locale = param.String(default="en", doc="For numbers.")
    lessons = param.List(default=[], doc="The lessons: name, title, minutes, ids.")
    lesson = param.Dict(default={}, doc="The open lesson; empty for the list.")
    work = param.Dict(default={}, doc="What the student has done in it.")
    pairs = param.Dict(default={}, doc="Rows of the debrief's pairs that were asked for.")
    step = param.String(default="read", doc="The part on view.")
    busy = param.String(default="", doc="What is under way, in words.")
    told = param.String(default="", doc="Why the last thing was not allowed.")
    kept = param.Dict(default={}, doc="What the browser is to keep.")

    _esm = _FOLDER / "lessons.js"
    _stylesheets = [theme.tokens(), (_FOLDER / "lessons.css").read_text(encoding="utf-8")]

    def __init__(self, act: Callable[[dict[str, Any]], None], **params: Any) -> None:
        super().__init__(**params)
        self.act = act

    def _handle_msg(self, msg: Any) -> None:
        """Something was pressed. It comes from a browser, so nothing about it is certain."""
        if isinstance(msg, dict):
            self.act(msg)


class Lessons(Page):
    """The page: one component for the list and for the lesson that is open."""

    key = "lessons"

    def __init__(self, visit: Any, place: Mapping[str, str]) -> None:
        super().__init__(visit, _known(place))
        self.language = visit.language
        self.state: LessonState | None = None
        texts = {key: said(f"lesson_{key}", self.language) for key in _TEXTS}
        self.desk = LessonDesk(
            self._act, texts=texts, locale="zh-CN" if self.language == "zh" else "en", lessons=_listed(self.language),
            sizing_mode="stretch_width", margin=0,
        )  # fmt: skip
        self._enter()

    def view(self) -> Viewable:
        """Title, then the list or the lesson."""
        title, note = (safe(said(f"lessons_{part}", self.language)) for part in ("title", "note"))
        css = (_FOLDER / "journey_life.css").read_text(encoding="utf-8")
        head = pn.pane.HTML(
            f'<header><h1>{title}</h1><p class="soft">{note}</p></header>',
            stylesheets=[theme.tokens(), css], sizing_mode="stretch_width", margin=0,
        )  # fmt: skip
        return pn.Column(
            head, self.desk, sizing_mode="stretch_width", margin=0, styles={"padding": "14px 20px 28px", "gap": "12px"}
        )

    def go(self, place: Mapping[str, str]) -> None:
        """Back to the lesson and step that the address names."""
        super().go(_known(place))
        self._enter()

    def _enter(self) -> None:
        """Open the lesson of `place`, if it is not open already."""
        name, step = self.place.get("lesson", ""), self.place.get("step", "read")
        lesson = _lesson(name)
        if lesson is None:
            self.state = None
            self.desk.param.update(lesson={}, work={}, told="", step="read")
            return
        if self.state is None or self.state.lesson is not lesson:
            self.state = LessonState(lesson)
            self.desk.param.update(pairs={}, lesson=words.static(self.state, self.language), kept={})
            self._show()
        self.desk.step = step

    # ---------------------------------------------------------------- what the student does

    def _act(self, msg: dict[str, Any]) -> None:
        state, do = self.state, msg.get("do")
        if do in ("open", "step"):
            name = msg.get("lesson") if do == "open" else self.place.get("lesson", "")
            self.place = _known({"lesson": str(name), "step": str(msg.get("step", "read"))})
            self._enter()
            return
        if state is None or self.desk.busy:
            return
        try:
            self._do(state, str(do), msg)
        except Refusal as refusal:
            self.desk.told = words.refusal_text(refusal, state, self.language)
            return
        self.desk.told = ""

    def _do(self, state: LessonState, do: str, msg: dict[str, Any]) -> None:
        experiment = str(msg.get("experiment"))
        match do:
            case "kept":
                self._restore(state, msg.get("kept"))
                return
            case "code":
                state.enter(tidy_code(str(msg.get("code", ""))))
                self.desk.param.update(pairs={}, lesson=words.static(state, self.language))
            case "forecast":
                state.forecast(str(msg.get("outcome")), msg.get("low"), msg.get("high"))
            case "because":
                state.because(msg.get("reason"))
            case "make":
                state.make_forecast()
                self._work(state.check_forecast)
            case "move":
                state.move(experiment, str(msg.get("lever")), msg.get("value"))
            case "reset":
                state.reset(experiment)
            case "run":
                self._work(lambda: state.run(experiment))
            case "hand_in":
                self._work(lambda: self._judged(state, experiment))
            case "answer":
                state.answer(msg.get("question"), msg.get("option"))
            case "reflect":
                state.reflect(msg.get("text", ""))
            case "pair":
                self._pair(state, msg.get("pair"))
                return
        self._show()

    def _judged(self, state: LessonState, experiment: str) -> None:
        """Run once if that has not been done, judge over all worlds, and say which lever did it."""
        if not state.tries.get(experiment) or state.tries[experiment][-1].levers != state.decisions[experiment]:
            state.run(experiment)
        state.hand_in(experiment)
        state.explain(experiment)

    def _restore(self, state: LessonState, kept: Any) -> None:
        """Take up what this browser kept; what had been handed in is judged again."""
        handed_in = state.restore(kept)
        if state.code:
            self.desk.lesson = words.static(state, self.language)

        def again() -> None:
            if state.is_forecast_made:
                state.check_forecast()
            for experiment in handed_in:
                self._judged(state, experiment)

        if state.is_forecast_made:
            self._work(again)
        self._show()

    def _pair(self, state: LessonState, asked: Any) -> None:
        if isinstance(asked, bool) or not isinstance(asked, int) or not 0 <= asked < len(state.lesson.entry.debrief):
            return
        if not state.is_forecast_made:
            raise Refusal("forecast_first")

        def shown(rows: list[dict[str, str]]) -> None:
            self.desk.pairs = {**self.desk.pairs, str(asked): rows}

        self._work(lambda: words.pair_rows(state, state.pair(asked), self.language), shown)

    def _work(self, task: Callable[[], Any], then: Callable[[Any], None] | None = None) -> None:
        """Run something long beside the event loop, and show what came of it."""
        state = self.state

        def guarded() -> tuple[Any, str]:
            try:
                return task(), ""
            except Refusal as refusal:
                return None, words.refusal_text(refusal, state, self.language) if state else ""
            except Exception:
                log.exception("A lesson's worlds could not be run.")
                return None, said("lesson_failed", self.language)

        def done(result: tuple[Any, str]) -> None:
            self.desk.busy = ""
            if state is not self.state:
                return
            self.desk.told = result[1]
            if then is not None and not result[1]:
                then(result[0])
            self._show()

        self.desk.busy = said("lesson_working", self.language)
        self.visit.work(guarded, done, "lesson")

    def _show(self) -> None:
        if self.state is not None:
            self.desk.param.update(work=words.dynamic(self.state, self.language), kept=self.state.as_dict())


def _lesson(name: str) -> Lesson | None:
    if name not in shipped_lessons():
        return None
    try:
        return shipped_lesson(name)
    except Faults as error:
        log.warning("%s", error)
        return None


def _listed(language: str) -> list[dict[str, Any]]:
    """The lessons that can be read, in order."""
    found = [lesson for name in shipped_lessons() if (lesson := _lesson(name)) is not None]
    return [
        {"name": one.name, "number": one.name.partition("_")[0], "title": label(one.title, language),
         "minutes": one.entry.minutes, "covers": " ".join(one.covers),
         "objective": label(one.entry.objectives[0].model_dump(), language)}
        for one in found
    ]  # fmt: skip


def _known(place: Mapping[str, str]) -> dict[str, str]:
    """What of an address makes sense here."""
    name, step = place.get("lesson", ""), place.get("step", "read")
    if name not in shipped_lessons():
        return {}
    return {"lesson": name} | ({"step": step} if step in STEPS and step != "read" else {})
