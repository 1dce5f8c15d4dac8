"""Lessons: the list, and one lesson from reading to reflection; and a page for its teacher."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import panel as pn
import param
from panel.custom import JSComponent
from panel.viewable import Viewable

from sim.lesson_worlds import Progress, tidy_code
from sim.lessons import Lesson, shipped_lesson, shipped_lessons
from sim.safe_yaml import Faults
from sim.ui import lesson_words as words
from sim.ui import theme
from sim.ui.lesson_shelf import shelf_of
from sim.ui.lesson_state import LessonState, Refusal
from sim.ui.pages import Page
from sim.ui.texts import label, said

log = logging.getLogger(__name__)

STEPS = ("read", "forecast", "experiments", "questions", "debrief", "reflect", "teacher")
WHILE_BUSY = ("kept", "answer", "reflect")  # what a student may do while worlds are run
_SECONDS_BETWEEN = 0.7  # two reports of how far the runs are
_FOLDER = Path(__file__).parent
_TEXTS = (
    *(f"step_{step}" for step in STEPS), "back", "minutes", "objectives", "code", "code_hint", "begin_anew", "confirm",
    "low", "high", "range", "interval_hint", "why", "make", "made", "run", "hand_in", "hand_in_hint", "reset", "goals",
    "after", "change", "nothing_tried", "verdict", "pushes", "working", "right", "wrong", "show_pair", "answer", "next",
    "difference", "reflect_hint", "done", "under_way", "reason_held", "reason_not", "yours_was", "steps", "tries",
    "locked", "first_counts", "calibration_all", "progress", "begin", "continue", "all_done", "stale", "left_head",
    "left_note", "left_reason", "left_in", "left_none", "decide",
)  # fmt: skip


class LessonDesk(JSComponent):
    """The whole page; sends what the student does, and keeps in the browser what `kept` says."""

    texts = param.Dict(default={}, doc="Texts by key.")
    locale = param.String(default="en", doc="For numbers.")
    lessons = param.List(default=[], doc="The lessons: name, title, minutes, ids.")
    lesson = param.Dict(default={}, doc="The open lesson; empty for the list.")
    work = param.Dict(default={}, doc="What the student has done in it.")
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
        self.shelf = shelf_of(visit)
        self.state: LessonState | None = None
        texts = {key: said(f"lesson_{key}", self.language) for key in _TEXTS}
        texts |= {key: said(f"lessons_{key}", self.language) for key in ("title", "note")}
        self.desk = LessonDesk(
            self._act, texts=texts, locale="zh-CN" if self.language == "zh" else "en", lessons=_listed(self.language),
            sizing_mode="stretch_width", margin=0,
        )  # fmt: skip
        self._watcher = self.shelf.param.watch(lambda _: self._enter(), "changed")
        self._enter()

    def view(self) -> Viewable:
        """The list or the lesson."""
        return pn.Column(self.desk, sizing_mode="stretch_width", margin=0, styles={"padding": "14px 20px 28px"})

    def go(self, place: Mapping[str, str]) -> None:
        """Back to the lesson and step that the address names."""
        super().go(_known(place))
        self._enter()

    def close(self) -> None:
        """Hear no more of the shelf."""
        self.shelf.param.unwatch(self._watcher)

    def _enter(self) -> None:
        """Show the lesson of `place`, or the list."""
        name, step = self.place.get("lesson", ""), self.place.get("step", "read")
        lesson = _lesson(name)
        if lesson is None:
            self.state = None
            self.desk.param.update(lesson={}, work={}, told="", busy="", step="read", kept={})
            return
        state = self.shelf.state_of(lesson)
        if self.state is not state:
            self.state = state
            self.desk.param.update(lesson=words.static(state, self.language), kept={})
        self._catch_up(state)
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
        if state is None or (state.lesson.name in self.shelf.busy and do not in WHILE_BUSY):
            return
        self.shelf.told.pop(state.lesson.name, None)
        try:
            self._do(state, str(do), msg)
        except Refusal as refusal:
            self.shelf.told[state.lesson.name] = refusal
        self._show()

    def _do(self, state: LessonState, do: str, msg: dict[str, Any]) -> None:
        experiment = str(msg.get("experiment"))
        match do:
            case "kept" if not state.is_begun:
                state.restore(msg.get("kept"))
                self.desk.lesson = words.static(state, self.language)
                self._catch_up(state)
            case "code":
                state.enter(tidy_code(str(msg.get("code", ""))))
                self.desk.lesson = words.static(state, self.language)
            case "forecast":
                state.forecast(str(msg.get("outcome")), msg.get("low"), msg.get("high"))
            case "because":
                state.because(msg.get("reason"))
            case "make":
                told = msg.get("intervals")
                for one in told if isinstance(told, list) else []:
                    if isinstance(one, dict):
                        state.forecast(str(one.get("outcome")), one.get("low"), one.get("high"))
                state.make_forecast()
                self._work(state, state.check_forecast)
            case "move":
                state.move(experiment, str(msg.get("lever")), msg.get("value"))
            case "reset":
                state.reset(experiment)
            case "run":
                self._work(state, lambda progress: state.run(experiment))
            case "hand_in":
                self._work(state, lambda progress: self._judged(state, experiment, progress))
            case "answer":
                state.answer(msg.get("question"), msg.get("option"))
            case "reflect":
                state.reflect(msg.get("text", ""))
            case "pair":
                self._pair(state, msg.get("pair"))

    def _catch_up(self, state: LessonState) -> None:
        """Run again what the browser or a report says has been run; not again where that failed."""
        name = state.lesson.name
        if state.is_behind and name not in self.shelf.busy and name not in self.shelf.told:
            self._work(state, state.catch_up)

    def _judged(self, state: LessonState, experiment: str, progress: Progress) -> None:
        """Run once if that has not been done, judge over all worlds, and say which lever did it."""
        tries = state.tries.get(experiment)
        if not tries or tries[-1].levers != state.decisions[experiment]:
            state.run(experiment)
        state.hand_in(experiment, progress)
        state.explain(experiment)

    def _pair(self, state: LessonState, asked: Any) -> None:
        if isinstance(asked, bool) or not isinstance(asked, int) or not 0 <= asked < len(state.lesson.entry.debrief):
            return
        if not state.is_forecast_made:
            raise Refusal("forecast_first")
        self._work(state, lambda progress: state.look_at(asked))

    def _work(self, state: LessonState, task: Callable[[Progress], Any]) -> None:
        """Run something long beside the event loop, and show what came of it, on whatever page is there by then."""
        shelf, visit, name = self.shelf, self.visit, state.lesson.name
        last = 0.0

        def progress(done: int, of: int) -> None:
            nonlocal last
            if time.monotonic() - last > _SECONDS_BETWEEN and name in shelf.busy:
                last = time.monotonic()
                shelf.busy[name] = (done, of)
                visit.later(lambda: shelf.param.trigger("changed"))

        def guarded() -> Refusal | str | None:
            try:
                task(progress)
            except Refusal as refusal:
                return refusal
            except Exception:
                log.exception("A lesson's worlds could not be run.")
                return "lesson_failed"
            return None

        def done(trouble: Refusal | str | None) -> None:
            shelf.busy.pop(name, None)
            if trouble is not None:
                shelf.told[name] = trouble
            shelf.param.trigger("changed")

        shelf.busy[name] = (0, 0)
        visit.work(guarded, done, f"lesson {name}")

    def _show(self) -> None:
        """What the student has done, what is under way, and what was not allowed."""
        state = self.state
        if state is None:
            return
        name, language = state.lesson.name, self.language
        busy, told = self.shelf.busy.get(name), self.shelf.told.get(name, "")
        written = "" if busy is None else said("lesson_working", language)
        if busy is not None and busy[1]:
            written += " " + said("lesson_so_far", language, done=busy[0], all=busy[1])
        if told:
            told = words.refusal_text(told, state, language) if isinstance(told, Refusal) else said(told, language)
        self.desk.param.update(work=words.dynamic(state, language), kept=state.as_dict(), busy=written, told=told)


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
