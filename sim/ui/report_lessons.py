"""Lessons in the report: what the student did in each, as words and as data that come back.

What comes in, from the browser's memory or from a report, is taken up by `LessonState.restore`, which checks it as
hostile; nothing is run here. Points are those the machine last gave; whoever opens the report in the app has every
decision judged again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.lessons import shipped_lesson, shipped_lessons
from sim.safe_yaml import Faults
from sim.ui.lesson_shelf import Shelf
from sim.ui.lesson_state import LessonState
from sim.ui.lesson_words import static
from sim.ui.safe_text import safe
from sim.ui.texts import said

MOST = 60  # lessons in a report


def taken_up(given: object) -> dict[str, LessonState]:
    """The states of lessons that have been begun, from what a browser or a report says; in the course's order."""
    works = [one for one in given if isinstance(one, Mapping)] if isinstance(given, list) else []
    by_name = {str(one.get("lesson"))[:80]: one for one in works[:MOST]}
    found = {}
    for name in shipped_lessons():
        if name not in by_name:
            continue
        try:
            state = LessonState(shipped_lesson(name))
        except Faults:
            continue
        state.restore(by_name[name])
        if state.is_begun:
            found[name] = state
    return found


def collected(given: object, shelf: Shelf) -> list[dict[str, Any]]:
    """What a report carries of lessons: what the browser remembers, and for those open here what is known here."""
    states = taken_up(given) | {name: state for name, state in shelf.states.items() if state.is_begun}
    return [states[name].as_dict() for name in sorted(states)]


def chapters(works: list[dict[str, Any]], language: str) -> str:
    """A part of the report for each lesson."""
    return "".join(_chapter(state, language) for state in taken_up(works).values())


def _chapter(state: LessonState, language: str) -> str:
    told, kept = static(state, language), state.as_dict()
    passed = said("lesson_passed" if kept["is_passed"] else "lesson_not_yet", language)
    head = [told["title"], *([state.code] if state.code else [])]
    points = said("report_lesson_points", language, points=f"{kept['points']:.0f}")
    parts = [f"<h3>{safe(' · '.join(head))}</h3><p>{safe(points)} {safe(passed)}</p>"]
    parts += [_list("step_forecast", _forecast(state, told), language)]
    parts += [_list("step_experiments", _decisions(state, told, language), language)]
    parts += [_list("step_questions", _answers(state, told, language), language)]
    if state.reflection.strip():
        text = safe(state.reflection.strip()).replace("\n", "<br>")
        parts.append(f"<h4>{safe(told['headings']['reflection'])}</h4><p>{text}</p>")
    return "".join(parts)


def _list(key: str, lines: list[str], language: str) -> str:
    if not lines:
        return ""
    return (
        f"<h4>{safe(said(f'lesson_{key}', language))}</h4><ul>{''.join(f'<li>{safe(one)}</li>' for one in lines)}</ul>"
    )


def _forecast(state: LessonState, told: Mapping[str, Any]) -> list[str]:
    lines = []
    for one in told["forecast"]["outcomes"]:
        if one["name"] in state.stated:
            low, high = (_number(one["factor"] * end) for end in state.stated[one["name"]])
            interval = f"{one['before']}{low} … {one['before']}{high}{one['after']}"
            lines.append(f"{one['label']} ({one['form']}): {interval}")
    if state.reason is not None:
        lines.append(str(told["forecast"]["reasons"][state.reason]))
    return lines


def _decisions(state: LessonState, told: Mapping[str, Any], language: str) -> list[str]:
    lines, comma, colon = [], said("lesson_comma", language), said("lesson_colon", language)
    for one in told["experiments"]:
        name = one["name"]
        verdict = state.verdicts.get(name)
        levers = state.to_judge.get(name) if verdict is None else verdict.levers
        if levers is None:
            continue
        start = state.lesson.strategy(state.lesson.start(name))
        moved = [
            f"{lever['label']} {lever['unit'].replace('{value}', lever['before'] + _number(levers[lever['path']]))}"
            for lever in one["levers"]
            if levers[lever["path"]] != start[lever["path"]]
        ]
        lines.append(f"{one['title']}{colon}{comma.join(moved) or said('lesson_nothing_moved', language)}")
    return lines


def _answers(state: LessonState, told: Mapping[str, Any], language: str) -> list[str]:
    lines = []
    for place, given in sorted(state.answers.items()):
        if given:
            question, right = told["questions"][place], state.lesson.entry.questions[place].options[given[0]].is_right
            verdict = said("lesson_right" if right else "lesson_wrong", language)
            lines.append(f"{question['asks']} {question['options'][given[0]]} {verdict}")
    return lines


def _number(value: float) -> str:
    return f"{value:,.6g}".replace("-", "−")
