"""What one visitor has done in lessons. It outlives the page, which is built anew in another language."""

from __future__ import annotations

from typing import Any

import param

from sim.lessons import Lesson
from sim.ui.lesson_state import LessonState


class Shelf(param.Parameterized):
    """The lessons that a visitor has opened, what is under way in them, and why something was not allowed."""

    changed = param.Event(doc="Something here is new: pages that show it do so again.")

    def __init__(self) -> None:
        super().__init__()
        self.states: dict[str, LessonState] = {}
        self.busy: dict[str, tuple[int, int]] = {}  # lesson → runs done and to be done; (0, 0) if that is not known
        self.told: dict[str, Any] = {}  # lesson → the last refusal, or the key of a text

    def state_of(self, lesson: Lesson) -> LessonState:
        """The visitor's state in a lesson."""
        kept = self.states.get(lesson.name)
        if kept is None or kept.lesson is not lesson:
            kept = self.states[lesson.name] = LessonState(lesson)
        return kept

    def put(self, states: dict[str, LessonState]) -> None:
        """Take these in place of what is here, as they came with a report."""
        for name, state in states.items():
            self.states[name] = state
            self.told.pop(name, None)
        self.param.trigger("changed")


def shelf_of(visit: Any) -> Shelf:
    """The visitor's shelf."""
    found = getattr(visit, "lesson_shelf", None)
    if not isinstance(found, Shelf):
        found = visit.lesson_shelf = Shelf()
    return found
